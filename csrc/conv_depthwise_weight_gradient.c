/* Gradient of the weights of a depthwise convolution, added to dw; vectors run along channels.
 *
 * As in conv_depthwise.c, 3x3 kernels of stride 1 or 2 have tiles: TILE_ROWS x TILE_COLUMNS vectors of dy and the nine
 * sums of their taps stay in registers, and each vector of x is loaded once for all of them; dw, in the L1 cache, is
 * read and written once a tile. Other kernels, and the channels that no whole vector holds, take RUN vectors of dy and
 * one tap after the other. Limited by the multiply-adds where x and dy lie in L2, by the memory behind it else.
 *
 * Of `shape`: `outputs` is the number of channels, y's strides are those of dy, and w's those of dw. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE_ROWS = 4, TILE_COLUMNS = 4 };
#else
enum { TILE_ROWS = 3, TILE_COLUMNS = 2 };
#endif
enum { RUN = 8 };

/* What rows x columns pixels of dy give for the taps of a 3x3 kernel. */
ALWAYS_INLINE void tile(const int rows, const int columns, const int stride, const struct conv_shape *s, const float *x,
                        const float *dy, float *dw) {
    vf out[TILE_ROWS][TILE_COLUMNS], sum[3][3];
#pragma GCC unroll 4
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) out[p][q] = vload(dy + p * s->y_row + q * s->y_pixel);
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 3
        for (int t = 0; t < 3; t++) sum[r][t] = vload(dw + r * s->w_tap_row + t * s->w_tap_column);
#pragma GCC unroll 9
    for (int i = 0; i < (rows - 1) * stride + 3; i++) {
        const float *from = x + i * s->x_tap_row;
#pragma GCC unroll 9
        for (int j = 0; j < (columns - 1) * stride + 3; j++, from += s->x_tap_column) {
            vf input = vload(from);
#pragma GCC unroll 3
            for (int r = 0; r < 3; r++)
#pragma GCC unroll 3
                for (int t = 0; t < 3; t++) {
                    int p = (i - r) / stride, q = (j - t) / stride;
                    if (i - r == p * stride && j - t == q * stride && i >= r && j >= t && p < rows && q < columns)
                        sum[r][t] += input * out[p][q];
                }
        }
    }
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 3
        for (int t = 0; t < 3; t++) vstore(dw + r * s->w_tap_row + t * s->w_tap_column, sum[r][t]);
}

/* What `pixels` of a row of dy give for the taps of any kernel; `lanes` is the number of channels where not `whole`. */
ALWAYS_INLINE void run(const int pixels, const int whole, ptrdiff_t lanes, const struct conv_shape *s, const float *x,
                       const float *dy, float *dw) {
    vf out[RUN];
#pragma GCC unroll 8
    for (int q = 0; q < pixels; q++) out[q] = whole ? vload(dy + q * s->y_pixel) : vload_n(dy + q * s->y_pixel, lanes);
    for (ptrdiff_t r = 0; r < s->taps_down; r++)
        for (ptrdiff_t t = 0; t < s->taps_across; t++) {
            const float *from = x + r * s->x_tap_row + t * s->x_tap_column;
            float *to = dw + r * s->w_tap_row + t * s->w_tap_column;
            vf sum = whole ? vload(to) : vload_n(to, lanes);
#pragma GCC unroll 8
            for (int q = 0; q < pixels; q++) {
                const float *pixel = from + q * s->x_pixel;
                sum += (whole ? vload(pixel) : vload_n(pixel, lanes)) * out[q];
            }
            if (whole)
                vstore(to, sum);
            else
                vstore_n(to, sum, lanes);
        }
}

/* All whole vectors of channels of a tile; stride 0 stands for a run. */
ALWAYS_INLINE void vectors(const int rows, const int columns, const int stride, const struct conv_shape *s,
                           const float *x, const float *dy, float *dw) {
    for (ptrdiff_t k = 0; k + VL <= s->outputs; k += VL) {
        if (stride)
            tile(rows, columns, stride, s, x + k, dy + k, dw + k);
        else
            run(columns, 1, VL, s, x + k, dy + k, dw + k);
    }
}

