"""Numbers as categories: `CategoryEncoding` of whole numbers, `Discretization` of others by bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.utils.arguments import checked_integer, checked_number, checked_numbers, positive_integer
from fastcnn.utils.lookup import lookup

MODES = {mode: mode for mode in ("one_hot", "multi_hot", "count")}


def encoded(numbers: Any, mode: str, depth: int, weights: Any = None) -> Any:
    """Category numbers as rows of `depth` elements: each by itself, or those of a sample together.

    Args:
        numbers: (...), whole numbers.
        mode: "one_hot": a one at the number; "multi_hot": ones at all numbers of a sample; "count": how often each is
            in a sample.
        depth: the number of categories.
        weights: None, or what each number counts.
    """
    shape = tuple(numbers.shape)
    if not shape:
        numbers, shape = ops.reshape(numbers, (1,)), (1,)
    if mode == "one_hot":
        if len(shape) > 1 and shape[-1] == 1:
            numbers = ops.squeeze(numbers, axis=-1)
        return ops.one_hot(numbers, depth)
    axis = 1 if len(shape) > 1 else 0
    rows = ops.one_hot(numbers, depth)
    if mode == "multi_hot":
        return ops.max(rows, axis=axis)
    if weights is not None:
        rows = ops.multiply(rows, ops.expand_dims(np.asarray(weights, "float32"), -1))
    return ops.sum(rows, axis=axis)


@register
class CategoryEncoding(Layer):
    """Whole numbers as rows of zeros and ones, or of counts.

    Args:
        num_tokens: the number of categories; inputs are from 0 to num_tokens - 1.
        output_mode: "one_hot": each number by itself; "multi_hot": those of a sample together; "count": how often each
            is in a sample. Default "multi_hot".
        sparse: False; there are no sparse tensors.

    Call arguments: the inputs, and `count_weights` of the same shape, which "count" sums up.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.CategoryEncoding(num_tokens=4)([[0, 1], [0, 0], [1, 2], [3, 1]])
    array([[1., 1., 0., 0.],
           [1., 0., 0., 0.],
           [0., 1., 1., 0.],
           [0., 1., 0., 1.]], dtype=float32)
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        if not isinstance(output_mode, str) or output_mode not in MODES:
            raise ValueError(f"Unknown arg for output_mode: {output_mode}; use one of {list(MODES)}")
        refuse_sparse(sparse)
        self.num_tokens = positive_integer(num_tokens, "num_tokens")
        self.output_mode = output_mode
        self.sparse = sparse

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                "`count_weights` is not used when `output_mode` is not `'count'`. "
                f"Received `count_weights={count_weights}`."
            )
        return encoded(inputs, self.output_mode, self.num_tokens, count_weights)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = tuple(input_shape)
        if self.output_mode == "one_hot" and (len(shape) == 1 or (shape and shape[-1] != 1)):
            return (*shape, self.num_tokens)
        return (*shape[:-1], self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}


def refuse_sparse(sparse: bool) -> None:
    """Raise where sparse tensors are wanted."""
    if sparse:
        raise ValueError("sparse=True is not supported; use sparse=False")


@register
class Discretization(Layer):
    """Numbers as the numbers of the bins that they fall into.

    Args:
        bin_boundaries: the bounds between bins, ascending. Default None: from `adapt`.
        num_bins: how many bins `adapt` makes, of about as many elements each. Either this or `bin_boundaries`.
        epsilon: the precision of `adapt`: how far a bound may be off, as a part of all elements. Default 0.01.
        output_mode: "int": numbers of bins, int32; or "one_hot", "multi_hot", "count", as for `CategoryEncoding`.
            Default "int".
        sparse: False; there are no sparse tensors.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])([[-1.5, 1.0, 3.4, 0.5]])
    array([[0, 2, 3, 1]], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        refuse_sparse(sparse)
        lookup("output_mode", output_mode, {**MODES, "int": "int"})
        if num_bins is not None and checked_integer(num_bins, "num_bins") < 0:
            raise ValueError(f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`")
        if num_bins is not None and bin_boundaries is not None:
            raise ValueError(
                "Both `num_bins` and `bin_boundaries` should not be set. "
                f"Received: `num_bins={num_bins}` and `bin_boundaries={bin_boundaries}`"
            )
        if num_bins is None and bin_boundaries is None:
            raise ValueError("You need to set either `num_bins` or `bin_boundaries`.")
        bounds = None if bin_boundaries is None else np.ravel(checked_numbers(bin_boundaries, "bin_boundaries"))
        self.bin_boundaries = None if bounds is None else [float(bound) for bound in bounds]
        self.num_bins = num_bins
        self.epsilon = checked_number(epsilon, "epsilon")
        self.output_mode = output_mode
        self.sparse = sparse

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Compute the bounds between bins from data.

        Args:
            data: an array, or an iterable of batches.
            steps: how many batches are taken. Default None: all.

        Raises:
            ValueError: bounds were given.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` "
                "instead."
            )
        batches = [data] if hasattr(data, "shape") else data
        summary = np.zeros((2, 0), "float32")
        for number, batch in enumerate(batches):
            if steps is not None and number >= steps:
                break
            both = np.concatenate([summarized(batch, self.epsilon), summary], axis=1)
            summary = compressed(both[:, np.argsort(both[0])], self.epsilon)
        self.bin_boundaries = compressed(summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise ValueError(
                "You need to either pass the `bin_boundaries` argument at construction time or call "
                "`adapt(dataset)` before you can start using the `Discretization` layer."
            )
        bins = ops.digitize(inputs, np.asarray(self.bin_boundaries, "float32"))
        if self.output_mode == "int":
            return bins
        return encoded(bins, self.output_mode, len(self.bin_boundaries) + 1)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Discretization:
        """A layer from its configuration; bounds that `adapt` found stand beside the number of bins."""
        arguments = dict(config)
        bounds = arguments.get("bin_boundaries")
        if bounds is not None and arguments.get("num_bins") is not None:
            del arguments["bin_boundaries"]
        layer = cls(**arguments)
        layer.bin_boundaries = bounds
        return layer


def summarized(values: Any, epsilon: float) -> np.ndarray:
    """About 1 / epsilon of the values in order, and how many elements each stands for: (2, n)."""
    ordered = np.sort(np.asarray(values, "float32"), axis=None)
    step = max(ordered.size * epsilon, 1.0)
    bounds = ordered[int(step - 1) :: int(step)]
    return np.stack([bounds, np.full(bounds.shape, step, "float32")])


def compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """The summary (values in order, their weights) at about 1 / epsilon places of equal weight, by interpolation."""
    if summary.shape[1] * epsilon < 1:
        return summary
    places = epsilon + np.arange(0.0, 1.0, epsilon)
    sums = summary[1].cumsum()
    shares = sums / sums[-1]
    values, weights = np.interp(places, shares, summary[0]), np.interp(places, shares, sums)
    return np.stack([values, np.diff(weights, prepend=0.0)]).astype("float32")
