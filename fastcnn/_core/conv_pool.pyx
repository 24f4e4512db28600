# Convolution + bias + ReLU + 2x2 max-pool in one.
#
#     ConvMaxPool(x[N,H,W,C], w[R,S,C,K], y[N,PH,PW,K], argmax uint8 of y's shape, bias[K] or None, ...)
#
# Tasks and scratch are those of conv.pyx with pooled rows for rows: a band of them of one image, and for large weights
# a share of the output channels, outermost. A first layer's kernel for two or three channels takes two rows of windows
# together, so that its bands are even. In bfloat16, where the processor multiplies that, so does its kernel for up to
# four, which rounds x and w itself.
from libc.math cimport INFINITY, NAN
from libc.stdint cimport uint8_t

from fastcnn._core import winograd
from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport conv_shape, kernel_table, table

cdef double TASK_FLOPS = 6e6
cdef double SMALL_TASK_FLOPS = 1e5  # where there are few images, they are cut into enough bands for several threads
cdef Py_ssize_t ENOUGH_TASKS = 16
cdef Py_ssize_t WEIGHT_BYTES = 512 * 1024
cdef Py_ssize_t OUTPUT_BLOCK = 96  # a multiple of what all kernels take in one pass over the windows
cdef Py_ssize_t BFLOAT16_CHANNELS = 4


cdef struct ConvMaxPoolArgs:
    const kernel_table* kernels
    conv_shape shape
    const float* x
    const float* w
    const float* bias
    float* y
    uint8_t* argmax
    Py_ssize_t images, height, width, channels
    Py_ssize_t top, left
    Py_ssize_t taps_down, band_width
    Py_ssize_t bands, shares
    Py_ssize_t step    # rows of windows that a band is a multiple of
    bint padded, first_layer
    bint rounded       # x is, band by band
    bint in_bfloat16   # the kernel multiplies it