/* Rows of pixels, spread evenly over tiles of at most TILE_COLUMNS of them. */
ALWAYS_INLINE void row_of_tiles(const int rows, const int stride, const struct conv_shape *s, const float *x,
                                const float *dy, float *dw) {
    ptrdiff_t tiles = (s->columns + TILE_COLUMNS - 1) / TILE_COLUMNS, done = 0;
    for (ptrdiff_t i = 1; i <= tiles; i++) {
        const float *from = x + done * s->x_pixel, *gradient = dy + done * s->y_pixel;
        ptrdiff_t count = s->columns * i / tiles - done;
        done += count;
        switch (count) {
        case 1:
            vectors(rows, 1, stride, s, from, gradient, dw);
            break;
        case 2:
            vectors(rows, 2, stride, s, from, gradient, dw);
            break;
#if VECTOR_REGISTERS == 32
        case 3:
            vectors(rows, 3, stride, s, from, gradient, dw);
            break;
        case 4:
            vectors(rows, 4, stride, s, from, gradient, dw);
            break;
#endif
        }
    }
}

ALWAYS_INLINE void all_tiles(const int stride, const struct conv_shape *s, const float *x, const float *dy, float *dw) {
    ptrdiff_t i = 0;
    for (; i + TILE_ROWS <= s->rows; i += TILE_ROWS)
        row_of_tiles(TILE_ROWS, stride, s, x + i * s->x_row, dy + i * s->y_row, dw);
    for (; i < s->rows; i++) row_of_tiles(1, stride, s, x + i * s->x_row, dy + i * s->y_row, dw);
}

/* Whole vectors of channels by runs of RUN pixels, what is left of a row by shorter ones. */
static void all_runs(const struct conv_shape *s, const float *x, const float *dy, float *dw) {
    for (ptrdiff_t i = 0; i < s->rows; i++) {
        const float *from = x + i * s->x_row, *gradient = dy + i * s->y_row;
        ptrdiff_t j = 0;
        for (; j + RUN <= s->columns; j += RUN)
            vectors(1, RUN, 0, s, from + j * s->x_pixel, gradient + j * s->y_pixel, dw);
        for (; j + 3 <= s->columns; j += 3) vectors(1, 3, 0, s, from + j * s->x_pixel, gradient + j * s->y_pixel, dw);
        for (; j < s->columns; j++) vectors(1, 1, 0, s, from + j * s->x_pixel, gradient + j * s->y_pixel, dw);
    }
}

/* The last channels, fewer than a vector. */
static void last_channels(ptrdiff_t lanes, const struct conv_shape *s, const float *x, const float *dy, float *dw) {
    for (ptrdiff_t i = 0; i < s->rows; i++) {
        const float *from = x + i * s->x_row, *gradient = dy + i * s->y_row;
        ptrdiff_t j = 0;
        for (; j + RUN <= s->columns; j += RUN)
            run(RUN, 0, lanes, s, from + j * s->x_pixel, gradient + j * s->y_pixel, dw);
        for (; j < s->columns; j++) run(1, 0, lanes, s, from + j * s->x_pixel, gradient + j * s->y_pixel, dw);
    }
}

void KERNEL(conv_depthwise_weight_gradient)(const struct conv_shape *shape, const float *restrict x,
                                            const float *restrict dy, float *restrict dw) {
    const struct conv_shape s = *shape;
    ptrdiff_t whole = s.outputs / VL * VL;
    int stride = s.taps_down != 3 || s.taps_across != 3                          ? 0
                 : s.x_pixel == s.x_tap_column && s.x_row == s.x_tap_row         ? 1
                 : s.x_pixel == 2 * s.x_tap_column && s.x_row == 2 * s.x_tap_row ? 2
                                                                                 : 0;
    if (whole && stride == 1)
        all_tiles(1, &s, x, dy, dw);
    else if (whole && stride == 2)
        all_tiles(2, &s, x, dy, dw);
    else if (whole)
        all_runs(&s, x, dy, dw);
    if (whole < s.outputs) last_channels(s.outputs - whole, &s, x + whole, dy + whole, dw + whole);
}
