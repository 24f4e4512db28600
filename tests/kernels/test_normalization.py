"""Normalisation of channels, rows and groups: csrc/channel_norm.c and csrc/row_norm.c through their calls."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core.channel_norm import ChannelNormalize, ChannelStatistics, MergeStatistics

KERNELS = {
    "channel_statistics",
    "merge_statistics",
    "channel_coefficients",
    "channel_normalize",
    "channel_gradient_sums",
    "channel_input_gradient",
    "row_normalize",
    "row_normalize_gradient",
}

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Around whole vectors and groups of them, and more rows than a task takes.
shapes = st.tuples(
    st.sampled_from([1, 2, 5, 33, 700, 3000]), st.sampled_from([1, 2, 3, 7, 8, 10, 16, 31, 32, 64, 100, 128, 130, 257])
)
seeds = st.integers(0, 2**32 - 1)
activations = st.sampled_from([None, "relu"])


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def channels(seed, count):
    """Mean, variance, gamma and beta."""
    mean, gamma, beta = draw(seed, 3, count)
    return [mean, np.square(draw(seed + 1, count)) + 0.5, gamma, beta]


def close(result, expected, rows=1):
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=3e-6 * max(rows, 1) ** 0.5)


def doubles(*arrays):
    return [array.astype(np.float64) for array in arrays]


@given(shape=shapes, seed=seeds, offset=st.sampled_from([0, 1000]))
@quick
def test_batch_statistics(isa, lowered, shape, seed, offset):
    x = draw(seed, *shape) + np.float32(offset)
    vector = (shape[1:], "float32")
    mean, variance = lowered("batch_statistics", [x], [vector, vector])
    expected = reference.batch_statistics(*doubles(x))
    np.testing.assert_allclose(mean, expected[0], rtol=1e-6, atol=4e-6)  # 700 roundings of partial sums near 30
    np.testing.assert_allclose(variance, expected[1], rtol=1e-4, atol=1e-6)


@given(shape=shapes, seed=seeds, activation=activations)
@quick
def test_batch_normalization(isa, lowered, shape, seed, activation):
    x, vectors = draw(seed, *shape), channels(seed, shape[1])
    attrs = {"epsilon": 1e-3, "activation": activation}
    (y,) = lowered("batch_normalization", [x, *vectors], [(shape, "float32")], **attrs)
    close(y, reference.batch_normalization(*doubles(x, *vectors), **attrs))


@given(shape=shapes, seed=seeds, activation=activations)
@quick
def test_batch_normalization_gradients(isa, lowered, shape, seed, activation):
    dy, x, vectors = draw(seed, *shape), draw(seed + 2, *shape), channels(seed, shape[1])
    attrs = {"epsilon": 1e-3, "activation": activation}
    vector = (shape[1:], "float32")
    # Values that a different rounding could move over the ReLU's edge say nothing.
    before = reference.batch_normalization(*doubles(x, *vectors), epsilon=1e-3, activation=None)
    dy[np.abs(before) < 1e-5] = 0
    sums = lowered("batch_normalization_sums", [dy, x, *vectors], [vector, vector], **attrs)
    for result, expected in zip(
        sums, reference.batch_normalization_sums(*doubles(dy, x, *vectors), **attrs), strict=True
    ):
        close(result, expected, shape[0])
    (dx,) = lowered("batch_normalization_input_gradient", [dy, x, *vectors, *sums], [(shape, "float32")], **attrs)
    close(dx, reference.batch_normalization_input_gradient(*doubles(dy, x, *vectors, *sums), **attrs))
    (dx,) = lowered("batch_normalization_input_gradient", [dy, x, *vectors], [(shape, "float32")], **attrs)
    close(dx, reference.batch_normalization_input_gradient(*doubles(dy, x, *vectors), **attrs))


def test_the_gradient_sees_what_relu_let_through_to_the_bit(isa, lowered):
    x = (draw(1, 4000, 24) * 1e-6).astype(np.float32)  # many values near the edge
    vectors = [np.zeros(24, np.float32), np.ones(24, np.float32), draw(2, 24), draw(3, 24) * np.float32(1e-7)]
    attrs = {"epsilon": 1e-3, "activation": "relu"}
    (y,) = lowered("batch_normalization", [x, *vectors], [(x.shape, "float32")], **attrs)
    ones = np.ones_like(x)
    vector = ((24,), "float32")
    _, passed = lowered("batch_normalization_sums", [ones, x, *vectors], [vector, vector], **attrs)
    np.testing.assert_array_equal(passed, (y > 0).sum(axis=0))
    (dx,) = lowered("batch_normalization_input_gradient", [ones, x, *vectors], [(x.shape, "float32")], **attrs)
    np.testing.assert_array_equal(dx != 0, y > 0)


@given(shape=shapes, seed=seeds, centered=st.booleans())
@quick
def test_row_normalization(isa, lowered, shape, seed, centered):
    x, dy, (gamma, beta) = draw(seed, *shape), draw(seed + 1, *shape), draw(seed + 2, 2, shape[1])
    attrs = {"epsilon": 1e-3, "centered": centered}
    (y,) = lowered("row_normalization", [x, gamma, beta], [(shape, "float32")], **attrs)
    close(y, reference.row_normalization(*doubles(x, gamma, beta), **attrs), 10)
    vector = (shape[1:], "float32")
    results = lowered("row_normalization_gradient", [dy, x, gamma], [(shape, "float32"), vector, vector], **attrs)
    expected = reference.row_normalization_gradient(*doubles(dy, x, gamma), **attrs)
    for result, right, rows in zip(results, expected, (1000, shape[0], shape[0]), strict=True):
        close(result, right, rows)


@given(images=st.integers(0, 3), rows=st.sampled_from([1, 3, 40, 300]), groups=st.integers(1, 5), seed=seeds)
@quick
def test_group_normalization(isa, lowered, images, rows, groups, seed):
    shape = (images, rows, 4 * groups)
    x, dy, (gamma, beta) = draw(seed, *shape), draw(seed + 1, *shape), draw(seed + 2, 2, shape[2])
    attrs = {"epsilon": 1e-3, "groups": groups}
    (y,) = lowered("group_normalization", [x, gamma, beta], [(shape, "float32")], **attrs)
    close(y, reference.group_normalization(*doubles(x, gamma, beta), **attrs), 10)
    vector = (shape[2:], "float32")
    outputs = [(shape, "float32"), vector, vector]
    results = lowered("group_normalization_gradient", [dy, x, gamma, beta], outputs, **attrs)
    expected = reference.group_normalization_gradient(*doubles(dy, x, gamma, beta), **attrs)
    for result, right in zip(results, expected, strict=True):
        close(result, right, 1000)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("size", [(7, 9), (32, 32), (4, 4)])
def test_statistics_of_a_convolution_are_those_of_its_output(isa, lowered, groups, size):
    x, w = draw(1, 5, *size, 4) + np.float32(3), draw(2, 3, 3, 4 // groups, 18)
    geometry = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": groups}
    vector = ((18,), "float32")
    maps = ((5, *size, 18), "float32")
    y, mean, variance = lowered("conv2d_statistics", [x, w], [maps, vector, vector], **geometry)
    (plain,) = lowered("conv2d", [x, w], [maps], activation=None, **geometry)
    np.testing.assert_array_equal(y, plain)
    expected = reference.batch_statistics(*doubles(y))
    np.testing.assert_allclose(mean, expected[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(variance, expected[1], rtol=1e-4)


def test_nan_stays_in_its_channel(isa, lowered):
    x = draw(1, 50, 5)
    x[7, 3] = np.nan
    vectors = channels(2, 5)
    vector = ((5,), "float32")
    for result in lowered("batch_statistics", [x], [vector, vector]):
        assert np.isnan(result).tolist() == [False, False, False, True, False]
    (y,) = lowered("batch_normalization", [x, *vectors], [(x.shape, "float32")], epsilon=0.1, activation="relu")
    assert np.argwhere(np.isnan(y)).tolist() == [[7, 3]]


def test_statistics_of_nothing_are_nan(isa, lowered):
    vector = ((3,), "float32")
    for result in lowered("batch_statistics", [np.zeros((0, 3), np.float32)], [vector, vector]):
        assert np.isnan(result).all()


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    x, vectors = draw(1, 3000, 48), channels(2, 48)
    vector = ((48,), "float32")
    attrs = {"epsilon": 1e-3, "activation": "relu"}
    same_bits(lambda: lowered("batch_statistics", [x], [vector, vector]))
    same_bits(lambda: lowered("batch_normalization_sums", [x, x, *vectors], [vector, vector], **attrs))
    image = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    maps, w = x.reshape(3, 40, 25, 48), draw(3, 3, 3, 48, 48)
    outputs = [(maps.shape, "float32"), vector, vector]
    same_bits(lambda: lowered("conv2d_statistics", [maps, w], outputs, **image))


def test_errors_name_the_argument():
    x = np.zeros((4, 3), np.float32)
    with pytest.raises(ValueError, match="pieces must have shape"):
        ChannelStatistics(x, np.zeros((2, 2, 3), np.float32))
    vector = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="variance must have shape"):
        MergeStatistics(np.zeros((1, 2, 3), np.float32), np.ones(1, np.float32), vector, vector[:2])
    with pytest.raises(ValueError, match="y must have shape"):
        ChannelNormalize(x, np.zeros((5, 3), np.float32), x[:2], relu=False)
