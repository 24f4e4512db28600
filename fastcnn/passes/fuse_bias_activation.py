"""Fold the bias and the ReLU behind a convolution or a matrix product into it: the tile that is still in registers
is finished there, instead of being written, read and written again."""

from fastcnn.graph import Graph, Node, Tensor, emit

PRODUCTS = {"conv2d": 2, "matmul": 2}
"""Ops that take a bias and a ReLU, and the number of inputs that they have without a bias."""


def fuse_bias_activation(graph: Graph) -> Graph:
    """product + add_bias + relu -> one node, where nothing else reads what lies between."""
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | None:
        product = inputs[0].node if inputs else None
        if product is None or product.op.name not in PRODUCTS or uses[node.inputs[0]] != 1:
            return None
        if product.attrs.get("activation") is not None:
            return None
        if node.op.name == "add_bias" and len(product.inputs) == PRODUCTS[product.op.name]:
            return [emit(product.op.name, *product.inputs, inputs[1], **product.attrs)]
        if node.op.name == "relu":
            return [emit(product.op.name, *product.inputs, **{**product.attrs, "activation": "relu"})]
        return None

    return graph.rewrite(replace)
