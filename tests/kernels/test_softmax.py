"""Softmax and its gradient: csrc/softmax.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core.softmax import Softmax

KERNELS = {"softmax", "softmax_gradient"}

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.tuples(st.integers(0, 5), st.integers(1, 3), st.sampled_from([1, 2, 3, 10, 16, 17, 33, 100, 1001]))
seeds = st.integers(0, 2**32 - 1)


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def softmax(lowered, x):
    return lowered("softmax", [x], [(x.shape, "float32")])[0]


def softmax_gradient(lowered, dy, y):
    return lowered("softmax_gradient", [dy, y], [(y.shape, "float32")])[0]


@given(shape=shapes, scale=st.sampled_from([0.1, 1, 30, 1e4]), seed=seeds)
@quick
def test_softmax(isa, lowered, shape, scale, seed):
    x = draw(seed, *shape) * np.float32(scale)
    wanted = reference.softmax(x.astype(np.float64))
    np.testing.assert_allclose(softmax(lowered, x), wanted, rtol=1e-5, atol=1e-9)


@given(shape=shapes, seed=seeds)
@quick
def test_softmax_gradient(isa, lowered, shape, seed):
    dy, y = draw(seed, *shape), reference.softmax(draw(seed + 1, *shape))
    wanted = reference.softmax_gradient(dy.astype(np.float64), y.astype(np.float64))
    np.testing.assert_allclose(softmax_gradient(lowered, dy, y), wanted, rtol=1e-5, atol=1e-6)


def test_special_values(isa, lowered):
    for length in (3, 16, 40):
        x = np.zeros((5, length), np.float32)
        x[0, -1], x[1, 0], x[2, 1], x[3], x[4, 1] = np.nan, np.nan, np.inf, -np.inf, -np.inf
        np.testing.assert_allclose(softmax(lowered, x), reference.softmax(x), rtol=1e-6)


def test_a_row_has_the_same_bits_in_any_batch(isa, lowered):
    x = draw(5, 7, 37)
    np.testing.assert_array_equal(softmax(lowered, np.ascontiguousarray(x[3:4])), softmax(lowered, x)[3:4])


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    x = draw(6, 1000, 101)
    (y,) = same_bits(lambda: [softmax(lowered, x)])
    same_bits(lambda: [softmax_gradient(lowered, x, y)])


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match=r"y must have shape \(2, 3\), received \(2, 4\)"):
        Softmax(np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32))
    with pytest.raises(ValueError, match="x must have at least one axis"):
        Softmax(np.zeros((), np.float32), np.zeros((), np.float32))
