"""All fusions of a forward graph, in the order in which each finds what it looks for."""

from fastcnn.graph import Graph
from fastcnn.passes.convolution_as_product import convolution_as_product
from fastcnn.passes.fold_batch_normalization import fold_batch_normalization
from fastcnn.passes.fuse_batch_normalization import fuse_batch_normalization
from fastcnn.passes.fuse_bias_activation import fuse_bias_activation
from fastcnn.passes.fuse_conv_pool import fuse_conv_pool
from fastcnn.passes.fuse_softmax_loss import fuse_softmax_loss
from fastcnn.passes.pool_before_activation import pool_before_activation
from fastcnn.passes.sink_views import sink_views

FUSIONS = (
    convolution_as_product,
    sink_views,
    pool_before_activation,
    fuse_bias_activation,
    fuse_batch_normalization,
    fuse_conv_pool,
    fuse_softmax_loss,
)
"""In this order."""


def fuse_forward(graph: Graph, fixed_weights: bool = False) -> Graph:
    """Fuse conv + bias + ReLU + max-pool, dense + bias + ReLU, conv + batch normalisation + ReLU, and softmax +
    cross-entropy; other rising functions come behind the pool. Runs before the graph is differentiated: fused ops have
    gradients of their own; and before updates are appended: a fused op runs where its last part ran, and must not come
    behind an update of what it reads. Where no gradient of weights will be wanted (`fixed_weights`), batch
    normalisation goes into the weights."""
    if fixed_weights:
        graph = fold_batch_normalization(graph)
    for fuse in FUSIONS:
        graph = fuse(graph)
    return graph
