"""All fusions of a forward graph, in the order in which each finds what it looks for."""

from fastcnn.graph import Graph
from fastcnn.passes.fuse_bias_activation import fuse_bias_activation
from fastcnn.passes.fuse_conv_pool import fuse_conv_pool
from fastcnn.passes.fuse_softmax_loss import fuse_softmax_loss


def fuse_forward(graph: Graph) -> Graph:
    """Fuse conv + bias + ReLU + max-pool, dense + bias + ReLU, and softmax + cross-entropy. Runs before the graph is
    differentiated: fused ops have gradients of their own; and before updates are appended: a fused op runs where its
    last part ran, and must not come behind an update of what it reads."""
    for fuse in (fuse_bias_activation, fuse_conv_pool, fuse_softmax_loss):
        graph = fuse(graph)
    return graph
