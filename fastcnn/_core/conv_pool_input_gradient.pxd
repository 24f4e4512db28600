# What PoolFirstLayerGradient takes of PoolInputGradient, to have its gradient image by image.
from libc.stdint cimport uint8_t

from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table


cdef struct InputArgs:
    const kernel_table* kernels
    const float* w        # packed; in bfloat16 two words a float
    const float* dy
    const uint8_t* argmax
    float* dx
    Py_ssize_t height, width, channels, rows, columns, outputs
    Py_ssize_t top, left
    Py_ssize_t band_width, bands, blocks
    Py_ssize_t window_bytes
    bint padded, bfloat16


cdef void input_gradient_of_image(const InputArgs* a, Py_ssize_t image, float* dx, char* scratch) noexcept nogil


cdef class PoolInputGradient(Call):
    cdef InputArgs a
