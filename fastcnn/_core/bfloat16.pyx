# Whether products in bfloat16 have kernels of their own here, and the rounding of operands where they have not.
#
#     multiplies_bfloat16()      whether the processor has the instructions, and they are not switched off
#     RoundToBfloat16(x, y)      y = the nearest bfloat16 of each x, as float32; y may be x
import os

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

enabled = os.environ.get("FASTCNN_BFLOAT16") != "0"


def multiplies_bfloat16():
    """Whether the kernels of csrc/bfloat16.h are there and may be used."""
    return enabled and table().gemm_bfloat16 != NULL


cdef struct RoundArgs:
    const kernel_table* kernels
    const float* x
    float* y
    Py_ssize_t size


cdef void round_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RoundArgs* a = <const RoundArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    a.kernels.unary_bfloat16(min(<Py_ssize_t>TASK_ELEMENTS, a.size - start), a.x + start, a.y + start)


cdef class RoundToBfloat16(Call):
    """y = x, rounded element by element to the nearest bfloat16, of two as near to the even one."""

    cdef RoundArgs a

    def __init__(self, x, y):
        check_shape("y", y, x.shape)
        self.a = RoundArgs(table(), f32(x), f32(y), x.size)
        self.prepare(round_task, &self.a, pieces(x.size, TASK_ELEMENTS), 0, 8.0 * x.size, (x,), (y,))
