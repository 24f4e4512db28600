# Max and average pooling over images, NHWC, forward and backward.
#
#     MaxPool2D(x[N,H,W,C], y[N,OH,OW,C], argmax int32[N,OH,OW,C] or None, **geometry)
#     MaxPool2DGradient(dy[N,OH,OW,C], argmax, dx[N,H,W,C], **geometry)
#     AveragePool2D(x, y, **geometry), AveragePool2DGradient(dy, dx, **geometry)
#
# geometry: either pool_size=(R, S), strides=(h, w), padding=((top, bottom), (left, right)), or output_size=(OH, OW): as
# many windows, spread evenly, of which neighbours may share places. What the kernels know of the windows of an axis is
# laid out here, once. A task is a run of rows of windows of one image or, where images are small, of whole images.
from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.call cimport Call, task_function
from fastcnn._core.kernels cimport kernel_table, pool2d, pool_axis, pool_range, pool_window, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

cdef Py_ssize_t TASKS = 16  # that there are at least, unless those of TASK_ELEMENTS are fewer


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
    Py_ssize_t row_run      # rows of windows of a task; all of them where image_run > 1
    Py_ssize_t row_pieces


cdef class Windows:
    """The windows of one axis, in memory of their own."""

    cdef pool_axis axis
    cdef pool_window* window
    cdef pool_range* holders

    def __dealloc__(self):
        free(self.window)
        free(self.holders)

    cdef int reserve(self, Py_ssize_t places, Py_ssize_t windows) except -1:
        self.window = <pool_window*>calloc(max(windows, 1), sizeof(pool_window))
        self.holders = <pool_range*>calloc(max(places, 1), sizeof(pool_range))
        if self.window == NULL or self.holders == NULL:
            raise MemoryError()
        self.axis.places, self.axis.windows = places, windows
        self.axis.window, self.axis.holders = self.window, self.holders
        return 0

    cdef int find_holders(self) except -1:
        """Of each place the windows that hold it: both start and stop with later windows at later places."""
        cdef Py_ssize_t place, first = 0, last = 0
        for place in range(self.axis.places):
            while last < self.axis.windows and self.window[last].start <= place:
                last += 1
            while first < last and self.window[first].stop <= place:
                first += 1
            self.holders[place].start, self.holders[place].stop = first, last
        return 0


