# Convolution forward, and the gradient of its input, which is a forward convolution too.
#
#     Conv(x[N,H,W,C], w, y[N,OH,OW,K], bias[K] or None, ...)      direct, any stride, dilation and groups
#     PackWeights(w[R,S,C,K], packed), TransposeWeights(w[R,S,C/groups,K], wt)    weights laid out anew
#     forward_calls(x, w, y, bias, workspace, ...)                 Conv, after PackWeights where that pays
#     input_gradient_calls(w, dy, dx, wt, ...)                     TransposeWeights and one Conv per phase of the stride
#
# Where the outputs of a group are few, ConvPlanes takes the place of Conv.
#
# A task is a band of output rows of one image, about TASK_FLOPS of work; where the weights are too large for the L2
# cache, for one share of the output channels. Shares are the outermost loop of the tasks, so that the weights of a
# share stay in the cache while the images pass. Where taps reach into the padding, the task first copies its rows
# into scratch with zeros around them; the kernels know no padding.
#
# Weights are packed by panels of as many output channels as a tile takes, [panels, R, S, C, panel]: read as they lie,
# many output channels would be far apart in memory and evict each other from the caches.
from math import gcd

import numpy as np

from libc.math cimport INFINITY
from libc.string cimport memcpy

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport conv_shape, kernel_table, table

from fastcnn._core.conv_planes import ConvPlanes, planes_serve

cdef double TASK_FLOPS = 6e6
cdef Py_ssize_t WEIGHT_BYTES = 512 * 1024  # that a task may go through again and again
cdef Py_ssize_t OUTPUT_BLOCK = 64          # output channels that share a pass over the pixels in the widest kernel
cdef Py_ssize_t PACK_BYTES = 256 * 1024    # weights from which on they are packed


cdef Py_ssize_t panel_width() noexcept:
    """Output channels in a tile of the kernel in use."""
    cdef Py_ssize_t vector = table().vector_length
    return (4 if vector == 16 else 2) * vector


ctypedef void (*conv_kernel)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                             float* y) noexcept nogil


cdef struct ConvArgs:
    conv_kernel kernel
    conv_shape shape
    const float* x
    const float* w
    const float* bias
    float* y
    Py_ssize_t images, height, width, channels
    Py_ssize_t top, left
    Py_ssize_t stride_down, stride_across
    Py_ssize_t band_height, band_width  # rows of x under one output row, columns under all
    Py_ssize_t y_image
    Py_ssize_t groups, w_group, panel
    Py_ssize_t bands, shares
    bint padded
    const kernel_table* kernels
    float* statistics
    float* weights


