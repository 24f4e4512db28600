# The kernel table of csrc/kernels.h as drivers see it: one member per row of its list.
from libc.stdint cimport int32_t, int64_t, uint8_t


cdef extern from "kernels.h" nogil:
    cdef struct conv_shape:
        Py_ssize_t rows, columns, outputs
        Py_ssize_t taps_down, taps_across, channels
        Py_ssize_t x_row, x_pixel, x_tap_row, x_tap_column
        Py_ssize_t w_tap_row, w_tap_column, w_channel
        Py_ssize_t y_row, y_pixel
        float low, high
    cdef struct conv_gradient_shape:
        Py_ssize_t rows, columns, channels, outputs
        Py_ssize_t x_row, x_pixel, dy_row, dy_pixel
        Py_ssize_t dw_channel
    cdef struct kernel_table:
        const char* isa
        Py_ssize_t vector_length
        # peak.c
        void (*fma_peak)(Py_ssize_t repeats, float* result) noexcept nogil
        # conv.c
        void (*conv)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                     float* y) noexcept nogil
        void (*conv_depthwise)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                               float* y) noexcept nogil
        # conv_weight_gradient.c
        void (*conv_weight_gradient)(const conv_gradient_shape* shape, const float* x, const float* dy,
                                     float* dw) noexcept nogil
        void (*conv_depthwise_weight_gradient)(const conv_gradient_shape* shape, const float* x, const float* dy,
                                               float* dw) noexcept nogil
        void (*transpose_block)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t in_row, Py_ssize_t out_row,
                                const float* source, float* out) noexcept nogil
        # reduce.c
        void (*column_sums)(const float* x, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                            float* y) noexcept nogil
        void (*add_row)(const float* x, const float* row, Py_ssize_t rows, Py_ssize_t columns, float* y) noexcept nogil


cdef const kernel_table* table() noexcept nogil
