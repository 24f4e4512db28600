"""Any graph, run by the NumPy twins of its ops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fastcnn.graph import Graph, Node, Tensor, Variable


def run_graph(graph: Graph, feeds: Mapping[Tensor, np.ndarray]) -> tuple[list[np.ndarray], dict[Variable, np.ndarray]]:
    """Compute the outputs of a graph, node by node.

    Args:
        graph: The graph. Its shapes are not looked at: any batch size that the ops can take will do.
        feeds: Values of the inputs. Variables and constants have their own, unless they are fed too: so a graph runs
            in float64 where all its values are fed in float64.

    Returns:
        The values of the outputs, and the new values of the variables that in-place ops update. Nothing is written
        to: neither to the feeds nor to the variables.

    Raises:
        ValueError: An input has no value.
    """
    values: dict[Tensor, np.ndarray] = dict(feeds)
    owners: dict[Tensor, Tensor] = {}
    updated: dict[Variable, np.ndarray] = {}

    def read(tensor: Tensor) -> np.ndarray:
        tensor = owners.get(tensor, tensor)
        return values[tensor] if tensor in values else leaf_value(tensor)

    for node in graph.nodes:
        results = node.op.reference(*map(read, node.inputs), **node.attrs)
        if not isinstance(results, tuple):
            results = (results,)
        for index, (tensor, result) in enumerate(zip(node.outputs, results, strict=True)):
            written = written_input(node, index)
            if written is not None:
                owners[tensor] = owners.get(written, written)
                tensor = owners[tensor]
                if tensor.variable is not None:
                    updated[tensor.variable] = result
            values[tensor] = result
    return [read(tensor) for tensor in graph.outputs], updated


def written_input(node: Node, index: int) -> Tensor | None:
    """The input in whose memory output number `index` is, where the op works in place."""
    return node.inputs[node.op.in_place[index]] if node.op.in_place else None


def leaf_value(tensor: Tensor) -> np.ndarray:
    """The value which a variable or a constant has."""
    if tensor.variable is not None:
        return tensor.variable.value
    if tensor.value is None:
        raise ValueError(f"the feeds have no value for the graph's input {tensor!r}")
    return tensor.value
