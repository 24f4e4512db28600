# Matrix products C[M,N] = A[M,K] B[K,N] in bfloat16, with either operand transposed, bias and ReLU, where the processor
# has instructions for them.
#
#     Bfloat16Matmul(a, b, c, ...)      as Matmul: c[M,N], or the pieces c[P,M,N] that SumPieces adds up
#
# Operands are float32 in memory. A task rounds its blocks of both, piece of K after piece, to pairs along K in its
# scratch memory, and multiplies those. Pieces, blocks and sums are those of Matmul. With few rows in A nearly all that
# is read is B: it is rounded slice by slice then, each slice while the one before is multiplied. Where B is transposed,
# a task computes a block of C^T, B[j.., :] A^T, so that B is read as it lies, and each product asks for the next slice.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.gemm cimport Grid, grid_of
from fastcnn._core.gemm import matmul_pieces
from fastcnn._core.kernels cimport GEMM_ACCUMULATE, GEMM_CONTINUE, GEMM_RELU, kernel_table, product, table

cdef Py_ssize_t FEW_ROWS = 64  # of A
cdef Py_ssize_t SLICE = 96     # rows of B that are rounded together
cdef Py_ssize_t TURNED = 48    # and that are multiplied together where B is transposed


cdef struct MatmulArgs:
    const kernel_table* kernels
    Grid grid
    const float* a
    const float* b
    const float* bias
    float* c
    Py_ssize_t m, n, k
    bint pieces_apart   # every piece of K is a task of its own
    bint transpose_a, transpose_b
    int flags


cdef inline void multiply_rows(const MatmulArgs* s, product* p, const float* rows, Py_ssize_t depth, Py_ssize_t slice,
                               const float* bias, int flags, float* c, float* pairs) noexcept nogil:
    """C (+)= A, which is in pairs, times `depth` rows of B, slice by slice. Where there are several, no flag is
    GEMM_ACCUMULATE, and there is room for the pairs of two."""
    cdef Py_ssize_t done = 0, count = min(slice, depth), following
    cdef float* other = pairs + (slice + 1) // 2 * p.n
    p.b_step = p.n
    s.kernels.row_pairs(count, p.n, rows, s.n, pairs, p.n)
    while True:
        following = min(slice, depth - done - count)
        p.b, p.k = pairs, (count + 1) // 2
        if following == 0:
            s.kernels.gemm_bfloat16(p, bias, flags | (GEMM_CONTINUE if done else 0), c, s.n, NULL, 0)
            return
        rows += count * s.n
        s.kernels.gemm_rounding_bfloat16(p, NULL, GEMM_CONTINUE if done else 0, c, s.n, following, rows, s.n, other)
        p.a += p.k * p.a_step
        done += count
        count = following
        pairs, other = other, pairs


cdef void matmul_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MatmulArgs* s = <const MatmulArgs*>arguments
    cdef const Grid* g = &s.grid
    cdef Py_ssize_t blocks = g.blocks_m * g.blocks_n, first = task // blocks, last = first + 1
    cdef Py_ssize_t i = task % blocks // g.blocks_n * g.height, j = task % g.blocks_n * g.width
    cdef Py_ssize_t most = (g.depth + 1) // 2, piece, start, depth, slice
    cdef float* a = <float*>scratch
    cdef float* b = a + g.height * most
    cdef float* c = s.c + i * s.n + j
    cdef const float* bias
    cdef int flags
    cdef product p
    if s.pieces_apart:
        c += first * s.m * s.n
    else:
        last = g.pieces
    p.m, p.n, p.b_panel = min(g.height, s.m - i), min(g.width, s.n - j), g.panel
    slice = SLICE if p.m <= FEW_ROWS and last == first + 1 else g.depth
    for piece in range(first, last):
        start = piece * g.depth
        depth = min(g.depth, s.k - start)
        p.a, p.k = a, (depth + 1) // 2
        if s.transpose_a:
            s.kernels.row_pairs(depth, p.m, s.a + start * s.m + i, s.m, a, p.m)
            p.a_row, p.a_step = 1, p.m
        else:
            s.kernels.column_pairs(p.m, depth, s.a + i * s.k + start, s.k, a, p.k)
            p.a_row, p.a_step = p.k, 1
        flags = GEMM_ACCUMULATE if piece > first else 0
        bias = NULL
        if piece + 1 == last:
            flags |= s.flags
            bias = s.bias + j if s.bias != NULL else NULL
        if s.transpose_b:
            s.kernels.turned_pairs(p.n, depth, s.b + j * s.k + start, s.k, b, p.n)
            p.b, p.b_step = b, p.n
            s.kernels.gemm_bfloat16(&p, bias, flags, c, s.n, NULL, 0)
        else:
            multiply_rows(s, &p, s.b + start * s.n + j, depth, slice, bias, flags, c, b)


