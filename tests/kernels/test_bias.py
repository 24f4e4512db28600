"""Sums over rows and rows added: the kernels of csrc/reduce.c through their calls."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.bias import AddBias, BiasGradient, SumPartials, bias_gradient_partials

KERNELS = {"column_sums", "add_row"}

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.tuples(
    st.sampled_from([0, 1, 2, 5, 33, 700, 3000]), st.sampled_from([1, 2, 3, 7, 10, 16, 31, 64, 130, 257])
)
seeds = st.integers(0, 2**32 - 1)


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def bias_gradient(dy):
    partials = np.full((bias_gradient_partials(dy.shape), dy.shape[-1]), np.nan, np.float32)
    gradient = np.full(dy.shape[-1], np.nan, np.float32)
    call.run(BiasGradient(dy, partials), SumPartials(partials, gradient))
    return gradient


@given(shape=shapes, seed=seeds)
@quick
def test_sum_partials(isa, shape, seed):
    partials = draw(seed, *shape)
    out = np.full(shape[1], np.nan, np.float32)
    call.run(SumPartials(partials, out))
    np.testing.assert_allclose(out, partials.sum(0, dtype=np.float64), rtol=1e-5, atol=1e-5 * max(shape[0], 1) ** 0.5)


@given(count=st.integers(0, 9), shape=st.lists(st.integers(1, 40), min_size=0, max_size=3), seed=seeds)
@quick
def test_few_partials_of_any_shape(isa, count, shape, seed):
    partials = draw(seed, count, *shape)
    out = np.full(shape, np.nan, np.float32)
    call.run(SumPartials(partials, out))
    np.testing.assert_allclose(out, partials.sum(0, dtype=np.float64), rtol=1e-5, atol=1e-5)


@given(shape=shapes, seed=seeds)
@quick
def test_bias_gradient(isa, shape, seed):
    dy = draw(seed, *shape)
    np.testing.assert_allclose(
        bias_gradient(dy),
        reference.bias_gradient(dy.astype(np.float64)),
        rtol=1e-5,
        atol=1e-5 * max(shape[0], 1) ** 0.5,
    )


@given(shape=shapes, seed=seeds)
@quick
def test_add_bias(isa, shape, seed):
    x, bias = draw(seed, *shape), draw(seed + 1, shape[1])
    y = np.full(shape, np.nan, np.float32)
    call.run(AddBias(x, bias, y))
    np.testing.assert_array_equal(y, reference.add_bias(x, bias))
    call.run(AddBias(x, bias, x))
    np.testing.assert_array_equal(x, y)


def test_nan_stays(isa):
    x = np.zeros((40, 5), np.float32)
    x[7, 3] = np.nan
    assert np.isnan(bias_gradient(x)).tolist() == [False, False, False, True, False]


def test_bits_do_not_depend_on_threads(isa):
    dy = draw(1, 32, 26, 26, 64)
    before = call.get_num_threads()
    results = []
    for threads in (1, 2):
        call.set_num_threads(threads)
        results.append(bias_gradient(dy).tobytes())
    call.set_num_threads(before)
    assert results[0] == results[1]


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match=r"partials must have shape \(P,\) \+ \(3,\), received \(2, 4\)"):
        SumPartials(np.zeros((2, 4), np.float32), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"bias must have shape \(4,\)"):
        AddBias(np.zeros((2, 4), np.float32), np.zeros(3, np.float32), np.zeros((2, 4), np.float32))
    with pytest.raises(TypeError, match="float32"):
        SumPartials(np.zeros((2, 3)), np.zeros(3, np.float32))
