"""Models: layers that are trained, saved and summed up as one."""

from typing import TYPE_CHECKING

from fastcnn.models.cloning import clone_model
from fastcnn.models.functional import Functional
from fastcnn.models.model import Model, model_from_json
from fastcnn.models.sequential import Sequential
from fastcnn.utils.later import looked_up

if TYPE_CHECKING:
    from fastcnn.saving.model_file import load_model, save_model

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]

__getattr__, __dir__ = looked_up(__name__, {"load_model": "saving.model_file", "save_model": "saving.model_file"})
