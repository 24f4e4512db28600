# Gradient in bfloat16 of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the pooled gradient and the positions
# of the maxima.
#
#     PackTaps(w[3,3,C,K], packed)                  packed of shape packed_taps_shape(w.shape): two words a float
#     PoolPairInputGradient(packed, dy, argmax, dx, ...)
#
# Tasks, bands and scratch are those of conv_pool_input_gradient.pyx, with windows in pairs for sorted ones.
from libc.stdint cimport uint8_t, uint16_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport SORTED, kernel_table, paired_window, table

cdef Py_ssize_t WINDOW_BYTES = 64 * 1024  # of windows in a band
cdef Py_ssize_t VECTOR = 16
cdef Py_ssize_t PACKED = 5 * 32           # words of the nine taps of a vector of channels


def packed_taps_shape(w_shape):
    """[vectors of C, K, pairs of words]"""
    return (w_shape[2] + VECTOR - 1) // VECTOR, w_shape[3], PACKED // 2


cdef struct PackArgs:
    const kernel_table* kernels
    const float* w
    uint16_t* packed
    Py_ssize_t channels, outputs


cdef void pack_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PackArgs* a = <const PackArgs*>arguments
    cdef Py_ssize_t channel = task * VECTOR
    a.kernels.pack_taps(min(VECTOR, a.channels - channel), a.outputs, a.w + channel * a.outputs,
                        a.channels * a.outputs, a.packed + task * a.outputs * PACKED)


cdef class PackTaps(Call):
    """packed[vectors of C, K, pairs of words] = w[3,3,C,K]."""

    cdef PackArgs a

    def __init__(self, w, packed):
        self.a = PackArgs(table(), f32(w), <uint16_t*>f32(packed), w.shape[2], w.shape[3])
        self.prepare(pack_task, &self.a, packed.shape[0] if w.size else 0, 0, 8.0 * w.size, (w,), (packed,))


cdef struct InputArgs:
    const kernel_table* kernels
    const uint16_t* w
    const float* dy
    const uint8_t* argmax
    float* dx
    Py_ssize_t height, width, channels, rows, columns, outputs
    Py_ssize_t top, left
    Py_ssize_t band_width, bands, blocks
    bint padded


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const InputArgs* a = <const InputArgs*>arguments
    cdef Py_ssize_t size = a.height * a.width * a.channels
    cdef float* dx = a.dx + task * size
    cdef float* square = dx - (a.top * a.width + a.left) * a.channels
    cdef Py_ssize_t pitch = a.width * a.channels
    cdef paired_window* paired = <paired_window*>scratch
    if a.padded:
        square = <float*>(paired + windows_of(a))
        pitch = a.band_width * a.channels
        memset(square, 0, (2 * a.rows + 2) * pitch * sizeof(float))
    else:
        memset(dx, 0, size * sizeof(float))
    cdef Py_ssize_t band, first, rows, at
    for band in range(a.bands):
        first = cut(a.rows, a.bands, band)
        rows = cut(a.rows, a.bands, band + 1) - first
        at = (task * a.rows + first) * a.columns * a.outputs
        a.kernels.pair_windows(rows * a.columns, a.outputs, a.dy + at, a.argmax + at, paired)
        a.kernels.conv_max_pool_input_gradient_bfloat16(rows, a.columns, a.channels, a.outputs, a.w, paired, pitch,
                                                        square + 2 * first * pitch)
    if a.padded:
        copy_band(square, 2 * a.rows + 2, a.band_width, a.channels, a.top, a.height, a.left, a.width, dx)


cdef inline Py_ssize_t windows_of(const InputArgs* a) noexcept nogil:
    """Room for the windows of the largest band."""
    return (a.rows + a.bands - 1) // a.bands * a.columns * a.blocks


cdef class PoolPairInputGradient(Call):
    """dx for 3x3 weights as PackTaps lays them out; `padding` is (top, left)."""

    cdef InputArgs a

    def __init__(self, packed, dy, argmax, dx, *, padding):
        cdef InputArgs* a = &self.a
        a.kernels = table()
        a.w, a.dy, a.argmax, a.dx = <const uint16_t*>f32(packed), f32(dy), u8(argmax), f32(dx)
        a.height, a.width, a.channels = dx.shape[1:]
        a.rows, a.columns, a.outputs = dy.shape[1:]
        a.top, a.left = padding
        a.band_width = 2 * a.columns + 2
        a.padded = (a.top > 0 or a.left > 0 or a.band_width - a.left > a.width or 2 * a.rows + 2 - a.top > a.height)
        a.blocks = (a.outputs + SORTED - 1) // SORTED
        cdef Py_ssize_t row = max(a.columns * a.blocks * <Py_ssize_t>sizeof(paired_window), 1)
        cdef Py_ssize_t rows = max(min(WINDOW_BYTES // row, a.rows), 1)
        a.bands = max((a.rows + rows - 1) // rows, 1)
        cdef Py_ssize_t scratch = windows_of(a) * sizeof(paired_window)
        if a.padded:
            scratch += 4 * (2 * a.rows + 2) * a.band_width * a.channels
        self.prepare(input_gradient_task, a, dx.shape[0] if dx.size else 0, scratch, 18.0 * dy.size * a.channels,
                     (packed, dy, argmax), (dx,))
