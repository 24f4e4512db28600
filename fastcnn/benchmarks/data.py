"""Arrays to train on: the real data sets where a cache folder has them, else synthetic images of the same shapes."""

from typing import NamedTuple

import numpy as np

from fastcnn import datasets
from fastcnn.utils import cache

# Data set -> shape of an image, sizes of the training and the test set, files of which one must be in the cache.
DATA_SETS = {
    "mnist": ((28, 28, 1), 60_000, 10_000, ["datasets/mnist.npz"]),
    "fashion_mnist": ((28, 28, 1), 60_000, 10_000, ["datasets/fashion-mnist/train-images-idx3-ubyte.gz"]),
    "cifar10": (
        (32, 32, 3),
        50_000,
        10_000,
        ["datasets/cifar-10-batches-bin", "cifar-10-batches-bin", "datasets/cifar-10-binary.tar.gz"],
    ),
    "images64": ((64, 64, 3), 10_000, 1_000, []),
}


class Arrays(NamedTuple):
    """Images as uint8 (n, height, width, channels), labels as uint8 (n,)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    synthetic: bool


def load(name: str, images: int | None = None) -> Arrays:
    """A data set from the cache folders ($FASTCNN_HOME, else $KERAS_HOME, else the user's); else a synthetic one, whose
    training set has no more than `images` images."""
    shape, train, test, files = DATA_SETS[name]
    if not files or cache.find(*files) is None:
        return synthetic(shape, min(train, images or train), test)
    (x_train, y_train), (x_test, y_test) = getattr(datasets, name).load_data()
    return Arrays(
        x_train.reshape(-1, *shape), y_train.reshape(-1), x_test.reshape(-1, *shape), y_test.reshape(-1), False
    )


def synthetic(shape: tuple[int, int, int], train: int, test: int, classes: int = 10) -> Arrays:
    """Images that can be told apart, but not at a glance: a smooth pattern per class, shifted, under noise."""
    rng = np.random.default_rng(0)
    height, width, channels = shape
    coarse = rng.uniform(0, 255, (classes, 4, 4, channels))
    patterns = coarse.repeat(height // 4, axis=1).repeat(width // 4, axis=2)
    labels = rng.integers(0, classes, train + test).astype(np.uint8)
    images = np.empty((train + test, *shape), np.uint8)
    for index, label in enumerate(labels):
        shifted = np.roll(patterns[label], rng.integers(-4, 5, 2), axis=(0, 1))
        noise = rng.normal(0, 80, shape).astype(np.float32)
        images[index] = np.clip(shifted + noise, 0, 255)
    return Arrays(images[:train], labels[:train], images[train:], labels[train:], True)
