"""Take 2x2 max-pooling into the convolution before it: the four values of a window are computed together, and only
the largest and its position are stored. Their gradients then touch just the entries that the pool let through."""

from fastcnn.graph import Graph, Node, Tensor, emit

NO_PADDING = ((0, 0), (0, 0))


def poolable(conv: Node) -> bool:
    """Whether the fused kernel computes this convolution."""
    attrs = conv.attrs
    return (
        conv.op.name == "conv2d"
        and tuple(attrs["strides"]) == (1, 1)
        and tuple(attrs["dilation"]) == (1, 1)
        and attrs["groups"] == 1
        and attrs["activation"] in (None, "relu")
    )


def is_2x2(pool: Node) -> bool:
    """Whether a node is max-pooling over windows of 2x2 side by side."""
    attrs = pool.attrs
    return (
        pool.op.name == "max_pool2d"
        and tuple(attrs["pool_size"]) == (2, 2)
        and tuple(attrs["strides"]) == (2, 2)
        and tuple(map(tuple, attrs["padding"])) == NO_PADDING
    )


def fuse_conv_pool(graph: Graph) -> Graph:
    """conv2d + max_pool2d -> conv2d_max_pool, where nothing else reads the full-sized maps or int32 positions."""
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        if not is_2x2(node) or uses[node.outputs[1]]:
            return None
        conv = inputs[0].node
        if conv is None or uses[node.inputs[0]] != 1 or not poolable(conv):
            return None
        attrs = {"padding": conv.attrs["padding"], "activation": conv.attrs["activation"], **conv.precision}
        return emit("conv2d_max_pool", *conv.inputs, **attrs)

    return graph.rewrite(replace)
