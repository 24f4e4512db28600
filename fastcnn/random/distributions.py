"""The functions of `keras.random`: numbers of a distribution, chosen classes, shuffled rows, dropout.

`seed` is an integer, for the same numbers each time; a `SeedGenerator`, for others each time; or None, for those of the
global generator, which `fastcnn.utils.set_random_seed` sets. `shape` may begin with the batch that `ops.shape` gives.
Distributions are those of Keras, the numbers are not. `dtype` is that of the result, None: float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor
from fastcnn.ops.batch_size import BatchSize, lengths_of
from fastcnn.random.seed_generator import source
from fastcnn.utils.arguments import checked_integer, checked_share

WIDTH = math.erf(math.sqrt(2))
"""The share of a normal distribution that is within two deviations."""


def drawn(shape: Sequence[int], seed: Any, normal: bool = False) -> Any:
    """Uniform or normal numbers of a shape."""
    lengths = lengths_of(shape)
    unknown = lengths[0] if lengths and isinstance(lengths[0], BatchSize) else None
    rows = np.empty((lengths[0] if lengths else 1, 0), "float32") if unknown is None else unknown.tensor
    count = math.prod(lengths[1:]) * (1 if unknown is None else unknown.times)
    state, salt = source(seed, rows)
    draw = ops.random_normal if normal else ops.random_uniform
    return ops.reshape(draw(rows, state, count, salt), lengths)


def typed(values: Any, dtype: Any, kinds: str = "f") -> Any:
    """Of another element type, if there is one.

    Raises:
        ValueError: the distribution has no numbers of that type.
    """
    if dtype is None:
        return values
    try:
        known = np.dtype(dtype).kind in kinds
    except TypeError:
        known = False
    if not known:
        raise ValueError(f"dtype must be {'a float' if kinds == 'f' else 'an integer'} type, received dtype={dtype!r}")
    return ops.cast(values, dtype)


def bound(value: Any, name: str) -> Any:
    """A number, an array or a tensor, as it is.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, Tensor) and np.asarray(value).dtype.kind not in "biuf":
        raise ValueError(f"{name} must be a number, received {name}={value!r}")
    return value


def uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    """Numbers evenly between `minval` and `maxval`.

    Example:

    >>> from fastcnn import random
    >>> random.uniform((2, 3), seed=1).shape
    (2, 3)
    """
    width = ops.subtract(bound(maxval, "maxval"), bound(minval, "minval"))
    return typed(ops.add(ops.multiply(drawn(shape, seed), width), minval), dtype)


def normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    """Normally distributed numbers.

    Example:

    >>> from fastcnn import random
    >>> random.normal((2, 3), seed=1).shape
    (2, 3)
    """
    return typed(
        ops.add(ops.multiply(drawn(shape, seed, normal=True), bound(stddev, "stddev")), bound(mean, "mean")), dtype
    )


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    """Normally distributed numbers that are less than two deviations from the mean.

    Example:

    >>> from fastcnn import random
    >>> bool(abs(random.truncated_normal((1000,), seed=1)).max() < 2)
    True
    """
    share = ops.multiply(ops.subtract(ops.multiply(drawn(shape, seed), 2), 1), WIDTH)
    return typed(
        ops.add(ops.multiply(ops.erfinv(share), math.sqrt(2) * bound(stddev, "stddev")), bound(mean, "mean")), dtype
    )


def randint(shape: Sequence[int], minval: int, maxval: int, dtype: str = "int32", seed: Any = None) -> Any:
    """Whole numbers from `minval` to below `maxval`, which are at most 2**24 apart.

    Example:

    >>> from fastcnn import random
    >>> numbers = random.randint((1000,), 3, 6, seed=1)
    >>> int(numbers.min()), int(numbers.max())
    (3, 5)
    """
    steps = ops.floor(ops.multiply(drawn(shape, seed), ops.subtract(bound(maxval, "maxval"), bound(minval, "minval"))))
    return typed(ops.add(steps, minval), dtype, "iu")


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """A tensor with what is along an axis in random order.

    Example:

    >>> from fastcnn import random
    >>> sorted(random.shuffle([1, 2, 3], seed=1).tolist())
    [1.0, 2.0, 3.0]
    """
    x = ops.convert_to_tensor(x)
    if not -len(x.shape) <= checked_integer(axis, "axis") < len(x.shape):
        raise ValueError(f"axis must be an axis of x, whose shape is {tuple(x.shape)}, received axis={axis!r}")
    rows = x if axis == 0 else np.empty((x.shape[axis], 0), "float32")
    state, salt = source(seed, x)
    return ops.take(x, ops.random_permutation(rows, state, salt), axis)


