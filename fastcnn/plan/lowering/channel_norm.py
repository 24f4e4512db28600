"""Lowering of batch normalisation: statistics, normalised values, gradients, moving averages, folded weights."""

from typing import Any

import numpy as np

from fastcnn._core.bias import SumPartials
from fastcnn._core.broadcast import Binary
from fastcnn._core.call import Call
from fastcnn._core.channel_norm import (
    ChannelCoefficients,
    ChannelGradientSums,
    ChannelInputGradient,
    ChannelNormalize,
    ChannelStatistics,
    MergeStatistics,
    MovingAverage,
    gradient_pieces,
    statistics_weights,
)
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


def is_relu(node: Any) -> bool:
    """Whether a ReLU belongs to the node."""
    return node.attrs["activation"] == "relu"


def statistics_pieces(node: Any) -> Workspace:
    """Mean and sum of squares of each piece of the rows."""
    shape = node.inputs[0].shape
    return [((len(statistics_weights(shape)), 2, shape[-1]), "float32")]


@lowers("batch_statistics", workspace=statistics_pieces)
def batch_statistics(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    (x,) = inputs
    return [
        ChannelStatistics(x, workspace[0]),
        MergeStatistics(workspace[0], statistics_weights(x.shape), *outputs),
    ]


def coefficients(node: Any) -> Workspace:
    """Five coefficients for each channel."""
    return [((5, node.inputs[-1].shape[0]), "float32")]


@lowers("batch_normalization", workspace=coefficients)
def batch_normalization(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, *statistics = inputs
    return [
        ChannelCoefficients(*statistics, workspace[0], epsilon=node.attrs["epsilon"]),
        ChannelNormalize(x, workspace[0], outputs[0], relu=is_relu(node)),
    ]


def coefficients_and_sums(node: Any) -> Workspace:
    """The coefficients, and the sums of each run of rows."""
    shape = node.inputs[0].shape
    partials = (gradient_pieces(shape), shape[-1])
    return [((5, shape[-1]), "float32"), (partials, "float32"), (partials, "float32")]


@lowers("batch_normalization_sums", workspace=coefficients_and_sums)
def batch_normalization_sums(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, x, *statistics = inputs
    k, *partials = workspace
    return [
        ChannelCoefficients(*statistics, k, epsilon=node.attrs["epsilon"]),
        ChannelGradientSums(dy, x, k, *partials, relu=is_relu(node)),
        *(SumPartials(parts, total) for parts, total in zip(partials, outputs, strict=True)),
    ]


@lowers("batch_normalization_input_gradient", workspace=coefficients)
def batch_normalization_input_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dy, x, mean, variance, gamma, beta, *sums = inputs
    rows = x.size // max(x.shape[-1], 1)
    sums = sums or [np.zeros(mean.shape, "float32")] * 2  # the statistics do not depend on x
    return [
        ChannelCoefficients(
            mean,
            variance,
            gamma,
            beta,
            workspace[0],
            epsilon=node.attrs["epsilon"],
            sums=tuple(sums),
            rows=max(rows, 1),
        ),
        ChannelInputGradient(dy, x, workspace[0], outputs[0], relu=is_relu(node)),
    ]


@lowers("fold_batch_normalization", workspace=coefficients)
def fold_batch_normalization(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    w, bias, *statistics = inputs
    k = workspace[0]
    return [
        ChannelCoefficients(*statistics, k, epsilon=node.attrs["epsilon"]),
        Binary(w, k[1], outputs[0], op="multiply"),
        ChannelNormalize(bias.reshape(1, -1), k, outputs[1].reshape(1, -1), relu=False),
    ]


@lowers("moving_average")
def moving_average(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [MovingAverage(*inputs, momentum=node.attrs["momentum"])]
