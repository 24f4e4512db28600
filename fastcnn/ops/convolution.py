"""Convolutions of one, two and three dimensions, as functions: `conv`, `depthwise_conv`, `separable_conv` and
`conv_transpose`.

All of them end as conv2d or its gradients. One dimension is an image of height one, which is a view. In three, the taps
along the first dimension are laid side by side in the channels (`unfold`): what remains is 2D, on N * OD images. A
depthwise convolution is one in as many groups as channels; a transposed one is the gradient of another's input.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import fastcnn.ops.volume  # noqa: F401  (registers the ops of 3D convolutions)
from fastcnn.graph import Tensor
from fastcnn.ops.checks import numbers_of
from fastcnn.ops.data_format import channels_to_back, channels_to_front
from fastcnn.ops.dispatch import apply, as_tensor, floats
from fastcnn.ops.windows import Numbers, Paddings, paddings

SPACE = {3: "N, W, C", 4: "N, H, W, C", 5: "N, D, H, W, C"}
"""Shapes of inputs by the number of axes that they and the kernel have."""


class Geometry(NamedTuple):
    """What a convolution has for each dimension."""

    strides: Numbers
    padding: Paddings
    dilation: Numbers

    def flat(self) -> dict[str, Any]:
        """As attributes of a 2D op: of the last two dimensions, where the first may be missing."""
        one = (1,) * (2 - len(self.strides))
        none = ((0, 0),) * len(one)
        return {
            "strides": (*one, *self.strides)[-2:],
            "padding": (*none, *self.padding)[-2:],
            "dilation": (*one, *self.dilation)[-2:],
        }

    def depth(self, taps: int, groups: int) -> dict[str, Any]:
        """As attributes of `unfold`: of the first of three dimensions."""
        stride, padding, dilation = (values[0] for values in self)
        return {"taps": taps, "stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def operands(op: str, inputs: Any, kernel: Any, data_format: Any) -> tuple[Any, Any]:
    """Inputs with channels last, and the kernel, both of the same rank. A kernel for symbolic inputs is symbolic, too:
    else what only reshapes a variable would run at once, and its gradient would end there."""
    x, w = floats(inputs), floats(kernel)
    if isinstance(x, Tensor):
        w = as_tensor(w)
    if len(w.shape) not in SPACE:
        raise ValueError(
            f"{op}: kernel must have one, two or three dimensions before its last two, received shape {tuple(w.shape)}"
        )
    if len(x.shape) != len(w.shape):
        raise ValueError(
            f"{op}: inputs must have shape ({SPACE[len(w.shape)]}) for a kernel of shape {tuple(w.shape)}, "
            f"received shape {tuple(x.shape)}"
        )
    return channels_to_back(x, data_format), w


def geometry(x: Any, window: Any, strides: Any, padding: Any, dilation_rate: Any) -> Geometry:
    """The arguments of a convolution, for each dimension."""
    rank = len(x.shape) - 2
    if 0 in window:
        raise ValueError(f"kernel must be at least 1 long in each dimension, received one of size {tuple(window)}")
    steps = numbers_of("strides", strides, rank)
    dilation = numbers_of("dilation_rate", dilation_rate, rank)
    return Geometry(steps, paddings(padding, x.shape[1:-1], window, steps, dilation), dilation)


def as_images(x: Any) -> Any:
    """(N, W, C) as (N, 1, W, C), and (N, D, H, W, C) as (N * D, H, W, C)."""
    return apply("reshape", x, shape=(-1, 1, *x.shape[1:]) if len(x.shape) == 3 else (-1, *x.shape[2:]))


def flat_kernel(w: Any) -> Any:
    """A kernel of one or three dimensions as one of two: (1, S, C, K), or (R, S, T * C, K) with the taps along the
    first dimension laid side by side, as `unfold` has them."""
    if len(w.shape) == 3:
        return apply("reshape", w, shape=(1, *w.shape))
    t, r, s, c, k = w.shape
    return apply("reshape", apply("transpose", w, axes=(1, 2, 0, 3, 4)), shape=(r, s, t * c, k))


def convolved(x: Any, w: Any, bias: Any, geometry: Geometry, groups: int) -> Any:
    """The convolution of inputs with channels last."""
    attrs = {**geometry.flat(), "groups": groups, "activation": None}
    rank = len(x.shape) - 2
    if rank == 2:
        return apply("conv2d", x, w, bias, **attrs)
    depth: Numbers = ()
    if rank == 3:
        x = apply("unfold", x, **geometry.depth(w.shape[0], groups))
        depth = (x.shape[1],)
    y = apply("conv2d", as_images(x), flat_kernel(w), bias, **attrs)
    return apply("reshape", y, shape=(-1, *depth, *y.shape[2 if rank == 1 else 1 :]))


def conv(
    inputs: Any,
    kernel: Any,
    strides: int | Numbers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Numbers = 1,
    bias: Any = None,
) -> Any:
    """Convolution (cross-correlation, as everywhere in deep learning) of one, two or three dimensions.

    In two, `y[n, p, q, k] = sum over r, s, c of inputs[n, p * stride + r * dilation, q * stride + s * dilation, c] *
    kernel[r, s, c, k]`, with an optional bias. It takes `2 N OH OW K R S C / groups` floating-point operations.

    Args:
        inputs: float32 of shape (N, W, C), (N, H, W, C) or (N, D, H, W, C).
        kernel: Weights, float32 of shape (..., C / groups, K), with a size for each dimension before. Where its last
            axis but one is a divisor of C, not C, the convolution is one in C divided by it groups.
        strides: Steps of the window, an int or one for each dimension.
        padding: "valid" (none), or "same" (zeros evenly around, so that OH = ceil(H / stride)); in one dimension
            also "causal" (zeros before, so that no output depends on what follows it).
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).
        dilation_rate: Distance of what neighbouring weights see, an int or one for each dimension.
        bias: None, or float32 of shape (K,), to be added.

    Returns:
        float32 of shape (N, OH, OW, K), where OH = (H + padding - dilation * (R - 1) - 1) // stride + 1, and
        OW likewise. An array, or a symbolic tensor if an operand is one.

    Raises:
        ValueError: Shapes that do not fit, a kernel larger than the padded images, strides or dilations below 1,
            an unknown padding.

    Source: as `keras.ops.conv`, and TensorFlow's rule for "same".

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> box = np.ones((2, 2, 1, 1))
    >>> ops.conv(image, box)[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    >>> ops.conv(image, box, strides=2, padding="same", bias=[1])[0, :, :, 0]
    array([[ 9.,  8.],
           [14.,  9.]], dtype=float32)
    """
    x, w = operands("conv", inputs, kernel, data_format)
    channels, seen = x.shape[-1], w.shape[-2]
    if not seen or channels % seen:
        raise ValueError(
            f"conv: the last dimension but one of the kernel, shape {tuple(w.shape)}, must be or divide the number of "
            f"channels of inputs, shape {tuple(x.shape)} with channels last"
        )
    where = geometry(x, w.shape[:-2], strides, padding, dilation_rate)
    return channels_to_front(convolved(x, w, bias_of(bias), where, channels // seen), data_format)


def bias_of(bias: Any) -> Any:
    """A bias as an operand."""
    return None if bias is None else floats(bias)


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: int | Numbers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Numbers = 1,
    bias: Any = None,
) -> Any:
    """Convolution of each channel with filters of its own: output channel `c * M + m` is channel c with filter m.

    Args:
        inputs: float32 of shape (N, W, C) or (N, H, W, C).
        kernel: float32 of shape (S, C, M) or (R, S, C, M).
        strides: Steps of the window, an int or one for each dimension.
        padding: "valid" or "same", as for `conv`.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).
        dilation_rate: Distance of what neighbouring weights see, an int or one for each dimension.
        bias: None, or float32 of shape (C * M,), to be added.

    Returns:
        float32 of shape (N, OW, C * M) or (N, OH, OW, C * M).

    Raises:
        ValueError: Shapes that do not fit, or a bad argument, as for `conv`.

    Source: as `keras.ops.depthwise_conv`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.depthwise_conv(np.ones((1, 4, 4, 2)), np.ones((3, 3, 2, 5))).shape
    (1, 2, 2, 10)
    """
    x, w = operands("depthwise_conv", inputs, kernel, data_format)
    *window, channels, multiplier = w.shape
    if len(window) > 2 or channels != x.shape[-1]:
        raise ValueError(
            f"depthwise_conv: a kernel of shape {tuple(w.shape)} does not fit inputs of shape {tuple(x.shape)} with "
            "channels last: it must be (S, C, M) for (N, W, C), or (R, S, C, M) for (N, H, W, C)"
        )
    w = apply("reshape", w, shape=(*window, 1, channels * multiplier))
    where = geometry(x, window, strides, padding, dilation_rate)
    return channels_to_front(convolved(x, w, bias_of(bias), where, channels), data_format)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: int | Numbers = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Numbers = 1,
    bias: Any = None,
) -> Any:
    """A depthwise convolution, and a convolution of the channels of each pixel behind it.

    Args:
        inputs: float32 of shape (N, W, C) or (N, H, W, C).
        depthwise_kernel: float32 of shape (S, C, M) or (R, S, C, M).
        pointwise_kernel: float32 of shape (1, C * M, K) or (1, 1, C * M, K).
        strides: Steps of the window, an int or one for each dimension.
        padding: "valid" or "same", as for `conv`.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).
        dilation_rate: Distance of what neighbouring depthwise weights see, an int or one for each dimension.
        bias: None, or float32 of shape (K,), to be added.

    Returns:
        float32 of shape (N, OW, K) or (N, OH, OW, K).

    Raises:
        ValueError: Shapes that do not fit, or a bad argument, as for `conv`.

    Source: as `keras.ops.separable_conv`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.separable_conv(np.ones((1, 4, 4, 2)), np.ones((3, 3, 2, 1)), np.ones((1, 1, 2, 7))).shape
    (1, 2, 2, 7)
    """
    x = channels_to_back(floats(inputs), data_format)
    x = depthwise_conv(x, depthwise_kernel, strides, padding, None, dilation_rate)
    return channels_to_front(conv(x, pointwise_kernel, bias=bias), data_format)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: int | Numbers = 1,
    padding: str = "valid",
    output_padding: int | Numbers | None = None,
    data_format: str | None = None,
    dilation_rate: int | Numbers = 1,
    bias: Any = None,
) -> Any:
    """Transposed convolution of one, two or three dimensions: what sends gradients back through a convolution.

    Each input is multiplied by the whole kernel and added to the outputs that it covers.

    Args:
        inputs: float32 of shape (N, W, C), (N, H, W, C) or (N, D, H, W, C).
        kernel: float32 of shape (..., K, C), with a size for each dimension before.
        strides: Steps between what neighbouring inputs cover, an int or one for each dimension.
        padding: "valid" (all outputs that are covered), or "same" (OH = H * stride).
        output_padding: None, or by how much outputs are longer than they need be, less than the strides; an int or
            one for each dimension.
        data_format: None or "channels_last"; "channels_first" for inputs and outputs of shape (N, C, ...).
        dilation_rate: Distance of what neighbouring weights cover, an int or one for each dimension.
        bias: None, or float32 of shape (K,), to be added.

    Returns:
        float32 of shape (N, OH, OW, K). With padding "valid" OH = (H - 1) * stride + max(R, stride), with R the
        dilated size of the kernel, or (H - 1) * stride + R + output_padding; with "same" H * stride, or
        (H - 1) * stride + R % 2 + output_padding.

    Raises:
        ValueError: Shapes that do not fit, an unknown padding, output_padding that is not below the strides.

    Source: as `keras.ops.conv_transpose`.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.conv_transpose([[[1], [2]]], np.ones((3, 1, 1)), strides=2)[0, :, 0]
    array([1., 1., 3., 2., 2.], dtype=float32)
    """
    x, w = operands("conv_transpose", inputs, kernel, data_format)
    rank = len(x.shape) - 2
    if w.shape[-1] != x.shape[-1]:
        raise ValueError(
            f"conv_transpose: the last dimension of the kernel, shape {tuple(w.shape)}, must be the number of channels "
            f"of inputs, shape {tuple(x.shape)} with channels last"
        )
    steps = numbers_of("strides", strides, rank)
    dilation = numbers_of("dilation_rate", dilation_rate, rank)
    extra = (None,) * rank if output_padding is None else numbers_of("output_padding", output_padding, rank, least=0)
    sizes, borders = [], []
    for length, taps, stride, step, more in zip(x.shape[1:-1], w.shape[:-2], steps, dilation, extra, strict=True):
        size, border = transposed_size(length, (taps - 1) * step + 1, stride, padding, more)
        sizes.append(size)
        borders.append(border)
    y = transposed(x, w, tuple(sizes), Geometry(steps, tuple(borders), dilation))
    return channels_to_front(y if bias is None else apply("add_bias", y, bias_of(bias)), data_format)


def transposed_size(length: Any, reach: int, stride: int, padding: Any, extra: int | None) -> tuple[int, Any]:
    """Outputs of a transposed convolution along a dimension, and the padding of the convolution whose gradient it is.

    Without output padding "same" is as long as the convolution's inputs may be; Keras's rules else.
    """
    if extra is not None and extra >= stride:
        raise ValueError(f"output_padding must be less than strides, received {extra} with a stride of {stride}")
    name = padding.lower() if isinstance(padding, str) else padding
    if name == "valid":
        return (length - 1) * stride + (max(reach, stride) if extra is None else reach + extra), (0, 0)
    if name != "same":
        raise ValueError(f"padding must be 'valid' or 'same', received {padding!r}")
    covered = stride - 1 if extra is None else reach % 2 - 1 + extra
    size = (length - 1) * stride + 1 + covered
    around = reach - 1 + covered  # of the zeros that a convolution with this kernel turned round would need
    before = reach - 1 - min((around + 1) // 2, reach - 1)
    return size, (before, max(reach - 1 + (length - 1) * stride + 1 - size - before, 0))


def transposed(x: Any, w: Any, sizes: Numbers, geometry: Geometry) -> Any:
    """The transposed convolution of inputs with channels last, of outputs of these sizes."""
    attrs = {**geometry.flat(), "groups": 1}
    rank = len(x.shape) - 2
    if rank == 2:
        return apply("conv2d_input_gradient", w, x, input_size=sizes, **attrs)
    taps, filters = w.shape[0], w.shape[-2]
    if rank == 1:
        y = apply("conv2d_input_gradient", flat_kernel(w), as_images(x), input_size=(1, *sizes), **attrs)
        return apply("reshape", y, shape=(-1, *sizes, filters))
    y = apply("conv2d_input_gradient", flat_kernel(w), as_images(x), input_size=sizes[1:], **attrs)
    y = apply("reshape", y, shape=(-1, x.shape[1], *sizes[1:], taps * filters))
    return apply("fold", y, length=sizes[0], **geometry.depth(taps, 1))
