# How element-wise and row-wise drivers cut their work and check their arrays.

cdef enum:
    TASK_ELEMENTS = 16 * 1024  # floats that a task of a memory-bound op reads or writes: 64 KB


cdef inline Py_ssize_t pieces(Py_ssize_t size, Py_ssize_t run) noexcept nogil:
    """Runs of `run` items that make `size` items."""
    return (size + run - 1) // run


cdef inline Py_ssize_t last_axis(str name, object array) except -1:
    """Extent of the last axis."""
    if array.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, received a scalar")
    return array.shape[array.ndim - 1]


cdef inline Py_ssize_t rows_of(Py_ssize_t size, Py_ssize_t columns) noexcept nogil:
    return size // columns if columns > 0 else 0


cdef inline Py_ssize_t rows_per_task(Py_ssize_t columns) noexcept nogil:
    return max(1, TASK_ELEMENTS // max(1, columns))


cdef inline int check_shape(str name, object array, object shape) except -1:
    """Raise unless the array has this shape."""
    if tuple(array.shape) != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, received {tuple(array.shape)}")
    return 0
