"""Optimizer updates by NumPy against the sums written out with single numbers."""

import math

import numpy as np
import pytest

from fastcnn import reference

LR = np.array([0.1])


def one(*values):
    return [np.array([value]) for value in values]


def test_sgd():
    (w,) = reference.sgd_update(*one(1.0, 2.0), LR)
    assert w.item() == pytest.approx(0.8)


def test_momentum_over_two_steps():
    w, velocity = one(1.0, 0.0)
    for _ in range(2):
        w, velocity = reference.momentum_update(w, *one(2.0), velocity, LR, momentum=0.5, nesterov=False)
    assert velocity.item() == pytest.approx(-0.3)
    assert w.item() == pytest.approx(1 - 0.2 - 0.3)


def test_nesterov():
    w, velocity = reference.momentum_update(*one(1.0, 2.0, 0.0), LR, momentum=0.5, nesterov=True)
    assert velocity.item() == pytest.approx(-0.2)
    assert w.item() == pytest.approx(1 - 0.3)


def test_adam_at_its_third_step():
    betas = {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 0.25}
    w, m, v = reference.adam_update(*one(1.0, 2.0, 0.5, 0.75), LR, np.array([2]), **betas)
    mean, square = 0.9 * 0.5 + 0.1 * 2, 0.99 * 0.75 + 0.01 * 4
    alpha = 0.1 * math.sqrt(1 - 0.99**3) / (1 - 0.9**3)
    assert m.item() == pytest.approx(mean)
    assert v.item() == pytest.approx(square)
    assert w.item() == pytest.approx(1 - alpha * mean / (math.sqrt(square) + 0.25))
