"""Optimizer updates by NumPy against the sums written out with single numbers, and what all updates share."""

import math

import numpy as np
import pytest

from fastcnn import reference

LR, FIRST = np.array([0.1]), np.array([0])


def one(*values):
    return [np.array([value]) for value in values]


def test_sgd():
    (w,) = reference.update("sgd", *one(1.0, 2.0), LR, FIRST)
    assert w.item() == pytest.approx(0.8)


def test_momentum_over_two_steps():
    w, velocity = one(1.0, 0.0)
    for _ in range(2):
        w, velocity = reference.update("momentum", w, *one(2.0), velocity, LR, FIRST, momentum=0.5)
    assert velocity.item() == pytest.approx(-0.3)
    assert w.item() == pytest.approx(1 - 0.2 - 0.3)


def test_nesterov():
    w, velocity = reference.update("nesterov", *one(1.0, 2.0, 0.0), LR, FIRST, momentum=0.5)
    assert velocity.item() == pytest.approx(-0.2)
    assert w.item() == pytest.approx(1 - 0.3)


def test_adam_at_its_third_step():
    betas = {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 0.25}
    w, m, v = reference.update("adam", *one(1.0, 2.0, 0.5, 0.75), LR, np.array([2]), **betas)
    mean, square = 0.9 * 0.5 + 0.1 * 2, 0.99 * 0.75 + 0.01 * 4
    alpha = 0.1 * math.sqrt(1 - 0.99**3) / (1 - 0.9**3)
    assert m.item() == pytest.approx(mean)
    assert v.item() == pytest.approx(square)
    assert w.item() == pytest.approx(1 - alpha * mean / (math.sqrt(square) + 0.25))


def test_lamb_steps_by_the_length_of_the_weight():
    w = np.array([3.0, 4.0])
    after, _, _ = reference.update(
        "lamb", w, *(np.array([x, x]) for x in (1.0, 0.0, 0.0)), LR, FIRST, beta_1=0.9, beta_2=0.99, epsilon=0.0
    )
    np.testing.assert_allclose(after, w - 0.1 * 5 / math.sqrt(2))


def test_gradients_are_scaled_then_clipped_and_weights_decay_first():
    (w,) = reference.update("sgd", *one(1.0, 8.0), LR, FIRST, np.array([0.5]), scale=0.5, clip=1.5, weight_decay=2.0)
    assert w.item() == pytest.approx(0.8 - 0.15)


@pytest.mark.parametrize(("count", "expected"), [(0, 1.0), (1, 1.0), (2, 0.8)])
def test_only_the_last_step_of_several_updates(count, expected):
    (w,) = reference.update("sgd", *one(1.0, 2.0), LR, np.array([count]), steps=3)
    assert w.item() == pytest.approx(expected)


def test_norms():
    g = np.array([3.0, 4.0])
    assert reference.norm_scale(g, kind="each", limit=1.0, scale=1.0) == pytest.approx(0.2)
    assert reference.norm_scale(g, g, kind="global", limit=10.0, scale=1.0) == 1
    assert np.isnan(reference.norm_scale(g * np.inf, kind="global", limit=1.0, scale=1.0))


def test_weight_average():
    average, w = reference.weight_average(*one(1.0, 3.0), np.array([1]), momentum=0.75, every=2, steps=1)
    assert average.item() == w.item() == pytest.approx(1.5)
    average, w = reference.weight_average(*one(1.0, 3.0), np.array([0]), momentum=0.75, every=2, steps=1)
    assert average.item() == w.item() == 3
