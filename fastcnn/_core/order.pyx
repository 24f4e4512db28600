# Ranks within rows, running sums, and counts by number.
#
#     ArgMax(x[..., C], y int32[...])
#     TopK(x[..., C], values[..., K], positions int32[..., K])         largest first
#     SearchSorted(bounds[B], x[...], y int32[...], right=)       how many bounds lie below x (with right: not above)
#     CumulativeSum(x, y, axis=, reverse=)
#     BinCount(x int32[N], weights[N] or None, partials[P, bins])      P = bincount_partials(N, bins), to be added up
#
# Rows are shared out, or runs of elements.
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, last_axis, pieces, rows_of, rows_per_task

cdef enum:
    COLUMN_RUN = 1024  # columns of a task that sums along an axis before the last


cdef struct RowArgs:
    const kernel_table* kernels
    const float* x
    float* values        # of TopK, else NULL
    int32_t* positions
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t k
    Py_ssize_t run


cdef void argmax_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RowArgs* a = <const RowArgs*>arguments
    cdef Py_ssize_t row = task * a.run
    a.kernels.argmax(min(a.run, a.rows - row), a.columns, a.x + row * a.columns, a.positions + row)


cdef class ArgMax(Call):
    """y = position of the largest of each row."""

    cdef RowArgs a

    def __init__(self, x, y):
        cdef Py_ssize_t columns = last_axis("x", x), run = rows_per_task(columns)
        check_shape("y", y, x.shape[:x.ndim - 1])
        self.a = RowArgs(table(), f32(x), NULL, i32(y), rows_of(x.size, columns), columns, 1, run)
        self.prepare(argmax_task, &self.a, pieces(self.a.rows, run), 0, 8.0 * x.size, (x,), (y,))


cdef void top_k_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RowArgs* a = <const RowArgs*>arguments
    cdef Py_ssize_t row = task * a.run
    a.kernels.top_k(min(a.run, a.rows - row), a.columns, a.k, a.x + row * a.columns, a.values + row * a.k,
                    a.positions + row * a.k)


cdef class TopK(Call):
    """The k largest of each row, largest first, and where they are."""

    cdef RowArgs a

    def __init__(self, x, values, positions):
        cdef Py_ssize_t columns = last_axis("x", x), run = rows_per_task(columns), k = last_axis("values", values)
        if k > columns:
            raise ValueError(f"values must have at most {columns} columns, as x has, received {k}")
        check_shape("values", values, (*x.shape[:x.ndim - 1], k))
        check_shape("positions", positions, values.shape)
        self.a = RowArgs(table(), f32(x), f32(values), i32(positions), rows_of(x.size, columns), columns, k, run)
        self.prepare(top_k_task, &self.a, pieces(self.a.rows, run), 0, 16.0 * x.size, (x,), (values, positions))


cdef struct SearchArgs:
    const kernel_table* kernels
    const float* bounds
    const float* x
    int32_t* y
    Py_ssize_t count
    Py_ssize_t size
    int right


cdef void search_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SearchArgs* a = <const SearchArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    a.kernels.searchsorted(min(<Py_ssize_t>TASK_ELEMENTS, a.size - start), a.count, a.bounds, a.right, a.x + start,
                           a.y + start)


cdef class SearchSorted(Call):
    """y = how many of the sorted bounds lie below x; with `right`, not above it."""

    cdef SearchArgs a

    def __init__(self, bounds, x, y, *, bint right):
        check_shape("y", y, x.shape)
        check_shape("bounds", bounds, (bounds.size,))
        self.a = SearchArgs(table(), f32(bounds), f32(x), i32(y), bounds.size, x.size, right)
        self.prepare(search_task, &self.a, pieces(x.size, TASK_ELEMENTS), 0, 32.0 * x.size, (bounds, x), (y,))


cdef struct CumulativeArgs:
    const kernel_table* kernels
    const float* x
    float* y
    Py_ssize_t outer
    Py_ssize_t rows       # along the axis
    Py_ssize_t inner
    Py_ssize_t column_run
    Py_ssize_t outer_run
    bint reverse


cdef void cumulative_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const CumulativeArgs* a = <const CumulativeArgs*>arguments
    cdef Py_ssize_t column_pieces = pieces(a.inner, a.column_run)
    cdef Py_ssize_t column = task % column_pieces * a.column_run
    cdef Py_ssize_t columns = min(a.column_run, a.inner - column)
    cdef Py_ssize_t first = task // column_pieces * a.outer_run, outer, at
    for outer in range(first, min(first + a.outer_run, a.outer)):
        at = outer * a.rows * a.inner + column
        if a.reverse:
            at += (a.rows - 1) * a.inner
        a.kernels.cumulative_sums(a.rows, columns, -a.inner if a.reverse else a.inner, a.x + at, a.y + at)


cdef class CumulativeSum(Call):
    """y[i] = x[0] + ... + x[i] along an axis; with `reverse`, from the end."""

    cdef CumulativeArgs a

    def __init__(self, x, y, *, Py_ssize_t axis, bint reverse):
        check_shape("y", y, x.shape)
        cdef Py_ssize_t outer = 1, inner = 1, rows = x.shape[axis]
        for extent in x.shape[:axis]:
            outer *= extent
        for extent in x.shape[axis + 1:]:
            inner *= extent
        cdef Py_ssize_t column_run = max(1, min(inner, <Py_ssize_t>COLUMN_RUN))
        cdef Py_ssize_t outer_run = rows_per_task(rows * inner)
        self.a = CumulativeArgs(table(), f32(x), f32(y), outer, rows, inner, column_run, outer_run, reverse)
        cdef Py_ssize_t tasks = pieces(outer, outer_run) * pieces(inner, column_run) if rows > 0 else 0
        self.prepare(cumulative_task, &self.a, tasks, 0, 8.0 * x.size, (x,), (y,))


def bincount_partials(Py_ssize_t size, Py_ssize_t bins):
    """Into how many runs the counting of `size` numbers is cut: each clears and fills bins of its own."""
    return max(1, min(64, size // max(4 * <Py_ssize_t>TASK_ELEMENTS, 4 * bins)))


cdef struct BinCountArgs:
    const kernel_table* kernels
    const int32_t* x
    const float* weights  # or NULL
    float* partials
    Py_ssize_t size
    Py_ssize_t bins
    Py_ssize_t run


cdef void bincount_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const BinCountArgs* a = <const BinCountArgs*>arguments
    cdef Py_ssize_t start = min(task * a.run, a.size)
    cdef const float* weights = a.weights
    if weights != NULL:
        weights += start
    a.kernels.bincount(min(a.run, a.size - start), a.bins, a.x + start, weights, a.partials + task * a.bins)


cdef class BinCount(Call):
    """partials[P, bins] = how often each number occurs in each of P runs of x, or the sum of the weights there."""

    cdef BinCountArgs a

    def __init__(self, x, weights, partials):
        cdef Py_ssize_t count = partials.shape[0], bins = last_axis("partials", partials)
        check_shape("partials", partials, (bincount_partials(x.size, bins), bins))
        self.a = BinCountArgs(table(), i32(x), NULL, f32(partials), x.size, bins, pieces(x.size, count))
        reads = (x,)
        if weights is not None:
            check_shape("weights", weights, x.shape)
            self.a.weights = f32(weights)
            reads = (x, weights)
        self.prepare(bincount_task, &self.a, count, 0, 8.0 * x.size, reads, (partials,))
