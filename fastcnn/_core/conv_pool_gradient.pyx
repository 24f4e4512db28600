# Gradients of convolution + ReLU + 2x2 max-pool from the pooled gradient and the positions of the maxima.
#
#     PoolListGradient(x, dy, argmax, partials[P,K,3,S,C])     of the weights; P = list_gradient_pieces(...)
#     SumTransposed(partials[P,K,...], dw[...,K])              their sum, as the weights lie
#     PoolFirstLayerGradient(x, dy, argmax, partials[P,3,3,C,K])   the same for C up to 3; P = image_pieces(...)
#     PoolInputGradient(wt[K,3,3,C], dy, argmax, dx)           of the input; wt by conv.TransposeWeights
#     PoolBiasGradient(dy, argmax, partials[P,K])              of the bias; P = image_pieces(...)
#     Unpool(dy, argmax, out[N,OH,OW,K])                       the gradient before the pool, where w is not 3x3
#
# A task is a piece of the images (of bands of them for the lists), or one image; where the convolution has padding, on
# copies of its rows with zeros around them, in scratch.
from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport kernel_table, pool_entry, table

cdef Py_ssize_t CHUNK_BYTES = 192 * 1024  # of x, and again of lists, that are built and used in one go
cdef Py_ssize_t PARTIAL_FLOATS = 1 << 21
cdef Py_ssize_t PIECES = 32
cdef double PIECE_FLOPS = 16e6            # counted densely; the entries are a quarter of that or less
cdef Py_ssize_t PIECE_BYTES = 64 * 1024   # of pooled gradient, where a piece reads little else
cdef Py_ssize_t SUM_RUN = 48


cdef struct PoolArgs:
    const kernel_table* kernels
    const float* x
    const float* dy
    const uint8_t* argmax
    float* out
    Py_ssize_t images, height, width, channels, rows, columns, outputs
    Py_ssize_t taps_down, taps_across, top, left
    Py_ssize_t band_width, bands, chunk, capacity, pieces
    bint padded


