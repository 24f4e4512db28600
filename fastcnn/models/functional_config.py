"""The configuration of a functional model, in Keras 3's form: layers, each with the calls of it, and the two ends.

A tensor among the arguments of a call is written as the name of the layer, the number of the layer's call in the model,
and the number of its output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastcnn.graph import SymbolicTensor
from fastcnn.layers.input import InputLayer
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.utils import tree

if TYPE_CHECKING:
    from fastcnn.models.functional import Functional

TENSOR = "__keras_tensor__"


def write(model: Functional) -> dict[str, Any]:
    """The configuration of a model."""
    from fastcnn.saving.serialization import serialize_keras_object

    def written(leaf: Any) -> Any:
        if isinstance(leaf, SymbolicTensor):
            config = {"shape": list(leaf.shape), "dtype": leaf.dtype, "keras_history": history(model, leaf)}
            return {"class_name": TENSOR, "config": config}
        return serialize_keras_object(leaf)

    layers = []
    for layer in model.operations:
        calls = [call for call in model.calls if model._layer_of[call] is layer]
        inbound = [
            {
                "args": tree.map_structure(written, list(call.args)),
                "kwargs": {} if isinstance(call.target, str) else tree.map_structure(written, call.kwargs),
            }
            for call in calls
            if not isinstance(layer, InputLayer)
        ]
        layers.append({**serialize(layer), "name": layer.name, "inbound_nodes": inbound})
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": tree.map_structure(lambda tensor: history(model, tensor), model.input_structure),
        "output_layers": tree.map_structure(lambda tensor: history(model, tensor), model.output_structure),
    }


def history(model: Functional, tensor: SymbolicTensor) -> list[Any]:
    """A tensor's layer by name, the number of the call among that layer's in the model, and that of the output."""
    layer = model._layer_of[tensor.source]
    calls = [call for call in model.calls if model._layer_of[call] is layer]
    return [layer.name, calls.index(tensor.source), tensor.index]


def read(cls: type[Functional], config: Mapping[str, Any]) -> Functional:
    """A model from its configuration.

    Raises:
        ValueError: it is none.
    """
    try:
        return restored(cls, config)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the configuration of a functional model is damaged: {error!r}") from None


def restored(cls: type[Functional], config: Mapping[str, Any]) -> Functional:
    """The model, by making all layers and calling them as soon as their arguments are there."""
    outputs: dict[tuple[str, int], list[Any]] = {}
    made = {entry["name"]: deserialize(entry) for entry in config["layers"]}
    waiting = []
    for entry in config["layers"]:
        layer = made[entry["name"]]
        if isinstance(layer, InputLayer):
            outputs[entry["name"], 0] = [layer.symbolic_output()]
        waiting += [(layer, entry["name"], number, node) for number, node in enumerate(entry["inbound_nodes"])]

    def tensor(history: Any) -> SymbolicTensor:
        name, number, index = history
        return outputs[name, number][index]

    while waiting:
        ready = [item for item in waiting if all(key in outputs for key in needed(item[3]))]
        if not ready:
            raise ValueError(f"the layer {waiting[0][1]!r} is called on tensors that no layer gives")
        for layer, name, number, node in ready:
            args, kwargs = (read_arguments(node[part], tensor) for part in ("args", "kwargs"))
            outputs[name, number] = tree.flatten(layer(*args, **kwargs))
        waiting = [item for item in waiting if (item[1], item[2]) not in outputs]
    inputs, outputs = (ends_of(config[part], tensor) for part in ("input_layers", "output_layers"))
    return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))


def is_tensor(value: Any) -> bool:
    """Whether a part of the configuration stands for a tensor."""
    return isinstance(value, dict) and value.get("class_name") == TENSOR


def needed(value: Any) -> list[tuple[str, int]]:
    """The calls, by layer and number, on whose outputs a call depends."""
    if is_tensor(value):
        name, number, _ = value["config"]["keras_history"]
        return [(name, number)]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [key for member in members for key in needed(member)]


def read_arguments(value: Any, tensor: Any) -> Any:
    """Arguments of a call, with tensors in the places of their descriptions."""
    if is_tensor(value):
        return tensor(value["config"]["keras_history"])
    if isinstance(value, dict):
        if str(value.get("class_name")).startswith("__"):
            from fastcnn.saving.serialization import deserialize_keras_object

            return deserialize_keras_object(value)
        return {key: read_arguments(member, tensor) for key, member in value.items()}
    return [read_arguments(member, tensor) for member in value] if isinstance(value, list) else value


def ends_of(value: Any, tensor: Any) -> Any:
    """Inputs or outputs; one alone is written as its history."""
    if isinstance(value, dict):
        return {key: ends_of(member, tensor) for key, member in value.items()}
    if len(value) == 3 and isinstance(value[0], str):
        return tensor(value)
    return [ends_of(member, tensor) for member in value]
