# Sums, means and maxima over any axes of a C-contiguous array.
#
#     Reduce(x, y, op="sum", outer=, reduce=, inner=, chunk=, divisor=1)
#                                         x[outer, reduce, inner] -> y[outer, pieces, inner]; op is "sum" or "max"
#     MaxGradient(x, y, dy, dx, outer=, reduce=, inner=)
#                                         dx[outer, reduce, inner] = dy[outer, inner], shared among the maxima y of x
#     reduction_steps(shape, axes)        the calls of Reduce that a reduction takes, as a list of Step
#
# Neighbouring axes are merged, so that kept and reduced ones alternate; one Reduce takes the last run of reduced axes.
# A long run is cut into chunks, whose results a further Reduce takes. The cut depends on the reduced axes and those
# after them only, so a row of a batch has the same bits in any batch.
from collections import namedtuple

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport column_reduction, kernel_table, row_reduction, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, pieces

cdef enum:
    COLUMN_RUN = 1024        # columns that a task sums at a time
    SHORTEST_CHUNK = 64      # rows


Step = namedtuple("Step", "outer reduce inner chunk pieces")


def product(extents):
    cdef Py_ssize_t result = 1
    for extent in extents:
        result *= extent
    return result


def chunk_of(Py_ssize_t reduce, Py_ssize_t inner):
    """How many of the `reduce` rows of `inner` columns are summed in one go."""
    cdef Py_ssize_t columns = max(1, min(inner, COLUMN_RUN))
    cdef Py_ssize_t chunk = max(<Py_ssize_t>SHORTEST_CHUNK, TASK_ELEMENTS // columns)
    return chunk if reduce >= 2 * chunk else max(reduce, 1)


def reduction_steps(shape, axes):
    """The sums, in order, that make a reduction over `axes` (not negative); each works on the result of the last."""
    cdef bint reduced
    groups = []  # [reduced, extent], neighbours differing
    for axis, extent in enumerate(shape):
        reduced = axis in axes
        if extent == 1:
            continue
        if groups and bool(groups[-1][0]) == reduced:
            groups[-1][1] *= extent
        else:
            groups.append([reduced, extent])
    steps = []
    while any(group[0] for group in groups):
        last = max(i for i, group in enumerate(groups) if group[0])
        outer = product(group[1] for group in groups[:last])
        reduce, inner = groups[last][1], product(group[1] for group in groups[last + 1:])
        chunk = chunk_of(reduce, inner)
        count = pieces(reduce, chunk) if reduce > 0 else 1
        steps.append(Step(outer, reduce, inner, chunk, count))
        if count > 1:
            groups[last][1] = count
        else:
            del groups[last]
    return steps or [Step(1, 1, product(shape), 1, 1)]


cdef struct ReduceArgs:
    const kernel_table* kernels
    row_reduction of_row
    column_reduction of_columns
    const float* x
    float* y
    float divisor
    Py_ssize_t outer
    Py_ssize_t reduce
    Py_ssize_t inner
    Py_ssize_t chunk
    Py_ssize_t chunks
    Py_ssize_t column_run
    Py_ssize_t items     # (outer, chunk, run of columns)
    Py_ssize_t run       # items of a task


cdef void divide(const ReduceArgs* a, Py_ssize_t size, float* y) noexcept nogil:
    if a.divisor != 1:
        a.kernels.binary_divide(1, size, y, size, 1, &a.divisor, 0, 0, y)


cdef void reduce_item(const ReduceArgs* a, Py_ssize_t item) noexcept nogil:
    cdef Py_ssize_t column_pieces = pieces(a.inner, a.column_run)
    cdef Py_ssize_t column = item % column_pieces * a.column_run
    cdef Py_ssize_t columns = min(a.column_run, a.inner - column)
    cdef Py_ssize_t chunk = item // column_pieces % a.chunks
    cdef Py_ssize_t outer = item // column_pieces // a.chunks
    cdef Py_ssize_t rows = min(a.chunk, a.reduce - chunk * a.chunk)
    cdef const float* x = a.x + (outer * a.reduce + chunk * a.chunk) * a.inner + column
    cdef float* y = a.y + (outer * a.chunks + chunk) * a.inner + column
    if a.inner == 1:
        a.of_row(1, rows, x, y)
    else:
        a.of_columns(x, rows, columns, a.inner, y)
    divide(a, columns, y)


cdef void reduce_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ReduceArgs* a = <const ReduceArgs*>arguments
    cdef Py_ssize_t first = task * a.run, last = min(first + a.run, a.items), item
    if a.inner == 1 and a.chunks == 1:
        a.of_row(last - first, a.reduce, a.x + first * a.reduce, a.y + first)
        divide(a, last - first, a.y + first)
    else:
        for item in range(first, last):
            reduce_item(a, item)


cdef class Reduce(Call):
    """y[outer, pieces, inner] = sums or maxima of chunks of x[outer, reduce, inner], divided by `divisor`."""

    cdef ReduceArgs a

    def __init__(self, x, y, *, str op, Py_ssize_t outer, Py_ssize_t reduce, Py_ssize_t inner, Py_ssize_t chunk,
                 float divisor=1):
        cdef Py_ssize_t chunks = pieces(reduce, chunk) if reduce > 0 else 1
        cdef const kernel_table* k = table()
        cdef bint largest = op == "max"
        if op not in ("sum", "max"):
            raise ValueError(f"op must be 'sum' or 'max', received {op!r}")
        if largest and reduce == 0:
            raise ValueError("there is no largest of no elements")
        if x.size != outer * reduce * inner:
            raise ValueError(f"x must have {outer * reduce * inner} elements, received {x.size}")
        if y.size != outer * chunks * inner:
            raise ValueError(f"y must have {outer * chunks * inner} elements, received {y.size}")
        cdef Py_ssize_t column_run = max(1, min(inner, <Py_ssize_t>COLUMN_RUN))
        cdef Py_ssize_t items = outer * chunks * pieces(inner, column_run)
        cdef Py_ssize_t run = max(1, TASK_ELEMENTS // max(1, min(chunk, reduce) * column_run))
        self.a = ReduceArgs(k, k.row_sums, k.column_sums, f32(x), f32(y), divisor, outer, reduce, inner, chunk, chunks,
                            column_run, items, run)
        if largest:
            self.a.of_row, self.a.of_columns = k.row_maxima, k.column_maxima
        self.prepare(reduce_task, &self.a, pieces(items, run), 0, 4.0 * x.size, (x,), (y,))


cdef struct MaxGradientArgs:
    const kernel_table* kernels
    const float* x
    const float* y
    const float* dy
    float* dx
    Py_ssize_t outer
    Py_ssize_t reduce
    Py_ssize_t inner
    Py_ssize_t column_run
    Py_ssize_t items     # (outer, run of columns), or rows where inner is 1
    Py_ssize_t run       # items of a task


cdef void max_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MaxGradientArgs* a = <const MaxGradientArgs*>arguments
    cdef Py_ssize_t first = task * a.run, last = min(first + a.run, a.items), item, outer, column, at
    cdef Py_ssize_t column_pieces = pieces(a.inner, a.column_run)
    if a.inner == 1:
        at = first * a.reduce
        a.kernels.row_maxima_gradient(last - first, a.reduce, a.x + at, a.y + first, a.dy + first, a.dx + at)
        return
    for item in range(first, last):
        outer, column = item // column_pieces, item % column_pieces * a.column_run
        at = outer * a.reduce * a.inner + column
        a.kernels.column_maxima_gradient(a.x + at, a.reduce, min(a.column_run, a.inner - column), a.inner,
                                         a.y + outer * a.inner + column, a.dy + outer * a.inner + column, a.dx + at)


cdef class MaxGradient(Call):
    """dx = dy where x is the largest of its run y, shared evenly among equal ones; 0 elsewhere."""

    cdef MaxGradientArgs a

    def __init__(self, x, y, dy, dx, *, Py_ssize_t outer, Py_ssize_t reduce, Py_ssize_t inner):
        for array, size in ((x, outer * reduce * inner), (dx, outer * reduce * inner), (y, outer * inner),
                            (dy, outer * inner)):
            if array.size != size:
                raise ValueError(f"expected an array of {size} elements, received {array.size}")
        cdef Py_ssize_t column_run = max(1, min(inner, <Py_ssize_t>COLUMN_RUN))
        cdef Py_ssize_t items = outer * pieces(inner, column_run) if reduce else 0
        cdef Py_ssize_t run = max(1, TASK_ELEMENTS // max(1, reduce * column_run))
        self.a = MaxGradientArgs(table(), f32(x), f32(y), f32(dy), f32(dx), outer, reduce, inner, column_run, items,
                                 run)
        self.prepare(max_gradient_task, &self.a, pieces(items, run), 0, 4.0 * x.size, (x, y, dy), (dx,))