cdef void conv_max_pool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ConvMaxPoolArgs* a = <const ConvMaxPoolArgs*>arguments
    cdef Py_ssize_t band = task % a.bands, image = task // a.bands % a.images, share = task // a.bands // a.images
    cdef Py_ssize_t steps = (a.shape.rows + a.step - 1) // a.step, first = cut(steps, a.bands, band) * a.step
    cdef conv_shape shape = a.shape
    shape.rows = min(cut(steps, a.bands, band + 1) * a.step, a.shape.rows) - first
    cdef const float* x = a.x + image * a.height * a.width * a.channels
    cdef Py_ssize_t top = 2 * first - a.top
    if a.padded:
        copy_band(x, a.height, a.width, a.channels, top, 2 * shape.rows + a.taps_down - 1, -a.left, a.band_width,
                  <float*>scratch)
        x = <const float*>scratch
        if a.rounded:
            a.kernels.unary_bfloat16((2 * shape.rows + a.taps_down - 1) * a.band_width * a.channels, x, <float*>scratch)
    else:
        x += (top * a.width - a.left) * a.channels
    cdef Py_ssize_t blocks = (a.shape.outputs + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK
    cdef Py_ssize_t k = cut(blocks, a.shares, share) * OUTPUT_BLOCK
    shape.outputs = min(cut(blocks, a.shares, share + 1) * OUTPUT_BLOCK, a.shape.outputs) - k
    cdef Py_ssize_t at = (image * a.shape.rows + first) * shape.y_row + k
    cdef const float* bias = a.bias + k if a.bias != NULL else NULL
    if a.in_bfloat16:
        a.kernels.conv_max_pool_first_layer_bfloat16(&shape, x, a.w + k, bias, a.y + at, a.argmax + at,
                                                     <float*>scratch + padded_floats(a))
    elif a.first_layer and a.channels == 1:
        a.kernels.conv_max_pool_one_channel(&shape, x, a.w + k, bias, a.y + at, a.argmax + at,
                                            <float*>scratch + padded_floats(a))
    elif a.first_layer:
        a.kernels.conv_max_pool_first_layer(&shape, x, a.w + k, bias, a.y + at, a.argmax + at,
                                            <float*>scratch + padded_floats(a))
    else:
        a.kernels.conv_max_pool(&shape, x, a.w + k, bias, a.y + at, a.argmax + at)


cdef inline Py_ssize_t padded_floats(const ConvMaxPoolArgs* a) noexcept nogil:
    """Floats in the padded copy of the largest band."""
    cdef Py_ssize_t steps = (a.shape.rows + a.step - 1) // a.step
    cdef Py_ssize_t rows = (steps + a.bands - 1) // a.bands * a.step
    return (2 * rows + a.taps_down - 1) * a.shape.x_row if a.padded else 0


cdef inline Py_ssize_t first_layer_floats(const ConvMaxPoolArgs* a) noexcept nogil:
    """Floats of scratch that the kernels of first layers take."""
    cdef Py_ssize_t vector = a.kernels.vector_length
    cdef Py_ssize_t outputs = (a.shape.outputs + vector - 1) // vector * vector
    if a.in_bfloat16:
        return 6 * ((a.shape.columns + 1) * a.channels + 16) + outputs * 6 * ((3 * a.channels + 1) // 2)
    if a.channels == 1:
        return 16 * (2 * a.shape.columns + 4 + 2 * vector) + outputs * 17
    cdef Py_ssize_t pixels = 32 * ((a.shape.columns + 15) // 16) + 2
    return 1152 + 192 * vector + 6 * (pixels * a.channels + 2 * vector) + outputs * (1 + 36 * a.channels)


def multiplies_first_layer(kernel_size, channels):
    """Whether ConvMaxPool with `bfloat16` has a kernel that multiplies it."""
    return winograd.enabled and tuple(kernel_size) == (3, 3) and channels <= BFLOAT16_CHANNELS


cdef class ConvMaxPool(Call):
    """y = the largest of each 2x2 window of activation(convolution of x with w, plus bias), argmax where it stood:
    0 to 3 row by row, 4 where ReLU let nothing through. `padding` is (top, left). With `bfloat16`, x is rounded to it
    band by band; w must be already, but not where multiplies_first_layer is true."""

    cdef ConvMaxPoolArgs a

    def __init__(self, x, w, y, argmax, bias=None, *, padding=(0, 0), relu=False, bint bfloat16=False):
        cdef ConvMaxPoolArgs* a = &self.a
        a.kernels = table()
        cdef conv_shape* shape = &a.shape
        cdef Py_ssize_t taps_down, taps_across, channels, outputs
        taps_down, taps_across, channels, outputs = w.shape
        a.x, a.w, a.y, a.argmax = f32(x), f32(w), f32(y), u8(argmax)
        a.bias = NULL if bias is None else f32(bias)
        a.images, a.height, a.width, a.channels = x.shape
        a.top, a.left = padding
        a.taps_down = taps_down
        shape.rows, shape.columns = y.shape[1:3]
        shape.outputs = outputs
        shape.taps_down, shape.taps_across, shape.channels = taps_down, 1, taps_across * channels
        shape.w_tap_row, shape.w_tap_column, shape.w_channel = taps_across * channels * outputs, 0, outputs
        shape.y_row, shape.y_pixel = shape.columns * outputs, outputs
        # A lower bound of NaN never wins: there is no activation.
        shape.low, shape.high = 0 if relu else NAN, INFINITY
        a.band_width = 2 * shape.columns + taps_across - 1
        a.in_bfloat16 = bfloat16 and multiplies_first_layer((taps_down, taps_across), channels)
        a.rounded = bfloat16 and not a.in_bfloat16
        a.padded = (a.rounded or a.top > 0 or a.left > 0 or a.band_width - a.left > a.width
                    or 2 * shape.rows + taps_down - 1 - a.top > a.height)
        cdef Py_ssize_t row = (a.band_width if a.padded else a.width) * channels
        shape.x_row, shape.x_pixel, shape.x_tap_row, shape.x_tap_column = row, channels, row, channels
        a.first_layer = a.in_bfloat16 or winograd.enabled and (taps_down, taps_across) == (3, 3) and channels <= 3
        a.step = 2 if a.in_bfloat16 or a.first_layer and channels > 1 else 1
        cdef double row_work = 8.0 * shape.columns * taps_down * shape.channels * outputs
        cdef Py_ssize_t weights = 4 * taps_down * shape.channels * outputs
        cdef Py_ssize_t blocks = (outputs + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK
        a.shares = min(max((weights + WEIGHT_BYTES - 1) // WEIGHT_BYTES, 1), max(blocks, 1))
        cdef double task = min(TASK_FLOPS, max(SMALL_TASK_FLOPS, a.images * shape.rows * row_work / ENOUGH_TASKS))
        cdef Py_ssize_t rows = max(1, min(shape.rows, <Py_ssize_t>(a.shares * task / (row_work + 1))))
        rows = (rows + a.step - 1) // a.step * a.step
        a.bands = max((shape.rows + rows - 1) // rows, 1)
        cdef Py_ssize_t scratch = 4 * (padded_floats(a) + (first_layer_floats(a) if a.first_layer else 0))
        cdef Py_ssize_t tasks = a.images * a.bands * a.shares if shape.rows and shape.columns and outputs else 0
        self.prepare(conv_max_pool_task, a, tasks, scratch, a.images * shape.rows * row_work,
                     (x, w) if bias is None else (x, w, bias), (y, argmax))

    @property
    def is_first_layer(self):
        """Whether a kernel for few channels serves."""
        return bool(self.a.first_layer)
