"""Boxes copied by `copy_matrix`: the driver against NumPy, on every instruction set."""

import numpy as np
import pytest

from fastcnn._core.call import run
from fastcnn._core.region import CopyRegion

BOXES = [
    ((7,), (3,), (2,), (1,), (0,), (3,)),
    ((6, 9), (3, 4), (5, 0), (-2, 2), (1, 3), (1, 1)),
    ((4, 5, 33), (4, 3, 33), (0, 1, 0), (1, 1, 1), (0, 2, 0), (1, 1, 1)),
    ((3, 4, 5, 6), (2, 2, 2, 3), (0, 3, 1, 5), (1, -2, 3, -2), (0, 0, 1, 0), (1, 1, 1, 2)),
    ((2, 3), (0, 3), (0, 0), (1, 1), (0, 0), (1, 1)),
]


def indices(start, step, size):
    return np.ix_(*(first + by * np.arange(count) for first, by, count in zip(start, step, size, strict=True)))


@pytest.mark.parametrize(("shape", "size", "x_start", "x_step", "y_start", "y_step"), BOXES)
def test_copy_region(isa, shape, size, x_start, x_step, y_start, y_step):
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    y = np.full(
        [first + by * max(count - 1, 0) + 2 for first, by, count in zip(y_start, y_step, size, strict=True)],
        7.0,
        "float32",
    )
    expected = y.copy()
    expected[indices(y_start, y_step, size)] = x[indices(x_start, x_step, size)]
    run(CopyRegion(x, y, size, x_start=x_start, x_step=x_step, y_start=y_start, y_step=y_step))
    assert np.array_equal(y, expected)


def test_boxes_that_leave_the_array():
    x, y = np.zeros((3, 3), "float32"), np.zeros((2, 2), "float32")
    with pytest.raises(ValueError, match="elements 2 to 3 are outside of an axis of x"):
        CopyRegion(x, y, (2, 2), x_start=(0, 2))
    with pytest.raises(ValueError, match="of y, whose length is 2"):
        CopyRegion(x, y, (3, 2))
    with pytest.raises(ValueError, match="needs a start, a step and a size"):
        CopyRegion(x, y, (2,))
