"""Batch normalisation in training: the convolution before it takes the statistics of its outputs while they are in the
cache, and the ReLU behind it becomes part of the pass that normalises."""

from fastcnn.graph import Graph, Node, Tensor, emit


def fuse_batch_normalization(graph: Graph) -> Graph:
    """conv2d + batch_statistics -> conv2d_statistics, and batch_normalization + relu -> one node where nothing else
    reads what lies between."""
    uses = graph.uses()
    first_reader: dict[Tensor, Node] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            first_reader.setdefault(tensor, node)

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | dict[Tensor, Tensor] | None:
        before = inputs[0].node if inputs else None
        if before is None:
            return None
        if node.op.name == "relu" and before.op.name == "batch_normalization" and uses[node.inputs[0]] == 1:
            return [emit("batch_normalization", *before.inputs, **{**before.attrs, "activation": "relu"})]
        if node.op.name == "batch_statistics" and before.op.name == "conv2d" and first_reader[node.inputs[0]] is node:
            attrs = dict(before.attrs)
            if attrs.pop("activation") is None:
                outputs = emit("conv2d_statistics", *before.inputs, **attrs)
                return dict(zip((node.inputs[0], *node.outputs), outputs, strict=True))
        return None

    return graph.rewrite(replace)
