# Dropout: y = x / (1 - rate) where a counter-based random mask keeps an element, else 0; also its own gradient.
#
#     Dropout(x, state int64[2], y, rate=, salt=)     state = (seed, step counter), read when the call runs
#
# The mask of element i depends on seed, step, salt and i alone: see csrc/dropout.c.
from libc.stdint cimport int64_t, uint32_t, uint64_t

from fastcnn._core.buffer cimport f32, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport dropout_mask, kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces


cdef struct DropoutArgs:
    const kernel_table* kernels
    dropout_mask mask
    const float* x
    const int64_t* state
    float* y
    Py_ssize_t size


cdef void dropout_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const DropoutArgs* a = <const DropoutArgs*>arguments
    cdef dropout_mask mask = a.mask
    cdef uint64_t seed = <uint64_t>a.state[0]
    cdef Py_ssize_t first = task * TASK_ELEMENTS
    mask.stream.key[0], mask.stream.key[1] = <uint32_t>seed, <uint32_t>(seed >> 32)
    mask.stream.step = <uint32_t>a.state[1]
    a.kernels.dropout(&mask, first, min(<Py_ssize_t>TASK_ELEMENTS, a.size - first), a.x + first, a.y + first)


cdef class Dropout(Call):
    """y = x with a share `rate` of its elements set to zero, the others scaled by 1 / (1 - rate); y may be x."""

    cdef DropoutArgs a

    def __init__(self, x, state, y, *, double rate, salt):
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and less than 1, received {rate}")
        check_shape("state", state, (2,))
        check_shape("y", y, x.shape)
        self.a.kernels = table()
        self.a.mask.stream.salt = <uint32_t>(int(salt) & 0xffffffff)
        self.a.mask.threshold = <uint32_t>int(rate * 2.0**32)
        self.a.mask.scale = <float>(1 / (1 - rate))
        self.a.x, self.a.state, self.a.y, self.a.size = f32(x), i64(state), f32(y), x.size
        self.prepare(dropout_task, &self.a, pieces(x.size, TASK_ELEMENTS), 0, 24.0 * x.size, (x, state), (y,))
