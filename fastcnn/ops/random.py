"""Random numbers for each sample: what augmentation and noise are made of."""

from __future__ import annotations

from typing import Any

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, Variable, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats, numbers


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
class RandomLogGamma(Op):
    """Logarithms of gamma numbers of the shapes alpha."""

    name = "random_log_gamma"
    reference = staticmethod(reference.random_log_gamma)

    def infer(self, alpha: Tensor, state: Tensor, *, salt: int) -> list[Spec]:
        expect(self.name, "alpha", alpha)
        expect(self.name, "state", state, "2", "int64")
        expect_shape(self.name, "state", state, (2,), "the seed and the number of the step")
        return [(alpha.shape, "float32")]

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        return [None, None]


@register
class RandomPermutation(Op):
    """The numbers of the rows of x in random order."""

    name = "random_permutation"
    reference = staticmethod(reference.random_permutation)

    def infer(self, x: Tensor, state: Tensor, *, salt: int) -> list[Spec]:
        expect(self.name, "state", state, "2", "int64")
        expect_shape(self.name, "state", state, (2,), "the seed and the number of the step")
        return [(x.shape[:1], "int32")]

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
    return apply("random_numbers", floats(x), state_of(state), count=int(count), normal=normal, salt=salt)


def random_log_gamma(alpha: Any, state: Any, salt: int = 0) -> Any:
    """Logarithms of random numbers of gamma distributions of scale 1; see `random_uniform`.

    Logarithms, because numbers of small shapes are smaller than any float. The sigmoid of the difference of two is a
    number of a beta distribution, the softmax of several are those of a Dirichlet distribution.

    Args:
        alpha: float32 of any shape: the shape of each distribution, above 0.
        state: int64 of shape (2,).
        salt: as for `random_uniform`; the words that it gives to other draws differ from these for another salt only.

    Returns:
        float32 of the shape of `alpha`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> y = np.exp(ops.random_log_gamma(np.full(10000, 2.0), np.array([7, 0])))
    >>> bool(abs(y.mean() - 2) < 0.1 and abs(y.var() - 2) < 0.2)
    True
    """
    return apply("random_log_gamma", floats(alpha), state_of(state), salt=salt)


def random_permutation(x: Any, state: Any, salt: int = 0) -> Any:
    """The numbers of the rows of `x` in random order; see `random_uniform`.

    Returns:
        int32 of shape (rows,).

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> sorted(ops.random_permutation(np.zeros((4, 1)), np.array([7, 0])).tolist())
    [0, 1, 2, 3]
    """
    return apply("random_permutation", floats(x), state_of(state), salt=salt)


def state_of(state: Any) -> Any:
    """A state that draws take: a tensor or variable as it is, else two whole numbers."""
    return state if isinstance(state, (Tensor, Variable)) else numbers(state, "int64")
