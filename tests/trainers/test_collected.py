"""Outputs of batches, gathered."""

import tracemalloc

import numpy as np
import pytest

from fastcnn.trainers.collected import Collected


@pytest.mark.parametrize("known", [True, False])
def test_rows_of_all_batches(known):
    rng = np.random.default_rng(0)
    batches = [[rng.random((n, 3), np.float32), rng.random((n,), np.float32)] for n in (7, 7, 1, 40, 2)]
    collected = Collected(57 if known else None)
    taken = [collected.add(batch) for batch in batches]
    result = collected.result()
    for number, array in enumerate(result):
        np.testing.assert_array_equal(array, np.concatenate([batch[number] for batch in batches]))
    for batch, given in zip(batches, taken, strict=True):
        for one, other in zip(batch, given, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_unknown_number_of_rows_takes_no_second_copy():
    batch = [np.ones((1024, 1024), "float32")]
    tracemalloc.start()
    try:
        collected = Collected(None)
        for _ in range(16):
            collected.add(batch)
        (result,) = collected.result()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.shape == (16 * 1024, 1024)
    assert peak < 1.3 * result.nbytes
