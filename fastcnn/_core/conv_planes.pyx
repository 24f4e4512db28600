# Convolution to few output channels, in groups or not, and the gradient of its weights, on planes of channels.
#
#     ConvPlanes(x[N,H,W,C], w, y[N,OH,OW,K], bias[K] or None, ...)     takes the options of Conv, without strides
#     PlanesWeightGradient(x[N,H,W,C], dy[N,OH,OW,K], partials[P,R,S,C/groups,K], ...)
#         partials = what P pieces of the images give; their sum is the gradient. P = planes_gradient_pieces(...)
#
# The other kernels take a vector of output channels at a time, of which groups of 8, or a last layer of 3, fill little.
# Here vectors run along pixels. A task copies a band of rows with the padding around it, transposes it into a plane for
# each channel, and for y the other way; a piece of a gradient does so with its bands one after the other. Bands are as
# large as the L2 cache holds. (Without the copies, transposing row by row, forward took a fifth longer.)
import numpy as np

from libc.math cimport INFINITY
from libc.string cimport memcpy, memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport conv_planes_shape, kernel_table, table

cdef double TASK_FLOPS = 6e6
cdef Py_ssize_t BAND_BYTES = 512 * 1024     # of a band and its planes
cdef Py_ssize_t PARTIAL_FLOATS = 1 << 21    # in all partial gradients together
cdef Py_ssize_t TASKS = 32                  # to aim at for a gradient: enough for several threads to share evenly
cdef double PIECE_FLOPS = 2e6               # of a gradient not worth cutting
cdef Py_ssize_t FEW_WEIGHTS = 16            # of a filter, for which planes do not pay


def planes_serve(*, taps, strides, channels, outputs):
    """Whether planes are faster for filters of so many channels and `outputs` in a group: they fill vectors by half."""
    return (tuple(strides) == (1, 1) and 1 <= outputs <= table().vector_length // 2
            and taps[0] * taps[1] * channels >= FEW_WEIGHTS)


cdef struct PlanesArgs:
    const kernel_table* kernels
    conv_planes_shape shape
    const float* x
    const float* w       # or the gradient of y
    const float* bias
    float* y             # or partial gradients of the weights
    Py_ssize_t images, height, width, channels, outputs
    Py_ssize_t rows, columns, row           # of y; pixels of a row of planes
    Py_ssize_t top, left, overlap           # overlap: rows that a band of x has more than that of y
    Py_ssize_t groups, w_group, bands, pieces, weights_size
    Py_ssize_t y_image, y_row, y_pixel
    Py_ssize_t band_floats
    float* statistics
    float* weights


