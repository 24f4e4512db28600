"""Passes: functions from graph to graph, each in a file of its own."""

from fastcnn.passes.advance_seeds import advance_seeds
from fastcnn.passes.bind_batch import bind_batch
from fastcnn.passes.convolution_as_product import convolution_as_product
from fastcnn.passes.differentiate import differentiate
from fastcnn.passes.fold_batch_normalization import fold_batch_normalization
from fastcnn.passes.fuse_batch_normalization import fuse_batch_normalization
from fastcnn.passes.fuse_bias_activation import fuse_bias_activation
from fastcnn.passes.fuse_conv_pool import fuse_conv_pool
from fastcnn.passes.fuse_forward import fuse_forward
from fastcnn.passes.fuse_softmax_loss import fuse_softmax_loss
from fastcnn.passes.fuse_updates import fuse_updates
from fastcnn.passes.pool_before_activation import pool_before_activation
from fastcnn.passes.sink_views import sink_views

__all__ = [
    "advance_seeds",
    "bind_batch",
    "convolution_as_product",
    "differentiate",
    "fold_batch_normalization",
    "fuse_batch_normalization",
    "fuse_bias_activation",
    "fuse_conv_pool",
    "fuse_forward",
    "fuse_softmax_loss",
    "fuse_updates",
    "pool_before_activation",
    "sink_views",
]
