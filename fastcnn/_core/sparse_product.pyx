# Matrix products that skip the zeros of A[M,K], with the bits of Matmul where B is finite.
#
#     SparseMatmul(a, b[K,N], pieces[P,M,N])        pieces of the product, cut along K as Matmul cuts it, for SumPieces
#     SparseMatmulTransposed(a, b[N,K], c[M,N])     a times b transposed; K is not cut
#     Bfloat16SparseTransposed(a, b[N,K], c[M,N])   the same in bfloat16, with the bits of Bfloat16Matmul
#     sparse_serves(m, n, k, transpose_b)           whether one of them takes these sizes
#
# A task takes all rows of A: SparseMatmul's a piece of K, or of its rows; the others' a block of columns, or several,
# for which it turns as many rows of B in its scratch memory. In bfloat16, where zeros are skipped by pairs, the
# products of a block ask for the rows of the next one.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.gemm cimport Grid, grid_of
from fastcnn._core.gemm import matmul_pieces
from fastcnn._core.kernels cimport kernel_table, table

cdef Py_ssize_t LEAST_VECTORS = 4   # of columns: fewer are too few chains of additions
cdef Py_ssize_t BLOCK_VECTORS = 8   # that the kernel holds in registers
cdef Py_ssize_t LEAST_DEPTH = 32    # of K: less, and C is read and written too often
cdef Py_ssize_t ENOUGH_TASKS = 24
cdef Py_ssize_t MOST_BLOCKS = 5     # in a task
cdef Py_ssize_t FEW_TASKS = 6       # no fewer for more blocks


cdef struct SparseArgs:
    const kernel_table* kernels
    const float* a
    const float* b
    float* c
    Py_ssize_t m, n, k
    Py_ssize_t depth, parts  # of a piece of K; tasks that share its rows, or blocks of a task
    Py_ssize_t width         # of a block of columns


def sparse_serves(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, bint transpose_b):
    """Whether a sparse product takes these sizes."""
    if n < LEAST_VECTORS * table().vector_length or k < LEAST_DEPTH:
        return False
    return grid_of(m, n, k, 1).pieces == 1 if transpose_b else matmul_pieces(m, n, k) > 1


cdef void sparse_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* s = <const SparseArgs*>arguments
    cdef Py_ssize_t piece = task // s.parts, part = task % s.parts, start = piece * s.depth
    cdef Py_ssize_t first = s.m * part // s.parts, rows = s.m * (part + 1) // s.parts - first
    s.kernels.sparse_product(rows, s.n, min(s.depth, s.k - start), s.a + first * s.k + start, s.k, s.b + start * s.n,
                             s.n, 0, s.c + (piece * s.m + first) * s.n, s.n)


cdef class SparseMatmul(Call):
    """pieces[P,M,N] of a[M,K] b[K,N], P = matmul_pieces(...)."""

    cdef SparseArgs a

    def __init__(self, a, b, pieces):
        cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[1], count = matmul_pieces(m, n, k)
        if b.shape[0] != k or pieces.shape != (count, m, n):
            raise ValueError(f"b must have {k} rows and pieces the shape {(count, m, n)}, received {b.shape} and "
                             f"{pieces.shape}")
        cdef Grid grid = grid_of(m, n, k, count)
        cdef Py_ssize_t parts = max(min((ENOUGH_TASKS + count - 1) // count, m), 1)
        self.a = SparseArgs(table(), f32(a), f32(b), f32(pieces), m, n, k, grid.depth, parts, n)
        self.prepare(sparse_task, &self.a, count * parts, 0, 2.0 * m * n * k, (a, b), (pieces,))


cdef void sparse_transposed_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* s = <const SparseArgs*>arguments
    cdef Py_ssize_t j = task * s.width, columns = min(s.width, s.n - j)
    cdef float* turned = <float*>scratch
    s.kernels.transpose_block(columns, s.k, s.k, s.width, s.b + j * s.k, turned)
    s.kernels.sparse_product(s.m, columns, s.k, s.a, s.k, turned, s.width, 0, s.c + j, s.n)


cdef int fill_transposed(SparseArgs* s, a, b, c) except -1:
    """The arguments of a times b transposed, a block of columns in a task."""
    cdef Py_ssize_t m = a.shape[0], k = a.shape[1], n = b.shape[0]
    if b.shape[1] != k or c.shape != (m, n):
        raise ValueError(f"b must have {k} columns and c the shape {(m, n)}, received {b.shape} and {c.shape}")
    s[0] = SparseArgs(table(), f32(a), f32(b), f32(c), m, n, k, k, 1, BLOCK_VECTORS * table().vector_length)
    return 0


cdef class SparseMatmulTransposed(Call):
    """c[M,N] = a[M,K] times b[N,K] transposed."""

    cdef SparseArgs a

    def __init__(self, a, b, c):
        cdef SparseArgs* s = &self.a
        fill_transposed(s, a, b, c)
        self.prepare(sparse_transposed_task, s, (s.n + s.width - 1) // s.width if s.m else 0, 4 * s.k * s.width,
                     2.0 * s.m * s.n * s.k, (a, b), (c,))


cdef void bfloat16_transposed_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SparseArgs* s = <const SparseArgs*>arguments
    cdef Py_ssize_t pairs = (s.k + 1) // 2, j = task * s.parts * s.width, end = min(j + s.parts * s.width, s.n), columns
    cdef float* a = <float*>scratch
    cdef float* turned = a + s.m * pairs
    s.kernels.column_pairs(s.m, s.k, s.a, s.k, a, pairs)
    while j < end:
        columns = min(s.width, end - j)
        s.kernels.turned_pairs(columns, s.k, s.b + j * s.k, s.k, turned, s.width)
        s.kernels.sparse_product_bfloat16(s.m, columns, pairs, a, pairs, turned, s.width, s.c + j, s.n,
                                          s.b + (j + columns) * s.k, min(s.width, end - j - columns) * s.k)
        j += columns


cdef class Bfloat16SparseTransposed(Call):
    """c[M,N] = a[M,K] times b[N,K] transposed, in bfloat16."""

    cdef SparseArgs a

    def __init__(self, a, b, c):
        cdef SparseArgs* s = &self.a
        fill_transposed(s, a, b, c)
        cdef Py_ssize_t blocks = (s.n + s.width - 1) // s.width
        s.parts = max(min(blocks // FEW_TASKS, MOST_BLOCKS), 1)
        self.prepare(bfloat16_transposed_task, s, (blocks + s.parts - 1) // s.parts if s.m else 0,
                     4 * ((s.k + 1) // 2) * (s.m + s.width), 2.0 * s.m * s.n * s.k, (a, b), (c,))
