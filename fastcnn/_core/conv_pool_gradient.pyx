# Gradients of the weights and of the bias of convolution + ReLU + 2x2 max-pool, from the pooled gradient and the
# positions of the maxima.
#
#     PoolListGradient(x, dy, argmax, partials, bias_partials[P,K], ...)      3x3 taps; partials of shape
#         list_gradient_partials(...), one for each of P pieces: [P, vectors of channels, K, 9, vector]. With
#         bfloat16=True it multiplies bfloat16, where the processor does: see fills_lists(...)
#     SumListGradient(partials, dw[3,3,C,K])                                  their sum, as the weights lie
#     PoolFirstLayerGradient(x, dy, argmax, partials[P,3,3,C,K], bias_partials[P,K], ...)   the same for C up to 3;
#         P = image_pieces(...). It can make dy, too, image by image: take_source(PoolInputGradient of the next layer)
#     Unpool(dy, argmax, out[N,OH,OW,K])       the gradient before the pool, for other sizes of kernel
#
# For the lists, the images are cut into units: bands of rows of windows of one image, so small that their part of x,
# one vector of channels of it, fits into the L1 cache; a chunk is as many units as fit together. A task is a piece of
# the units, and where the weights are large a share of the channels. Elsewhere a task is a piece of the images.
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.conv_pool_input_gradient cimport InputArgs, PoolInputGradient, input_gradient_of_image
from fastcnn._core.kernels cimport entry_lists, kernel_table, pool_lists, table

cdef Py_ssize_t PLANE_FLOATS = 7 * 1024   # of x in the L1 cache, with room for the lists that pass through it
cdef Py_ssize_t PLANE_FLOATS_BFLOAT16 = 8 * 1024  # the same, counted as floats; lists take half as much
cdef Py_ssize_t SHARE_FLOATS = 128 * 1024  # of dw in the L2 cache
cdef Py_ssize_t PARTIAL_FLOATS = 1 << 21
cdef Py_ssize_t PIECES = 32
cdef Py_ssize_t LIST_PIECES = 16
cdef double PIECE_FLOPS = 16e6            # counted densely; the entries are a quarter of that or less
cdef Py_ssize_t GROUP_BFLOAT16 = 2        # vectors of channels in a plane of bfloat16
cdef Py_ssize_t LIST_COLUMNS = 4000       # of windows whose pixels, with those of four rows, numbers of 15 bits tell
cdef Py_ssize_t PIECE_BYTES = 64 * 1024   # of pooled gradient, where a piece reads little else
cdef Py_ssize_t SUM_OUTPUTS = 16


cdef struct ListArgs:
    const kernel_table* kernels
    const float* x
    const float* dy
    const uint8_t* argmax
    float* dw
    float* db
    Py_ssize_t images, height, width, channels, rows, columns, outputs
    Py_ssize_t top, left
    Py_ssize_t vector, vectors         # floats in a vector; vectors that the channels fill, in bfloat16 an even number
    Py_ssize_t group                   # vectors in a plane of x
    Py_ssize_t bands, chunk, capacity  # units in an image, units at a time, windows in a chunk
    Py_ssize_t pieces, shares
    bint bfloat16


