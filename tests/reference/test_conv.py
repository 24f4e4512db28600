"""Convolution and pooling by NumPy against their definitions, element by element; the fused ops against their parts."""

import numpy as np
import pytest

from fastcnn import reference

rng = np.random.default_rng(5)
PADDING = ((1, 0), (2, 1))


def pixel(x, n, row, column, c, outside=0.0):
    """A pixel of the padded image."""
    inside = 0 <= row < x.shape[1] and 0 <= column < x.shape[2]
    return x[n, row, column, c] if inside else outside


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_is_its_formula(groups):
    x, w = rng.normal(size=(2, 5, 6, 4)), rng.normal(size=(3, 2, 4 // groups, 6))
    strides, dilation = (2, 1), (1, 2)
    y = reference.conv2d(x, w, strides=strides, padding=PADDING, dilation=dilation, groups=groups, activation=None)
    assert y.shape == (2, 2, 7, 6)
    for n, p, q, k in np.ndindex(y.shape):
        group = k // (6 // groups)
        terms = [
            w[r, s, c, k]
            * pixel(
                x,
                n,
                p * strides[0] + r * dilation[0] - 1,
                q * strides[1] + s * dilation[1] - 2,
                c + group * len(w[r, s]),
            )
            for r, s, c in np.ndindex(w.shape[:3])
        ]
        assert y[n, p, q, k] == pytest.approx(sum(terms))


def test_bias_and_relu_of_a_convolution():
    x, w, bias = rng.normal(size=(2, 4, 4, 3)), rng.normal(size=(2, 2, 3, 5)), rng.normal(size=5)
    attrs = {"strides": (1, 1), "padding": PADDING, "dilation": (1, 1), "groups": 1}
    plain = reference.conv2d(x, w, **attrs, activation=None)
    fused = reference.conv2d(x, w, bias, **attrs, activation="relu")
    np.testing.assert_allclose(fused, np.maximum(plain + bias, 0))


def test_pooling_is_its_formula():
    x = rng.normal(size=(2, 5, 6, 3))
    attrs = {"pool_size": (2, 3), "strides": (2, 1), "padding": PADDING}
    largest, argmax = reference.max_pool2d(x, **attrs)
    mean = reference.average_pool2d(x, **attrs)
    for n, p, q, c in np.ndindex(mean.shape):
        window = [pixel(x, n, 2 * p + i - 1, q + j - 2, c, np.nan) for i in range(2) for j in range(3)]
        assert largest[n, p, q, c] == np.nanmax(window)
        assert argmax[n, p, q, c] == np.nanargmax(window)
        assert mean[n, p, q, c] == pytest.approx(np.nanmean(window))


def test_first_of_equals_wins():
    _, argmax = reference.max_pool2d(np.zeros((1, 4, 4, 1)), pool_size=(2, 2), strides=(2, 2), padding=((0, 0), (0, 0)))
    assert not argmax.any()


def test_nan_wins_a_pool():
    x = np.zeros((1, 2, 2, 1))
    x[0, 1, 0] = np.nan
    y, argmax = reference.max_pool2d(x, pool_size=(2, 2), strides=(2, 2), padding=((0, 0), (0, 0)))
    assert np.isnan(y).all()
    assert argmax.item() == 2


@pytest.mark.parametrize("activation", [None, "relu"])
def test_fused_convolution_and_pool_are_their_parts(activation):
    x, w, bias = rng.normal(size=(2, 7, 8, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4) - 2
    plain = {"strides": (1, 1), "padding": PADDING, "dilation": (1, 1), "groups": 1}
    pool = {"pool_size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
    maps = reference.conv2d(x, w, bias, **plain, activation=activation)
    y, argmax = reference.max_pool2d(maps, **pool)
    fused, fused_argmax = reference.conv2d_max_pool(x, w, bias, padding=PADDING, activation=activation)
    np.testing.assert_array_equal(fused, y)
    np.testing.assert_array_equal(fused_argmax, np.where(y == 0, 4, argmax))

    dy = rng.normal(size=y.shape)
    dmaps = reference.max_pool2d_gradient(dy, argmax, input_size=maps.shape[1:3], **pool)
    if activation == "relu":
        dmaps = reference.relu_gradient(dmaps, maps)
    dw, db = reference.conv2d_max_pool_weight_gradient(x, dy, fused_argmax, kernel_size=(3, 2), padding=PADDING)
    np.testing.assert_allclose(dw, reference.conv2d_weight_gradient(x, dmaps, kernel_size=(3, 2), **plain))
    np.testing.assert_allclose(db, reference.bias_gradient(dmaps))
    np.testing.assert_allclose(
        reference.conv2d_max_pool_input_gradient(w, dy, fused_argmax, input_size=(7, 8), padding=PADDING),
        reference.conv2d_input_gradient(w, dmaps, input_size=(7, 8), **plain),
    )
