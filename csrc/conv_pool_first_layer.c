/* Convolution 3x3 of two or three channels + bias + ReLU + 2x2 max-pool by Winograd's F(4x4, 3x3): the 16 values of
 * four windows come from 36 products a channel instead of 144.
 *
 * Per row of tiles B^T d is made of whole rows of x; the other half of the input transform, d B, of TILES tiles at a
 * time, for all output channels: V[row][column][tile][PIXEL], whose elements the products broadcast. Then for each
 * vector of output channels
 *     columns   of the transform, one after the other: the weights of a column stay in registers while all tiles pass,
 *               and the six sums of a tile become four rows of A^T P at once, in the L1 cache
 *     windows   the rows of (A^T P) A of a tile, as windows
 * With AVX-512 the columns take all of the multipliers, and as many loads: so their additions are additions even where
 * a multiply-add would be one instruction less.
 *
 * Tiles overhang the windows by zeros. Where a value is NaN, its window is computed again tap by tap: infinities, too,
 * give what they should. */
#include "conv.h"
#include "conv_pool.h"
#include "kernels.h"
#include "winograd.h"

enum { SIZE = 4, N = SIZE + 2, TILES = 8, PIXEL = 4 };

/* Floats from one row of x, transformed, to the next. */
ALWAYS_INLINE ptrdiff_t pitch_of(const struct conv_shape *s, const int channels) {
    ptrdiff_t tiles = (s->columns + 2 * TILES - 1) / (2 * TILES) * TILES;
    return ((SIZE * tiles + 2) * channels + 2 * VL - 1) / VL * VL;
}

/* rows[N] = B^T d of `height` rows of x, with zeros for further ones and beyond `length`. */
static void transform_rows(ptrdiff_t height, ptrdiff_t length, const float *x, ptrdiff_t x_row, ptrdiff_t pitch,
                           float *rows) {
    for (ptrdiff_t p = 0; p < pitch; p += VL) {
        ptrdiff_t left = length - p < 0 ? 0 : length - p, lanes = left < VL ? left : VL;
        vf d[N], row[N];
#pragma GCC unroll 6
        for (int r = 0; r < N; r++) d[r] = r < height && lanes ? vload_n(x + r * x_row + p, lanes) : vzero();
        winograd_input(SIZE, d, row);
#pragma GCC unroll 6
        for (int r = 0; r < N; r++) vstore(rows + r * pitch + p, row[r]);
    }
}

/* A pixel of each of VL / PIXEL tiles, four floats of each. */
ALWAYS_INLINE vf load_pixels(const float *p, ptrdiff_t tile) {
#if defined(FASTCNN_ISA_AVX512)
    __m512 pixels = _mm512_castps128_ps512(_mm_loadu_ps(p));
    pixels = _mm512_insertf32x4(pixels, _mm_loadu_ps(p + tile), 1);
    pixels = _mm512_insertf32x4(pixels, _mm_loadu_ps(p + 2 * tile), 2);
    return (vf)_mm512_insertf32x4(pixels, _mm_loadu_ps(p + 3 * tile), 3);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_set_m128(_mm_loadu_ps(p + tile), _mm_loadu_ps(p));
#else
    (void)tile;
    return vload(p);
#endif
}

/* v[N][N][TILES][PIXEL] = rows B */
ALWAYS_INLINE void transform_columns(const int channels, ptrdiff_t tiles, const float *rows, ptrdiff_t pitch,
                                     float *v) {
    for (int i = 0; i < N; i++, rows += pitch, v += N * TILES * PIXEL)
        for (ptrdiff_t t = 0; t < tiles; t += VL / PIXEL) {
            vf d[N], column[N];
#pragma GCC unroll 6
            for (int j = 0; j < N; j++) d[j] = load_pixels(rows + (SIZE * t + j) * channels, SIZE * channels);
            winograd_input(SIZE, d, column);
#pragma GCC unroll 6
            for (int j = 0; j < N; j++) vstore(v + (j * TILES + t) * PIXEL, column[j]);
        }
}

