/* The list of all kernels.
 *
 * One row per kernel: X(name, (arguments)); every kernel returns nothing. (Those of bfloat16.h go with them.) From this
 * list come the prototypes of the symbols of each instruction set, the table that dispatch.c fills, and the names that
 * tests and benches read, so that no kernel exists untested. Sizes and strides are counted in elements. */
#ifndef FASTCNN_KERNELS_H
#define FASTCNN_KERNELS_H

#include "bfloat16.h"
#include "conv.h"
#include "gemm.h"
#include "optimizer.h"

#include <stddef.h>
#include <stdint.h>

/* The windows of a pooling op along one axis. */
struct pool_range {
    ptrdiff_t start, stop;
};
struct pool_window {
    ptrdiff_t origin, start, stop; /* its first place, maybe in front of the image; its places in the image */
};
struct pool_axis {
    ptrdiff_t places, windows, size, stride; /* size: of the largest window */
    struct pool_range whole;                 /* windows of this size in the image, `stride` places apart */
    const struct pool_window *window;
    const struct pool_range *holders; /* of each place: the windows that hold it */
};

/* Geometry of a pooling op on one image, NHWC. */
struct pool2d {
    struct pool_axis rows, columns;
    ptrdiff_t channels;
};

/* A sequence of random words: see philox.h. */
struct random_stream {
    uint32_t key[2], step, salt;
};

/* What a dropout mask is made from: see dropout.c. */
struct dropout_mask {
    struct random_stream stream;
    uint32_t threshold;
    float scale;
};

/* Images that are warped: see warp.c. */
struct warp {
    ptrdiff_t height, width, channels; /* of an image read */
    ptrdiff_t out_width;
    int fill_mode; /* 0 constant, 1 reflect, 2 wrap, 3 nearest */
    int bilinear, perspective;
    float fill_value;
};

/* How pixels of bytes become a row of float32 in another width: see pixels.c. */
struct resampling {
    ptrdiff_t width, step; /* pixels of a row that is read, bytes of a pixel */
    ptrdiff_t channels;    /* of the output: the first bytes of a pixel, or all its first byte where step is smaller */
    ptrdiff_t out_width, taps;
    const int32_t *columns; /* out_width x taps: the pixels that are added, and their weights */
    const float *weights;
};

/* Element types that conversions read. */
enum {
    FASTCNN_UINT8,
    FASTCNN_INT8,
    FASTCNN_UINT16,
    FASTCNN_INT16,
    FASTCNN_UINT32,
    FASTCNN_INT32,
    FASTCNN_UINT64,
    FASTCNN_INT64,
    FASTCNN_FLOAT16,
    FASTCNN_FLOAT32,
    FASTCNN_FLOAT64
};

/* Arguments that kernels of one kind share. */
#define FASTCNN_UNARY (ptrdiff_t n, const float *x, float *y)
#define FASTCNN_UNARY_GRADIENT (ptrdiff_t n, const float *dy, const float *y, float *dx)
#define FASTCNN_ACTIVATION (ptrdiff_t n, float a, float b, float c, const float *x, float *y)
#define FASTCNN_ACTIVATION_GRADIENT (ptrdiff_t n, float a, float b, float c, const float *dy, const float *x, float *dx)
#define FASTCNN_BINARY                                                                                                 \
    (ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,           \
     ptrdiff_t b_row, ptrdiff_t b_column, float *y)

#define FASTCNN_UPDATE (const struct update_rates *rates, const float *g, ptrdiff_t n, float *w, float **slot)

