"""Let element-wise functions come before exchanged axes and reshapes, and take exchanges away that undo each other: so
that a ReLU stands right behind its convolution, and layers with channels first meet without moving their images."""

from fastcnn.graph import Graph, Node, Tensor, emit

MOVES = ("transpose", "reshape")
ELEMENT_WISE = ("relu", "activation", "sigmoid", "tanh", "exp", "log", "square", "sqrt", "negative", "abs")
"""Functions of single elements that may come first."""


def sink_views(graph: Graph) -> Graph:
    """f(move(x)) -> move(f(x)) where nothing else reads the moved x; two transposes -> one, or none."""
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | None:
        move = inputs[0].node if inputs else None
        if move is None or move.op.name not in MOVES:
            return None
        if node.op.name in ELEMENT_WISE and uses[node.inputs[0]] == 1 and move.inputs[0].node is not None:
            return [emit(move.op.name, emit(node.op.name, *move.inputs, **node.attrs), **move.attrs)]
        if node.op.name == move.op.name == "transpose":
            axes = tuple(move.attrs["axes"][axis] for axis in node.attrs["axes"])
            source = move.inputs[0]
            return [source if axes == tuple(range(source.ndim)) else emit("transpose", source, axes=axes)]
        return None

    return graph.rewrite(replace)
