"""Picking along an axis by number, and its gradient: csrc/take.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core.take import Take

KERNELS = {"take", "take_gradient"}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.sampled_from([1, 2, 3, 17, 40])
seeds = st.integers(0, 2**32 - 1)


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def numbers(seed, count, *shape):
    """Numbers of elements, from both ends, some outside."""
    return np.random.default_rng(seed).integers(-count - 1, count + 1, shape).astype(np.int32)


@given(outer=st.sampled_from([0, 1, 3]), count=sizes, inner=st.sampled_from([0, 1, 5, 33]), picks=st.integers(0, 9),
       seed=seeds)  # fmt: skip
@quick
def test_along_an_axis(isa, lowered, outer, count, inner, picks, seed):
    x, indices = draw(seed, outer, count, inner), numbers(seed, count, picks)
    y = lowered("take", [x, indices], [((outer, picks, inner), "float32")], axis=1)[0]
    np.testing.assert_array_equal(y, reference.take(x, indices, axis=1))
    dy = draw(seed + 1, outer, picks, inner)
    dx = lowered("take_gradient", [indices, dy], [(x.shape, "float32")], axis=1, count=count)[0]
    np.testing.assert_array_equal(dx, reference.take_gradient(indices, dy, axis=1, count=count))


@given(rows=st.sampled_from([0, 1, 9]), count=sizes, picks=st.integers(0, 9), seed=seeds)
@quick
def test_of_each_row(isa, lowered, rows, count, picks, seed):
    x, indices = draw(seed, rows, count), numbers(seed, count, rows, picks)
    y = lowered("take_along", [x, indices], [((rows, picks), "float32")])[0]
    np.testing.assert_array_equal(y, reference.take_along(x, indices))
    dy = draw(seed + 1, rows, picks)
    dx = lowered("take_along_gradient", [indices, dy], [(x.shape, "float32")], count=count)[0]
    np.testing.assert_array_equal(dx, reference.take_along_gradient(indices, dy, count=count))


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    table, words = draw(0, 500, 300), numbers(1, 500, 2000)
    same_bits(lambda: lowered("take", [table, words], [((2000, 300), "float32")], axis=0))
    dy = draw(2, 2000, 300)
    same_bits(lambda: lowered("take_gradient", [words, dy], [(table.shape, "float32")], axis=0, count=500))


def test_errors_name_the_argument():
    x, y, indices = np.zeros((2, 3), np.float32), np.zeros(5, np.float32), np.zeros(2, np.int32)
    with pytest.raises(ValueError, match="x must have 8 elements, received 6"):
        Take(x, indices, y, outer=1, count=4, inner=2, shared=True)
    with pytest.raises(ValueError, match=r"y must have 6 elements for indices of shape \(2,\), received 5"):
        Take(x, indices, y, outer=1, count=2, inner=3, shared=True)
