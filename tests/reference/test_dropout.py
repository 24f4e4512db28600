"""Dropout's random numbers are Philox4x32-10's, and its masks have the rate asked for."""

import numpy as np
import pytest

from fastcnn.reference import dropout
from fastcnn.reference.dropout import philox, random_words

ONES = 0xFFFFFFFF

# Counter, key and result of the known-answer tests of the Random123 library.
KNOWN = [
    ([0, 0, 0, 0], (0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([ONES, ONES, ONES, ONES], (ONES, ONES), [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        (0xA4093822, 0x299F31D0),
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter, key, words):
    assert philox(np.array(counter, np.uint64)[:, None], key)[:, 0].tolist() == words


def test_words_depend_on_seed_step_and_salt_only():
    words = random_words(10, seed=1 << 40, step=2, salt=3)
    np.testing.assert_array_equal(words[:7], random_words(7, seed=1 << 40, step=2, salt=3))
    for seed, step, salt in [(1, 2, 3), (1 << 40, 3, 3), (1 << 40, 2, 4)]:
        assert not np.array_equal(words, random_words(10, seed, step, salt))


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.5, 0.9])
def test_rate(rate):
    x = np.ones((100, 200), "float32")
    y = dropout(x, np.array([7, 1]), rate=rate, salt=0)
    assert np.mean(y == 0) == pytest.approx(rate, abs=0.01)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)


def test_infinity_and_nan_are_dropped_too():
    x = np.full(1000, np.nan, "float32")
    y = dropout(x, np.array([7, 1]), rate=0.5, salt=0)
    assert 400 < np.isnan(y).sum() < 600
    assert (y[~np.isnan(y)] == 0).all()
