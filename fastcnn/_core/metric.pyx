# Metrics of a batch, one value per row, and the running sums that they and the loss are collected in.
#
#     Accuracy(target, output[..., C], y[...], sparse=)                sparse: int32[...] labels, else float32[..., C]
#     BinaryAccuracy(target[..., C], output[..., C], y[...], threshold=)
#     Accumulate(state float64[2], values, weights=None)     state += (sum of values, number), both weighted if asked
#     AddToDoubles(state float64[...], values[...])          state += values
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, f64, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport check_shape, last_axis, pieces, rows_of, rows_per_task


cdef struct AccuracyArgs:
    const kernel_table* kernels
    const int32_t* labels   # of a sparse target, else NULL
    const float* target     # of a dense or a binary target, else NULL
    const float* output
    float* y
    float threshold
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef int fill(AccuracyArgs* a, object output, object y) except -1:
    """Set all but the target; check the shape of the result."""
    a.kernels = table()
    a.columns = last_axis("output", output)
    a.rows = rows_of(output.size, a.columns)
    a.run = rows_per_task(a.columns)
    a.labels, a.target, a.threshold = NULL, NULL, 0
    check_shape("y", y, output.shape[:output.ndim - 1])
    a.output, a.y = f32(output), f32(y)
    return 0


cdef void accuracy_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AccuracyArgs* a = <const AccuracyArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns, rows = min(a.run, a.rows - row)
    if a.labels != NULL:
        a.kernels.accuracy_sparse(rows, a.columns, a.labels + row, a.output + at, a.y + row)
    else:
        a.kernels.accuracy_dense(rows, a.columns, a.target + at, a.output + at, a.y + row)


cdef class Accuracy(Call):
    """y = 1 where the first largest output of a row is that of its target, else 0."""

    cdef AccuracyArgs a

    def __init__(self, target, output, y, *, bint sparse):
        fill(&self.a, output, y)
        if sparse:
            check_shape("target", target, output.shape[:output.ndim - 1])
            self.a.labels = i32(target)
        else:
            check_shape("target", target, output.shape)
            self.a.target = f32(target)
        self.prepare(accuracy_task, &self.a, pieces(self.a.rows, self.a.run), 0, 8.0 * output.size,
                     (target, output), (y,))


cdef void binary_accuracy_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AccuracyArgs* a = <const AccuracyArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns
    a.kernels.binary_accuracy(min(a.run, a.rows - row), a.columns, a.threshold, a.target + at, a.output + at,
                              a.y + row)


cdef class BinaryAccuracy(Call):
    """y = the share of the outputs of a row that lie on the target's side of the threshold."""

    cdef AccuracyArgs a

    def __init__(self, target, output, y, *, float threshold=0.5):
        fill(&self.a, output, y)
        check_shape("target", target, output.shape)
        self.a.target, self.a.threshold = f32(target), threshold
        self.prepare(binary_accuracy_task, &self.a, pieces(self.a.rows, self.a.run), 0, 8.0 * output.size,
                     (target, output), (y,))


cdef struct AccumulateArgs:
    const kernel_table* kernels
    const float* values
    const float* weights   # or NULL
    double* state
    Py_ssize_t size


cdef void accumulate_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AccumulateArgs* a = <const AccumulateArgs*>arguments
    a.kernels.accumulate(a.size, a.values, a.weights, a.state)


cdef class Accumulate(Call):
    """state += (sum of values, number of values), in double precision; with weights each counts as its weight."""

    cdef AccumulateArgs a

    def __init__(self, state, values, weights=None):
        check_shape("state", state, (2,))
        self.a = AccumulateArgs(table(), f32(values), NULL, f64(state), values.size)
        reads = (values, state)
        if weights is not None:
            check_shape("weights", weights, values.shape)
            self.a.weights = f32(weights)
            reads = (values, weights, state)
        self.prepare(accumulate_task, &self.a, 1, 0, 4.0 * values.size, reads, (state,))


cdef void add_to_doubles_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AccumulateArgs* a = <const AccumulateArgs*>arguments
    a.kernels.add_to_doubles(a.size, a.values, a.state)


cdef class AddToDoubles(Call):
    """state += values, in double precision."""

    cdef AccumulateArgs a

    def __init__(self, state, values):
        check_shape("values", values, state.shape)
        self.a = AccumulateArgs(table(), f32(values), NULL, f64(state), values.size)
        self.prepare(add_to_doubles_task, &self.a, 1, 0, 4.0 * values.size, (values, state), (state,))
