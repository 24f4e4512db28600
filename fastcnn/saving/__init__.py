"""Files of weights and of whole models.

Files are not trusted: sizes are compared with the model's before memory is taken, nothing is unpickled, nothing is
imported by name. A file appears under its name only when it is complete.
"""

from fastcnn.saving.model_file import load_model, save_model
from fastcnn.saving.weights import load_weights, save_weights

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]
