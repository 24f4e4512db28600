"""Gradient of 3x3 weights by Winograd's algorithm: csrc/winograd_weight_gradient.c through its driver."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.winograd_gradient import (
    WinogradGradientSum,
    WinogradWeightGradient,
    partial_sums_shape,
    winograd_serves,
)

KERNELS = {
    "winograd_gradient_x",
    "winograd_gradient_dy",
    "winograd_gradient_taps",
}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def arrays(images, size, channels, outputs, padding, seed=0):
    """x and dy of a convolution with a padding of (top, bottom), (left, right)."""
    random = np.random.default_rng(seed)
    maps = [extent + sum(border) - 2 for extent, border in zip(size, padding, strict=True)]
    x = random.standard_normal((images, *size, channels), dtype=np.float32)
    return x, random.standard_normal((images, *maps, outputs), dtype=np.float32)


def gradient(x, dy, padding):
    partials = np.full(partial_sums_shape(x.shape, dy.shape), 77, np.float32)
    dw = np.full((3, 3, x.shape[3], dy.shape[3]), 77, np.float32)
    corner = tuple(before for before, _ in padding)
    call.run(WinogradWeightGradient(x, dy, partials, padding=corner), WinogradGradientSum(partials, dw))
    return dw


def expected(x, dy, padding):
    options = {"kernel_size": (3, 3), "strides": (1, 1), "dilation": (1, 1), "groups": 1}
    return reference.conv2d_weight_gradient(x.astype(np.float64), dy.astype(np.float64), padding=padding, **options)


def error(actual, wanted):
    """The largest error, relative to the largest entry."""
    return np.abs(actual - wanted).max(initial=0) / max(np.abs(wanted).max(initial=0), 1)


borders = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(
    images=st.sampled_from([0, 1, 2, 7]),
    size=st.tuples(st.integers(3, 15), st.integers(3, 15)),
    channels=st.sampled_from([1, 3, 8, 16, 17, 33, 64, 65]),
    outputs=st.sampled_from([1, 2, 8, 15, 16, 31, 64, 70, 129]),
    padding=st.sampled_from([((0, 0), (0, 0)), ((1, 1), (1, 1))]) | st.tuples(borders, borders),
    seed=st.integers(0, 9),
)
@quick
def test_any_shape(isa, images, size, channels, outputs, padding, seed):
    x, dy = arrays(images, size, channels, outputs, padding, seed)
    assert error(gradient(x, dy, padding), expected(x, dy, padding)) < 2e-5


SAME, VALID = ((1, 1), (1, 1)), ((0, 0), (0, 0))
LARGER = [
    (7, (28, 28), 64, 32, SAME),  # pieces of several blocks
    (2, (14, 14), 130, 140, SAME),  # shares of both kinds of channels
    (64, (5, 5), 64, 64, VALID),  # tiles of 3x3
]


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_on_any_number_of_threads(isa, problem, same_bits):
    padding = problem[-1]
    x, dy = arrays(*problem)
    assert winograd_serves(x.shape, dy.shape, kernel_size=(3, 3))
    assert error(same_bits(lambda: [gradient(x, dy, padding)])[0], expected(x, dy, padding)) < 2e-5


def test_error_where_the_gradient_is_a_small_difference(isa):
    """Positive x and half of dy zero, as behind ReLU: the bound that docs/performance/convolution.md states holds."""
    x, dy = arrays(16, (16, 16), 32, 32, SAME)
    x, dy = np.abs(x), dy * (np.random.default_rng(1).random(dy.shape) < 0.5)
    assert error(gradient(x, dy, SAME), expected(x, dy, SAME)) < 1e-4


def test_nan_comes_through(isa):
    x, dy = arrays(1, (9, 9), 16, 16, SAME)
    x[0, 4, 4, 3] = np.nan
    dw = gradient(x, dy, SAME)
    assert np.isnan(dw[:, :, 3]).all()
    assert not np.isnan(np.delete(dw, 3, axis=2)).any()


def test_the_rule_sees_shapes_only():
    x, dy = (8, 56, 56, 64), (8, 56, 56, 64)
    assert winograd_serves(x, dy, kernel_size=(3, 3))
    assert not winograd_serves(x, dy, kernel_size=(5, 5))
    assert not winograd_serves(x, (8, 28, 28, 64), kernel_size=(3, 3), strides=(2, 2))
    assert not winograd_serves(x, dy, kernel_size=(3, 3), dilation=(2, 2))
    assert not winograd_serves(x, dy, kernel_size=(3, 3), groups=2)
    assert not winograd_serves((8, 56, 56, 3), dy, kernel_size=(3, 3))
    assert not winograd_serves((1, 5, 5, 64), (1, 3, 3, 64), kernel_size=(3, 3))


def test_wrong_shapes_are_refused():
    x, dy = arrays(1, (9, 9), 16, 16, SAME)
    with pytest.raises(ValueError, match="partials must have shape"):
        WinogradWeightGradient(x, dy, np.empty((1, 2, 3), np.float32), padding=(1, 1))
    with pytest.raises(ValueError, match="dw must have shape"):
        WinogradGradientSum(np.empty((1, 6, 3, 16, 16), np.float32), np.empty((3, 3, 16, 8), np.float32))
