"""Random numbers against those of `keras.random`: shapes, types, and the same distributions."""

import inspect

import numpy as np
import pytest

from fastcnn import random

SHAPE = (200, 40)
CASES = [
    ("uniform", (SHAPE, -1.0, 3.0), {}),
    ("normal", (SHAPE, 2.0, 0.5), {}),
    ("truncated_normal", (SHAPE, 2.0, 0.5), {}),
    ("randint", (SHAPE, -2, 5), {}),
    ("gamma", (SHAPE, 2.5), {}),
    ("beta", (SHAPE, 2.0, 3.0), {}),
    ("binomial", (SHAPE, 7.0, 0.3), {}),
    ("categorical", (np.log([[0.2, 0.3, 0.5]] * 20).astype("float32"), 400), {}),
    ("dropout", (np.ones(SHAPE, "float32"), 0.3), {}),
    ("dropout", (np.ones((2000, 4), "float32"), 0.3), {"noise_shape": (2000, 1)}),
    ("shuffle", (np.arange(400, dtype="float32"),), {}),
]
CHECKED = {"random": {*(name for name, *_ in CASES), "SeedGenerator"}}


@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_distribution(keras, name, arguments, options):
    ours = getattr(random, name)(*arguments, seed=1, **options)
    theirs = np.asarray(getattr(keras.random, name)(*arguments, seed=1, **options))
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    spread = theirs.std()
    assert abs(ours.mean() - theirs.mean()) < 0.1 * spread
    assert ours.std() == pytest.approx(spread, rel=0.1)
    quantiles = np.linspace(0.05, 0.95, 7)
    distance = np.abs(np.quantile(ours, quantiles) - np.quantile(theirs, quantiles)).max()
    assert distance <= (1 if name in ("randint", "binomial", "categorical") else 0.15 * spread)
    first = inspect.signature(getattr(random, name)).parameters
    assert list(first) == list(inspect.signature(getattr(keras.random, name)).parameters)


def test_generators(keras):
    for package in (random, keras.random):
        source = package.SeedGenerator(seed=3)
        assert source.get_config()["seed"] == 3
        draws = [np.asarray(package.normal((4,), seed=source)) for _ in range(2)]
        assert not np.array_equal(*draws)
        again = package.SeedGenerator.from_config(source.get_config())
        assert np.array_equal(draws[0], np.asarray(package.normal((4,), seed=again)))
