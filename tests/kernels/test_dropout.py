"""Dropout: csrc/dropout.c through its lowering; masks are the reference's, bit for bit, on every instruction set."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.dropout import Dropout

KERNELS = {"dropout"}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def dropout(lowered, x, state, rate, salt):
    return lowered("dropout", [x, state], [(x.shape, "float32")], rate=rate, salt=salt)[0]


@given(
    size=st.sampled_from([0, 1, 2, 3, 4, 5, 15, 31, 33, 64, 127, 1000, 40_001]),
    rate=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 0.999]) | st.floats(0, 0.99),
    seed=st.integers(-(2**63), 2**63 - 1), step=st.integers(0, 2**40), salt=st.integers(0, 2**32 - 1),
)  # fmt: skip
@quick
def test_same_bits_as_the_reference(isa, lowered, size, rate, seed, step, salt):
    x = np.random.default_rng(1).standard_normal(size, dtype=np.float32)
    state = np.array([seed, step], np.int64)
    wanted = reference.dropout(x, state, rate=rate, salt=salt)
    np.testing.assert_array_equal(dropout(lowered, x, state, rate, salt), wanted)


def test_known_answer_of_philox():
    """The published test vector of Philox4x32-10 for the counter and key of zeros."""
    words = reference.dropout.__globals__["random_words"](4, 0, 0, 0)
    assert [hex(word) for word in words] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]


def test_state_is_read_when_the_call_runs(isa):
    x, y, state = np.ones(1000, np.float32), np.empty(1000, np.float32), np.array([7, 0], np.int64)
    plan = call.Plan([Dropout(x, state, y, rate=0.5, salt=3)])
    results = []
    for step in (0, 1, 0):
        state[1] = step
        plan.run()
        results.append(y.tobytes())
    assert results[0] == results[2] != results[1]


def test_dropped_elements_are_zero_even_if_not_finite(isa, lowered):
    state = np.array([1, 2], np.int64)
    kept = dropout(lowered, np.ones(4000, np.float32), state, 0.5, 0) != 0
    y = dropout(lowered, np.full(4000, np.nan, np.float32), state, 0.5, 0)
    np.testing.assert_array_equal(np.isnan(y), kept)
    assert 1800 < kept.sum() < 2200


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    x = np.random.default_rng(2).standard_normal((300, 401), dtype=np.float32)
    same_bits(lambda: [dropout(lowered, x, np.array([5, 6], np.int64), 0.3, 1)])


def test_errors_name_the_argument():
    x, state = np.zeros(3, np.float32), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="rate must be at least 0 and less than 1, received 1"):
        Dropout(x, state, x, rate=1, salt=0)
    with pytest.raises(TypeError, match="int64"):
        Dropout(x, np.zeros(2), x, rate=0.5, salt=0)
