# The gradient of dense weights, x^T dy, fused with the update of the weights by the rule of an optimizer: the gradient
# exists a task at a time, in the cache.
#
#     MatmulUpdate(rule, x[M,K], dy[M,N], w[K,N], slots, lr[1], iteration[1], state)
#
# It gives the bits of Matmul(transpose_a=True) followed by Update. A task is a run of rows of w. With `sparse` the
# zeros of x are skipped, where the sizes suit: x is turned in scratch, so that its columns are rows to pick from. With
# `bfloat16` a task rounds its operands to pairs of rows in scratch, and the sum over rows is not cut; the products ask
# for what the update reads.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.gemm cimport Grid, grid_of
from fastcnn._core.kernels cimport GEMM_ACCUMULATE, kernel_table, product, table, update_rates
from fastcnn._core.update_rule cimport MAX_SLOTS, Rule, check_shapes, is_update_step, make_rule, rates_now

cdef Py_ssize_t TASK_BYTES = 32 * 1024   # of w, and of gradient, which stays in the L2 cache until it is used
cdef Py_ssize_t SPARSE_VECTORS = 4       # of columns: for fewer, picking what is not zero costs too much


# The product that all updates share: its operands, the rows of w in a task.
cdef struct Gradient:
    const kernel_table* kernels
    product whole
    Py_ssize_t depth
    Py_ssize_t rows      # of a tile in registers
    Py_ssize_t height
    bint sparse
    bint bfloat16


cdef int prepare_gradient(Gradient* g, x, dy, w, bint sparse, bint bfloat16) except -1:
    if x.ndim != 2 or dy.ndim != 2 or x.shape[0] != dy.shape[0]:
        raise ValueError(f"x and dy must be matrices of as many rows, received {x.shape} and {dy.shape}")
    if w.shape != (x.shape[1], dy.shape[1]):
        raise ValueError(f"w must have shape {(x.shape[1], dy.shape[1])}, received {w.shape}")
    cdef Py_ssize_t m = x.shape[1], n = dy.shape[1], k = x.shape[0]
    cdef Grid grid = grid_of(m, n, k, 1)
    g.kernels = table()
    g.whole = product(f32(x), 1, m, f32(dy), n, grid.panel, m, n, k)
    g.depth, g.rows = grid.depth, grid.rows
    g.bfloat16 = bfloat16
    g.sparse = sparse and not bfloat16 and grid.pieces == 1 and n >= SPARSE_VECTORS * g.kernels.vector_length
    cdef Py_ssize_t tasks = max(4 * m * n // TASK_BYTES, 1)
    g.height = max((m + tasks * grid.rows - 1) // (tasks * grid.rows), 1) * grid.rows
    return 0


cdef inline Py_ssize_t tasks_of(const Gradient* g) noexcept nogil:
    return (g.whole.m + g.height - 1) // g.height if g.whole.n > 0 else 0


cdef inline Py_ssize_t scratch_of(const Gradient* g) noexcept nogil:
    cdef Py_ssize_t operands = 0
    if g.bfloat16:
        operands = (g.whole.k + 1) // 2 * (g.height + g.whole.n)
    elif g.sparse:
        operands = g.height * g.whole.k
    return 4 * (g.height * g.whole.n + operands)


cdef inline void multiply_bfloat16(const Gradient* g, const product* p, float* gradient, float** near,
                                   int arrays) noexcept nogil:
    """The product, in as many parts as there are arrays, each of which asks for the task's rows of one."""
    cdef Py_ssize_t share = (p.m + arrays * g.rows - 1) // (arrays * g.rows) * g.rows, first
    cdef product part = p[0]
    cdef int index
    for index in range(arrays):
        first = min(index * share, p.m)
        part.a, part.m = p.a + first, min(share, p.m - first)
        g.kernels.gemm_bfloat16(&part, NULL, 0, gradient + first * p.n, p.n, near[index], p.m * p.n)


cdef inline Py_ssize_t gradient_of_task(const Gradient* g, Py_ssize_t task, float* gradient, float** near,
                                        int arrays) noexcept nogil:
    """The gradient of the task's rows of w into a buffer; returns how many elements. `near` are those rows of the
    arrays to be updated."""
    cdef product p = g.whole
    cdef int flags = 0
    cdef Py_ssize_t left = p.k
    p.a += task * g.height
    p.m = min(g.height, p.m - task * g.height)
    cdef float* turned = gradient + g.height * p.n
    cdef float* pairs = turned + (p.k + 1) // 2 * g.height
    if g.bfloat16:
        g.kernels.row_pairs(p.k, p.m, p.a, p.a_step, turned, p.m)
        g.kernels.row_pairs(p.k, p.n, p.b, p.b_step, pairs, p.n)
        p.a, p.a_step, p.b, p.b_step, p.k = turned, p.m, pairs, p.n, (p.k + 1) // 2
        multiply_bfloat16(g, &p, gradient, near, arrays)
        return p.m * p.n
    if g.sparse:
        g.kernels.transpose_block(p.k, p.m, p.a_step, p.k, p.a, turned)
        g.kernels.sparse_product(p.m, p.n, p.k, turned, p.k, p.b, p.b_step, 0, gradient, p.n)
        return p.m * p.n
    while True:
        p.k = min(left, g.depth)
        g.kernels.gemm(&p, NULL, flags, gradient, p.n)
        left -= p.k
        if left <= 0:
            return p.m * p.n
        p.a += p.k * p.a_step
        p.b += p.k * p.b_step
        flags = GEMM_ACCUMULATE


cdef struct UpdateArgs:
    Gradient gradient
    Rule rule
    float* w
    float* slot[MAX_SLOTS]


cdef void update_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UpdateArgs* a = <const UpdateArgs*>arguments
    cdef const Gradient* g = &a.gradient
    if not is_update_step(&a.rule):
        return
    cdef update_rates rates
    rates_now(&a.rule, &rates)
    cdef float* gradient = <float*>scratch
    cdef Py_ssize_t at = task * g.height * g.whole.n, size
    cdef float* near[1 + MAX_SLOTS]
    cdef int k
    near[0] = a.w + at
    for k in range(MAX_SLOTS):
        near[1 + k] = a.slot[k] + at if k < a.rule.slots else NULL
    size = gradient_of_task(g, task, gradient, near, 1 + a.rule.slots)
    a.rule.kernel(&rates, gradient, size, near[0], &near[1])


cdef class MatmulUpdate(Call):
    """The update of w with the gradient x^T dy; see Update."""

    cdef UpdateArgs a

    def __init__(self, str rule, x, dy, w, slots, lr, iteration, state=None, *, bint sparse=False,
                 bint bfloat16=False, **options):
        make_rule(&self.a.rule, rule, lr, iteration, state, options)
        if len(slots) != self.a.rule.slots:
            raise ValueError(f"the rule {rule!r} has {self.a.rule.slots} slots, received {len(slots)}")
        check_shapes(w, slots, [f"slot {i}" for i in range(len(slots))])
        prepare_gradient(&self.a.gradient, x, dy, w, sparse, bfloat16)
        self.a.w = f32(w)
        cdef int k
        for k, slot in enumerate(slots):
            self.a.slot[k] = f32(slot)
        reads = (x, dy, w, *slots, lr, iteration)
        self.prepare(update_task, &self.a, tasks_of(&self.a.gradient), scratch_of(&self.a.gradient),
                     2.0 * w.size * x.shape[0], reads if state is None else (*reads, state), (w, *slots))
