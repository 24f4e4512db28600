# Convolution with 3x3 kernels and steps of 2 by Winograd's algorithm, and the gradient of its input: 81 products for
# 144. See csrc/winograd_strided.c.
#
#     strided_winograd_serves(...)                          whether it is to be used: the one rule on shapes
#     strided_weights_shape(C, K)                           shape of U, the workspace of transformed weights
#     StridedWeights(w[3,3,C,K], U, ...)                    U from w, or from w with channels exchanged and turned
#     StridedWinograd(x[N,H,W,C], U, y, bias[K] or None, ...)
#     StridedWinogradInputGradient(dy[N,OH,OW,K], U, dx, ...)
#
# A task takes a block of tiles through input transform, and then, for one panel of output channels after the other,
# through products and output transform, so that V and P of a panel stay in the L2 cache; where blocks are few or U is
# large, for one share of the panels.
from math import ceil

import numpy as np

from libc.math cimport INFINITY

from fastcnn._core import winograd
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport (
    STRIDED_DY,
    STRIDED_X,
    kernel_table,
    product,
    table,
    winograd_strided_shape,
)
from fastcnn._core.statistics cimport Tiles, tile_statistics
from fastcnn._core.tasks cimport pieces as up
from fastcnn._core.winograd_sizes cimport panel_width, whole_vectors

cdef enum:
    SIDE = 4                    # outputs of a tile along an axis
    PRODUCTS = 9                # that they take
    WEIGHTS = 6                 # of a filter, along an axis: the last is that of all odd pixels
    BLOCK_TILES = 12            # two register tiles of the matrix product
    BLOCK_BYTES = 1024 * 1024   # of V and P at most
    SHARE_BYTES = 16 << 20      # of U, read again for each block
    FEW_TASKS = 8               # below so many blocks the output channels are shared out
    WEIGHT_CHANNELS = 16        # of a task that transforms weights
    APART = 16                  # floats that keep equal steps from meeting in one set of a cache

# What the transforms of a tile cost, in products per channel of x and of y, measured on AVX-512; and the gain by that
# count from which on the algorithm is taken.
TRANSFORMS = 450
GAIN_WORTH_IT = 1.35


def has_steps_of_two(*, kernel_size, strides, dilation, groups):
    """Whether a convolution is one for this algorithm."""
    return winograd.enabled and (*kernel_size, *strides, *dilation, groups) == (3, 3, 2, 2, 1, 1, 1)


def strided_winograd_serves(channels, outputs, maps_size, **options):
    """Whether a convolution to maps of `maps_size` is faster so than directly. For an input gradient `channels` are
    those of dy and `maps_size` is half the size of dx, which may be odd.

    Costs are products for each image, so that they do not depend on the batch.
    """
    if not has_steps_of_two(**options):
        return False
    height, width = maps_size
    tiles = ceil(height / SIDE) * ceil(width / SIDE)
    cost = PRODUCTS * PRODUCTS * channels * outputs + TRANSFORMS * (channels + outputs)
    return GAIN_WORTH_IT * tiles * cost < 9 * height * width * channels * outputs


def strided_weights_shape(Py_ssize_t channels, Py_ssize_t outputs):
    """Shape of U: (panels of outputs, weights, channels * panel and a gap)."""
    cdef Py_ssize_t panel = panel_width()
    return up(outputs, panel), WEIGHTS * WEIGHTS, channels * min(panel, whole_vectors(outputs)) + APART


cdef struct WeightsArgs:
    const kernel_table* kernels
    const float* w
    float* u
    Py_ssize_t channels, outputs, panel, chunks
    Py_ssize_t u_panel, u_frequency, u_channel
    bint turned


cdef void weights_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WeightsArgs* a = <const WeightsArgs*>arguments
    cdef Py_ssize_t k = task // a.chunks * a.panel, outputs = min(a.panel, a.outputs - k)
    cdef Py_ssize_t c = task % a.chunks * WEIGHT_CHANNELS, channels = min(WEIGHT_CHANNELS, a.channels - c), tap
    cdef float* turned = <float*>scratch
    cdef const float* w = a.w + c * a.outputs + k
    cdef Py_ssize_t w_tap = a.channels * a.outputs, w_channel = a.outputs
    if a.turned:
        for tap in range(9):
            a.kernels.transpose_block(outputs, channels, a.channels, outputs,
                                      a.w + (tap * a.outputs + k) * a.channels + c,
                                      turned + (8 - tap) * channels * outputs)
        w, w_tap, w_channel = turned, channels * outputs, outputs
    a.kernels.winograd_strided_weights(channels, outputs, w, w_tap, w_channel,
                                       a.u + task // a.chunks * a.u_panel + c * a.u_channel, a.u_frequency,
                                       a.u_channel)


