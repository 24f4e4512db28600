"""softmax followed by cross-entropy becomes one op: stable where probabilities vanish, with the gradient p - target.

The probabilities are an output of the fused op too: metrics behind the loss read them there.
"""

from fastcnn.graph import Graph, Node, Tensor, emit


def fuse_softmax_loss(graph: Graph) -> Graph:
    """cross_entropy(target, softmax(logits)) -> softmax_cross_entropy(target, logits), for logits of rank 2."""
    logits: dict[Node, Tensor] = {}

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> dict[Tensor, Tensor] | None:
        if node.op.name == "softmax":
            logits[node] = inputs[0]
        if node.op.name != "cross_entropy" or node.inputs[1].node not in logits:
            return None
        loss, probabilities = emit(
            "softmax_cross_entropy", inputs[0], logits[node.inputs[1].node], sparse=node.attrs["sparse"]
        )
        return {node.outputs[0]: loss, node.inputs[1]: probabilities}

    return graph.rewrite(replace)
