"""Copies of models with new weights, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastcnn.graph import SymbolicTensor
from fastcnn.layers.input import Input, InputLayer
from fastcnn.layers.layer import Layer
from fastcnn.models.functional import Functional
from fastcnn.models.model import Model
from fastcnn.models.sequential import Sequential
from fastcnn.utils import tree


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Model:
    """A model like another one, of new layers with new weights.

    Args:
        model: The model.
        input_tensors: The inputs of the new model, made by `Input`. Default: like those of the other.
        clone_function: Makes the new layer for a layer; not called for inputs. Default: a layer of the same
            configuration.
        call_function: Called as `call_function(layer, *args, **kwargs)` in the place of each call of a new layer, and
            returns what the call is to give. For functional models only.
        recursive: Whether models inside are cloned layer by layer too, by the same functions; else they are layers.

    Returns:
        The new model, not compiled.

    Raises:
        ValueError: Functions or inputs are given for a model that is neither functional nor a `Sequential`, or
            `call_function` for a `Sequential`.

    Example:

    >>> from fastcnn import Input, Sequential, layers, models
    >>> model = Sequential([Input((4,)), layers.Dropout(0.5, name="drop"), layers.Dense(2)])
    >>> def without_dropout(layer):
    ...     if isinstance(layer, layers.Dropout):
    ...         return layers.Identity(name=layer.name)
    ...     return type(layer).from_config(layer.get_config())
    >>> models.clone_model(model, clone_function=without_dropout).layers[0]
    <Identity name=drop, built=True>
    """
    if not isinstance(model, Model):
        raise ValueError(f"Expected `model` argument to be a Model. Received: model={model!r}")
    for name, function in (("clone_function", clone_function), ("call_function", call_function)):
        if function is not None and not callable(function):
            raise ValueError(f"Expected `{name}` argument to be a callable. Received: {name}={function!r}")
    if not isinstance(model, (Functional, Sequential)):
        for name, value in (
            ("input_tensors", input_tensors),
            ("clone_function", clone_function),
            ("call_function", call_function),
        ):
            if value is not None:
                raise ValueError(
                    f"Argument `{name}` is only supported for Sequential models or Functional models. Received model "
                    f"of type '{type(model).__name__}', with {name}={value!r}"
                )
        copy: Model = type(model).from_config(model.get_config())
        if model.built and not copy.built:
            copy.build(model.input_shape)
        return copy
    made: dict[Layer, Layer] = {}

    def clone(layer: Layer) -> Layer:
        if layer not in made:
            if recursive and isinstance(layer, (Functional, Sequential)):
                inner = call_function if isinstance(layer, Functional) else None
                made[layer] = clone_model(layer, None, clone_function, inner, recursive=True)
            elif clone_function is not None:
                made[layer] = clone_function(layer)
            else:
                made[layer] = type(layer).from_config(layer.get_config())
        return made[layer]

    if isinstance(model, Sequential):
        if call_function is not None:
            raise ValueError(
                "`call_function` argument is not supported with Sequential models. In a Sequential model, layers "
                "aren't called at model-construction time (they're merely listed). Use `call_function` with "
                f"Functional models only. Received model of type '{type(model).__name__}', with "
                f"call_function={call_function!r}"
            )
        return clone_sequential(model, input_tensors, clone)
    return clone_functional(model, input_tensors, clone, call_function)


def clone_sequential(model: Sequential, input_tensors: Any, clone: Callable[[Layer], Layer]) -> Sequential:
    """The copy of a stack of layers."""
    new = [clone(layer) for layer in model.layers]
    given = tree.flatten(input_tensors) if input_tensors is not None else []
    if len(given) > 1 or not all(isinstance(one, SymbolicTensor) for one in given):
        raise ValueError(f"Argument `input_tensors` must be a single tensor. Received: input_tensors={input_tensors!r}")
    first = model._layers[0] if model._layers else None
    inputs: list[Any] = list(given)
    if not given and isinstance(first, InputLayer):
        inputs = [InputLayer.from_config(first.get_config())]
    return Sequential([*inputs, *new], name=model.name, trainable=model.trainable)


def clone_functional(
    model: Functional, input_tensors: Any, clone: Callable[[Layer], Layer], call_function: Callable[..., Any] | None
) -> Functional:
    """The copy of a model of calls: each is made again, of the new layer on the new tensors."""
    if input_tensors is None:
        names = [model._layer_of[tensor.source].name for tensor in model.inputs]
        inputs = [Input(batch_shape=tensor.shape, name=name) for tensor, name in zip(model.inputs, names, strict=True)]
    else:
        inputs = tree.flatten(input_tensors)
    if len(inputs) != len(model.inputs) or not all(isinstance(one, SymbolicTensor) for one in inputs):
        raise ValueError(
            f"input_tensors must be {len(model.inputs)} tensors made by Input, received input_tensors={input_tensors!r}"
        )
    values: dict[Any, Any] = {old.key: new for old, new in zip(model.inputs, inputs, strict=True)}

    def value(leaf: Any) -> Any:
        return values[leaf.key] if isinstance(leaf, SymbolicTensor) else leaf

    for call in model.calls:
        if all((call, 0) != tensor.key for tensor in model.inputs):
            layer = model._layer_of[call]
            new = clone(layer)
            args, kwargs = tree.map_structure(value, call.args), model.keywords(call, value)
            results = new(*args, **kwargs) if call_function is None else call_function(new, *args, **kwargs)
            values.update(((call, index), output) for index, output in enumerate(tree.flatten(results)))
    structure = inputs_like(model.input_structure, inputs)
    outputs = tree.map_structure(value, model.output_structure)
    return type(model)(structure, outputs, name=model.name, trainable=model.trainable)


def inputs_like(structure: Any, inputs: list[Any]) -> Any:
    """The inputs in the structure of others."""
    rest = iter(inputs)
    return tree.map_structure(lambda _: next(rest), structure)
