# Gradient of 3x3 weights, steps of 2, by Winograd's algorithm: see csrc/winograd_strided.c.
#
#     strided_gradient_serves(...)                      whether it is to be used: the one rule on shapes
#     strided_sums_shape(...)                           shape of the workspace between the two calls
#     StridedWeightGradient(x[N,H,W,C], dy[N,OH,OW,K], partials[P,6,3,C,K], ...)
#         partials = what P pieces of the tiles give, by weights of a column and taps of a row
#     StridedGradientSum(partials, dw[3,3,C,K])         the pieces added up in order, and the columns brought to taps
#
# A task is a piece of the tiles, times the rows of the transform of even or of odd pixels, times a share of x's
# channels and one of dy's. It goes over its tiles in blocks: transforms of x and dy, then a matrix product for each
# element of the transform, added to sums. All of that stays in the L2 cache. All of it depends on shapes only.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport (
    GEMM_ACCUMULATE,
    STRIDED_DY_OF_WEIGHTS,
    STRIDED_X,
    kernel_table,
    product,
    table,
    winograd_strided_shape,
)
from fastcnn._core.tasks cimport check_shape
from fastcnn._core.tasks cimport pieces as up
from fastcnn._core.winograd_sizes cimport panel_width
from fastcnn._core.winograd_strided import has_steps_of_two

cdef enum:
    SIDE = 4                    # pixels of dy of a tile along an axis
    PRODUCTS = 9                # that they take with those of x
    EVEN = 5                    # of these for the even pixels of x
    SUMS = 6                    # where they go: those of all odd pixels to the last
    SHARE_C = 32                # channels of x in a task
    SHARE_K = 64                # and of dy
    BLOCK_TILES = 32
    BLOCK_BYTES = 640 * 1024    # of transformed tiles in a task
    FEWEST_TILES = 8            # in a block
    LINE = 16                   # floats
    APART = 5 * LINE            # between elements: equal steps of a power of two would meet in one set of a cache
    TASKS = 16                  # to aim at, with pieces of PIECE_TILES or more
    PIECE_TILES = 32
    SUM_FLOATS = 1024           # of a row of taps that a task of the sum writes

# Counted in multiply-adds for each channel of the other side: what the transforms of a tile of x and of dy cost; the
# products and the addition to sums take more than their own; the way of the sums to taps is as much as so many tiles,
# or more where sums do not stay in the caches.
cdef double TRANSFORM_X = 500
cdef double TRANSFORM_DY = 360
cdef double OVERHEAD = 1.15
cdef double SUM_TILES = 8
cdef double SUM_BYTES = 2 << 20


cdef struct GradientArgs:
    const kernel_table* kernels
    winograd_strided_shape of_x, of_dy
    const float* x
    const float* dy
    float* partials
    Py_ssize_t channels, outputs, panel
    Py_ssize_t tiles, block
    Py_ssize_t pieces, shares_c, shares_k


cdef inline Py_ssize_t padded(Py_ssize_t channels) noexcept nogil:
    """Floats from tile to tile: whole lines."""
    return up(channels, LINE) * LINE


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GradientArgs* a = <const GradientArgs*>arguments
    cdef Py_ssize_t odd = task % 2, share_c = task // 2 % a.shares_c, share_k = task // 2 // a.shares_c % a.shares_k
    cdef Py_ssize_t piece = task // 2 // a.shares_c // a.shares_k
    cdef Py_ssize_t c = cut(a.channels, a.shares_c, share_c), k = cut(a.outputs, a.shares_k, share_k)
    cdef Py_ssize_t channels = cut(a.channels, a.shares_c, share_c + 1) - c
    cdef Py_ssize_t outputs = cut(a.outputs, a.shares_k, share_k + 1) - k
    cdef Py_ssize_t tile = cut(a.tiles, a.pieces, piece), end = cut(a.tiles, a.pieces, piece + 1)
    cdef Py_ssize_t rows = PRODUCTS - EVEN if odd else EVEN, block, i, j
    cdef winograd_strided_shape of_x = a.of_x, of_dy = a.of_dy
    of_x.channels, of_dy.channels = channels, outputs
    of_x.v_tile, of_dy.v_tile = padded(channels), padded(outputs)
    of_x.v_frequency, of_dy.v_frequency = a.block * of_x.v_tile + APART, a.block * of_dy.v_tile + APART
    cdef float* sums = <float*>scratch
    cdef Py_ssize_t matrix = channels * of_dy.v_tile
    cdef float* v = sums + EVEN * SUMS * matrix
    cdef float* u = v + rows * PRODUCTS * of_x.v_frequency
    cdef product step
    step.a_row, step.a_step, step.b_step, step.b_panel = 1, of_x.v_tile, of_dy.v_tile, a.panel
    step.m, step.n = channels, outputs
    cdef bint first = True
    while True:
        block = min(a.block, end - tile)
        a.kernels.winograd_strided_rows(&of_x, odd, tile, block, a.x + c, v)
        a.kernels.winograd_strided_rows(&of_dy, odd, tile, block, a.dy + k, u)
        step.k = block
        for i in range(rows):
            for j in range(PRODUCTS):
                step.a = v + (i * PRODUCTS + j) * of_x.v_frequency
                step.b = u + (i * PRODUCTS + j) * of_dy.v_frequency
                a.kernels.gemm(&step, NULL, 0 if first and j < SUMS and not (odd and i) else GEMM_ACCUMULATE,
                               sums + ((0 if odd else i) * SUMS + min(j, SUMS - 1)) * matrix, of_dy.v_tile)
        first = False
        tile += block
        if tile >= end:
            break
    cdef Py_ssize_t weights = a.channels * a.outputs
    cdef float* to
    for j in range(1 if odd else EVEN):
        to = a.partials + (piece * SUMS + (EVEN if odd else j)) * 3 * weights + c * a.outputs + k
        for i in range(channels):
            a.kernels.winograd_strided_taps(outputs, 1, 0, sums + j * SUMS * matrix + i * of_dy.v_tile, matrix,
                                            to + i * a.outputs, weights)


