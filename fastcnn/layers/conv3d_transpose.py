"""Transposed 3D convolution."""

from __future__ import annotations

from typing import Any

from fastcnn.layers.base_conv_transpose import BaseConvTranspose
from fastcnn.layers.registry import register


@register
class Conv3DTranspose(BaseConvTranspose):
    """Transposed 3D convolution: from volumes of the shape of a convolution's outputs to larger ones, of its inputs'.

    Args:
        filters: number of output channels.
        kernel_size: depth, height and width of the window, an integer or a tuple of three.
        strides: step between the windows of neighbouring inputs, an integer or a tuple of three. Default 1.
        padding: "valid", all that the windows cover, or "same", so that the output has `size * stride`
            places in each direction. Default "valid".
        data_format: None or "channels_last"; "channels_first" for inputs and outputs with their channels behind the
            batch.
        output_padding: how much longer the output is than it need be, less than the strides; an integer or
            a tuple of three. Default None: as below.
        dilation_rate: distance of the window's taps, an integer or a tuple of three; not together with strides.
            Default 1.
        activation: name or function. Default None: linear.
        use_bias: whether a bias is added. Default True.
        kernel_initializer: name or object. Default "glorot_uniform".
        bias_initializer: name or object. Default "zeros".
        kernel_regularizer, bias_regularizer: penalties for the weights; name, object or function. Default None.
        activity_regularizer: penalty for the output, divided by the batch size. Default None.
        kernel_constraint, bias_constraint: what gives allowed values after each update. Default None.

    Input shape: `(batch, depth, height, width, channels)`, converted to float32.

    Output shape: `(batch, new_depth, new_height, new_width, filters)`, float32. With
    `window = dilation_rate * (kernel_size - 1) + 1`, a size becomes `(size - 1) * strides + max(window, strides)` with
    padding "valid", or `(size - 1) * strides + window + output_padding`; with "same"
    `size * strides`, or `(size - 1) * strides + window % 2 + output_padding`.

    Weights: `kernel` of shape `(*kernel_size, filters, channels)`, `bias` of shape `(filters,)`.

    Cost: the number of input values, times the kernel's size, times `filters` multiply-adds a sample.

    Raises:
        ValueError: an argument does not fit, strides and dilation are both above 1, or output_padding is not below the
            strides.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> x = np.random.rand(2, 4, 4, 4, 8)
    >>> layers.Conv3DTranspose(3, 2, strides=2)(x).shape
    (2, 8, 8, 8, 3)
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, *args, **kwargs)
