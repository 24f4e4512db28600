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
    struct product:
        const float* a
        Py_ssize_t a_row
        Py_ssize_t a_step
        const float* b
        Py_ssize_t b_step
        Py_ssize_t b_panel
        Py_ssize_t m
        Py_ssize_t n
        Py_ssize_t k
    enum:
        GEMM_ACCUMULATE
        GEMM_RELU
    struct gemm_blocking:
        Py_ssize_t rows
        Py_ssize_t panel
        Py_ssize_t depth
    struct sgd_rates:
        float rate
    struct momentum_rates:
        float rate
        float momentum
        int nesterov
    struct adam_rates:
        float alpha
        float rate_1
        float rate_2
        float epsilon
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
        # reduce.c
        void (*column_sums)(const float* x, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                            float* y) noexcept nogil
        void (*add_row)(const float* x, const float* row, Py_ssize_t rows, Py_ssize_t columns, float* y) noexcept nogil
        void (*sum_pieces)(const float* pieces, Py_ssize_t count, Py_ssize_t piece, Py_ssize_t rows,
                           Py_ssize_t columns, const float* bias, int flags, float* y) noexcept nogil
        # block.c
        void (*copy_block)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t in_row, Py_ssize_t out_row,
                           const float* x, float* y) noexcept nogil
        void (*transpose_block)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t in_row, Py_ssize_t out_row,
                                const float* source, float* out) noexcept nogil
        # gemm.c
        void (*gemm_blocking)(gemm_blocking* sizes) noexcept nogil
        void (*gemm)(const product* p, const float* bias, int flags, float* c, Py_ssize_t c_row) noexcept nogil
        void (*gemm_sgd)(const product* p, Py_ssize_t depth, const sgd_rates* rates, Py_ssize_t stride,
                         float* w) noexcept nogil
        void (*gemm_momentum)(const product* p, Py_ssize_t depth, const momentum_rates* rates, Py_ssize_t stride,
                              float* w, float* velocity) noexcept nogil
        void (*gemm_adam)(const product* p, Py_ssize_t depth, const adam_rates* rates, Py_ssize_t stride,
                          float* w, float* m, float* v) noexcept nogil
        # optimizer.c
        void (*sgd_update)(const sgd_rates* rates, const float* g, Py_ssize_t n, float* w) noexcept nogil
        void (*momentum_update)(const momentum_rates* rates, const float* g, Py_ssize_t n, float* w,
                                float* velocity) noexcept nogil
        void (*adam_update)(const adam_rates* rates, const float* g, Py_ssize_t n, float* w, float* m,
                            float* v) noexcept nogil


cdef const kernel_table* table() noexcept nogil
