"""Colours of images: gray, hue and saturation, scaled and shifted. The ops and the public functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, constant, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.arrange import getitem, stack
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.composed import composed_gradient
from fastcnn.ops.data_format import channels_to_back, channels_to_front
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.image_layout import on_batches, rank_of_images
from fastcnn.ops.logic import equal, greater, less, where
from fastcnn.ops.math import abs as magnitude
from fastcnn.ops.math import add, clip, divide, maximum, minimum, mod, multiply, subtract
from fastcnn.ops.reduction import sum as total

GRAY = (0.2989, 0.587, 0.114)


class ColourSpace(Op):
    """Base: pixels of three channels in another space."""

    composed: Callable[..., Tensor]
    """The same function, composed of ops that have gradients."""
    overwrites = (0,)

    def infer(self, x: Tensor) -> list[Spec]:
        expect(self.name, "images", x)
        if x.ndim < 2 or x.shape[-1] != 3:
            raise ValueError(f"{self.name}: images must have 3 channels, received shape {x.shape}")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 8 * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return composed_gradient(type(self).composed, node, dy)


def hsv_of(x: Tensor) -> Tensor:
    """What the op `rgb_to_hsv` gives."""
    red, green, blue = (getitem(x, (Ellipsis, channel)) for channel in range(3))
    value = maximum(maximum(red, green), blue)
    spread = subtract(value, minimum(minimum(red, green), blue))
    norm = divide(1.0, multiply(6.0, where(greater(spread, 0), spread, 1.0)))
    of_blue = add(multiply(norm, subtract(red, green)), 4 / 6)
    of_green = add(multiply(norm, subtract(blue, red)), 2 / 6)
    of_red = multiply(norm, subtract(green, blue))
    hue = where(equal(value, red), of_red, where(equal(value, green), of_green, of_blue))
    hue = where(greater(spread, 0), hue, 0.0)
    hue = add(hue, less(hue, 0))
    some = greater(value, 0)
    saturation = where(some, divide(spread, where(some, value, 1.0)), 0.0)
    hsv: Tensor = stack([hue, saturation, value], axis=-1)
    return hsv


def rgb_of(x: Tensor) -> Tensor:
    """What the op `hsv_to_rgb` gives."""
    hue, saturation, value = (getitem(x, (Ellipsis, channel)) for channel in range(3))
    turn = multiply(mod(hue, 1.0), 6.0)
    shares = [
        subtract(magnitude(subtract(turn, 3.0)), 1.0),
        subtract(2.0, magnitude(subtract(turn, 2.0))),
        subtract(2.0, magnitude(subtract(turn, 4.0))),
    ]
    colours = [
        multiply(value, add(subtract(1.0, saturation), multiply(saturation, clip(share, 0.0, 1.0)))) for share in shares
    ]
    rgb: Tensor = stack(colours, axis=-1)
    return rgb


@register
class RgbToHsv(ColourSpace):
    """Red, green, blue to hue, saturation, value."""

    name = "rgb_to_hsv"
    reference = staticmethod(reference.rgb_to_hsv)
    composed = staticmethod(hsv_of)


@register
class HsvToRgb(ColourSpace):
    """Hue, saturation, value to red, green, blue."""

    name = "hsv_to_rgb"
    reference = staticmethod(reference.hsv_to_rgb)
    composed = staticmethod(rgb_of)


@register
class ScaleShiftClip(Op):
    """x * scale + shift, with numbers for each image and channel, from `low` to `high`."""

    name = "scale_shift_clip"
    reference = staticmethod(reference.scale_shift_clip)
    overwrites = (0,)

    def infer(self, x: Tensor, scale: Tensor, shift: Tensor, *, low: float, high: float) -> list[Spec]:
        expect(self.name, "x", x)
        if x.ndim < 2:
            raise ValueError(f"{self.name}: x must have a batch and channels, received shape {x.shape}")
        for name, numbers in (("scale", scale), ("shift", shift)):
            expect_shape(self.name, name, numbers, (x.shape[0], x.shape[-1]), "a number for each image and channel")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 4 * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        x, scale, _ = node.inputs
        (y,) = node.outputs
        low, high = (constant(np.float32(node.attrs[name])) for name in ("low", "high"))
        passed = emit("masked", emit("multiply", emit("greater", y, low), emit("greater", high, y)), dy)
        middle = tuple(range(1, x.ndim - 1))
        wide = emit("reshape", scale, shape=(-1, *[1] * len(middle), scale.shape[1]))

        def summed(values: Tensor) -> Tensor:
            return emit("sum", values, axis=middle, keepdims=False) if middle else values

        return [emit("multiply", passed, wide), summed(emit("multiply", passed, x)), summed(passed)]


def scale_shift_clip(x: Any, scale: Any, shift: Any, low: float, high: float) -> Any:
    """x (N, ..., C) times scale (N, C) plus shift (N, C), from `low` to `high`, in one pass."""
    return apply("scale_shift_clip", x, floats(scale), floats(shift), low=float(low), high=float(high))


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """The brightness of images, with one channel.

    Args:
        images: float32 (N, H, W, 3), or (H, W, 3); images of one channel are left as they are.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 (N, H, W, 1): 0.2989 red + 0.587 green + 0.114 blue.

    Raises:
        ValueError: The shape is another.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.rgb_to_grayscale([[[[10.0, 0.0, 0.0]]]])
    array([[[[2.989]]]], dtype=float32)
    """

    def gray(x: Any) -> Any:
        if x.shape[-1] not in (1, 3):
            raise ValueError(
                "Invalid channel size: expected 3 (RGB) or 1 (Grayscale). Received input with shape: "
                f"images.shape={tuple(x.shape)}"
            )
        return x if x.shape[-1] == 1 else total(multiply(x, np.array(GRAY, "float32")), axis=-1, keepdims=True)

    return on_batches(gray, images, data_format)


def in_space(op: str, images: Any, data_format: str | None) -> Any:
    """Images of either format through an op of colours."""
    images = floats(images)
    if rank_of_images(images) == 3 and data_format == "channels_first":
        return on_batches(lambda x: apply(op, x), images, data_format)
    return channels_to_front(apply(op, channels_to_back(images, data_format)), data_format)


def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Hue, saturation and value of images.

    Args:
        images: float32 (N, H, W, 3), or (H, W, 3), from 0 to 1.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`, from 0 to 1.

    Raises:
        ValueError: The shape is another.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.rgb_to_hsv([[[0.0, 0.5, 0.0]]]).round(4)
    array([[[0.3333, 1.    , 0.5   ]]], dtype=float32)
    """
    return in_space("rgb_to_hsv", images, data_format)


def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Images given by hue, saturation and value.

    Args:
        images: float32 (N, H, W, 3), or (H, W, 3), from 0 to 1.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`.

    Raises:
        ValueError: The shape is another.

    Example:

    >>> from fastcnn import ops
    >>> ops.image.hsv_to_rgb([[[0.5, 1.0, 0.25]]])
    array([[[0.  , 0.25, 0.25]]], dtype=float32)
    """
    return in_space("hsv_to_rgb", images, data_format)