cdef Windows moving_windows(str axis, Py_ssize_t places, Py_ssize_t size, Py_ssize_t stride, Py_ssize_t before,
                            Py_ssize_t after):
    """Windows of one size, `stride` places apart, over an axis with padding."""
    if size < 1 or stride < 1 or before < 0 or after < 0:
        raise ValueError(f"pool_size and strides must be positive and padding not negative, received along the "
                         f"{axis} {size}, {stride} and {(before, after)}")
    if places + before + after < size:
        raise ValueError(f"pool_size {size} exceeds the {axis} of the padded input, {places + before + after}; "
                         f"use a smaller window or padding='same'")
    cdef Windows w = Windows()
    w.reserve(places, (places + before + after - size) // stride + 1)
    w.axis.size, w.axis.stride = size, stride
    cdef Py_ssize_t i, origin
    for i in range(w.axis.windows):
        origin = i * stride - before
        w.window[i].origin = origin
        w.window[i].start = min(max(origin, 0), places)
        w.window[i].stop = max(min(origin + size, places), w.window[i].start)
        if origin >= 0 and origin + size <= places:
            if w.axis.whole.stop == 0:
                w.axis.whole.start = i
            w.axis.whole.stop = i + 1
    w.find_holders()
    return w


cdef Windows spread_windows(str axis, Py_ssize_t places, Py_ssize_t windows):
    """So many windows, spread evenly over an axis: window i holds the places from floor(i * places / windows) to
    ceil((i + 1) * places / windows)."""
    if windows < 1 or places < 1:
        raise ValueError(f"{windows} windows cannot be spread over the {axis} of the input, {places}; both must be "
                         f"positive")
    if places % windows == 0:
        return moving_windows(axis, places, places // windows, places // windows, 0, 0)
    cdef Windows w = Windows()
    w.reserve(places, windows)
    cdef Py_ssize_t i, start, stop
    for i in range(windows):
        start, stop = i * places // windows, ((i + 1) * places + windows - 1) // windows
        w.window[i].origin, w.window[i].start, w.window[i].stop = start, start, stop
        w.axis.size = max(w.axis.size, stop - start)
    w.find_holders()
    return w


cdef Py_ssize_t unshared_rows(const pool_axis* a) noexcept nogil:
    """Rows of windows of a task that reads at most a 32nd of its rows of places in common with the next one: what two
    cores read comes from the cache of one of them, at half the speed."""
    cdef Py_ssize_t shared = max(a.size - a.stride, 0)
    return pieces(32 * shared, max(a.stride, 1))


cdef class Pool(Call):
    """Base of the pooling calls: geometry and tasks."""

    cdef PoolArgs a
    cdef Windows rows
    cdef Windows columns

    cdef int fill(self, object inner, object outer, bint forward, dict geometry) except -1:
        """Geometry and tasks for the arrays on the input's side (x or dx) and the output's side (y or dy)."""
        if inner.ndim != 4:
            raise ValueError(f"pooling takes arrays [N, H, W, C], received shape {inner.shape}")
        images, height, width, channels = inner.shape
        if "output_size" in geometry:
            output_height, output_width = geometry["output_size"]
            self.rows = spread_windows("height", height, output_height)
            self.columns = spread_windows("width", width, output_width)
        else:
            window_height, window_width = geometry["pool_size"]
            stride_height, stride_width = geometry["strides"]
            (top, bottom), (left, right) = geometry["padding"]
            self.rows = moving_windows("height", height, window_height, stride_height, top, bottom)
            self.columns = moving_windows("width", width, window_width, stride_width, left, right)
        cdef PoolArgs* a = &self.a
        a.shape.rows, a.shape.columns, a.shape.channels = self.rows.axis, self.columns.axis, channels
        cdef Py_ssize_t row_count = a.shape.rows.windows, column_count = a.shape.columns.windows
        check_shape("y" if forward else "dy", outer, (images, row_count, column_count, channels))
        a.kernels = table()
        a.images = images
        cdef Py_ssize_t inner_size = height * width * channels
        cdef Py_ssize_t outer_size = row_count * column_count * channels
        cdef Py_ssize_t seen = outer_size * a.shape.rows.size * a.shape.columns.size  # those of overlaps repeatedly
        a.source_size, a.target_size = (inner_size, outer_size) if forward else (outer_size, inner_size)
        cdef Py_ssize_t per_image = max(1, inner_size, seen)
        a.image_run = max(1, TASK_ELEMENTS // per_image)
        cdef Py_ssize_t rows = max(1, min(row_count, TASK_ELEMENTS * row_count // per_image))
        a.row_pieces = pieces(row_count, max(rows, min(unshared_rows(&a.shape.rows), images * row_count // TASKS)))
        a.row_run = max(1, pieces(row_count, a.row_pieces))
        return 0

    cdef int ready(self, task_function run, tuple reads, tuple writes) except -1:
        cdef PoolArgs* a = &self.a
        cdef Py_ssize_t outer = a.shape.rows.windows * a.shape.columns.windows * a.shape.channels
        cdef Py_ssize_t tasks = pieces(a.images, a.image_run) * a.row_pieces if a.target_size else 0
        cdef double seen = outer * a.shape.rows.size * a.shape.columns.size
        self.prepare(run, a, tasks, 0, 4.0 * a.images * (a.source_size + seen), reads, writes)
        return 0


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
    p.last_row = min(p.row + a.row_run, a.shape.rows.windows)
    return p


cdef void max_pool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image, at
    for image in range(p.image, p.last_image):
        at = image * a.target_size
        a.kernels.max_pool2d(&a.shape, p.row, p.last_row, a.source + image * a.source_size, a.target + at,
                             a.argmax_out + at if a.argmax_out != NULL else NULL)


cdef class MaxPool2D(Pool):
    """y = the largest of each window, argmax = its position in the window, the first of equal ones."""

    def __init__(self, x, y, argmax=None, **geometry):
        self.fill(x, y, True, geometry)
        self.a.source, self.a.target = f32(x), f32(y)
        writes = (y,)
        if argmax is not None:
            check_shape("argmax", argmax, y.shape)
            self.a.argmax_out = i32(argmax)
            writes = (y, argmax)
        self.ready(max_pool_task, (x,), writes)


cdef void max_pool_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image, at
    for image in range(p.image, p.last_image):
        at = image * a.source_size
        a.kernels.max_pool2d_gradient(&a.shape, p.row, p.last_row, a.source + at, a.argmax + at,
                                      a.target + image * a.target_size)


cdef class MaxPool2DGradient(Pool):
    """dx = for each input element the sum of dy over the windows whose maximum it was."""

    def __init__(self, dy, argmax, dx, **geometry):
        self.fill(dx, dy, False, geometry)
        check_shape("argmax", argmax, dy.shape)
        self.a.source, self.a.argmax, self.a.target = f32(dy), i32(argmax), f32(dx)
        self.ready(max_pool_gradient_task, (dy, argmax), (dx,))


cdef void average_pool_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image
    for image in range(p.image, p.last_image):
        a.kernels.average_pool2d(&a.shape, p.row, p.last_row, a.source + image * a.source_size,
                                 a.target + image * a.target_size)


cdef class AveragePool2D(Pool):
    """y = the mean of the elements of each window that lie in the image."""

    def __init__(self, x, y, **geometry):
        self.fill(x, y, True, geometry)
        self.a.source, self.a.target = f32(x), f32(y)
        self.ready(average_pool_task, (x,), (y,))


cdef void average_pool_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PoolArgs* a = <const PoolArgs*>arguments
    cdef Piece p = piece_of(a, task)
    cdef Py_ssize_t image
    for image in range(p.image, p.last_image):
        a.kernels.average_pool2d_gradient(&a.shape, p.row, p.last_row, a.source + image * a.source_size,
                                          a.target + image * a.target_size)


cdef class AveragePool2DGradient(Pool):
    """dx = for each input element the sum over its windows of dy / elements of the window in the image."""

    def __init__(self, dy, dx, **geometry):
        self.fill(dx, dy, False, geometry)
        self.a.source, self.a.target = f32(dy), f32(dx)
        self.ready(average_pool_gradient_task, (dy,), (dx,))