cdef Py_ssize_t plane(Py_ssize_t pixels) noexcept:
    """Floats from plane to plane: room for a vector beyond the last pixel, and never the same sets of the cache."""
    return ((pixels + table().vector_length + 15) // 16 | 1) * 16


cdef int fill(PlanesArgs* a, object x_shape, object y_shape, object taps, object padding, object dilation,
              Py_ssize_t groups, double band_flops) except -1:
    """All that shapes say; a band has so much work at most."""
    cdef conv_planes_shape* shape = &a.shape
    a.kernels = table()
    a.images, a.height, a.width, a.channels = x_shape
    a.rows, a.columns, a.outputs = y_shape[1:]
    a.top, a.left = padding
    a.groups = groups
    shape.taps_down, shape.taps_across = taps
    shape.channels, shape.outputs = a.channels // groups, a.outputs // groups
    a.row = a.columns + (shape.taps_across - 1) * <Py_ssize_t>dilation[1]
    a.overlap = (shape.taps_down - 1) * <Py_ssize_t>dilation[0]
    shape.x_tap_row, shape.x_tap_column = <Py_ssize_t>dilation[0] * a.row, dilation[1]
    a.weights_size = shape.taps_down * shape.taps_across * shape.channels * a.outputs
    cdef double row_work = 2.0 * a.columns * a.weights_size
    cdef Py_ssize_t row_bytes = 4 * a.row * (a.channels + a.outputs + max(a.channels, a.outputs))
    cdef Py_ssize_t rows = max(min(BAND_BYTES // max(row_bytes, 1), <Py_ssize_t>min(band_flops / (row_work + 1), 1e9),
                                   a.rows), 1)
    a.bands = max((a.rows + rows - 1) // rows, 1)
    rows = (a.rows + a.bands - 1) // a.bands
    shape.x_plane, shape.y_plane = plane((rows + a.overlap) * a.row), plane(rows * a.row)
    a.band_floats = max((rows + a.overlap) * a.row * a.channels, rows * a.row * a.outputs)
    a.band_floats += a.kernels.vector_length * max(a.channels, a.outputs)
    return 0


cdef Py_ssize_t scratch_bytes(const PlanesArgs* a) noexcept:
    return 4 * (a.band_floats + a.channels * a.shape.x_plane + a.outputs * a.shape.y_plane)


cdef void make_planes(const PlanesArgs* a, const float* image, Py_ssize_t height, Py_ssize_t width, Py_ssize_t channels,
                      Py_ssize_t top, Py_ssize_t rows, Py_ssize_t left, float* band, Py_ssize_t stride,
                      float* planes) noexcept nogil:
    """A plane for each channel of some rows, a vector of zeros behind it."""
    cdef Py_ssize_t pixels = rows * a.row
    copy_band(image, height, width, channels, top, rows, left, a.row, band)
    memset(band + pixels * channels, 0, a.kernels.vector_length * channels * sizeof(float))
    a.kernels.transpose_block(pixels + a.kernels.vector_length, channels, channels, stride, band, planes)


cdef inline Py_ssize_t whole_vectors(const PlanesArgs* a, Py_ssize_t rows) noexcept nogil:
    """Pixels of so many rows up to the last column of y, rounded up."""
    cdef Py_ssize_t vector = a.kernels.vector_length
    return ((rows - 1) * a.row + a.columns + vector - 1) // vector * vector


cdef void planes_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PlanesArgs* a = <const PlanesArgs*>arguments
    cdef Py_ssize_t image = task // a.bands, first = cut(a.rows, a.bands, task % a.bands)
    cdef Py_ssize_t rows = cut(a.rows, a.bands, task % a.bands + 1) - first, group, i, j
    cdef float* band = <float*>scratch
    cdef float* x = band + a.band_floats
    cdef float* sums = x + a.channels * a.shape.x_plane
    cdef float* y = a.y + image * a.y_image + first * a.y_row
    cdef conv_planes_shape shape = a.shape
    make_planes(a, a.x + image * a.height * a.width * a.channels, a.height, a.width, a.channels, first - a.top,
                rows + a.overlap, -a.left, band, shape.x_plane, x)
    shape.pixels = whole_vectors(a, rows)
    for group in range(a.groups):
        a.kernels.conv_planes(&shape, x + group * shape.channels * shape.x_plane, a.w + group * a.w_group,
                              a.bias + group * shape.outputs if a.bias != NULL else NULL,
                              sums + group * shape.outputs * shape.y_plane)
    a.kernels.transpose_block(a.outputs, (rows - 1) * a.row + a.columns, shape.y_plane, a.outputs, sums, band)
    for i in range(rows):
        if a.y_pixel == a.outputs:
            memcpy(y + i * a.y_row, band + i * a.row * a.outputs, a.columns * a.outputs * sizeof(float))
        else:
            for j in range(a.columns):
                memcpy(y + i * a.y_row + j * a.y_pixel, band + (i * a.row + j) * a.outputs, a.outputs * sizeof(float))
    if a.statistics != NULL:
        a.weights[task] = rows * a.columns
        a.kernels.channel_statistics(rows * a.columns, a.outputs, a.outputs, y, a.statistics + 2 * task * a.outputs,
                                     a.statistics + (2 * task + 1) * a.outputs)


cdef class ConvPlanes(Call):
    """y = activation(convolution of x with w, plus bias); the options are those of Conv."""

    cdef PlanesArgs a
    cdef readonly object pieces, weights

    def __init__(self, x, w, y, bias=None, *, taps, strides=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1,
                 relu=False, weight_offset=0, weight_strides=None, output_size=None,
                 output_offset=0, output_strides=None, statistics=False):
        cdef PlanesArgs* a = &self.a
        if tuple(strides) != (1, 1):
            raise ValueError(f"planes are for strides of 1, received {strides}")
        if output_size is None:
            output_size = y.shape[1:3]
        fill(a, x.shape, (y.shape[0], *output_size, y.shape[3]), taps, padding, dilation, groups, TASK_FLOPS)
        if weight_strides is None:
            weight_strides = (a.shape.taps_across * a.shape.channels * a.outputs, a.shape.channels * a.outputs,
                              a.outputs, a.shape.outputs, 0)
        if output_strides is None:
            output_strides = (y.shape[2] * a.outputs, a.outputs)
        a.shape.w_tap_row, a.shape.w_tap_column, a.shape.w_channel, a.w_group = weight_strides[:4]
        a.y_row, a.y_pixel = output_strides
        a.y_image = y.size // max(a.images, 1)
        a.shape.low, a.shape.high = 0 if relu else -INFINITY, INFINITY
        a.x, a.w, a.y = f32(x), f32(w), f32(y)
        a.w += <Py_ssize_t>weight_offset
        a.y += <Py_ssize_t>output_offset
        a.bias = NULL if bias is None else f32(bias)
        cdef Py_ssize_t tasks = a.images * a.bands if a.rows and a.columns else 0
        writes = (y,)
        a.statistics = NULL
        if statistics:
            self.pieces = np.empty((tasks, 2, a.outputs), np.float32)
            self.weights = np.empty(tasks, np.float32)
            a.statistics, a.weights = f32(self.pieces), f32(self.weights)
            writes = (y, self.pieces, self.weights)
        self.prepare(planes_task, a, tasks, scratch_bytes(a), 2.0 * a.images * a.rows * a.columns * a.weights_size,
                     (x, w) if bias is None else (x, w, bias), writes)


cdef int fill_gradient(PlanesArgs* a, object x_shape, object dy_shape, object kernel_size, object padding,
                       object dilation, Py_ssize_t groups) except -1:
    fill(a, x_shape, dy_shape, kernel_size, padding, dilation, groups, INFINITY)
    a.shape.w_channel = a.outputs
    a.shape.w_tap_column = a.shape.channels * a.outputs
    a.shape.w_tap_row = a.shape.taps_across * a.shape.w_tap_column
    cdef double work = 2.0 * a.images * a.rows * a.columns * a.weights_size
    a.pieces = max(min(TASKS, <Py_ssize_t>(work / PIECE_FLOPS), a.images * a.bands,
                       PARTIAL_FLOATS // max(a.weights_size, 1)), 1)
    return 0


def planes_gradient_pieces(x_shape, dy_shape, *, kernel_size, padding, dilation, groups):
    """How many partial gradients the images are cut into; a function of shapes only."""
    cdef PlanesArgs a
    fill_gradient(&a, x_shape, dy_shape, kernel_size, padding, dilation, groups)
    return a.pieces


cdef void planes_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PlanesArgs* a = <const PlanesArgs*>arguments
    cdef float* band = <float*>scratch
    cdef float* x = band + a.band_floats
    cdef float* dy = x + a.channels * a.shape.x_plane
    cdef float* dw = a.y + task * a.weights_size
    cdef conv_planes_shape shape = a.shape
    cdef Py_ssize_t unit, image, first, rows, group
    memset(dw, 0, a.weights_size * sizeof(float))
    for unit in range(cut(a.images * a.bands, a.pieces, task), cut(a.images * a.bands, a.pieces, task + 1)):
        image, first = unit // a.bands, cut(a.rows, a.bands, unit % a.bands)
        rows = cut(a.rows, a.bands, unit % a.bands + 1) - first
        if rows == 0 or a.columns == 0:
            continue
        make_planes(a, a.x + image * a.height * a.width * a.channels, a.height, a.width, a.channels, first - a.top,
                    rows + a.overlap, -a.left, band, shape.x_plane, x)
        make_planes(a, a.w + image * a.rows * a.columns * a.outputs, a.rows, a.columns, a.outputs, first, rows, 0,
                    band, shape.y_plane, dy)
        shape.pixels = whole_vectors(a, rows)
        for group in range(a.groups):
            a.kernels.conv_planes_weight_gradient(&shape, x + group * shape.channels * shape.x_plane,
                                                  dy + group * shape.outputs * shape.y_plane,
                                                  dw + group * shape.outputs)


cdef class PlanesWeightGradient(Call):
    """partials[P,R,S,C/groups,K], whose sum over P is the gradient; `padding` is (top, left)."""

    cdef PlanesArgs a

    def __init__(self, x, dy, partials, *, kernel_size, padding=(0, 0), dilation=(1, 1), groups=1):
        cdef PlanesArgs* a = &self.a
        fill_gradient(a, x.shape, dy.shape, kernel_size, padding, dilation, groups)
        if partials.size != a.pieces * a.weights_size:
            raise ValueError(
                f"partials must hold {a.pieces} gradients of {a.weights_size} weights, received {partials.shape}")
        a.x, a.w, a.y = f32(x), f32(dy), f32(partials)
        self.prepare(planes_gradient_task, a, a.pieces if a.weights_size else 0, scratch_bytes(a),
                     2.0 * a.images * a.rows * a.columns * a.weights_size, (x, dy), (partials,))
