"""Let the weight gradient of a dense layer flow straight into the optimizer's update: the gradient of a large matrix
is neither stored nor read back, and the weights and their slots pass through the cache once."""

from fastcnn.graph import OPS, Graph, Node, Tensor, emit

WORTH_FUSING = 1 << 14
"""Weights below this number stay in the L1 cache between the two ops anyway."""


def fuse_updates(graph: Graph) -> Graph:
    """matmul(x, dy, transpose_a=True) + update(w, gradient, ...) -> one node, where only the update reads the gradient,
    which may be reshaped to that of a convolution."""
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        fused = f"matmul_{node.op.name}"
        if (
            not node.op.name.endswith("_update")
            or fused not in OPS
            or inputs[0].size < WORTH_FUSING
            or uses[node.inputs[1]] != 1
        ):
            return None
        product, old = inputs[1].node, node.inputs[1].node
        if old is not None and product is not None and old.op.name == "reshape" and uses[old.inputs[0]] == 1:
            product = product.inputs[0].node
        if product is None or not is_weight_gradient(product) or any(map(reads_variable, product.inputs)):
            return None
        weights, _, *rest = inputs
        shape = product.outputs[0].static_shape
        operands = [as_matrix(tensor, weights.static_shape, shape) for tensor in (weights, *rest)]
        updated = emit(fused, *product.inputs, *operands, **node.attrs, **product.precision)
        return updated if isinstance(updated, tuple) else (updated,)

    return graph.rewrite(replace)


def is_weight_gradient(node: Node) -> bool:
    """Whether a node is x^T dy and no more."""
    attrs = node.attrs
    return (
        node.op.name == "matmul"
        and len(node.inputs) == 2
        and attrs["transpose_a"]
        and not attrs["transpose_b"]
        and attrs["activation"] is None
    )


def as_matrix(tensor: Tensor, shape: tuple[int, ...], matrix: tuple[int, ...]) -> Tensor:
    """The weights of a convolution that became a product, and their slots, as a matrix; other tensors as they are."""
    if shape == matrix or tensor.shape != shape:
        return tensor
    view: Tensor = emit("reshape", tensor, shape=matrix)
    return view


def reads_variable(tensor: Tensor) -> bool:
    """Whether a tensor is the memory of a variable, which an update before the fused node may have changed."""
    while tensor.node is not None and tensor.node.op.is_view:
        tensor = tensor.node.inputs[0]
    return tensor.variable is not None
