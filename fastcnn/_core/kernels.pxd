# The kernel table of csrc/kernels.h as drivers see it: one member per row of its list.
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t

ctypedef void (*unary_kernel)(Py_ssize_t n, const float* x, float* y) noexcept nogil
ctypedef void (*unary_gradient_kernel)(Py_ssize_t n, const float* dy, const float* y, float* dx) noexcept nogil
ctypedef void (*activation_kernel)(Py_ssize_t n, float a, float b, float c, const float* x, float* y) noexcept nogil
ctypedef void (*activation_gradient_kernel)(Py_ssize_t n, float a, float b, float c, const float* dy, const float* x,
                                            float* dx) noexcept nogil
ctypedef void (*binary_kernel)(Py_ssize_t rows, Py_ssize_t columns, const float* a, Py_ssize_t a_row,
                               Py_ssize_t a_column, const float* b, Py_ssize_t b_row, Py_ssize_t b_column,
                               float* y) noexcept nogil
ctypedef void (*row_reduction)(Py_ssize_t rows, Py_ssize_t columns, const float* x, float* y) noexcept nogil
ctypedef void (*column_reduction)(const float* x, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                                  float* y) noexcept nogil

cdef extern from "kernels.h" nogil:
    struct update_rates:
        float scale
        float clip
        float keep
        float r[8]

ctypedef void (*update_kernel)(const update_rates* rates, const float* g, Py_ssize_t n, float* w,
                               float** slot) noexcept nogil


