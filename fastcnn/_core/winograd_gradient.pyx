# Gradient of 3x3 weights, stride 1, by Winograd's F(3x3, m x m): see csrc/winograd_weight_gradient.c.
#
#     winograd_serves(...)                              whether it is to be used: the one rule on shapes
#     partial_sums_shape(...)                           shape of the workspace between the two calls
#     WinogradWeightGradient(x[N,H,W,C], dy[N,OH,OW,K], partials[P,n,3,C,K], ...)
#         partials = what P pieces of the tiles give, by rows of the transform and taps of a row
#     WinogradGradientSum(partials, dw[3,3,C,K])        the pieces added up in order, and the rows brought to taps
#
# A task is a piece of the tiles times a pair of rows of the transform times a share of x's channels and one of dy's. It
# goes over its tiles in blocks: transforms of x and dy, then a matrix product for each frequency, added to sums. All
# of that stays in the L2 cache. All of it depends on shapes only.
from libc.string cimport memset

from fastcnn._core import winograd
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport GEMM_ACCUMULATE, kernel_table, product, table
from fastcnn._core.kernels cimport winograd_gradient_shape as tiles_shape
from fastcnn._core.tasks cimport check_shape
from fastcnn._core.tasks cimport pieces as up
from fastcnn._core.winograd_sizes cimport panel_width

cdef enum:
    SHARE_C = 64                # channels of x in a task
    SHARE_K = 128               # and of dy
    BLOCK_BYTES = 768 * 1024    # of transformed tiles and sums in a task
    FEWEST_TILES = 32           # in a block
    LINE = 16                   # floats
    APART = 5 * LINE            # between frequencies: equal steps of a power of two would meet in one set of a cache
    FEW_TASKS = 12              # to aim at, with pieces of FEW_TILES or more
    FEW_TILES = 64
    TASKS = 32                  # to aim at, with pieces of MANY_TILES or more
    MANY_TILES = 384
    SUM_FLOATS = 1024           # of a row of taps that a task of the sum writes
    FEWEST_CHANNELS = 4         # of x; with fewer the direct kernel takes the taps of a row together
    SUM_TILES = 16              # the way of the sums to taps costs as much as the products of so many tiles

# The transform of a tile's channel costs as many multiply-adds as the products of so many channels of the other side.
cdef double TRANSFORM_X = 5
cdef double TRANSFORM_DY = 3


cdef struct GradientArgs:
    const kernel_table* kernels
    tiles_shape of_x, of_dy
    const float* x
    const float* dy
    float* partials
    Py_ssize_t channels, outputs, panel
    Py_ssize_t tiles, block
    Py_ssize_t pieces, pairs, shares_c, shares_k


cdef inline Py_ssize_t padded(Py_ssize_t channels) noexcept nogil:
    """Floats from tile to tile: whole lines, and no power of two where that is large."""
    return up(channels, LINE) * LINE + (LINE if channels > SHARE_C else 0)


cdef inline Py_ssize_t rows_of_pair(Py_ssize_t size, Py_ssize_t pair) noexcept nogil:
    return 1 if size == 3 and pair == 2 else 2


