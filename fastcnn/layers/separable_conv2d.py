"""Separable 2D convolution."""

from __future__ import annotations

from fastcnn.layers.base_separable_conv import BaseSeparableConv
from fastcnn.layers.registry import register


@register
class SeparableConv2D(BaseSeparableConv):
    """Separable 2D convolution of images: a depthwise convolution, then one of the channels of each pixel.

    Args:
        filters: number of output channels.
        kernel_size: height and width of the window, an integer or a pair.
        strides: step of the window, an integer or a pair. Default 1.
        padding: "valid", no padding, or "same", zeros around the image, so that the output has `ceil(size / stride)`
            rows and columns. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        dilation_rate: distance of the window's taps, an integer or a pair. Default 1.
        depth_multiplier: number of depthwise filters for each channel. Default 1.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        depthwise_initializer, pointwise_initializer: of the kernels; name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties for the weights; name, object or
            function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        depthwise_constraint, pointwise_constraint, bias_constraint: what gives allowed values after each update.
            Default None.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_height, new_width, filters)`, float32; with padding "valid" a size becomes
    `floor((size - dilation_rate * (kernel_size - 1) - 1) / strides) + 1`.

    Weights: `depthwise_kernel` of shape `(*kernel_size, channels, depth_multiplier)`, `pointwise_kernel` of shape
    `(1, 1, channels * depth_multiplier, filters)`, `bias` of shape `(filters,)`.

    Cost: for each output pixel, `channels * depth_multiplier * (kernel's size + filters)` multiply-adds.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.rand(4, 10, 10, 5)
    >>> layers.SeparableConv2D(7, 3, activation="relu")(x).shape
    (4, 8, 8, 7)
    """

    rank = 2
