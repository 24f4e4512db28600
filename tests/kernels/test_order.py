"""Ranks within rows, places among bounds, running sums, counts by number: csrc/order.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core.order import ArgMax, BinCount, SearchSorted, TopK, bincount_partials

KERNELS = {"argmax", "top_k", "searchsorted", "cumulative_sums", "bincount"}

quick = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.tuples(st.sampled_from([0, 1, 2, 7, 33]), st.sampled_from([1, 2, 3, 10, 16, 17, 33, 100]))
seeds = st.integers(0, 2**32 - 1)


def draw(seed, shape, special=0.0):
    """Numbers of which many are equal, and some are special."""
    random = np.random.default_rng(seed)
    x = random.integers(-4, 5, shape).astype(np.float32)
    x[random.random(shape) < 0.05] = special
    return x


@given(shape=shapes, seed=seeds, special=st.sampled_from([0, np.nan, np.inf, -np.inf]), share=st.floats(0, 1))
@quick
def test_largest_of_rows(isa, lowered, shape, seed, special, share):
    x = draw(seed, shape, special)
    position = lowered("argmax", [x], [(shape[:1], "int32")])[0]
    np.testing.assert_array_equal(position, reference.argmax(x))
    k = max(1, int(share * shape[1]))
    best = lowered("top_k", [x], [((shape[0], k), "float32"), ((shape[0], k), "int32")], k=k)
    for got, wanted in zip(best, reference.top_k(x, k=k), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_ties_go_to_the_first(isa, lowered):
    x = np.zeros((2, 40), np.float32)
    x[1, [30, 5]] = np.nan
    _, positions = lowered("top_k", [x], [((2, 3), "float32"), ((2, 3), "int32")], k=3)
    np.testing.assert_array_equal(positions, [[0, 1, 2], [5, 30, 0]])


@given(count=st.sampled_from([0, 1, 2, 3, 7, 200]), size=st.sampled_from([0, 1, 33, 1000]), seed=seeds)
@pytest.mark.parametrize("side", ["left", "right"])
@quick
def test_searchsorted(isa, lowered, side, count, size, seed):
    bounds, x = np.sort(draw(seed, count)), draw(seed + 1, size, np.nan)
    got = lowered("searchsorted", [bounds, x], [(x.shape, "int32")], side=side)[0]
    np.testing.assert_array_equal(got, reference.searchsorted(bounds, x, side=side))
    known = ~np.isnan(x)
    np.testing.assert_array_equal(got[known], np.searchsorted(bounds, x[known], side))


@given(shape=st.lists(st.sampled_from([0, 1, 2, 5, 17, 40]), min_size=1, max_size=3), data=st.data(), seed=seeds)
@quick
def test_cumsum(isa, lowered, shape, data, seed):
    x = draw(seed, shape)
    for axis in range(len(shape)):
        for reverse in (False, True):
            got = lowered("cumsum", [x], [(x.shape, "float32")], axis=axis, reverse=reverse)[0]
            np.testing.assert_array_equal(got, reference.cumsum(x, axis=axis, reverse=reverse))


@pytest.mark.parametrize(("size", "bins"), [(0, 3), (1, 1), (100, 7), (200_000, 10), (140_000, 401)])
def test_bincount(isa, lowered, size, bins):
    random = np.random.default_rng(size)
    x = random.integers(-2, bins + 2, size).astype(np.int32)
    weights = random.integers(0, 9, size).astype(np.float32)
    for inputs in ([x], [x, weights]):
        got = lowered("bincount", inputs, [((bins,), "float32")], bins=bins)[0]
        np.testing.assert_array_equal(got, reference.bincount(*inputs, bins=bins))


def test_many_numbers_are_counted_in_several_tasks():
    assert bincount_partials(1000, 10) == 1
    assert bincount_partials(1 << 20, 10) == 16


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    random = np.random.default_rng(1)
    x = random.standard_normal((3000, 101), dtype=np.float32)
    numbers = random.integers(0, 12, 1 << 19).astype(np.int32)
    weights = random.standard_normal(1 << 19, dtype=np.float32)
    same_bits(lambda: lowered("top_k", [x], [((3000, 5), "float32"), ((3000, 5), "int32")], k=5))
    same_bits(lambda: lowered("cumsum", [x], [(x.shape, "float32")], axis=0, reverse=True))
    same_bits(lambda: lowered("bincount", [numbers, weights], [((12,), "float32")], bins=12))


def test_errors_name_the_argument():
    x, y = np.zeros((2, 3), np.float32), np.zeros(2, np.int32)
    with pytest.raises(ValueError, match=r"y must have shape \(2,\), received \(3,\)"):
        ArgMax(x, np.zeros(3, np.int32))
    with pytest.raises(ValueError, match="values must have at most 3 columns, as x has, received 4"):
        TopK(x, np.zeros((2, 4), np.float32), np.zeros((2, 4), np.int32))
    with pytest.raises(ValueError, match=r"bounds must have shape \(6,\)"):
        SearchSorted(x, x[0], np.zeros(3, np.int32), right=False)
    with pytest.raises(ValueError, match=r"weights must have shape \(2,\)"):
        BinCount(y, x, np.zeros((1, 4), np.float32))
