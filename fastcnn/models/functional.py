"""Models that are put together call by call: `Model(inputs, outputs)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastcnn.graph import SymbolicCall, SymbolicTensor
from fastcnn.graph.masks import set_mask
from fastcnn.layers.input import InputLayer
from fastcnn.layers.layer import Layer
from fastcnn.layers.operation import Operation
from fastcnn.layers.ops_function import OpsFunction
from fastcnn.layers.registry import register
from fastcnn.models import functional_config
from fastcnn.models.model import Model
from fastcnn.models.wiring import arguments_of, calls_between
from fastcnn.ops.recorded import known
from fastcnn.trainers.ends import input_keys
from fastcnn.utils import tree


@register
class Functional(Model):
    """What `Model(inputs, outputs)` makes.

    Args:
        inputs: what `Input` returned, or a list or dictionary of such tensors.
        outputs: a tensor made from them by layers and ops, or a list or dictionary.
        name: a name. Default: `functional`, `functional_1`, ...
        trainable: whether training changes the weights. Default True.

    Raises:
        ValueError: inputs or outputs are no such tensors, or the outputs need other inputs.

    Example:

    >>> import numpy as np
    >>> import fastcnn
    >>> from fastcnn import layers
    >>> image = fastcnn.Input((8, 8, 3))
    >>> x = layers.Conv2D(3, 3, padding="same", activation="relu")(image)
    >>> model = fastcnn.Model(image, layers.Flatten()(x + image))
    >>> model(np.zeros((2, 8, 8, 3))).shape
    (2, 192)
    """

    def __init__(
        self, inputs: Any, outputs: Any = None, name: str | None = None, trainable: bool = True, **kwargs: Any
    ):
        super().__init__(name=name, **kwargs)
        if outputs is None:
            raise ValueError(
                f"a functional model needs inputs and outputs, received inputs={inputs!r} and outputs=None"
            )
        self.input_structure = checked_ends(inputs, "inputs")
        self.output_structure = checked_ends(outputs, "outputs")
        self.inputs = tree.flatten(self.input_structure)
        self.outputs = tree.flatten(self.output_structure)
        if len({tensor.key for tensor in self.inputs}) < len(self.inputs):
            raise ValueError(f"all inputs must be different tensors, received inputs={inputs!r}")
        self.calls = calls_between(self.inputs, tree.flatten(in_order(self.output_structure)))
        self._layers = layers_of(self.calls, self.inputs)
        self._layer_of = dict(zip(self.calls, self._layers, strict=True))
        names = [layer.name for layer in self.operations]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"The name {doubled[0]!r} is used {names.count(doubled[0])} times in the model. "
                             "All layer names should be unique.")  # fmt: skip
        self._build_shape = shapes_of(self.input_structure)
        self._output_shape = shapes_of(self.output_structure)
        self.built = True
        if not trainable:
            self.trainable = False

    def build(self, input_shape: Any = None) -> None:
        """Nothing: the model is built from its layers."""

    @property
    def input(self) -> Any:
        """The symbolic input, or inputs, of the model."""
        return self.input_structure

    @property
    def output(self) -> Any:
        """The symbolic output, or outputs, of the model."""
        return self.output_structure

    def call(self, inputs: Any, mask: Any = None) -> Any:
        for tensor, own in zip(tree.flatten(inputs), [] if mask is None else tree.flatten(mask), strict=False):
            if own is not None:
                set_mask(tensor, own)
        values: dict[tuple[SymbolicCall, int], Any] = dict(
            zip((tensor.key for tensor in self.inputs), tree.flatten(inputs), strict=True)
        )

        def value(leaf: Any) -> Any:
            return values[leaf.key] if isinstance(leaf, SymbolicTensor) else leaf

        for call in self.calls:
            layer = self._layer_of[call]
            if not isinstance(layer, InputLayer):
                outputs = layer(*tree.map_structure(value, call.args), **self.keywords(call, value))
                values.update(((call, index), output) for index, output in enumerate(tree.flatten(outputs)))
        return tree.map_structure(value, self.output_structure)

    def keywords(self, call: SymbolicCall, value: Any) -> dict[str, Any]:
        """The arguments by name of a call; those of an op are in its layer."""
        return {} if isinstance(call.target, str) else tree.map_structure(value, call.kwargs)

    def as_inputs(self, inputs: Any) -> Any:
        """The inputs in the structure of the model's, each of the rank that the model takes.

        Raises:
            ValueError: there are more or fewer, or one does not fit.
        """
        if isinstance(inputs, dict):
            wanted = input_keys(self)
            if not set(wanted) <= set(inputs):
                raise ValueError(
                    f"Model {self.name!r} takes the inputs {wanted}, received a dictionary of {list(inputs)}"
                )
            inputs = [inputs[key] for key in wanted]
        flat = tree.flatten(inputs) if tree.is_structure(inputs) else [inputs]
        if len(flat) != len(self.inputs):
            raise ValueError(f"Model {self.name!r} expects {len(self.inputs)} input(s), but it received {len(flat)}")
        return [
            self.fitted(Layer.as_input(self, leaf), tensor.shape)
            for leaf, tensor in zip(flat, self.inputs, strict=True)
        ]

    @property
    def operations(self) -> list[Layer]:
        """The layers, those of the inputs included, and the ops between them, from inputs to outputs."""
        return list(dict.fromkeys(self._layers))

    @property
    def layers(self) -> list[Layer]:
        """The layers, those of the inputs included, from inputs to outputs."""
        return [layer for layer in self.operations if not isinstance(layer, Operation)]

    def sublayers(self) -> Iterator[tuple[str, Layer]]:
        """The layers and ops, all belonging to the attribute `layers`."""
        return (("layers", layer) for layer in self.operations)

    def connections(self) -> dict[Layer, str] | None:
        wires = {call: arguments_of(call) for call in self.calls}
        is_chain = all(len(arguments) < 2 for arguments in wires.values()) and len(self.operations) == len(self.calls)
        if is_chain and len(self.inputs) == len(self.outputs) == 1:
            return None
        texts: dict[Layer, list[str]] = {}
        for call, arguments in wires.items():
            if not isinstance(self._layer_of[call], InputLayer):
                texts.setdefault(self._layer_of[call], []).extend(
                    "{}[{}][{}]".format(*functional_config.history(self, tensor)) for tensor in arguments
                )
        return {layer: ", ".join(text) for layer, text in texts.items()}

    def get_config(self) -> dict[str, Any]:
        return functional_config.write(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Functional:
        return functional_config.read(cls, config)


def checked_ends(tensors: Any, which: str) -> Any:
    """The inputs or outputs of a model.

    Raises:
        ValueError: they are no symbolic tensors.
    """
    flat = tree.flatten(tensors)
    if not flat or not all(isinstance(tensor, SymbolicTensor) for tensor in flat):
        raise ValueError(
            f"All `{which}` values must be KerasTensors: what fastcnn.Input returned, or what layers made of it. "
            f"Received: {which}={tensors!r}"
        )
    return tensors


def in_order(tensors: Any) -> Any:
    """A structure whose dictionaries have their keys in alphabetical order, in which Keras looks at them."""
    if isinstance(tensors, dict):
        return {key: in_order(tensors[key]) for key in sorted(tensors)}
    return type(tensors)(map(in_order, tensors)) if isinstance(tensors, (list, tuple)) else tensors


def operation(call: SymbolicCall) -> Operation:
    """The call of an op, or of a function of ops, as a layer."""
    function = known(call.target)
    layer = Operation(call.target, call.kwargs) if function is None else OpsFunction(function.name, call.kwargs)
    layer.record(call.args, {})
    return layer


def shapes_of(tensors: Any) -> Any:
    """The shapes of inputs or outputs; that of a single one in a list stands alone."""
    flat = tree.flatten(tensors)
    return flat[0].shape if len(flat) == 1 else tree.map_structure(lambda tensor: tensor.shape, tensors)


def layers_of(calls: list[SymbolicCall], inputs: list[SymbolicTensor]) -> list[Layer]:
    """The layer of each call: that of an op, and of an input in the middle of other layers, is made here; those of ops
    get their names in the order of the calls."""
    starts = {tensor.source: tensor for tensor in inputs}
    ops = [call for call in calls if isinstance(call.target, str) and call not in starts]
    made = {call: operation(call) for call in sorted(ops, key=lambda call: call.serial)}

    def layer_of(call: SymbolicCall) -> Layer:
        if call in starts and not isinstance(call.target, InputLayer):
            return InputLayer(batch_shape=starts[call].shape)
        return call.target if isinstance(call.target, Layer) else made[call]

    return [layer_of(call) for call in calls]
