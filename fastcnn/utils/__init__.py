"""Utilities with Keras's names: labels to one-hot, random seeds, images, files, data sets, the progress bar."""

from typing import TYPE_CHECKING

from fastcnn.utils.custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from fastcnn.utils.dtypes import standardize_dtype
from fastcnn.utils.interactive import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from fastcnn.utils.later import looked_up
from fastcnn.utils.numerical import normalize, to_categorical
from fastcnn.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from fastcnn.utils.progbar import Progbar
from fastcnn.utils.py_dataset import PyDataset
from fastcnn.utils.py_dataset import PyDataset as Sequence
from fastcnn.utils.random import set_random_seed

if TYPE_CHECKING:
    from fastcnn.utils.files import get_file
    from fastcnn.utils.image import array_to_img, img_to_array, load_img, save_img
    from fastcnn.utils.image_dataset import image_dataset_from_directory
    from fastcnn.utils.sequences import pad_sequences
    from fastcnn.utils.split import split_dataset
    from fastcnn.utils.timeseries import timeseries_dataset_from_array

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "custom_object_scope",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "load_img",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "register_keras_serializable",
    "save_img",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

UPSTAIRS = {
    "clear_session": "layers.naming",
    "deserialize_keras_object": "saving",
    "model_to_dot": "models.drawing",
    "plot_model": "models.drawing",
    "get_source_inputs": "models.wiring",
    "is_keras_tensor": "models.wiring",
    "serialize_keras_object": "saving",
}
"""Names that Keras has here, of parts of the package which stand on this one."""
LATER = {
    "array_to_img": "utils.image",
    "get_file": "utils.files",
    "image_dataset_from_directory": "utils.image_dataset",
    "img_to_array": "utils.image",
    "load_img": "utils.image",
    "pad_sequences": "utils.sequences",
    "save_img": "utils.image",
    "split_dataset": "utils.split",
    "timeseries_dataset_from_array": "utils.timeseries",
}

__getattr__, __dir__ = looked_up(__name__, {**UPSTAIRS, **LATER})
