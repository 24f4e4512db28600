/* Kernels that multiply bfloat16: their list, and what they share.
 *
 * They exist for AVX-512 with BF16 alone: in the table of any other instruction set, and of a processor without it,
 * these members are NULL. A pair is two bfloat16 in 32 bits, the first in the lower half; vdpbf16ps multiplies pairs
 * and adds both products to a float32. In arguments `float *` may point to pairs, where its 32 bits are only carried.
 * Rounding is to the nearest, of two to the even one. */
#ifndef FASTCNN_BFLOAT16_H
#define FASTCNN_BFLOAT16_H

#include "conv.h"
#include "gemm.h"

#include <stddef.h>
#include <stdint.h>

/* One window's output channels (up to SORTED of them) by the position of their maximum: those at position p are entries
 * end[p - 1] to end[p], always an even number. An entry is the bfloat16 of the gradient above the first word of the
 * channel's weights, as pack_taps lays them out. */
struct paired_window {
    uint32_t entries[SORTED + 4 + 16]; /* room for what a vector writes beyond the end */
    uint8_t end[4];
};

/* As pool_lists; an entry is the bfloat16 of its gradient above the number of its pixel. Lists are even: of an odd
 * number of entries, which is what counts[k] says, one without a gradient comes behind the last. */
struct entry_lists {
    int32_t *counts;
    uint32_t *entries;
    ptrdiff_t capacity;
};

#define FASTCNN_BFLOAT16_KERNELS(X)                                                                                    \
    /* gemm_bfloat16.c: matrix products whose operands are pairs along k, half as many as k */                         \
    X(gemm_bfloat16, (const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row,                \
                      const float *near, ptrdiff_t near_floats))                                                       \
    /* gemm_rounding_bfloat16.c: the same beside row_pairs */                                                          \
    X(gemm_rounding_bfloat16, (const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row,       \
                               ptrdiff_t rows, const float *x, ptrdiff_t x_row, float *pairs))                         \
    /* pairs_bfloat16.c: float32 matrices as pairs */                                                                  \
    X(row_pairs, (ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs, ptrdiff_t row))    \
    X(column_pairs, (ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs, ptrdiff_t row)) \
    X(turned_pairs, (ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs, ptrdiff_t row)) \
    /* sparse_product_bfloat16.c: products of such operands that skip the pairs of a that are zero */                  \
    X(sparse_product_bfloat16,                                                                                         \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t pairs, const float *a, ptrdiff_t a_row, const float *b,            \
       ptrdiff_t b_row, float *c, ptrdiff_t c_row, const float *near, ptrdiff_t near_floats))                          \
    /* conv_pool_first_layer_bfloat16.c: as conv_pool_first_layer.c, of one to four channels */                        \
    X(conv_max_pool_first_layer_bfloat16, (const struct conv_shape *shape, const float *x, const float *w,             \
                                           const float *bias, float *y, uint8_t *argmax, float *scratch))              \
    /* conv_pool_weight_gradient_bfloat16.c: of 3x3 convolution + ReLU + 2x2 max-pool, of two images at a time */      \
    X(window_pairs,                                                                                                    \
      (ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax, const float *other_dy,            \
       const uint8_t *other_argmax, const int32_t *shift, uint32_t *pairs, float *db))                                 \
    X(image_pair_planes,                                                                                               \
      (ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes, const float *x, const float *other,     \
       ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left, ptrdiff_t strips, uint16_t *planes, ptrdiff_t plane))            \
    X(conv_max_pool_weight_gradient_bfloat16,                                                                          \
      (ptrdiff_t channels, ptrdiff_t outputs, ptrdiff_t windows, const int32_t *corners, const uint16_t *planes,       \
       ptrdiff_t plane, const uint32_t *pairs, float *dw, ptrdiff_t dw_tap))                                           \
    /* conv_pool_list_gradient_bfloat16.c: of the same for inputs of many channels, by pairs of entries */             \
    X(pool_entries, (ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax,                     \
                     const int32_t *corners, ptrdiff_t down, const struct entry_lists *lists, float *db))              \
    X(channel_plane_bfloat16, (ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes, const float *x, \
                               ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left, ptrdiff_t columns, uint16_t *plane))     \
    X(conv_max_pool_list_gradient_bfloat16,                                                                            \
      (ptrdiff_t outputs, const struct entry_lists *lists, const uint16_t *plane, ptrdiff_t columns,                   \
       const float *near, ptrdiff_t near_floats, float *dw))                                                           \
    /* conv_pool_input_gradient_bfloat16.c: of the same, by pairs of output channels */                                \
    X(pair_windows,                                                                                                    \
      (ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax, struct paired_window *paired))    \
    X(pack_taps, (ptrdiff_t lanes, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap, uint16_t *packed))              \
    X(conv_max_pool_input_gradient_bfloat16,                                                                           \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels, ptrdiff_t outputs, const uint16_t *w,                    \
       const struct paired_window *paired, ptrdiff_t dx_row, float *dx))                                               \
    /* winograd_bfloat16.c: as winograd.c, with V in pairs of channels */                                              \
    X(winograd_weights_bfloat16,                                                                                       \
      (ptrdiff_t size, ptrdiff_t channels, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap, ptrdiff_t w_channel,    \
       float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel))                                                          \
    X(winograd_input_bfloat16,                                                                                         \
      (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *x, float *v))                    \
    X(winograd_output_bfloat16,                                                                                        \
      (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p, const float *bias, float *y)) \
    X(winograd_output_pool_bfloat16, (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count,                \
                                      const float *p, const float *bias, float *y, uint8_t *argmax))                   \
    X(winograd_fused_bfloat16,                                                                                         \
      (const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *v, const float *u,               \
       ptrdiff_t u_frequency, ptrdiff_t u_channel, const float *bias, float *y, uint8_t *argmax, float *halves))

#if defined(__AVX512BF16__)
#include "simd.h"

/* sum + both products of each pair */
ALWAYS_INLINE vf vdot(vf sum, vi a, vi b) { return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b); }

/* A vector of the pair at p. Not by vset1: arithmetic would take it for a float. */
ALWAYS_INLINE vf broadcast_pair(const float *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return (vf)vset1_i(pair);
}

/* The 32 bfloat16 of two vectors, those of `low` first. */
ALWAYS_INLINE vi vround_two(vf low, vf high) { return (vi)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low); }

/* Lists of word numbers for vpick: the words of both halves of a vector in turn, and back. */
static const uint16_t words_in_turn[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                           8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};

ALWAYS_INLINE vi vpick(vi words, vi numbers) { return (vi)_mm512_permutexvar_epi16((__m512i)numbers, (__m512i)words); }

/* Pairs of the elements of a and b. */
ALWAYS_INLINE vi vpairs(vf a, vf b) { return vpick(vround_two(a, b), vload_i((const int32_t *)words_in_turn)); }
#endif

#endif
