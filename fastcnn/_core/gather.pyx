# The rows of a batch, fetched from the caller's arrays and converted on the way.
#
#     GatherRows(source, indices int64[...] or None, cursor int64[1], out[B, ...])
#         out[i] = source[indices[cursor[0] + i]], or source[cursor[0] + i] without indices
#         without a source nothing is fetched
#
# The source is an array of any number type and any strides: rows that do not lie together are picked together a few
# hundred elements at a time, so that slices, flips and transposed arrays need no copy. Out is float32 or int32. A plan
# is kept from one fit to the next while its data change: `bind` points the call at other arrays. So source and indices
# are not among the arrays that the plan orders its calls by, and nothing may write to them while it runs. Whoever sets
# the cursor answers for the indices: they are not checked here.
from cpython.buffer cimport PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy

from fastcnn._core.buffer cimport f32, i32, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport (
    FASTCNN_FLOAT16,
    FASTCNN_FLOAT32,
    FASTCNN_FLOAT64,
    FASTCNN_INT8,
    FASTCNN_INT16,
    FASTCNN_INT32,
    FASTCNN_INT64,
    FASTCNN_UINT8,
    FASTCNN_UINT16,
    FASTCNN_UINT32,
    FASTCNN_UINT64,
    kernel_table,
    table,
)
from fastcnn._core.tasks cimport pieces, rows_per_task

ELEMENT_TYPES = {
    "bool": FASTCNN_UINT8, "uint8": FASTCNN_UINT8, "int8": FASTCNN_INT8,
    "uint16": FASTCNN_UINT16, "int16": FASTCNN_INT16, "uint32": FASTCNN_UINT32, "int32": FASTCNN_INT32,
    "uint64": FASTCNN_UINT64, "int64": FASTCNN_INT64,
    "float16": FASTCNN_FLOAT16, "float32": FASTCNN_FLOAT32, "float64": FASTCNN_FLOAT64,
}


cdef dict known_types = {}  # by dtype: finding the name of one takes long


def element_type_of(dtype):
    """The kernels' number for a dtype."""
    if dtype.name not in ELEMENT_TYPES or not dtype.isnative:
        raise TypeError(f"source must have one of the dtypes {tuple(ELEMENT_TYPES)} in native byte order, "
                        f"received {dtype!r}; convert it with astype first")
    return ELEMENT_TYPES[dtype.name]


MOST_AXES = AXES
"""Axes that the rows of a source may have."""

cdef enum:
    AXES = 8
    PICKED = 512  # elements that are picked together at once


cdef struct GatherArgs:
    const kernel_table* kernels
    const char* source
    const int64_t* indices   # NULL: rows in order
    const int64_t* cursor
    float* floats            # one of these is NULL
    int32_t* integers
    int element_type
    Py_ssize_t row_bytes     # of the source: from one row to the next
    Py_ssize_t item_bytes
    int axes                 # of a row whose elements do not lie together: 2 or more; else 0
    Py_ssize_t shape[AXES]
    Py_ssize_t strides[AXES]
    Py_ssize_t row_size
    Py_ssize_t rows
    Py_ssize_t run


cdef inline void convert(const GatherArgs* a, Py_ssize_t size, const char* source, Py_ssize_t at) noexcept nogil:
    """`size` elements that lie together, to element number `at` of the output."""
    if a.floats != NULL:
        a.kernels.convert_to_float32(a.element_type, size, source, a.floats + at)
    else:
        a.kernels.convert_to_int32(a.element_type, size, source, a.integers + at)


cdef inline void pick_items(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t down, Py_ssize_t across, Py_ssize_t item,
                            const char* source, char* picked) noexcept nogil:
    """Elements of `item` bytes (a constant where this is inlined) at i * down + j * across, in order of i, then j. The
    longer axis is the inner loop: an image with its channels in front has runs of pixels, not of channels."""
    cdef Py_ssize_t i, j
    if rows > columns:
        for j in range(columns):
            for i in range(rows):
                memcpy(picked + (i * columns + j) * item, source + i * down + j * across, item)
    else:
        for i in range(rows):
            for j in range(columns):
                memcpy(picked + (i * columns + j) * item, source + i * down + j * across, item)


cdef void pick(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t down, Py_ssize_t across, Py_ssize_t item,
               const char* source, char* picked) noexcept nogil:
    if item == 1:
        pick_items(rows, columns, down, across, 1, source, picked)
    elif item == 2:
        pick_items(rows, columns, down, across, 2, source, picked)
    elif item == 4:
        pick_items(rows, columns, down, across, 4, source, picked)
    else:
        pick_items(rows, columns, down, across, 8, source, picked)


