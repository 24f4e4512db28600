/* Convolution 3x3 of one to four channels + bias + ReLU + 2x2 max-pool in bfloat16, by Winograd's F(4, 3) down the
 * columns: the four values of a column come from six products of three pixels side by side, which are pairs of values
 * (three channels: nine values, five pairs, and 30 instructions for a window and 16 outputs).
 *
 * Per strip of two rows of windows B^T d is made of whole rows of x and rounded, V[frequency][pixel][channel], for all
 * output channels; U[vector][frequency][pair][VL] = G g, rounded, is in pairs, and where the number of values is odd
 * the last pair's second is 0. A tile is PIXELS columns times a vector of output channels: it takes the frequencies two
 * by two, 1 and 2 first, whose sum and difference the others add to, and broadcasts pairs of V from memory. Limited by
 * the products and the comparisons of windows, which share their units. A last single row of windows is F(2, 3), whose
 * U is the same but for factors, which V takes.
 *
 * Where V or U is so large that sums may be no numbers, a strip is computed tap by tap, in float32: infinities and NaN
 * give what they should. */
#include "bfloat16.h"
#include "conv.h"
#include "conv_pool.h"
#include "kernels.h"
#include "winograd.h"

enum { SIZE = 4, N = SIZE + 2, PIXELS = 6, WORDS = 2 * VL };

/* The frequencies of U in the order in which they are taken. */
static const uint8_t order[N] = {1, 2, 3, 4, 0, 5};

ALWAYS_INLINE int pairs_of(const int channels) { return (3 * channels + 1) / 2; }

/* Words from one frequency of V to the next. */
ALWAYS_INLINE ptrdiff_t pitch_of(const struct conv_shape *s, const int channels) {
    return ((2 * s->columns + 2) * channels + WORDS) / WORDS * WORDS;
}

/* The largest of all words so far, without their signs, twice. */
ALWAYS_INLINE vi largest(vi so_far, vi words) {
    return (vi)_mm512_max_epu16((__m512i)so_far, _mm512_add_epi16((__m512i)words, (__m512i)words));
}

/* Below 2^56, so that no sum of products overflows. */
ALWAYS_INLINE int are_ordinary(vi largest) {
    return _mm512_cmpge_epu16_mask((__m512i)largest, _mm512_set1_epi16((short)((127 + 56) << 8))) == 0;
}

/* WORDS words of V of each frequency, of a strip of `down` rows of windows; zeros from `left` on. */
ALWAYS_INLINE vi transform_words(const int down, ptrdiff_t left, const float *x, ptrdiff_t x_row, ptrdiff_t pitch,
                                 uint16_t *v, vi so_far) {
    vf row[2][N];
#pragma GCC unroll 2
    for (int h = 0; h < 2; h++) {
        ptrdiff_t lanes = left < h * VL ? 0 : left - h * VL < VL ? left - h * VL : VL;
        vf d[N];
#pragma GCC unroll 6
        for (int r = 0; r < 2 * down + 2; r++) d[r] = vload_to(x + r * x_row + (lanes ? h * VL : 0), lanes);
        if (down == 2) {
            winograd_input(SIZE, d, row[h]);
        } else {
            row[h][0] = 4 * (d[0] - d[2]);
            row[h][1] = -3 * (d[1] + d[2]);
            row[h][2] = -3 * (d[2] - d[1]);
            row[h][5] = d[3] - d[1];
        }
    }
#pragma GCC unroll 6
    for (int f = 0; f < N; f++) {
        if (down == 1 && (f == 3 || f == 4)) continue;
        vi words = vround_two(row[0][f], row[1][f]);
        so_far = largest(so_far, words);
        vstore_i((int32_t *)(v + f * pitch), words);
    }
    return so_far;
}

/* V of a strip; returns whether its values are ordinary. */
ALWAYS_INLINE int transform_rows(const int down, ptrdiff_t length, const float *x, ptrdiff_t x_row, ptrdiff_t pitch,
                                 uint16_t *v) {
    vi so_far = {0};
    ptrdiff_t p = 0;
    for (; p + WORDS <= length; p += WORDS) so_far = transform_words(down, WORDS, x + p, x_row, pitch, v + p, so_far);
    if (p < pitch) so_far = transform_words(down, length - p, x + p, x_row, pitch, v + p, so_far);
    return are_ordinary(so_far);
}