cdef extern from "kernels.h" nogil:
    cdef struct conv_shape:
        Py_ssize_t rows, columns, outputs
        Py_ssize_t taps_down, taps_across, channels
        Py_ssize_t x_row, x_pixel, x_tap_row, x_tap_column
        Py_ssize_t w_tap_row, w_tap_column, w_channel, w_panel
        Py_ssize_t y_row, y_pixel
        float low, high
    cdef struct conv_gradient_shape:
        Py_ssize_t images, rows, columns, channels, outputs
        Py_ssize_t x_image, x_row, x_pixel, dy_image, dy_row, dy_pixel
        Py_ssize_t dw_channel
    cdef struct conv_planes_shape:
        Py_ssize_t pixels, outputs
        Py_ssize_t taps_down, taps_across, channels
        Py_ssize_t x_plane, x_tap_row, x_tap_column
        Py_ssize_t w_tap_row, w_tap_column, w_channel
        Py_ssize_t y_plane
        float low, high
    cdef struct conv_sparse_shape:
        Py_ssize_t height, width, channels
        Py_ssize_t rows, columns, outputs
        Py_ssize_t taps_down, taps_across
        Py_ssize_t stride_down, stride_across, down, across, top, left
    cdef struct winograd_gradient_shape:
        Py_ssize_t size, pair
        Py_ssize_t height, width, top, left
        Py_ssize_t pixel, channels
        Py_ssize_t tiles_down, tiles_across
        Py_ssize_t out_tile, out_frequency
        const float* zeros
    enum:
        STRIDED_X
        STRIDED_DY
        STRIDED_DY_OF_WEIGHTS
    cdef struct winograd_strided_shape:
        Py_ssize_t kind
        Py_ssize_t height, width, top, left
        Py_ssize_t pixel, channels
        Py_ssize_t tiles_down, tiles_across
        Py_ssize_t y_height, y_width, y_top, y_left, y_pixel, outputs
        Py_ssize_t v_tile, v_frequency, p_tile, p_frequency
        float low
    cdef struct winograd_shape:
        Py_ssize_t size
        Py_ssize_t height, width, channels, top, left
        Py_ssize_t tiles_down, tiles_across
        Py_ssize_t y_height, y_width, y_pixel, outputs
        Py_ssize_t v_tile, v_frequency, v_block, p_tile, p_frequency
        float low
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
        GEMM_CONTINUE
    struct gemm_blocking:
        Py_ssize_t rows
        Py_ssize_t panel
        Py_ssize_t depth
    cdef struct pool_range:
        Py_ssize_t start, stop

    cdef struct pool_window:
        Py_ssize_t origin, start, stop

    cdef struct pool_axis:
        Py_ssize_t places, windows, size, stride
        pool_range whole
        const pool_window* window
        const pool_range* holders

    cdef struct pool2d:
        pool_axis rows, columns
        Py_ssize_t channels

    cdef struct random_stream:
        uint32_t key[2]
        uint32_t step, salt

    cdef struct dropout_mask:
        random_stream stream
        uint32_t threshold
        float scale

    cdef struct warp:
        Py_ssize_t height, width, channels, out_width
        int fill_mode, bilinear, perspective
        float fill_value

    cdef struct resampling:
        Py_ssize_t width, step, channels, out_width, taps
        const int32_t* columns
        const float* weights

    cdef enum:
        FASTCNN_UINT8, FASTCNN_INT8, FASTCNN_UINT16, FASTCNN_INT16, FASTCNN_UINT32, FASTCNN_INT32
        FASTCNN_UINT64, FASTCNN_INT64, FASTCNN_FLOAT16, FASTCNN_FLOAT32, FASTCNN_FLOAT64

    cdef struct pool_lists:
        int32_t* counts
        int32_t* offsets
        float* gradients
        Py_ssize_t capacity

    cdef struct entry_lists:
        int32_t* counts
        uint32_t* entries
        Py_ssize_t capacity

    cdef enum:
        SORTED

    cdef struct sorted_window:
        uint8_t end[4]

    cdef struct paired_window:
        uint8_t end[4]

    cdef struct kernel_table:
        const char* isa
        Py_ssize_t vector_length
        # activation.c
        activation_kernel activation_rectify
        activation_gradient_kernel activation_rectify_gradient
        activation_kernel activation_elu
        activation_gradient_kernel activation_elu_gradient
        activation_kernel activation_gelu
        activation_gradient_kernel activation_gelu_gradient
        activation_kernel activation_gelu_tanh
        activation_gradient_kernel activation_gelu_tanh_gradient
        activation_kernel activation_silu
        activation_gradient_kernel activation_silu_gradient
        activation_kernel activation_mish
        activation_gradient_kernel activation_mish_gradient
        activation_kernel activation_softplus
        activation_gradient_kernel activation_softplus_gradient
        activation_kernel activation_softsign
        activation_gradient_kernel activation_softsign_gradient
        activation_kernel activation_hard_sigmoid
        activation_gradient_kernel activation_hard_sigmoid_gradient
        activation_kernel activation_hard_silu
        activation_gradient_kernel activation_hard_silu_gradient
        # elementwise.c
        unary_kernel unary_relu
        unary_kernel unary_sigmoid
        unary_kernel unary_tanh
        unary_kernel unary_exp
        unary_kernel unary_log
        unary_kernel unary_square
        unary_kernel unary_sqrt
        unary_kernel unary_negative
        unary_kernel unary_abs
        unary_kernel unary_log1p
        unary_kernel unary_expm1
        unary_kernel unary_floor
        unary_kernel unary_ceil
        unary_kernel unary_round
        unary_kernel unary_sign
        unary_kernel unary_isnan
        unary_kernel unary_sin
        unary_kernel unary_cos
        unary_kernel unary_arctan
        unary_kernel unary_erf
        unary_kernel unary_isfinite
        unary_kernel unary_bfloat16
        unary_gradient_kernel relu_gradient
        unary_gradient_kernel sigmoid_gradient
        unary_gradient_kernel tanh_gradient
        binary_kernel binary_add
        binary_kernel binary_subtract
        binary_kernel binary_multiply
        binary_kernel binary_divide
        binary_kernel binary_maximum
        binary_kernel binary_minimum
        binary_kernel binary_equal
        binary_kernel binary_greater
        binary_kernel binary_greater_equal
        binary_kernel binary_not_equal
        binary_kernel binary_masked
        binary_kernel binary_power
        # sum.c, copy.c
        row_reduction row_sums
        row_reduction row_maxima
        void (*row_maxima_gradient)(Py_ssize_t rows, Py_ssize_t columns, const float* x, const float* y,
                                    const float* dy, float* dx) noexcept nogil
        void (*copy_matrix)(Py_ssize_t rows, Py_ssize_t columns, const float* x, Py_ssize_t x_row,
                            Py_ssize_t x_column, float* y, Py_ssize_t y_row) noexcept nogil
        void (*add_matrix)(Py_ssize_t rows, Py_ssize_t columns, const float* x, Py_ssize_t x_row, float* y,
                           Py_ssize_t y_row) noexcept nogil
        # softmax.c, loss.c
        void (*softmax)(Py_ssize_t rows, Py_ssize_t columns, const float* x, float* y) noexcept nogil
        void (*softmax_gradient)(Py_ssize_t rows, Py_ssize_t columns, const float* dy, const float* y,
                                 float* dx) noexcept nogil
        void (*softmax_cross_entropy_sparse)(Py_ssize_t rows, Py_ssize_t columns, const int32_t* target,
                                             const float* logits, float* loss, float* probabilities) noexcept nogil
        void (*softmax_cross_entropy_gradient_sparse)(Py_ssize_t rows, Py_ssize_t columns, const int32_t* target,
                                                      const float* probabilities, const float* dloss,
                                                      float* dlogits) noexcept nogil
        void (*cross_entropy_sparse)(Py_ssize_t rows, Py_ssize_t columns, const int32_t* target,
                                     const float* probabilities, float* loss) noexcept nogil
        void (*cross_entropy_gradient_sparse)(Py_ssize_t rows, Py_ssize_t columns, const int32_t* target,
                                              const float* probabilities, const float* dloss,
                                              float* dprobabilities) noexcept nogil
        void (*softmax_cross_entropy_dense)(Py_ssize_t rows, Py_ssize_t columns, const float* target,
                                            const float* logits, float* loss, float* probabilities) noexcept nogil
        void (*softmax_cross_entropy_gradient_dense)(Py_ssize_t rows, Py_ssize_t columns, const float* target,
                                                     const float* probabilities, const float* dloss,
                                                     float* dlogits) noexcept nogil
        void (*cross_entropy_dense)(Py_ssize_t rows, Py_ssize_t columns, const float* target,
                                    const float* probabilities, float* loss) noexcept nogil
        void (*cross_entropy_gradient_dense)(Py_ssize_t rows, Py_ssize_t columns, const float* target,
                                             const float* probabilities, const float* dloss,
                                             float* dprobabilities) noexcept nogil
        # metric.c
        void (*accuracy_sparse)(Py_ssize_t rows, Py_ssize_t columns, const int32_t* target, const float* output,
                                float* y) noexcept nogil
        void (*accuracy_dense)(Py_ssize_t rows, Py_ssize_t columns, const float* target, const float* output,
                               float* y) noexcept nogil
        void (*binary_accuracy)(Py_ssize_t rows, Py_ssize_t columns, float threshold, const float* target,
                                const float* output, float* y) noexcept nogil
        void (*accumulate)(Py_ssize_t n, const float* values, const float* weights, double* state) noexcept nogil
        void (*add_to_doubles)(Py_ssize_t n, const float* values, double* state) noexcept nogil
        # order.c
        void (*argmax)(Py_ssize_t rows, Py_ssize_t columns, const float* x, int32_t* y) noexcept nogil
        void (*top_k)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t k, const float* x, float* values,
                      int32_t* positions) noexcept nogil
        void (*searchsorted)(Py_ssize_t n, Py_ssize_t count, const float* bounds, int right, const float* x,
                             int32_t* y) noexcept nogil
        void (*cumulative_sums)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride, const float* x,
                                float* y) noexcept nogil
        void (*bincount)(Py_ssize_t n, Py_ssize_t bins, const int32_t* x, const float* weights,
                         float* counts) noexcept nogil
        # take.c
        void (*take)(Py_ssize_t picks, Py_ssize_t count, Py_ssize_t columns, Py_ssize_t stride,
                     const int32_t* indices, const float* x, float* y) noexcept nogil
        void (*take_gradient)(Py_ssize_t picks, Py_ssize_t count, Py_ssize_t columns, Py_ssize_t stride,
                              const int32_t* indices, const float* dy, float* dx) noexcept nogil
        # pixels.c
        void (*resample_row)(const resampling* s, Py_ssize_t taps, const uint8_t** rows, const float* row_weights,
                             float* line, float* y) noexcept nogil
        void (*png_unfilter)(Py_ssize_t rows, Py_ssize_t n, Py_ssize_t pixel, uint8_t* data) noexcept nogil
        # dropout.c, gather.c
        void (*random_numbers)(const random_stream* d, int normal, Py_ssize_t first, Py_ssize_t n, float* y) nogil
        void (*random_log_gamma)(const random_stream* d, Py_ssize_t first, Py_ssize_t n, const float* alpha,
                                 float* y) nogil
        void (*warp_row)(const warp* s, const float* transform, Py_ssize_t row, const float* x, float* y) nogil
        void (*warp_row_at)(const warp* s, const float* down, const float* across, const float* x, float* y) nogil
        void (*homography)(const float* start, const float* end, float* t) nogil
        unary_kernel rgb_to_hsv
        unary_kernel hsv_to_rgb
        void (*scale_shift_clip)(Py_ssize_t pixels, Py_ssize_t channels, float low, float high, const float* scale,
                                 const float* shift, const float* x, float* y) nogil
        void (*dropout)(const dropout_mask* d, Py_ssize_t first, Py_ssize_t n, const float* x,
                        float* y) noexcept nogil
        void (*convert_to_float32)(int kind, Py_ssize_t n, const void* x, float* y) noexcept nogil
        void (*convert_to_int32)(int kind, Py_ssize_t n, const void* x, int32_t* y) noexcept nogil
        # max_pool.c, average_pool.c: windows of rows `first` to `last` of one image
        void (*max_pool2d)(const pool2d* s, Py_ssize_t first, Py_ssize_t last, const float* x, float* y,
                           int32_t* argmax) noexcept nogil
        void (*max_pool2d_gradient)(const pool2d* s, Py_ssize_t first, Py_ssize_t last, const float* dy,
                                    const int32_t* argmax, float* dx) noexcept nogil
        void (*average_pool2d)(const pool2d* s, Py_ssize_t first, Py_ssize_t last, const float* x,
                               float* y) noexcept nogil
        void (*average_pool2d_gradient)(const pool2d* s, Py_ssize_t first, Py_ssize_t last, const float* dy,
                                        float* dx) noexcept nogil
        # peak.c
        void (*fma_peak)(Py_ssize_t repeats, float* result) noexcept nogil
        # conv.c
        void (*conv)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                     float* y) noexcept nogil
        # conv_weight_gradient.c, conv_group_weight_gradient.c
        void (*conv_weight_gradient)(const conv_gradient_shape* shape, const float* x, const float* dy,
                                     float* dw) noexcept nogil
        void (*conv_group_weight_gradient)(const conv_gradient_shape* shape, Py_ssize_t group, const float* x,
                                           const float* dy, float* dw) noexcept nogil
        # conv_planes.c, conv_planes_weight_gradient.c
        void (*conv_planes)(const conv_planes_shape* shape, const float* x, const float* w, const float* bias,
                            float* y) noexcept nogil
        void (*conv_planes_weight_gradient)(const conv_planes_shape* shape, const float* x, const float* dy,
                                            float* dw) noexcept nogil
        # conv_sparse_gradient.c
        void (*conv_sparse_weight_gradient)(const conv_sparse_shape* shape, Py_ssize_t first, Py_ssize_t outputs,
                                            const float* x, const float* dy, float* dw) noexcept nogil
        void (*conv_sparse_input_gradient)(const conv_sparse_shape* shape, const float* w, const float* dy,
                                           float* dx) noexcept nogil
        # conv_columns.c
        void (*add_runs)(Py_ssize_t count, Py_ssize_t run, const float* source, Py_ssize_t source_step, float* to,
                         Py_ssize_t to_step) noexcept nogil
        # winograd_strided.c
        void (*winograd_strided_weights)(Py_ssize_t channels, Py_ssize_t outputs, const float* w, Py_ssize_t w_tap,
                                         Py_ssize_t w_channel, float* u, Py_ssize_t u_frequency,
                                         Py_ssize_t u_channel) noexcept nogil
        void (*winograd_strided_input)(const winograd_strided_shape* s, Py_ssize_t first, Py_ssize_t count,
                                       const float* image, float* v) noexcept nogil
        void (*winograd_strided_rows)(const winograd_strided_shape* s, int odd, Py_ssize_t first, Py_ssize_t count,
                                      const float* image, float* v) noexcept nogil
        void (*winograd_strided_output)(const winograd_strided_shape* s, Py_ssize_t first, Py_ssize_t count,
                                        const float* p, const float* bias, float* y) noexcept nogil
        void (*winograd_strided_taps)(Py_ssize_t count, Py_ssize_t pieces, Py_ssize_t piece, const float* sums,
                                      Py_ssize_t step, float* out, Py_ssize_t tap) noexcept nogil
        # conv_depthwise.c, conv_depthwise_weight_gradient.c
        void (*conv_depthwise)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                               float* y) noexcept nogil
        void (*conv_depthwise_weight_gradient)(const conv_shape* shape, const float* x, const float* dy,
                                               float* dw) noexcept nogil
        # winograd_weight_gradient.c
        void (*winograd_gradient_x)(const winograd_gradient_shape* s, Py_ssize_t first, Py_ssize_t count,
                                    const float* image, float* out) noexcept nogil
        void (*winograd_gradient_dy)(const winograd_gradient_shape* s, Py_ssize_t first, Py_ssize_t count,
                                     const float* image, float* out) noexcept nogil
        void (*winograd_gradient_taps)(Py_ssize_t size, Py_ssize_t count, Py_ssize_t pieces, Py_ssize_t piece,
                                       const float* sums, Py_ssize_t step, float* out, Py_ssize_t tap) noexcept nogil
        # repeat.c
        void (*repeat_elements)(Py_ssize_t n, Py_ssize_t times, const float* x, float* y) noexcept nogil
        void (*sum_repeats)(Py_ssize_t n, Py_ssize_t times, const float* x, float* y) noexcept nogil
        # conv_pool.c
        void (*conv_max_pool)(const conv_shape* shape, const float* x, const float* w, const float* bias, float* y,
                              uint8_t* argmax) noexcept nogil
        # conv_pool_first_layer.c, conv_pool_one_channel.c
        void (*conv_max_pool_first_layer)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                                          float* y, uint8_t* argmax, float* scratch) noexcept nogil
        void (*conv_max_pool_one_channel)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                                          float* y, uint8_t* argmax, float* scratch) noexcept nogil
        # conv_pool_weight_gradient.c, conv_pool_input_gradient.c, conv_pool_gradient.c
        void (*pool_lists)(Py_ssize_t windows, Py_ssize_t outputs, const float* dy, const uint8_t* argmax,
                           const int32_t* corners, Py_ssize_t across, Py_ssize_t down, const pool_lists* lists,
                           float* db) noexcept nogil
        void (*channel_plane)(Py_ssize_t height, Py_ssize_t width, Py_ssize_t channels, Py_ssize_t lanes,
                              const float* x, Py_ssize_t top, Py_ssize_t rows, Py_ssize_t left, Py_ssize_t columns,
                              float* plane) noexcept nogil
        void (*conv_max_pool_weight_gradient)(Py_ssize_t outputs, const pool_lists* lists, const float* x,
                                              Py_ssize_t x_row, const float* near, Py_ssize_t near_floats,
                                              float* dw) noexcept nogil
        void (*conv_max_pool_first_layer_gradient)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t channels,
                                                   Py_ssize_t outputs, const float* x, Py_ssize_t x_row,
                                                   const float* dy, const uint8_t* argmax, float* dw,
                                                   float* db) noexcept nogil
        void (*sort_windows)(Py_ssize_t windows, Py_ssize_t outputs, const uint8_t* argmax,
                             sorted_window* sorted) noexcept nogil
        void (*conv_max_pool_input_gradient)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t channels,
                                             Py_ssize_t outputs, const float* w, const float* dy,
                                             const sorted_window* sorted, Py_ssize_t dx_row,
                                             float* dx) noexcept nogil
        void (*unpool)(Py_ssize_t height, Py_ssize_t width, Py_ssize_t outputs, const float* dy,
                       const uint8_t* argmax, float* out) noexcept nogil
        # winograd.c
        void (*winograd_weights)(Py_ssize_t size, Py_ssize_t channels, Py_ssize_t outputs, const float* w,
                                 Py_ssize_t w_tap, Py_ssize_t w_channel, float* u, Py_ssize_t u_frequency,
                                 Py_ssize_t u_channel) noexcept nogil
        void (*winograd_input)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* x,
                               float* v) noexcept nogil
        void (*winograd_output)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* p,
                                const float* bias, float* y) noexcept nogil
        void (*winograd_output_pool)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* p,
                                     const float* bias, float* y, uint8_t* argmax) noexcept nogil
        void (*winograd_output_whole)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* p,
                                      float* y) noexcept nogil
        # reduce.c
        column_reduction column_sums
        column_reduction column_maxima
        void (*column_maxima_gradient)(const float* x, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                                       const float* y, const float* dy, float* dx) noexcept nogil
        void (*add_row)(const float* x, const float* row, Py_ssize_t rows, Py_ssize_t columns, float* y) noexcept nogil
        void (*sum_pieces)(const float* pieces, Py_ssize_t count, Py_ssize_t piece, Py_ssize_t rows,
                           Py_ssize_t columns, const float* bias, int flags, float* y) noexcept nogil
        # channel_norm.c, row_norm.c
        void (*channel_statistics)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride, const float* x, float* mean,
                                   float* squares) noexcept nogil
        void (*merge_statistics)(Py_ssize_t count, Py_ssize_t columns, Py_ssize_t piece, const float* weights,
                                 const float* pieces, float* mean, float* variance) noexcept nogil
        void (*channel_coefficients)(Py_ssize_t columns, float epsilon, const float* mean, const float* variance,
                                     const float* gamma, const float* beta, const float* dgamma, const float* dbeta,
                                     float rows, float* k) noexcept nogil
        void (*channel_normalize)(Py_ssize_t rows, Py_ssize_t columns, int relu, const float* x, const float* k,
                                  float* y) noexcept nogil
        void (*channel_gradient_sums)(Py_ssize_t rows, Py_ssize_t columns, int relu, const float* dy, const float* x,
                                      const float* k, float* dgamma, float* dbeta) noexcept nogil
        void (*channel_input_gradient)(Py_ssize_t rows, Py_ssize_t columns, int relu, const float* dy, const float* x,
                                       const float* k, float* dx) noexcept nogil
        void (*row_normalize)(Py_ssize_t rows, Py_ssize_t columns, int centered, float epsilon, const float* x,
                              const float* gamma, const float* beta, float* y) noexcept nogil
        void (*row_normalize_gradient)(Py_ssize_t rows, Py_ssize_t columns, int centered, float epsilon,
                                       const float* dy, const float* x, const float* gamma, float* dx, float* dgamma,
                                       float* dbeta) noexcept nogil
        # transpose.c
        void (*transpose_block)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t in_row, Py_ssize_t out_row,
                                const float* source, float* out) noexcept nogil
        # gemm.c
        void (*gemm_blocking)(gemm_blocking* sizes) noexcept nogil
        void (*gemm)(const product* p, const float* bias, int flags, float* c, Py_ssize_t c_row) noexcept nogil
        # sparse_product.c
        void (*sparse_product)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t depth, const float* a, Py_ssize_t a_row,
                               const float* b, Py_ssize_t b_row, int flags, float* c, Py_ssize_t c_row) noexcept nogil
        # optimizer.c
        update_kernel sgd_update
        update_kernel momentum_update
        update_kernel nesterov_update
        update_kernel adam_update
        update_kernel amsgrad_update
        update_kernel adamax_update
        update_kernel nadam_update
        update_kernel rmsprop_update
        update_kernel rmsprop_momentum_update
        update_kernel rmsprop_centered_update
        update_kernel rmsprop_centered_momentum_update
        update_kernel adagrad_update
        update_kernel adadelta_update
        update_kernel lion_update
        update_kernel lamb_update
        update_kernel ftrl_update
        void (*weight_average)(float momentum, bint overwrite, Py_ssize_t n, float* average, float* w) noexcept nogil
        void (*accumulate_gradient)(bint first, Py_ssize_t n, const float* g, float* sum) noexcept nogil
        void (*sum_of_squares)(Py_ssize_t n, const float* x, double* sum) noexcept nogil
        # bfloat16.h: NULL where the processor has no instructions for them
        void (*gemm_bfloat16)(const product* p, const float* bias, int flags, float* c, Py_ssize_t c_row,
                              const float* near, Py_ssize_t near_floats) noexcept nogil
        void (*gemm_rounding_bfloat16)(const product* p, const float* bias, int flags, float* c, Py_ssize_t c_row,
                                       Py_ssize_t rows, const float* x, Py_ssize_t x_row, float* pairs) noexcept nogil
        void (*row_pairs)(Py_ssize_t rows, Py_ssize_t columns, const float* x, Py_ssize_t x_row, float* pairs,
                          Py_ssize_t row) noexcept nogil
        void (*column_pairs)(Py_ssize_t rows, Py_ssize_t columns, const float* x, Py_ssize_t x_row, float* pairs,
                             Py_ssize_t row) noexcept nogil
        void (*conv_max_pool_first_layer_bfloat16)(const conv_shape* shape, const float* x, const float* w,
                                                   const float* bias, float* y, uint8_t* argmax,
                                                   float* scratch) noexcept nogil
        void (*turned_pairs)(Py_ssize_t rows, Py_ssize_t columns, const float* x, Py_ssize_t x_row, float* pairs,
                             Py_ssize_t row) noexcept nogil
        void (*sparse_product_bfloat16)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t pairs, const float* a,
                                        Py_ssize_t a_row, const float* b, Py_ssize_t b_row, float* c, Py_ssize_t c_row,
                                        const float* near, Py_ssize_t near_floats) noexcept nogil
        void (*window_pairs)(Py_ssize_t windows, Py_ssize_t outputs, const float* dy, const uint8_t* argmax,
                             const float* other_dy, const uint8_t* other_argmax, const int32_t* shift,
                             uint32_t* pairs, float* db) noexcept nogil
        void (*image_pair_planes)(Py_ssize_t height, Py_ssize_t width, Py_ssize_t channels, Py_ssize_t lanes,
                                  const float* x, const float* other, Py_ssize_t top, Py_ssize_t rows,
                                  Py_ssize_t left, Py_ssize_t strips, uint16_t* planes, Py_ssize_t plane) noexcept nogil
        void (*conv_max_pool_weight_gradient_bfloat16)(Py_ssize_t channels, Py_ssize_t outputs, Py_ssize_t windows,
                                                       const int32_t* corners, const uint16_t* planes, Py_ssize_t plane,
                                                       const uint32_t* pairs, float* dw,
                                                       Py_ssize_t dw_tap) noexcept nogil
        void (*pool_entries)(Py_ssize_t windows, Py_ssize_t outputs, const float* dy, const uint8_t* argmax,
                             const int32_t* corners, Py_ssize_t down, const entry_lists* lists,
                             float* db) noexcept nogil
        void (*channel_plane_bfloat16)(Py_ssize_t height, Py_ssize_t width, Py_ssize_t channels, Py_ssize_t lanes,
                                       const float* x, Py_ssize_t top, Py_ssize_t rows, Py_ssize_t left,
                                       Py_ssize_t columns, uint16_t* plane) noexcept nogil
        void (*conv_max_pool_list_gradient_bfloat16)(Py_ssize_t outputs, const entry_lists* lists,
                                                     const uint16_t* plane, Py_ssize_t columns, const float* near,
                                                     Py_ssize_t near_floats, float* dw) noexcept nogil
        void (*pair_windows)(Py_ssize_t windows, Py_ssize_t outputs, const float* dy, const uint8_t* argmax,
                             paired_window* paired) noexcept nogil
        void (*pack_taps)(Py_ssize_t lanes, Py_ssize_t outputs, const float* w, Py_ssize_t w_tap,
                          uint16_t* packed) noexcept nogil
        void (*conv_max_pool_input_gradient_bfloat16)(Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t channels,
                                                      Py_ssize_t outputs, const uint16_t* w,
                                                      const paired_window* paired, Py_ssize_t dx_row,
                                                      float* dx) noexcept nogil
        void (*winograd_weights_bfloat16)(Py_ssize_t size, Py_ssize_t channels, Py_ssize_t outputs, const float* w,
                                          Py_ssize_t w_tap, Py_ssize_t w_channel, float* u, Py_ssize_t u_frequency,
                                          Py_ssize_t u_channel) noexcept nogil
        void (*winograd_input_bfloat16)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* x,
                                        float* v) noexcept nogil
        void (*winograd_output_bfloat16)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* p,
                                         const float* bias, float* y) noexcept nogil
        void (*winograd_output_pool_bfloat16)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count,
                                              const float* p, const float* bias, float* y,
                                              uint8_t* argmax) noexcept nogil
        void (*winograd_fused_bfloat16)(const winograd_shape* s, Py_ssize_t first, Py_ssize_t count, const float* v,
                                        const float* u, Py_ssize_t u_frequency, Py_ssize_t u_channel,
                                        const float* bias, float* y, uint8_t* argmax, float* halves) noexcept nogil


cdef const kernel_table* table() noexcept nogil
