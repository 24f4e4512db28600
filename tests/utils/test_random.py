"""The global seed governs fastcnn, Python and NumPy."""

import random

import numpy as np
import pytest

from fastcnn.utils import set_random_seed
from fastcnn.utils.random import next_seed


def draw():
    return [next_seed(), next_seed(), random.random(), np.random.rand()]


def test_same_seed_same_numbers():
    set_random_seed(7)
    first = draw()
    set_random_seed(np.int64(7))
    assert draw() == first
    set_random_seed(8)
    assert draw() != first


def test_seeds_differ_and_fit():
    set_random_seed(0)
    seeds = [next_seed() for _ in range(1000)]
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**62


def test_fresh_processes_differ(run_python):
    program = "from fastcnn.utils.random import next_seed; print(next_seed())"
    assert run_python(program) != run_python(program)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", None])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match="seed must be an integer from 0"):
        set_random_seed(seed)
