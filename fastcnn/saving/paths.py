"""Where each weight of a model stands in a file: `layers/conv2d/vars/0`, by Keras's rule.

Layers go by their class, not by their names, so that the names which two copies of a model happen to have do not
matter: the second Conv2D of a container is `conv2d_1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fastcnn.graph import Variable
from fastcnn.layers.layer import Layer
from fastcnn.layers.naming import snake_case


def layer_paths(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """The layer and all layers inside, each with its path; that of the outermost is empty."""
    yield path, layer
    containers: dict[str, dict[str, int]] = {}
    for attribute, inner in layer.sublayers():
        if isinstance(vars(layer).get(attribute), Layer):
            name = attribute
        else:
            used = containers.setdefault(attribute, {})
            kind = snake_case(type(inner).__name__)
            number = used[kind] = used.get(kind, -1) + 1
            name = f"{attribute}/{kind}_{number}" if number else f"{attribute}/{kind}"
        yield from layer_paths(inner, f"{path}/{name}" if path else name)


def state_paths(model: Layer) -> dict[str, Variable]:
    """The states of all random layers of a model by their paths: what seeds come next."""
    return numbered(model, "states", lambda layer: layer.own_states)


def weight_paths(model: Layer) -> dict[str, Variable]:
    """All weights of a model by their paths; a weight that two layers share stands where it is found first."""
    return numbered(model, "vars", lambda layer: [*layer._own_weights, *layer._own_fixed_weights])


def numbered(model: Layer, group: str, own: Callable[[Layer], Iterable[Variable]]) -> dict[str, Variable]:
    """What each layer has of its own, by the layer's path, the name of the group and a number; each once."""
    found: dict[Variable, str] = {}
    for path, layer in layer_paths(model):
        for number, variable in enumerate(own(layer)):
            found.setdefault(variable, f"{path}/{group}/{number}" if path else f"{group}/{number}")
    return {path: variable for variable, path in found.items()}