/* u[vector][column][row][channel][VL] = G g G^T, zero in the lanes that no output channel has. */
static void transform_weights(const int channels, ptrdiff_t vectors, const struct conv_shape *s, const float *w,
                              float *u) {
    for (ptrdiff_t q = 0; q < vectors; q++, w += VL, u += N * N * channels * VL)
        for (int c = 0; c < channels; c++) {
            ptrdiff_t lanes = s->outputs - q * VL < VL ? s->outputs - q * VL : VL;
            vf half[3][N];
            for (int t = 0; t < 3; t++) {
                vf g[3];
                for (int r = 0; r < 3; r++)
                    g[r] = vload_n(w + r * s->w_tap_row + (t * channels + c) * s->w_channel, lanes);
                winograd_weights(SIZE, g, half[t]);
            }
            for (int i = 0; i < N; i++) {
                vf g[3] = {half[0][i], half[1][i], half[2][i]}, whole[N];
                winograd_weights(SIZE, g, whole);
                for (int j = 0; j < N; j++) vstore(u + ((j * N + i) * channels + c) * VL, whole[j]);
            }
        }
}

/* A^T p, as winograd_output_pair, with one multiplication only. */
ALWAYS_INLINE void add_up(const vf *p, vf *y) {
    vf sum = p[1] + p[2], difference = p[1] - p[2], far_sum = p[3] + p[4], far_difference = p[3] - p[4];
    vf twice = vrounded(far_difference + far_difference), four_times = vrounded(twice + twice);
    y[0] = (p[0] + sum) + far_sum;
    y[1] = difference + twice;
    y[2] = sum + 4 * far_sum;
    y[3] = (difference + vrounded(four_times + four_times)) + p[5];
}

/* rows[SIZE][N][TILES][VL] of one column = A^T P. The bias stands in the product whose share of all values is 1. */
ALWAYS_INLINE void add_column(const int channels, ptrdiff_t tiles, const float *v, const float *u, vf bias,
                              float *rows) {
    vf weight[N][3];
#pragma GCC unroll 6
    for (int i = 0; i < N; i++)
#pragma GCC unroll 3
        for (int c = 0; c < channels; c++) {
            weight[i][c] = vload(u + (i * channels + c) * VL);
#if VECTOR_REGISTERS == 32
            weight[i][c] = vheld(weight[i][c]);
#endif
        }
    for (ptrdiff_t t = 0; t < tiles; t++, v += PIXEL, rows += VL) {
        vf p[N], y[SIZE];
#pragma GCC unroll 3
        for (int c = 0; c < channels; c++)
#pragma GCC unroll 6
            for (int i = 0; i < N; i++) {
                vf product = vset1(v[i * N * TILES * PIXEL + c]) * weight[i][c];
                p[i] = c > 0 ? p[i] + product : i == 1 ? bias + product : vrounded(product);
            }
        add_up(p, y);
#pragma GCC unroll 4
        for (int r = 0; r < SIZE; r++) vstore(rows + r * N * TILES * VL, y[r]);
    }
}

/* Where tiles read, if they must, and write. `down` and `across`: how many windows there are. */
struct place {
    const float *x, *w, *bias;
    float *y;
    uint8_t *argmax;
    ptrdiff_t down, across, lanes;
};