cdef class StridedWeights(Call):
    """U of the weights w[3,3,C,K]; if `turned`, of w with C and K exchanged, turned by half a circle."""

    cdef WeightsArgs a

    def __init__(self, w, u, *, turned=False):
        cdef WeightsArgs* a = &self.a
        a.kernels, a.w, a.u, a.turned = table(), f32(w), f32(u), turned
        a.channels, a.outputs = (w.shape[3], w.shape[2]) if turned else (w.shape[2], w.shape[3])
        a.panel = panel_width()
        a.u_panel, a.u_frequency = u.shape[1] * u.shape[2], u.shape[2]
        a.u_channel = min(a.panel, whole_vectors(a.outputs))
        a.chunks = up(a.channels, WEIGHT_CHANNELS)
        self.prepare(weights_task, a, u.shape[0] * a.chunks, 36 * WEIGHT_CHANNELS * a.panel if turned else 0,
                     10.0 * u.size, (w,), (u,))


cdef struct StridedArgs:
    const kernel_table* kernels
    winograd_strided_shape shape
    const float* x
    const float* u
    const float* bias
    float* y
    float* statistics
    float* weights
    Py_ssize_t tiles, block_tiles, blocks, shares, panels, panel
    Py_ssize_t u_panel, u_frequency, u_channel


cdef void multiply(const StridedArgs* a, const float* v, const float* u, float* p, Py_ssize_t tiles,
                   Py_ssize_t outputs) noexcept nogil:
    """The 81 products of a panel."""
    cdef const winograd_strided_shape* shape = &a.shape
    cdef product step
    cdef Py_ssize_t i, j, f
    step.a_row, step.a_step, step.b_step, step.b_panel = shape.v_tile, 1, a.u_channel, 0
    step.m, step.n, step.k = tiles, outputs, shape.channels
    for i in range(PRODUCTS):
        for j in range(PRODUCTS):
            f = i * PRODUCTS + j
            step.a = v + f * shape.v_frequency
            step.b = u + (min(i, WEIGHTS - 1) * WEIGHTS + min(j, WEIGHTS - 1)) * a.u_frequency
            a.kernels.gemm(&step, NULL, 0, p + f * shape.p_frequency, shape.p_tile)


cdef void strided_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const StridedArgs* a = <const StridedArgs*>arguments
    cdef Py_ssize_t block = task % a.blocks, share = task // a.blocks, panel, k
    cdef Py_ssize_t first = cut(a.tiles, a.blocks, block), tiles = cut(a.tiles, a.blocks, block + 1) - first
    cdef winograd_strided_shape shape = a.shape
    cdef float* v = <float*>scratch
    cdef float* p = v + a.block_tiles * shape.v_tile
    a.kernels.winograd_strided_input(&shape, first, tiles, a.x, v)
    for panel in range(cut(a.panels, a.shares, share), cut(a.panels, a.shares, share + 1)):
        k = panel * a.panel
        shape.outputs = min(a.panel, a.shape.outputs - k)
        multiply(a, v, a.u + panel * a.u_panel, p, tiles, shape.outputs)
        a.kernels.winograd_strided_output(&shape, first, tiles, p, a.bias + k if a.bias != NULL else NULL, a.y + k)
        if a.statistics != NULL:
            take_statistics(a, block, first, first + tiles, k, shape.outputs, p)


cdef void take_statistics(const StridedArgs* a, Py_ssize_t block, Py_ssize_t first, Py_ssize_t last, Py_ssize_t k,
                          Py_ssize_t outputs, float* scratch) noexcept nogil:
    """Mean and squared distances of the pixels of a block's tiles, for a panel from output k on."""
    cdef const winograd_strided_shape* shape = &a.shape
    cdef Tiles tiles = Tiles(shape.tiles_down, shape.tiles_across, SIDE, shape.y_height, shape.y_width, shape.y_pixel)
    cdef float* mean = a.statistics + 2 * block * shape.outputs + k
    cdef float count = tile_statistics(a.kernels, &tiles, first, last, outputs, a.y + k, mean, mean + shape.outputs,
                                       scratch)
    if k == 0:
        a.weights[block] = count


