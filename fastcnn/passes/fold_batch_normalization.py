"""Fold batch normalisation by known statistics into the convolution before it: its weights are scaled and its bias
moved, in every run from the variables as they are then, and nothing is left to do behind the convolution."""

import math

import numpy as np

from fastcnn.graph import Graph, Node, Tensor, constant, emit


def fold_batch_normalization(graph: Graph) -> Graph:
    """conv2d + batch_normalization -> fold_batch_normalization + conv2d, where nothing else reads what lies between.

    Only where the weights of a filter are no more than the pixels of an image: else scaling them would cost more than
    the pass that it saves. The number of images plays no part, so that a row has the same bits in any batch.
    """
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | None:
        if node.op.name != "batch_normalization" or node.attrs["of_batch"] or uses[node.inputs[0]] != 1:
            return None
        conv = inputs[0].node
        if conv is None or conv.op.name != "conv2d" or conv.attrs["activation"] is not None:
            return None
        if any(tensor.node is not None for tensor in (*conv.inputs[1:], *inputs[1:])) or not pays(conv):
            return None
        x, w, *bias = conv.inputs
        bias = bias or [constant(np.zeros(w.shape[-1:], "float32"))]
        folded = emit("fold_batch_normalization", w, *bias, *inputs[1:], epsilon=node.attrs["epsilon"])
        return [emit("conv2d", x, *folded, **{**conv.attrs, "activation": node.attrs["activation"]})]

    return graph.rewrite(replace)


def pays(conv: Node) -> bool:
    """Whether a filter has no more weights than an image has pixels behind it."""
    return math.prod(conv.inputs[1].static_shape[:3]) <= math.prod(conv.outputs[0].static_shape[1:3])