ALWAYS_INLINE void store_windows(const int whole, const struct conv_shape *s, const float *rows,
                                 const struct place *at) {
    const ptrdiff_t y_row = s->y_row, y_pixel = s->y_pixel, down = at->down, across = at->across, lanes = at->lanes;
    const vf low = vset1(s->low);
    for (ptrdiff_t column = 0; column < across; column += 2, rows += VL)
#pragma GCC unroll 2
        for (ptrdiff_t row = 0; row < 2; row++) {
            vf y[2][SIZE];
            if (row >= down) break;
#pragma GCC unroll 2
            for (int h = 0; h < 2; h++) {
                vf p[N];
#pragma GCC unroll 6
                for (int j = 0; j < N; j++) p[j] = vload(rows + ((2 * row + h) * N + j) * TILES * VL);
                winograd_output_pair(SIZE, 0, p, &y[h][0], &y[h][1]);
                winograd_output_pair(SIZE, 1, p, &y[h][2], &y[h][3]);
            }
#pragma GCC unroll 2
            for (int n = 0; n < 2; n++) {
                const vf value[4] = {y[0][2 * n], y[0][2 * n + 1], y[1][2 * n], y[1][2 * n + 1]};
                ptrdiff_t to = row * y_row + (column + n) * y_pixel;
                if (column + n >= across) break;
                if (__builtin_expect(any_nan(value), 0)) {
                    direct_window(s, at->x + 2 * row * s->x_row + 2 * (column + n) * s->x_pixel, at->w, at->bias, lanes,
                                  at->y + to, at->argmax + to);
                    continue;
                }
                vpositions position;
                vf best = window_max_of_numbers(value, low, &position);
                if (whole) {
                    vstore(at->y + to, best);
                    store_positions(at->argmax + to, position);
                } else {
                    vstore_n(at->y + to, best, lanes);
                    store_positions_n(at->argmax + to, position, lanes);
                }
            }
        }
}

ALWAYS_INLINE void first_layer(const int channels, const struct conv_shape *s, const float *x, const float *w,
                               const float *bias, float *y, uint8_t *argmax, float *scratch) {
    ptrdiff_t vectors = (s->outputs + VL - 1) / VL, pitch = pitch_of(s, channels);
    float *v = scratch, *sums = v + N * N * TILES * PIXEL, *rows = sums + SIZE * N * TILES * VL;
    float *biases = rows + N * pitch, *u = biases + vectors * VL;
    for (ptrdiff_t k = 0; k < vectors * VL; k++) biases[k] = bias && k < s->outputs ? bias[k] : 0;
    transform_weights(channels, vectors, s, w, u);
    for (ptrdiff_t i = 0; i < s->rows; i += 2) {
        transform_rows(2 * (s->rows - i) + 2, (2 * s->columns + 2) * channels, x + 2 * i * s->x_row, s->x_row, pitch,
                       rows);
        for (ptrdiff_t j = 0; j < s->columns; j += 2 * TILES) {
            ptrdiff_t windows = s->columns - j < 2 * TILES ? s->columns - j : 2 * TILES, tiles = (windows + 1) / 2;
            transform_columns(channels, tiles, rows + 2 * j * channels, pitch, v);
            for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
                ptrdiff_t to = i * s->y_row + j * s->y_pixel + k;
                struct place at = {x + 2 * i * s->x_row + 2 * j * s->x_pixel,
                                   w + k,
                                   biases + k,
                                   y + to,
                                   argmax + to,
                                   s->rows - i,
                                   windows,
                                   s->outputs - k < VL ? s->outputs - k : VL};
#pragma GCC unroll 6
                for (int column = 0; column < N; column++)
                    add_column(channels, tiles, v + column * TILES * PIXEL, u + (k * N + column * VL) * N * channels,
                               column == 1 ? vload(biases + k) : vzero(), sums + column * TILES * VL);
                if (at.lanes == VL)
                    store_windows(1, s, sums, &at);
                else
                    store_windows(0, s, sums, &at);
            }
        }
    }
}

/* Windows of shape->rows x shape->columns, with 3 rows of taps of shape->channels = 3 times two or three values.
 * scratch holds 1152 + 192 * VL floats, 6 rows of 32 * ceil(columns / 16) + 2 pixels and two vectors more, and
 * 1 + 36 * channels for each output channel of whole vectors. */
void KERNEL(conv_max_pool_first_layer)(const struct conv_shape *shape, const float *restrict x, const float *restrict w,
                                       const float *restrict bias, float *restrict y, uint8_t *restrict argmax,
                                       float *restrict scratch) {
    const struct conv_shape s = *shape;
    if (s.channels == 6)
        first_layer(2, &s, x, w, bias, y, argmax, scratch);
    else
        first_layer(3, &s, x, w, bias, y, argmax, scratch);
}
