"""Gradients of convolutions that skip the zeros of dy: csrc/conv_sparse_gradient.c against the NumPy reference."""

import numpy as np
import pytest

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.bias import SumPartials
from fastcnn._core.conv_sparse_gradient import (
    SparseInputGradient,
    SparseWeightGradient,
    TurnFilters,
    sparse_gradient_pieces,
    sparse_gradient_serves,
)

KERNELS = {"conv_sparse_weight_gradient", "conv_sparse_input_gradient"}

# images, (height, width, channels), kernel, outputs, strides, dilation, padding
PROBLEMS = [
    (3, (1, 20, 17), (1, 5), 33, (1, 1), (1, 1), ((0, 0), (0, 0))),
    (2, (7, 6, 16), (3, 3), 70, (1, 1), (1, 1), ((1, 1), (1, 1))),
    (5, (9, 8, 3), (5, 4), 2, (2, 3), (1, 1), ((2, 1), (3, 0))),
    (1, (9, 9, 5), (3, 2), 16, (1, 2), (2, 3), ((2, 2), (3, 3))),
    (2, (4, 5, 1), (1, 1), 1, (1, 1), (1, 1), ((0, 0), (0, 0))),
    (1, (1, 1, 20), (3, 3), 17, (1, 1), (1, 1), ((1, 1), (1, 1))),
    (0, (4, 4, 8), (3, 3), 8, (1, 1), (1, 1), ((0, 0), (0, 0))),
]


def sparse(shape, rng, share):
    return (rng.standard_normal(shape) * (rng.random(shape) < share)).astype(np.float32)


@pytest.mark.parametrize("share", [0.03, 1])
@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_gradients_equal_the_reference(isa, same_bits, problem, share):
    images, size, kernel, outputs, strides, dilation, padding = problem
    rng = np.random.default_rng(0)
    geometry = {"strides": strides, "padding": padding, "dilation": dilation, "groups": 1}
    x = rng.standard_normal((images, *size)).astype(np.float32)
    w = rng.standard_normal((*kernel, size[2], outputs)).astype(np.float32)
    dy = sparse(reference.conv2d(x, w, activation=None, **geometry).shape, rng, share)
    plain = {"strides": strides, "padding": (padding[0][0], padding[1][0]), "dilation": dilation}

    def gradients():
        partials = np.full((sparse_gradient_pieces(images, outputs), *w.shape), 77, np.float32)
        dw, dx, turned = (np.full(shape, 77, np.float32) for shape in (w.shape, x.shape, (outputs, *w.shape[:3])))
        call.run(
            SparseWeightGradient(x, dy, partials, kernel_size=kernel, **plain),
            SumPartials(partials, dw),
            TurnFilters(w, turned),
            SparseInputGradient(turned, dy, dx, **plain),
        )
        return [dw, dx]

    dw, dx = same_bits(gradients)
    x, w, dy = (array.astype(np.float64) for array in (x, w, dy))
    wanted = reference.conv2d_weight_gradient(x, dy, kernel_size=kernel, **geometry)
    np.testing.assert_allclose(dw, wanted, rtol=0, atol=1e-4)
    wanted = reference.conv2d_input_gradient(w, dy, input_size=size[:2], **geometry)
    np.testing.assert_allclose(dx, wanted, rtol=0, atol=1e-4)


def test_nan_in_dy_comes_through(isa):
    x, dy = np.ones((1, 1, 6, 64), np.float32), np.zeros((1, 1, 6, 20), np.float32)
    dy[0, 0, 3, 7] = np.nan
    partials = np.zeros((sparse_gradient_pieces(1, 20), 1, 1, 64, 20), np.float32)
    call.run(SparseWeightGradient(x, dy, partials, kernel_size=(1, 1), strides=(1, 1), padding=(0, 0), dilation=(1, 1)))
    assert np.isnan(partials.sum(axis=0)[..., 7]).all()
    assert not np.isnan(partials[..., 8:]).any()


def test_small_filters_and_groups_are_left_to_others():
    assert sparse_gradient_serves(128, (1, 5), 1)
    assert not sparse_gradient_serves(3, (3, 3), 1)
    assert not sparse_gradient_serves(128, (3, 3), 8)
