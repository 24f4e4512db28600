"""Random numbers for each sample, and images seen through affine maps: what augmentation is made of."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, Variable, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats, numbers

FILL_MODES = ("constant", "reflect", "wrap", "nearest")


@register
class RandomNumbers(Op):
    """`count` numbers for each row of x, whose values do not matter."""

    name = "random_numbers"
    reference = staticmethod(reference.random_numbers)

    def infer(self, x: Tensor, state: Tensor, *, count: int, normal: bool, salt: int) -> list[Spec]:
        expect(self.name, "state", state, "2", "int64")
        expect_shape(self.name, "state", state, (2,), "the seed and the number of the step")
        return [((x.shape[0], count), "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, None]


@register
class AffineTransform(Op):
    """Images, each seen through a map from output to input coordinates."""

    name = "affine_transform"
    reference = staticmethod(reference.affine_transform)

    def infer(
        self, x: Tensor, transforms: Tensor, *, interpolation: str, fill_mode: str, fill_value: float
    ) -> list[Spec]:
        expect(self.name, "images", x, "N, H, W, C")
        expect(self.name, "transform", transforms, "N, 8")
        expect_shape(self.name, "transform", transforms, (x.shape[0], 8), "eight numbers for each image")
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(f"interpolation must be 'nearest' or 'bilinear', received {interpolation!r}")
        if fill_mode not in FILL_MODES:
            raise ValueError(f"fill_mode must be one of {FILL_MODES}, received {fill_mode!r}")
        return [(x.shape, "float32")]

    def flops(self, node: Node) -> int:
        return 10 * node.outputs[0].size

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, None]


def random_uniform(x: Any, state: Any, count: int, salt: int = 0) -> Any:
    """Random numbers from 0 to 1, `count` for each row of `x`.

    Args:
        x: A tensor with as many rows as numbers are wanted for.
        state: int64 of shape (2,): the seed, and the number of the step, which `increment` advances.
        count: How many.
        salt: A number from 0 to 2**32 - 1 that gives each of several draws with one state numbers of its own.

    Returns:
        float32 of shape (rows, count).

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.random_uniform(np.zeros((2, 1)), np.array([7, 0]), 3).shape
    (2, 3)
    """
    return draw(x, state, count, False, salt)


def random_normal(x: Any, state: Any, count: int, salt: int = 0) -> Any:
    """Normally distributed random numbers with mean 0 and deviation 1; see `random_uniform`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> y = ops.random_normal(np.zeros((100, 1)), np.array([7, 0]), 100)
    >>> bool(abs(y.mean()) < 0.05 and abs(y.std() - 1) < 0.05)
    True
    """
    return draw(x, state, count, True, salt)


def draw(x: Any, state: Any, count: int, normal: bool, salt: int) -> Any:
    """Random numbers of either kind."""
    if not isinstance(state, (Tensor, Variable)):
        state = numbers(state, "int64")
    return apply("random_numbers", floats(x), state, count=int(count), normal=normal, salt=salt)


def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Any:
    """Images seen through affine maps, one for each; not differentiated.

    Args:
        images: float32 (N, H, W, C).
        transform: float32 (N, 8), numbers a0, a1, a2, b0, b1, b2, 0, 0: output (row, column) shows input
            (b0 column + b1 row + b2, a0 column + a1 row + a2).
        interpolation: "nearest" or "bilinear". Default "bilinear".
        fill_mode: What lies outside of an image: "constant", "reflect", "wrap" or "nearest". Default "constant".
        fill_value: The constant. Default 0.

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
    return apply(
        "affine_transform",
        floats(images),
        floats(transform),
        interpolation=interpolation,
        fill_mode=fill_mode,
        fill_value=float(fill_value),
    )
