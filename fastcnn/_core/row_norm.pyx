# Layer and RMS normalisation: each row of the last axis by its own statistics.
#
#     RowNormalize(x[..., C], gamma[C], beta[C], y, centered=, epsilon=)
#     RowNormalizeGradient(dy, x, gamma, dx, dgamma[P, C], dbeta[P, C], ...)      P = row_pieces(x.shape)
#
# A task takes rows of about TASK_ELEMENTS floats.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport check_shape, last_axis, pieces, rows_of, rows_per_task

cdef double WORK = 16


cdef struct RowArgs:
    const kernel_table* kernels
    const float* dy
    const float* x
    const float* gamma
    const float* beta
    float* y
    float* dgamma
    float* dbeta
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run
    float epsilon
    bint centered


cdef RowArgs row_args(object x, object gamma, object y, bint centered, float epsilon) except *:
    cdef Py_ssize_t columns = last_axis("x", x)
    check_shape("gamma", gamma, (columns,))
    check_shape("y", y, x.shape)
    return RowArgs(table(), NULL, f32(x), f32(gamma), NULL, f32(y), NULL, NULL, rows_of(x.size, columns), columns,
                   rows_per_task(columns), epsilon, centered)


def row_pieces(shape):
    """How many partial sums the gradients of gamma and beta are cut into."""
    cdef Py_ssize_t columns = shape[len(shape) - 1], size = 1
    for extent in shape:
        size *= extent
    return max(1, pieces(rows_of(size, columns), rows_per_task(columns)))


cdef void normalize_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RowArgs* a = <const RowArgs*>arguments
    cdef Py_ssize_t start = task * a.run, at = start * a.columns
    a.kernels.row_normalize(min(a.run, a.rows - start), a.columns, a.centered, a.epsilon, a.x + at, a.gamma, a.beta,
                            a.y + at)


cdef class RowNormalize(Call):
    """y = x normalised row by row; y may be x."""

    cdef RowArgs a

    def __init__(self, x, gamma, beta, y, *, bint centered, float epsilon):
        self.a = row_args(x, gamma, y, centered, epsilon)
        check_shape("beta", beta, gamma.shape)
        self.a.beta = f32(beta)
        self.prepare(normalize_task, &self.a, pieces(self.a.rows, self.a.run), 0, WORK * x.size, (x, gamma, beta),
                     (y,))


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RowArgs* a = <const RowArgs*>arguments
    cdef Py_ssize_t start = task * a.run, at = start * a.columns
    a.kernels.row_normalize_gradient(min(a.run, a.rows - start), a.columns, a.centered, a.epsilon, a.dy + at, a.x + at,
                                     a.gamma, a.y + at, a.dgamma + task * a.columns, a.dbeta + task * a.columns)


cdef class RowNormalizeGradient(Call):
    """dx, and of each run of rows its share of dgamma and dbeta; dx may be dy."""

    cdef RowArgs a

    def __init__(self, dy, x, gamma, dx, dgamma, dbeta, *, bint centered, float epsilon):
        self.a = row_args(x, gamma, dx, centered, epsilon)
        cdef Py_ssize_t count = row_pieces(x.shape)
        check_shape("dy", dy, x.shape)
        check_shape("dgamma", dgamma, (count, self.a.columns))
        check_shape("dbeta", dbeta, (count, self.a.columns))
        self.a.dy, self.a.dgamma, self.a.dbeta = f32(dy), f32(dgamma), f32(dbeta)
        self.prepare(gradient_task, &self.a, count, 0, WORK * x.size, (dy, x, gamma), (dx, dgamma, dbeta))