cdef int fill(ListArgs* a, object x_shape, object dy_shape, object padding, bint bfloat16) except -1:
    """All of the arguments that follow from shapes."""
    a.kernels = table()
    a.images, a.height, a.width, a.channels = x_shape
    a.rows, a.columns, a.outputs = dy_shape[1:]
    a.top, a.left = padding
    a.vector = a.kernels.vector_length
    a.bfloat16 = bfloat16
    a.group = GROUP_BFLOAT16 if bfloat16 else 1
    a.vectors = (a.channels + a.group * a.vector - 1) // (a.group * a.vector) * a.group
    cdef Py_ssize_t row = (2 * a.columns + 2) * a.vector  # of a plane; in bfloat16 as much memory
    cdef Py_ssize_t plane = PLANE_FLOATS_BFLOAT16 if bfloat16 else PLANE_FLOATS
    cdef Py_ssize_t rows = max(min((plane // row - 2) // 2, a.rows), 1)
    a.bands = max((a.rows + rows - 1) // rows, 1)
    rows = (a.rows + a.bands - 1) // a.bands
    cdef Py_ssize_t dw = max(a.vectors * a.outputs * 9 * a.vector, 1)
    cdef double work = (16.0 if bfloat16 else 8.0) * a.images * a.rows * a.columns * dw
    a.pieces = max(min(a.images * a.bands, <Py_ssize_t>(work / PIECE_FLOPS), LIST_PIECES, PARTIAL_FLOATS // dw), 1)
    a.shares = max(min((dw + SHARE_FLOATS - 1) // SHARE_FLOATS, a.vectors // a.group), 1)
    a.chunk = max(plane // ((2 * rows + 2) * row), 1)
    a.chunk = max(min(a.chunk, (a.images * a.bands + a.pieces - 1) // a.pieces), 1)
    a.capacity = a.chunk * rows * a.columns
    return 0


def list_gradient_partials(x_shape, dy_shape, *, bint bfloat16=False):
    """Shape of the partial gradients; a function of shapes only."""
    cdef ListArgs a
    fill(&a, x_shape, dy_shape, (0, 0), bfloat16)
    return a.pieces, a.vectors, a.outputs, 9, a.vector


def fills_lists(x_shape, dy_shape):
    """Whether in bfloat16 PoolListGradient serves, and is the faster choice: of the channels that its planes hold at
    least three in four exist."""
    cdef Py_ssize_t plane = GROUP_BFLOAT16 * 16, channels = x_shape[3]
    return 4 * channels >= 3 * ((channels + plane - 1) // plane * plane) and dy_shape[2] <= LIST_COLUMNS


def is_first_layer(Py_ssize_t channels):
    """Whether PoolFirstLayerGradient is the faster choice: with AVX-512 a pixel of any position is one permutation."""
    return channels == 1 or channels <= 3 and table().vector_length == 16


def image_pieces(dy_shape):
    """How many runs the images are cut into where the pooled gradient is most of what is read."""
    cdef Py_ssize_t images = dy_shape[0], size = dy_shape[1] * dy_shape[2] * dy_shape[3]
    return max(min(images, 4 * images * size // PIECE_BYTES, PIECES), 1)


cdef void list_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ListArgs* a = <const ListArgs*>arguments
    cdef Py_ssize_t piece = task % a.pieces, share = task // a.pieces, groups = a.vectors // a.group
    cdef Py_ssize_t first = cut(groups, a.shares, share), last = cut(groups, a.shares, share + 1)
    cdef Py_ssize_t size = a.group * a.outputs * 9 * a.vector, columns = 2 * a.columns + 2
    cdef float* dw = a.dw + (piece * groups + first) * size
    cdef float* db = a.db + piece * a.outputs if share == 0 else NULL
    cdef float* plane = <float*>scratch
    cdef pool_lists lists
    cdef entry_lists entries
    entries.capacity = lists.capacity = a.capacity + 16
    entries.counts = lists.counts = <int32_t*>(plane + plane_floats(a))
    lists.offsets = lists.counts + lists_of(a)
    lists.gradients = <float*>lists.offsets + lists_of(a) * lists.capacity
    entries.entries = <uint32_t*>lists.offsets
    cdef int32_t* corners = lists.offsets + list_words(a)
    cdef Py_ssize_t unit = cut(a.images * a.bands, a.pieces, piece), end = cut(a.images * a.bands, a.pieces, piece + 1)
    cdef Py_ssize_t pixel = 1 if a.bfloat16 else a.vector  # what leads from one to the next in the lists
    cdef Py_ssize_t stop, group, window, windows, rows, row, i, j, u, near_floats
    cdef const float* near
    memset(dw, 0, (last - first) * size * sizeof(float))
    if db != NULL:
        memset(db, 0, a.outputs * sizeof(float))
    while unit < end:
        stop = min(unit + a.chunk, end)
        windows = row = 0
        for u in range(unit, stop):
            rows = cut(a.rows, a.bands, u % a.bands + 1) - cut(a.rows, a.bands, u % a.bands)
            for i in range(rows):
                for j in range(a.columns):
                    corners[windows] = <int32_t>(((row + 2 * i) * columns + 2 * j) * pixel)
                    windows += 1
            row += 2 * rows + 2
        window = (unit // a.bands * a.rows + cut(a.rows, a.bands, unit % a.bands)) * a.columns * a.outputs
        if a.bfloat16:
            a.kernels.pool_entries(windows, a.outputs, a.dy + window, a.argmax + window, corners, columns, &entries,
                                   db)
        else:
            a.kernels.pool_lists(windows, a.outputs, a.dy + window, a.argmax + window, corners, pixel, columns * pixel,
                                 &lists, db)
        near = rows_under(a, stop)  # of the next chunk: each pass asks for a share
        near_floats = (rows_under(a, min(stop + a.chunk, end)) - near) // (last - first)
        for group in range(first, last):
            copy_planes(a, unit, stop, group, plane)
            if a.bfloat16:
                a.kernels.conv_max_pool_list_gradient_bfloat16(a.outputs, &entries, <uint16_t*>plane, columns, near,
                                                               near_floats, dw + (group - first) * size)
            else:
                a.kernels.conv_max_pool_weight_gradient(a.outputs, &lists, plane, columns * a.vector, near,
                                                        near_floats, dw + (group - first) * size)
            near += near_floats
        unit = stop


cdef inline Py_ssize_t lists_of(const ListArgs* a) noexcept nogil:
    """How many lists there are: bfloat16 makes them for whole vectors."""
    return (a.outputs + 15) // 16 * 16 if a.bfloat16 else a.outputs


cdef inline Py_ssize_t list_words(const ListArgs* a) noexcept nogil:
    """Room for all lists: an offset and a gradient of each entry, in bfloat16 both in one word."""
    return lists_of(a) * (a.capacity + 16) * (1 if a.bfloat16 else 2)


cdef inline const float* rows_under(const ListArgs* a, Py_ssize_t unit) noexcept nogil:
    """Where the rows of x under a unit begin."""
    cdef Py_ssize_t row = max(2 * cut(a.rows, a.bands, unit % a.bands) - a.top, 0)
    return a.x + (unit // a.bands * a.height + row) * a.width * a.channels


cdef void copy_planes(const ListArgs* a, Py_ssize_t unit, Py_ssize_t stop, Py_ssize_t group,
                      float* planes) noexcept nogil:
    """One group of channels of the rows of x under some units, side by side."""
    cdef Py_ssize_t channel = group * a.group * a.vector, columns = 2 * a.columns + 2, first, rows
    cdef Py_ssize_t lanes = min(a.group * a.vector, a.channels - channel)
    cdef const float* x
    while unit < stop:
        first = cut(a.rows, a.bands, unit % a.bands)
        rows = 2 * (cut(a.rows, a.bands, unit % a.bands + 1) - first) + 2
        x = a.x + unit // a.bands * a.height * a.width * a.channels + channel
        if a.bfloat16:
            a.kernels.channel_plane_bfloat16(a.height, a.width, a.channels, lanes, x, 2 * first - a.top, rows, -a.left,
                                             columns, <uint16_t*>planes)
        else:
            a.kernels.channel_plane(a.height, a.width, a.channels, lanes, x, 2 * first - a.top, rows, -a.left, columns,
                                    planes)
        planes += rows * columns * a.vector
        unit += 1


cdef inline Py_ssize_t plane_floats(const ListArgs* a) noexcept nogil:
    """Floats in the planes of the largest chunk, or the same memory in bfloat16."""
    cdef Py_ssize_t rows = (a.rows + a.bands - 1) // a.bands
    return a.chunk * (2 * rows + 2) * (2 * a.columns + 2) * a.vector


cdef class PoolListGradient(Call):
    """Partial gradients of the 3x3 weights and of the bias; `padding` is (top, left)."""

    cdef ListArgs a

    def __init__(self, x, dy, argmax, partials, bias_partials, *, padding, bint bfloat16=False):
        cdef ListArgs* a = &self.a
        fill(a, x.shape, dy.shape, padding, bfloat16)
        a.x, a.dy, a.argmax, a.dw, a.db = f32(x), f32(dy), u8(argmax), f32(partials), f32(bias_partials)
        self.prepare(list_gradient_task, a, a.pieces * a.shares if a.outputs else 0,
                     4 * (plane_floats(a) + lists_of(a) + list_words(a) + a.capacity), 18.0 * dy.size * a.channels,
                     (x, dy, argmax), (partials, bias_partials))


cdef struct SumListArgs:
    const kernel_table* kernels
    const float* partials
    float* dw
    Py_ssize_t pieces, vectors, vector, channels, outputs, blocks


cdef void sum_list_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumListArgs* a = <const SumListArgs*>arguments
    cdef Py_ssize_t vector = task // a.blocks, first = task % a.blocks * SUM_OUTPUTS, channel = vector * a.vector
    cdef Py_ssize_t outputs = min(SUM_OUTPUTS, a.outputs - first), row = 9 * a.vector, tap
    cdef float* sums = <float*>scratch
    a.kernels.column_sums(a.partials + (vector * a.outputs + first) * row, a.pieces, outputs * row,
                          a.vectors * a.outputs * row, sums)
    for tap in range(9):
        a.kernels.transpose_block(outputs, min(a.vector, a.channels - channel), row, a.outputs, sums + tap * a.vector,
                                  a.dw + (tap * a.channels + channel) * a.outputs + first)


cdef class SumListGradient(Call):
    """dw[3,3,C,K] = the sum of partials[P, vectors of C, K, 9, vector] over P; vectors beyond C are not read."""

    cdef SumListArgs a

    def __init__(self, partials, dw):
        cdef SumListArgs* a = &self.a
        a.kernels = table()
        a.partials, a.dw = f32(partials), f32(dw)
        a.pieces, a.vectors, a.outputs = partials.shape[:3]
        a.vector, a.channels = partials.shape[4], dw.shape[2]
        a.blocks = (a.outputs + SUM_OUTPUTS - 1) // SUM_OUTPUTS
        cdef Py_ssize_t vectors = (a.channels + a.vector - 1) // a.vector
        self.prepare(sum_list_task, a, vectors * a.blocks, 4 * SUM_OUTPUTS * 9 * a.vector, partials.size,
                     (partials,), (dw,))


cdef struct PoolArgs:
    const kernel_table* kernels
    const float* x
    const float* dy
    const uint8_t* argmax
    float* out
    float* db
    Py_ssize_t images, height, width, channels, rows, columns, outputs
    Py_ssize_t top, left, band_width, pieces
    bint padded
    const InputArgs* source    # makes dy image by image in scratch; NULL: dy lies ready


cdef inline Py_ssize_t padded_floats(const PoolArgs* a) noexcept nogil:
    """Floats of an image with its border, in whole cache lines."""
    return ((2 * a.rows + 2) * a.band_width * a.channels + 15) // 16 * 16 if a.padded else 0


cdef inline Py_ssize_t source_floats(const PoolArgs* a) noexcept nogil:
    """Floats of an image of dy, in whole cache lines."""
    return (a.rows * a.columns * a.outputs + 15) // 16 * 16


cdef void first_layer_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef float* dw = a.out + task * 9 * a.channels * a.outputs
    cdef float* db = a.db + task * a.outputs
    cdef Py_ssize_t windows = a.rows * a.columns * a.outputs, image
    cdef const float* x
    cdef const float* dy
    cdef float* made = <float*>scratch + padded_floats(a)
    memset(dw, 0, 9 * a.channels * a.outputs * sizeof(float))
    memset(db, 0, a.outputs * sizeof(float))
    for image in range(cut(a.images, a.pieces, task), cut(a.images, a.pieces, task + 1)):
        x = a.x + image * a.height * a.width * a.channels
        if a.padded:
            copy_band(x, a.height, a.width, a.channels, -a.top, 2 * a.rows + 2, -a.left, a.band_width, <float*>scratch)
            x = <const float*>scratch
        else:
            x -= (a.top * a.width + a.left) * a.channels
        dy = a.dy + image * windows
        if a.source != NULL:
            input_gradient_of_image(a.source, image, made, <char*>(made + source_floats(a)))
            dy = made
        a.kernels.conv_max_pool_first_layer_gradient(a.rows, a.columns, a.channels, a.outputs, x,
                                                     (a.band_width if a.padded else a.width) * a.channels,
                                                     dy, a.argmax + image * windows, dw, db)


cdef class PoolFirstLayerGradient(Call):
    """partials[P,3,3,C,K] and bias_partials[P,K], whose sums over P are the gradients; `padding` is (top, left)."""

    cdef PoolArgs a
    cdef PoolInputGradient source

    def __init__(self, x, dy, argmax, partials, bias_partials, *, padding):
        cdef PoolArgs* a = &self.a
        a.kernels = table()
        a.images, a.height, a.width, a.channels = x.shape
        a.rows, a.columns, a.outputs = dy.shape[1:]
        a.top, a.left = padding
        a.band_width = 2 * a.columns + 2
        a.padded = (a.top > 0 or a.left > 0 or a.band_width - a.left > a.width or 2 * a.rows + 2 - a.top > a.height)
        if not 1 <= a.channels <= 3:
            raise ValueError(f"x must have one to three channels, received shape {x.shape}")
        a.x, a.dy, a.argmax, a.out, a.db = f32(x), f32(dy), u8(argmax), f32(partials), f32(bias_partials)
        a.pieces = image_pieces(dy.shape)
        self.prepare(first_layer_task, a, a.pieces, 4 * padded_floats(a), 18.0 * dy.size * a.channels, (x, dy, argmax),
                     (partials, bias_partials))

    def take_source(self, PoolInputGradient source):
        """Let this call make dy, the gradient that `source` computes, image by image: so it stays in the L2 cache, and
        the array is left alone."""
        x, dy, argmax = self.reads
        if source.writes[0] is not dy:
            raise ValueError("source must be the call that computes dy")
        self.a.source, self.source = &source.a, source
        self.prepare(first_layer_task, &self.a, self.tasks,
                     4 * (padded_floats(&self.a) + source_floats(&self.a)) + source.scratch, self.work + source.work,
                     (x, argmax, *source.reads), self.writes)


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
