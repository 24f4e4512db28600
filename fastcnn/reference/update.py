"""In-place updates: what optimizers do to weights. Here they return the new values and leave their inputs alone.

A rule takes the gradient g, the weight w and its slots, all of one shape, the learning rate `lr`, the number `t` of the
update, from 1, and its options; it returns the new weight and slots. `update` is what all of them share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]


def sgd(g: np.ndarray, w: np.ndarray, *, lr: float, t: int) -> Arrays:
    """A step down the gradient."""
    return (w - lr * g,)


def momentum(g: np.ndarray, w: np.ndarray, velocity: np.ndarray, *, lr: float, t: int, momentum: float) -> Arrays:
    """A step along the velocity, to which each gradient adds."""
    velocity = momentum * velocity - lr * g
    return w + velocity, velocity


def nesterov(g: np.ndarray, w: np.ndarray, velocity: np.ndarray, *, lr: float, t: int, momentum: float) -> Arrays:
    """The same, one step ahead."""
    velocity = momentum * velocity - lr * g
    return w + momentum * velocity - lr * g, velocity


def moments(g: np.ndarray, m: np.ndarray, v: np.ndarray, beta_1: float, beta_2: float) -> Arrays:
    """Running means of the gradient and of its square."""
    return m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)


def adam(
    g: np.ndarray, w: np.ndarray, m: np.ndarray, v: np.ndarray,
    *, lr: float, t: int, beta_1: float, beta_2: float, epsilon: float,
) -> Arrays:  # fmt: skip
    """Steps by the running mean m of the gradient, divided by the root of that, v, of its square."""
    m, v = moments(g, m, v, beta_1, beta_2)
    return w - corrected(lr, t, beta_1, beta_2) * m / (np.sqrt(v) + epsilon), m, v


def amsgrad(
    g: np.ndarray, w: np.ndarray, m: np.ndarray, v: np.ndarray, largest: np.ndarray,
    *, lr: float, t: int, beta_1: float, beta_2: float, epsilon: float,
) -> Arrays:  # fmt: skip
    """Adam with the largest v so far."""
    m, v = moments(g, m, v, beta_1, beta_2)
    largest = np.maximum(largest, v)
    return w - corrected(lr, t, beta_1, beta_2) * m / (np.sqrt(largest) + epsilon), m, v, largest


def corrected(lr: float, t: int, beta_1: float, beta_2: float) -> float:
    """Adam's step, corrected for means that start at 0."""
    return lr * float(np.sqrt(1 - beta_2**t)) / (1 - beta_1**t)


def adamax(
    g: np.ndarray, w: np.ndarray, m: np.ndarray, u: np.ndarray,
    *, lr: float, t: int, beta_1: float, beta_2: float, epsilon: float,
) -> Arrays:  # fmt: skip
    """Adam by the infinity norm."""
    m, u = m + (g - m) * (1 - beta_1), np.maximum(beta_2 * u, np.abs(g))
    return w - lr / (1 - beta_1**t) * m / (u + epsilon), m, u


def nadam_momentum(beta_1: float, t: int) -> float:
    """How much of the momentum Nadam takes in its step number t."""
    return beta_1 * (1 - 0.5 * 0.96**t)


def nadam(
    g: np.ndarray, w: np.ndarray, m: np.ndarray, v: np.ndarray,
    *, lr: float, t: int, state: float, beta_1: float, beta_2: float, epsilon: float,
) -> Arrays:  # fmt: skip
    """Adam with Nesterov's momentum; `state` is the product of all momenta up to this step's."""
    m, v = moments(g, m, v, beta_1, beta_2)
    now, following = nadam_momentum(beta_1, t), nadam_momentum(beta_1, t + 1)
    mean = following * m / (1 - state * following) + (1 - now) * g / (1 - state)
    return w - lr * mean / (np.sqrt(v / (1 - beta_2**t)) + epsilon), m, v


def rmsprop(g: np.ndarray, w: np.ndarray, v: np.ndarray, *, lr: float, t: int, rho: float, epsilon: float) -> Arrays:
    """The gradient divided by the root of the running mean v of its square."""
    v = rho * v + (1 - rho) * g * g
    return w - lr * g / np.sqrt(v + epsilon), v


