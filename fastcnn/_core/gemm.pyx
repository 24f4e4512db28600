# Matrix products C[M,N] = A[M,K] B[K,N], with either operand transposed, bias and ReLU.
#
#     Matmul(a, b, c)              c[M,N]: the product; c[P,M,N] with P = matmul_pieces(...): pieces of it, cut along K
#     SumPieces(pieces, c)         the pieces added up, bias and ReLU
#     StackedMatmul(a, b, c)       c[S,M,N]: a product for each of S pairs of matrices
#     PackPanels(b, packed)        b in panels, for Matmul(..., packed=packed), where packed_size(...) is not 0
#
# K is cut into pieces whose length depends on K alone; the pieces of an element of C are added first to last, then the
# bias, then ReLU. One task does all pieces of its block of C in turn, or, where C is too small for enough tasks, every
# piece is a task of its own and SumPieces adds them in the same order. The bits of a row of C are the same either way,
# for any M and any cut. A, straight or transposed, and B are read in place; only where rows of B lie so far apart that
# a panel of them fills few sets of the caches, B is packed first. Of a transposed B and an A of many rows, a task turns
# B panel by panel in its scratch memory. With few rows in A it turns those instead, and computes a block of C^T, which
# is turned in the end: both are smaller than B.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.gemm cimport Grid
from fastcnn._core.kernels cimport GEMM_ACCUMULATE, GEMM_RELU, gemm_blocking, kernel_table, product, table

cdef double TASK_FLOPS = 2e6           # a task does no less, where there are enough tasks
cdef Py_ssize_t ENOUGH_TASKS = 32
cdef Py_ssize_t MAX_HEIGHT = 192       # with 384 steps of K, a block of A of 288 KB
cdef Py_ssize_t MAX_WIDTH = 1024
cdef Py_ssize_t FEW_BLOCKS = 8         # of 64 x 128: fewer, and the pieces of K become tasks
cdef Py_ssize_t FEW_ROWS = 64          # of A: no more, and C^T is computed where B is transposed
cdef Py_ssize_t PACKED_COLUMNS = 512   # of B: as many, and
cdef Py_ssize_t PACKED_ROWS = 512      # so many rows of A, pay for packing B


cdef inline Py_ssize_t ceil_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return (a + b - 1) // b


