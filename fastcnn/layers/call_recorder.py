"""Calls of a layer on the tensors of a functional model, which remember them."""

from __future__ import annotations

import itertools
import weakref
from typing import Any

from fastcnn.graph import Shape, SymbolicCall, SymbolicTensor, Tensor
from fastcnn.graph.masks import mask_of
from fastcnn.graph.open_sizes import TRIALS, is_open, opened, stand_in
from fastcnn.layers.arguments import map_shapes
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.masks import MaskCarrier
from fastcnn.layers.weight_holder import WeightHolder, all_layers
from fastcnn.utils import tree


class CallRecorder(MaskCarrier, WeightHolder):
    """The part of `Layer` that has to do with functional models. Expects of the layer: its call, `build`."""

    input_spec: InputSpec | None

    def __init__(self, trainable: bool) -> None:
        super().__init__(trainable)
        self._output_shape: Shape | None = None
        self._symbolic_calls: list[tuple[Any, Any]] = []

    def record(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The call as tensors of a functional model, which remember it. Where it is of one tensor alone, the mask of
        that is remembered as an argument, as in Keras; other masks are found when the model runs."""
        if len(args) == 1 and not kwargs and isinstance(args[0], SymbolicTensor):
            kwargs = {name: mask for name, mask in self.masks_for(args, kwargs).items() if mask is not None}
        outputs = self.tried(args, kwargs)
        call = SymbolicCall(self, args, kwargs)
        count = itertools.count()
        symbols = tree.map_structure(
            lambda output: SymbolicTensor(output.shape, output.dtype, source=call, index=next(count)), outputs
        )
        mask = kwargs.get("mask")
        self.pass_on_masks(args[0], tree.map_structure(mask_of, args[0]) if mask is None else mask, symbols)
        ends = tree.map_structure(reference, args[0]), tree.map_structure(reference, symbols)
        self._symbolic_calls = [call for call in self._symbolic_calls if alive(call)] + [ends]
        return symbols

    def tried(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call gives, as tensors without values; where sizes are open, by two trials of a built layer."""

        def trial(size: int) -> Any:
            def plain(leaf: Any) -> Any:
                return stand_in(leaf, size) if isinstance(leaf, Tensor) else leaf

            return self(*tree.map_structure(plain, args), **tree.map_structure(plain, kwargs))  # type: ignore[operator]

        if not any(isinstance(leaf, Tensor) and is_open(leaf.shape) for leaf in tree.flatten((args, kwargs))):
            return trial(0)
        shape = shape_of(args[0])
        if self.input_spec is not None:
            self.input_spec.check(shape, self.name)
        if not self.built:
            self.build(shape)  # type: ignore[attr-defined]
        one = trial(TRIALS[0])
        shown = {layer: layer._output_shape for layer in all_layers(self)}
        other = trial(TRIALS[1])
        for layer, shape in shown.items():
            layer._output_shape = in_common(shape, layer._output_shape)
        shapes = iter([output.shape for output in tree.flatten(other)])
        return tree.map_structure(lambda output: Tensor(opened(output.shape, next(shapes)), output.dtype), one)

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first call in a model.

        Raises:
            AttributeError: there was none.
        """
        return self.symbolic_end(0, "input")

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first call in a model.

        Raises:
            AttributeError: there was none.
        """
        return self.symbolic_end(1, "output")

    def symbolic_end(self, end: int, which: str) -> Any:
        """The input or output of the first call whose model still exists."""
        for call in filter(alive, self._symbolic_calls):
            return tree.map_structure(lambda reference: reference(), call[end])
        raise AttributeError(f"The layer {self.name} has never been called in a model and thus has no defined {which}.")


def reference(leaf: Any) -> Any:
    """A weak reference to a tensor; a function that gives anything else."""
    return weakref.ref(leaf) if isinstance(leaf, Tensor) else lambda: leaf


def alive(references: Any) -> bool:
    """Whether all weakly referenced leaves still exist."""
    return all(reference() is not None for reference in tree.flatten(references))


def shape_of(inputs: Any) -> Any:
    """The shape of a tensor or array, or those of several."""
    return tree.map_structure(lambda leaf: leaf.shape, inputs) if tree.is_structure(inputs) else inputs.shape


def in_common(one: Any, other: Any) -> Any:
    """The shape of two trials, or those of several outputs; None where one is not known."""
    if one is None or other is None:
        return None
    shapes: list[Shape] = []
    map_shapes(shapes.append, other)
    rest = iter(shapes)
    return map_shapes(lambda shape: opened(shape, next(rest)), one)
