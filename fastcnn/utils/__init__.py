"""Utilities with Keras's names: labels to one-hot, random seeds, images, files, the progress bar."""

from fastcnn.utils.random import set_random_seed

__all__ = ["set_random_seed"]
