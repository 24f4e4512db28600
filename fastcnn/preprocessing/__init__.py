"""Keras's other place for what loads and prepares data."""

from fastcnn.utils.image_dataset import image_dataset_from_directory

__all__ = ["image_dataset_from_directory"]
