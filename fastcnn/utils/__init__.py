"""Utilities with Keras's names: labels to one-hot, random seeds, images, files, data sets, the progress bar."""

from fastcnn.utils.files import get_file
from fastcnn.utils.image import array_to_img, img_to_array, load_img, save_img
from fastcnn.utils.numerical import to_categorical
from fastcnn.utils.progbar import Progbar
from fastcnn.utils.py_dataset import PyDataset
from fastcnn.utils.random import set_random_seed

__all__ = [
    "Progbar",
    "PyDataset",
    "array_to_img",
    "get_file",
    "img_to_array",
    "load_img",
    "save_img",
    "set_random_seed",
    "to_categorical",
]
