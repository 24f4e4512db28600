"""Where each weight of a model stands in a file: `layers/conv2d/vars/0`, by Keras's rule.

Layers go by their class, not by their names, so that the names which two copies of a model happen to have do not
matter: the second Conv2D of a container is `conv2d_1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fastcnn.graph import Variable
from fastcnn.layers.layer import Layer
from fastcnn.layers.naming import snake_case


def layer_paths(layer: Layer, path: str = "", as_keras: bool = False) -> Iterator[tuple[str, Layer]]:
    """The layer and all layers inside, each with its path; that of the outermost is empty.

    With `as_keras` the attributes of a subclassed model are walked in alphabetical order as in Keras's files, where
    those behind "layers" stand in the list of that name.
    """
    yield path, layer
    containers: dict[str, dict[str, int]] = {}
    for attribute, inner in members_as_keras(layer) if as_keras else layer.sublayers():
        if isinstance(vars(layer).get(attribute), Layer):
            name = attribute
        else:
            used = containers.setdefault(attribute, {})
            kind = snake_case(type(inner).__name__)
            number = used[kind] = used.get(kind, -1) + 1
            name = f"{attribute}/{kind}_{number}" if number else f"{attribute}/{kind}"
        yield from layer_paths(inner, f"{path}/{name}" if path else name, as_keras)


def members_as_keras(layer: Layer) -> list[tuple[str, Layer]]:
    """The layers inside, with the attributes by which Keras's files name them."""
    members = sorted(layer.sublayers(), key=lambda member: (member[0].startswith("_"), member[0]))
    inner = getattr(layer, "layers", None)
    if not isinstance(inner, list):
        return members
    first = [member for member in members if member[0] <= "layers" and not member[0].startswith("_")]
    return [*first, *(("layers", one) for one in inner if ("layers", one) not in first)]


def state_paths(model: Layer) -> dict[str, Variable]:
    """The states of all random layers of a model by their paths: what seeds come next."""
    return numbered(model, "states", lambda layer: layer.own_states)


def weight_paths(model: Layer, as_keras: bool = False) -> dict[str, Variable]:
    """All weights of a model by their paths; a weight that two layers share stands where it is found first."""
    return numbered(model, "vars", lambda layer: [*layer._own_weights, *layer._own_fixed_weights], as_keras)


def numbered(
    model: Layer, group: str, own: Callable[[Layer], Iterable[Variable]], as_keras: bool = False
) -> dict[str, Variable]:
    """What each layer has of its own, by the layer's path, the name of the group and a number; each once."""
    found: dict[Variable, str] = {}
    for path, layer in layer_paths(model, as_keras=as_keras):
        for number, variable in enumerate(own(layer)):
            found.setdefault(variable, f"{path}/{group}/{number}" if path else f"{group}/{number}")
    return {path: variable for variable, path in found.items()}
