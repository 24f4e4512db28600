/* Convolution 3x3 of one channel + bias + ReLU + 2x2 max-pool by Winograd's F(2x2, 3x3): the four values of a window
 * come from 16 products instead of 36. Its additions cost no accuracy to speak of.
 *
 * Per row of windows the input transform B^T d B is made of whole rows of x, for all output channels; per window and
 * vector of output channels the products are added up column by column of the transform, 1 and 2 first, whose sum and
 * difference the others add to: so each window needs six registers. A tile is TILE_WINDOWS windows times two vectors of
 * output channels. Limited by arithmetic: 16 multiply-adds, and about 28 additions, comparisons and maxima. (With those
 * F(4x4, 3x3), which conv_pool_first_layer.c takes for more channels, does not gain.)
 *
 * Where a value is NaN, its window is computed again tap by tap: infinities, too, give what they should. */
#include "conv.h"
#include "conv_pool.h"
#include "kernels.h"
#include "winograd.h"

#if VECTOR_REGISTERS == 32
enum { TILE_WINDOWS = 2 };
#else
enum { TILE_WINDOWS = 1 };
#endif
enum { TILE_VECTORS = 2 };

/* The order in which rows and columns of the transform are taken. Row 3 of its output matrix is subtracted wherever it
 * occurs, so that row and column are negated in the weights. */
static const int order[4] = {1, 2, 0, 3};

/* Floats from one row of x, transformed, to the next. */
ALWAYS_INLINE ptrdiff_t pitch_of(const struct conv_shape *s) { return (2 * s->columns + 4 + 2 * VL - 1) / VL * VL; }

/* rows[4] = B^T d, of four rows of x; of each of them v[4][3]: column 0 of the transform, and 3 one pixel further; 1;
 * and 2; for a window where it starts (1 and 2 one pixel further). */
ALWAYS_INLINE void transform_rows(ptrdiff_t length, const float *x, ptrdiff_t x_row, ptrdiff_t pitch, float *rows,
                                  float *v) {
    for (ptrdiff_t p = 0; p < length; p += VL) {
        ptrdiff_t lanes = length - p < VL ? length - p : VL;
        vf d[4], row[4];
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) d[r] = vload_n(x + r * x_row + p, lanes);
        winograd_input(2, d, row);
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) vstore(rows + r * pitch + p, row[r]);
    }
    for (int r = 0; r < 4; r++, rows += pitch, v += 3 * pitch)
        for (ptrdiff_t p = 0; p < length; p += VL) {
            vf pixel = vload(rows + p), next = vload(rows + p + 1), third = vload(rows + p + 2);
            vstore(v + p, pixel - third);
            vstore(v + pitch + p, pixel + next);
            vstore(v + 2 * pitch + p, next - pixel);
        }
}

/* u[column][row][vector][VL] = G g G^T in that order, the last row and column negated; zero in the lanes that no output
 * channel has. */
static void transform_weights(ptrdiff_t vectors, ptrdiff_t outputs, const struct conv_shape *s, const float *w,
                              float *u) {
    for (ptrdiff_t q = 0; q < vectors; q++) {
        ptrdiff_t lanes = outputs - q * VL < VL ? outputs - q * VL : VL;
        vf half[3][4];
        for (int t = 0; t < 3; t++) {
            vf g[3];
            for (int r = 0; r < 3; r++) g[r] = vload_n(w + r * s->w_tap_row + t * s->w_channel + q * VL, lanes);
            winograd_weights(2, g, half[t]);
        }
        for (int i = 0; i < 4; i++) {
            vf g[3] = {half[0][order[i]], half[1][order[i]], half[2][order[i]]}, whole[4];
            winograd_weights(2, g, whole);
            for (int j = 0; j < 4; j++) {
                vf value = whole[order[j]];
                if ((i == 3) != (j == 3)) value = -value;
                vstore(u + ((j * 4 + i) * vectors + q) * VL, value);
            }
        }
    }
}

/* Where a tile reads and writes. */
struct place {
    const float *x, *v, *u, *w, *bias;
    float *y;
    uint8_t *argmax;
    ptrdiff_t pitch, outputs; /* outputs from here on; the last vector may have fewer */
};