def rmsprop_momentum(
    g: np.ndarray, w: np.ndarray, v: np.ndarray, speed: np.ndarray,
    *, lr: float, t: int, rho: float, epsilon: float, momentum: float,
) -> Arrays:  # fmt: skip
    """The same with momentum."""
    v = rho * v + (1 - rho) * g * g
    speed = momentum * speed + lr * g / np.sqrt(v + epsilon)
    return w - speed, v, speed


def rmsprop_centered(
    g: np.ndarray, w: np.ndarray, v: np.ndarray, mean: np.ndarray, *, lr: float, t: int, rho: float, epsilon: float
) -> Arrays:
    """The same by the variance of the gradient, whose mean is kept too."""
    v, mean = rho * v + (1 - rho) * g * g, rho * mean + (1 - rho) * g
    return w - lr * g / np.sqrt(v - mean * mean + epsilon), v, mean


def rmsprop_centered_momentum(
    g: np.ndarray, w: np.ndarray, v: np.ndarray, speed: np.ndarray, mean: np.ndarray,
    *, lr: float, t: int, rho: float, epsilon: float, momentum: float,
) -> Arrays:  # fmt: skip
    """The same with both."""
    v, mean = rho * v + (1 - rho) * g * g, rho * mean + (1 - rho) * g
    speed = momentum * speed + lr * g / np.sqrt(v - mean * mean + epsilon)
    return w - speed, v, speed, mean


def adagrad(g: np.ndarray, w: np.ndarray, total: np.ndarray, *, lr: float, t: int, epsilon: float) -> Arrays:
    """The gradient divided by the root of the sum of all its squares."""
    total = total + g * g
    return w - lr * g / np.sqrt(total + epsilon), total


def adadelta(
    g: np.ndarray, w: np.ndarray, v: np.ndarray, d: np.ndarray, *, lr: float, t: int, rho: float, epsilon: float
) -> Arrays:
    """Steps as long as the steps before them: v and d are the running means of the squares of gradient and step."""
    v = rho * v + (1 - rho) * g * g
    step = np.sqrt(d + epsilon) * g / np.sqrt(v + epsilon)
    return w - lr * step, v, rho * d + (1 - rho) * step * step


def lion(g: np.ndarray, w: np.ndarray, m: np.ndarray, *, lr: float, t: int, beta_1: float, beta_2: float) -> Arrays:
    """Steps of one length, by the sign of momentum and gradient."""
    return w - lr * np.sign(beta_1 * m + (1 - beta_1) * g), beta_2 * m + (1 - beta_2) * g


def lamb(
    g: np.ndarray, w: np.ndarray, m: np.ndarray, v: np.ndarray,
    *, lr: float, t: int, beta_1: float, beta_2: float, epsilon: float,
) -> Arrays:  # fmt: skip
    """Adam's step, made as long as the weight."""
    m, v = moments(g, m, v, beta_1, beta_2)
    step = m / (1 - beta_1**t) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
    lengths = float(np.linalg.norm(w)), float(np.linalg.norm(step))
    return w - lr * (lengths[0] / lengths[1] if all(lengths) else 1.0) * step, m, v


def ftrl(
    g: np.ndarray, w: np.ndarray, total: np.ndarray, linear: np.ndarray,
    *, lr: float, t: int, learning_rate_power: float, l1: float, l2: float, l2_shrinkage: float, beta: float,
) -> Arrays:  # fmt: skip
    """Follow the regularized leader; small weights become exactly 0."""
    new = total + g * g
    root, root_before = new**-learning_rate_power, total**-learning_rate_power
    linear = linear + g + 2 * l2_shrinkage * w - (root - root_before) / lr * w
    w = (np.clip(linear, -l1, l1) - linear) / (root / lr + 2 * (l2 + beta / (2 * lr)))
    return w, new, linear