cdef Py_ssize_t prepare_tiles(StridedArgs* a, object x, object u, object y) except -1:
    """All of the arguments but where tiles lie; returns the number of tasks."""
    cdef winograd_strided_shape* shape = &a.shape
    a.kernels, a.x, a.u, a.y = table(), f32(x), f32(u), f32(y)
    shape.height, shape.width, shape.channels = x.shape[1:]
    shape.pixel = shape.channels
    shape.y_height, shape.y_width, shape.outputs = y.shape[1:]
    shape.y_pixel = shape.outputs
    a.panel = panel_width()
    a.panels, a.u_panel, a.u_frequency = u.shape[0], u.shape[1] * u.shape[2], u.shape[2]
    a.u_channel = min(a.panel, whole_vectors(shape.outputs))
    a.tiles = x.shape[0] * shape.tiles_down * shape.tiles_across
    shape.v_frequency, shape.p_frequency = whole_vectors(shape.channels), a.u_channel
    shape.v_tile = PRODUCTS * PRODUCTS * shape.v_frequency + APART
    shape.p_tile = PRODUCTS * PRODUCTS * shape.p_frequency + APART
    a.block_tiles = min(BLOCK_BYTES // (4 * (shape.v_tile + shape.p_tile)), up(a.tiles, FEW_TASKS), BLOCK_TILES)
    a.block_tiles = max(up(a.block_tiles, 6), 1) * 6
    a.blocks = max(up(a.tiles, a.block_tiles), 1)
    a.shares = max(min(max(up(4 * u.size, SHARE_BYTES), up(FEW_TASKS, a.blocks)), a.panels), 1)
    return a.blocks * a.shares if a.tiles and shape.outputs else 0


cdef Py_ssize_t block_bytes(const StridedArgs* a) noexcept:
    """Scratch for V and P."""
    return 4 * a.block_tiles * (a.shape.v_tile + a.shape.p_tile)


cdef double work_of(const StridedArgs* a) noexcept:
    """Multiply-adds of the products, twice."""
    return 2.0 * a.tiles * PRODUCTS * PRODUCTS * a.shape.channels * a.shape.outputs


cdef class StridedWinograd(Call):
    """y[N,OH,OW,K] = activation(convolution of x with the weights of U, plus bias). `padding` is (top, left). With
    `statistics`, each task takes those of its tiles: `pieces` [P, 2, K] are mean and squared distances of `weights` [P]
    pixels."""

    cdef StridedArgs a
    cdef readonly object pieces, weights

    def __init__(self, x, u, y, bias=None, *, padding=(0, 0), relu=False, statistics=False):
        cdef StridedArgs* a = &self.a
        cdef winograd_strided_shape* shape = &a.shape
        a.bias = NULL if bias is None else f32(bias)
        shape.kind, shape.low = STRIDED_X, 0 if relu else -INFINITY
        shape.top, shape.left = padding
        shape.y_top = shape.y_left = 0
        shape.tiles_down, shape.tiles_across = up(y.shape[1], SIDE), up(y.shape[2], SIDE)
        cdef Py_ssize_t tasks = prepare_tiles(a, x, u, y)
        writes = (y,)
        if statistics:
            self.pieces = np.empty((a.blocks if tasks else 0, 2, shape.outputs), np.float32)
            self.weights = np.empty(len(self.pieces), np.float32)
            a.statistics, a.weights = f32(self.pieces), f32(self.weights)
            writes = (y, self.pieces, self.weights)
        self.prepare(strided_task, a, tasks, block_bytes(a), work_of(a), (x, u) if bias is None else (x, u, bias),
                     writes)


cdef class StridedWinogradInputGradient(Call):
    """dx[N,H,W,C] of a convolution, from dy[N,OH,OW,K] and U of the turned weights. `padding` is that of the
    convolution, (top, left)."""

    cdef StridedArgs a

    def __init__(self, dy, u, dx, *, padding=(0, 0)):
        cdef StridedArgs* a = &self.a
        cdef winograd_strided_shape* shape = &a.shape
        shape.kind, shape.low = STRIDED_DY, -INFINITY
        shape.top = shape.left = 1  # a tile begins with the last row and column of dy of the one before
        shape.y_top, shape.y_left = padding
        shape.tiles_down = up(padding[0] + dx.shape[1], 2 * SIDE)
        shape.tiles_across = up(padding[1] + dx.shape[2], 2 * SIDE)
        cdef Py_ssize_t tasks = prepare_tiles(a, dy, u, dx)
        self.prepare(strided_task, a, tasks, block_bytes(a), work_of(a), (dy, u), (dx,))
