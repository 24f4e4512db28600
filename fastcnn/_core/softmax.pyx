# Softmax over the last axis and its gradient: rows are shared out, and none depends on another.
#
#     Softmax(x[..., C], y[..., C])
#     SoftmaxGradient(dy[..., C], y[..., C], dx[..., C])
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport check_shape, last_axis, pieces, rows_of, rows_per_task


cdef struct SoftmaxArgs:
    const kernel_table* kernels
    const float* x
    float* y
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef void softmax_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SoftmaxArgs* a = <const SoftmaxArgs*>arguments
    cdef Py_ssize_t row = task * a.run
    a.kernels.softmax(min(a.run, a.rows - row), a.columns, a.x + row * a.columns, a.y + row * a.columns)


cdef class Softmax(Call):
    """y = exp(x) / sum(exp(x)) along the last axis; y may be x."""

    cdef SoftmaxArgs a

    def __init__(self, x, y):
        cdef Py_ssize_t columns = last_axis("x", x)
        check_shape("y", y, x.shape)
        cdef Py_ssize_t rows = rows_of(x.size, columns), run = rows_per_task(columns)
        self.a = SoftmaxArgs(table(), f32(x), f32(y), rows, columns, run)
        self.prepare(softmax_task, &self.a, pieces(rows, run), 0, 32.0 * x.size, (x,), (y,))


cdef struct SoftmaxGradientArgs:
    const kernel_table* kernels
    const float* dy
    const float* y
    float* dx
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef void softmax_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SoftmaxGradientArgs* a = <const SoftmaxGradientArgs*>arguments
    cdef Py_ssize_t row = task * a.run, start = row * a.columns
    a.kernels.softmax_gradient(min(a.run, a.rows - row), a.columns, a.dy + start, a.y + start, a.dx + start)


cdef class SoftmaxGradient(Call):
    """dx = y (dy - sum(dy y)) along the last axis; dx may be dy."""

    cdef SoftmaxGradientArgs a

    def __init__(self, dy, y, dx):
        cdef Py_ssize_t columns = last_axis("dy", dy)
        check_shape("y", y, dy.shape)
        check_shape("dx", dx, dy.shape)
        cdef Py_ssize_t rows = rows_of(dy.size, columns), run = rows_per_task(columns)
        self.a = SoftmaxGradientArgs(table(), f32(dy), f32(y), f32(dx), rows, columns, run)
        self.prepare(softmax_gradient_task, &self.a, pieces(rows, run), 0, 16.0 * dy.size, (dy, y), (dx,))