SLOTS: dict[Callable[..., Arrays], int] = {
    sgd: 0,
    momentum: 1,
    nesterov: 1,
    adam: 2,
    amsgrad: 3,
    adamax: 2,
    nadam: 2,
    rmsprop: 1,
    rmsprop_momentum: 2,
    rmsprop_centered: 2,
    rmsprop_centered_momentum: 3,
    adagrad: 1,
    adadelta: 2,
    lion: 1,
    lamb: 2,
    ftrl: 2,
}
"""The rules, and how many slots each has."""

RULES: dict[str, Callable[..., Arrays]] = {rule.__name__: rule for rule in SLOTS}


def update(
    rule: str, w: np.ndarray, g: np.ndarray, *rest: np.ndarray,
    scale: float = 1.0, clip: float = np.inf, weight_decay: float = 0.0, steps: int = 1, **options: Any,
) -> Arrays:  # fmt: skip
    """A weight and its slots, updated by a rule.

    Args:
        rule: A name of `RULES`.
        w: The weight.
        g: Its gradient.
        rest: The slots, the learning rate (1,), the count of steps (1,), the state of Nadam (1,), and a number (1,)
            to multiply the gradient with, if there is one.
        scale, clip: The gradient is multiplied by `scale`, then limited to -clip ... clip.
        weight_decay: Share of the weight, times the learning rate, that it loses before.
        steps: Only the last of so many steps updates anything.
        options: What the rule takes.
    """
    count = SLOTS[RULES[rule]]
    slots, (lr, iteration, *more) = rest[:count], rest[count:]
    if (int(iteration[0]) + 1) % steps:
        return w.copy(), *(slot.copy() for slot in slots)
    if rule == "nadam":
        options["state"] = float(more.pop(0)[0])
    if more:
        scale = scale * float(more[0][0])
    rate = float(lr[0])
    g, w = np.clip(g * scale, -clip, clip), w * (1 - weight_decay * rate)
    return RULES[rule](g, w, *slots, lr=rate, t=int(iteration[0]) // steps + 1, **options)


def matmul_update(rule: str, x: np.ndarray, dy: np.ndarray, w: np.ndarray, *rest: np.ndarray, **options: Any) -> Arrays:
    """The same for the weights (K, N) of a dense layer with inputs x (M, K) and output gradients dy (M, N)."""
    return update(rule, w, x.T @ dy, *rest, **options)


def accumulate_gradient(total: np.ndarray, g: np.ndarray, iteration: np.ndarray, *, steps: int) -> Arrays:
    """The sum of the gradients of so many steps: begun anew in the first of them."""
    return (g.copy() if iteration[0] % steps == 0 else total + g,)


def weight_average(
    average: np.ndarray, w: np.ndarray, iteration: np.ndarray, *, momentum: float, every: int, steps: int
) -> Arrays:
    """The running mean of a weight, and the weight: every so many updates it is set to that mean."""
    updates = int(iteration[0]) // steps
    momentum = momentum if updates else 0.0
    average = momentum * average + (1 - momentum) * w
    return average, average if every and (updates + 1) % every == 0 else w.copy()


def norm_scale(*gradients: np.ndarray, kind: str, limit: float, scale: float) -> np.ndarray:
    """What gradients are multiplied by so that their norm, all together and times `scale`, is at most `limit`."""
    length = np.sqrt(sum(np.square(g.astype(np.float64)).sum() for g in gradients)) * scale
    factor = 1.0 if length <= limit else limit / length
    if kind == "global" and not np.isfinite(length):
        factor = np.nan
    return np.array([factor], np.result_type(*gradients))


def nadam_state(product: np.ndarray, iteration: np.ndarray, *, beta_1: float, steps: int) -> Arrays:
    """The product of Nadam's momenta, with that of this update."""
    if (int(iteration[0]) + 1) % steps:
        return (product.copy(),)
    return (product * product.dtype.type(nadam_momentum(beta_1, int(iteration[0]) // steps + 1)),)


def assign(target: np.ndarray, value: np.ndarray) -> Arrays:
    """The value, in the place of the target."""
    return (value.astype(target.dtype),)


def increment(counter: np.ndarray) -> tuple[np.ndarray]:
    """A counter (n,), int64, with one added to its last element."""
    counter = counter.copy()
    counter[-1] += 1
    return (counter,)
