"""Convolution of one to three channels + ReLU + 2x2 max-pool: csrc/conv_pool_{first_layer,one_channel}.c."""

import numpy as np
import pytest
from check_pool import assert_maxima, pooled_maps, random_arrays
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call

KERNELS = {"conv_max_pool_first_layer", "conv_max_pool_one_channel"}

VALID = ((0, 0), (0, 0))
SAME = ((1, 1), (1, 1))
TOLERANCE = 2e-5  # relative to the largest value
SHAPES = [(9, 32, 32, 3, 32), (3, 70, 67, 3, 20), (5, 37, 30, 2, 100), (33, 28, 28, 1, 32), (2, 9, 9, 3, 300)]


@given(
    shape=st.tuples(
        st.sampled_from([0, 1, 2]),
        st.integers(1, 13),
        st.integers(1, 40),
        st.integers(1, 3),
        st.sampled_from([1, 5, 8, 16, 17, 32, 33, 70]),
    ),
    padding=st.sampled_from([VALID, VALID, SAME]) | st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 2),
    activation=st.sampled_from([None, "relu"]),
    bias=st.booleans(),
    seed=st.integers(0, 9),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_forward(isa, lowered, shape, padding, activation, bias, seed):
    assume(min(n + sum(p) for n, p in zip(shape[1:3], padding, strict=True)) >= 3)
    x, w, b = random_arrays(*shape, seed)
    arrays = [x, w, b] if bias else [x, w]
    y, argmax = pooled_maps(lowered, arrays, padding, activation)
    if y.size:
        assert_maxima(arrays, padding, activation, y, argmax, TOLERANCE)


@pytest.mark.parametrize("padding", [VALID, SAME])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_row_has_the_same_bits_in_any_batch_and_on_any_number_of_threads(isa, lowered, shape, padding):
    x, w, b = random_arrays(*shape)
    before = call.get_num_threads()
    call.set_num_threads(1)
    y, argmax = pooled_maps(lowered, [x, w, b], padding)
    assert_maxima([x, w, b], padding, "relu", y, argmax, TOLERANCE)
    call.set_num_threads(3)
    together = pooled_maps(lowered, [x, w, b], padding)
    alone = pooled_maps(lowered, [x[1:2], w, b], padding)
    call.set_num_threads(before)
    for all_rows, again, row in zip((y, argmax), together, alone, strict=True):
        assert again.tobytes() == all_rows.tobytes()
        assert row.tobytes() == all_rows[1:2].tobytes()


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_reach_their_windows_alone(isa, lowered, channels, value):
    x, w, b = random_arrays(1, 12, 18, channels, 20)
    for row, column in [(0, 0), (3, 4), (11, 17), (6, 9)]:
        x[0, row, column, 0] = value
        y, argmax = pooled_maps(lowered, [x, w, b], VALID, None)
        with np.errstate(invalid="ignore"):
            wanted, positions = reference.conv2d_max_pool(x, w, b, padding=VALID, activation=None)
        np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-4)
        np.testing.assert_array_equal(argmax[np.isnan(wanted)], positions[np.isnan(wanted)])
