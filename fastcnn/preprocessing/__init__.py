"""Keras's other place for what loads and prepares data."""

from fastcnn.preprocessing import image, sequence
from fastcnn.utils.image_dataset import image_dataset_from_directory
from fastcnn.utils.timeseries import timeseries_dataset_from_array

__all__ = ["image", "image_dataset_from_directory", "sequence", "timeseries_dataset_from_array"]
