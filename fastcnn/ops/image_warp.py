"""Images seen through maps: affine, perspective, or with a place for each pixel. The ops and the public functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.arrange import getitem
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.composed import composed_gradient
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.image_filter import blurred, gaussian
from fastcnn.ops.image_layout import on_batches, one_of
from fastcnn.ops.image_sampling import seen_through, warped
from fastcnn.ops.math import add, multiply
from fastcnn.ops.random import random_normal
from fastcnn.ops.shape import reshape

FILL_MODES = ("constant", "reflect", "wrap", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


class Warp(Op):
    """Base: images of which each pixel is read elsewhere."""

    composed: Callable[..., Tensor]
    """The same function, composed of ops that have gradients."""

    def check(self, x: Tensor, interpolation: str, fill_mode: str) -> None:
        """Raise where images or names do not fit."""
        expect(self.name, "images", x, "N, H, W, C")
        one_of("interpolation", interpolation, INTERPOLATIONS)
        one_of("fill_mode", fill_mode, FILL_MODES)

    def flops(self, node: Node) -> int:
        return 10 * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return composed_gradient(type(self).composed, node, dy)


class Mapped(Warp):
    """Base: each image has a map from output to input coordinates."""

    def infer(
        self, x: Tensor, transforms: Tensor, *, interpolation: str, fill_mode: str, fill_value: float
    ) -> list[Spec]:
        self.check(x, interpolation, fill_mode)
        expect(self.name, "transform", transforms, "N, 8")
        expect_shape(self.name, "transform", transforms, (x.shape[0], 8), "eight numbers for each image")
        return [(x.shape, "float32")]


@register
class AffineTransform(Mapped):
    """Images, each seen through an affine map."""

    name = "affine_transform"
    reference = staticmethod(reference.affine_transform)
    composed = staticmethod(partial(seen_through, perspective=False))


@register
class PerspectiveWarp(Mapped):
    """Images, each seen through a perspective."""

    name = "perspective_warp"
    reference = staticmethod(reference.perspective_warp)
    composed = staticmethod(partial(seen_through, perspective=True))


@register
class WarpAt(Warp):
    """Images whose pixels are read at given rows and columns."""

    name = "warp_at"
    reference = staticmethod(reference.warp_at)
    composed = staticmethod(warped)

    def infer(
        self, x: Tensor, down: Tensor, across: Tensor, *, interpolation: str, fill_mode: str, fill_value: float
    ) -> list[Spec]:
        self.check(x, interpolation, fill_mode)
        expect(self.name, "down", down, "N, H, W")
        expect_shape(self.name, "down", down, (x.shape[0], *down.shape[1:]), "a place for each pixel of each image")
        expect_shape(self.name, "across", across, down.shape, "that of down")
        return [((*down.shape, x.shape[3]), "float32")]


@register
class Homography(Op):
    """The perspectives that take four points of `end` to those of `start`; not differentiated."""

    name = "homography"
    reference = staticmethod(reference.homography)

    def infer(self, start: Tensor, end: Tensor) -> list[Spec]:
        expect(self.name, "start_points", start, "N, 4, 2")
        expect_shape(self.name, "start_points", start, (start.shape[0], 4, 2), "four points (x, y) for each image")
        expect_shape(self.name, "end_points", end, start.shape, "that of start_points")
        return [((start.shape[0], 8), "float32")]

    def flops(self, node: Node) -> int:
        return 1000 * (node.outputs[0].shape[0] or 1)

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, None]


def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Images seen through affine maps, one for each.

    Args:
        images: float32 (N, H, W, C), or (H, W, C).
        transform: float32 (N, 8), or (8,), numbers a0, a1, a2, b0, b1, b2, 0, 0: output (row, column) shows input
            (b0 column + b1 row + b2, a0 column + a1 row + a2).
        interpolation: "nearest" or "bilinear". Default "bilinear".
        fill_mode: What lies outside of an image: "constant", "reflect", "wrap" or "nearest". Default "constant".
        fill_value: The constant. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`.

    Raises:
        ValueError: Shapes or names do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> image = np.array([[[[1.0], [2.0], [3.0]]]])
    >>> ops.image.affine_transform(image, [[-1, 0, 2, 0, 1, 0, 0, 0]])[0, 0, :, 0]
    array([3., 2., 1.], dtype=float32)
    """
    transform = floats(transform)
    if len(transform.shape) not in (1, 2):
        raise ValueError(
            "Invalid transform rank: expected rank 1 (single transform) or rank 2 (batch of transforms). Received "
            f"input with shape: transform.shape={tuple(transform.shape)}"
        )
    if len(transform.shape) == 1:
        transform = reshape(transform, (1, *transform.shape))
    options = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": float(fill_value)}
    return on_batches(lambda x: apply("affine_transform", x, transform, **options), images, data_format)


