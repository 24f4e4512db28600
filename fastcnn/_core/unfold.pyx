# Windows along the first axis behind the batch laid side by side in the channels, and the gradient of that.
#
#     Unfold(x[N,D,...,C], y[N,OD,...,T*C], ...)
#         y[n, i, ..., group, tap, c] = x[n, i * stride + tap * dilation - front, ..., group, c]
#     Fold(dy[N,OD,...,T*C], dx[N,D,...,C], ...)
#         each dy added to the place that it came from
#
# So a 3D convolution becomes a 2D one. A task is a run of pixels of one output position. Limited by memory.
from libc.string cimport memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS


cdef struct UnfoldArgs:
    const kernel_table* kernels
    const float* source
    float* target
    Py_ssize_t length, windows, pixels, channels  # D, OD, the product of the axes between, C / groups
    Py_ssize_t taps, stride, dilation, front, groups
    Py_ssize_t run, runs                          # pixels of a task, tasks of a position


cdef void unfold_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UnfoldArgs* a = <const UnfoldArgs*>arguments
    cdef Py_ssize_t first = task % a.runs * a.run, pixels = min(a.run, a.pixels - first)
    cdef Py_ssize_t window = task // a.runs % a.windows, image = task // a.runs // a.windows
    cdef Py_ssize_t row = a.groups * a.channels, wide = a.taps * row, tap, group, position, pixel
    cdef float* y = a.target + ((image * a.windows + window) * a.pixels + first) * wide
    cdef const float* x
    for tap in range(a.taps):
        position = window * a.stride + tap * a.dilation - a.front
        x = a.source + ((image * a.length + position) * a.pixels + first) * row
        for group in range(a.groups):
            if 0 <= position < a.length:
                a.kernels.copy_matrix(pixels, a.channels, x + group * a.channels, row, 1,
                                      y + (group * a.taps + tap) * a.channels, wide)
            else:
                for pixel in range(pixels):
                    memset(y + pixel * wide + (group * a.taps + tap) * a.channels, 0, a.channels * sizeof(float))


cdef void fold_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UnfoldArgs* a = <const UnfoldArgs*>arguments
    cdef Py_ssize_t first = task % a.runs * a.run, pixels = min(a.run, a.pixels - first)
    cdef Py_ssize_t position = task // a.runs % a.length, image = task // a.runs // a.length
    cdef Py_ssize_t row = a.groups * a.channels, wide = a.taps * row, tap, group, ahead
    cdef float* dx = a.target + ((image * a.length + position) * a.pixels + first) * row
    cdef const float* dy
    memset(dx, 0, pixels * row * sizeof(float))
    for tap in range(a.taps):
        ahead = position + a.front - tap * a.dilation
        if ahead < 0 or ahead % a.stride or ahead // a.stride >= a.windows:
            continue
        dy = a.source + ((image * a.windows + ahead // a.stride) * a.pixels + first) * wide
        for group in range(a.groups):
            a.kernels.add_matrix(pixels, a.channels, dy + (group * a.taps + tap) * a.channels, wide,
                                 dx + group * a.channels, row)


cdef int fill(UnfoldArgs* a, object narrow, object wide, Py_ssize_t taps, Py_ssize_t stride, Py_ssize_t dilation,
              Py_ssize_t front, Py_ssize_t groups) except -1:
    """All of the arguments that follow from the shapes [N,D,...,C] and [N,OD,...,T*C]."""
    cdef Py_ssize_t channels = narrow[-1], pixels = 1, extent
    for extent in narrow[2:-1]:
        pixels *= extent
    a.kernels = table()
    a.length, a.windows, a.pixels, a.channels = narrow[1], wide[1], pixels, channels // groups
    a.taps, a.stride, a.dilation, a.front, a.groups = taps, stride, dilation, front, groups
    a.run = max(TASK_ELEMENTS // max(taps * channels, 1), 1)
    a.runs = (pixels + a.run - 1) // a.run
    return 0


cdef class Unfold(Call):
    """y = the windows of x side by side in its channels, with zeros for what lies outside of x."""

    cdef UnfoldArgs a

    def __init__(self, x, y, *, taps, stride, dilation, front, groups):
        fill(&self.a, x.shape, y.shape, taps, stride, dilation, front, groups)
        self.a.source, self.a.target = f32(x), f32(y)
        cdef Py_ssize_t tasks = x.shape[0] * y.shape[1] * self.a.runs
        self.prepare(unfold_task, &self.a, tasks if y.size else 0, 0, y.size, (x,), (y,))


cdef class Fold(Call):
    """dx = the sum of what all windows hold of each position."""

    cdef UnfoldArgs a

    def __init__(self, dy, dx, *, taps, stride, dilation, front, groups):
        fill(&self.a, dx.shape, dy.shape, taps, stride, dilation, front, groups)
        self.a.source, self.a.target = f32(dy), f32(dx)
        cdef Py_ssize_t tasks = dx.shape[0] * dx.shape[1] * self.a.runs
        self.prepare(fold_task, &self.a, tasks if dx.size else 0, 0, dy.size, (dy,), (dx,))