cdef inline Py_ssize_t row_of_pair(Py_ssize_t size, Py_ssize_t pair, Py_ssize_t row) noexcept nogil:
    """As WINOGRAD_ROW of csrc/winograd.h."""
    return row * (size + 1) if pair == 0 else 2 * pair - 1 + row


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GradientArgs* a = <const GradientArgs*>arguments
    cdef Py_ssize_t pair = task % a.pairs, share_c = task // a.pairs % a.shares_c
    cdef Py_ssize_t share_k = task // a.pairs // a.shares_c % a.shares_k
    cdef Py_ssize_t piece = task // a.pairs // a.shares_c // a.shares_k
    cdef Py_ssize_t c = cut(a.channels, a.shares_c, share_c), k = cut(a.outputs, a.shares_k, share_k)
    cdef Py_ssize_t channels = cut(a.channels, a.shares_c, share_c + 1) - c
    cdef Py_ssize_t outputs = cut(a.outputs, a.shares_k, share_k + 1) - k
    cdef Py_ssize_t tile = cut(a.tiles, a.pieces, piece), end = cut(a.tiles, a.pieces, piece + 1)
    cdef Py_ssize_t size = a.of_x.size, n = size + 2, rows = rows_of_pair(size, pair), block, f, row, i
    cdef tiles_shape of_x = a.of_x, of_dy = a.of_dy
    of_x.pair = of_dy.pair = pair
    of_x.channels, of_dy.channels = channels, outputs
    of_x.out_tile, of_dy.out_tile = padded(channels), padded(outputs)
    of_x.out_frequency, of_dy.out_frequency = a.block * of_x.out_tile + APART, a.block * of_dy.out_tile + APART
    cdef float* zeros = <float*>scratch
    cdef float* sums = zeros + up(n * max(a.channels, a.outputs), LINE) * LINE
    cdef float* v = sums + rows * n * channels * of_dy.out_tile
    cdef float* u = v + rows * n * of_x.out_frequency
    of_x.zeros = of_dy.zeros = zeros
    memset(zeros, 0, n * max(a.channels, a.outputs) * sizeof(float))
    cdef product step
    step.a_row, step.a_step, step.b_step, step.b_panel = 1, of_x.out_tile, of_dy.out_tile, a.panel
    step.m, step.n = channels, outputs
    cdef int flags = 0
    while True:
        block = min(a.block, end - tile)
        a.kernels.winograd_gradient_x(&of_x, tile, block, a.x + c, v)
        a.kernels.winograd_gradient_dy(&of_dy, tile, block, a.dy + k, u)
        step.k = block
        for f in range(rows * n):
            step.a, step.b = v + f * of_x.out_frequency, u + f * of_dy.out_frequency
            a.kernels.gemm(&step, NULL, flags, sums + f * channels * of_dy.out_tile, of_dy.out_tile)
        flags = GEMM_ACCUMULATE
        tile += block
        if tile >= end:
            break
    cdef Py_ssize_t weights = a.channels * a.outputs
    cdef float* to
    for row in range(rows):
        to = a.partials + (piece * n + row_of_pair(size, pair, row)) * 3 * weights + c * a.outputs + k
        for i in range(channels):
            a.kernels.winograd_gradient_taps(size, outputs, 1, 0, sums + (row * n * channels + i) * of_dy.out_tile,
                                             channels * of_dy.out_tile, to + i * a.outputs, weights)


cdef Py_ssize_t tiles_of(object dy_shape, Py_ssize_t size):
    """How many tiles of size x size pixels cover dy."""
    images, height, width, _ = dy_shape
    return images * up(height, size) * up(width, size)


cdef Py_ssize_t best_size(object dy_shape):
    """The m with fewer products."""
    return 4 if 36 * tiles_of(dy_shape, 4) <= 25 * tiles_of(dy_shape, 3) else 3


def winograd_serves(x_shape, dy_shape, *, kernel_size, strides=(1, 1), dilation=(1, 1), groups=1):
    """Whether transforms and products cost less than the products of the direct kernel.

    Counted in multiply-adds for each weight of a tap: those of a tile, its share of the transforms, and the way of the
    sums to taps.
    """
    cdef Py_ssize_t channels = x_shape[3], outputs = dy_shape[3]
    if not winograd.enabled:
        return False
    if (*kernel_size, *strides, *dilation, groups) != (3, 3, 1, 1, 1, 1, 1) or channels < FEWEST_CHANNELS:
        return False
    cdef Py_ssize_t size = best_size(dy_shape), products = (size + 2) * (size + 2)
    cdef double transforms = TRANSFORM_X / max(min(outputs, SHARE_K), LINE) + TRANSFORM_DY / min(channels, SHARE_C)
    cdef double pixels = dy_shape[0] * dy_shape[1] * dy_shape[2]
    return products * (tiles_of(dy_shape, size) * (1 + transforms) + SUM_TILES) < 9 * pixels


