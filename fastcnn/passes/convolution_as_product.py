"""Make a convolution whose kernel sees the whole map at once the matrix product that it is, of the images as rows and
the weights as a matrix: in the direct gradients all pixels but one of each window would be border."""

import math

from fastcnn.graph import Graph, Node, Tensor, emit


def convolution_as_product(graph: Graph) -> Graph:
    """conv2d -> reshape + matmul + reshape, where kernel and images are of one size."""

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | None:
        if node.op.name != "conv2d" or not sees_whole_map(node):
            return None
        x, w, *bias = inputs
        *taps, outputs = w.static_shape
        size = math.prod(taps)
        rows, matrix = emit("reshape", x, shape=(-1, size)), emit("reshape", w, shape=(size, outputs))
        options = {"transpose_a": False, "transpose_b": False, "activation": node.attrs["activation"]}
        y = emit("matmul", rows, matrix, *bias, **options, **node.precision)
        return [emit("reshape", y, shape=(-1, 1, 1, outputs))]

    return graph.rewrite(replace)


def sees_whole_map(conv: Node) -> bool:
    """Whether each output of a convolution is a sum over all pixels and channels of an image."""
    x, w = conv.inputs[:2]
    padded = any(map(any, conv.attrs["padding"]))
    return not padded and conv.attrs["groups"] == 1 and x.shape[1:3] == w.shape[:2] and 0 not in w.shape
