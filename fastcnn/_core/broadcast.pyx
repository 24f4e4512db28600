# Ops that pair elements of arrays of different shapes or orders of axes.
#
#     Binary(a, b, y, op="add")         NumPy's broadcasting; y may be an operand of its own shape
#     BroadcastTo(x, y), Transpose(x, y, axes=(...))
#
# Every operand is seen as strides over the shape of y, 0 where it is repeated. Axes that all operands step over evenly
# are merged, so equal shapes become one axis, and a row added to a matrix two. The last two axes that remain are the
# kernel's rows and columns; `Grid` counts the outer ones.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport binary_kernel, kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

BINARY_OPS = (
    "add", "subtract", "multiply", "divide", "maximum", "minimum", "equal", "greater", "greater_equal", "not_equal",
    "masked", "power",
)

cdef enum:
    MAX_AXES = 32
    STRIDED_COLUMNS = 1024  # columns of a task whose source steps over memory: leaves room for whole blocks of rows


def contiguous_strides(shape):
    """Strides, in elements, of a C-contiguous array."""
    strides, size = [], 1
    for extent in reversed(shape):
        strides.append(size)
        size *= extent
    return strides[::-1]


def broadcast_strides(name, shape, target):
    """Strides over the shape `target` of a C-contiguous array: 0 along the axes that repeat it."""
    missing = len(target) - len(shape)
    extents = [1] * missing + list(shape)
    if missing < 0 or any(extent not in (1, wanted) for extent, wanted in zip(extents, target)):
        raise ValueError(f"{name} of shape {tuple(shape)} does not broadcast to shape {tuple(target)}")
    strides = [0] * missing + contiguous_strides(shape)
    return [0 if extent == 1 else stride for extent, stride in zip(extents, strides)]


def merged(shape, operands):
    """The same loops over fewer axes, two at least: (shape, strides per operand)."""
    axes = []  # (extent, strides of the operands), outermost first
    for extent, *strides in zip(shape, *operands):
        if extent == 1:
            continue
        if axes and all(outer == inner * extent for outer, inner in zip(axes[-1][1], strides)):
            axes[-1] = (axes[-1][0] * extent, strides)
        else:
            axes.append((extent, strides))
    while len(axes) < 2:
        axes.insert(0, (1, [0] * len(operands)) if axes else (1, [1] * len(operands)))
    return [extent for extent, _ in axes], list(zip(*(strides for _, strides in axes)))


cdef struct Grid:
    Py_ssize_t axes                # outer ones
    Py_ssize_t[MAX_AXES] extents
    Py_ssize_t outer               # their product
    Py_ssize_t rows
    Py_ssize_t columns
    Py_ssize_t outer_run           # of a task
    Py_ssize_t row_run
    Py_ssize_t column_run


cdef struct Block:
    Py_ssize_t outer
    Py_ssize_t last_outer
    Py_ssize_t row
    Py_ssize_t rows
    Py_ssize_t column
    Py_ssize_t columns