def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Images in perspective: four points of each are moved, and all else with them. The points have no gradient.

    Args:
        images: float32 (N, H, W, C), or (H, W, C).
        start_points: float32 (N, 4, 2), or (4, 2): points (x, y) of the images.
        end_points: The same: where they are shown.
        interpolation: "nearest" or "bilinear". Default "bilinear".
        fill_value: What lies outside of an image. Default 0.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`.

    Raises:
        ValueError: Shapes or names do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
    >>> image = np.array([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]])
    >>> ops.image.perspective_transform(image, corners, corners + [1, 0])[:, :, 0]
    array([[0., 1., 2.],
           [0., 4., 5.]], dtype=float32)
    """
    start, end = floats(start_points), floats(end_points)
    for name, points in (("start_points", start), ("end_points", end)):
        if len(points.shape) not in (2, 3) or tuple(points.shape[-2:]) != (4, 2):
            raise ValueError(
                f"Invalid {name} shape: expected (4,2) for a single image or (N,4,2) for a batch. Received shape: "
                f"{tuple(points.shape)}"
            )
    if tuple(start.shape) != tuple(end.shape):
        raise ValueError(
            f"start_points and end_points must have the same shape. Received start_points.shape={tuple(start.shape)}, "
            f"end_points.shape={tuple(end.shape)}"
        )
    if len(start.shape) == 2:
        start, end = reshape(start, (1, 4, 2)), reshape(end, (1, 4, 2))
    options = {"interpolation": interpolation, "fill_mode": "constant", "fill_value": float(fill_value)}
    maps = apply("homography", start, end)
    return on_batches(lambda x: apply("perspective_warp", x, maps, **options), images, data_format)


def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Any:
    """Images as on a rubber sheet: pixels are moved by smooth random fields.

    Args:
        images: float32 (N, H, W, C), or (H, W, C).
        alpha: How far pixels are moved. Default 20.
        sigma: Deviation, in pixels, of the Gaussian that smoothes the fields, and of the numbers in them. Default 5.
        interpolation: "nearest" or "bilinear". Default "bilinear".
        fill_mode: What lies outside of an image: "constant", "reflect", "wrap" or "nearest". Default "reflect".
        fill_value: The constant. Default 0.
        seed: A whole number, or a state of random numbers as for `random_uniform`. Default None: from the global
            generator.
        data_format: None or "channels_last"; "channels_first" for images (N, C, H, W).

    Returns:
        float32 of the shape of `images`.

    Raises:
        ValueError: Shapes or names do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.image.elastic_transform(np.ones((2, 8, 8, 3)), seed=1).shape
    (2, 8, 8, 3)
    """
    options = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": float(fill_value)}
    state = seed_state(seed)
    size = int(6 * sigma) | 1

    def moved(x: Any) -> Any:
        smooth = gaussian(size, sigma)
        return displaced(x, state, (smooth, smooth), alpha * sigma, options)

    return on_batches(moved, images, data_format)


def displaced(x: Any, state: Any, smooth: tuple[Any, Any], reach: Any, options: dict[str, Any]) -> Any:
    """Images (N, H, W, C) whose pixels are read where two smoothed fields of normal numbers, times `reach`, lead."""
    height, width = x.shape[1:3]
    fields = reshape(random_normal(x, state, 2 * height * width, salt=5), (-1, height, width, 2))
    fields = multiply(blurred(fields, *smooth), reach)
    rows, columns = np.arange(height, dtype="float32").reshape(-1, 1), np.arange(width, dtype="float32")
    across, down = getitem(fields, (..., 0)), getitem(fields, (..., 1))
    return apply("warp_at", x, add(down, rows), add(across, columns), **options)


def seed_state(seed: Any) -> Any:
    """A state of random numbers: the one given, or one for a whole number, or a new one."""
    if seed is None:
        seed = np.random.randint(2**31)  # from the generator that `set_random_seed` sets
    return np.array([int(seed) % 2**63, 0]) if isinstance(seed, (int, np.integer)) else seed
