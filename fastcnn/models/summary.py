"""The table that `Model.summary` prints, in the form that Keras users know."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastcnn.graph import Variable
from fastcnn.layers.arguments import map_shapes
from fastcnn.layers.layer import Layer
from fastcnn.layers.ops_function import OpsFunction
from fastcnn.utils.arguments import checked_number, positive_integer

if TYPE_CHECKING:
    from fastcnn.models.model import Model

ASCII = str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│…", "++++++++++++=-||~")
"""For terminals whose encoding has no lines."""

ALIGNMENTS = {"Param #": str.rjust, "Trainable": str.center}
"""Of the columns that are not written to the left."""


def summary_text(
    model: Model,
    line_length: int | None,
    positions: Sequence[float] | None,
    expand_nested: bool,
    show_trainable: bool,
    layer_range: Sequence[str] | None,
) -> str:
    """The whole text of a summary; the arguments are those of `Model.summary`."""
    header = ["Layer (type)", "Output Shape", "Param #"]
    default_ends, longest = [0.45, 0.8, 1.0], 88
    connections = model.connections()
    if connections is not None:
        header.append("Connected to")
        default_ends, longest = [0.3, 0.56, 0.74, 1.0], 108
    if positions is not None and not isinstance(positions, (list, tuple)):
        raise ValueError(f"positions must be a list of numbers, received positions={positions!r}")
    ends = [checked_number(end, "positions") for end in positions or default_ends]
    if show_trainable:
        header.append("Trainable")
        ends = [0.9 * end for end in ends] + [1.0]
        longest += 12
    if line_length is not None:
        positive_integer(line_length, "line_length")
    import shutil  # not imported before it is needed

    width = line_length or min(longest, shutil.get_terminal_size().columns - 4)
    rows = [
        row
        for layer in layers_between(model.operations, layer_range)
        for row in layer_rows(layer, expand_nested, "", connections, show_trainable)
    ]
    lines = [f'Model: "{model.name}"']
    lines += table(header, rows, column_widths(ends, width))
    lines += totals(model)
    text = "\n".join(lines)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return text.translate(ASCII)
    return text


def layers_between(layers: list[Layer], bounds: Sequence[str] | None) -> list[Layer]:
    """The layers from the first that matches one pattern to the last that matches another."""
    if bounds is None:
        return layers
    if len(bounds) != 2 or not all(isinstance(bound, str) for bound in bounds):
        raise ValueError(f"layer_range must be two names of layers, received layer_range={bounds!r}")
    first = [index for index, layer in enumerate(layers) if re.match(bounds[0], layer.name)]
    last = [index for index, layer in enumerate(layers) if re.match(bounds[1], layer.name)]
    if not first or not last:
        names = [layer.name for layer in layers]
        raise ValueError(f"layer_range={tuple(bounds)!r} does not match the names of layers, which are {names}")
    start, end = sorted((first[0], last[-1]))
    return layers[start : end + 1]


def layer_rows(
    layer: Layer, expand: bool, indent: str, connections: dict[Layer, str] | None, show_trainable: bool
) -> list[list[str]]:
    """The row of a layer, followed by those of the layers inside if they are wanted."""
    prefix = f"{indent}└ " if indent else ""
    count = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    row = [f"{prefix}{layer.name} ({kind_of(layer)})", shape_text(layer._output_shape), count]
    if connections is not None:
        row.append(connections.get(layer, "-"))
    if show_trainable:
        row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
    rows = [row]
    if expand:
        for inner in getattr(layer, "layers", ()):
            rows += layer_rows(inner, expand, indent + "   ", connections, show_trainable)
    return rows


def kind_of(layer: Layer) -> str:
    """What a layer is: its class; of a function between tensors Keras's name for it."""
    return layer.kind if isinstance(layer, OpsFunction) else type(layer).__name__


def shape_text(shape: Any) -> str:
    """The shape of an output, or those of several, as text."""
    if shape is None:
        return "?"
    texts = map_shapes(lambda one: f"({', '.join(map(str, one))})", shape)
    return texts if isinstance(texts, str) else str(texts).replace("'", "")


def column_widths(ends: Sequence[float], line_length: int) -> list[int]:
    """Widths of the cells, blanks at both sides included, so that the table with its lines has the wanted length."""
    widths: list[int] = []
    for end in ends:
        widths.append(int(end * line_length) - sum(widths))
    if min(widths) < 4:
        raise ValueError(f"a summary needs more than {line_length} columns; pass a larger line_length")
    widths = [width + 2 for width in widths]
    excess = sum(widths) + len(widths) + 1 - line_length
    for column in range(len(widths)):
        share = round(excess / (len(widths) - column))
        widths[column] -= share
        excess -= share
    return widths


def table(header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Lines of a table with borders."""

    def rule(left: str, line: str, cross: str, right: str) -> str:
        return left + cross.join(line * width for width in widths) + right

    alignments = [ALIGNMENTS.get(title, str.ljust) for title in header]
    body: list[str] = []
    for row in rows:
        if body:
            body.append(rule("├", "─", "┼", "┤"))
        body += cells(row, widths, "│", alignments)
    return [
        rule("┏", "━", "┳", "┓"),
        *cells(header, widths, "┃", alignments),
        rule("┡", "━", "╇", "┩"),
        *body,
        rule("└", "─", "┴", "┘"),
    ]


def cells(
    texts: Sequence[str], widths: Sequence[int], border: str, alignments: Sequence[Callable[..., str]]
) -> list[str]:
    """Lines of one row: long texts are broken between words, words that are still too long are cut."""
    import textwrap  # not imported before it is needed

    columns = []
    for text, width in zip(texts, widths, strict=True):
        room = max(width - 2, 1)
        words = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        columns.append([word if len(word) <= room else f"{word[: room - 1]}…" for word in words])
    lines = []
    for number in range(max(map(len, columns))):
        parts = [
            f" {alignments[index](column[number] if number < len(column) else '', max(width - 2, 1))} "
            for index, (column, width) in enumerate(zip(columns, widths, strict=True))
        ]
        lines.append(border + border.join(parts) + border)
    return lines


def totals(model: Model) -> list[str]:
    """The lines below the table."""
    groups = {"Trainable params": model.trainable_weights, "Non-trainable params": model.non_trainable_weights}
    optimizer: Any = getattr(model, "optimizer", None)
    if optimizer is not None and getattr(optimizer, "built", False):
        groups["Optimizer params"] = list(optimizer.variables)
    groups = {"Total params": [variable for group in groups.values() for variable in group], **groups}
    return [f" {title}: {amount(variables)}" for title, variables in groups.items()]


def amount(variables: Sequence[Variable]) -> str:
    """The number of elements, and the memory that they take."""
    count = sum(math.prod(variable.shape) for variable in variables)
    size = float(sum(variable.value.nbytes for variable in variables))
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        del units[0]
    return f"{count:,} ({size:.2f} {units[0]})"
