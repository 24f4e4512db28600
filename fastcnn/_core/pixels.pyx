# Image files on their way to float32 arrays: images of bytes in another size, and the filters of PNG undone.
#
#     Axis(length, indices, weights)         how one axis is resampled: output i is the sum of weights[i] at indices[i]
#     resample(pixels, ..., rows, columns, y)    an image of bytes into a part of the float32 image y
#     unfilter_png(data, rows, n, pixel)     in place
#
# No calls of a plan: threads that read files use them. They let Python's lock go where the work outlasts that.
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_CheckExact, PyCapsule_GetPointer
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, malloc

from fastcnn._core.buffer cimport f32, i32
from fastcnn._core.kernels cimport kernel_table, resampling, table

cdef enum:
    WORTH_LETTING_GO = 1 << 15  # bytes
    LAST_FILTER = 4


cdef struct ArrowArray:  # of the Arrow C data interface, by which Pillow hands out an image's memory
    int64_t length, null_count, offset, n_buffers, n_children
    const void** buffers
    ArrowArray** children
    ArrowArray* dictionary
    void (*release)(ArrowArray*) noexcept nogil
    void* private_data


cdef class Axis:
    """How an axis is resampled: output i is the sum over t of weights[i, t] * input[indices[i, t]].

    indices is int32 (n, taps), weights float32 (n, taps).
    """

    def __init__(self, Py_ssize_t length, indices, weights):
        if indices.ndim != 2 or indices.shape != weights.shape or 0 in indices.shape:
            raise ValueError(f"indices and weights must have one shape (n, taps), received {indices.shape} and "
                             f"{weights.shape}")
        if indices.min() < 0 or indices.max() >= length:
            raise ValueError(f"indices must be from 0 to {length - 1}, received {indices.min()} to {indices.max()}")
        self.at, self.w = i32(indices), f32(weights)
        self.indices, self.weights = indices, weights
        self.length, (self.out_length, self.taps) = length, indices.shape


cdef Image image_between(Axis rows, Axis columns, Py_ssize_t width, Py_ssize_t channels):
    """An image without its pixels and their sizes; `width` is that of the whole output."""
    cdef Image a
    a.out_height, a.taps, a.rows, a.row_weights = rows.out_length, rows.taps, rows.at, rows.w
    a.columns = resampling(columns.length, 0, channels, columns.out_length, columns.taps, columns.at, columns.w)
    a.y_line = width * channels
    a.pixels, a.y, a.line = NULL, NULL, 0
    return a


cdef int resample_image(const kernel_table* kernels, const Image* a) noexcept nogil:
    """-1 where there is no memory."""
    cdef Py_ssize_t row, tap
    cdef Py_ssize_t floats = a.columns.width * a.columns.step + 3
    cdef float* line = <float*>malloc(floats * sizeof(float) + a.taps * sizeof(uint8_t*) + sizeof(uint8_t*))
    if line == NULL:
        return -1
    cdef const uint8_t** rows = <const uint8_t**>(line + floats + (floats & 1))
    line[floats - 3] = line[floats - 2] = line[floats - 1] = 0.0
    for row in range(a.out_height):
        for tap in range(a.taps):
            rows[tap] = a.pixels + a.rows[row * a.taps + tap] * a.line
        kernels.resample_row(&a.columns, a.taps, rows, a.row_weights + row * a.taps, line, a.y + row * a.y_line)
    free(line)
    return 0


cdef const uint8_t* arrow_bytes(object capsule, Py_ssize_t* size) except NULL:
    """The bytes of an image that Pillow shows by the Arrow interface."""
    cdef const ArrowArray* array = <const ArrowArray*>PyCapsule_GetPointer(capsule, "arrow_array")
    cdef Py_ssize_t each = 1
    if array.n_children == 1:
        each = array.children[0].length // max(array.length, 1)
        size[0] = array.length * each
        array = array.children[0]
    else:
        size[0] = array.length
    if array.n_buffers != 2 or array.offset != 0 or array.buffers[1] == NULL:
        raise ValueError("expected an array of bytes, or of a fixed number of them for each pixel")
    return <const uint8_t*>array.buffers[1]


def resample(pixels, Py_ssize_t offset, Py_ssize_t line, Py_ssize_t step, Axis rows, Axis columns, y,
             Py_ssize_t top=0, Py_ssize_t left=0):
    """An image of bytes in another size into a part of y.

    Args:
        pixels: bytes, or the capsule "arrow_array" of a Pillow image.
        offset: where the first pixel begins.
        line: bytes from one row to the next.
        step: bytes of a pixel. Where y has more channels than these, the first byte is for all of them.
        rows, columns: how the axes are resampled.
        y: float32 (height, width, channels).
        top, left: where the image begins in y.
    """
    cdef Image a
    cdef Py_buffer view
    cdef Py_ssize_t size = 0, height, width, channels
    cdef int failed
    cdef bint capsule = PyCapsule_CheckExact(pixels)
    height, width, channels = y.shape
    if top < 0 or left < 0 or top + rows.out_length > height or left + columns.out_length > width:
        raise ValueError(f"{rows.out_length}x{columns.out_length} pixels at ({top}, {left}) do not fit {y.shape}")
    if channels not in (1, 3, 4) or not (step == channels or step in (1, 2) or (step, channels) == (4, 3)):
        raise ValueError(f"pixels of {step} bytes do not become {channels} channels")
    if offset < 0 or line < columns.length * step:
        raise ValueError(f"an image with offset={offset}, line={line}, step={step} does not fit {y.shape}")
    a = image_between(rows, columns, width, channels)
    a.y = f32(y) + (top * width + left) * channels
    a.columns.step, a.line = step, line
    cdef const uint8_t* data
    cdef const kernel_table* kernels = table()
    if capsule:
        data = arrow_bytes(pixels, &size)
    else:
        PyObject_GetBuffer(pixels, &view, PyBUF_SIMPLE)
        data, size = <const uint8_t*>view.buf, view.len
    try:
        if offset + (rows.length - 1) * line + columns.length * step > size:
            raise ValueError(f"{size} bytes are less than {rows.length} rows of {line} bytes")
        a.pixels = data + offset
        if rows.length * line > WORTH_LETTING_GO:
            with nogil:
                failed = resample_image(kernels, &a)
        else:
            failed = resample_image(kernels, &a)
    finally:
        if not capsule:
            PyBuffer_Release(&view)
    if failed:
        raise MemoryError()


def unfilter_png(uint8_t[::1] data not None, Py_ssize_t rows, Py_ssize_t n, Py_ssize_t pixel):
    """Undo the filters of `rows` rows of n bytes, a byte for the filter before each, in place.

    Raises:
        ValueError: there are less or more bytes, or a filter has no meaning.
    """
    cdef Py_ssize_t row
    cdef uint8_t* first
    cdef const kernel_table* kernels = table()
    if rows < 1 or n < 1 or pixel < 1 or data.shape[0] != rows * (n + 1):
        raise ValueError(f"{rows} rows of 1 + {n} bytes were expected, {data.shape[0]} bytes received")
    for row in range(rows):
        if data[row * (n + 1)] > LAST_FILTER:
            raise ValueError(f"row {row} has the filter {data[row * (n + 1)]}; filters are 0 to {LAST_FILTER}")
    first = &data[0]
    if data.shape[0] > WORTH_LETTING_GO:
        with nogil:
            kernels.png_unfilter(rows, n, pixel, first)
    else:
        kernels.png_unfilter(rows, n, pixel, first)
