# Updates of weights in place: w and the slots of its optimizer, from a gradient in memory.
#
#     SgdUpdate(w, g, lr[1])                          w -= lr g
#     MomentumUpdate(w, g, velocity, lr[1])           velocity = momentum velocity - lr g; w += velocity (or Nesterov's)
#     AdamUpdate(w, g, m, v, lr[1], iteration[1])     with t = iteration + 1
#     Increment(counter[n])                           counter[n - 1] += 1
#
# The learning rate and the iteration are tensors, read when the call runs. Work is cut by bytes of one array.
from libc.stdint cimport int64_t

from fastcnn._core.buffer cimport f32, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport adam_rates, kernel_table, momentum_rates, sgd_rates, table

cdef Py_ssize_t TASK_FLOATS = 8 * 1024


cdef int check_shapes(w, others, names) except -1:
    for array, name in zip(others, names):
        if array.shape != w.shape:
            raise ValueError(f"{name} must have the shape of w, {w.shape}, received {array.shape}")
    return 0


cdef const float* learning_rate(lr) except NULL:
    if lr.size != 1:
        raise ValueError(f"lr must have one element, received shape {lr.shape}")
    return f32(lr)


cdef MomentumOptions momentum_options(lr, double momentum, bint nesterov) except *:
    return MomentumOptions(learning_rate(lr), momentum, nesterov)


cdef AdamOptions adam_options(lr, iteration, double beta_1, double beta_2, double epsilon) except *:
    if iteration.size != 1:
        raise ValueError(f"iteration must have one element, received shape {iteration.shape}")
    return AdamOptions(learning_rate(lr), i64(iteration), beta_1, beta_2, epsilon)


cdef inline Py_ssize_t tasks_for(Py_ssize_t size) noexcept nogil:
    return (size + TASK_FLOATS - 1) // TASK_FLOATS


cdef struct SgdArgs:
    const kernel_table* kernels
    const float* lr
    const float* g
    float* w
    Py_ssize_t size


cdef void sgd_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SgdArgs* a = <const SgdArgs*>arguments
    cdef Py_ssize_t start = task * TASK_FLOATS
    cdef sgd_rates rates = sgd_rates_now(a.lr)
    a.kernels.sgd_update(&rates, a.g + start, min(TASK_FLOATS, a.size - start), a.w + start)


cdef class SgdUpdate(Call):
    """w -= lr * g."""

    cdef SgdArgs a

    def __init__(self, w, g, lr):
        check_shapes(w, (g,), ("g",))
        self.a = SgdArgs(table(), learning_rate(lr), f32(g), f32(w), w.size)
        self.prepare(sgd_task, &self.a, tasks_for(w.size), 0, 3 * w.size, (w, g, lr), (w,))


cdef struct MomentumArgs:
    const kernel_table* kernels
    MomentumOptions options
    const float* g
    float* w
    float* velocity
    Py_ssize_t size


cdef void momentum_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MomentumArgs* a = <const MomentumArgs*>arguments
    cdef Py_ssize_t start = task * TASK_FLOATS
    cdef momentum_rates rates = momentum_rates_now(&a.options)
    a.kernels.momentum_update(&rates, a.g + start, min(TASK_FLOATS, a.size - start), a.w + start, a.velocity + start)


cdef class MomentumUpdate(Call):
    """velocity = momentum * velocity - lr * g; w += velocity, or momentum * velocity - lr * g where nesterov."""

    cdef MomentumArgs a

    def __init__(self, w, g, velocity, lr, *, double momentum, bint nesterov=False):
        check_shapes(w, (g, velocity), ("g", "velocity"))
        self.a = MomentumArgs(table(), momentum_options(lr, momentum, nesterov), f32(g), f32(w), f32(velocity), w.size)
        self.prepare(momentum_task, &self.a, tasks_for(w.size), 0, 5 * w.size, (w, g, velocity, lr), (w, velocity))


cdef struct AdamArgs:
    const kernel_table* kernels
    AdamOptions options
    const float* g
    float* w
    float* m
    float* v
    Py_ssize_t size


cdef void adam_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AdamArgs* a = <const AdamArgs*>arguments
    cdef Py_ssize_t start = task * TASK_FLOATS
    cdef adam_rates rates = adam_rates_now(&a.options)
    a.kernels.adam_update(&rates, a.g + start, min(TASK_FLOATS, a.size - start), a.w + start, a.m + start,
                          a.v + start)


cdef class AdamUpdate(Call):
    """Adam, as Keras has it; epsilon is added to the root of v."""

    cdef AdamArgs a

    def __init__(self, w, g, m, v, lr, iteration, *, double beta_1, double beta_2, double epsilon):
        check_shapes(w, (g, m, v), ("g", "m", "v"))
        self.a = AdamArgs(table(), adam_options(lr, iteration, beta_1, beta_2, epsilon), f32(g), f32(w), f32(m), f32(v),
                          w.size)
        self.prepare(adam_task, &self.a, tasks_for(w.size), 0, 15 * w.size, (w, g, m, v, lr, iteration), (w, m, v))


cdef struct IncrementArgs:
    int64_t* last


cdef void increment_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    (<const IncrementArgs*>arguments).last[0] += 1


cdef class Increment(Call):
    """Adds one to the last element of a counter."""

    cdef IncrementArgs a

    def __init__(self, counter):
        if counter.ndim != 1 or counter.size == 0:
            raise ValueError(f"counter must be one row of at least one element, received shape {counter.shape}")
        self.a.last = i64(counter)
        self.a.last += <Py_ssize_t>counter.size - 1
        self.prepare(increment_task, &self.a, 1, 0, 1, (counter,), (counter,))
