# Gradient of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the pooled gradient and the positions of the
# maxima.
#
#     PackForInputGradient(w[3,3,C,K], packed)      packed of shape packed_shape(w.shape), zero where C has no channel
#     PoolInputGradient(packed, dy, argmax, dx, ...)
#
#     PackTaps(w[3,3,C,K], packed)                  the same in bfloat16, where the processor multiplies that: packed of
#     PoolInputGradient(..., bfloat16=True)         shape packed_taps_shape(w.shape), two words a float
#
# A task is an image; where the convolution has padding, it adds up the gradient with the border in scratch. Windows are
# sorted in bands of rows, whose sorted channels (in bfloat16, pairs of them) stay in the cache while all vectors of
# input channels pass.
from libc.stdint cimport uint16_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport SORTED, kernel_table, paired_window, sorted_window, table

cdef Py_ssize_t WINDOW_BYTES = 64 * 1024  # of windows in a band
cdef Py_ssize_t VECTOR = 16               # channels of a vector in bfloat16
cdef Py_ssize_t PACKED = 5 * 32           # words of the nine taps of such a vector


cdef void input_gradient_of_image(const InputArgs* a, Py_ssize_t image, float* dx, char* scratch) noexcept nogil:
    """dx[H,W,C] of one image."""
    cdef Py_ssize_t size = a.height * a.width * a.channels
    cdef float* square = dx - (a.top * a.width + a.left) * a.channels
    cdef Py_ssize_t pitch = a.width * a.channels
    if a.padded:
        square = <float*>(scratch + windows_of(a) * a.window_bytes)
        pitch = a.band_width * a.channels
        memset(square, 0, (2 * a.rows + 2) * pitch * sizeof(float))
    else:
        memset(dx, 0, size * sizeof(float))
    cdef Py_ssize_t band, first, rows, at
    for band in range(a.bands):
        first = cut(a.rows, a.bands, band)
        rows = cut(a.rows, a.bands, band + 1) - first
        at = (image * a.rows + first) * a.columns * a.outputs
        if a.bfloat16:
            a.kernels.pair_windows(rows * a.columns, a.outputs, a.dy + at, a.argmax + at, <paired_window*>scratch)
            a.kernels.conv_max_pool_input_gradient_bfloat16(rows, a.columns, a.channels, a.outputs,
                                                            <const uint16_t*>a.w, <paired_window*>scratch, pitch,
                                                            square + 2 * first * pitch)
        else:
            a.kernels.sort_windows(rows * a.columns, a.outputs, a.argmax + at, <sorted_window*>scratch)
            a.kernels.conv_max_pool_input_gradient(rows, a.columns, a.channels, a.outputs, a.w, a.dy + at,
                                                   <sorted_window*>scratch, pitch, square + 2 * first * pitch)
    if a.padded:
        copy_band(square, 2 * a.rows + 2, a.band_width, a.channels, a.top, a.height, a.left, a.width, dx)


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const InputArgs* a = <const InputArgs*>arguments
    input_gradient_of_image(a, task, a.dx + task * a.height * a.width * a.channels, scratch)


cdef inline Py_ssize_t windows_of(const InputArgs* a) noexcept nogil:
    """Room for the windows of the largest band."""
    return (a.rows + a.bands - 1) // a.bands * a.columns * a.blocks


cdef class PoolInputGradient(Call):
    """dx for 3x3 weights as PackForInputGradient, or in bfloat16 PackTaps, lays them out; `padding` is (top, left)."""

    def __init__(self, packed, dy, argmax, dx, *, padding, bint bfloat16=False):
        cdef InputArgs* a = &self.a
        a.kernels = table()
        a.w, a.dy, a.argmax, a.dx = f32(packed), f32(dy), u8(argmax), f32(dx)
        a.height, a.width, a.channels = dx.shape[1:]
        a.rows, a.columns, a.outputs = dy.shape[1:]
        a.top, a.left = padding
        a.band_width = 2 * a.columns + 2
        a.padded = (a.top > 0 or a.left > 0 or a.band_width - a.left > a.width or 2 * a.rows + 2 - a.top > a.height)
        a.blocks = (a.outputs + SORTED - 1) // SORTED
        a.bfloat16 = bfloat16
        a.window_bytes = sizeof(paired_window) if bfloat16 else sizeof(sorted_window)
        cdef Py_ssize_t row = max(a.columns * a.blocks * a.window_bytes, 1)
        cdef Py_ssize_t rows = max(min(WINDOW_BYTES // row, a.rows), 1)
        a.bands = max((a.rows + rows - 1) // rows, 1)
        cdef Py_ssize_t scratch = windows_of(a) * a.window_bytes
        if a.padded:
            scratch += 4 * (2 * a.rows + 2) * a.band_width * a.channels
        self.prepare(input_gradient_task, a, dx.shape[0] if dx.size else 0, scratch, 18.0 * dy.size * a.channels,
                     (packed, dy, argmax), (dx,))


def packed_shape(w_shape):
    """[vectors of C, K, 9, vector]"""
    cdef Py_ssize_t vector = table().vector_length
    return (w_shape[2] + vector - 1) // vector, w_shape[3], 9, vector


cdef struct PackArgs:
    const kernel_table* kernels
    const float* w
    float* packed
    Py_ssize_t vector, channels, outputs


cdef void pack_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const PackArgs* a = <const PackArgs*>arguments
    cdef Py_ssize_t channel = task // 9 * a.vector, tap = task % 9, k
    cdef Py_ssize_t lanes = min(a.vector, a.channels - channel)
    cdef float* packed = a.packed + (channel * a.outputs * 9 + tap * a.vector)
    if lanes < a.vector:
        for k in range(a.outputs):
            memset(packed + k * 9 * a.vector, 0, a.vector * sizeof(float))
    a.kernels.transpose_block(lanes, a.outputs, a.outputs, 9 * a.vector,
                              a.w + (tap * a.channels + channel) * a.outputs, packed)


cdef class PackForInputGradient(Call):
    """packed[vectors of C, K, 9, vector] = w[3,3,C,K]."""

    cdef PackArgs a

    def __init__(self, w, packed):
        self.a = PackArgs(table(), f32(w), f32(packed), table().vector_length, w.shape[2], w.shape[3])
        self.prepare(pack_task, &self.a, 9 * packed.shape[0] if w.size else 0, 0, w.size, (w,), (packed,))


def packed_taps_shape(w_shape):
    """[vectors of C, K, pairs of words]"""
    return (w_shape[2] + VECTOR - 1) // VECTOR, w_shape[3], PACKED // 2


cdef struct TapsArgs:
    const kernel_table* kernels
    const float* w
    uint16_t* packed
    Py_ssize_t channels, outputs


cdef void pack_taps_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const TapsArgs* a = <const TapsArgs*>arguments
    cdef Py_ssize_t channel = task * VECTOR
    a.kernels.pack_taps(min(VECTOR, a.channels - channel), a.outputs, a.w + channel * a.outputs,
                        a.channels * a.outputs, a.packed + task * a.outputs * PACKED)


cdef class PackTaps(Call):
    """packed[vectors of C, K, pairs of words] = w[3,3,C,K]."""

    cdef TapsArgs a

    def __init__(self, w, packed):
        self.a = TapsArgs(table(), f32(w), <uint16_t*>f32(packed), w.shape[2], w.shape[3])
        self.prepare(pack_taps_task, &self.a, packed.shape[0] if w.size else 0, 0, 8.0 * w.size, (w,), (packed,))
