"""Parts of images erased, images mixed with others of their batch, in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.layers.image_colour import Coloured
from fastcnn.layers.image_layer import ImageLayer, factor_range, for_each_image
from fastcnn.layers.registry import register

LEAST_ALPHA = 1e-6
NOISE, GAMMA, ORDER = 2, 3, 4
"""The salts of draws beside that of `uniform`."""


def boxes(images: Any, lengths: tuple[Any, Any], places: tuple[Any, Any], chosen: Any = None) -> Any:
    """1 inside of a box of each image, else 0: (batch, height, width, 1).

    Args:
        images: (batch, height, width, channels).
        lengths: parts of the height and of the width, (batch, 1).
        places: where the box lies in the space that it leaves, from 0 to 1, (batch, 1).
        chosen: 0 for images without a box, (batch, 1). Default None: all have one.
    """
    sides = []
    for size, length, place in zip(images.shape[1:3], lengths, places, strict=True):
        start = ops.multiply(place, ops.multiply(ops.subtract(1.0, length), float(size)))
        end = ops.add(start, ops.multiply(length, float(size)))
        numbers = np.arange(size, dtype="float32")
        sides.append(ops.multiply(ops.less_equal(start, numbers), ops.greater(end, numbers)))
    rows, columns = sides
    if chosen is not None:
        rows = ops.multiply(rows, chosen)
    height, width = images.shape[1:3]
    return ops.multiply(ops.reshape(rows, (-1, height, 1, 1)), ops.reshape(columns, (-1, 1, width, 1)))


@register
class RandomErasing(Coloured):
    """Fills a box of some images with noise or a value, in training.

    Args:
        factor: the probability: a number f for one drawn from 0 to f for each image, or a pair of ends. Default 1.
        scale: height and width of the box are the square roots of two numbers drawn from it, as parts of the image's:
            a number s for 0 to s, or a pair of ends. Default (0.02, 0.33).
        fill_value: a number, or one for each of three channels. Default None: normal noise times the largest value.
        value_range: least and largest value of images; what is filled in is cut to it. Default (0, 255).
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> erase = layers.RandomErasing((1.0, 1.0), scale=(0.25, 0.25), fill_value=7, seed=1)
    >>> int((erase(np.zeros((1, 8, 8, 1))) == 7).sum())
    16
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)
        self.scale = factor_range(scale, "scale", 0.0, 1.0)
        length = len(fill_value) if isinstance(fill_value, (tuple, list)) else None
        if length not in (None, 3) or (length is None and not isinstance(fill_value, (int, float, type(None)))):
            raise ValueError(
                "The `fill_value` argument should be a number (or a list of three numbers). "
                f"Received: fill_value={fill_value!r}"
            )
        self.fill_value = fill_value

    def transform(self, inputs: Any) -> Any:
        unit = (0.0, 1.0)
        drawn = self.uniform(inputs, self.scale, self.scale, unit, unit, self.factor, unit)
        width, height, left, top, probability, number = drawn
        chosen = ops.less(number, probability)
        inside = boxes(inputs, (ops.sqrt(height), ops.sqrt(width)), (top, left), chosen)
        fill = np.asarray(self.fill_value, "float32") if self.fill_value is not None else None
        if fill is None:
            fill = ops.multiply(self.normal(inputs, NOISE), float(self.value_range[1]))
        return ops.where(inside, ops.clip(fill, *self.value_range), inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "fill_value": self.fill_value}


class Mixed(ImageLayer):
    """Base: images and labels change together. Labels are needed as vectors."""

    def transform_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        labels = batch.get("labels")
        if labels is not None and len(labels.shape) != 2:
            raise ValueError(
                f"{type(self).__name__} mixes labels, which must be vectors, such as one_hot makes of classes. "
                f"Received: labels.shape={tuple(labels.shape)}"
            )
        images, weight, order = self.mixed(batch["images"])
        if labels is None:
            return {"images": images}
        return {"images": images, "labels": blend(labels, weight, order)}

    def mixed(self, images: Any) -> tuple[Any, Any, Any]:
        """Images, the weight of each one's own label (batch, 1), and the order of the others (batch,)."""
        raise NotImplementedError

    def transform(self, inputs: Any) -> Any:
        return self.mixed(inputs)[0]

    def beta(self, images: Any, alpha: Any) -> Any:
        """For each image a number of the beta distribution with both parameters alpha, (batch, 1)."""
        shapes = ops.add(ops.multiply(ops.random_uniform(images, self.state, 2), 0.0), alpha)
        first, second = ops.split(ops.random_log_gamma(shapes, self.state, GAMMA), 2, axis=1)
        return ops.sigmoid(ops.subtract(first, second))


def blend(values: Any, weight: Any, order: Any) -> Any:
    """The values of each sample times its weight, and those of another times the rest."""
    others = ops.take(values, order, axis=0)
    return ops.add(ops.multiply(values, weight), ops.multiply(others, ops.subtract(1.0, weight)))


@register
class MixUp(Mixed):
    """Mixes each image, and its label, with another of its batch, in training.

    Args:
        alpha: the weights are of the beta distribution with both parameters `alpha`. Default 0.2.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).
        seed: an integer for a sequence of its own. Default None: from the global generator.

    Call it on images, or on `{"images": images, "labels": labels}` with labels (batch, classes).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> batch = {"images": np.ones((4, 8, 8, 3)), "labels": np.eye(4)}
    >>> layers.MixUp(seed=1)(batch)["labels"].sum(axis=1).round(5)
    array([1., 1., 1., 1.], dtype=float32)
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        if not isinstance(alpha, (int, float)) or not alpha > 0:
            raise ValueError(f"alpha must be a number above 0. Received: alpha={alpha!r}")
        self.alpha = alpha

    def mixed(self, images: Any) -> tuple[Any, Any, Any]:
        weight = self.beta(images, float(self.alpha))
        order = ops.random_permutation(images, self.state, ORDER)
        return blend(images, for_each_image(weight), order), weight, order

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


@register
class CutMix(Mixed):
    """Puts a box of another image of the batch into each image, and mixes their labels by the areas, in training.

    Args:
        factor: the parameter of the beta distribution of weights is drawn from it for each batch: a number f for 0 to
            f, or a pair of ends, from 0 to 1. Default 1.
        seed: an integer for a sequence of its own. Default None: from the global generator.
        data_format: None or "channels_last"; "channels_first" for images (batch, channels, height, width).

    Call it on images, or on `{"images": images, "labels": labels}` with labels (batch, classes).

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> batch = {"images": np.ones((4, 8, 8, 3)), "labels": np.eye(4)}
    >>> layers.CutMix(seed=1)(batch)["labels"].sum(axis=1).round(5)
    array([1., 1., 1., 1.], dtype=float32)
    """

    def __init__(
        self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", 0.0, 1.0)

    def mixed(self, images: Any) -> tuple[Any, Any, Any]:
        (alpha,) = self.uniform_of_batch(self.factor)
        weight = self.beta(images, ops.add(alpha, LEAST_ALPHA))
        top, left = self.uniform(images, (0.0, 1.0), (0.0, 1.0))
        length = ops.sqrt(ops.subtract(1.0, weight))
        order = ops.random_permutation(images, self.state, ORDER)
        inside = boxes(images, (length, length), (top, left))
        return ops.where(inside, ops.take(images, order, axis=0), images), weight, order

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