cdef void gather_picked(const GatherArgs* a, const char* source, Py_ssize_t at) noexcept nogil:
    """A row of which the elements do not lie together: block by block of its last two axes."""
    cdef double room[PICKED]  # aligned for elements of any type
    cdef char* picked = <char*>room
    cdef Py_ssize_t index[AXES]
    cdef int outer = a.axes - 2, axis
    cdef Py_ssize_t rows = a.shape[outer], columns = a.shape[outer + 1], i, j, high, wide
    cdef Py_ssize_t down = a.strides[outer], across = a.strides[outer + 1]
    for axis in range(outer):
        index[axis] = 0
    while True:
        i = 0
        while i < rows:
            high = min(max(PICKED // columns, 1), rows - i)
            j = 0
            while j < columns:
                wide = min(PICKED, columns - j)
                pick(high, wide, down, across, a.item_bytes, source + i * down + j * across, picked)
                convert(a, high * wide, picked, at)
                at += high * wide
                j += wide
            i += high
        axis = outer - 1
        while axis >= 0:
            index[axis] += 1
            source += a.strides[axis]
            if index[axis] < a.shape[axis]:
                break
            source -= a.shape[axis] * a.strides[axis]
            index[axis] = 0
            axis -= 1
        if axis < 0:
            return


cdef void gather_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GatherArgs* a = <const GatherArgs*>arguments
    cdef Py_ssize_t first = task * a.run, i
    cdef int64_t row
    cdef const char* source
    if a.source == NULL:
        return
    for i in range(first, min(first + a.run, a.rows)):
        row = a.cursor[0] + i
        if a.indices != NULL:
            row = a.indices[row]
        source = a.source + row * a.row_bytes
        if a.axes:
            gather_picked(a, source, i * a.row_size)
        else:
            convert(a, a.row_size, source, i * a.row_size)


cdef class GatherRows(Call):
    """out[i] = row number indices[cursor + i] of the source, converted to float32 or int32."""

    cdef GatherArgs a
    cdef readonly tuple row_shape
    cdef object dtype        # of the source before
    cdef readonly object source
    cdef readonly object indices

    def __init__(self, source, indices, cursor, out):
        if out.ndim == 0:
            raise ValueError("out must have a first axis for the rows, received a scalar")
        if out.dtype.name not in ("float32", "int32"):
            raise TypeError(f"out must be an array of float32 or int32, received one of {out.dtype}")
        if cursor.shape != (1,):
            raise ValueError(f"cursor must have shape (1,), received {cursor.shape}")
        self.row_shape = tuple(out.shape[1:])
        cdef Py_ssize_t row_size = 1
        for extent in self.row_shape:
            row_size *= extent
        self.a.kernels, self.a.cursor = table(), i64(cursor)
        self.a.floats, self.a.integers = NULL, NULL
        if out.dtype.name == "float32":
            self.a.floats = f32(out)
        else:
            self.a.integers = i32(out)
        self.a.row_size, self.a.rows, self.a.run = row_size, out.shape[0], rows_per_task(row_size)
        self.unbind()
        if source is not None:
            self.bind(source, indices)
        self.prepare(gather_task, &self.a, pieces(out.shape[0], self.a.run), 0, 8.0 * out.size, (cursor,), (out,))

    def bind(self, source, indices):
        """Fetch from these arrays from now on. Rows must have as many elements as those of out."""
        cdef Py_buffer view
        PyObject_GetBuffer(source, &view, PyBUF_STRIDES)
        cdef const char* data = <const char*>view.buf
        cdef Py_ssize_t row_size = 1, item_bytes = view.itemsize, row_bytes = view.strides[0] if view.ndim else 0
        cdef Py_ssize_t shape[AXES]
        cdef Py_ssize_t strides[AXES]
        cdef int axis, axes = view.ndim, joined = 0
        for axis in range(1, axes):
            row_size *= view.shape[axis]
            if view.shape[axis] == 1:
                continue
            if 0 < joined <= AXES and strides[joined - 1] == view.shape[axis] * view.strides[axis]:
                shape[joined - 1] *= view.shape[axis]
                strides[joined - 1] = view.strides[axis]
            else:
                if joined < AXES:
                    shape[joined], strides[joined] = view.shape[axis], view.strides[axis]
                joined += 1
        PyBuffer_Release(&view)
        if axes == 0:
            raise ValueError("source must have a first axis for the rows, received a scalar")
        if joined > AXES:
            raise ValueError(f"source must have at most {AXES + 1} axes, or be contiguous, received {axes} axes")
        if row_size != self.a.row_size:
            raise ValueError(f"source must have rows of {self.a.row_size} elements, shaped {self.row_shape} or "
                             f"flattened, received rows of shape {tuple(source.shape[1:])}")
        cdef int element_type = self.a.element_type
        dtype = source.dtype
        if dtype is not self.dtype:
            number = known_types.get(dtype)
            if number is None:
                number = known_types[dtype] = element_type_of(dtype)
            element_type = number
        cdef const int64_t* rows = NULL
        if indices is not None:
            if indices.ndim != 1:
                raise ValueError(f"indices must have one axis, received shape {indices.shape}")
            rows = i64(indices)
        self.a.source, self.a.indices, self.a.element_type = data, rows, element_type
        self.a.row_bytes, self.a.item_bytes = row_bytes, item_bytes
        self.a.axes = 0
        if row_size and joined and (joined > 1 or strides[0] != item_bytes):
            if joined == 1:  # one axis as two
                shape[1], strides[1] = shape[0], strides[0]
                shape[0], strides[0] = 1, 0
            self.a.axes = max(joined, 2)
            for axis in range(self.a.axes):
                self.a.shape[axis], self.a.strides[axis] = shape[axis], strides[axis]
        self.dtype, self.source, self.indices = dtype, source, indices

    def unbind(self):
        """Let go of the arrays."""
        self.a.source, self.a.indices = NULL, NULL
        self.source, self.indices = None, None