cdef int fill(PoolArgs* a, object x_shape, object dy_shape, object kernel_size, object padding) except -1:
    """All of the arguments that follow from shapes."""
    a.kernels = table()
    a.images, a.height, a.width, a.channels = x_shape
    a.rows, a.columns, a.outputs = dy_shape[1:]
    a.taps_down, a.taps_across = kernel_size
    a.top, a.left = padding
    a.band_width = 2 * a.columns + a.taps_across - 1
    a.padded = (a.top > 0 or a.left > 0 or a.band_width - a.left > a.width
                or 2 * a.rows + a.taps_down - 1 - a.top > a.height)
    cdef Py_ssize_t row_floats = max(2 * a.width * a.channels, 2 * a.columns * a.outputs, 1)
    cdef Py_ssize_t rows = max(min(CHUNK_BYTES // 4 // row_floats, a.rows), 1)
    a.bands = max((a.rows + rows - 1) // rows, 1)
    rows = (a.rows + a.bands - 1) // a.bands
    cdef Py_ssize_t dw = max(a.taps_down * a.taps_across * a.channels * a.outputs, 1)
    cdef double work = 8.0 * a.images * a.rows * a.columns * dw
    a.pieces = max(min(a.images * a.bands, <Py_ssize_t>(work / PIECE_FLOPS), PIECES, PARTIAL_FLOATS // dw), 1)
    a.chunk = max(CHUNK_BYTES // 4 // (max(rows, 1) * row_floats), 1)
    a.chunk = max(min(a.chunk, (a.images * a.bands + a.pieces - 1) // a.pieces), 1)
    a.capacity = a.chunk * rows * a.columns + 1
    return 0


cdef inline Py_ssize_t band_floats(const PoolArgs* a) noexcept nogil:
    """Floats in the padded copy of the largest band."""
    cdef Py_ssize_t rows = (a.rows + a.bands - 1) // a.bands
    return (2 * rows + a.taps_down - 1) * a.band_width * a.channels


def list_gradient_pieces(x_shape, dy_shape, *, kernel_size, padding):
    """How many partial gradients the images are cut into; a function of shapes only."""
    cdef PoolArgs a
    fill(&a, x_shape, dy_shape, kernel_size, padding)
    return a.pieces


def is_first_layer(kernel_size, Py_ssize_t channels):
    """Whether PoolFirstLayerGradient is the faster choice: with AVX-512 a pixel of any position is one permutation."""
    return tuple(kernel_size) == (3, 3) and (channels == 1 or channels <= 3 and table().vector_length == 16)


def image_pieces(dy_shape):
    """How many runs the images are cut into where the pooled gradient is most of what is read."""
    cdef Py_ssize_t images = dy_shape[0], size = dy_shape[1] * dy_shape[2] * dy_shape[3]
    return max(min(images, 4 * images * size // PIECE_BYTES, PIECES), 1)


cdef void list_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Py_ssize_t run = a.taps_across * a.channels, dw_size = a.outputs * a.taps_down * run
    cdef float* dw = a.out + task * dw_size
    cdef int32_t* counts = <int32_t*>scratch
    cdef pool_entry* lists = <pool_entry*>(counts + a.outputs)
    cdef float* copies = <float*>(lists + a.outputs * a.capacity)
    cdef Py_ssize_t pitch = (a.band_width if a.padded else a.width) * a.channels
    cdef Py_ssize_t unit = cut(a.images * a.bands, a.pieces, task), end = cut(a.images * a.bands, a.pieces, task + 1)
    cdef Py_ssize_t stop, image, first, rows, offset, window
    cdef const float* base
    memset(dw, 0, dw_size * sizeof(float))
    while unit < end:
        stop = min(unit + a.chunk, end)
        memset(counts, 0, a.outputs * sizeof(int32_t))
        base = copies
        if not a.padded:
            base = a.x + unit // a.bands * a.height * a.width * a.channels
        offset = 0
        while unit < stop:
            image = unit // a.bands
            first = cut(a.rows, a.bands, unit % a.bands)
            rows = cut(a.rows, a.bands, unit % a.bands + 1) - first
            window = (image * a.rows + first) * a.columns * a.outputs
            if a.padded:
                copy_band(a.x + image * a.height * a.width * a.channels, a.height, a.width, a.channels,
                          2 * first - a.top, 2 * rows + a.taps_down - 1, -a.left, a.band_width, copies + offset)
            else:
                offset = (a.x - base) + ((image * a.height + 2 * first - a.top) * a.width - a.left) * a.channels
            a.kernels.pool_lists(rows, a.columns, a.outputs, a.dy + window, a.argmax + window, offset, 2 * pitch,
                                 2 * a.channels, a.capacity, lists, counts)
            if a.padded:
                offset += (2 * rows + a.taps_down - 1) * pitch
            unit += 1
        a.kernels.conv_max_pool_weight_gradient(a.outputs, run, a.capacity, lists, counts, base, pitch, dw)


cdef class PoolListGradient(Call):
    """partials[P,K,3,S,C], whose sum over P is the gradient of the weights; `padding` is (top, left)."""

    cdef PoolArgs a

    def __init__(self, x, dy, argmax, partials, *, kernel_size, padding):
        cdef PoolArgs* a = &self.a
        fill(a, x.shape, dy.shape, kernel_size, padding)
        if a.taps_down != 3:
            raise ValueError(f"kernel_size must have three rows, received {kernel_size}")
        a.x, a.dy, a.argmax, a.out = f32(x), f32(dy), u8(argmax), f32(partials)
        cdef Py_ssize_t dw = a.taps_down * a.taps_across * a.channels * a.outputs
        cdef Py_ssize_t scratch = 4 * a.outputs + 8 * a.outputs * a.capacity
        if a.padded:
            scratch += 4 * a.chunk * band_floats(a)
        self.prepare(list_gradient_task, a, a.pieces if dw else 0, scratch, 2.0 * dy.size * dw / max(a.outputs, 1),
                     (x, dy, argmax), (partials,))


cdef struct SumTransposedArgs:
    const kernel_table* kernels
    const float* partials
    float* out
    Py_ssize_t pieces, outputs, size


cdef void sum_transposed_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumTransposedArgs* a = <const SumTransposedArgs*>arguments
    cdef Py_ssize_t first = task * SUM_RUN, run = min(SUM_RUN, a.size - first), k
    cdef float* sums = <float*>scratch
    for k in range(a.outputs):
        a.kernels.column_sums(a.partials + k * a.size + first, a.pieces, run, a.outputs * a.size, sums + k * run)
    a.kernels.transpose_block(a.outputs, run, run, a.outputs, sums, a.out + first * a.outputs)


cdef class SumTransposed(Call):
    """out[..., K] = the sum of partials[P, K, ...] over P."""

    cdef SumTransposedArgs a

    def __init__(self, partials, out):
        cdef Py_ssize_t outputs = partials.shape[1]
        cdef Py_ssize_t size = out.size // max(outputs, 1)
        self.a = SumTransposedArgs(table(), f32(partials), f32(out), partials.shape[0], outputs, size)
        self.prepare(sum_transposed_task, &self.a, (size + SUM_RUN - 1) // SUM_RUN, 4 * SUM_RUN * outputs,
                     partials.size, (partials,), (out,))


cdef void first_layer_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef float* dw = a.out + task * 9 * a.channels * a.outputs
    cdef Py_ssize_t windows = a.rows * a.columns * a.outputs, image
    cdef const float* x
    memset(dw, 0, 9 * a.channels * a.outputs * sizeof(float))
    for image in range(cut(a.images, a.pieces, task), cut(a.images, a.pieces, task + 1)):
        x = a.x + image * a.height * a.width * a.channels
        if a.padded:
            copy_band(x, a.height, a.width, a.channels, -a.top, 2 * a.rows + 2, -a.left, a.band_width, <float*>scratch)
            x = <const float*>scratch
        else:
            x -= (a.top * a.width + a.left) * a.channels
        a.kernels.conv_max_pool_first_layer_gradient(a.rows, a.columns, a.channels, a.outputs, x,
                                                     (a.band_width if a.padded else a.width) * a.channels,
                                                     a.dy + image * windows, a.argmax + image * windows, dw)


cdef class PoolFirstLayerGradient(Call):
    """partials[P,3,3,C,K], whose sum over P is the gradient of the weights; `padding` is (top, left)."""

    cdef PoolArgs a

    def __init__(self, x, dy, argmax, partials, *, padding):
        cdef PoolArgs* a = &self.a
        fill(a, x.shape, dy.shape, (3, 3), padding)
        if not 1 <= a.channels <= 3:
            raise ValueError(f"x must have one to three channels, received shape {x.shape}")
        a.x, a.dy, a.argmax, a.out = f32(x), f32(dy), u8(argmax), f32(partials)
        a.pieces = image_pieces(dy.shape)
        self.prepare(first_layer_task, a, a.pieces, 4 * (2 * a.rows + 2) * a.band_width * a.channels if a.padded else 0,
                     18.0 * dy.size * a.channels, (x, dy, argmax), (partials,))


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Py_ssize_t windows = a.rows * a.columns * a.outputs, size = a.height * a.width * a.channels
    cdef float* dx = a.out + task * size
    cdef float* square = dx - (a.top * a.width + a.left) * a.channels
    cdef Py_ssize_t pitch = a.width * a.channels
    if a.padded:
        square = <float*>scratch
        pitch = a.band_width * a.channels
        memset(square, 0, (2 * a.rows + 2) * pitch * sizeof(float))
    else:
        memset(dx, 0, size * sizeof(float))
    a.kernels.conv_max_pool_input_gradient(a.rows, a.columns, a.channels, a.outputs, a.x, a.dy + task * windows,
                                           a.argmax + task * windows, pitch, square)
    if a.padded:
        copy_band(square, 2 * a.rows + 2, a.band_width, a.channels, a.top, a.height, a.left, a.width, dx)


cdef class PoolInputGradient(Call):
    """dx for a 3x3 kernel, given as wt[K,3,3,C]; `padding` is (top, left)."""

    cdef PoolArgs a

    def __init__(self, wt, dy, argmax, dx, *, padding):
        cdef PoolArgs* a = &self.a
        fill(a, dx.shape, dy.shape, (3, 3), padding)
        a.x, a.dy, a.argmax, a.out = f32(wt), f32(dy), u8(argmax), f32(dx)
        cdef Py_ssize_t scratch = 4 * (2 * a.rows + 2) * a.band_width * a.channels if a.padded else 0
        self.prepare(input_gradient_task, a, a.images if dx.size else 0, scratch, 18.0 * dy.size * a.channels,
                     (wt, dy, argmax), (dx,))


cdef void pool_bias_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Py_ssize_t windows = a.images * a.rows * a.columns
    cdef Py_ssize_t first = cut(windows, a.pieces, task), end = cut(windows, a.pieces, task + 1)
    cdef float* db = a.out + task * a.outputs
    memset(db, 0, a.outputs * sizeof(float))
    a.kernels.pool_bias_gradient(end - first, a.outputs, a.dy + first * a.outputs, a.argmax + first * a.outputs, db)


cdef class PoolBiasGradient(Call):
    """partials[P,K], whose sum over P is the gradient of the bias."""

    cdef PoolArgs a

    def __init__(self, dy, argmax, partials):
        cdef PoolArgs* a = &self.a
        a.kernels = table()
        a.images, a.rows, a.columns, a.outputs = dy.shape
        a.dy, a.argmax, a.out = f32(dy), u8(argmax), f32(partials)
        a.pieces = image_pieces(dy.shape)
        self.prepare(pool_bias_task, a, a.pieces, 0, dy.size, (dy, argmax), (partials,))


cdef void unpool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Py_ssize_t windows = a.rows * a.columns * a.outputs
    a.kernels.unpool(a.height, a.width, a.outputs, a.dy + task * windows, a.argmax + task * windows,
                     a.out + task * a.height * a.width * a.outputs)


cdef class Unpool(Call):
    """out[N,OH,OW,K] = dy at the position of each maximum, zero elsewhere."""

    cdef PoolArgs a

    def __init__(self, dy, argmax, out):
        cdef PoolArgs* a = &self.a
        a.kernels = table()
        a.images, a.rows, a.columns, a.outputs = dy.shape
        a.height, a.width = out.shape[1:3]
        a.dy, a.argmax, a.out = f32(dy), u8(argmax), f32(out)
        self.prepare(unpool_task, a, a.images if out.size else 0, 0, out.size, (dy, argmax), (out,))