cdef int fill(GradientArgs* a, object x_shape, object dy_shape, object padding) except -1:
    """All of the arguments that follow from shapes."""
    cdef Py_ssize_t size = best_size(dy_shape)
    a.of_x.size = a.of_dy.size = size
    a.of_x.height, a.of_x.width, a.channels = x_shape[1:]
    a.of_dy.height, a.of_dy.width, a.outputs = dy_shape[1:]
    a.of_x.top, a.of_x.left = padding
    a.of_dy.top = a.of_dy.left = 0
    a.of_x.pixel, a.of_dy.pixel = a.channels, a.outputs
    a.of_x.tiles_down = a.of_dy.tiles_down = up(a.of_dy.height, size)
    a.of_x.tiles_across = a.of_dy.tiles_across = up(a.of_dy.width, size)
    a.tiles = tiles_of(dy_shape, size)
    a.pairs = (size + 3) // 2
    a.shares_c, a.shares_k = max(up(a.channels, SHARE_C), 1), max(up(a.outputs, SHARE_K), 1)
    cdef Py_ssize_t shares = a.pairs * a.shares_c * a.shares_k
    if shares < FEW_TASKS and a.tiles < 2 * FEW_TILES and a.channels > SHARE_C // 2:
        a.shares_c *= 2
        shares *= 2
    a.pieces = max(min(up(FEW_TASKS, shares), a.tiles // FEW_TILES), min(up(TASKS, shares), a.tiles // MANY_TILES), 1)
    cdef Py_ssize_t c = up(a.channels, a.shares_c), k = padded(up(a.outputs, a.shares_k))
    cdef Py_ssize_t floats = BLOCK_BYTES // (4 * 2 * (size + 2))
    cdef Py_ssize_t most = max((floats - c * k) // max(padded(c) + k, 1), FEWEST_TILES)
    cdef Py_ssize_t piece = up(a.tiles, a.pieces)
    a.block = up(piece, max(up(piece, most), 1))
    return 0


def partial_sums_shape(x_shape, dy_shape):
    """Shape of the partial sums, (P, n, 3, C, K), for images and maps of these shapes."""
    cdef GradientArgs a
    fill(&a, x_shape, dy_shape, (0, 0))
    return a.pieces, a.of_x.size + 2, 3, a.channels, a.outputs


cdef class WinogradWeightGradient(Call):
    """partials[P,n,3,C,K] of x and dy; `padding` is (top, left)."""

    cdef GradientArgs a

    def __init__(self, x, dy, partials, *, padding=(0, 0)):
        cdef GradientArgs* a = &self.a
        fill(a, x.shape, dy.shape, padding)
        cdef Py_ssize_t size = a.of_x.size, n = size + 2
        check_shape("partials", partials, (a.pieces, n, 3, a.channels, a.outputs))
        a.kernels, a.x, a.dy, a.partials = table(), f32(x), f32(dy), f32(partials)
        a.panel = panel_width()
        cdef Py_ssize_t c = up(a.channels, a.shares_c), k = padded(up(a.outputs, a.shares_k))
        cdef Py_ssize_t scratch = up(n * max(a.channels, a.outputs), LINE) * LINE + 2 * n * (
            c * k + a.block * (padded(c) + k) + 2 * APART)
        self.kernel = f"winograd F(3x3, {size}x{size}): 3x3, stride 1, many channels"
        self.prepare(gradient_task, a, a.pieces * a.pairs * a.shares_c * a.shares_k, 4 * scratch,
                     2.0 * n * n * a.tiles * a.channels * a.outputs, (x, dy), (partials,))


cdef struct SumArgs:
    const kernel_table* kernels
    const float* partials
    float* dw
    Py_ssize_t size, pieces, floats, run


cdef void sum_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumArgs* a = <const SumArgs*>arguments
    cdef Py_ssize_t first = task * a.run
    a.kernels.winograd_gradient_taps(a.size, min(a.run, a.floats - first), a.pieces, (a.size + 2) * a.floats,
                                     a.partials + first, a.floats, a.dw + first, a.floats)


cdef class WinogradGradientSum(Call):
    """dw[3,3,C,K] from partials[P,n,3,C,K]."""

    cdef SumArgs a

    def __init__(self, partials, dw):
        pieces, n = partials.shape[:2]
        check_shape("dw", dw, (3, *partials.shape[2:]))
        cdef Py_ssize_t floats = dw.size // 3
        self.a = SumArgs(table(), f32(partials), f32(dw), n - 2, pieces, floats, SUM_FLOATS)
        self.prepare(sum_task, &self.a, up(floats, SUM_FLOATS), 0, partials.size, (partials,), (dw,))
