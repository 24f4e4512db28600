"""A graph: inputs, outputs, and the nodes between them in order of execution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from fastcnn.graph.node import Node
from fastcnn.graph.origin import made_by, merged
from fastcnn.graph.tensor import Tensor

Replacement = Callable[[Node, tuple[Tensor, ...]], Sequence[Tensor] | Mapping[Tensor, Tensor] | None]


class Graph:
    """The nodes that the outputs need, sorted by serial number. What nothing needs is not in it."""

    def __init__(self, inputs: Iterable[Tensor], outputs: Iterable[Tensor]) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.nodes = needed_nodes(self.outputs)

    def leaves(self, kind: str) -> list[Tensor]:
        """The variables or constants that the nodes read, each once, in order of first use."""
        found = dict.fromkeys(
            tensor for node in self.nodes for tensor in node.inputs if tensor.node is None and tensor.kind == kind
        )
        return list(found)

    def uses(self) -> Counter[Tensor]:
        """How often each tensor is read by a node or given out."""
        counts: Counter[Tensor] = Counter(self.outputs)
        for node in self.nodes:
            counts.update(node.inputs)
        return counts

    def rewrite(self, replace: Replacement, new_inputs: Sequence[Tensor] | None = None) -> Graph:
        """Replay the graph node by node into a new one.

        `replace(node, inputs)` gets each old node with its already replayed inputs and returns the output tensors to
        use instead; or a mapping from old tensors to new ones, which may name outputs of earlier nodes too (nodes yet
        to come then read the new ones); or None to replay the node as it is. `new_inputs` take the place of the
        graph's inputs.
        """
        inputs = self.inputs if new_inputs is None else tuple(new_inputs)
        replayed: dict[Tensor, Tensor] = dict(zip(self.inputs, inputs, strict=True))
        for node in self.nodes:
            node_inputs = tuple(replayed.get(tensor, tensor) for tensor in node.inputs)
            with made_by(*node.origin):
                outputs = replace(node, node_inputs)
                if outputs is None:
                    outputs = Node(node.op, node_inputs, node.attrs).outputs
                else:
                    inherit_origin(outputs.values() if isinstance(outputs, Mapping) else outputs, node_inputs)
            if isinstance(outputs, Mapping):
                replayed.update(outputs)
            else:
                replayed.update(zip(node.outputs, outputs, strict=True))
        return Graph(inputs, [replayed.get(tensor, tensor) for tensor in self.outputs])

    @property
    def flops(self) -> int:
        """Floating-point operations of one run."""
        return sum(node.flops for node in self.nodes)

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes>"


def inherit_origin(outputs: Iterable[Tensor], replaced_inputs: Sequence[Tensor]) -> None:
    """Nodes that take the place of another one and of some before it come from what those came from, too."""
    for output in outputs:
        if output.node is not None:
            absorbed = [t.node.origin for t in replaced_inputs if t.node is not None and t not in output.node.inputs]
            output.node.origin = merged(*absorbed, output.node.origin)


def needed_nodes(outputs: Iterable[Tensor]) -> list[Node]:
    """All nodes from which the outputs are computed, in order of execution."""
    found: set[Node] = set()
    waiting = [tensor.node for tensor in outputs if tensor.node is not None]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(tensor.node for tensor in node.inputs if tensor.node is not None)
    return sorted(found, key=lambda node: node.serial)
