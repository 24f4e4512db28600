# Sums over all axes but the last, and their inverse: the calls of biases and of partial sums.
#
#     SumPartials(partials[P, ...], out[...])     out = the partial results added in a fixed order
#     BiasGradient(dy[..., C], partials[P, C])    partials = column sums of runs of rows; P = bias_gradient_partials(dy)
#     AddBias(x[..., C], bias[C], y[..., C])
#
# Work is cut by bytes: a task moves about TASK_BYTES.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table

cdef Py_ssize_t TASK_BYTES = 64 * 1024
cdef Py_ssize_t LINE = 16  # floats in a cache line: no two tasks write to one


cdef Py_ssize_t last_axis(object array, str name) except -1:
    if array.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, received a scalar")
    return array.shape[array.ndim - 1]


cdef struct SumPartialsArgs:
    const kernel_table* kernels
    const float* partials
    float* out
    Py_ssize_t count
    Py_ssize_t size
    Py_ssize_t run


cdef void sum_partials_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SumPartialsArgs* a = <const SumPartialsArgs*>arguments
    cdef Py_ssize_t start = task * a.run
    cdef Py_ssize_t run = min(a.run, a.size - start)
    a.kernels.column_sums(a.partials + start, a.count, run, a.size, a.out + start)


cdef class SumPartials(Call):
    """out[...] = the sum of partials[P, ...] over its first axis, in an order that depends on the shape only."""

    cdef SumPartialsArgs a

    def __init__(self, partials, out):
        if tuple(partials.shape[1:]) != tuple(out.shape):
            raise ValueError(f"partials must have shape (P,) + {out.shape}, received {partials.shape}")
        cdef Py_ssize_t count = partials.shape[0], size = out.size
        cdef Py_ssize_t run = TASK_BYTES // 4 // max(count, 1) // LINE * LINE
        run = max(run, 4 * LINE)
        self.a = SumPartialsArgs(table(), f32(partials), f32(out), count, size, run)
        self.prepare(sum_partials_task, &self.a, (size + run - 1) // run, 0, count * size, (partials,), (out,))


cdef struct BiasGradientArgs:
    const kernel_table* kernels
    const float* dy
    float* partials
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef void bias_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const BiasGradientArgs* a = <const BiasGradientArgs*>arguments
    cdef Py_ssize_t start = task * a.run
    cdef Py_ssize_t rows = min(a.run, a.rows - start)
    a.kernels.column_sums(a.dy + start * a.columns, rows, a.columns, a.columns, a.partials + task * a.columns)


def bias_gradient_partials(shape):
    """How many partial sums the gradient of a bias is cut into, for a dy of this shape."""
    cdef Py_ssize_t size = 1
    for extent in shape:
        size *= extent
    cdef Py_ssize_t columns = shape[len(shape) - 1]
    cdef Py_ssize_t rows = size // max(columns, 1)
    cdef Py_ssize_t pieces = min(max(4 * size // TASK_BYTES, 1), 64, max(rows, 1))
    cdef Py_ssize_t run = max((rows + pieces - 1) // pieces, 1)
    return max((rows + run - 1) // run, 1)


cdef class BiasGradient(Call):
    """partials[P, C] = sums over runs of rows of dy[..., C]; with P = 1 the gradient itself."""

    cdef BiasGradientArgs a

    def __init__(self, dy, partials):
        cdef Py_ssize_t columns = last_axis(dy, "dy")
        cdef Py_ssize_t pieces = bias_gradient_partials(dy.shape)
        if partials.size != pieces * columns:
            raise ValueError(f"partials must have shape {(pieces, columns)} for dy of shape {dy.shape}, "
                             f"received {partials.shape}")
        cdef Py_ssize_t rows = dy.size // max(columns, 1)
        self.a = BiasGradientArgs(table(), f32(dy), f32(partials), rows, columns, (rows + pieces - 1) // pieces)
        self.prepare(bias_gradient_task, &self.a, pieces, 0, dy.size, (dy,), (partials,))


cdef struct AddBiasArgs:
    const kernel_table* kernels
    const float* x
    const float* bias
    float* y
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef void add_bias_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AddBiasArgs* a = <const AddBiasArgs*>arguments
    cdef Py_ssize_t start = task * a.run
    cdef Py_ssize_t rows = min(a.run, a.rows - start)
    a.kernels.add_row(a.x + start * a.columns, a.bias, rows, a.columns, a.y + start * a.columns)


cdef class AddBias(Call):
    """y = x + bias along the last axis; y may be x."""

    cdef AddBiasArgs a

    def __init__(self, x, bias, y):
        cdef Py_ssize_t columns = last_axis(x, "x")
        if bias.shape != (columns,):
            raise ValueError(f"bias must have shape {(columns,)} for x of shape {x.shape}, received {bias.shape}")
        if y.shape != x.shape:
            raise ValueError(f"y must have the shape of x, {x.shape}, received {y.shape}")
        cdef Py_ssize_t rows = x.size // max(columns, 1)
        cdef Py_ssize_t run = max(TASK_BYTES // 4 // max(columns, 1), 1)
        self.a = AddBiasArgs(table(), f32(x), f32(bias), f32(y), rows, columns, run)
        self.prepare(add_bias_task, &self.a, (rows + run - 1) // run, 0, x.size, (x, bias), (y,))
