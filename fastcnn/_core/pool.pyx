# Max and average pooling over images, NHWC, forward and backward.
#
#     MaxPool2D(x[N,H,W,C], y[N,OH,OW,C], argmax int32[N,OH,OW,C] or None, **geometry)
#     MaxPool2DGradient(dy[N,OH,OW,C], argmax, dx[N,H,W,C], **geometry)
#     AveragePool2D(x, y, **geometry), AveragePool2DGradient(dy, dx, **geometry)
#
# geometry: pool_size=(R, S), strides=(h, w), padding=((top, bottom), (left, right)). A task is a run of rows of one
# image (rows of the array that it writes) or, where images are small, a run of whole images.
from libc.stdint cimport int32_t

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, pool2d, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces


cdef struct PoolArgs:
    const kernel_table* kernels
    pool2d shape
    const float* source     # x or dy
    float* target           # y or dx
    const int32_t* argmax   # read going backward
    int32_t* argmax_out     # written going forward; NULL where nobody asks for it
    Py_ssize_t source_size  # of one image
    Py_ssize_t target_size
    Py_ssize_t images
    Py_ssize_t image_run    # images of a task
    Py_ssize_t rows         # of an image of the target
    Py_ssize_t row_run      # rows of a task; all of them where image_run > 1
    Py_ssize_t row_pieces


cdef Py_ssize_t output_extent(str axis, Py_ssize_t size, Py_ssize_t window, Py_ssize_t stride, Py_ssize_t before,
                              Py_ssize_t after) except -1:
    if window < 1 or stride < 1 or before < 0 or after < 0:
        raise ValueError(f"pool_size and strides must be positive and padding not negative, received along the "
                         f"{axis} {window}, {stride} and {(before, after)}")
    if size + before + after < window:
        raise ValueError(f"pool_size {window} exceeds the {axis} of the padded input, {size + before + after}; "
                         f"use a smaller window or padding='same'")
    return (size + before + after - window) // stride + 1


