"""smart_resize: the middle of an image, in another size."""

import re

import numpy as np
import pytest

from fastcnn.preprocessing.image import smart_resize


@pytest.mark.parametrize("shape", [(10, 20, 3), (2, 10, 20, 3)])
def test_the_middle_is_taken(shape):
    x = np.zeros(shape, "float32")
    x[..., 5:15, :] = 7
    y = smart_resize(x, (5, 5))
    assert y.shape == (*shape[:-3], 5, 5, 3)
    assert (y == 7).all()
    first = smart_resize(np.moveaxis(x, -1, -3), (5, 5), data_format="channels_first")
    assert np.array_equal(np.moveaxis(first, -3, -1), y)
    assert smart_resize(x, (20, 8), interpolation="nearest").shape == (*shape[:-3], 20, 8, 3)


@pytest.mark.parametrize(
    ("shape", "size", "options", "message"),
    [
        ((4, 4, 3), (2, 2, 2), {}, "Expected `size` to be a tuple of 2 integers"),
        ((4, 4), (2, 2), {}, "incorrect rank, of shape (4, 4)"),
        ((4, 4, 3), (2, 2), {"data_format": "last"}, "unknown data_format 'last'"),
        ((4, 4, 3), (2, 2), {"interpolation": "linear"}, "interpolation"),
    ],
)
def test_errors(shape, size, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        smart_resize(np.zeros(shape), size, **options)