def dropout(inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None) -> Any:
    """A share of the elements set to 0, and the others divided by 1 - rate.

    Args:
        inputs: float32 of any shape.
        rate: the share, at least 0 and below 1.
        noise_shape: the shape of the mask, with 1 for axes along which it is the same, and None for the length of
            `inputs`. Default None: that of `inputs`.
        seed: see above.

    Raises:
        ValueError: `rate` is out of range.

    Example:

    >>> import numpy as np
    >>> from fastcnn import random
    >>> sorted(set(random.dropout(np.ones(100), 0.5, seed=1).tolist()))
    [0.0, 2.0]
    """
    inputs = ops.convert_to_tensor(inputs, "float32")
    checked_share(rate, "rate")
    state, salt = source(seed, inputs)
    if noise_shape is None:
        return ops.dropout(inputs, state, rate, salt)
    lengths = [own if wanted is None else wanted for own, wanted in zip(ops.shape(inputs), noise_shape, strict=True)]
    return ops.multiply(inputs, ops.dropout(ops.ones(lengths), state, rate, salt))


def categorical(logits: Any, num_samples: int, dtype: str = "int32", seed: Any = None) -> Any:
    """Classes with the probabilities that are the softmax of a row of logits.

    Args:
        logits: float32 of shape (rows, classes).
        num_samples: how many classes for each row.
        dtype: the element type. Default "int32".
        seed: see above.

    Returns:
        Whole numbers of shape (rows, num_samples).

    Source: the largest of the logits plus Gumbel numbers.

    Example:

    >>> from fastcnn import random
    >>> random.categorical([[0.0, 100.0]], 3, seed=1)
    array([[1, 1, 1]], dtype=int32)
    """
    logits = ops.convert_to_tensor(logits, "float32")
    if len(logits.shape) != 2 or logits.shape[-1] == 0:
        raise ValueError(f"logits must have the shape (rows, classes), with a class, received {tuple(logits.shape)}")
    checked_integer(num_samples, "num_samples", least=0)
    rows, classes = ops.shape(logits)
    numbers = ops.maximum(drawn((rows, num_samples, classes), seed), 2.0**-26)
    noise = ops.negative(ops.log(ops.negative(ops.log(numbers))))
    return typed(ops.argmax(ops.add(ops.expand_dims(logits, 1), noise), axis=-1), dtype, "iuf")


def gamma(shape: Sequence[int], alpha: Any, dtype: str | None = None, seed: Any = None) -> Any:
    """Numbers of the gamma distribution of shape `alpha` and scale 1.

    Example:

    >>> from fastcnn import random
    >>> bool(random.gamma((1000,), 2.0, seed=1).min() > 0)
    True
    """
    shapes = ops.full(lengths_of(shape), bound(alpha, "alpha"))
    state, salt = source(seed, shapes)
    return typed(ops.exp(ops.random_log_gamma(shapes, state, salt)), dtype)


def beta(shape: Sequence[int], alpha: Any, beta: Any, dtype: str | None = None, seed: Any = None) -> Any:
    """Numbers between 0 and 1 of the beta distribution.

    Example:

    >>> from fastcnn import random
    >>> bool(0.45 < random.beta((1000,), 2.0, 2.0, seed=1).mean() < 0.55)
    True
    """
    lengths = lengths_of(shape)
    first, second = ops.full(lengths, bound(alpha, "alpha")), ops.full(lengths, bound(beta, "beta"))
    state, salt = source(seed, first, second)
    one, other = ops.random_log_gamma(first, state, salt), ops.random_log_gamma(second, state, salt ^ 2**31)
    return typed(ops.sigmoid(ops.subtract(one, other)), dtype)


def binomial(shape: Sequence[int], counts: Any, probabilities: Any, dtype: str | None = None, seed: Any = None) -> Any:
    """How often an event of a probability happens in a number of tries.

    Args:
        shape: of the result.
        counts: numbers of tries, as numbers or arrays; each try is drawn, so they should be small.
        probabilities: of the event.
        dtype: the element type. Default None: float32.
        seed: see above.

    Raises:
        ValueError: `counts` is a symbolic tensor.

    Example:

    >>> from fastcnn import random
    >>> bool(random.binomial((1000,), 4, 0.5, seed=1).max() <= 4)
    True
    """
    if isinstance(counts, Tensor):
        raise ValueError("binomial: counts must be numbers or an array, received a symbolic tensor")
    tries = np.asarray(bound(counts, "counts"), "float32")
    if not (tries >= 0).all():
        raise ValueError(f"counts must not be negative, received counts={counts!r}")
    most = int(tries.max(initial=0))
    numbers = drawn((*lengths_of(shape), most), seed)
    happens = ops.less(
        numbers, ops.expand_dims(ops.convert_to_tensor(bound(probabilities, "probabilities"), "float32"), -1)
    )
    counted = ops.less(np.arange(most), tries[..., None])
    return typed(ops.sum(ops.multiply(happens, counted), axis=-1), dtype)
