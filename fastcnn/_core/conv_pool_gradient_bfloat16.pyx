# Gradients in bfloat16 of the weights and of the bias of convolution 3x3 + ReLU + 2x2 max-pool, from the pooled
# gradient and the positions of the maxima.
#
#     PoolPairGradient(x, dy, argmax, partials[P,3,3,C,K], bias_partials[P,K], ...)    whose sums over P are the
#                                                                                      gradients; P = pair_pieces(...)
#         It can make dy, too, pair by pair of images: take_source(PoolInputGradient of the next layer)
#
# Two images go together; behind an odd last one comes nothing. They are cut into bands of rows of windows, so many that
# what is known of the windows stays in the L2 cache. A task is a piece of all pairs, of few pairs a piece of all bands.
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.conv_pool_input_gradient cimport InputArgs, PoolInputGradient, input_gradient_of_image
from fastcnn._core.kernels cimport kernel_table, table

cdef Py_ssize_t BAND_BYTES = 160 * 1024   # of windows
cdef Py_ssize_t PARTIAL_FLOATS = 1 << 21  # of all pieces
cdef Py_ssize_t PIECES = 16
cdef double PIECE_FLOPS = 1e6
cdef Py_ssize_t GROUP = 16                # channels that are laid out together
cdef Py_ssize_t STRIP_WINDOWS = 3         # of windows side by side, and words of a strip's row
cdef Py_ssize_t STRIP_ROW = 16


cdef struct PairArgs:
    const kernel_table* kernels
    const float* x
    const float* dy
    const uint8_t* argmax
    float* dw
    float* db
    Py_ssize_t images, height, width, channels, rows, columns, outputs
    Py_ssize_t top, left
    Py_ssize_t bands, band_rows, pieces, strips
    const InputArgs* source  # NULL: dy lies in memory