cdef inline Py_ssize_t round_up(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    return ceil_div(a, b) * b


cdef Grid grid_of(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, Py_ssize_t tasks_by_pieces) noexcept:
    """Blocks of C: the longer side is halved until there are enough tasks."""
    cdef gemm_blocking sizes
    cdef Grid g
    table().gemm_blocking(&sizes)
    g.rows, g.panel = sizes.rows, sizes.panel
    g.pieces = max(ceil_div(k, sizes.depth), 1)
    g.depth = max(round_up(ceil_div(k, g.pieces), 8), 8)
    cdef double wanted = min(2.0 * m * n * k / TASK_FLOPS, ENOUGH_TASKS)
    cdef Py_ssize_t parts_m = max(ceil_div(m, MAX_HEIGHT), 1), parts_n = max(ceil_div(n, MAX_WIDTH), 1)
    while True:
        g.height = round_up(max(ceil_div(m, parts_m), 1), g.rows)
        g.width = round_up(max(ceil_div(n, parts_n), 1), g.panel)
        g.blocks_m, g.blocks_n = ceil_div(m, g.height), ceil_div(n, g.width)
        if g.blocks_m * g.blocks_n * tasks_by_pieces >= wanted:
            return g
        if g.width >= g.height and g.width > g.panel:
            parts_n *= 2
        elif g.height > 2 * g.rows:
            parts_m *= 2
        elif g.width > g.panel:
            parts_n *= 2
        else:
            return g


def matmul_pieces(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k):
    """Into how many pieces, each a matrix of M x N, the product is cut along K before SumPieces; 1: it is not."""
    cdef Py_ssize_t pieces = grid_of(m, n, k, 1).pieces
    return pieces if ceil_div(m, 64) * ceil_div(n, 128) < FEW_BLOCKS else 1


def packed_size(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, bint transpose_b):
    """Floats that B takes in panels; 0: it is read where it lies."""
    if transpose_b or n < PACKED_COLUMNS or m < PACKED_ROWS:
        return 0
    return k * round_up(n, grid_of(m, n, k, 1).panel)


cdef int check_packed(packed, Py_ssize_t size) except -1:
    if packed.size != size:
        raise ValueError(f"packed must have {size} elements, received {packed.size}")
    return 0


cdef struct MatmulArgs:
    const kernel_table* kernels
    Grid grid
    product whole
    const float* bias
    float* c
    Py_ssize_t pieces_apart   # 1 where every piece of K is a task of its own
    Py_ssize_t b_row          # of B as it lies; of all panels together, where it is packed
    bint transpose_b
    bint packed
    int flags


cdef inline void multiply_piece(const MatmulArgs* s, product* p, Py_ssize_t start, Py_ssize_t j, Py_ssize_t columns,
                                const float* bias, int flags, float* c, float* panel) noexcept nogil:
    """C[.., j..] (+)= p.a times rows start.. of B, panel by panel where B is transposed."""
    cdef Py_ssize_t end = j + columns, width = s.grid.panel
    if bias != NULL:
        bias += j
    if not s.transpose_b:
        p.b, p.n = s.whole.b + start * s.b_row + j, columns
        if s.packed:
            p.b += j * (p.k - 1)
            p.b_step, p.b_panel = width, p.k * width
        s.kernels.gemm(p, bias, flags, c, s.whole.n)
        return
    p.b, p.b_step = panel, width
    while j < end:
        p.n = min(width, end - j)
        s.kernels.transpose_block(p.n, p.k, s.b_row, width, s.whole.b + j * s.b_row + start, panel)
        s.kernels.gemm(p, bias, flags, c, s.whole.n)
        j += width
        c += width
        if bias != NULL:
            bias += width


cdef void matmul_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MatmulArgs* s = <const MatmulArgs*>arguments
    cdef const Grid* g = &s.grid
    cdef const product* whole = &s.whole
    cdef Py_ssize_t blocks = g.blocks_m * g.blocks_n
    cdef Py_ssize_t first = task // blocks, last = first + 1
    cdef Py_ssize_t i = task % blocks // g.blocks_n * g.height, j = task % g.blocks_n * g.width
    cdef float* c = s.c + i * whole.n + j
    if s.pieces_apart:
        c += first * whole.m * whole.n
    else:
        last = g.pieces
    cdef product p = whole[0]
    p.m = min(g.height, whole.m - i)
    cdef Py_ssize_t piece, start
    cdef int flags
    cdef const float* bias
    for piece in range(first, last):
        start = piece * g.depth
        p.k = min(g.depth, whole.k - start)
        p.a = whole.a + i * whole.a_row + start * whole.a_step
        flags = GEMM_ACCUMULATE if piece > first else 0
        bias = NULL
        if piece + 1 == last:
            flags |= s.flags
            bias = s.bias
        multiply_piece(s, &p, start, j, min(g.width, whole.n - j), bias, flags, c, <float*>scratch)


cdef void few_rows_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    """C[:, j..] by its transpose, B[j.., :] A^T."""
    cdef const MatmulArgs* s = <const MatmulArgs*>arguments
    cdef const Grid* g = &s.grid
    cdef const product* whole = &s.whole
    cdef Py_ssize_t j = task % g.blocks_n * g.width, first = task // g.blocks_n, last = first + 1
    cdef Py_ssize_t row = round_up(whole.m, g.panel), piece, start, column
    cdef float* turned_a = <float*>scratch
    cdef float* turned_c = turned_a + g.depth * row
    cdef float* c = s.c + j
    if s.pieces_apart:
        c += first * whole.m * whole.n
    else:
        last = g.pieces
    cdef product p
    p.a_row, p.a_step, p.b, p.b_step = s.b_row, 1, turned_a, g.panel
    p.m, p.n = min(g.width, whole.n - j), whole.m
    for piece in range(first, last):
        start = piece * g.depth
        p.k = min(g.depth, whole.k - start)
        p.a, p.b_panel = whole.b + j * s.b_row + start, p.k * g.panel
        column = 0
        while column < whole.m:
            s.kernels.transpose_block(min(g.panel, whole.m - column), p.k, whole.a_row, g.panel,
                                      whole.a + column * whole.a_row + start, turned_a + column * p.k)
            column += g.panel
        s.kernels.gemm(&p, NULL, GEMM_ACCUMULATE if piece > first else 0, turned_c, row)
    s.kernels.transpose_block(p.m, whole.m, row, whole.n, turned_c, c)


cdef const float* bias_data(bias, Py_ssize_t columns) except? NULL:
    if bias is None:
        return NULL
    if bias.shape != (columns,):
        raise ValueError(f"bias must have shape {(columns,)}, received {bias.shape}")
    return f32(bias)


cdef class Matmul(Call):
    """c = a b, either transposed first; with c of P pieces, the pieces of the product that SumPieces adds up."""

    cdef MatmulArgs a

    def __init__(self, a, b, c, *, bias=None, bint transpose_a=False, bint transpose_b=False, bint relu=False,
                 packed=None):
        m, k = reversed(a.shape) if transpose_a else a.shape
        k_of_b, n = reversed(b.shape) if transpose_b else b.shape
        if k != k_of_b:
            raise ValueError(f"a and b must agree in the axis summed over, received a {a.shape} and b {b.shape} "
                             f"with transpose_a={transpose_a}, transpose_b={transpose_b}")
        cdef bint apart = c.ndim == 3
        if apart and (bias is not None or relu):
            raise ValueError("bias and relu belong to SumPieces where the product is left in pieces")
        cdef Py_ssize_t pieces = matmul_pieces(m, n, k) if apart else 1
        if c.shape != ((pieces, m, n) if apart else (m, n)):
            raise ValueError(f"c must have shape {(pieces, m, n) if apart else (m, n)}, received {c.shape}")
        cdef Grid grid = grid_of(m, n, k, pieces)
        cdef bint few_rows = (transpose_b and not transpose_a and m <= FEW_ROWS and m < n and grid.blocks_m == 1
                              and bias is None and not relu)
        self.a.kernels, self.a.grid, self.a.pieces_apart = table(), grid, apart
        self.a.transpose_b, self.a.b_row = transpose_b, b.shape[1]
        self.a.whole = product(f32(a), 1 if transpose_a else k, m if transpose_a else 1, f32(b), n, grid.panel, m, n, k)
        self.a.bias = bias_data(bias, n)
        self.a.c = f32(c)
        self.a.flags = GEMM_RELU if relu else 0
        if packed is not None:
            check_packed(packed, packed_size(m, n, k, transpose_b))
            self.a.packed, self.a.whole.b, self.a.b_row = True, f32(packed), round_up(n, grid.panel)
        cdef Py_ssize_t scratch = 4 * grid.depth * grid.panel if transpose_b else 0
        if few_rows:
            scratch = 4 * (grid.depth + grid.width) * round_up(m, grid.panel)
        reads = tuple([array for array in (a, b if packed is None else packed, bias) if array is not None])
        self.prepare(few_rows_task if few_rows else matmul_task, &self.a, grid.blocks_m * grid.blocks_n * pieces,
                     scratch, 2.0 * m * n * k, reads, (c,))


cdef struct StackedArgs:
    MatmulArgs first          # of the products
    Py_ssize_t tasks          # of each
    Py_ssize_t a_size
    Py_ssize_t b_size
    Py_ssize_t c_size


cdef void stacked_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const StackedArgs* s = <const StackedArgs*>arguments
    cdef Py_ssize_t number = task // s.tasks
    cdef MatmulArgs one = s.first
    one.whole.a += number * s.a_size
    one.whole.b += number * s.b_size
    one.c += number * s.c_size
    matmul_task(&one, task % s.tasks, scratch)


cdef class StackedMatmul(Call):
    """c[i] = a[i] b[i] for each matrix of a stack, either transposed first."""

    cdef StackedArgs a

    def __init__(self, a, b, c, *, bint transpose_a=False, bint transpose_b=False):
        count, m, k = (a.shape[0], *a.shape[:0:-1]) if transpose_a else a.shape
        count_of_b, k_of_b, n = (b.shape[0], *b.shape[:0:-1]) if transpose_b else b.shape
        if (count, k) != (count_of_b, k_of_b) or c.shape != (count, m, n):
            raise ValueError(f"stacks of matrices a {a.shape}, b {b.shape} and c {c.shape} do not fit, "
                             f"with transpose_a={transpose_a}, transpose_b={transpose_b}")
        cdef Grid grid = grid_of(m, n, k, count)
        cdef MatmulArgs* first = &self.a.first
        first.kernels, first.grid, first.transpose_b, first.b_row = table(), grid, transpose_b, b.shape[2]
        first.whole = product(f32(a), 1 if transpose_a else k, m if transpose_a else 1, f32(b), n, grid.panel, m, n, k)
        first.c = f32(c)
        self.a.tasks = grid.blocks_m * grid.blocks_n
        self.a.a_size, self.a.b_size, self.a.c_size = m * k, k * n, m * n
        self.prepare(stacked_task, &self.a, count * self.a.tasks, 4 * grid.depth * grid.panel if transpose_b else 0,
                     2.0 * count * m * n * k, (a, b), (c,))
        self.by_image(count, sizeof(StackedArgs))


cdef struct PackArgs:
    const kernel_table* kernels
    const float* b
    float* packed
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t panel
    Py_ssize_t depth


cdef void pack_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PackArgs* a = <const PackArgs*>arguments
    cdef Py_ssize_t start = task * a.depth, rows = min(a.depth, a.rows - start), i, j
    cdef const float* b = a.b + start * a.columns
    cdef float* packed = a.packed + start * round_up(a.columns, a.panel)
    for i in range(0, rows, 8):  # as many rows as the processor fetches ahead side by side
        j = 0
        while j < a.columns:
            a.kernels.copy_matrix(min(8, rows - i), min(a.panel, a.columns - j), b + i * a.columns + j,
                                  a.columns, 1, packed + j * rows + i * a.panel, a.panel)
            j += a.panel


cdef class PackPanels(Call):
    """b[K,N] in panels of a tile's columns, piece of K after piece, as Matmul reads it."""

    cdef PackArgs a

    def __init__(self, b, packed, Py_ssize_t m):
        cdef Py_ssize_t k = b.shape[0], n = b.shape[1]
        cdef Grid grid = grid_of(m, n, k, 1)
        check_packed(packed, packed_size(m, n, k, False))
        self.a = PackArgs(table(), f32(b), f32(packed), k, n, grid.panel, grid.depth)
        self.prepare(pack_task, &self.a, grid.pieces, 0, b.size, (b,), (packed,))


cdef struct SumPiecesArgs:
    const kernel_table* kernels
    const float* pieces
    const float* bias
    float* c
    Py_ssize_t count
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run
    int flags


cdef void sum_pieces_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumPiecesArgs* a = <const SumPiecesArgs*>arguments
    cdef Py_ssize_t start = task * a.run * a.columns
    a.kernels.sum_pieces(a.pieces + start, a.count, a.rows * a.columns, min(a.run, a.rows - task * a.run), a.columns,
                         a.bias, a.flags, a.c + start)


cdef class SumPieces(Call):
    """c[M,N] = pieces[0] + pieces[1] + ... of pieces[P,M,N], then bias and ReLU."""

    cdef SumPiecesArgs a

    def __init__(self, pieces, c, *, bias=None, bint relu=False):
        if pieces.ndim != 3 or pieces.shape[0] < 1 or pieces.shape[1:] != c.shape:
            raise ValueError(f"pieces must have shape (P,) + {c.shape} with P >= 1, received {pieces.shape}")
        cdef Py_ssize_t count = pieces.shape[0], rows = c.shape[0], columns = c.shape[1]
        cdef Py_ssize_t run = max(16 * 1024 // max(count * columns, 1), 1)
        self.a = SumPiecesArgs(table(), f32(pieces), bias_data(bias, columns), f32(c), count, rows, columns,
                               run, GEMM_RELU if relu else 0)
        self.prepare(sum_pieces_task, &self.a, ceil_div(rows, run), 0, count * rows * columns,
                     (pieces,) if bias is None else (pieces, bias), (c,))
