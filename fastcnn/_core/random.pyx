# Random numbers by counter.
#
#     RandomNumbers(state int64[2], y, normal=, salt=)    state = (seed, step counter), read when the call runs
#     RandomLogGamma(alpha, state int64[2], y, salt=)     logarithms of gamma numbers
#
# The number of element i depends on seed, step, salt and i alone: see csrc/philox.h.
from libc.stdint cimport int64_t, uint32_t, uint64_t

from fastcnn._core.buffer cimport f32, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, random_stream, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

cdef struct RandomArgs:
    const kernel_table* kernels
    random_stream stream
    int normal
    const int64_t* state
    float* y
    Py_ssize_t size


cdef void random_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const RandomArgs* a = <const RandomArgs*>arguments
    cdef random_stream stream = a.stream
    cdef uint64_t seed = <uint64_t>a.state[0]
    cdef Py_ssize_t first = task * TASK_ELEMENTS
    stream.key[0], stream.key[1], stream.step = <uint32_t>seed, <uint32_t>(seed >> 32), <uint32_t>a.state[1]
    a.kernels.random_numbers(&stream, a.normal, first, min(<Py_ssize_t>TASK_ELEMENTS, a.size - first), a.y + first)


cdef class RandomNumbers(Call):
    """y = random numbers: uniform from 0 to 1, or normal ones."""

    cdef RandomArgs a

    def __init__(self, state, y, *, bint normal, salt):
        check_shape("state", state, (2,))
        self.a.kernels = table()
        self.a.stream.salt = <uint32_t>(int(salt) & 0xffffffff)
        self.a.normal = normal
        self.a.state, self.a.y, self.a.size = i64(state), f32(y), y.size
        self.prepare(random_task, &self.a, pieces(y.size, TASK_ELEMENTS), 0, 24.0 * y.size, (state,), (y,))


cdef struct LogGammaArgs:
    const kernel_table* kernels
    random_stream stream
    const int64_t* state
    const float* alpha
    float* y
    Py_ssize_t size


cdef enum:
    RUN = 256  # numbers of a task


cdef void log_gamma_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const LogGammaArgs* a = <const LogGammaArgs*>arguments
    cdef random_stream stream = a.stream
    cdef uint64_t seed = <uint64_t>a.state[0]
    cdef Py_ssize_t first = task * RUN
    stream.key[0], stream.key[1], stream.step = <uint32_t>seed, <uint32_t>(seed >> 32), <uint32_t>a.state[1]
    a.kernels.random_log_gamma(&stream, first, min(<Py_ssize_t>RUN, a.size - first), a.alpha + first, a.y + first)


cdef class RandomLogGamma(Call):
    """y = logarithms of gamma numbers of the shapes alpha."""

    cdef LogGammaArgs a

    def __init__(self, alpha, state, y, *, salt):
        check_shape("state", state, (2,))
        check_shape("y", y, alpha.shape)
        self.a.kernels = table()
        self.a.stream.salt = <uint32_t>(int(salt) & 0xffffffff)
        self.a.state, self.a.alpha, self.a.y, self.a.size = i64(state), f32(alpha), f32(y), y.size
        self.prepare(log_gamma_task, &self.a, pieces(y.size, RUN), 0, 400.0 * y.size, (alpha, state), (y,))
