"""Models that are a stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastcnn.graph import Shape, SymbolicTensor
from fastcnn.graph.masks import set_mask
from fastcnn.graph.open_sizes import accepts
from fastcnn.layers.arguments import checked_shape
from fastcnn.layers.input import InputLayer
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import deserialize, register, serialize
from fastcnn.models.model import Model


@register
class Sequential(Model):
    """A stack of layers, each with one input and one output.

    Args:
        layers: the layers, which may start with an `Input`. Default: none; see `add`.
        trainable: whether training changes the weights. Default True.
        name: a name. Default: `sequential`, `sequential_1`, ...

    With an `Input` in front, or `input_shape=` on the first layer, the model is built while layers are added. Without,
    it is built by the first data, or by `build(input_shape)`, and has no weights until then.

    Example:

    >>> import numpy as np
    >>> from fastcnn import Input, Sequential, layers
    >>> model = Sequential([
    ...     Input((28, 28, 1)),
    ...     layers.Conv2D(8, 3, activation="relu"),
    ...     layers.MaxPooling2D(2),
    ...     layers.Flatten(),
    ... ])
    >>> model.add(layers.Dense(10, activation="softmax"))
    >>> model.output_shape
    (None, 10)
    >>> model(np.zeros((5, 28, 28, 1))).shape
    (5, 10)
    """

    def __init__(self, layers: Iterable[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        self.ends: tuple[SymbolicTensor, SymbolicTensor] | None = None
        if not isinstance(layers, Iterable) and layers is not None:
            raise TypeError(f"layers must be a list of layers, received layers={layers!r}")
        for layer in layers or ():
            self.append(layer)
        self.rebuild()

    def add(self, layer: Any) -> None:
        """Put a layer on top.

        Args:
            layer: a layer, a model, or what `Input` returned.

        Raises:
            ValueError: it is no layer, its name is taken, or it does not fit the output below; the model is as before.
        """
        before = list(self._layers)
        self.append(layer)
        try:
            self.rebuild()
        except BaseException:
            self._layers = before
            self.rebuild()
            raise

    def append(self, layer: Any) -> None:
        """Put a layer on the list without building."""
        if isinstance(layer, SymbolicTensor) and isinstance(layer.source.target, InputLayer):
            layer = layer.source.target
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Only instances of Layer can be added to a Sequential model. "
                f"Received: {layer!r} (of type {type(layer)})"
            )
        if not self._layers and not isinstance(layer, InputLayer):
            known = layer.input_shape if isinstance(layer, Sequential) and layer.built else layer.first_input_shape
            if known is not None:
                self._layers.append(InputLayer(batch_shape=known))
        if any(other.name == layer.name and other is not layer for other in self._layers):
            raise ValueError(
                "All layers added to a Sequential model should have unique names. "
                f"Name {layer.name!r} is already the name of a layer in this model; pass another name="
            )
        if isinstance(layer, InputLayer) and self._layers:
            raise ValueError(
                f"Sequential model {self.name!r} has layers already; an Input can only be the first of them"
            )
        self._layers.append(layer)

    def pop(self) -> Layer:
        """Take the topmost layer off and return it.

        Raises:
            IndexError: there is none.
        """
        if not self.layers:
            raise IndexError(f"Sequential model {self.name!r} has no layers to pop")
        layer = self._layers.pop()
        self.rebuild()
        return layer

    def rebuild(self) -> None:
        """Build the model for the layers that it now has, where its input shape is known."""
        self.built = False
        self._build_shape = self._output_shape = self.ends = None
        if len(self._layers) > 1 and isinstance(self._layers[0], InputLayer):
            self.build(self._layers[0].batch_shape)

    def build(self, input_shape: Shape | None = None) -> None:
        """Make the weights of all layers for inputs of a shape.

        Args:
            input_shape: the shape, with the batch size or None in front. Default: that of the `Input`.

        Raises:
            ValueError: there are no layers, a layer does not fit the one below, or the shape is not the `Input`'s.
        """
        if not self.layers:
            raise ValueError(
                f"Sequential model {self.name!r} cannot be built because it has no layers; call add(layer)"
            )
        first = self._layers[0]
        if isinstance(first, InputLayer):
            if input_shape is not None and not accepts(first.batch_shape, tuple(input_shape)):
                raise ValueError(
                    f"Sequential model {self.name!r} has already been configured to use input shape "
                    f"{first.batch_shape}; it cannot be built for {tuple(input_shape)}"
                )
            self.connect(first)
        else:
            if input_shape is None:
                raise ValueError(f"Sequential model {self.name!r} has no Input; call build(input_shape)")
            entry = InputLayer(batch_shape=checked_shape(input_shape, "input_shape"))
            self.connect(entry)
            self._layers.insert(0, entry)

    def connect(self, entry: InputLayer) -> None:
        """Call all layers, one on what the other gives, so that each is built and has an input and an output."""
        first = tensor = entry.symbolic_output()
        for layer in self.layers:
            tensor = layer(tensor)
        self.ends = first, tensor
        self._build_shape, self._output_shape = first.shape, tensor.shape
        self.built = True

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic input, in a list, once the model is built."""
        return [self.symbolic_end(0, "input")]

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic output, in a list, once the model is built."""
        return [self.symbolic_end(1, "output")]

    def symbolic_end(self, end: int, which: str) -> Any:
        if self.ends is None:
            raise AttributeError(f"Sequential model {self.name!r} has no defined {which} yet: it is not built")
        return self.ends[end]

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            set_mask(inputs, mask)
        if not self.layers:
            raise ValueError(f"Sequential model {self.name!r} has no layers; call add(layer)")
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return tuple(input_shape)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the `Input`."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    def sublayers(self) -> Iterator[tuple[str, Layer]]:
        """The layers, all belonging to the attribute `layers`."""
        return (("layers", layer) for layer in self.layers)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "trainable": self.trainable, "layers": [serialize(layer) for layer in self._layers]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Sequential:
        layers = config.get("layers")
        if not isinstance(layers, list):
            raise ValueError(
                "the configuration of a Sequential model must be a dictionary with the keys 'name' and 'layers', "
                f"received {config!r}"
            )
        return cls(
            [deserialize(layer) for layer in layers],
            trainable=config.get("trainable", True),
            name=config.get("name"),
        )
