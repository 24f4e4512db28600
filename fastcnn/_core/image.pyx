# Images moved and coloured.
#
#     AffineTransform(x[N,H,W,C], transforms[N,8], y[N,OH,OW,C], ...)    each through its map, see csrc/warp.c
#     WarpAt(x[N,H,W,C], down[N,OH,OW], across[N,OH,OW], y[N,OH,OW,C], ...)    each pixel from its place
#     Homography(start[N,4,2], end[N,4,2], transforms[N,8])
#     RgbToHsv(x[...,3], y), HsvToRgb(x[...,3], y)
#     ScaleShiftClip(x[N,...,C], scale[N,C], shift[N,C], y, low=, high=)
#
# A task is a run of rows, or of pixels, of one image.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table, unary_kernel, warp
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

cdef enum:
    MANY = 8  # images of which each can be a task
    CACHED = 1 << 18  # floats of an image that stays in a core's cache while one task reads it from everywhere

FILL_MODES = ("constant", "reflect", "wrap", "nearest")


cdef struct WarpArgs:
    const kernel_table* kernels
    warp shape
    const float* x
    const float* transforms
    const float* down
    const float* across
    float* y
    Py_ssize_t images, out_height, rows  # rows of a task


cdef void warp_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WarpArgs* a = <const WarpArgs*>arguments
    cdef Py_ssize_t bands = pieces(a.out_height, a.rows), image = task // bands, row = task % bands * a.rows
    cdef Py_ssize_t end = min(row + a.rows, a.out_height), at
    cdef const float* x = a.x + image * a.shape.height * a.shape.width * a.shape.channels
    while row < end:
        at = (image * a.out_height + row) * a.shape.out_width
        if a.transforms:
            a.kernels.warp_row(&a.shape, a.transforms + 8 * image, row, x, a.y + at * a.shape.channels)
        else:
            a.kernels.warp_row_at(&a.shape, a.down + at, a.across + at, x, a.y + at * a.shape.channels)
        row += 1


