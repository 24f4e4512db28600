"""Depthwise 1D convolution."""

from __future__ import annotations

from fastcnn.layers.base_depthwise_conv import BaseDepthwiseConv
from fastcnn.layers.registry import register


@register
class DepthwiseConv1D(BaseDepthwiseConv):
    """Depthwise 1D convolution of sequences: each channel is convolved with filters of its own.

    Args:
        kernel_size: length of the window, an integer or a tuple of one.
        strides: step of the window, an integer or a tuple of one. Default 1.
        padding: "valid", no padding, or "same", zeros around the sequence, so that the output has `ceil(size / stride)`
            steps. Default "valid".
        depth_multiplier: number of filters for each channel. Default 1.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        dilation_rate: distance of the window's taps, an integer or a tuple of one. Default 1.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        depthwise_initializer: of the kernel; name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        depthwise_regularizer, bias_regularizer: penalties for the weights; name, object or function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        depthwise_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Input shape: `(batch, steps, channels)`, converted to float32.

    Output shape: `(batch, new_steps, channels * depth_multiplier)`, float32, where channel
    `c * depth_multiplier + m` is channel c with filter m. With padding "valid" a size becomes
    `floor((size - dilation_rate * (kernel_size - 1) - 1) / strides) + 1`.

    Weights: `kernel` of shape `(*kernel_size, channels, depth_multiplier)`, `bias` of shape
    `(channels * depth_multiplier,)`.

    Cost: the number of output values, times the kernel's size, multiply-adds a sample.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.rand(4, 10, 5)
    >>> layers.DepthwiseConv1D(3, depth_multiplier=2)(x).shape
    (4, 8, 10)
    """

    rank = 1
