"""Models with several inputs or outputs: which array goes where, and what the outputs are called."""

from __future__ import annotations

from typing import Any

from fastcnn.utils import tree


def input_leaves(model: Any, x: Any, name: str) -> tuple[list[Any], list[str], Any]:
    """The arrays of x in the order of the model's inputs, their names in messages, and the structure in which the model
    takes them, their numbers being its leaves.

    Raises:
        ValueError: there are more or fewer than inputs, or a name is missing.
    """
    inputs = model.inputs if is_functional(model) else [None] if is_sequential(model) else None
    if inputs is None:
        if not tree.is_structure(x) or (isinstance(x, (list, tuple)) and len(x) == 1):
            return [x], [name], 0
        counter = iter(range(len(tree.flatten(x))))
        structure = tree.map_structure(lambda _: next(counter), x)
        leaves = tree.flatten(x)
        return leaves, [f"{name}[{number}]" for number in range(len(leaves))], structure
    if isinstance(x, dict):
        keys = list(x) if len(inputs) == 1 == len(x) else input_keys(model)
        missing = [key for key in keys if key not in x]
        if missing:
            raise ValueError(f"{name} has no {missing[0]!r}: the model takes the inputs {keys}, received {list(x)}")
        leaves, names = [x[key] for key in keys], [f"{name}[{key!r}]" for key in keys]
    elif len(inputs) == 1:
        return [x], [name], 0
    else:
        leaves = tree.flatten(x) if tree.is_structure(x) else [x]
        names = [f"{name}[{number}]" for number in range(len(leaves))]
    if len(leaves) != len(inputs):
        raise ValueError(f"{name} must hold {len(inputs)} arrays, one for each input, received {len(leaves)}")
    return leaves, names, 0 if len(leaves) == 1 else list(range(len(leaves)))


def input_keys(model: Any) -> list[str]:
    """What the inputs of a model are called."""
    structure = getattr(model, "input_structure", None)
    return list(structure) if isinstance(structure, dict) else layer_names(model, model.inputs)


def output_names(model: Any, structure: Any) -> list[str | None]:
    """What the outputs of a model are called: the keys of a dictionary, else the layers that give them."""
    count = len(tree.flatten(structure))
    if isinstance(structure, dict) and len(structure) == count:
        return list(structure)
    if is_functional(model):
        return list(layer_names(model, model.outputs))
    if count == 1:
        return [model.layers[-1].name if is_sequential(model) and model.layers else None]
    return [f"output_{number}" for number in range(count)]


def is_functional(model: Any) -> bool:
    """Whether a model knows its inputs, outputs and the layers that give them."""
    return hasattr(model, "input_structure")


def is_sequential(model: Any) -> bool:
    """Whether a model is a stack of layers, with one input and one output."""
    return hasattr(model, "append")


def layer_names(model: Any, tensors: Any) -> list[str]:
    """The names of the layers that give a functional model's tensors."""
    return [model._layer_of[tensor.source].name for tensor in tensors]
