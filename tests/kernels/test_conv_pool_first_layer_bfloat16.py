"""Convolution of one to four channels + ReLU + 2x2 max-pool in bfloat16: csrc/conv_pool_first_layer_bfloat16.c."""

import numpy as np
import pytest
from check_pool import assert_maxima, pooled_maps, random_arrays
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import bfloat16, winograd
from fastcnn.reference.bfloat16 import rounded_to_bfloat16

KERNELS = {"conv_max_pool_first_layer_bfloat16"}

VALID = ((0, 0), (0, 0))
SAME = ((1, 1), (1, 1))
TOLERANCE = 0.03  # relative to the largest value
SHAPES = [(9, 32, 32, 3, 32), (3, 70, 67, 4, 20), (5, 37, 30, 2, 100), (33, 28, 28, 1, 32), (2, 9, 9, 3, 300)]


@pytest.fixture(autouse=True)
def _native():
    if not bfloat16.multiplies_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")


def rounded(arrays):
    """What is multiplied, and perhaps a bias as it is."""
    return [*map(rounded_to_bfloat16, arrays[:2]), *arrays[2:]]


def forward(lowered, arrays, padding, activation="relu"):
    return pooled_maps(lowered, arrays, padding, activation, bfloat16=True)


@given(
    shape=st.tuples(
        st.sampled_from([0, 1, 2]),
        st.integers(1, 13),
        st.integers(1, 40),
        st.integers(1, 4),
        st.sampled_from([1, 5, 8, 16, 17, 32, 33, 70]),
    ),
    padding=st.sampled_from([VALID, VALID, SAME]) | st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
    activation=st.sampled_from([None, "relu"]),
    bias=st.booleans(),
    seed=st.integers(0, 9),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_forward(lowered, shape, padding, activation, bias, seed):
    assume(min(n + sum(p) for n, p in zip(shape[1:3], padding, strict=True)) >= 3)
    arrays = random_arrays(*shape, seed)[: 3 if bias else 2]
    y, argmax = forward(lowered, arrays, padding, activation)
    if y.size:
        assert_maxima(rounded(arrays), padding, activation, y, argmax, TOLERANCE)


@pytest.mark.parametrize("padding", [VALID, SAME])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_row_has_the_same_bits_in_any_batch_and_on_any_number_of_threads(lowered, same_bits, shape, padding):
    x, w, b = random_arrays(*shape)
    y, argmax = forward(lowered, [x, w, b], padding)
    assert_maxima(rounded([x, w, b]), padding, "relu", y, argmax, TOLERANCE)
    same_bits(lambda: forward(lowered, [x, w, b], padding))
    for row, all_rows in zip(forward(lowered, [x[1:2], w, b], padding), (y, argmax), strict=True):
        assert row.tobytes() == all_rows[1:2].tobytes()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_error_is_that_of_bfloat16(lowered, channels):
    """The mean error is 0.6 to 0.7 % of the outputs', less than that of F(4x4, 3x3) in bfloat16."""
    arrays = random_arrays(4, 34, 34, channels, 64)
    y, _ = forward(lowered, arrays, VALID, None)
    wide = [array.astype("float64") for array in rounded(arrays)]
    right, _ = reference.conv2d_max_pool(*wide, padding=VALID, activation=None)
    error = np.sqrt(np.mean((y - right) ** 2) / np.mean(right**2))
    assert 0.002 < error < 0.008


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_values_that_are_no_numbers_reach_their_windows_alone(lowered, channels, value):
    """So do those with which sums could overflow."""
    arrays = random_arrays(1, 10, 18, channels, 20)
    for row, column in [(0, 0), (3, 4), (9, 17), (6, 9)]:
        arrays[0][0, row, column, 0] = value
        y, argmax = forward(lowered, arrays, VALID, None)
        with np.errstate(invalid="ignore"):
            wanted, positions = reference.conv2d_max_pool(*rounded(arrays), padding=VALID, activation=None)
        np.testing.assert_allclose(y, wanted, rtol=0.01, atol=0.5)
        np.testing.assert_array_equal(argmax[np.isnan(wanted)], positions[np.isnan(wanted)])


@pytest.mark.parametrize("which", ["weights", "bias"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_reach_their_outputs_alone(lowered, which, value):
    x, w, b = random_arrays(1, 8, 9, 3, 20)
    (w if which == "weights" else b)[..., 3] = value
    y, _ = forward(lowered, [x, w, b], VALID, None)
    with np.errstate(invalid="ignore"):
        wanted, _ = reference.conv2d_max_pool(*rounded([x, w, b]), padding=VALID, activation=None)
    np.testing.assert_allclose(y, wanted, rtol=0.01, atol=0.5)


def test_without_winograd_operands_are_rounded(lowered, monkeypatch):
    monkeypatch.setattr(winograd, "enabled", False)
    arrays = random_arrays(2, 12, 13, 3, 20)
    y, argmax = forward(lowered, arrays, SAME)
    assert_maxima(rounded(arrays), SAME, "relu", y, argmax, 2e-6)