cdef int fill(PairArgs* a, object x_shape, object dy_shape) except -1:
    """All of the arguments that follow from shapes."""
    a.kernels = table()
    a.images, a.height, a.width, a.channels = x_shape
    a.rows, a.columns, a.outputs = dy_shape[1:]
    cdef Py_ssize_t row = max(window_bytes(a) * a.columns, 1)
    a.bands = max((a.rows + max(BAND_BYTES // row, 1) - 1) // max(BAND_BYTES // row, 1), 1)
    a.band_rows = (a.rows + a.bands - 1) // a.bands
    a.strips = (a.columns + STRIP_WINDOWS - 1) // STRIP_WINDOWS
    cdef Py_ssize_t dw = max(9 * a.channels * a.outputs, 1)
    cdef double work = 2.0 * a.images * a.rows * a.columns * dw
    cdef Py_ssize_t units = pairs_of(a) * a.bands
    a.pieces = max(min(units, <Py_ssize_t>(work / PIECE_FLOPS), PIECES, PARTIAL_FLOATS // dw), 1)
    return 0


cdef inline Py_ssize_t window_bytes(const PairArgs* a) noexcept nogil:
    """What a window takes: a pair of vectors for each vector of outputs."""
    return (a.outputs + 15) // 16 * 128


cdef inline Py_ssize_t plane_words(const PairArgs* a) noexcept nogil:
    """Words of one channel in the largest band."""
    return a.strips * (2 * a.band_rows + 2) * STRIP_ROW


cdef inline Py_ssize_t pairs_of(const PairArgs* a) noexcept nogil:
    """How many pairs the images make."""
    return (a.images + 1) // 2


def pair_pieces(x_shape, dy_shape):
    """The number of partial gradients."""
    cdef PairArgs a
    fill(&a, x_shape, dy_shape)
    return a.pieces


def is_cut_by_pairs(x_shape, dy_shape):
    """Whether each pair of images lies in one task, which then can make its dy."""
    cdef PairArgs a
    fill(&a, x_shape, dy_shape)
    return a.pieces <= pairs_of(&a)


cdef inline Py_ssize_t first_unit(const PairArgs* a, Py_ssize_t task) noexcept nogil:
    """The band at which a task begins."""
    cdef Py_ssize_t pairs = pairs_of(a)
    if a.pieces <= pairs:
        return cut(pairs, a.pieces, task) * a.bands
    return cut(pairs * a.bands, a.pieces, task)


cdef inline Py_ssize_t scratch_bytes(const PairArgs* a) noexcept nogil:
    """Windows, planes, corners and shifts of the largest band, in whole cache lines."""
    cdef Py_ssize_t windows = a.band_rows * a.columns
    return (windows * (window_bytes(a) + 8) + 2 * GROUP * plane_words(a) + 63) // 64 * 64


cdef inline Py_ssize_t source_floats(const PairArgs* a) noexcept nogil:
    """Floats of dy of a pair, in whole cache lines."""
    return (2 * a.rows * a.columns * a.outputs + 15) // 16 * 16


cdef void pair_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PairArgs* a = <const PairArgs*>arguments
    cdef float* dw = a.dw + task * 9 * a.channels * a.outputs
    cdef float* db = a.db + task * a.outputs
    cdef Py_ssize_t all_windows = a.rows * a.columns, pixels = a.height * a.width, size = all_windows * a.outputs
    cdef uint32_t* windows = <uint32_t*>scratch
    cdef uint16_t* planes = <uint16_t*>(scratch + a.band_rows * a.columns * window_bytes(a))
    cdef int32_t* corners = <int32_t*>(planes + GROUP * plane_words(a))
    cdef int32_t* shifts = corners + a.band_rows * a.columns
    cdef float* made = <float*>(scratch + scratch_bytes(a))
    cdef Py_ssize_t unit, image, made_of = -1, first, rows, i, j, group, c, channels, plane
    cdef const float* x
    cdef const float* other_x
    cdef const float* dy
    cdef const float* other_dy
    cdef const uint8_t* argmax
    cdef const uint8_t* other_argmax
    cdef bint alone
    memset(dw, 0, 9 * a.channels * a.outputs * sizeof(float))
    memset(db, 0, a.outputs * sizeof(float))
    for unit in range(first_unit(a, task), first_unit(a, task + 1)):
        image = 2 * (unit // a.bands)
        alone = image + 1 == a.images
        dy = a.dy + image * size
        if a.source != NULL:
            dy = made
            if image != made_of:
                made_of = image
                for i in range(1 if alone else 2):
                    input_gradient_of_image(a.source, image + i, made + i * size, <char*>(made + source_floats(a)))
        first = cut(a.rows, a.bands, unit % a.bands)
        rows = cut(a.rows, a.bands, unit % a.bands + 1) - first
        plane = a.strips * (2 * rows + 2) * STRIP_ROW
        for i in range(rows):
            for j in range(a.columns):
                corners[i * a.columns + j] = <int32_t>((j // STRIP_WINDOWS * (2 * rows + 2) + 2 * i) * STRIP_ROW)
                shifts[i * a.columns + j] = <int32_t>(2 * (j % STRIP_WINDOWS))
        dy += first * a.columns * a.outputs
        argmax = a.argmax + image * size + first * a.columns * a.outputs
        other_dy, other_argmax = dy + size, argmax + size
        if alone:
            other_dy, other_argmax = NULL, NULL
        a.kernels.window_pairs(rows * a.columns, a.outputs, dy, argmax, other_dy, other_argmax, shifts, windows, db)
        for group in range((a.channels + GROUP - 1) // GROUP):
            c = group * GROUP
            x = a.x + image * pixels * a.channels + c
            other_x = NULL
            if not alone:
                other_x = x + pixels * a.channels
            channels = min(GROUP, a.channels - c)
            a.kernels.image_pair_planes(a.height, a.width, a.channels, channels, x, other_x, 2 * first - a.top,
                                        2 * rows + 2, -a.left, a.strips, planes, plane)
            a.kernels.conv_max_pool_weight_gradient_bfloat16(channels, a.outputs, rows * a.columns,
                                                             corners, planes, plane, windows, dw + c * a.outputs,
                                                             a.channels * a.outputs)


cdef class PoolPairGradient(Call):
    """Partial gradients of the 3x3 weights and of the bias; `padding` is (top, left)."""

    cdef PairArgs a
    cdef PoolInputGradient source

    def __init__(self, x, dy, argmax, partials, bias_partials, *, padding):
        cdef PairArgs* a = &self.a
        fill(a, x.shape, dy.shape)
        a.top, a.left = padding
        a.x, a.dy, a.argmax, a.dw, a.db = f32(x), f32(dy), u8(argmax), f32(partials), f32(bias_partials)
        self.prepare(pair_task, a, a.pieces if a.outputs else 0, scratch_bytes(a), 18.0 * dy.size * a.channels,
                     (x, dy, argmax), (partials, bias_partials))

    def take_source(self, PoolInputGradient source):
        """Let this call make dy, the gradient that `source` computes, pair by pair of images: so it stays in the L2
        cache, and the array is left alone. Only where `is_cut_by_pairs`."""
        x, dy, argmax = self.reads
        if source.writes[0] is not dy:
            raise ValueError("source must be the call that computes dy")
        self.a.source, self.source = &source.a, source
        self.prepare(pair_task, &self.a, self.tasks,
                     scratch_bytes(&self.a) + 4 * source_floats(&self.a) + source.scratch, self.work + source.work,
                     (x, argmax, *source.reads), self.writes)
