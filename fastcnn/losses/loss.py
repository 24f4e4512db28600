"""The base of all losses: from one value per sample to the number that training makes smaller.

A loss states `call(y_true, y_pred)` with `fastcnn.ops`, so it runs at once on arrays, and records nodes on symbolic
tensors when a training step is assembled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor
from fastcnn.graph.masks import mask_of
from fastcnn.layers.naming import auto_name
from fastcnn.utils.custom_objects import find, function_config
from fastcnn.utils.lookup import lookup

REDUCTIONS = {name: name for name in ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")}
MEANS = ("sum_over_batch_size", "mean")


class Loss:
    """Base class of losses; subclass it to write your own.

    Args:
        name: A name for messages; by default made from the class's name.
        reduction: What becomes of the values of the samples: `"sum_over_batch_size"` (or `"mean"`) is their mean,
            `"sum"` their sum, `"mean_with_sample_weight"` their sum divided by the sum of the sample weights; `None`
            (or `"none"`) leaves them as they are. Training needs a number.
        dtype: `None` or `"float32"`.

    Raises:
        ValueError: `reduction` or `dtype` is none of these.

    Example:

    >>> from fastcnn import losses, ops
    >>> class HalfSquare(losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.multiply(ops.square(ops.subtract(y_pred, y_true)), 0.5), axis=-1)
    >>> float(HalfSquare()([[0.0, 2.0]], [[2.0, 2.0]]))
    1.0
    """

    labels: ClassVar[str] = "values"
    """What `y_true` holds: "sparse" (class numbers), "one_hot", "binary" (0 to 1), "values" (of the predictions'
    shape), or "any"."""

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: str | None = None
    ) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.reduction = None if reduction is None else lookup("reduction", reduction, REDUCTIONS)
        self.dtype = checked_dtype(dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample, shape `(batch,)` or `(batch, ...)`. Subclasses state this with `fastcnn.ops`."""
        raise NotImplementedError(f"{type(self).__name__} defines no call(y_true, y_pred)")

    def mask(self, y_true: Any, y_pred: Any, values: Any) -> Any:
        """Of the shape of the values, 0 where one does not count; None where all do."""
        return None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The reduced loss.

        Args:
            y_true: Targets, an array or symbolic tensor.
            y_pred: Predictions, of the shape that the loss asks for.
            sample_weight: Optional factor for each sample's loss, shape `(batch,)`, or for each of its values.
        """
        return self.reduce(*self.weighted(y_true, y_pred, sample_weight))

    def weighted(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        """The values times their weights, and the weights; those that a mask, of the loss or of the predictions, leaves
        out weigh 0, and in a mean the others as much more as makes up for it."""
        y_true, y_pred = operand(y_true), operand(y_pred)
        values = self.call(y_true, y_pred)
        if not hasattr(values, "ndim"):
            raise ValueError(f"the loss {self.name} must return a value for each sample, it returned {values!r}")
        weight = self.mask(y_true, y_pred, values)
        carried = mask_of(y_pred)
        if carried is not None:
            weight = carried if weight is None else ops.logical_and(weight, carried)
        if weight is not None and self.reduction in MEANS:
            weight = ops.multiply(weight, ops.divide_no_nan(math.prod(weight.shape), ops.sum(weight)))
        if sample_weight is not None:
            sample_weight = operand(sample_weight)
            if weight is not None:
                weight, sample_weight = same_rank(weight, sample_weight)
                sample_weight = ops.multiply(sample_weight, weight)
            weight = sample_weight
        if weight is None:
            return values, None
        values, weight = same_rank(values, weight)
        check_weight(weight, values)
        return ops.multiply(values, weight), weight

    def reduce(self, values: Any, weight: Any = None) -> Any:
        """Apply the reduction to the weighted losses of the samples."""
        if self.reduction in (None, "none") or values.ndim == 0 or values.shape == (0,):
            return values
        if self.reduction in MEANS:
            return ops.mean(values)
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            return ops.divide_no_nan(ops.sum(values), ops.sum(weight))
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


def check_weight(weight: Any, values: Any) -> None:
    """Weights must be broadcast to the values that they weigh, as far as both shapes are known.

    Raises:
        ValueError: they cannot be.
    """
    pairs = zip(weight.shape[::-1], values.shape[::-1], strict=False)
    if not all(None in pair or 1 in pair or pair[0] == pair[1] for pair in pairs):
        raise ValueError(
            f"sample_weight of shape {tuple(weight.shape)} must have a weight for each sample, or for each of the "
            f"values, whose shape is {tuple(values.shape)}"
        )


class LossFunctionWrapper(Loss):
    """A function of `(y_true, y_pred)`, written with `fastcnn.ops`, as a loss.

    Args:
        fn: Returns the loss of each sample.
        reduction: As in `Loss`.
        name: By default made from the class's name.
        dtype: As in `Loss`.
        **kwargs: Further arguments for `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.fn = fn
        self.fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Call the function."""
        y_true, y_pred = same_rank(operand(y_true), operand(y_pred))
        return self.fn(y_true, y_pred, **self.fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss; the functions of the library are known by their classes."""
        own = {} if type(self) is not LossFunctionWrapper else {"fn": function_config(self.fn, "loss")}
        return {**super().get_config(), **own, **self.fn_kwargs}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Make a loss from what `get_config` returned."""
        if isinstance(config.get("fn"), dict):
            config = {**config, "fn": find("loss", config["fn"], {})}
        return cls(**config)


def checked_dtype(dtype: Any) -> str:
    """The element type, which is float32.

    Raises:
        ValueError: it is another one.
    """
    if dtype not in (None, "float32", np.float32):
        raise ValueError(f"dtype must be None or 'float32', received {dtype!r}; all numbers are computed in float32")
    return "float32"


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