cdef Py_ssize_t set_warp(WarpArgs* a, object x, object y, str interpolation, str fill_mode,
                         double fill_value) except -1:
    """What all warps share; returns the number of tasks."""
    check_shape("y", y, (x.shape[0], y.shape[1], y.shape[2], x.shape[3]))
    if fill_mode not in FILL_MODES or interpolation not in ("nearest", "bilinear"):
        raise ValueError(f"unknown fill_mode {fill_mode!r} or interpolation {interpolation!r}")
    a.kernels = table()
    a.images, a.shape.height, a.shape.width, a.shape.channels = x.shape
    a.out_height, a.shape.out_width = y.shape[1:3]
    a.shape.fill_mode = FILL_MODES.index(fill_mode)
    a.shape.bilinear = interpolation == "bilinear"
    a.shape.fill_value = fill_value
    a.x, a.y = f32(x), f32(y)
    cdef Py_ssize_t line = max(a.shape.out_width * a.shape.channels, 1)
    a.rows = max(1, TASK_ELEMENTS // 4 // line)
    if a.images >= MANY and a.shape.height * a.shape.width * a.shape.channels <= CACHED:
        a.rows = max(a.out_height, 1)
    return a.images * pieces(a.out_height, a.rows) if y.size and x.size else 0


cdef class AffineTransform(Call):
    """y = images of x, each seen through its map from output to input coordinates."""

    cdef WarpArgs a

    def __init__(self, x, transforms, y, *, str interpolation, str fill_mode, double fill_value,
                 bint perspective=False):
        check_shape("transforms", transforms, (x.shape[0], 8))
        cdef Py_ssize_t tasks = set_warp(&self.a, x, y, interpolation, fill_mode, fill_value)
        self.a.transforms, self.a.shape.perspective = f32(transforms), perspective
        self.prepare(warp_task, &self.a, tasks, 0, 8.0 * y.size, (x, transforms), (y,))


cdef class WarpAt(Call):
    """y = pixels of x at given coordinates."""

    cdef WarpArgs a

    def __init__(self, x, down, across, y, *, str interpolation, str fill_mode, double fill_value):
        check_shape("down", down, y.shape[:3])
        check_shape("across", across, y.shape[:3])
        cdef Py_ssize_t tasks = set_warp(&self.a, x, y, interpolation, fill_mode, fill_value)
        self.a.down, self.a.across = f32(down), f32(across)
        self.prepare(warp_task, &self.a, tasks, 0, 8.0 * y.size, (x, down, across), (y,))


cdef struct HomographyArgs:
    const kernel_table* kernels
    const float* start
    const float* end
    float* y
    Py_ssize_t images


cdef void homography_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const HomographyArgs* a = <const HomographyArgs*>arguments
    cdef Py_ssize_t image = 0
    while image < a.images:
        a.kernels.homography(a.start + 8 * image, a.end + 8 * image, a.y + 8 * image)
        image += 1


cdef class Homography(Call):
    """y = the maps that take the points of `end` to those of `start`."""

    cdef HomographyArgs a

    def __init__(self, start, end, y):
        check_shape("start", start, (y.shape[0], 4, 2))
        check_shape("end", end, (y.shape[0], 4, 2))
        check_shape("y", y, (y.shape[0], 8))
        self.a = HomographyArgs(table(), f32(start), f32(end), f32(y), y.shape[0])
        self.prepare(homography_task, &self.a, 1 if y.size else 0, 0, 1000.0 * y.shape[0], (start, end), (y,))


cdef struct PixelArgs:
    unary_kernel kernel
    const float* x
    float* y
    Py_ssize_t pixels, run  # of all images, of a task


cdef void pixel_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PixelArgs* a = <const PixelArgs*>arguments
    cdef Py_ssize_t first = task * a.run
    a.kernel(min(a.run, a.pixels - first), a.x + 3 * first, a.y + 3 * first)


cdef class Pixels(Call):
    """Base: each pixel of three channels by itself."""

    cdef PixelArgs a

    cdef int of(self, unary_kernel kernel, object x, object y) except -1:
        check_shape("x", x, (*x.shape[:-1], 3))
        check_shape("y", y, x.shape)
        self.a = PixelArgs(kernel, f32(x), f32(y), x.size // 3, TASK_ELEMENTS // 4)
        return self.prepare(pixel_task, &self.a, pieces(self.a.pixels, self.a.run), 0, 8.0 * x.size, (x,), (y,))


cdef class RgbToHsv(Pixels):
    """y = hue, saturation and value of x."""

    def __init__(self, x, y):
        self.of(table().rgb_to_hsv, x, y)


cdef class HsvToRgb(Pixels):
    """y = red, green and blue of x."""

    def __init__(self, x, y):
        self.of(table().hsv_to_rgb, x, y)


cdef struct ScaleArgs:
    const kernel_table* kernels
    const float* x
    const float* scale
    const float* shift
    float* y
    Py_ssize_t pixels, channels, run  # of an image; pixels of a task
    float low, high


cdef void scale_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ScaleArgs* a = <const ScaleArgs*>arguments
    cdef Py_ssize_t runs = pieces(a.pixels, a.run), image = task // runs, first = task % runs * a.run
    cdef Py_ssize_t at = (image * a.pixels + first) * a.channels
    a.kernels.scale_shift_clip(min(a.run, a.pixels - first), a.channels, a.low, a.high, a.scale + image * a.channels,
                               a.shift + image * a.channels, a.x + at, a.y + at)


cdef class ScaleShiftClip(Call):
    """y = x * scale + shift for each image and channel, cut to low to high."""

    cdef ScaleArgs a

    def __init__(self, x, scale, shift, y, *, double low, double high):
        cdef ScaleArgs* a = &self.a
        check_shape("scale", scale, (x.shape[0], x.shape[-1]))
        check_shape("shift", shift, (x.shape[0], x.shape[-1]))
        check_shape("y", y, x.shape)
        a.kernels = table()
        a.x, a.scale, a.shift, a.y = f32(x), f32(scale), f32(shift), f32(y)
        a.channels, a.low, a.high = x.shape[-1], low, high
        a.pixels = x.size // max(x.shape[0] * a.channels, 1)
        a.run = max(1, TASK_ELEMENTS // max(a.channels, 1))
        cdef Py_ssize_t tasks = x.shape[0] * pieces(a.pixels, a.run) if x.size else 0
        self.prepare(scale_task, a, tasks, 0, 3.0 * x.size, (x, scale, shift), (y,))
