"""Drawings of models, by pydot (a description of the graph) and Graphviz's program `dot` (a picture of it)."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

from fastcnn.layers.input import InputLayer
from fastcnn.layers.layer import Layer
from fastcnn.models.functional import Functional
from fastcnn.models.sequential import Sequential
from fastcnn.models.summary import kind_of, shape_text
from fastcnn.models.wiring import arguments_of


def pydot_module(function: str) -> Any:
    """The package pydot."""
    try:
        import pydot
    except ImportError:
        raise ImportError(f"{function} needs pydot: pip install pydot") from None
    return pydot


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """A model as a graph in the language DOT.

    Args:
        model: A built model.
        show_shapes: Whether to show the shapes of inputs and outputs. Default False.
        show_dtype: Whether to show the dtype of the outputs. Default False.
        show_layer_names: Whether to show the layers' names. Default True.
        rankdir: `"TB"` (default) from top to bottom, `"LR"` from left to right.
        expand_nested: Whether to show the layers of models in the model. Default False.
        dpi: Dots per inch. Default 200.
        subgraph: Whether to return a `pydot.Cluster`. Default False.
        show_layer_activations: Whether to show activations. Default False.
        show_trainable: Whether to show which layers are trained. Default False.
        splines: How edges are drawn, `"ortho"` (default), `"curved"`, `"polyline"`, `"spline"` or `"line"`.

    Returns:
        A `pydot.Dot` or `pydot.Cluster`.

    Raises:
        ValueError: The model is not built.
        ImportError: pydot is not installed.

    Example:

    >>> from fastcnn import Input, Sequential, layers, utils
    >>> model = Sequential([Input((4,)), layers.Dense(3), layers.ReLU()])
    >>> len(utils.model_to_dot(model).get_edges())  # doctest: +SKIP
    1
    """
    if not model.built:
        raise ValueError(
            "This model has not yet been built. Build the model first by calling `build()` or by calling the model on "
            "a batch of data."
        )
    pydot = pydot_module("model_to_dot")
    if subgraph:
        dot = pydot.Cluster(style="dashed", graph_name=model.name, label=model.name, labeljust="l")
    else:
        dot = pydot.Dot(rankdir=rankdir, concentrate=True, dpi=dpi, splines=splines)
        dot.set_node_defaults(shape="record")
    shown: dict[str, Any] = {
        "show_shapes": show_shapes,
        "show_dtype": show_dtype,
        "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations,
        "show_trainable": show_trainable,
    }
    if not isinstance(model, (Functional, Sequential)):
        dot.add_node(node(pydot, model, **shown))
        return dot
    for layer in model.operations:
        if expand_nested and isinstance(layer, (Functional, Sequential)):
            dot.add_subgraph(model_to_dot(layer, rankdir=rankdir, expand_nested=True, subgraph=True, **shown))
        else:
            dot.add_node(node(pydot, layer, **shown))
    for source, output, target, position in wires(model):
        if expand_nested:
            source, target = last_layer(source, output), first_layer(target, position)
        if not dot.get_edge(str(id(source)), str(id(target))):
            dot.add_edge(pydot.Edge(str(id(source)), str(id(target)), penwidth="2"))
    return dot


def plot_model(
    model: Any,
    to_file: str | os.PathLike = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """A picture of a model in a file.

    Args:
        model: A built model.
        to_file: Name of the file, whose suffix tells the format. Default `"model.png"`.
        show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, show_layer_activations,
            show_trainable, splines: As for `model_to_dot`; names are not shown by default.

    Returns:
        An image for a notebook, where IPython is installed and the format is none of PDF; else None.

    Raises:
        ValueError: The model is not built.
        ImportError: pydot is not installed.
        OSError: Graphviz's program `dot` is not installed.

    Example:

    >>> from fastcnn import Input, Sequential, layers, utils
    >>> model = Sequential([Input((4,)), layers.Dense(3), layers.ReLU()])
    >>> utils.plot_model(model, "model.png", show_shapes=True)  # doctest: +SKIP
    """
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
    )
    name = os.fspath(to_file)
    suffix = os.path.splitext(name)[1][1:] or "png"
    try:
        dot.write(name, format=suffix)
    except FileNotFoundError as error:
        raise OSError("plot_model needs Graphviz, whose program `dot` was not found") from error
    if suffix == "pdf":
        return None
    try:
        from IPython import display
    except ImportError:
        return None
    return display.Image(filename=name)


def wires(model: Functional | Sequential) -> list[tuple[Layer, int, Layer, int]]:
    """What leads to what: a layer, the number of its output, the layer that takes it, and as which input."""
    if isinstance(model, Sequential):
        layers = model.operations
        return [(source, 0, target, 0) for source, target in pairwise(layers)]
    return [
        (model._layer_of[tensor.source], tensor.index, model._layer_of[call], position)
        for call in model.calls
        if not isinstance(model._layer_of[call], InputLayer)
        for position, tensor in enumerate(arguments_of(call))
    ]


def last_layer(layer: Layer, output: int) -> Layer:
    """The layer inside of a model that makes one of its outputs."""
    while isinstance(layer, (Functional, Sequential)):
        if isinstance(layer, Sequential):
            layer = layer.layers[-1]
        else:
            tensor = layer.outputs[output]
            layer, output = layer._layer_of[tensor.source], tensor.index
    return layer


def first_layer(layer: Layer, position: int) -> Layer:
    """The layer inside of a model that takes one of its inputs."""
    while isinstance(layer, (Functional, Sequential)):
        layer = layer.layers[0] if isinstance(layer, Sequential) else layer._layer_of[layer.inputs[position].source]
    return layer


def node(pydot: Any, layer: Layer, **shown: bool) -> Any:
    """The box of a layer."""
    return pydot.Node(str(id(layer)), label=label(layer, **shown), fontname="Helvetica", border="0", margin="0")


def label(
    layer: Layer,
    show_shapes: bool,
    show_dtype: bool,
    show_layer_names: bool,
    show_layer_activations: bool,
    show_trainable: bool,
) -> str:
    """The table in the box of a layer, in Graphviz's HTML."""
    kind = kind_of(layer)
    title = f"<b>{layer.name}</b> ({kind})" if show_layer_names else f"<b>{kind}</b>"
    cells = []
    if show_shapes and not isinstance(layer, InputLayer):
        cells.append(cell(f"Input shape: <b>{shape_text(layer._build_shape)}</b>"))
    if show_shapes:
        cells.append(cell(f"Output shape: <b>{shape_text(layer._output_shape)}</b>"))
    if show_dtype:
        cells.append(cell(f"Output dtype: <b>{layer.compute_dtype}</b>"))
    if show_trainable and layer.weights:
        colour, text = ("forestgreen", "Trainable") if layer.trainable else ("firebrick", "Non-trainable")
        cells.append(cell(f"<b>{text}</b>", colour, "white"))
    span = f'colspan="{max(len(cells), 1)}"'
    rows = [f'<td {span} bgcolor="black"><font point-size="16" color="white">{title}</font></td>']
    activation = getattr(layer, "activation", None)
    if show_layer_activations and activation is not None:
        name = getattr(activation, "name", None) or getattr(activation, "__name__", str(activation))
        rows.append(f'<td bgcolor="white" {span}><font point-size="14">Activation: <b>{name}</b></font></td>')
    rows += ["".join(cells)] if cells else []
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<<table border="0" cellborder="1" bgcolor="black" cellpadding="10">{body}</table>>'


def cell(text: str, background: str = "white", colour: str = "black") -> str:
    """A cell of the table."""
    return f'<td bgcolor="{background}"><font point-size="14" color="{colour}">{text}</font></td>'
