# The gradient of dense weights, x^T dy, fused with the update of the weights: the gradient exists a task at a
# time, in the cache.
#
#     MatmulSgdUpdate(x[M,K], dy[M,N], w[K,N], lr)
#     MatmulMomentumUpdate(x, dy, w, velocity, lr)
#     MatmulAdamUpdate(x, dy, w, m, v, lr, iteration)
#
# Each gives the bits of Matmul(transpose_a=True) followed by the update. A task is a run of rows of w. With `sparse`
# the zeros of x are skipped, where the sizes suit: x is turned in scratch, so that its columns are rows to pick from.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.gemm cimport Grid, grid_of
from fastcnn._core.kernels cimport GEMM_ACCUMULATE, adam_rates, kernel_table, momentum_rates, product, sgd_rates, table
from fastcnn._core.optimizer cimport (
    AdamOptions,
    MomentumOptions,
    adam_options,
    adam_rates_now,
    check_shapes,
    learning_rate,
    momentum_options,
    momentum_rates_now,
    sgd_rates_now,
)

cdef Py_ssize_t TASK_BYTES = 32 * 1024   # of w, and of gradient, which stays in the L2 cache until it is used
cdef Py_ssize_t SPARSE_VECTORS = 4       # of columns: for fewer, picking what is not zero costs too much


# The product that all updates share: its operands, the rows of w in a task.
cdef struct Gradient:
    const kernel_table* kernels
    product whole
    Py_ssize_t depth
    Py_ssize_t height
    bint sparse


cdef int prepare_gradient(Gradient* g, x, dy, w, bint sparse) except -1:
    if x.ndim != 2 or dy.ndim != 2 or x.shape[0] != dy.shape[0]:
        raise ValueError(f"x and dy must be matrices of as many rows, received {x.shape} and {dy.shape}")
    if w.shape != (x.shape[1], dy.shape[1]):
        raise ValueError(f"w must have shape {(x.shape[1], dy.shape[1])}, received {w.shape}")
    cdef Py_ssize_t m = x.shape[1], n = dy.shape[1], k = x.shape[0]
    cdef Grid grid = grid_of(m, n, k, 1)
    g.kernels = table()
    g.whole = product(f32(x), 1, m, f32(dy), n, grid.panel, m, n, k)
    g.depth = grid.depth
    g.sparse = sparse and grid.pieces == 1 and n >= SPARSE_VECTORS * g.kernels.vector_length
    cdef Py_ssize_t tasks = max(4 * m * n // TASK_BYTES, 1)
    g.height = max((m + tasks * grid.rows - 1) // (tasks * grid.rows), 1) * grid.rows
    return 0


cdef inline Py_ssize_t tasks_of(const Gradient* g) noexcept nogil:
    return (g.whole.m + g.height - 1) // g.height if g.whole.n > 0 else 0


cdef inline Py_ssize_t scratch_of(const Gradient* g) noexcept nogil:
    return 4 * g.height * (g.whole.n + (g.whole.k if g.sparse else 0))


cdef inline Py_ssize_t gradient_of_task(const Gradient* g, Py_ssize_t task, float* gradient) noexcept nogil:
    """The gradient of the task's rows of w into a buffer; returns how many elements."""
    cdef product p = g.whole
    cdef int flags = 0
    cdef Py_ssize_t left = p.k
    p.a += task * g.height
    p.m = min(g.height, p.m - task * g.height)
    cdef float* turned = gradient + g.height * p.n
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


cdef struct SgdArgs:
    Gradient gradient
    const float* lr
    float* w


cdef void sgd_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SgdArgs* a = <const SgdArgs*>arguments
    cdef const Gradient* g = &a.gradient
    cdef sgd_rates rates = sgd_rates_now(a.lr)
    cdef float* gradient = <float*>scratch
    cdef Py_ssize_t at = task * g.height * g.whole.n, size = gradient_of_task(g, task, gradient)
    g.kernels.sgd_update(&rates, gradient, size, a.w + at)


cdef class MatmulSgdUpdate(Call):
    """w -= lr * x^T dy."""

    cdef SgdArgs a

    def __init__(self, x, dy, w, lr, *, bint sparse=False):
        prepare_gradient(&self.a.gradient, x, dy, w, sparse)
        self.a.lr, self.a.w = learning_rate(lr), f32(w)
        self.prepare(sgd_task, &self.a, tasks_of(&self.a.gradient), scratch_of(&self.a.gradient),
                     2.0 * w.size * x.shape[0], (x, dy, w, lr), (w,))


cdef struct MomentumArgs:
    Gradient gradient
    MomentumOptions options
    float* w
    float* velocity


cdef void momentum_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MomentumArgs* a = <const MomentumArgs*>arguments
    cdef const Gradient* g = &a.gradient
    cdef momentum_rates rates = momentum_rates_now(&a.options)
    cdef float* gradient = <float*>scratch
    cdef Py_ssize_t at = task * g.height * g.whole.n, size = gradient_of_task(g, task, gradient)
    g.kernels.momentum_update(&rates, gradient, size, a.w + at, a.velocity + at)


cdef class MatmulMomentumUpdate(Call):
    """The update of MomentumUpdate with the gradient x^T dy."""

    cdef MomentumArgs a

    def __init__(self, x, dy, w, velocity, lr, *, double momentum, bint nesterov=False,
                 bint sparse=False):
        check_shapes(w, (velocity,), ("velocity",))
        prepare_gradient(&self.a.gradient, x, dy, w, sparse)
        self.a.options = momentum_options(lr, momentum, nesterov)
        self.a.w, self.a.velocity = f32(w), f32(velocity)
        self.prepare(momentum_task, &self.a, tasks_of(&self.a.gradient), scratch_of(&self.a.gradient),
                     2.0 * w.size * x.shape[0], (x, dy, w, velocity, lr), (w, velocity))


cdef struct AdamArgs:
    Gradient gradient
    AdamOptions options
    float* w
    float* m
    float* v


cdef void adam_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AdamArgs* a = <const AdamArgs*>arguments
    cdef const Gradient* g = &a.gradient
    cdef adam_rates rates = adam_rates_now(&a.options)
    cdef float* gradient = <float*>scratch
    cdef Py_ssize_t at = task * g.height * g.whole.n, size = gradient_of_task(g, task, gradient)
    g.kernels.adam_update(&rates, gradient, size, a.w + at, a.m + at, a.v + at)


cdef class MatmulAdamUpdate(Call):
    """The update of AdamUpdate with the gradient x^T dy."""

    cdef AdamArgs a

    def __init__(self, x, dy, w, m, v, lr, iteration, *, double beta_1, double beta_2, double epsilon,
                 bint sparse=False):
        check_shapes(w, (m, v), ("m", "v"))
        prepare_gradient(&self.a.gradient, x, dy, w, sparse)
        self.a.options = adam_options(lr, iteration, beta_1, beta_2, epsilon)
        self.a.w, self.a.m, self.a.v = f32(w), f32(m), f32(v)
        self.prepare(adam_task, &self.a, tasks_of(&self.a.gradient), scratch_of(&self.a.gradient),
                     2.0 * w.size * x.shape[0], (x, dy, w, m, v, lr, iteration), (w, m, v))
