"""Functions and layers made into layers: `Identity`, `Lambda`, `Wrapper`, `TimeDistributed`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from fastcnn import ops
from fastcnn.graph import Shape
from fastcnn.layers.arguments import flat_size
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import deserialize, register, serialize


@register
class Identity(Layer):
    """Gives out what it gets.

    Example:

    >>> from fastcnn import layers
    >>> layers.Identity()([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)


@register
class Lambda(Layer):
    """A function, written with `fastcnn.ops`, as a layer.

    Args:
        function: takes the input first; may have parameters `training` and `mask`.
        output_shape: the shape of the output without the batch, or a function of the input's shape. Default None: found
            by the function itself.
        mask: the mask of the output, or a function `(inputs, mask)` that gives it. Default None: it has none.
        arguments: further arguments of the function by name. Default None.

    A model with a `Lambda` is not saved as a whole: a file may not hold code. Write a `Layer` for that.

    Raises:
        ValueError: `function` is none.

    Example:

    >>> from fastcnn import layers
    >>> layers.Lambda(lambda x: x * x)([[3.0]])
    array([[9.]], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ValueError(f"function must be a function of the input, received function={function!r}")
        self.mask = mask
        self.supports_masking = mask is not None
        self.function = function
        if not isinstance(arguments or {}, Mapping):
            raise ValueError(f"arguments must be a dictionary, received arguments={arguments!r}")
        self.arguments = dict(arguments or {})
        self.shape_rule = output_shape
        self.wanted = {"mask", "training"} & set(inspect.signature(function).parameters)

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        more = {name: value for name, value in (("mask", mask), ("training", training)) if name in self.wanted}
        return self.function(inputs, **{**self.arguments, **more})

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """What `mask` says."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if self.shape_rule is None:
            return super().compute_output_shape(input_shape)
        if callable(self.shape_rule):
            return tuple(self.shape_rule(input_shape))
        return (input_shape[0], *self.shape_rule)

    def get_config(self) -> dict[str, Any]:
        raise ValueError(
            f"the layer {self.name!r} is a Lambda: a configuration may not hold code; write a Layer with call() for it"
        )


@register
class Wrapper(Layer):
    """The base of layers around another layer.

    Args:
        layer: the layer.

    Raises:
        ValueError: it is no layer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> class Twice(layers.Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(layers.Dense(3))(np.zeros((2, 3))).shape
    (2, 3)
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Please initialize `{type(self).__name__}` layer with a `Layer` instance. Received: {layer!r}"
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Shape) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": serialize(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Wrapper:
        return cls(**{**config, "layer": deserialize(config["layer"])})


@register
class TimeDistributed(Wrapper):
    """A layer applied to each step of a sequence, with the same weights.

    Args:
        layer: the layer.

    Input shape: `(batch, steps, ...)`.

    Output shape: `(batch, steps, ...)`, the rest being that of the layer's output for one step.

    Raises:
        ValueError: it is no layer, or the input has no steps.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.TimeDistributed(layers.Conv2D(4, 3))(np.zeros((2, 5, 8, 8, 3))).shape
    (2, 5, 6, 6, 4)
    """

    supports_masking = True

    def build(self, input_shape: Shape) -> None:
        super().build(step_shape(input_shape))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        shape: Any = inputs.shape
        if mask is not None and (len(mask.shape) < 2 or tuple(mask.shape[:2]) != tuple(shape[:2])):
            raise ValueError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {tuple(mask.shape)} that is "
                f"incompatible with the input shape {tuple(shape)}. The first two dimensions of the mask (batch size "
                "and timesteps) must match the input's first two dimensions."
            )
        step: Any = step_shape(shape)
        outputs = self.layer(ops.reshape(inputs, (-1, *step[1:])))
        if outputs.shape[0] is None or flat_size(outputs.shape) > 0:
            return ops.reshape(outputs, (-1, shape[1], *outputs.shape[1:]))
        return ops.reshape(outputs, (shape[0], shape[1], *outputs.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        inner = self.layer.compute_output_shape(step_shape(input_shape))
        return (input_shape[0], input_shape[1], *inner[1:])


def step_shape(shape: Shape) -> Shape:
    """The shape of the input of one step.

    Raises:
        ValueError: there are no steps.
    """
    if len(shape) < 3:
        raise ValueError(
            "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, "
            f"received: {tuple(shape)}"
        )
    return (None, *shape[2:])
