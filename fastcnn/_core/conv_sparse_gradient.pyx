# Gradients of a convolution that skip the zeros of dy, of which nearly all elements are: behind a global maximum.
#
#     SparseWeightGradient(x[N,H,W,C], dy[N,OH,OW,K], partials[P,R,S,C,K], ...)
#         partials = what P pieces of the images give; their sum is the gradient. P = sparse_gradient_pieces(...)
#     TurnFilters(w[R,S,C,K], turned[K,R,S,C])
#     SparseInputGradient(turned, dy, dx, ...)
#
# A task of the gradient of the weights owns a block of filters in a piece, which it turns at the end; one of the
# gradient of the images has an image.
from libc.string cimport memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport conv_sparse_shape, kernel_table, table

cdef Py_ssize_t FILTERS = 16          # in a block: a cache line of dy
cdef Py_ssize_t ENOUGH_TASKS = 8
cdef Py_ssize_t LEAST_WEIGHTS = 64    # of a filter: for fewer, reading dy takes as long as products
cdef Py_ssize_t TURNED_ROWS = 64      # of the weights that a task turns


def sparse_gradient_serves(x_channels, kernel_size, groups):
    """Whether filters are large enough, and see all channels."""
    return groups == 1 and x_channels * kernel_size[0] * kernel_size[1] >= LEAST_WEIGHTS


cdef struct SparseArgs:
    const kernel_table* kernels
    conv_sparse_shape shape
    const float* x
    const float* w
    const float* dy
    float* out
    Py_ssize_t images, filter, blocks, pieces


cdef int fill(SparseArgs* a, object x_shape, object dy_shape, object kernel_size, object strides, object padding,
              object dilation) except -1:
    """All that shapes say."""
    cdef conv_sparse_shape* s = &a.shape
    a.kernels = table()
    a.images, s.height, s.width, s.channels = x_shape
    s.rows, s.columns, s.outputs = dy_shape[1:]
    s.taps_down, s.taps_across = kernel_size
    s.stride_down, s.stride_across = strides
    s.down, s.across = dilation
    s.top, s.left = padding
    a.filter = s.taps_down * s.taps_across * s.channels
    a.blocks = (s.outputs + FILTERS - 1) // FILTERS
    a.pieces = max(min((ENOUGH_TASKS + a.blocks - 1) // max(a.blocks, 1), a.images), 1)
    return 0


def sparse_gradient_pieces(images, outputs):
    """How many partial gradients the images are cut into; a function of shapes only."""
    cdef SparseArgs a
    fill(&a, (images, 0, 0, 0), (images, 0, 0, outputs), (1, 1), (1, 1), (0, 0), (1, 1))
    return a.pieces


cdef void weight_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* a = <const SparseArgs*>arguments
    cdef const conv_sparse_shape* s = &a.shape
    cdef Py_ssize_t piece = task // a.blocks, first = task % a.blocks * FILTERS, image
    cdef Py_ssize_t outputs = min(FILTERS, s.outputs - first)
    cdef float* filters = <float*>scratch
    memset(filters, 0, outputs * a.filter * sizeof(float))
    for image in range(cut(a.images, a.pieces, piece), cut(a.images, a.pieces, piece + 1)):
        a.kernels.conv_sparse_weight_gradient(s, first, outputs, a.x + image * s.height * s.width * s.channels,
                                              a.dy + image * s.rows * s.columns * s.outputs, filters)
    a.kernels.transpose_block(outputs, a.filter, a.filter, s.outputs, filters,
                              a.out + piece * a.filter * s.outputs + first)


cdef class SparseWeightGradient(Call):
    """partials[P,R,S,C,K], whose sum over P is the gradient; `padding` is (top, left)."""

    cdef SparseArgs a

    def __init__(self, x, dy, partials, *, kernel_size, strides, padding, dilation):
        cdef SparseArgs* a = &self.a
        fill(a, x.shape, dy.shape, kernel_size, strides, padding, dilation)
        if partials.size != a.pieces * a.filter * a.shape.outputs:
            raise ValueError(f"partials must hold {a.pieces} gradients of {a.filter} weights for each output, "
                             f"received {partials.shape}")
        a.x, a.dy, a.out = f32(x), f32(dy), f32(partials)
        self.prepare(weight_gradient_task, a, a.blocks * a.pieces if a.filter else 0, 4 * FILTERS * a.filter, dy.size,
                     (x, dy), (partials,))


cdef void turn_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* a = <const SparseArgs*>arguments
    cdef Py_ssize_t first = task * TURNED_ROWS
    a.kernels.transpose_block(min(TURNED_ROWS, a.filter - first), a.shape.outputs, a.shape.outputs, a.filter,
                              a.w + first * a.shape.outputs, a.out + first)


cdef class TurnFilters(Call):
    """turned[K,R,S,C] = w[R,S,C,K]."""

    cdef SparseArgs a

    def __init__(self, w, turned):
        cdef SparseArgs* a = &self.a
        a.kernels, a.w, a.out = table(), f32(w), f32(turned)
        a.shape.outputs = w.shape[3]
        a.filter = w.shape[0] * w.shape[1] * w.shape[2]
        self.prepare(turn_task, a, (a.filter + TURNED_ROWS - 1) // TURNED_ROWS if w.size else 0, 0, w.size, (w,),
                     (turned,))


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* a = <const SparseArgs*>arguments
    cdef const conv_sparse_shape* s = &a.shape
    cdef Py_ssize_t size = s.height * s.width * s.channels
    cdef float* dx = a.out + task * size
    memset(dx, 0, size * sizeof(float))
    a.kernels.conv_sparse_input_gradient(s, a.w, a.dy + task * s.rows * s.columns * s.outputs, dx)


cdef class SparseInputGradient(Call):
    """dx[N,H,W,C], from turned[K,R,S,C]; `padding` is (top, left)."""

    cdef SparseArgs a

    def __init__(self, turned, dy, dx, *, strides, padding, dilation):
        cdef SparseArgs* a = &self.a
        fill(a, dx.shape, dy.shape, turned.shape[1:3], strides, padding, dilation)
        a.w, a.dy, a.out = f32(turned), f32(dy), f32(dx)
        self.prepare(input_gradient_task, a, a.images if dx.size else 0, 0, dy.size + dx.size, (turned, dy), (dx,))