cdef Py_ssize_t tiles_of(object dy_shape):
    """How many tiles cover dy."""
    images, height, width, _ = dy_shape
    return images * up(height, SIDE) * up(width, SIDE)


def strided_gradient_serves(x_shape, dy_shape, **options):
    """Whether transforms and products cost less than the products of the direct kernel."""
    if not has_steps_of_two(**options):
        return False
    cdef Py_ssize_t channels = x_shape[3], outputs = dy_shape[3]
    if not channels or not outputs:
        return False
    cdef double transforms = TRANSFORM_X / min(outputs, SHARE_K) + TRANSFORM_DY / min(channels, SHARE_C)
    cdef double tile = PRODUCTS * PRODUCTS * OVERHEAD + transforms
    cdef double pixels = dy_shape[0] * dy_shape[1] * dy_shape[2]
    cdef double sums = SUM_TILES * max(12.0 * SUMS * channels * outputs / SUM_BYTES, 1)
    return (tiles_of(dy_shape) + sums) * tile < 9 * pixels


cdef int fill(GradientArgs* a, object x_shape, object dy_shape, object padding) except -1:
    """All of the arguments that follow from shapes."""
    a.of_x.kind, a.of_dy.kind = STRIDED_X, STRIDED_DY_OF_WEIGHTS
    a.of_x.height, a.of_x.width, a.channels = x_shape[1:]
    a.of_dy.height, a.of_dy.width, a.outputs = dy_shape[1:]
    a.of_x.top, a.of_x.left = padding
    a.of_dy.top = a.of_dy.left = 0
    a.of_x.pixel, a.of_dy.pixel = a.channels, a.outputs
    a.of_x.tiles_down = a.of_dy.tiles_down = up(a.of_dy.height, SIDE)
    a.of_x.tiles_across = a.of_dy.tiles_across = up(a.of_dy.width, SIDE)
    a.tiles = tiles_of(dy_shape)
    a.shares_c, a.shares_k = max(up(a.channels, SHARE_C), 1), max(up(a.outputs, SHARE_K), 1)
    a.pieces = max(min(up(TASKS, 2 * a.shares_c * a.shares_k), a.tiles // PIECE_TILES), 1)
    cdef Py_ssize_t c = padded(up(a.channels, a.shares_c)), k = padded(up(a.outputs, a.shares_k))
    cdef Py_ssize_t most = min(max(BLOCK_BYTES // (4 * EVEN * PRODUCTS * max(c + k, 1)), FEWEST_TILES), BLOCK_TILES)
    cdef Py_ssize_t piece = max(up(a.tiles, a.pieces), 1)
    a.block = up(piece, up(piece, most))
    return 0


def strided_sums_shape(x_shape, dy_shape):
    """Shape of the partial sums, (P, 6, 3, C, K), for images and maps of these shapes."""
    cdef GradientArgs a
    fill(&a, x_shape, dy_shape, (0, 0))
    return a.pieces, SUMS, 3, a.channels, a.outputs


cdef class StridedWeightGradient(Call):
    """partials[P,6,3,C,K] of x and dy; `padding` is (top, left)."""

    cdef GradientArgs a

    def __init__(self, x, dy, partials, *, padding=(0, 0)):
        cdef GradientArgs* a = &self.a
        fill(a, x.shape, dy.shape, padding)
        check_shape("partials", partials, (a.pieces, SUMS, 3, a.channels, a.outputs))
        a.kernels, a.x, a.dy, a.partials = table(), f32(x), f32(dy), f32(partials)
        a.panel = panel_width()
        cdef Py_ssize_t c = up(a.channels, a.shares_c), k = padded(up(a.outputs, a.shares_k))
        cdef Py_ssize_t scratch = EVEN * (SUMS * c * k + PRODUCTS * (a.block * (padded(c) + k) + 2 * APART))
        self.prepare(gradient_task, a, 2 * a.pieces * a.shares_c * a.shares_k if partials.size else 0, 4 * scratch,
                     2.0 * PRODUCTS * PRODUCTS * a.tiles * a.channels * a.outputs, (x, dy), (partials,))


cdef struct SumArgs:
    const kernel_table* kernels
    const float* partials
    float* dw
    Py_ssize_t pieces, floats


cdef void sum_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumArgs* a = <const SumArgs*>arguments
    cdef Py_ssize_t first = task * SUM_FLOATS
    a.kernels.winograd_strided_taps(min(SUM_FLOATS, a.floats - first), a.pieces, SUMS * a.floats, a.partials + first,
                                    a.floats, a.dw + first, a.floats)


cdef class StridedGradientSum(Call):
    """dw[3,3,C,K] from partials[P,6,3,C,K]."""

    cdef SumArgs a

    def __init__(self, partials, dw):
        check_shape("dw", dw, (3, *partials.shape[2:]))
        cdef Py_ssize_t floats = dw.size // 3
        self.a = SumArgs(table(), f32(partials), f32(dw), partials.shape[0], floats)
        self.prepare(sum_task, &self.a, up(floats, SUM_FLOATS), 0, partials.size, (partials,), (dw,))
