"""2D convolution."""

from __future__ import annotations

from fastcnn.layers.base_conv import BaseConv
from fastcnn.layers.registry import register


@register
class Conv2D(BaseConv):
    """2D convolution of images: `activation(conv(inputs, kernel) + bias)`.

    Args:
        filters: number of output channels.
        kernel_size: height and width of the window, an integer or a pair.
        strides: step of the window, an integer or a pair. Default 1.
        padding: "valid", no padding, or "same", zeros around the image, so that the output has `ceil(size / stride)`
            rows and columns. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        dilation_rate: distance of the window's taps, an integer or a pair; not together with strides.
            Default 1.
        groups: number of groups into which the channels are split; each is convolved on its own with `filters /
            groups` filters. Default 1.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        kernel_initializer: name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        kernel_regularizer, bias_regularizer: penalties for the weights; name, object or function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        kernel_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Input shape: `(batch, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_height, new_width, filters)`, float32; with padding "valid" a size becomes
    `floor((size - dilation_rate * (kernel_size - 1) - 1) / strides) + 1`.

    Weights: `kernel` of shape `(*kernel_size, channels / groups, filters)`, `bias` of shape `(filters,)`.

    Cost: the number of output values, times the kernel's size, times `channels / groups` multiply-adds a sample.

    Raises:
        ValueError: an argument does not fit, or strides and dilation are both above 1.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.rand(4, 10, 10, 128)
    >>> layers.Conv2D(32, 3, activation="relu")(x).shape
    (4, 8, 8, 32)
    """

    rank = 2
