"""Convolutions with a 2x2 max-pool: arrays, a run of the kernels, and the check that every one of them passes."""

import numpy as np

from fastcnn import reference

PLAIN = {"strides": (1, 1), "dilation": (1, 1), "groups": 1}


def random_arrays(images, height, width, channels, filters, seed=0):
    """x, w of 3x3 and bias."""
    random = np.random.default_rng(seed)
    shapes = [(images, height, width, channels), (3, 3, channels, filters), (filters,)]
    return [random.standard_normal(shape, dtype=np.float32) for shape in shapes]


def pooled_maps(lowered, arrays, padding, activation="relu", **options):
    """y and argmax of a 3x3 convolution."""
    (images, *size, _), filters = arrays[0].shape, arrays[1].shape[3]
    pooled = (images, *((n + sum(p) - 2) // 2 for n, p in zip(size, padding, strict=True)), filters)
    outputs = [(pooled, "float32"), (pooled, "uint8")]
    return lowered("conv2d_max_pool", arrays, outputs, padding=padding, activation=activation, **options)


def assert_maxima(arrays, padding, activation, y, argmax, tolerance):
    """y is the pool of the convolution of `arrays` (x, w and perhaps a bias), and argmax points at its maxima.

    Errors count relative to the largest value, or to 1. Near ties may be broken otherwise than in float64.
    """
    arrays = [array.astype(np.float64) for array in arrays]
    expected, position = reference.conv2d_max_pool(*arrays, padding=padding, activation=activation)
    tolerance *= max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)
    maps = reference.conv2d(*arrays, padding=padding, activation=None, **PLAIN)
    height, width = expected.shape[1:3]
    values = [maps[:, i : 2 * height : 2, j : 2 * width : 2] for i in (0, 1) for j in (0, 1)]
    windows = np.stack([*values, np.zeros_like(expected)])  # position 4: ReLU let nothing through
    at_argmax = np.take_along_axis(windows, argmax[None].astype(int), 0)[0]
    np.testing.assert_allclose(at_argmax, expected, rtol=0, atol=tolerance)
    second, first = np.sort(windows[: 5 if activation == "relu" else 4], 0)[-2:]
    clear = first - second > 2 * tolerance
    np.testing.assert_array_equal(argmax[clear], position[clear])
