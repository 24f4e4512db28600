# What png_files.pyx needs of pixels.pyx.
from libc.stdint cimport int32_t, uint8_t

from fastcnn._core.kernels cimport kernel_table, resampling


cdef class Axis:
    cdef readonly Py_ssize_t length, out_length, taps
    cdef object indices, weights
    cdef const int32_t* at
    cdef const float* w


cdef struct Image:
    const uint8_t* pixels
    Py_ssize_t line             # bytes from row to row
    resampling columns
    Py_ssize_t out_height, taps
    const int32_t* rows
    const float* row_weights
    float* y
    Py_ssize_t y_line


cdef Image image_between(Axis rows, Axis columns, Py_ssize_t width, Py_ssize_t channels)
cdef int resample_image(const kernel_table* kernels, const Image* a) noexcept nogil