cdef void few_rows_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    """C[:, j..] by its transpose, B[j.., :] A^T, slice by slice of the rows of B."""
    cdef const MatmulArgs* s = <const MatmulArgs*>arguments
    cdef const Grid* g = &s.grid
    cdef Py_ssize_t blocks = g.blocks_n, first = task // blocks, last = first + 1, j = task % blocks * g.width
    cdef Py_ssize_t most = (g.depth + 1) // 2, width = min(g.width, s.n - j)
    cdef Py_ssize_t piece, start, depth, done, count, near
    cdef float* turned_c = <float*>scratch
    cdef float* turned_a = turned_c + g.width * s.m
    cdef float* b = turned_a + s.m * most
    cdef float* c = s.c + j
    cdef const float* rows
    cdef product p
    if s.pieces_apart:
        c += first * s.m * s.n
    else:
        last = g.pieces
    p.n, p.b, p.b_step, p.b_panel = s.m, turned_a, s.m, g.panel
    for piece in range(first, last):
        start = piece * g.depth
        depth = min(g.depth, s.k - start)
        p.k = (depth + 1) // 2
        p.a, p.a_row, p.a_step = b, p.k, 1
        s.kernels.turned_pairs(s.m, depth, s.a + start, s.k, turned_a, s.m)
        done = 0
        while done < width:
            count = min(TURNED, width - done)
            near = min(TURNED, width - done - count) * s.k if depth == s.k else 0
            rows = s.b + (j + done) * s.k + start
            s.kernels.column_pairs(count, depth, rows, s.k, b, p.k)
            p.m = count
            s.kernels.gemm_bfloat16(&p, NULL, GEMM_ACCUMULATE if piece > first else 0, turned_c + done * s.m, s.m,
                                    rows + count * s.k, near)
            done += count
    s.kernels.transpose_block(width, s.m, s.m, s.n, turned_c, c)


cdef class Bfloat16Matmul(Call):
    """c = a b, either transposed first; with c of P pieces, the pieces of the product that SumPieces adds up."""

    cdef MatmulArgs a

    def __init__(self, a, b, c, *, bias=None, bint transpose_a=False, bint transpose_b=False, bint relu=False):
        cdef Py_ssize_t m = a.shape[transpose_a], k = a.shape[not transpose_a], n = b.shape[not transpose_b]
        cdef bint apart = c.ndim == 3
        cdef Py_ssize_t pieces = matmul_pieces(m, n, k) if apart else 1
        shape = (pieces, m, n) if apart else None
        if b.shape[transpose_b] != k or c.shape != (shape or (m, n)):
            raise ValueError(f"a, b and c must fit, received {a.shape}, {b.shape} and {c.shape} with "
                             f"transpose_a={transpose_a}, transpose_b={transpose_b}")
        if bias is not None and bias.shape != (n,):
            raise ValueError(f"bias must have shape {(n,)}, received {bias.shape}")
        self.a = MatmulArgs(table(), grid_of(m, n, k, pieces), f32(a), f32(b), NULL, f32(c), m, n, k, apart,
                            transpose_a, transpose_b, GEMM_RELU if relu else 0)
        if bias is not None:
            self.a.bias = f32(bias)
        cdef Grid* g = &self.a.grid
        cdef Py_ssize_t half = (g.depth + 1) // 2
        cdef Py_ssize_t scratch = 4 * (half * g.height + max(half, SLICE) * g.width)
        cdef bint few_rows = (transpose_b and not transpose_a and m <= FEW_ROWS and m < n and g.blocks_m == 1
                              and bias is None and not relu)
        if few_rows:
            scratch = 4 * (g.width * m + half * (m + TURNED))
        self.prepare(few_rows_task if few_rows else matmul_task, &self.a, g.blocks_m * g.blocks_n * pieces, scratch,
                     2.0 * m * n * k, (a, b) if bias is None else (a, b, bias), (c,))