cdef int set_grid(Grid* g, list outer_extents, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t column_run) except -1:
    g.axes, g.outer, g.rows, g.columns = len(outer_extents), 1, rows, columns
    if g.axes > MAX_AXES:
        raise ValueError(f"arrays may have at most {MAX_AXES + 2} axes that do not merge, received {g.axes + 2}")
    for axis, extent in enumerate(outer_extents):
        g.extents[<Py_ssize_t>axis] = extent
        g.outer *= extent
    g.column_run = max(1, min(columns, column_run))
    g.row_run = max(1, min(rows, TASK_ELEMENTS // g.column_run))
    g.outer_run = max(1, TASK_ELEMENTS // max(1, rows * columns))
    return 0


cdef Py_ssize_t task_count(const Grid* g) noexcept nogil:
    return pieces(g.outer, g.outer_run) * pieces(g.rows, g.row_run) * pieces(g.columns, g.column_run)


cdef Block block_of(const Grid* g, Py_ssize_t task) noexcept nogil:
    cdef Block block
    cdef Py_ssize_t column_pieces = pieces(g.columns, g.column_run), row_pieces = pieces(g.rows, g.row_run)
    block.column = task % column_pieces * g.column_run
    block.columns = min(g.column_run, g.columns - block.column)
    block.row = task // column_pieces % row_pieces * g.row_run
    block.rows = min(g.row_run, g.rows - block.row)
    block.outer = task // column_pieces // row_pieces * g.outer_run
    block.last_outer = min(block.outer + g.outer_run, g.outer)
    return block


cdef Py_ssize_t offset(const Grid* g, const Py_ssize_t* strides, Py_ssize_t outer) noexcept nogil:
    """Where an operand's matrix number `outer` starts."""
    cdef Py_ssize_t at = 0, axis = g.axes
    while axis > 0:
        axis -= 1
        at += outer % g.extents[axis] * strides[axis]
        outer //= g.extents[axis]
    return at


cdef struct Operand:
    const float* data
    Py_ssize_t row
    Py_ssize_t column
    Py_ssize_t[MAX_AXES] outer


cdef int set_operand(Operand* operand, object array, tuple strides) except -1:
    operand.data = f32(array)
    *outer, operand.row, operand.column = strides
    for axis, stride in enumerate(outer):
        operand.outer[<Py_ssize_t>axis] = stride
    return 0


cdef binary_kernel kernel_named(str op) except NULL:
    cdef const kernel_table* k = table()
    cdef binary_kernel* kernels = [
        k.binary_add, k.binary_subtract, k.binary_multiply, k.binary_divide, k.binary_maximum, k.binary_minimum,
        k.binary_equal, k.binary_greater, k.binary_greater_equal, k.binary_not_equal, k.binary_masked, k.binary_power,
    ]
    if op not in BINARY_OPS:
        raise ValueError(f"op must be one of {BINARY_OPS}, received {op!r}")
    return kernels[<Py_ssize_t>BINARY_OPS.index(op)]


cdef struct BinaryArgs:
    binary_kernel kernel
    Grid grid
    Operand a
    Operand b
    float* y


cdef void binary_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const BinaryArgs* p = <const BinaryArgs*>arguments
    cdef const Grid* g = &p.grid
    cdef Block block = block_of(g, task)
    cdef Py_ssize_t outer
    for outer in range(block.outer, block.last_outer):
        p.kernel(
            block.rows, block.columns,
            p.a.data + offset(g, p.a.outer, outer) + block.row * p.a.row + block.column * p.a.column,
            p.a.row, p.a.column,
            p.b.data + offset(g, p.b.outer, outer) + block.row * p.b.row + block.column * p.b.column,
            p.b.row, p.b.column,
            p.y + (outer * g.rows + block.row) * g.columns + block.column)


cdef class Binary(Call):
    """y = op(a, b) with NumPy's broadcasting; comparisons give 1 and 0."""

    cdef BinaryArgs p

    def __init__(self, a, b, y, *, str op):
        strides = broadcast_strides("a", a.shape, y.shape), broadcast_strides("b", b.shape, y.shape)
        shape, (a_strides, b_strides) = merged(y.shape, strides)
        self.p.kernel = kernel_named(op)
        # A task of several rows takes whole ones, as the kernel writes them one after the other.
        set_grid(&self.p.grid, shape[:-2], shape[-2], shape[-1], TASK_ELEMENTS)
        set_operand(&self.p.a, a, a_strides)
        set_operand(&self.p.b, b, b_strides)
        self.p.y = f32(y)
        self.prepare(binary_task, &self.p, task_count(&self.p.grid), 0, 12.0 * y.size, (a, b), (y,))


cdef struct CopyArgs:
    const kernel_table* kernels
    Grid grid
    Operand x
    Operand y     # its data are written
    float* target


cdef void copy_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const CopyArgs* p = <const CopyArgs*>arguments
    cdef const Grid* g = &p.grid
    cdef Block block = block_of(g, task)
    cdef Py_ssize_t outer
    cdef const float* x
    cdef float* y
    for outer in range(block.outer, block.last_outer):
        x = p.x.data + offset(g, p.x.outer, outer) + block.row * p.x.row + block.column * p.x.column
        y = p.target + offset(g, p.y.outer, outer) + block.row * p.y.row + block.column
        if p.x.row == 1 and p.x.column > 1:
            p.kernels.transpose_block(block.columns, block.rows, p.x.column, p.y.row, x, y)
        else:
            p.kernels.copy_matrix(block.rows, block.columns, x, p.x.row, p.x.column, y, p.y.row)


cdef class StridedCopy(Call):
    """y = x seen with other strides (in elements) over the shape of y; what broadcasting and transposing share."""

    cdef CopyArgs p

    cdef int prepare_copy(self, object x, object y, list strides) except -1:
        shape, (x_strides, y_strides) = merged(y.shape, (strides, contiguous_strides(y.shape)))
        order = list(range(len(shape)))
        if x_strides[-1] not in (0, 1) and 1 in x_strides:
            # The axis along which the source is contiguous becomes the rows: then a matrix is transposed.
            rows = x_strides.index(1)
            order.insert(len(shape) - 2, order.pop(rows))
        shape = [shape[axis] for axis in order]
        x_strides = tuple(x_strides[axis] for axis in order)
        y_strides = tuple(y_strides[axis] for axis in order)
        column_run = TASK_ELEMENTS if x_strides[-1] in (0, 1) else STRIDED_COLUMNS
        self.p.kernels = table()
        set_grid(&self.p.grid, shape[:-2], shape[-2], shape[-1], column_run)
        set_operand(&self.p.x, x, x_strides)
        set_operand(&self.p.y, y, y_strides)
        self.p.target = f32(y)
        return self.prepare(copy_task, &self.p, task_count(&self.p.grid), 0, 8.0 * y.size, (x,), (y,))


cdef class BroadcastTo(StridedCopy):
    """y = x repeated along the axes where NumPy's rules repeat it."""

    def __init__(self, x, y):
        self.prepare_copy(x, y, broadcast_strides("x", x.shape, y.shape))


cdef class Transpose(StridedCopy):
    """y = x with its axes in another order: axis i of y is axis axes[i] of x."""

    def __init__(self, x, y, *, axes):
        axes = tuple(axes)
        if sorted(axes) != list(range(x.ndim)):
            raise ValueError(f"axes must be the numbers 0 to {x.ndim - 1} in some order, received {axes}")
        check_shape("y", y, [x.shape[axis] for axis in axes])
        strides = contiguous_strides(x.shape)
        self.prepare_copy(x, y, [strides[axis] for axis in axes])
