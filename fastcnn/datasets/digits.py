"""Reading and checking a set of images and class numbers from one NPZ file, which MNIST and its extract share."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastcnn.datasets.files import broken
from fastcnn.datasets.npz import read_npz

Split = tuple[NDArray[np.uint8], NDArray[np.uint8]]
SIZE = 28


def checked_labels(labels: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """`labels` if all are from 0 to 9."""
    if labels.max() > 9:
        raise broken(path, f"it has a label {labels.max()}; labels are 0 to 9")
    return labels


def read_digits(path: Path, train: int, test: int) -> tuple[Split, Split]:
    """`((x_train, y_train), (x_test, y_test))` from an NPZ file with `train` and `test` images of 28x28 pixels."""
    shapes: dict[str, tuple[int, ...]] = {}
    for split, count in (("train", train), ("test", test)):
        shapes[f"x_{split}"] = (count, SIZE, SIZE)
        shapes[f"y_{split}"] = (count,)
    arrays = read_npz(path, shapes)
    x_train, y_train, x_test, y_test = (arrays[name] for name in shapes)
    return (x_train, checked_labels(y_train, path)), (x_test, checked_labels(y_test, path))
