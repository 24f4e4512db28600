# Cross-entropy of rows of C classes, from probabilities and fused with softmax from logits; forward and backward.
#
#     SoftmaxCrossEntropy(target, logits[..., C], loss[...], probabilities[..., C], sparse=)
#     SoftmaxCrossEntropyGradient(target, probabilities[..., C], dloss[...], dlogits[..., C], sparse=)
#     CrossEntropy(target, probabilities[..., C], loss[...], sparse=)
#     CrossEntropyGradient(target, probabilities[..., C], dloss[...], dprobabilities[..., C], sparse=)
#
# A sparse target is int32[...], class numbers; a dense one float32[..., C]. Rows are shared out.
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport check_shape, last_axis, pieces, rows_of, rows_per_task


cdef struct LossArgs:
    const kernel_table* kernels
    const int32_t* labels   # of a sparse target, else NULL
    const float* weights    # of a dense target, else NULL
    const float* x          # logits or probabilities
    const float* dloss      # NULL going forward
    float* loss             # NULL going backward
    float* y                # probabilities or a gradient; NULL where there is none
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t run


cdef int fill(LossArgs* a, object target, object x, str x_name, bint sparse) except -1:
    """Set all but the results; check the target."""
    a.kernels = table()
    a.columns = last_axis(x_name, x)
    a.rows = rows_of(x.size, a.columns)
    a.run = rows_per_task(a.columns)
    a.x = f32(x)
    a.labels, a.weights, a.dloss, a.loss, a.y = NULL, NULL, NULL, NULL, NULL
    if sparse:
        check_shape("target", target, x.shape[:x.ndim - 1])
        a.labels = i32(target)
    else:
        check_shape("target", target, x.shape)
        a.weights = f32(target)
    return 0


cdef void softmax_cross_entropy_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LossArgs* a = <const LossArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns, rows = min(a.run, a.rows - row)
    if a.labels != NULL:
        a.kernels.softmax_cross_entropy_sparse(rows, a.columns, a.labels + row, a.x + at, a.loss + row, a.y + at)
    else:
        a.kernels.softmax_cross_entropy_dense(rows, a.columns, a.weights + at, a.x + at, a.loss + row, a.y + at)


cdef class SoftmaxCrossEntropy(Call):
    """loss = -sum(target log(softmax(logits))), and the probabilities, in memory of their own."""

    cdef LossArgs a

    def __init__(self, target, logits, loss, probabilities, *, bint sparse):
        fill(&self.a, target, logits, "logits", sparse)
        check_shape("loss", loss, logits.shape[:logits.ndim - 1])
        check_shape("probabilities", probabilities, logits.shape)
        self.a.loss, self.a.y = f32(loss), f32(probabilities)
        self.prepare(softmax_cross_entropy_task, &self.a, pieces(self.a.rows, self.a.run), 0, 40.0 * logits.size,
                     (target, logits), (loss, probabilities))


cdef void softmax_cross_entropy_gradient_task(const void* arguments, Py_ssize_t task,
                                              char* scratch) noexcept nogil:
    cdef const LossArgs* a = <const LossArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns, rows = min(a.run, a.rows - row)
    if a.labels != NULL:
        a.kernels.softmax_cross_entropy_gradient_sparse(rows, a.columns, a.labels + row, a.x + at, a.dloss + row,
                                                        a.y + at)
    else:
        a.kernels.softmax_cross_entropy_gradient_dense(rows, a.columns, a.weights + at, a.x + at, a.dloss + row,
                                                       a.y + at)


cdef class SoftmaxCrossEntropyGradient(Call):
    """dlogits = dloss (probabilities sum(target) - target); dlogits may be probabilities."""

    cdef LossArgs a

    def __init__(self, target, probabilities, dloss, dlogits, *, bint sparse):
        fill(&self.a, target, probabilities, "probabilities", sparse)
        check_shape("dloss", dloss, probabilities.shape[:probabilities.ndim - 1])
        check_shape("dlogits", dlogits, probabilities.shape)
        self.a.dloss, self.a.y = f32(dloss), f32(dlogits)
        self.prepare(softmax_cross_entropy_gradient_task, &self.a, pieces(self.a.rows, self.a.run), 0,
                     12.0 * probabilities.size, (target, probabilities, dloss), (dlogits,))


cdef void cross_entropy_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LossArgs* a = <const LossArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns, rows = min(a.run, a.rows - row)
    if a.labels != NULL:
        a.kernels.cross_entropy_sparse(rows, a.columns, a.labels + row, a.x + at, a.loss + row)
    else:
        a.kernels.cross_entropy_dense(rows, a.columns, a.weights + at, a.x + at, a.loss + row)


cdef class CrossEntropy(Call):
    """loss = -sum(target log(probabilities)), the probabilities clipped away from 0 and 1."""

    cdef LossArgs a

    def __init__(self, target, probabilities, loss, *, bint sparse):
        fill(&self.a, target, probabilities, "probabilities", sparse)
        check_shape("loss", loss, probabilities.shape[:probabilities.ndim - 1])
        self.a.loss = f32(loss)
        self.prepare(cross_entropy_task, &self.a, pieces(self.a.rows, self.a.run), 0, 32.0 * probabilities.size,
                     (target, probabilities), (loss,))


cdef void cross_entropy_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LossArgs* a = <const LossArgs*>arguments
    cdef Py_ssize_t row = task * a.run, at = row * a.columns, rows = min(a.run, a.rows - row)
    if a.labels != NULL:
        a.kernels.cross_entropy_gradient_sparse(rows, a.columns, a.labels + row, a.x + at, a.dloss + row, a.y + at)
    else:
        a.kernels.cross_entropy_gradient_dense(rows, a.columns, a.weights + at, a.x + at, a.dloss + row, a.y + at)


cdef class CrossEntropyGradient(Call):
    """dprobabilities = -dloss target / probabilities where those were not clipped."""

    cdef LossArgs a

    def __init__(self, target, probabilities, dloss, dprobabilities, *, bint sparse):
        fill(&self.a, target, probabilities, "probabilities", sparse)
        check_shape("dloss", dloss, probabilities.shape[:probabilities.ndim - 1])
        check_shape("dprobabilities", dprobabilities, probabilities.shape)
        self.a.dloss, self.a.y = f32(dloss), f32(dprobabilities)
        self.prepare(cross_entropy_gradient_task, &self.a, pieces(self.a.rows, self.a.run), 0,
                     24.0 * probabilities.size, (target, probabilities, dloss), (dprobabilities,))
