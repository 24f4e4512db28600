# Random numbers by counter, and images warped by affine maps.
#
#     RandomNumbers(state int64[2], y, normal=, salt=)    state = (seed, step counter), read when the call runs
#     AffineTransform(x[N,H,W,C], transforms[N,8], y[N,OH,OW,C], ...)
#
# The number of element i depends on seed, step, salt and i alone: see csrc/philox.h. A task of a transform is a run of
# rows of one image.
from libc.stdint cimport int64_t, uint32_t, uint64_t

from fastcnn._core.buffer cimport f32, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, random_stream, table, warp
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

FILL_MODES = ("constant", "reflect", "wrap", "nearest")


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


cdef struct AffineArgs:
    const kernel_table* kernels
    warp shape
    const float* x
    const float* transforms
    float* y
    Py_ssize_t images, out_height, rows  # rows of a task


cdef void affine_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AffineArgs* a = <const AffineArgs*>arguments
    cdef Py_ssize_t bands = pieces(a.out_height, a.rows), image = task // bands, row = task % bands * a.rows
    cdef Py_ssize_t end = min(row + a.rows, a.out_height), line = a.shape.out_width * a.shape.channels
    cdef const float* x = a.x + image * a.shape.height * a.shape.width * a.shape.channels
    while row < end:
        a.kernels.warp_row(&a.shape, a.transforms + 8 * image, row, x, a.y + (image * a.out_height + row) * line)
        row += 1


cdef class AffineTransform(Call):
    """y = images of x, each seen through its map from output to input coordinates."""

    cdef AffineArgs a

    def __init__(self, x, transforms, y, *, str interpolation, str fill_mode, double fill_value):
        cdef AffineArgs* a = &self.a
        check_shape("transforms", transforms, (x.shape[0], 8))
        check_shape("y", y, (x.shape[0], y.shape[1], y.shape[2], x.shape[3]))
        if fill_mode not in FILL_MODES or interpolation not in ("nearest", "bilinear"):
            raise ValueError(f"unknown fill_mode {fill_mode!r} or interpolation {interpolation!r}")
        a.kernels = table()
        a.images, a.shape.height, a.shape.width, a.shape.channels = x.shape
        a.out_height, a.shape.out_width = y.shape[1:3]
        a.shape.fill_mode = FILL_MODES.index(fill_mode)
        a.shape.bilinear = interpolation == "bilinear"
        a.shape.fill_value = fill_value
        a.x, a.transforms, a.y = f32(x), f32(transforms), f32(y)
        a.rows = max(1, TASK_ELEMENTS // 8 // max(a.shape.out_width * a.shape.channels, 1))
        cdef Py_ssize_t tasks = a.images * pieces(a.out_height, a.rows) if y.size and x.size else 0
        self.prepare(affine_task, a, tasks, 0, 20.0 * y.size, (x, transforms), (y,))
