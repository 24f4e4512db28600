"""Sums, means and maxima over any axes: csrc/sum.c, and what csrc/reduce.c has of columns, through their lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core.reduction import Reduce

KERNELS = {"row_sums", "row_maxima", "column_maxima", "row_maxima_gradient", "column_maxima_gradient"}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def reduce(lowered, op, x, axis, keepdims=False):
    shape = np.sum(x, axis=axis, keepdims=keepdims).shape
    return lowered(op, [x], [(shape, "float32")], axis=axis, keepdims=keepdims)[0]


def check(lowered, x, axis, keepdims=False):
    count = np.prod([x.shape[i] for i in axis])
    exact = x.sum(axis=axis, dtype=np.float64, keepdims=keepdims)
    np.testing.assert_allclose(reduce(lowered, "sum", x, axis, keepdims), exact, rtol=1e-5, atol=2e-6 * count**0.5)
    if count > 0:
        np.testing.assert_allclose(
            reduce(lowered, "mean", x, axis, keepdims), exact / count, rtol=1e-5, atol=2e-6 / count**0.5
        )
        largest = reduce(lowered, "max", x, axis, keepdims)
        np.testing.assert_array_equal(largest, x.max(axis=axis, keepdims=keepdims))
    else:
        assert np.isnan(reduce(lowered, "mean", x, axis, keepdims)).all()


@given(
    data=st.data(), shape=st.lists(st.sampled_from([0, 1, 2, 3, 5, 17, 33]), min_size=1, max_size=4),
    keepdims=st.booleans(), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
@quick
def test_any_axes(isa, lowered, data, shape, keepdims, seed):
    axis = data.draw(st.lists(st.sampled_from(range(len(shape))), unique=True).map(tuple))
    check(lowered, draw(seed, *shape), axis, keepdims)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((100_003,), (0,)), ((3, 100_003), (1,)), ((100_003, 3), (0,)), ((5, 70, 3000), (1,)), ((2, 3000, 40), (0, 1)),
     ((4, 9, 300, 11), (0, 2)), ((40, 7, 7, 65), (1, 2)), ((3, 50, 2, 60), (1, 3)), ((300, 1000), (-2, -1))],
)  # fmt: skip
def test_chosen_shapes(isa, lowered, shape, axis):
    check(lowered, draw(0, *shape), axis)


def test_a_row_has_the_same_bits_in_any_batch(isa, lowered):
    x = draw(1, 9, 40, 3000)
    for axis in ((1,), (2,), (1, 2)):
        whole = reduce(lowered, "mean", x, axis)
        for rows in (slice(0, 1), slice(4, 7)):
            np.testing.assert_array_equal(reduce(lowered, "mean", np.ascontiguousarray(x[rows]), axis), whole[rows])


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    x = draw(2, 64, 55, 130)
    for axis in ((0,), (1,), (2,), (0, 2), (0, 1, 2)):
        same_bits(lambda axis=axis: [reduce(lowered, "sum", x, axis)])


def test_nan_and_infinity_stay(isa, lowered):
    x = np.zeros((3, 40, 20), np.float32)
    x[0, 39, 19], x[1, 5, 5] = np.nan, np.inf
    np.testing.assert_array_equal(reduce(lowered, "sum", x, (1, 2)), np.array([np.nan, np.inf, 0], np.float32))
    np.testing.assert_array_equal(reduce(lowered, "max", x, (1, 2)), np.array([np.nan, np.inf, 0], np.float32))
    np.testing.assert_array_equal(reduce(lowered, "max", x, (1,))[0], np.array([0] * 19 + [np.nan], np.float32))
    np.testing.assert_array_equal(reduce(lowered, "mean", x, (2,))[:, 39], np.array([np.nan, 0, 0], np.float32))


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="y must have 2 elements, received 3"):
        Reduce(np.zeros(6, np.float32), np.zeros(3, np.float32), op="sum", outer=2, reduce=3, inner=1, chunk=3)
    with pytest.raises(ValueError, match="op must be 'sum' or 'max', received 'min'"):
        Reduce(np.zeros(6, np.float32), np.zeros(2, np.float32), op="min", outer=2, reduce=3, inner=1, chunk=3)
    with pytest.raises(ValueError, match="no largest of no elements"):
        Reduce(np.zeros(0, np.float32), np.zeros(2, np.float32), op="max", outer=2, reduce=0, inner=1, chunk=1)


@pytest.mark.parametrize("with_nan", [False, True])
@pytest.mark.parametrize(("shape", "axis"), [
    ((3, 7, 70), (1,)), ((2, 5, 6, 17), (1, 2)), ((4, 33), (1,)), ((2, 3, 40), (2,)), ((3, 1, 5), (1,)),
    ((0, 4, 3), (1,)), ((2, 9, 1100), (1,)),
])  # fmt: skip
def test_gradient_of_maxima(isa, lowered, shape, axis, with_nan):
    random = np.random.default_rng(5)
    x = random.integers(0, 3, shape).astype(np.float32)
    if with_nan and x.size:
        x.flat[0] = np.nan
    y = x.max(axis=axis)
    dy = random.standard_normal(y.shape).astype(np.float32)
    (dx,) = lowered("max_gradient", [x, y, dy], [(shape, "float32")], axis=axis)
    np.testing.assert_allclose(dx, reference.max_gradient(x, y, dy, axis=axis), rtol=1e-6)
