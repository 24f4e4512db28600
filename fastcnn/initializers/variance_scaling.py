"""Initializers whose spread follows the weight's shape: Glorot, He, LeCun, and the general VarianceScaling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastcnn.initializers.distributions import draw_normal, draw_truncated_normal, draw_uniform
from fastcnn.initializers.initializer import RandomInitializer, checked_dtype, checked_shape
from fastcnn.utils.arguments import checked_number
from fastcnn.utils.lookup import lookup

# Standard deviation of a standard normal distribution truncated at two standard deviations.
TRUNCATED_STDDEV = 0.87962566103423978

# Number of units by which the variance is divided, from (fan_in, fan_out).
MODES = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
}


def truncated(generator: np.random.Generator, shape: tuple[int, ...], stddev: float) -> NDArray:
    return draw_truncated_normal(generator, shape, 0.0, stddev / TRUNCATED_STDDEV)


def untruncated(generator: np.random.Generator, shape: tuple[int, ...], stddev: float) -> NDArray:
    return draw_normal(generator, shape, 0.0, stddev)


def uniform(generator: np.random.Generator, shape: tuple[int, ...], stddev: float) -> NDArray:
    limit = math.sqrt(3) * stddev
    return draw_uniform(generator, shape, -limit, limit)


DISTRIBUTIONS = {
    "truncated_normal": truncated,
    "normal": truncated,
    "untruncated_normal": untruncated,
    "uniform": uniform,
}


def compute_fans(
    shape: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """Input and output units of a weight.

    Args:
        shape: `(inputs, outputs)` of a dense layer or `(..., in_channels, filters)` of a convolution, whose units are
            channels times the kernel's positions; one axis counts as both.
        input_axes: Axes whose product is fan_in; used only together with `output_axes`.
        output_axes: Axes whose product is fan_out.

    Returns:
        `(fan_in, fan_out)`.

    Example:

    >>> compute_fans((3, 3, 16, 32))
    (144, 288)
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        return math.prod(shape), math.prod(shape)
    positions = math.prod(shape[:-2])
    return shape[-2] * positions, shape[-1] * positions


class VarianceScaling(RandomInitializer):
    """Random numbers with mean 0 and variance `scale / n`, n being the weight's input or output units.

    Args:
        scale: Factor of the variance, greater than 0. Default 1.
        mode: What n is: `"fan_in"` (default), `"fan_out"` or `"fan_avg"`, the mean of both.
        distribution: `"truncated_normal"` (default; also named `"normal"`), `"untruncated_normal"` or `"uniform"`.
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Raises:
        ValueError: `scale` is not greater than 0, `mode` or `distribution` is unknown, or only one of `input_axes` and
            `output_axes` is given.

    Example:

    >>> from fastcnn import initializers
    >>> initializer = initializers.VarianceScaling(2.0, mode="fan_out", distribution="untruncated_normal", seed=1)
    >>> round(float(initializer((200, 200)).std()), 2)
    0.1
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        self.scale = float(checked_number(scale, "scale"))
        if self.scale <= 0:
            raise ValueError(f"scale must be greater than 0, not {scale!r}")
        lookup("mode", mode, MODES)
        lowered = distribution.lower() if isinstance(distribution, str) else distribution
        lookup("distribution", lowered, DISTRIBUTIONS)
        if (input_axes is None) != (output_axes is None):
            raise ValueError(
                f"input_axes and output_axes must be given together; they are {input_axes!r} and {output_axes!r}"
            )
        self.mode = mode
        self.distribution = "truncated_normal" if lowered == "normal" else lowered
        self.input_axes = None if input_axes is None else [int(axis) for axis in input_axes]
        self.output_axes = None if output_axes is None else [int(axis) for axis in output_axes]
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None) -> NDArray:
        sizes = checked_shape(shape)
        try:
            fans = compute_fans(sizes, self.input_axes, self.output_axes)
        except IndexError:
            raise ValueError(
                f"input_axes {self.input_axes} and output_axes {self.output_axes} do not fit a weight of shape {sizes}"
            ) from None
        stddev = math.sqrt(self.scale / max(1.0, MODES[self.mode](*fans)))
        values = DISTRIBUTIONS[self.distribution](self.generator(), sizes, stddev)
        return values.astype(checked_dtype(dtype), copy=False)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class NamedVarianceScaling(VarianceScaling):
    """Base of the six usual cases: a class states its three fixed arguments."""

    fixed: ClassVar[tuple[float, str, str]]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(*self.fixed, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


class GlorotUniform(NamedVarianceScaling):
    """Uniform within +-sqrt(6 / (fan_in + fan_out)): the default of convolutions' and dense layers' kernels.

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.GlorotUniform(seed=0)((100, 50))
    >>> bool(0.19 < values.max() <= 0.2)
    True
    """

    fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(NamedVarianceScaling):
    """Truncated normal with the standard deviation sqrt(2 / (fan_in + fan_out)).

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010.

    Example:

    >>> from fastcnn import initializers
    >>> round(float(initializers.GlorotNormal(seed=0)((100, 100)).std()), 2)
    0.1
    """

    fixed = (1.0, "fan_avg", "truncated_normal")


class HeUniform(NamedVarianceScaling):
    """Uniform within +-sqrt(6 / fan_in), for layers followed by ReLU.

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.HeUniform(seed=0)((150, 50))
    >>> bool(0.19 < values.max() <= 0.2)
    True
    """

    fixed = (2.0, "fan_in", "uniform")


class HeNormal(NamedVarianceScaling):
    """Truncated normal with the standard deviation sqrt(2 / fan_in), for layers followed by ReLU.

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015.

    Example:

    >>> from fastcnn import initializers
    >>> round(float(initializers.HeNormal(seed=0)((200, 100)).std()), 2)
    0.1
    """

    fixed = (2.0, "fan_in", "truncated_normal")


class LecunUniform(NamedVarianceScaling):
    """Uniform within +-sqrt(3 / fan_in).

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: LeCun, Bottou, Orr, Müller: Efficient backprop, 1998.

    Example:

    >>> from fastcnn import initializers
    >>> values = initializers.LecunUniform(seed=0)((75, 50))
    >>> bool(0.19 < values.max() <= 0.2)
    True
    """

    fixed = (1.0, "fan_in", "uniform")


class LecunNormal(NamedVarianceScaling):
    """Truncated normal with the standard deviation sqrt(1 / fan_in).

    Args:
        seed: Any integer, or None for a seed from the global generator. One object gives the same values each time.
        input_axes: Axes of the weight whose product is fan_in, for layouts other than `(..., inputs, outputs)`.
        output_axes: Axes whose product is fan_out. Both or neither must be given.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter: Self-normalizing neural networks, 2017.

    Example:

    >>> from fastcnn import initializers
    >>> round(float(initializers.LecunNormal(seed=0)((100, 100)).std()), 2)
    0.1
    """

    fixed = (1.0, "fan_in", "truncated_normal")