cdef int fill(PoolArgs* a, object inner, object outer, bint forward, object pool_size, object strides,
              object padding) except -1:
    """Geometry and tasks for the arrays on the input's side (x or dx) and the output's side (y or dy)."""
    if inner.ndim != 4:
        raise ValueError(f"pooling takes arrays [N, H, W, C], received shape {inner.shape}")
    cdef pool2d* s = &a.shape
    s.height, s.width, s.channels = inner.shape[1:]
    s.window_height, s.window_width = pool_size
    s.stride_height, s.stride_width = strides
    (s.top, bottom), (s.left, right) = padding
    s.output_height = output_extent("height", s.height, s.window_height, s.stride_height, s.top, bottom)
    s.output_width = output_extent("width", s.width, s.window_width, s.stride_width, s.left, right)
    check_shape("y" if forward else "dy", outer,
                (inner.shape[0], s.output_height, s.output_width, s.channels))
    a.kernels = table()
    a.argmax, a.argmax_out = NULL, NULL
    a.images = inner.shape[0]
    cdef Py_ssize_t inner_size = s.height * s.width * s.channels
    cdef Py_ssize_t outer_size = s.output_height * s.output_width * s.channels
    cdef Py_ssize_t read = outer_size * s.window_height * s.window_width  # elements, those of overlaps repeatedly
    a.source_size, a.target_size = (inner_size, outer_size) if forward else (outer_size, inner_size)
    a.rows = s.output_height if forward else s.height
    cdef Py_ssize_t per_image = max(1, inner_size, read)
    a.image_run = max(1, TASK_ELEMENTS // per_image)
    a.row_run = max(1, min(a.rows, TASK_ELEMENTS * a.rows // per_image))
    a.row_pieces = pieces(a.rows, a.row_run)
    return 0


cdef Py_ssize_t task_count(const PoolArgs* a) noexcept nogil:
    if a.target_size == 0:
        return 0
    return pieces(a.images, a.image_run) * a.row_pieces


cdef double work_of(const PoolArgs* a) noexcept nogil:
    cdef Py_ssize_t window = a.shape.window_height * a.shape.window_width
    return 4.0 * a.images * (a.source_size + a.shape.output_height * a.shape.output_width * a.shape.channels * window)


cdef struct Piece:
    Py_ssize_t image
    Py_ssize_t last_image
    Py_ssize_t row
    Py_ssize_t last_row


cdef Piece piece_of(const PoolArgs* a, Py_ssize_t task) noexcept nogil:
    cdef Piece p
    p.image = task // a.row_pieces * a.image_run
    p.last_image = min(p.image + a.image_run, a.images)
    p.row = task % a.row_pieces * a.row_run
    p.last_row = min(p.row + a.row_run, a.rows)
    return p


cdef void max_pool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image, at
    for image in range(p.image, p.last_image):
        at = image * a.target_size
        a.kernels.max_pool2d(&a.shape, p.row, p.last_row, a.source + image * a.source_size, a.target + at,
                             a.argmax_out + at if a.argmax_out != NULL else NULL)


cdef class MaxPool2D(Call):
    """y = the largest of each window, argmax = its position in the window, the first of equal ones."""

    cdef PoolArgs a

    def __init__(self, x, y, argmax=None, *, pool_size, strides, padding):
        fill(&self.a, x, y, True, pool_size, strides, padding)
        self.a.source, self.a.target = f32(x), f32(y)
        writes = (y,)
        if argmax is not None:
            check_shape("argmax", argmax, y.shape)
            self.a.argmax_out = i32(argmax)
            writes = (y, argmax)
        self.prepare(max_pool_task, &self.a, task_count(&self.a), 0, work_of(&self.a), (x,), writes)


cdef void max_pool_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image, at
    for image in range(p.image, p.last_image):
        at = image * a.source_size
        a.kernels.max_pool2d_gradient(&a.shape, p.row, p.last_row, a.source + at, a.argmax + at,
                                      a.target + image * a.target_size)


cdef class MaxPool2DGradient(Call):
    """dx = for each input element the sum of dy over the windows whose maximum it was."""

    cdef PoolArgs a

    def __init__(self, dy, argmax, dx, *, pool_size, strides, padding):
        fill(&self.a, dx, dy, False, pool_size, strides, padding)
        check_shape("argmax", argmax, dy.shape)
        self.a.source, self.a.argmax, self.a.target = f32(dy), i32(argmax), f32(dx)
        self.prepare(max_pool_gradient_task, &self.a, task_count(&self.a), 0, work_of(&self.a), (dy, argmax), (dx,))


cdef void average_pool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image
    for image in range(p.image, p.last_image):
        a.kernels.average_pool2d(&a.shape, p.row, p.last_row, a.source + image * a.source_size,
                                 a.target + image * a.target_size)


cdef class AveragePool2D(Call):
    """y = the mean of the elements of each window that lie in the image."""

    cdef PoolArgs a

    def __init__(self, x, y, *, pool_size, strides, padding):
        fill(&self.a, x, y, True, pool_size, strides, padding)
        self.a.source, self.a.target = f32(x), f32(y)
        self.prepare(average_pool_task, &self.a, task_count(&self.a), 0, work_of(&self.a), (x,), (y,))


cdef void average_pool_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image
    for image in range(p.image, p.last_image):
        a.kernels.average_pool2d_gradient(&a.shape, p.row, p.last_row, a.source + image * a.source_size,
                                          a.target + image * a.target_size)


cdef class AveragePool2DGradient(Call):
    """dx = for each input element the sum over its windows of dy / elements of the window in the image."""

    cdef PoolArgs a

    def __init__(self, dy, dx, *, pool_size, strides, padding):
        fill(&self.a, dx, dy, False, pool_size, strides, padding)
        self.a.source, self.a.target = f32(dy), f32(dx)
        self.prepare(average_pool_gradient_task, &self.a, task_count(&self.a), 0, work_of(&self.a), (dy,), (dx,))
