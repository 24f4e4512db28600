"""to_categorical: values as Keras gives them, and errors where Keras counts from the end or cuts fractions off."""

import re

import numpy as np
import pytest

from fastcnn.utils import to_categorical


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64", ">i4", "bool"])
def test_values(dtype):
    result = to_categorical(np.array([1, 0, 1], dtype), 3)
    assert result.dtype == np.float64
    assert np.array_equal(result, [[0, 1, 0], [1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), (4,)), ((1,), (1, 4)), ((5,), (5, 4)), ((5, 1), (5, 4)), ((2, 3), (2, 3, 4)), ((0,), (0, 4))],
)
def test_shapes(shape, expected):
    result = to_categorical(np.full(shape, 2), 4)
    assert result.shape == expected
    assert np.array_equal(result.sum(-1), np.ones(expected[:-1]))
    assert result[..., 2].all()


def test_number_of_classes_seen():
    assert to_categorical([[3], [0]]).shape == (2, 4)


@pytest.mark.parametrize(
    ("x", "num_classes", "error", "message"),
    [
        ([0, 3], 3, ValueError, "from 0 to 2, not 3; num_classes must be at least 4"),
        ([0, -1], 3, ValueError, "from 0 to 2, not -1"),
        ([-1], None, ValueError, "not -1"),
        ([0.5], 3, ValueError, "integers from 0), not 0.5"),
        ([np.nan], 3, ValueError, "not nan"),
        ([np.inf], 3, ValueError, "not inf"),
        (["1"], 3, TypeError, "not values of type <U1"),
        ([None], 3, TypeError, "not values of type object"),
        ([], None, ValueError, "give num_classes"),
        ([0], 0, ValueError, "num_classes must be an integer from 1 or None, not 0"),
        ([0], 2.0, ValueError, "num_classes must be an integer from 1 or None, not 2.0"),
    ],
)
def test_errors(x, num_classes, error, message):
    with pytest.raises(error, match=re.escape(message)):
        to_categorical(x, num_classes)
