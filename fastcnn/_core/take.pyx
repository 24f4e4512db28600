# Picking along an axis by number, and its gradient.
#
#     Take(x[O, N, I], indices, y[O, M, I], outer=, count=, inner=, shared=)
#     TakeGradient(indices, dy[O, M, I], dx[O, N, I], outer=, count=, inner=, shared=)
#
# Indices are int32[M], the same for each of the O blocks, where `shared`; else int32[O, M]. Outer blocks are shared
# out; where there is one, Take cuts it by picks, TakeGradient by columns, as a row of dx may be picked several times.
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, pieces, rows_per_task

cdef enum:
    COLUMN_RUN = 64  # columns of a task of the gradient


cdef struct TakeArgs:
    const kernel_table* kernels
    const int32_t* indices
    const float* source
    float* target
    Py_ssize_t outer
    Py_ssize_t picks
    Py_ssize_t count
    Py_ssize_t inner
    Py_ssize_t index_stride  # from block to block
    Py_ssize_t outer_run
    Py_ssize_t cut           # picks, or columns, of a task


cdef int fill(TakeArgs* a, object x, object indices, object y, Py_ssize_t outer, Py_ssize_t count, Py_ssize_t inner,
              bint shared) except -1:
    """Set the sizes; check that the arrays have them."""
    cdef Py_ssize_t picks = indices.size if shared else indices.size // max(outer, 1)
    if x.size != outer * count * inner:
        raise ValueError(f"x must have {outer * count * inner} elements, received {x.size}")
    if y.size != outer * picks * inner or (not shared and indices.size != outer * picks):
        raise ValueError(f"y must have {outer * picks * inner} elements for indices of shape {indices.shape}, "
                         f"received {y.size}")
    a.kernels, a.indices = table(), i32(indices)
    a.outer, a.picks, a.count, a.inner, a.index_stride = outer, picks, count, inner, 0 if shared else picks
    a.outer_run = rows_per_task(max(picks, count) * inner)
    return 0


cdef void take_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const TakeArgs* a = <const TakeArgs*>arguments
    cdef Py_ssize_t cuts = pieces(a.picks, a.cut), pick = task % cuts * a.cut
    cdef Py_ssize_t first = task // cuts * a.outer_run, block
    for block in range(first, min(first + a.outer_run, a.outer)):
        a.kernels.take(min(a.cut, a.picks - pick), a.count, a.inner, a.inner,
                       a.indices + block * a.index_stride + pick, a.source + block * a.count * a.inner,
                       a.target + (block * a.picks + pick) * a.inner)


cdef class Take(Call):
    """y[o, m] = x[o, indices[m]], runs of `inner` floats."""

    cdef TakeArgs a

    def __init__(self, x, indices, y, *, Py_ssize_t outer, Py_ssize_t count, Py_ssize_t inner, bint shared):
        fill(&self.a, x, indices, y, outer, count, inner, shared)
        self.a.source, self.a.target = f32(x), f32(y)
        self.a.cut = max(1, min(self.a.picks, TASK_ELEMENTS // max(1, inner)))
        cdef Py_ssize_t tasks = pieces(outer, self.a.outer_run) * pieces(self.a.picks, self.a.cut)
        self.prepare(take_task, &self.a, tasks, 0, 8.0 * y.size, (x, indices), (y,))


cdef void take_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const TakeArgs* a = <const TakeArgs*>arguments
    cdef Py_ssize_t cuts = pieces(a.inner, a.cut), column = task % cuts * a.cut
    cdef Py_ssize_t first = task // cuts * a.outer_run, block
    for block in range(first, min(first + a.outer_run, a.outer)):
        a.kernels.take_gradient(a.picks, a.count, min(a.cut, a.inner - column), a.inner,
                                a.indices + block * a.index_stride, a.source + block * a.picks * a.inner + column,
                                a.target + block * a.count * a.inner + column)


cdef class TakeGradient(Call):
    """dx[o, n] = the sum of dy[o, m] over those m whose index is n."""

    cdef TakeArgs a

    def __init__(self, indices, dy, dx, *, Py_ssize_t outer, Py_ssize_t count, Py_ssize_t inner, bint shared):
        fill(&self.a, dx, indices, dy, outer, count, inner, shared)
        self.a.source, self.a.target = f32(dy), f32(dx)
        self.a.cut = max(1, min(inner, <Py_ssize_t>COLUMN_RUN))
        cdef Py_ssize_t tasks = pieces(outer, self.a.outer_run) * pieces(inner, self.a.cut)
        self.prepare(take_gradient_task, &self.a, tasks, 0, 8.0 * (dy.size + dx.size), (indices, dy), (dx,))
