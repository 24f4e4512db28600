"""JAX without Keras: one jitted training step with donated state, the batch gathered inside it."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from programs import Program

BETA_1, BETA_2, EPSILON, RATE = 0.9, 0.999, 1e-7, 1e-3


def glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """A kernel, Glorot-uniform."""
    limit = (6 / (int(np.prod(shape[:-2])) * (shape[-2] + shape[-1]))) ** 0.5
    return jnp.asarray(rng.uniform(-limit, limit, shape).astype(np.float32))


def initial(program: Program, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Glorot-uniform kernels and zero biases, or gamma and beta, one entry per layer that has weights."""
    height, width, channels = program.input_shape
    flat, weights = 0, []
    for kind, number in program.parsed():
        size = int(number)
        if kind == "conv":
            shape: tuple[int, ...] = (3, 3, channels, size)
            height, width, channels = height - 2, width - 2, size
        elif kind == "conv same":
            shape, channels = (3, 3, channels, size), size
        elif kind == "separable":
            depthwise, pointwise = glorot(rng, (3, 3, 1, channels)), glorot(rng, (1, 1, channels, size))
            weights.append({"kernel": depthwise, "pointwise": pointwise})
            channels = size
            continue
        elif kind == "bn":
            weights.append({"gamma": jnp.ones(channels), "beta": jnp.zeros(channels)})
            continue
        elif kind in ("dense", "classes"):
            shape, flat = (flat, size), size
        else:
            if kind == "pool":
                height, width = height // 2, width // 2
            flat = {"flatten": height * width * channels, "gap": channels}.get(kind, flat)
            continue
        weights.append({"kernel": glorot(rng, shape)})
        if kind != "conv same":
            weights[-1]["bias"] = jnp.zeros(size, jnp.float32)
    return weights


def initial_averages(weights: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Moving mean and variance of each batch normalisation."""
    return [(jnp.zeros_like(w["gamma"]), jnp.ones_like(w["gamma"])) for w in weights if "gamma" in w]


def logits(
    program: Program, weights: list[dict[str, Any]], averages: list[tuple[Any, Any]], x: Any, key: Any = None
) -> tuple[Any, list[tuple[Any, Any]]]:
    """The model up to its softmax, and the moving averages after it. In training `key` drops units; None: testing."""
    layer, moving, moved = iter(weights), iter(averages), []
    for kind, number in program.parsed():
        if kind == "conv":
            w = next(layer)
            x = lax.conv_general_dilated(x, w["kernel"], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.nn.relu(x + w["bias"])
        elif kind == "conv same":
            w = next(layer)
            x = lax.conv_general_dilated(x, w["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        elif kind == "separable":
            w = next(layer)
            x = lax.conv_general_dilated(
                x,
                w["kernel"],
                (1, 1),
                "SAME",
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
                feature_group_count=x.shape[-1],
            )
            x = lax.conv_general_dilated(x, w["pointwise"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        elif kind == "bn":
            w, statistics = next(layer), next(moving)
            if key is not None:
                of_batch = x.mean((0, 1, 2)), x.var((0, 1, 2))
                moved.append(tuple(0.99 * old + 0.01 * new for old, new in zip(statistics, of_batch, strict=True)))
                statistics = of_batch
            x = (x - statistics[0]) * (w["gamma"] * lax.rsqrt(statistics[1] + 1e-3)) + w["beta"]
        elif kind == "relu":
            x = jax.nn.relu(x)
        elif kind == "gap":
            x = x.mean((1, 2))
        elif kind == "pool":
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        elif kind == "dropout":
            if key is not None:
                x = jnp.where(jax.random.bernoulli(key, 1 - number, x.shape), x / (1 - number), 0)
        else:
            w = next(layer)
            x = x @ w["kernel"] + w["bias"]
            x = jax.nn.relu(x) if kind == "dense" else x
    return x, moved


def loss(program: Program, weights: list[dict[str, Any]], averages: Any, x: Any, y: Any, key: Any) -> tuple[Any, Any]:
    """Mean cross-entropy, and the moving averages."""
    outputs, averages = logits(program, weights, averages, x, key)
    predicted = jax.nn.log_softmax(outputs)
    return -jnp.take_along_axis(predicted, y[:, None], axis=1).mean(), averages


def step(program: Program, state: Any, x: Any, y: Any, picked: Any) -> Any:
    """One step of Adam on the images `picked`."""
    weights, averages, moments, count = state
    key = jax.random.fold_in(jax.random.key(1), count.astype(jnp.uint32))
    of_loss = jax.grad(partial(loss, program), has_aux=True)
    gradients, averages = of_loss(weights, averages, x[picked], y[picked], key)
    count += 1
    rate = RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    first = jax.tree.map(lambda m, g: m + (1 - BETA_1) * (g - m), moments[0], gradients)
    second = jax.tree.map(lambda v, g: v + (1 - BETA_2) * (g * g - v), moments[1], gradients)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), weights, first, second)
    return weights, averages, (first, second), count


class Contestant:
    """The state (weights, moving averages, Adam's moments, count of steps) and the data as JAX arrays."""

    def __init__(self, program: Program, variant: str, x: np.ndarray, y: np.ndarray) -> None:
        self.version = f"JAX {jax.__version__}"
        self.rng = np.random.default_rng(1)
        self.batch_size = program.batch_size
        weights = initial(program, self.rng)
        moments = tuple(jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
        self.state = (weights, initial_averages(weights), moments, jnp.zeros((), jnp.float32))
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.step = jax.jit(partial(step, program), donate_argnums=0)
        self.predict = jax.jit(lambda weights, averages, x: logits(program, weights, averages, x)[0].argmax(1))

    def train(self, start: int, stop: int) -> None:
        """One shuffled pass."""
        order = self.rng.permutation(np.arange(start, stop, dtype=np.int32))
        for first in range(0, len(order), self.batch_size):
            picked = order[first : first + self.batch_size]
            self.state = self.step(self.state, self.x, self.y, picked)
        jax.block_until_ready(self.state)

    def classes(self, images: np.ndarray) -> np.ndarray:
        """Predicted class numbers."""
        return np.asarray(self.predict(*self.state[:2], images))