/* U of one vector of output channels; returns whether its values and the bias are ordinary. */
ALWAYS_INLINE int transform_weights(const int channels, ptrdiff_t lanes, const struct conv_shape *s, const float *w,
                                    vf bias, int32_t *u) {
    const int values = 3 * channels, pairs = pairs_of(channels);
    vi so_far = largest((vi){0}, vround_two(bias, bias));
    for (int p = 0; p < pairs; p++) {
        vf whole[2][N];
        for (int h = 0; h < 2; h++) {
            const float *tap = w + (2 * p + h) * s->w_channel;
            vf g[3] = {vzero(), vzero(), vzero()};
            for (int r = 0; r < 3 && 2 * p + h < values; r++) g[r] = vload_n(tap + r * s->w_tap_row, lanes);
            winograd_weights(SIZE, g, whole[h]);
        }
        for (int f = 0; f < N; f++) {
            vi words = vpairs(whole[0][order[f]], whole[1][order[f]]);
            so_far = largest(so_far, words);
            vstore_i(u + ((f / 2 * pairs + p) * 2 + f % 2) * VL, words);
        }
    }
    return are_ordinary(so_far);
}

/* sum + both products of each pair of w with the pair at v. (GCC 12 would load the broadcast into a register, and spill
 * others for it.) */
typedef int32_t pair_mem __attribute__((aligned(2), may_alias));
ALWAYS_INLINE vf vdot_pair(vf sum, vi w, const uint16_t *v) {
    __asm__("vdpbf16ps %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(w), "m"(*(const pair_mem *)v));
    return sum;
}

/* Where a tile reads and writes. */
struct place {
    const uint16_t *v;
    const int32_t *u;
    float *y;
    uint8_t *argmax;
    ptrdiff_t pitch, lanes;
    vf bias;
};

/* Adds the products of two frequencies of each pixel. */
ALWAYS_INLINE void add_products(const int pixels, const int channels, const uint16_t *v, const uint16_t *other_v,
                                const int32_t *u, vf *sum, vf *other_sum) {
#pragma GCC unroll 6
    for (int p = 0; p < pairs_of(channels); p++, u += 2 * VL) {
        vi w = vload_i(u), other_w = vload_i(u + VL);
#pragma GCC unroll 6
        for (int j = 0; j < pixels; j++) {
            sum[j] = vdot_pair(sum[j], w, v + j * channels + 2 * p);
            other_sum[j] = vdot_pair(other_sum[j], other_w, other_v + j * channels + 2 * p);
        }
    }
}

ALWAYS_INLINE void tile(const int pixels, const int down, const int channels, const struct conv_shape *s,
                        const struct place *at, ptrdiff_t column) {
    const ptrdiff_t pitch = at->pitch, u_two = 2 * pairs_of(channels) * VL;
    const uint16_t *v = at->v + 2 * column * channels;
    vf y[SIZE][PIXELS], p[PIXELS], other[PIXELS];
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++) p[j] = at->bias, other[j] = vzero();
    add_products(pixels, channels, v + pitch, v + 2 * pitch, at->u, p, other);
#pragma GCC unroll 6
    for (int j = 0; j < pixels; j++) {
        y[0][j] = p[j] + other[j];
        y[1][j] = p[j] - other[j];
        p[j] = other[j] = vzero();
    }
    if (down == 2) {
        add_products(pixels, channels, v + 3 * pitch, v + 4 * pitch, at->u + u_two, p, other);
#pragma GCC unroll 6
        for (int j = 0; j < pixels; j++) {
            vf far_sum = p[j] + other[j], far_difference = p[j] - other[j];
            y[2][j] = y[0][j] + 4 * far_sum;
            y[3][j] = y[1][j] + 8 * far_difference;
            y[0][j] += far_sum;
            y[1][j] += 2 * far_difference;
        }
    }
    add_products(pixels, channels, v, v + 5 * pitch, at->u + 2 * u_two, y[0], y[2 * down - 1]);
    const vf low = vset1(s->low);
#pragma GCC unroll 2
    for (int row = 0; row < down; row++)
#pragma GCC unroll 3
        for (int n = 0; n < pixels / 2; n++) {
            const vf *upper = &y[2 * row][2 * n], *lower = &y[2 * row + 1][2 * n];
            const vf value[4] = {upper[0], upper[1], lower[0], lower[1]};
            ptrdiff_t to = row * s->y_row + (column + n) * s->y_pixel;
            vpositions position;
            vstore_to(at->y + to, window_max_of_numbers(value, low, &position), at->lanes);
            store_positions_n(at->argmax + to, position, at->lanes);
        }
}

