"""JAX without Keras: one jitted training step with donated state, the batch gathered inside it."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from programs import Program

BETA_1, BETA_2, EPSILON, RATE = 0.9, 0.999, 1e-7, 1e-3


def initial(program: Program, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Glorot-uniform kernels and zero biases, one entry per layer that has weights."""
    height, width, channels = program.input_shape
    flat, weights = 0, []
    for kind, number in program.parsed():
        size = int(number)
        if kind == "conv":
            shape: tuple[int, ...] = (3, 3, channels, size)
            height, width, channels = height - 2, width - 2, size
        elif kind in ("dense", "classes"):
            shape, flat = (flat, size), size
        else:
            if kind == "pool":
                height, width = height // 2, width // 2
            flat = height * width * channels if kind == "flatten" else flat
            continue
        area = int(np.prod(shape[:-2]))
        limit = (6 / (area * (shape[-2] + shape[-1]))) ** 0.5
        kernel = rng.uniform(-limit, limit, shape).astype(np.float32)
        weights.append({"kernel": jnp.asarray(kernel), "bias": jnp.zeros(size, jnp.float32)})
    return weights


def logits(program: Program, weights: list[dict[str, Any]], x: Any, key: Any = None) -> Any:
    """The model up to its softmax; `key` drops units, None keeps them all."""
    layer = iter(weights)
    for kind, number in program.parsed():
        if kind == "conv":
            w = next(layer)
            x = lax.conv_general_dilated(x, w["kernel"], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.nn.relu(x + w["bias"])
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
    return x


def loss(program: Program, weights: list[dict[str, Any]], x: Any, y: Any, key: Any) -> Any:
    """Mean cross-entropy."""
    predicted = jax.nn.log_softmax(logits(program, weights, x, key))
    return -jnp.take_along_axis(predicted, y[:, None], axis=1).mean()


def step(program: Program, weights: Any, moments: Any, count: Any, x: Any, y: Any, picked: Any) -> tuple[Any, Any, Any]:
    """One step of Adam on the images `picked`."""
    key = jax.random.fold_in(jax.random.key(1), count.astype(jnp.uint32))
    gradients = jax.grad(partial(loss, program))(weights, x[picked], y[picked], key)
    count += 1
    rate = RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    first = jax.tree.map(lambda m, g: m + (1 - BETA_1) * (g - m), moments[0], gradients)
    second = jax.tree.map(lambda v, g: v + (1 - BETA_2) * (g * g - v), moments[1], gradients)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), weights, first, second)
    return weights, (first, second), count


class Contestant:
    """Weights, Adam's moments and the data as JAX arrays."""

    def __init__(self, program: Program, variant: str, x: np.ndarray, y: np.ndarray) -> None:
        self.version = f"JAX {jax.__version__}"
        self.rng = np.random.default_rng(1)
        self.batch_size = program.batch_size
        self.weights = initial(program, self.rng)
        self.moments = tuple(jax.tree.map(jnp.zeros_like, self.weights) for _ in range(2))
        self.count = jnp.zeros((), jnp.float32)
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.step = jax.jit(partial(step, program), donate_argnums=(0, 1, 2))
        self.predict = jax.jit(lambda weights, images: logits(program, weights, images).argmax(1))

    def train(self, start: int, stop: int) -> None:
        """One shuffled pass."""
        order = self.rng.permutation(np.arange(start, stop, dtype=np.int32))
        for first in range(0, len(order), self.batch_size):
            picked = order[first : first + self.batch_size]
            self.weights, self.moments, self.count = self.step(
                self.weights, self.moments, self.count, self.x, self.y, picked
            )
        jax.block_until_ready(self.weights)

    def classes(self, images: np.ndarray) -> np.ndarray:
        """Predicted class numbers."""
        return np.asarray(self.predict(self.weights, images))
