# Gradient of the input of a convolution to few channels with steps, as transposed convolutions to an image have it.
#
#     columns_serve(...)                                        whether it is to be used: the rule on shapes
#     ColumnsInputGradient(turned[K,R,S,C], dy[N,OH,OW,K], dx[N,H,W,C], ...)
#
# Each pixel of dy times all weights is a row of R * S * C values, a product of matrices; they are added to the pixels
# of dx that the filter saw. A task owns a band of rows of dx and takes the rows of dy that reach it; those that reach
# two bands are multiplied twice.
from libc.string cimport memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport gemm_blocking, kernel_table, product, table

cdef Py_ssize_t BAND_ROWS = 8     # of dy under a band


def columns_serve(*, kernel_size, strides, dilation, groups, channels):
    """Whether channels fill less than half a vector, and steps are more than one, so that products of few taps would
    be many and each transpose dy."""
    return (groups == 1 and dilation[1] == 1 and min(strides) > 1 and 1 <= channels <= table().vector_length // 2
            and kernel_size[0] * kernel_size[1] * channels >= table().vector_length)


cdef struct ColumnsArgs:
    const kernel_table* kernels
    const float* w
    const float* dy
    float* dx
    Py_ssize_t height, width, channels, rows, columns, outputs
    Py_ssize_t taps_down, taps_across, stride_down, stride_across, down, top, left
    Py_ssize_t bands, panel


cdef void add_row(const ColumnsArgs* a, const float* products, float* row) noexcept nogil:
    """Add to a row of dx what a row of taps of each pixel of dy has for it."""
    cdef Py_ssize_t c = a.channels, run = a.taps_across * c, step = a.taps_down * run, j, x, first, end
    cdef Py_ssize_t whole_first = min((a.left + a.stride_across - 1) // a.stride_across, a.columns)
    cdef Py_ssize_t whole_end = min(max((a.width + a.left - a.taps_across) // a.stride_across + 1, whole_first),
                                    a.columns)
    if a.width + a.left < a.taps_across:
        whole_end = whole_first
    a.kernels.add_runs(whole_end - whole_first, run, products + whole_first * step, step,
                       row + (whole_first * a.stride_across - a.left) * c, a.stride_across * c)
    for j in range(a.columns):
        if whole_first <= j < whole_end:
            continue
        x = j * a.stride_across - a.left
        first, end = max(-x, 0), min(a.taps_across, a.width - x)
        if first < end:
            a.kernels.add_runs(1, (end - first) * c, products + j * step + first * c, 1, row + (x + first) * c,
                               (end - first) * c)


cdef void columns_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ColumnsArgs* a = <const ColumnsArgs*>arguments
    cdef Py_ssize_t image = task // a.bands, first = cut(a.height, a.bands, task % a.bands)
    cdef Py_ssize_t end = cut(a.height, a.bands, task % a.bands + 1), i, r, y
    cdef Py_ssize_t row = a.width * a.channels, filter = a.taps_down * a.taps_across * a.channels
    cdef float* dx = a.dx + image * a.height * row
    cdef const float* dy = a.dy + image * a.rows * a.columns * a.outputs
    cdef float* products = <float*>scratch
    cdef product step
    step.a_row, step.a_step, step.b, step.b_step, step.b_panel = a.outputs, 1, a.w, filter, a.panel
    step.m, step.n, step.k = a.columns, filter, a.outputs
    memset(dx + first * row, 0, (end - first) * row * sizeof(float))
    for i in range(a.rows):
        y = i * a.stride_down - a.top
        if y >= end or y + (a.taps_down - 1) * a.down < first:
            continue
        step.a = dy + i * a.columns * a.outputs
        a.kernels.gemm(&step, NULL, 0, products, filter)
        for r in range(a.taps_down):
            if first <= y + r * a.down < end:
                add_row(a, products + r * a.taps_across * a.channels, dx + (y + r * a.down) * row)


cdef class ColumnsInputGradient(Call):
    """dx[N,H,W,C], from turned[K,R,S,C]; `padding` is (top, left)."""

    cdef ColumnsArgs a

    def __init__(self, turned, dy, dx, *, strides, padding, dilation):
        cdef ColumnsArgs* a = &self.a
        cdef gemm_blocking sizes
        a.kernels, a.w, a.dy, a.dx = table(), f32(turned), f32(dy), f32(dx)
        a.kernels.gemm_blocking(&sizes)
        a.panel = sizes.panel
        a.height, a.width, a.channels = dx.shape[1:]
        a.rows, a.columns, a.outputs = dy.shape[1:]
        a.taps_down, a.taps_across = turned.shape[1:3]
        a.stride_down, a.stride_across = strides
        a.down = dilation[0]
        a.top, a.left = padding
        a.bands = max((a.rows + BAND_ROWS - 1) // BAND_ROWS, 1)
        self.prepare(columns_task, a, dx.shape[0] * a.bands if dx.size else 0,
                     4 * a.columns * a.taps_down * a.taps_across * a.channels, 2.0 * dy.size * turned.size
                     / max(a.outputs, 1), (turned, dy), (dx,))
