# A box of one array copied to a box of another, both with a start and a step along each axis.
#
#     CopyRegion(x, y, size, x_start=..., x_step=..., y_start=..., y_step=...)
#
# Axes that both arrays step over evenly are merged; the last two that remain are the kernel's rows and columns. A task
# is a run of rows.
from fastcnn._core.broadcast import contiguous_strides, merged

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS

cdef enum:
    MAX_AXES = 32


cdef struct RegionArgs:
    const kernel_table* kernels
    const float* x
    float* y
    Py_ssize_t axes                     # outer ones
    Py_ssize_t[MAX_AXES] extents
    Py_ssize_t[MAX_AXES] x_outer
    Py_ssize_t[MAX_AXES] y_outer
    Py_ssize_t rows, columns
    Py_ssize_t x_row, x_column, y_row
    Py_ssize_t all_rows, run            # rows of all matrices together, rows of a task


cdef void region_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RegionArgs* a = <const RegionArgs*>arguments
    cdef Py_ssize_t first = task * a.run, end = min(task * a.run + a.run, a.all_rows)
    cdef Py_ssize_t outer, axis, row, rows
    cdef const float* x
    cdef float* y
    while first < end:
        outer, row = first // a.rows, first % a.rows
        rows = min(a.rows - row, end - first)
        first += rows
        x, y = a.x + row * a.x_row, a.y + row * a.y_row
        axis = a.axes
        while axis > 0:
            axis -= 1
            x += outer % a.extents[axis] * a.x_outer[axis]
            y += outer % a.extents[axis] * a.y_outer[axis]
            outer //= a.extents[axis]
        a.kernels.copy_matrix(rows, a.columns, x, a.x_row, a.x_column, y, a.y_row)


def box(name, array, size, start, step):
    """(offset, strides) of a box in a C-contiguous array, in elements; raises where it leaves the array."""
    offset, strides = 0, []
    if not len(array.shape) == len(size) == len(start) == len(step):
        raise ValueError(f"{name} of shape {tuple(array.shape)} needs a start, a step and a size for each axis")
    for extent, stride, count, first, by in zip(array.shape, contiguous_strides(array.shape), size, start, step):
        last = first + (count - 1) * by
        if count > 0 and not (0 <= first < extent and 0 <= last < extent):
            raise ValueError(f"elements {first} to {last} are outside of an axis of {name}, whose length is {extent}")
        offset += first * stride
        strides.append(stride * by)
    return offset, strides


cdef class CopyRegion(Call):
    """y[y_start::y_step] = x[x_start::x_step], `size` elements along each axis; all of y else stays as it is."""

    cdef RegionArgs a

    def __init__(self, x, y, size, *, x_start=None, x_step=None, y_start=None, y_step=None):
        cdef RegionArgs* a = &self.a
        zeros, ones = (0,) * len(size), (1,) * len(size)
        x_offset, x_strides = box("x", x, size, x_start or zeros, x_step or ones)
        y_offset, y_strides = box("y", y, size, y_start or zeros, y_step or ones)
        shape, (x_strides, y_strides) = merged(size, (x_strides, y_strides))
        shape, x_strides, y_strides = list(shape), list(x_strides), list(y_strides)
        if y_strides[-1] != 1:
            shape, x_strides, y_strides = shape + [1], x_strides + [1], y_strides + [1]
        if len(shape) > MAX_AXES + 2:
            raise ValueError(f"arrays may have at most {MAX_AXES + 2} axes that do not merge, received {len(shape)}")
        empty = 0 in size
        a.kernels = table()
        a.x, a.y = f32(x), f32(y)
        if not empty:
            a.x += <Py_ssize_t>x_offset
            a.y += <Py_ssize_t>y_offset
        a.axes = len(shape) - 2
        a.rows, a.columns = shape[-2:]
        a.x_row, a.x_column = x_strides[-2:]
        a.y_row = y_strides[-2]
        a.all_rows = a.rows
        for axis in range(len(shape) - 2):
            a.extents[<Py_ssize_t>axis] = shape[axis]
            a.x_outer[<Py_ssize_t>axis] = x_strides[axis]
            a.y_outer[<Py_ssize_t>axis] = y_strides[axis]
            a.all_rows *= <Py_ssize_t>shape[axis]
        a.run = max(1, TASK_ELEMENTS // max(1, a.columns))
        cdef Py_ssize_t tasks = 0 if empty else (a.all_rows + a.run - 1) // a.run
        self.prepare(region_task, a, tasks, 0, 8.0 * a.all_rows * a.columns, (x,), (y,))