ALWAYS_INLINE void tile(const int windows, const int vectors, const struct conv_shape *s, const struct place *at) {
    vf sum[2][2][TILE_WINDOWS][TILE_VECTORS]; /* the windows' values: [column][row] */
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        const float *v = at->v + (j == 2 ? 0 : 1 + (j == 0 ? at->pitch : j == 1 ? 2 * at->pitch : 0));
        vf part[2][TILE_WINDOWS][TILE_VECTORS]; /* of this column: rows of the window */
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            if (i == 2) {
#pragma GCC unroll 2
                for (int n = 0; n < windows; n++)
#pragma GCC unroll 2
                    for (int q = 0; q < vectors; q++) {
                        vf one = part[0][n][q], two = part[1][n][q];
                        part[0][n][q] = one + two;
                        part[1][n][q] = one - two;
                        if (j >= 2) {
                            part[0][n][q] += sum[j - 2][0][n][q];
                            part[1][n][q] += sum[j - 2][1][n][q];
                        }
                    }
            }
            const int row = i % 2;
            vf weight[TILE_VECTORS];
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) weight[q] = vload(at->u + ((j * 4 + i) * vectors + q) * VL);
#pragma GCC unroll 2
            for (int n = 0; n < windows; n++) {
                vf input = vset1(v[3 * order[i] * at->pitch + 2 * n]);
#pragma GCC unroll 2
                for (int q = 0; q < vectors; q++) {
                    vf product = input * weight[q];
                    if (i == 0 && j >= 2) /* the bias, once in each value */
                        part[0][n][q] = product + vload(at->bias + q * VL);
                    else if (i < 2) /* of two lone products the compiler may fuse one only: the first */
                        part[row][n][q] = i == 1 && j < 2 ? vrounded(product) : product;
                    else
                        part[row][n][q] += product;
                }
            }
        }
#pragma GCC unroll 2
        for (int n = 0; n < windows; n++)
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++)
#pragma GCC unroll 2
                for (int row = 0; row < 2; row++) {
                    vf value = part[row][n][q], before = sum[0][row][n][q];
                    if (j == 1) {
                        sum[0][row][n][q] = before + value;
                        sum[1][row][n][q] = before - value;
                    } else
                        sum[j == 3][row][n][q] = value;
                }
    }
    vf low = vset1(s->low);
#pragma GCC unroll 2
    for (int n = 0; n < windows; n++)
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++) {
            const vf value[4] = {sum[0][0][n][q], sum[1][0][n][q], sum[0][1][n][q], sum[1][1][n][q]};
            ptrdiff_t lanes = at->outputs - q * VL < VL ? at->outputs - q * VL : VL, to = n * s->y_pixel + q * VL;
            if (__builtin_expect(any_nan(value), 0))
                direct_window(s, at->x + 2 * n * s->x_pixel, at->w + q * VL, at->bias + q * VL, lanes, at->y + to,
                              at->argmax + to);
            else {
                vpositions position;
                vf best = window_max_of_numbers(value, low, &position);
                vstore_n(at->y + to, best, lanes);
                store_positions_n(at->argmax + to, position, lanes);
            }
        }
}

ALWAYS_INLINE void block(const int vectors, const struct conv_shape *s, struct place at) {
    ptrdiff_t j = 0;
    for (; j + TILE_WINDOWS <= s->columns; j += TILE_WINDOWS) {
        tile(TILE_WINDOWS, vectors, s, &at);
        at.x += 2 * TILE_WINDOWS, at.v += 2 * TILE_WINDOWS;
        at.y += TILE_WINDOWS * s->y_pixel, at.argmax += TILE_WINDOWS * s->y_pixel;
    }
    if (j < s->columns) tile(1, vectors, s, &at);
}

/* Windows of shape->rows x shape->columns, with 3 rows of taps of shape->channels = 3 values. scratch holds 16 rows of
 * 2 * columns + 4 floats and two vectors more, and 17 for each output channel of whole vectors. */
void KERNEL(conv_max_pool_one_channel)(const struct conv_shape *shape, const float *restrict x, const float *restrict w,
                                       const float *restrict bias, float *restrict y, uint8_t *restrict argmax,
                                       float *restrict scratch) {
    const struct conv_shape s = *shape;
    ptrdiff_t vectors = (s.outputs + VL - 1) / VL, pitch = pitch_of(&s);
    float *v = scratch, *rows = v + 12 * pitch, *biases = rows + 4 * pitch, *u = biases + vectors * VL;
    for (ptrdiff_t k = 0; k < vectors * VL; k++) biases[k] = bias && k < s.outputs ? bias[k] : 0;
    for (ptrdiff_t q = 0; q < vectors; q += TILE_VECTORS)
        transform_weights(vectors - q < TILE_VECTORS ? vectors - q : TILE_VECTORS, s.outputs - q * VL, &s, w + q * VL,
                          u + 16 * q * VL);
    for (ptrdiff_t i = 0; i < s.rows; i++) {
        const float *from = x + 2 * i * s.x_row;
        transform_rows(2 * s.columns + 2, from, s.x_row, pitch, rows, v);
        for (ptrdiff_t q = 0; q < vectors; q += TILE_VECTORS) {
            ptrdiff_t k = q * VL, to = i * s.y_row + k;
            struct place at = {from, v, u + 16 * k, w + k, biases + k, y + to, argmax + to, pitch, s.outputs - k};
            if (vectors - q >= TILE_VECTORS)
                block(TILE_VECTORS, &s, at);
            else
                block(1, &s, at);
        }
    }
}
