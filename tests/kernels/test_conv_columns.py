"""Input gradients of convolutions to few channels with steps: csrc/conv_columns.c through its driver."""

import numpy as np
import pytest

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.conv_columns import ColumnsInputGradient, columns_serve
from fastcnn._core.conv_sparse_gradient import TurnFilters

KERNELS = {"add_runs"}

# images, (height, width, channels), kernel, filters, strides, dilation, padding
PROBLEMS = [
    (3, (32, 34, 3), (3, 3), 32, (2, 2), (1, 1), ((0, 1), (0, 1))),
    (2, (11, 9, 1), (4, 4), 70, (2, 2), (1, 1), ((1, 1), (1, 1))),
    (1, (13, 20, 8), (5, 5), 17, (2, 3), (1, 1), ((2, 2), (2, 2))),
    (2, (7, 5, 3), (5, 7), 5, (3, 2), (2, 1), ((3, 3), (3, 3))),
    (1, (1, 1, 2), (3, 3), 4, (2, 2), (1, 1), ((1, 1), (1, 1))),
    (1, (9, 40, 5), (2, 2), 16, (4, 4), (1, 1), ((0, 0), (0, 0))),
    (0, (8, 8, 3), (3, 3), 8, (2, 2), (1, 1), ((0, 1), (0, 1))),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_gradient_equals_the_reference(isa, same_bits, problem):
    images, size, kernel, filters, strides, dilation, padding = problem
    rng = np.random.default_rng(0)
    w = rng.standard_normal((*kernel, size[2], filters)).astype(np.float32)
    geometry = {"strides": strides, "padding": padding, "dilation": dilation, "groups": 1}
    maps = reference.conv2d(np.zeros((images, *size)), w, activation=None, **geometry).shape
    dy = rng.standard_normal(maps).astype(np.float32)
    top_left = padding[0][0], padding[1][0]

    def gradient(dy):
        dx = np.full((len(dy), *size), 77, np.float32)
        turned = np.full((filters, *w.shape[:3]), 77, np.float32)
        call.run(
            TurnFilters(w, turned),
            ColumnsInputGradient(turned, dy, dx, strides=strides, padding=top_left, dilation=dilation),
        )
        return [dx]

    (dx,) = same_bits(lambda: gradient(dy))
    wanted = reference.conv2d_input_gradient(
        w.astype(np.float64), dy.astype(np.float64), input_size=size[:2], **geometry
    )
    np.testing.assert_allclose(dx, wanted, rtol=0, atol=1e-4)
    for row in range(images):
        assert gradient(dy[row : row + 1])[0].tobytes() == dx[row : row + 1].tobytes()


def test_what_it_serves():
    steps = {"kernel_size": (3, 3), "strides": (2, 2), "dilation": (1, 1), "groups": 1, "channels": 2}
    assert columns_serve(**steps)
    for other in ({"strides": (1, 1)}, {"dilation": (1, 2)}, {"groups": 2}, {"channels": 32}, {"kernel_size": (1, 1)}):
        assert not columns_serve(**{**steps, **other})
