"""Memory used again: only what nobody holds."""

import numpy as np

from fastcnn.plan.recycling import LEAST_BYTES, MOST_BYTES, Pool

LARGE = (LEAST_BYTES // 4,)


def test_memory_that_nobody_holds_is_used_again():
    pool = Pool()
    first = pool.empty(LARGE)
    address = first.ctypes.data
    second = pool.empty(LARGE)
    assert second.ctypes.data != address
    del first
    third = pool.empty((LARGE[0] // 2, 2), "int32")
    assert third.dtype == np.int32
    assert third.shape == (LARGE[0] // 2, 2)
    assert third.ctypes.data == address or not pool.unheld


def test_views_hold_memory():
    pool = Pool()
    for hold in (lambda x: x[3:5], lambda x: x.reshape(2, -1).T, memoryview, lambda x: [x]):
        held = hold(pool.empty(LARGE))
        before = np.array(held[0], copy=True) if not isinstance(held, list) else held[0].copy()
        pool.empty(LARGE).fill(before.flat[0] + 1 if before.size else 1)
        after = np.array(held[0], copy=True) if not isinstance(held, list) else held[0]
        assert np.array_equal(before, after, equal_nan=True)
        del held


def test_small_arrays_and_too_many_are_not_kept():
    pool = Pool()
    pool.empty((10,))
    assert not pool.kept
    held = [pool.empty((MOST_BYTES // 8,)) for _ in range(3)]
    assert sum(array.nbytes for array in pool.kept) <= MOST_BYTES
    assert len(held) == 3