cdef void conv_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ConvArgs* a = <const ConvArgs*>arguments
    cdef Py_ssize_t band = task % a.bands, image = task // a.bands % a.images, share = task // a.bands // a.images
    cdef Py_ssize_t first = cut(a.shape.rows, a.bands, band)
    cdef conv_shape shape = a.shape
    shape.rows = cut(a.shape.rows, a.bands, band + 1) - first
    cdef const float* x = a.x + image * a.height * a.width * a.channels
    cdef Py_ssize_t top = first * a.stride_down - a.top
    if a.padded:
        copy_band(x, a.height, a.width, a.channels, top, (shape.rows - 1) * a.stride_down + a.band_height,
                  -a.left, a.band_width, <float*>scratch)
        x = <const float*>scratch
    else:
        x += (top * a.width - a.left) * a.channels
    cdef Py_ssize_t blocks = (a.shape.outputs + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK
    cdef Py_ssize_t k = cut(blocks, a.shares, share) * OUTPUT_BLOCK
    shape.outputs = min(cut(blocks, a.shares, share + 1) * OUTPUT_BLOCK, a.shape.outputs) - k
    cdef float* y = a.y + image * a.y_image + first * shape.y_row
    cdef const float* w = a.w + k // a.panel * shape.w_panel
    cdef Py_ssize_t group, output, pixels = shape.rows * shape.columns
    cdef float* mean = NULL
    if a.statistics != NULL:
        mean = a.statistics + 2 * (image * a.bands + band) * shape.y_pixel
        if share == 0:
            a.weights[image * a.bands + band] = pixels
    for group in range(a.groups):
        output = group * a.shape.outputs + k
        a.kernel(&shape, x + group * (a.channels // a.groups), w + group * a.w_group,
                 a.bias + output if a.bias != NULL else NULL, y + output)
        if mean != NULL:
            a.kernels.channel_statistics(pixels, shape.outputs, shape.y_pixel, y + output, mean + output,
                                         mean + shape.y_pixel + output)


cdef class Conv(Call):
    """y = activation(convolution of x with w, plus bias).

    Without further options w is [R, S, C/groups, K] with R, S = `taps`, and y is filled. A gradient's phases read and
    write with other strides: `weight_strides` are those of (tap row, tap column, channel, group, panel), counted in
    floats from w's element `weight_offset`; `output_strides` those of (row, column) of y from element `output_offset`.
    With `statistics`, each task takes those of its band: `pieces` [P, 2, K] are mean and squared distances of
    `weights` [P] pixels.
    """

    cdef ConvArgs a
    cdef readonly object pieces, weights

    def __init__(self, x, w, y, bias=None, *, taps, strides=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1,
                 relu=False, weight_offset=0, weight_strides=None, output_size=None,
                 output_offset=0, output_strides=None, statistics=False):
        cdef ConvArgs* a = &self.a
        cdef const kernel_table* kernels = table()
        cdef Py_ssize_t channels = x.shape[3], outputs = y.shape[3], tap_channels = channels // groups
        if output_size is None:
            output_size = y.shape[1:3]
        if weight_strides is None:
            weight_strides = (taps[1] * tap_channels * outputs, tap_channels * outputs, outputs, outputs // groups,
                              panel_width())
        if output_strides is None:
            output_strides = (y.shape[2] * outputs, outputs)
        a.kernel = kernels.conv
        a.x, a.w, a.y = f32(x), f32(w), f32(y)
        a.w += <Py_ssize_t>weight_offset
        a.y += <Py_ssize_t>output_offset
        a.bias = NULL if bias is None else f32(bias)
        a.images, a.height, a.width, a.channels = x.shape
        a.top, a.left = padding
        a.stride_down, a.stride_across = strides
        a.groups = groups
        a.w_group = weight_strides[3]
        a.panel = panel_width()
        a.y_image = y.size // max(a.images, 1)
        cdef conv_shape* shape = &a.shape
        cdef Py_ssize_t down = dilation[0], across = dilation[1]
        shape.rows, shape.columns = output_size
        shape.outputs = outputs // a.groups
        shape.taps_down, shape.taps_across = taps
        shape.channels = tap_channels
        shape.w_tap_row, shape.w_tap_column, shape.w_channel = weight_strides[:3]
        shape.w_panel = weight_strides[4]
        shape.y_row, shape.y_pixel = output_strides
        shape.low, shape.high = 0 if relu else -INFINITY, INFINITY
        a.band_height = (shape.taps_down - 1) * down + 1
        a.band_width = (shape.columns - 1) * a.stride_across + (shape.taps_across - 1) * across + 1
        a.padded = shape.taps_down > 0 and (
            a.top > 0 or a.left > 0 or a.band_width - a.left > a.width
            or (shape.rows - 1) * a.stride_down + a.band_height - a.top > a.height)
        cdef Py_ssize_t row = (a.band_width if a.padded else a.width) * channels
        shape.x_row, shape.x_pixel = a.stride_down * row, a.stride_across * channels
        shape.x_tap_row, shape.x_tap_column = down * row, across * channels
        cdef double row_work = 2.0 * shape.columns * shape.taps_down * shape.taps_across * tap_channels * outputs
        cdef Py_ssize_t weights = 4 * shape.taps_down * shape.taps_across * tap_channels * shape.outputs
        if (across == 1 and tap_channels == channels
                and shape.w_tap_column == channels * shape.w_channel):
            shape.channels *= shape.taps_across
            shape.taps_across = 1
        cdef Py_ssize_t blocks = (shape.outputs + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK
        a.shares = min(max((weights + WEIGHT_BYTES - 1) // WEIGHT_BYTES, 1), max(blocks, 1))
        cdef Py_ssize_t rows = max(1, min(shape.rows, <Py_ssize_t>(a.shares * TASK_FLOPS / (row_work + 1))))
        a.bands = max((shape.rows + rows - 1) // rows, 1)
        rows = (shape.rows + a.bands - 1) // a.bands
        cdef Py_ssize_t scratch = 0
        if a.padded:
            scratch = 4 * ((rows - 1) * a.stride_down + a.band_height) * row
        cdef Py_ssize_t tasks = a.images * a.bands * a.shares if shape.rows and shape.columns and outputs else 0
        writes = (y,)
        a.kernels, a.statistics = kernels, NULL
        if statistics:
            self.pieces = np.empty((a.images * a.bands if tasks else 0, 2, outputs), np.float32)
            self.weights = np.empty(len(self.pieces), np.float32)
            a.statistics, a.weights = f32(self.pieces), f32(self.weights)
            writes = (y, self.pieces, self.weights)
        self.prepare(conv_task, a, tasks, scratch, a.images * shape.rows * row_work,
                     (x, w) if bias is None else (x, w, bias), writes)
        if a.shares == 1:
            self.by_image(a.images, sizeof(ConvArgs))


cdef struct LayoutArgs:
    const kernel_table* kernels
    const float* w
    float* out
    Py_ssize_t taps, channels, outputs, panel
    Py_ssize_t out_tap, out_row


cdef void pack_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LayoutArgs* a = <const LayoutArgs*>arguments
    cdef Py_ssize_t first = task // a.taps * a.panel, tap = task % a.taps
    cdef const float* w = a.w + tap * a.channels * a.outputs + first
    cdef float* out = a.out + task * a.channels * a.panel
    cdef Py_ssize_t c
    for c in range(a.channels):
        memcpy(out + c * a.panel, w + c * a.outputs, min(a.panel, a.outputs - first) * sizeof(float))


cdef class PackWeights(Call):
    """out[panels, R, S, C, panel] = w[R,S,C,K]."""

    cdef LayoutArgs a

    def __init__(self, w, out):
        cdef Py_ssize_t taps = w.shape[0] * w.shape[1], channels = w.shape[2], outputs = w.shape[3]
        cdef Py_ssize_t panel = panel_width()
        self.a = LayoutArgs(table(), f32(w), f32(out), taps, channels, outputs, panel, 0, 0)
        self.prepare(pack_task, &self.a, taps * ((outputs + panel - 1) // panel), 0, w.size, (w,), (out,))


cdef void transpose_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LayoutArgs* a = <const LayoutArgs*>arguments
    cdef Py_ssize_t first = task // a.taps * a.panel, tap = task % a.taps
    a.kernels.transpose_block(min(a.panel, a.channels - first), a.outputs, a.outputs, a.out_row,
                              a.w + (tap * a.channels + first) * a.outputs, a.out + task * a.out_tap)


cdef class TransposeWeights(Call):
    """out = w[R,S,C,K] with the output channels before the input channels: [panels, R, S, K, panel of C] (one panel
    of all C where there are groups)."""

    cdef LayoutArgs a

    def __init__(self, w, out, *, groups=1):
        cdef Py_ssize_t taps = w.shape[0] * w.shape[1], channels = w.shape[2], outputs = w.shape[3]
        cdef Py_ssize_t panel = channels if groups > 1 else panel_width()
        self.a = LayoutArgs(table(), f32(w), f32(out), taps, channels, outputs, panel, outputs * panel, panel)
        self.prepare(transpose_task, &self.a, taps * ((channels + panel - 1) // panel), 0, w.size, (w,), (out,))


def packed_size(w_shape, *, transposed=False, groups=1):
    """Floats of workspace for the weights laid out anew; 0 where a forward convolution reads them as they lie."""
    r, s, c, k = w_shape
    if groups > 1:
        return r * s * c * k if transposed else 0
    panel = panel_width()
    if transposed:
        return r * s * k * -(-c // panel) * panel
    return r * s * c * -(-k // panel) * panel if k > panel and 4 * r * s * c * k >= PACK_BYTES else 0


def convolution(x, w, y, bias=None, *, taps, strides=(1, 1), groups=1, **options):
    """The call for y: a Conv, or a ConvPlanes where that is faster."""
    serves = planes_serve(taps=taps, strides=strides, channels=x.shape[3] // groups, outputs=y.shape[3] // groups)
    kind = ConvPlanes if serves else Conv
    return kind(x, w, y, bias, taps=taps, strides=strides, groups=groups, **options)


def forward_calls(x, w, y, bias=None, packed=None, **options):
    """The calls for y, with `packed` as workspace where packed_size(w) is not 0."""
    r, s, c = w.shape[:3]
    if packed is None:
        return [convolution(x, w, y, bias, taps=(r, s), **options)]
    panel = panel_width()
    strides = (s * c * panel, c * panel, panel, 0, r * s * c * panel)
    return [PackWeights(w, packed), Conv(x, packed, y, bias, taps=(r, s), weight_strides=strides, **options)]


def phase(Py_ssize_t offset, Py_ssize_t taps, Py_ssize_t stride, Py_ssize_t dilation):
    """The taps that meet input position `offset` (counted from the padding's edge) modulo the stride.

    Input position offset + stride * j gets dy[j + q - t * dilation / g] through tap first + t * step, t = 0, 1, ...
    Returns (number of taps, first, step, q).
    """
    cdef Py_ssize_t first
    for first in range(min(taps, stride)):
        if (offset - first * dilation) % stride == 0:
            step = stride // gcd(stride, dilation)
            return (taps - first + step - 1) // step, first, step, (offset - first * dilation) // stride
    return 0, 0, 1, 0


def input_gradient_calls(w, dy, dx, transposed, *, strides, padding, dilation, groups):
    """The calls for dx. Input pixels that are alike modulo the stride meet the same taps: each such phase is a
    convolution of dy without stride, with the taps in reverse order. `transposed` is workspace."""
    r, s, c, k = w.shape
    width, channels = dx.shape[2:]
    calls = [TransposeWeights(w, transposed, groups=groups)]
    row = c if groups > 1 else panel_width()  # of the transposed weights
    for i in range(min(strides[0], dx.shape[1])):
        down, r0, r_step, q_down = phase(i + padding[0], r, strides[0], dilation[0])
        for j in range(min(strides[1], width)):
            across, s0, s_step, q_across = phase(j + padding[1], s, strides[1], dilation[1])
            taps = (down, across) if down and across else (0, 0)
            d = (dilation[0] // gcd(strides[0], dilation[0]), dilation[1] // gcd(strides[1], dilation[1]))
            last_r, last_s = r0 + (taps[0] - 1) * r_step, s0 + (taps[1] - 1) * s_step
            calls.append(convolution(
                dy, transposed, dx,
                taps=taps,
                padding=((taps[0] - 1) * d[0] - q_down, (taps[1] - 1) * d[1] - q_across) if taps[0] else (0, 0),
                dilation=d,
                groups=groups,
                weight_offset=(last_r * s + last_s) * row * k if taps[0] else 0,
                weight_strides=(-r_step * s * row * k, -s_step * row * k, row, k // groups * row,
                                r * s * k * row if groups == 1 else panel_width()),
                output_size=(-(-(dx.shape[1] - i) // strides[0]), -(-(width - j) // strides[1])),
                output_offset=(i * width + j) * channels,
                output_strides=(strides[0] * width * channels, strides[1] * channels),
            ))
    return calls