#define FASTCNN_KERNELS(X)                                                                                             \
    /* elementwise.c */                                                                                                \
    X(unary_relu, FASTCNN_UNARY)                                                                                       \
    X(unary_sigmoid, FASTCNN_UNARY)                                                                                    \
    X(unary_tanh, FASTCNN_UNARY)                                                                                       \
    X(unary_exp, FASTCNN_UNARY)                                                                                        \
    X(unary_log, FASTCNN_UNARY)                                                                                        \
    X(unary_square, FASTCNN_UNARY)                                                                                     \
    X(unary_sqrt, FASTCNN_UNARY)                                                                                       \
    X(unary_negative, FASTCNN_UNARY)                                                                                   \
    X(unary_abs, FASTCNN_UNARY)                                                                                        \
    X(unary_log1p, FASTCNN_UNARY)                                                                                      \
    X(unary_expm1, FASTCNN_UNARY)                                                                                      \
    X(unary_floor, FASTCNN_UNARY)                                                                                      \
    X(unary_ceil, FASTCNN_UNARY)                                                                                       \
    X(unary_round, FASTCNN_UNARY)                                                                                      \
    X(unary_sign, FASTCNN_UNARY)                                                                                       \
    X(unary_isnan, FASTCNN_UNARY)                                                                                      \
    X(unary_sin, FASTCNN_UNARY)                                                                                        \
    X(unary_cos, FASTCNN_UNARY)                                                                                        \
    X(unary_arctan, FASTCNN_UNARY)                                                                                     \
    X(unary_erf, FASTCNN_UNARY)                                                                                        \
    X(unary_isfinite, FASTCNN_UNARY)                                                                                   \
    X(unary_bfloat16, FASTCNN_UNARY)                                                                                   \
    X(relu_gradient, FASTCNN_UNARY_GRADIENT)                                                                           \
    X(sigmoid_gradient, FASTCNN_UNARY_GRADIENT)                                                                        \
    X(tanh_gradient, FASTCNN_UNARY_GRADIENT)                                                                           \
    X(binary_add, FASTCNN_BINARY)                                                                                      \
    X(binary_subtract, FASTCNN_BINARY)                                                                                 \
    X(binary_multiply, FASTCNN_BINARY)                                                                                 \
    X(binary_divide, FASTCNN_BINARY)                                                                                   \
    X(binary_maximum, FASTCNN_BINARY)                                                                                  \
    X(binary_minimum, FASTCNN_BINARY)                                                                                  \
    X(binary_equal, FASTCNN_BINARY)                                                                                    \
    X(binary_greater, FASTCNN_BINARY)                                                                                  \
    X(binary_greater_equal, FASTCNN_BINARY)                                                                            \
    X(binary_not_equal, FASTCNN_BINARY)                                                                                \
    X(binary_masked, FASTCNN_BINARY)                                                                                   \
    X(binary_power, FASTCNN_BINARY)                                                                                    \
    /* activation.c: activation functions of one pass, and their gradients from the input */                           \
    X(activation_rectify, FASTCNN_ACTIVATION)                                                                          \
    X(activation_rectify_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                        \
    X(activation_elu, FASTCNN_ACTIVATION)                                                                              \
    X(activation_elu_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                            \
    X(activation_gelu, FASTCNN_ACTIVATION)                                                                             \
    X(activation_gelu_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                           \
    X(activation_gelu_tanh, FASTCNN_ACTIVATION)                                                                        \
    X(activation_gelu_tanh_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                      \
    X(activation_silu, FASTCNN_ACTIVATION)                                                                             \
    X(activation_silu_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                           \
    X(activation_mish, FASTCNN_ACTIVATION)                                                                             \
    X(activation_mish_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                           \
    X(activation_softplus, FASTCNN_ACTIVATION)                                                                         \
    X(activation_softplus_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                       \
    X(activation_softsign, FASTCNN_ACTIVATION)                                                                         \
    X(activation_softsign_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                       \
    X(activation_hard_sigmoid, FASTCNN_ACTIVATION)                                                                     \
    X(activation_hard_sigmoid_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                   \
    X(activation_hard_silu, FASTCNN_ACTIVATION)                                                                        \
    X(activation_hard_silu_gradient, FASTCNN_ACTIVATION_GRADIENT)                                                      \
    /* sum.c, copy.c */                                                                                                \
    X(row_sums, (ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y))                                         \
    X(row_maxima, (ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y))                                       \
    X(row_maxima_gradient,                                                                                             \
      (ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *y, const float *dy, float *dx))                 \
    X(copy_matrix, (ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, ptrdiff_t x_column, float *y,  \
                    ptrdiff_t y_row))                                                                                  \
    X(add_matrix, (ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row))     \
    /* softmax.c, loss.c */                                                                                            \
    X(softmax, (ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y))                                          \
    X(softmax_gradient, (ptrdiff_t rows, ptrdiff_t columns, const float *dy, const float *y, float *dx))               \
    X(softmax_cross_entropy_sparse, (ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *logits,    \
                                     float *loss, float *probabilities))                                               \
    X(softmax_cross_entropy_gradient_sparse, (ptrdiff_t rows, ptrdiff_t columns, const int32_t *target,                \
                                              const float *probabilities, const float *dloss, float *dlogits))         \
    X(cross_entropy_sparse,                                                                                            \
      (ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *probabilities, float *loss))             \
    X(cross_entropy_gradient_sparse, (ptrdiff_t rows, ptrdiff_t columns, const int32_t *target,                        \
                                      const float *probabilities, const float *dloss, float *dprobabilities))          \
    X(softmax_cross_entropy_dense, (ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *logits,       \
                                    float *loss, float *probabilities))                                                \
    X(softmax_cross_entropy_gradient_dense, (ptrdiff_t rows, ptrdiff_t columns, const float *target,                   \
                                             const float *probabilities, const float *dloss, float *dlogits))          \
    X(cross_entropy_dense,                                                                                             \
      (ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *probabilities, float *loss))               \
    X(cross_entropy_gradient_dense, (ptrdiff_t rows, ptrdiff_t columns, const float *target,                           \
                                     const float *probabilities, const float *dloss, float *dprobabilities))           \
    /* metric.c */                                                                                                     \
    X(accuracy_sparse, (ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *output, float *y))      \
    X(accuracy_dense, (ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *output, float *y))         \
    X(binary_accuracy,                                                                                                 \
      (ptrdiff_t rows, ptrdiff_t columns, float threshold, const float *target, const float *output, float *y))        \
    X(accumulate, (ptrdiff_t n, const float *values, const float *weights, double *state))                             \
    X(add_to_doubles, (ptrdiff_t n, const float *values, double *state))                                               \
    /* order.c */                                                                                                      \
    X(argmax, (ptrdiff_t rows, ptrdiff_t columns, const float *x, int32_t *y))                                         \
    X(top_k, (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t k, const float *x, float *values, int32_t *positions))      \
    X(searchsorted, (ptrdiff_t n, ptrdiff_t count, const float *bounds, int right, const float *x, int32_t *y))        \
    X(cumulative_sums, (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *x, float *y))                \
    X(bincount, (ptrdiff_t n, ptrdiff_t bins, const int32_t *x, const float *weights, float *counts))                  \
    /* take.c */                                                                                                       \
    X(take, (ptrdiff_t picks, ptrdiff_t count, ptrdiff_t columns, ptrdiff_t stride, const int32_t *indices,            \
             const float *x, float *y))                                                                                \
    X(take_gradient, (ptrdiff_t picks, ptrdiff_t count, ptrdiff_t columns, ptrdiff_t stride, const int32_t *indices,   \
                      const float *dy, float *dx))                                                                     \
    /* random.c: uniform numbers from 0 to 1, or normal ones, or logarithms of gamma numbers */                        \
    X(random_numbers, (const struct random_stream *d, int normal, ptrdiff_t first, ptrdiff_t n, float *y))             \
    X(random_log_gamma, (const struct random_stream *d, ptrdiff_t first, ptrdiff_t n, const float *alpha, float *y))   \
    /* warp.c: one row of a warped image; colour.c */                                                                  \
    X(warp_row, (const struct warp *s, const float *transform, ptrdiff_t row, const float *x, float *y))               \
    /* pixels.c: `line` has room for width * step + 3 floats */                                                        \
    X(resample_row, (const struct resampling *s, ptrdiff_t taps, const uint8_t *const *rows, const float *row_weights, \
                     float *line, float *y))                                                                           \
    X(png_unfilter, (ptrdiff_t rows, ptrdiff_t n, ptrdiff_t pixel, uint8_t *data))                                     \
    X(warp_row_at, (const struct warp *s, const float *down, const float *across, const float *x, float *y))           \
    X(homography, (const float *start, const float *end, float *t))                                                    \
    X(rgb_to_hsv, FASTCNN_UNARY)                                                                                       \
    X(hsv_to_rgb, FASTCNN_UNARY)                                                                                       \
    X(scale_shift_clip, (ptrdiff_t pixels, ptrdiff_t channels, float low, float high, const float *scale,              \
                         const float *shift, const float *x, float *y))                                                \
    /* dropout.c, gather.c */                                                                                          \
    X(dropout, (const struct dropout_mask *d, ptrdiff_t first, ptrdiff_t n, const float *x, float *y))                 \
    X(convert_to_float32, (int kind, ptrdiff_t n, const void *x, float *y))                                            \
    X(convert_to_int32, (int kind, ptrdiff_t n, const void *x, int32_t *y))                                            \
    /* max_pool.c: windows of rows `first` to `last` of one image; backward the places that they own, see there */     \
    X(max_pool2d,                                                                                                      \
      (const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y, int32_t *argmax))            \
    X(max_pool2d_gradient,                                                                                             \
      (const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy, const int32_t *argmax, float *dx))    \
    /* average_pool.c: likewise */                                                                                     \
    X(average_pool2d, (const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y))             \
    X(average_pool2d_gradient, (const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy, float *dx))  \
    /* peak.c: what the processor can do at most */                                                                    \
    X(fma_peak, (ptrdiff_t repeats, float *result))                                                                    \
    /* conv.c: convolution forward */                                                                                  \
    X(conv, (const struct conv_shape *shape, const float *x, const float *w, const float *bias, float *y))             \
    /* conv_weight_gradient.c, conv_group_weight_gradient.c: one tap's share of the gradient, added to dw */           \
    X(conv_weight_gradient, (const struct conv_gradient_shape *shape, const float *x, const float *dy, float *dw))     \
    X(conv_group_weight_gradient,                                                                                      \
      (const struct conv_gradient_shape *shape, ptrdiff_t group, const float *x, const float *dy, float *dw))          \
    /* conv_planes.c, conv_planes_weight_gradient.c: on planes, for few outputs */                                     \
    X(conv_planes,                                                                                                     \
      (const struct conv_planes_shape *shape, const float *x, const float *w, const float *bias, float *y))            \
    X(conv_planes_weight_gradient,                                                                                     \
      (const struct conv_planes_shape *shape, const float *x, const float *dy, float *dw))                             \
    /* conv_sparse_gradient.c: of one image, where dy is nearly all zeros; added to dw and dx */                       \
    X(conv_sparse_weight_gradient, (const struct conv_sparse_shape *shape, ptrdiff_t first, ptrdiff_t outputs,         \
                                    const float *x, const float *dy, float *dw))                                       \
    X(conv_sparse_input_gradient, (const struct conv_sparse_shape *shape, const float *w, const float *dy, float *dx)) \
    /* winograd_weight_gradient.c: tiles of x and of dy transformed, and the sums of their products brought to taps */ \
    X(winograd_gradient_x,                                                                                             \
      (const struct winograd_gradient_shape *s, ptrdiff_t first, ptrdiff_t count, const float *image, float *out))     \
    X(winograd_gradient_dy,                                                                                            \
      (const struct winograd_gradient_shape *s, ptrdiff_t first, ptrdiff_t count, const float *image, float *out))     \
    X(winograd_gradient_taps, (ptrdiff_t size, ptrdiff_t count, ptrdiff_t pieces, ptrdiff_t piece, const float *sums,  \
                               ptrdiff_t step, float *out, ptrdiff_t tap))                                             \
    /* conv_columns.c: overlapping runs added up */                                                                    \
    X(add_runs,                                                                                                        \
      (ptrdiff_t count, ptrdiff_t run, const float *from, ptrdiff_t from_step, float *to, ptrdiff_t to_step))          \
    /* winograd_strided.c: 3x3 convolution with steps of 2, `count` tiles from number `first` on, and its gradients */ \
    X(winograd_strided_weights, (ptrdiff_t channels, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap,               \
                                 ptrdiff_t w_channel, float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel))           \
    X(winograd_strided_input,                                                                                          \
      (const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count, const float *image, float *v))        \
    X(winograd_strided_rows, (const struct winograd_strided_shape *s, int odd, ptrdiff_t first, ptrdiff_t count,       \
                              const float *image, float *v))                                                           \
    X(winograd_strided_output, (const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count,              \
                                const float *p, const float *bias, float *y))                                          \
    X(winograd_strided_taps, (ptrdiff_t count, ptrdiff_t pieces, ptrdiff_t piece, const float *sums, ptrdiff_t step,   \
                              float *out, ptrdiff_t tap))                                                              \
    /* conv_depthwise.c, conv_depthwise_weight_gradient.c: one filter for each channel; the latter adds to dw */       \
    X(conv_depthwise, (const struct conv_shape *shape, const float *x, const float *w, const float *bias, float *y))   \
    X(conv_depthwise_weight_gradient, (const struct conv_shape *shape, const float *x, const float *dy, float *dw))    \
    /* repeat.c: elements repeated, and the sums of those that belong together */                                      \
    X(repeat_elements, (ptrdiff_t n, ptrdiff_t times, const float *x, float *y))                                       \
    X(sum_repeats, (ptrdiff_t n, ptrdiff_t times, const float *x, float *y))                                           \
    /* conv_pool.c: convolution + bias + ReLU + 2x2 max-pool with the positions of the maxima */                       \
    X(conv_max_pool,                                                                                                   \
      (const struct conv_shape *shape, const float *x, const float *w, const float *bias, float *y, uint8_t *argmax))  \
    /* conv_pool_first_layer.c, conv_pool_one_channel.c: the same for two and three channels, and for one */           \
    X(conv_max_pool_first_layer, (const struct conv_shape *shape, const float *x, const float *w, const float *bias,   \
                                  float *y, uint8_t *argmax, float *scratch))                                          \
    X(conv_max_pool_one_channel, (const struct conv_shape *shape, const float *x, const float *w, const float *bias,   \
                                  float *y, uint8_t *argmax, float *scratch))                                          \
    /* conv_pool_weight_gradient.c, conv_pool_input_gradient.c, conv_pool_gradient.c: its gradients */                 \
    X(pool_lists,                                                                                                      \
      (ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax, const int32_t *corners,           \
       ptrdiff_t across, ptrdiff_t down, const struct pool_lists *lists, float *db))                                   \
    X(channel_plane, (ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes, const float *x,          \
                      ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left, ptrdiff_t columns, float *plane))                 \
    X(conv_max_pool_weight_gradient, (ptrdiff_t outputs, const struct pool_lists *lists, const float *x,               \
                                      ptrdiff_t x_row, const float *near, ptrdiff_t near_floats, float *dw))           \
    X(conv_max_pool_first_layer_gradient,                                                                              \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels, ptrdiff_t outputs, const float *x, ptrdiff_t x_row,      \
       const float *dy, const uint8_t *argmax, float *dw, float *db))                                                  \
    X(sort_windows, (ptrdiff_t windows, ptrdiff_t outputs, const uint8_t *argmax, struct sorted_window *sorted))       \
    X(conv_max_pool_input_gradient,                                                                                    \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels, ptrdiff_t outputs, const float *w, const float *dy,      \
       const struct sorted_window *sorted, ptrdiff_t dx_row, float *dx))                                               \
    X(unpool,                                                                                                          \
      (ptrdiff_t height, ptrdiff_t width, ptrdiff_t outputs, const float *dy, const uint8_t *argmax, float *out))      \
    /* winograd.c: 3x3 convolution, `count` tiles from number `first` on */                                            \
    X(winograd_weights, (ptrdiff_t size, ptrdiff_t channels, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap,       \
                         ptrdiff_t w_channel, float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel))                   \
    X(winograd_input, (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *x, float *v))    \
    X(winograd_output,                                                                                                 \
      (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p, const float *bias, float *y)) \
    X(winograd_output_pool, (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p,         \
                             const float *bias, float *y, uint8_t *argmax))                                            \
    X(winograd_output_whole,                                                                                           \
      (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p, float *y))                    \
    /* reduce.c: sums over rows, and a row added to every row */                                                       \
    X(column_sums, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y))                    \
    X(column_maxima, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y))                  \
    X(column_maxima_gradient, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *y,    \
                               const float *dy, float *dx))                                                            \
    X(add_row, (const float *x, const float *row, ptrdiff_t rows, ptrdiff_t columns, float *y))                        \
    X(sum_pieces, (const float *pieces, ptrdiff_t count, ptrdiff_t piece, ptrdiff_t rows, ptrdiff_t columns,           \
                   const float *bias, int flags, float *y))                                                            \
    /* channel_norm.c: batch and group normalisation; row_norm.c: layer and RMS normalisation */                       \
    X(channel_statistics,                                                                                              \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *x, float *mean, float *squares))              \
    X(merge_statistics, (ptrdiff_t count, ptrdiff_t columns, ptrdiff_t piece, const float *weights,                    \
                         const float *pieces, float *mean, float *variance))                                           \
    X(channel_coefficients,                                                                                            \
      (ptrdiff_t columns, float epsilon, const float *mean, const float *variance, const float *gamma,                 \
       const float *beta, const float *dgamma, const float *dbeta, float rows, float *k))                              \
    X(channel_normalize, (ptrdiff_t rows, ptrdiff_t columns, int relu, const float *x, const float *k, float *y))      \
    X(channel_gradient_sums, (ptrdiff_t rows, ptrdiff_t columns, int relu, const float *dy, const float *x,            \
                              const float *k, float *dgamma, float *dbeta))                                            \
    X(channel_input_gradient,                                                                                          \
      (ptrdiff_t rows, ptrdiff_t columns, int relu, const float *dy, const float *x, const float *k, float *dx))       \
    X(row_normalize, (ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *x,                  \
                      const float *gamma, const float *beta, float *y))                                                \
    X(row_normalize_gradient, (ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *dy,        \
                               const float *x, const float *gamma, float *dx, float *dgamma, float *dbeta))            \
    /* transpose.c: blocks of a matrix transposed */                                                                   \
    X(transpose_block,                                                                                                 \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t in_row, ptrdiff_t out_row, const float *in, float *out))           \
    /* gemm.c: matrix products */                                                                                      \
    X(gemm_blocking, (struct gemm_blocking * sizes))                                                                   \
    X(gemm, (const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row))                        \
    /* sparse_product.c: a matrix product that skips the zeros of a */                                                 \
    X(sparse_product, (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *a, ptrdiff_t a_row,            \
                       const float *b, ptrdiff_t b_row, int flags, float *c, ptrdiff_t c_row))                         \
    /* optimizer.c: weights updated in place */                                                                        \
    X(sgd_update, FASTCNN_UPDATE)                                                                                      \
    X(momentum_update, FASTCNN_UPDATE)                                                                                 \
    X(nesterov_update, FASTCNN_UPDATE)                                                                                 \
    X(adam_update, FASTCNN_UPDATE)                                                                                     \
    X(amsgrad_update, FASTCNN_UPDATE)                                                                                  \
    X(adamax_update, FASTCNN_UPDATE)                                                                                   \
    X(nadam_update, FASTCNN_UPDATE)                                                                                    \
    X(rmsprop_update, FASTCNN_UPDATE)                                                                                  \
    X(rmsprop_momentum_update, FASTCNN_UPDATE)                                                                         \
    X(rmsprop_centered_update, FASTCNN_UPDATE)                                                                         \
    X(rmsprop_centered_momentum_update, FASTCNN_UPDATE)                                                                \
    X(adagrad_update, FASTCNN_UPDATE)                                                                                  \
    X(adadelta_update, FASTCNN_UPDATE)                                                                                 \
    X(lion_update, FASTCNN_UPDATE)                                                                                     \
    X(lamb_update, FASTCNN_UPDATE)                                                                                     \
    X(ftrl_update, FASTCNN_UPDATE)                                                                                     \
    X(weight_average, (float momentum, int overwrite, ptrdiff_t n, float *average, float *w))                          \
    X(accumulate_gradient, (int first, ptrdiff_t n, const float *g, float *sum))                                       \
    X(sum_of_squares, (ptrdiff_t n, const float *x, double *sum))

#define FASTCNN_MEMBER(name, arguments) void(*name) arguments;
struct kernel_table {
    const char *isa;
    ptrdiff_t vector_length; /* floats in a vector */
    FASTCNN_KERNELS(FASTCNN_MEMBER)
    FASTCNN_BFLOAT16_KERNELS(FASTCNN_MEMBER)
};
#undef FASTCNN_MEMBER

#define FASTCNN_PROTOTYPES(name, arguments)                                                                            \
    void name##_generic arguments;                                                                                     \
    void name##_avx2 arguments;                                                                                        \
    void name##_avx512 arguments;
FASTCNN_KERNELS(FASTCNN_PROTOTYPES)
#undef FASTCNN_PROTOTYPES

#define FASTCNN_PROTOTYPE(name, arguments) void name##_avx512 arguments;
FASTCNN_BFLOAT16_KERNELS(FASTCNN_PROTOTYPE)
#undef FASTCNN_PROTOTYPE

/* The table of an instruction set, or NULL where this build or this processor does not have it. */
const struct kernel_table *fastcnn_kernels(const char *isa);

/* Names of the instruction sets that this processor and this build have, best first, ended by NULL. */
const char *const *fastcnn_isas(void);

/* Names of the kernels in the order of the list, ended by NULL. */
const char *const *fastcnn_kernel_names(void);

#endif
