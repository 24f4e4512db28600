"""The base of all losses: from one value per sample to the number that training makes smaller.

A loss states `call(y_true, y_pred)` with `fastcnn.ops`, so it runs at once on arrays, and records nodes on symbolic
tensors when a training step is assembled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor
from fastcnn.utils.lookup import lookup

REDUCTIONS = {
    "sum_over_batch_size": "sum_over_batch_size",
    "mean": "sum_over_batch_size",
    "sum": "sum",
    "none": None,
}


class Loss:
    """Base class of losses; subclass it to write your own.

    Args:
        name: A name for messages; by default the class's name.
        reduction: What becomes of the values of the samples: `"sum_over_batch_size"` (or `"mean"`) is their mean,
            `"sum"` their sum, `None` (or `"none"`) leaves them as they are. Training needs a mean or a sum.

    Raises:
        ValueError: `reduction` is none of these.

    Example:

    >>> from fastcnn import losses, ops
    >>> class HalfSquare(losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.multiply(ops.square(ops.subtract(y_pred, y_true)), 0.5), axis=-1)
    >>> float(HalfSquare()([[0.0, 2.0]], [[2.0, 2.0]]))
    1.0
    """

    labels: ClassVar[str] = "values"
    """What `y_true` holds: "sparse" (class numbers), "one_hot", "binary" (0 to 1), or "values" (anything)."""

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size") -> None:
        self.name = name or type(self).__name__
        self.reduction = None if reduction is None else lookup("reduction", reduction, REDUCTIONS)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, shape `(batch,)` or `(batch, ...)`. Subclasses state this with `fastcnn.ops`."""
        raise NotImplementedError(f"{type(self).__name__} defines no call(y_true, y_pred)")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The reduced loss.

        Args:
            y_true: Targets, an array or symbolic tensor.
            y_pred: Predictions, of the shape that the loss asks for.
            sample_weight: Optional factor for each sample's loss, shape `(batch,)`.
        """
        values = self.call(operand(y_true), operand(y_pred))
        if sample_weight is not None:
            sample_weight, values = same_rank(operand(sample_weight), values)
            values = ops.multiply(values, sample_weight)
        return self.reduce(values)

    def reduce(self, values: Any) -> Any:
        """Apply the reduction to the losses of the samples."""
        if self.reduction is None or values.ndim == 0:
            return values
        return ops.sum(values) if self.reduction == "sum" else ops.mean(values)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Make a loss from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class LossFunctionWrapper(Loss):
    """A function of `(y_true, y_pred)`, written with `fastcnn.ops`, as a loss.

    Args:
        fn: Returns the loss of each sample.
        reduction: As in `Loss`.
        name: By default the function's name.
        **kwargs: Further arguments for `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction)
        self.fn = fn
        self.fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Call the function."""
        return self.fn(y_true, y_pred, **self.fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss; the functions of the library are known by their classes."""
        return {**super().get_config(), **self.fn_kwargs}


def operand(value: Any) -> Any:
    """A symbolic tensor as it is, anything else as an array."""
    return value if isinstance(value, Tensor) else np.asarray(value)


def same_rank(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Bring operands whose ranks differ by one to the same rank, by a last dimension of size 1, as Keras does.

    >>> import numpy as np
    >>> [x.shape for x in same_rank(np.zeros(4), np.zeros((4, 1)))]
    [(4, 1), (4, 1)]
    """
    if x1.ndim == x2.ndim + 1 and x1.shape[-1] == 1:
        return (x1, with_last_dimension(x2)) if x2.ndim == 1 else (without_last_dimension(x1), x2)
    if x2.ndim == x1.ndim + 1 and x2.shape[-1] == 1:
        return (with_last_dimension(x1), x2) if x1.ndim == 1 else (x1, without_last_dimension(x2))
    return x1, x2


def with_last_dimension(x: Any) -> Any:
    """Shape (n, ...) becomes (n, ..., 1)."""
    return ops.reshape(x, (*x.shape, 1))


def without_last_dimension(x: Any) -> Any:
    """Shape (n, ..., 1) becomes (n, ...)."""
    return ops.reshape(x, x.shape[:-1])
