#!/usr/bin/env python3
"""Make fastcnn/datasets/mnist_small.npz, the MNIST images which the package carries, from the full mnist.npz.

Usage: make_mnist_small.py mnist.npz [DEST]        (DEST: default fastcnn/datasets/mnist_small.npz)

Of each digit, 1,000 images of the training set and 200 of the test set, evenly spaced over the set, so that easy and
hard writers are mixed as in the whole; in the original order. The same input and zlib give the same bytes.
"""

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

TRAIN_PER_CLASS = 1000
TEST_PER_CLASS = 200
DEST = Path(__file__).parent.parent / "fastcnn" / "datasets" / "mnist_small.npz"


def selection(labels: np.ndarray, per_class: int) -> np.ndarray:
    """Indices of `per_class` evenly spaced examples of each class, ascending."""
    chosen = []
    for label in range(10):
        members = np.flatnonzero(labels == label)
        chosen.append(members[np.arange(per_class) * len(members) // per_class])
    return np.sort(np.concatenate(chosen))


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return file.getvalue()


def make(source: Path, dest: Path) -> None:
    with np.load(source, allow_pickle=False) as full, zipfile.ZipFile(dest, "w") as archive:
        for split, per_class in (("train", TRAIN_PER_CLASS), ("test", TEST_PER_CLASS)):
            chosen = selection(full[f"y_{split}"], per_class)
            for kind in ("x", "y"):
                member = zipfile.ZipInfo(f"{kind}_{split}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                data = npy(full[f"{kind}_{split}"][chosen])
                archive.writestr(member, data, compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    destination = Path(sys.argv[2]) if len(sys.argv) == 3 else DEST
    make(Path(sys.argv[1]), destination)
    print(f"{destination}: {destination.stat().st_size} bytes")
