"""In-place updates: what optimizers do to weights. Here they return the new values and leave their inputs alone.

w are weights of any shape, g their gradient, lr the learning rate (1,), iteration the number of updates so far, (1,).
"""

from __future__ import annotations

import numpy as np


def sgd_update(w: np.ndarray, g: np.ndarray, lr: np.ndarray) -> tuple[np.ndarray]:
    """One step down the gradient."""
    return (w - lr[0] * g,)


def momentum_update(
    w: np.ndarray, g: np.ndarray, velocity: np.ndarray, lr: np.ndarray, *, momentum: float, nesterov: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A step along the velocity, to which each gradient adds; Nesterov's looks one step ahead. Returns (w, velocity)"""
    velocity = momentum * velocity - lr[0] * g
    step = momentum * velocity - lr[0] * g if nesterov else velocity
    return w + step, velocity


def adam_update(
    w: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: np.ndarray,
    iteration: np.ndarray,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adam as Keras has it: steps by the running mean m of the gradient, divided by the root of that, v, of its square.
    Returns (w, m, v)."""
    t = int(iteration[0]) + 1
    alpha = w.dtype.type(float(lr[0]) * np.sqrt(1 - beta_2**t) / (1 - beta_1**t))
    m = m + (g - m) * (1 - beta_1)
    v = v + (g * g - v) * (1 - beta_2)
    return w - alpha * m / (np.sqrt(v) + epsilon), m, v


def matmul_sgd_update(x: np.ndarray, dy: np.ndarray, w: np.ndarray, lr: np.ndarray) -> tuple[np.ndarray]:
    """The step for the weights (K, N) of a dense layer with inputs x (M, K) and output gradients dy (M, N)."""
    return sgd_update(w, x.T @ dy, lr)


def matmul_momentum_update(
    x: np.ndarray,
    dy: np.ndarray,
    w: np.ndarray,
    velocity: np.ndarray,
    lr: np.ndarray,
    *,
    momentum: float,
    nesterov: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """The same with momentum. Returns (w, velocity)."""
    return momentum_update(w, x.T @ dy, velocity, lr, momentum=momentum, nesterov=nesterov)


def matmul_adam_update(
    x: np.ndarray,
    dy: np.ndarray,
    w: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    lr: np.ndarray,
    iteration: np.ndarray,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same by Adam. Returns (w, m, v)."""
    return adam_update(w, x.T @ dy, m, v, lr, iteration, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)


def assign(target: np.ndarray, value: np.ndarray) -> tuple[np.ndarray]:
    """The value, in the place of the target."""
    return (value.astype(target.dtype),)


def increment(counter: np.ndarray) -> tuple[np.ndarray]:
    """A counter (n,), int64, with one added to its last element."""
    counter = counter.copy()
    counter[-1] += 1
    return (counter,)
