"""Pairs of nodes that run image by image, so that what passes between them stays in a core's cache.

Behind a first convolution with a pool stands another: the gradient of its input is read by one node only, the weight
gradient of the first. Each task of that one computes the gradient of an image itself just before it needs it.
"""

from collections.abc import Mapping
from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.conv_pool_gradient import PoolFirstLayerGradient, is_first_layer
from fastcnn._core.conv_pool_input_gradient import PoolInputGradient
from fastcnn.graph import Graph, Node, Shape


def chained(graph: Graph) -> dict[Node, Node]:
    """Node that makes a gradient -> the node whose tasks are to make it instead."""
    readers: dict[Any, list[Node]] = {tensor: [] for tensor in graph.outputs}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers.setdefault(tensor, []).append(node)
    pairs = {}
    for node in graph.nodes:
        if node.op.name == "conv2d_max_pool_input_gradient" and is_plain(node, node.inputs[0].shape[:2]):
            (dx,) = node.outputs
            reader = readers.get(dx, [])
            if dx not in graph.outputs and len(reader) == 1 and is_weight_gradient(reader[0], dx):
                pairs[node] = reader[0]
    return pairs


def is_weight_gradient(node: Node, dy: Any) -> bool:
    """Whether this node is the weight gradient of a first layer, from this gradient behind its pool."""
    if node.op.name != "conv2d_max_pool_weight_gradient" or node.inputs[1] is not dy:
        return False
    return is_plain(node, node.attrs["kernel_size"]) and is_first_layer(node.inputs[0].shape[3])


def is_plain(node: Node, kernel_size: Shape) -> bool:
    """Whether a node runs on the float32 kernels for what a pool let through."""
    return tuple(kernel_size) == (3, 3) and not node.attrs.get("bfloat16")


def join(pairs: Mapping[Node, Node], calls: Mapping[Node, list[Call]]) -> None:
    """Let the second call of each pair do the first. `calls` are those of each node, changed in place."""
    for node, reader in pairs.items():
        (source,) = (call for call in calls[node] if isinstance(call, PoolInputGradient))
        (target,) = (call for call in calls[reader] if isinstance(call, PoolFirstLayerGradient))
        target.take_source(source)
        target.kernel = f"{target.kernel}, with the gradient behind it made image by image"
        calls[node].remove(source)
