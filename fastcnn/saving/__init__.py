"""Files of weights and of whole models.

Files are not trusted: sizes are compared with the model's before memory is taken, nothing is unpickled, nothing is
imported by name. A file appears under its name only when it is complete.
"""

from fastcnn.saving.model_file import load_model, save_model
from fastcnn.saving.serialization import deserialize_keras_object, serialize_keras_object
from fastcnn.saving.weights import load_weights, save_weights
from fastcnn.utils.custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
