# Cast(x, y): float32 to int32, towards zero, or int32 to float32, element by element, as C converts.
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport FASTCNN_FLOAT32, FASTCNN_INT32, kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces


cdef struct CastArgs:
    const kernel_table* kernels
    float* floats
    int32_t* integers
    Py_ssize_t size
    bint to_float


cdef void cast_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const CastArgs* a = <const CastArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS, n = min(<Py_ssize_t>TASK_ELEMENTS, a.size - start)
    if a.to_float:
        a.kernels.convert_to_float32(FASTCNN_INT32, n, a.integers + start, a.floats + start)
    else:
        a.kernels.convert_to_int32(FASTCNN_FLOAT32, n, a.floats + start, a.integers + start)


cdef class Cast(Call):
    """y = x as the element type of y."""

    cdef CastArgs a

    def __init__(self, x, y):
        check_shape("y", y, x.shape)
        cdef bint to_float = y.dtype.name == "float32"
        self.a = CastArgs(table(), f32(y if to_float else x), i32(x if to_float else y), x.size, to_float)
        self.prepare(cast_task, &self.a, pieces(x.size, TASK_ELEMENTS), 0, 4.0 * x.size, (x,), (y,))
