"""Pairs of nodes that run image by image, so that what passes between them stays in a core's cache.

Behind a first convolution with a pool stands another: the gradient of its input is read by one node only, the weight
gradient of the first. Each task of that one computes the gradient of an image itself just before it needs it; in
bfloat16, where two images go together, of two.
"""

from collections.abc import Mapping
from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.conv_pool_gradient import PoolFirstLayerGradient, fills_lists, is_first_layer
from fastcnn._core.conv_pool_gradient_bfloat16 import PoolPairGradient, is_cut_by_pairs
from fastcnn._core.conv_pool_input_gradient import PoolInputGradient
from fastcnn.graph import Graph, Node
from fastcnn.plan.lowering.bfloat16 import native

INPUT_GRADIENT, WEIGHT_GRADIENT = "conv2d_max_pool_input_gradient", "conv2d_max_pool_weight_gradient"


def chained(graph: Graph) -> dict[Node, Node]:
    """Node that makes a gradient -> the node whose tasks are to make it instead."""
    readers: dict[Any, list[Node]] = {tensor: [] for tensor in graph.outputs}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers.setdefault(tensor, []).append(node)
    pairs = {}
    for node in graph.nodes:
        if node.op.name == INPUT_GRADIENT and tuple(node.inputs[0].shape[:2]) == (3, 3):
            (dx,) = node.outputs
            reader = readers.get(dx, [])
            if dx not in graph.outputs and len(reader) == 1 and makes_its_gradient(reader[0], node):
                pairs[node] = reader[0]
    return pairs


def makes_its_gradient(node: Node, source: Node) -> bool:
    """Whether this node is a weight gradient whose tasks can make the gradient behind its pool that `source` makes."""
    if node.op.name != WEIGHT_GRADIENT or node.inputs[1] is not source.outputs[0]:
        return False
    if tuple(node.attrs["kernel_size"]) != (3, 3) or not (is_unrounded(node) and is_unrounded(source)):
        return False
    x, dy = (tensor.shape for tensor in node.inputs[:2])
    if node.attrs.get("bfloat16"):
        return not fills_lists(x, dy) and is_cut_by_pairs(x, dy)
    return is_first_layer(x[3])


def is_unrounded(node: Node) -> bool:
    """Whether a node's kernels read its operands as they are: no rounded copies come before them."""
    return not node.attrs.get("bfloat16") or native(node.op.name, node) is not None


def join(pairs: Mapping[Node, Node], calls: Mapping[Node, list[Call]]) -> None:
    """Let the second call of each pair do the first. `calls` are those of each node, changed in place."""
    for node, reader in pairs.items():
        (source,) = (call for call in calls[node] if isinstance(call, PoolInputGradient))
        (target,) = (call for call in calls[reader] if isinstance(call, (PoolFirstLayerGradient, PoolPairGradient)))
        target.take_source(source)
        target.kernel = f"{target.kernel}, with the gradient behind it made image by image"
        calls[node].remove(source)