ALWAYS_INLINE void strip(const int down, const int channels, const struct conv_shape *s, const struct place *at) {
    ptrdiff_t column = 0;
    for (; column + PIXELS / 2 <= s->columns; column += PIXELS / 2) tile(PIXELS, down, channels, s, at, column);
    for (; column < s->columns; column++) tile(2, down, channels, s, at, column);
}

static void direct_strip(ptrdiff_t down, const struct conv_shape *s, const float *x, const float *w,
                         const struct place *at) {
    float bias[VL];
    vstore(bias, at->bias);
    for (ptrdiff_t row = 0; row < down; row++)
        for (ptrdiff_t column = 0; column < s->columns; column++) {
            ptrdiff_t to = row * s->y_row + column * s->y_pixel;
            direct_window(s, x + 2 * row * s->x_row + 2 * column * s->x_pixel, w, bias, at->lanes, at->y + to,
                          at->argmax + to);
        }
}

ALWAYS_INLINE void first_layer(const int channels, const struct conv_shape *s, const float *x, const float *w,
                               const float *bias, float *y, uint8_t *argmax, float *scratch) {
    const ptrdiff_t pitch = pitch_of(s, channels), length = (2 * s->columns + 2) * channels;
    const ptrdiff_t u_vector = N * pairs_of(channels) * VL;
    uint16_t *v = (uint16_t *)scratch;
    int32_t *u = (int32_t *)(v + N * pitch);
    int ordinary_weights = 1;
    for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
        ptrdiff_t lanes = s->outputs - k < VL ? s->outputs - k : VL;
        vf start = bias ? vload_n(bias + k, lanes) : vzero();
        ordinary_weights &= transform_weights(channels, lanes, s, w + k, start, u + k / VL * u_vector);
    }
    for (ptrdiff_t i = 0; i < s->rows; i += 2, x += 4 * s->x_row) {
        ptrdiff_t down = s->rows - i < 2 ? 1 : 2;
        int ordinary = down == 2 ? transform_rows(2, length, x, s->x_row, pitch, v)
                                 : transform_rows(1, length, x, s->x_row, pitch, v);
        for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
            ptrdiff_t to = i * s->y_row + k, lanes = s->outputs - k < VL ? s->outputs - k : VL;
            vf start = bias ? vload_n(bias + k, lanes) : vzero();
            struct place at = {v, u + k / VL * u_vector, y + to, argmax + to, pitch, lanes, start};
            if (!(ordinary && ordinary_weights))
                direct_strip(down, s, x, w + k, &at);
            else if (down == 2)
                strip(2, channels, s, &at);
            else
                strip(1, channels, s, &at);
        }
    }
}

/* Windows of shape->rows x shape->columns, with 3 rows of taps of shape->channels = 3 times one to four values. scratch
 * holds 6 rows of columns + 1 pixels and 16 floats more, and 6 * (3 * channels + 1) / 2 for each output channel of
 * whole vectors. */
void KERNEL(conv_max_pool_first_layer_bfloat16)(const struct conv_shape *shape, const float *restrict x,
                                                const float *restrict w, const float *restrict bias, float *restrict y,
                                                uint8_t *restrict argmax, float *restrict scratch) {
    const struct conv_shape s = *shape;
    switch (s.channels / 3) {
    case 1:
        first_layer(1, &s, x, w, bias, y, argmax, scratch);
        break;
    case 2:
        first_layer(2, &s, x, w, bias, y, argmax, scratch);
        break;
    case 3:
        first_layer(3, &s, x, w, bias, y, argmax, scratch);
        break;
    default:
        first_layer(4, &s, x, w, bias, y, argmax, scratch);
    }
}
