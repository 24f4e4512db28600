"""split_dataset: sizes, order, structures, batches."""

import random
import re

import numpy as np
import pytest

from fastcnn.data import Dataset
from fastcnn.utils import split_dataset

X = np.arange(20).reshape(10, 2)
Y = np.arange(10)


def numbers(dataset):
    return [int(np.ravel(element)[0]) // 2 for element in dataset]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0.8, None, (8, 2)),
        (None, 3, (7, 3)),
        (4, None, (4, 6)),
        (0.5, 0.3, (5, 3)),
        (2, 5, (2, 5)),
        (0.25, None, (2, 8)),
    ],
)
def test_sizes(left, right, expected):
    parts = split_dataset(X, left, right)
    assert tuple(map(len, parts)) == expected
    assert numbers(parts[0]) == [*range(expected[0])]
    assert numbers(parts[1]) == [*range(10 - expected[1], 10)]


def test_shuffled_as_by_python():
    order = list(range(10))
    random.Random(7).shuffle(order)
    left, right = split_dataset(X, 6, shuffle=True, seed=7)
    assert numbers(left) + numbers(right) == order
    random.seed(3)
    one = numbers(split_dataset(X, 6, shuffle=True)[0])
    random.seed(3)
    assert numbers(split_dataset(X, 6, shuffle=True)[0]) == one


class Samples:
    """As a data set of PyTorch."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return X[index], Y[index]


@pytest.mark.parametrize(
    "source",
    [(X, Y), [X, Y], Dataset.from_tensor_slices((X, Y)), Samples()],
    ids=["tuple", "list", "dataset", "samples"],
)
def test_structures(source):
    left, right = split_dataset(source, 0.7)
    for row, (x, y) in enumerate([*left, *right]):
        assert np.array_equal(x, X[row])
        assert y == row


def test_batches_stay_batches():
    left, right = split_dataset(Dataset.from_tensor_slices({"x": X, "y": Y}).batch(4).prefetch(1), 6)
    assert [len(batch["y"]) for batch in left] == [4, 2]
    assert [batch["y"].tolist() for batch in right] == [[6, 7, 8, 9]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((X,), ValueError, "At least one of the `left_size` or `right_size`"),
        ((X, 0), ValueError, "`left_size` should be either a positive integer smaller than 10"),
        ((X, 10), ValueError, "Received: left_size=10"),
        ((X, None, 1.5), ValueError, "Received: right_size=1.5"),
        ((X, 0.8, 0.3), ValueError, "is greater than 1"),
        ((X, 8, 3), ValueError, "should be smaller than the 10"),
        ((X, 0.01), ValueError, "resulting left side dataset split will be empty"),
        ((X, "8"), TypeError, "Invalid `left_size` Type"),
        (([X, Y[:3]], 2), ValueError, "Mismatch found at index 1"),
        (([X, [1]], 2), ValueError, "Expected a list of `numpy.ndarray` objects"),
        (([], 2), ValueError, "empty dataset"),
        ((np.zeros((0, 2)), 2), ValueError, "empty dataset"),
        ((3, 2), TypeError, "must be a data set, an array, or a list/tuple of arrays"),
    ],
)
def test_errors(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        split_dataset(*arguments)
