/* Depthwise convolution: every channel has a filter of its own, and vectors run along channels.
 *
 * Kernels of 3x3 taps that lie side by side in x, of stride 1 or 2, take a tile of TILE_ROWS x TILE_COLUMNS output
 * pixels of one vector of channels: its nine weights stay in registers, and each vector of x that the tile sees is
 * loaded once for all outputs that it goes into. Other kernels, and the channels that no whole vector holds, take a
 * tile of RUN pixels of a row and one tap after the other. The channels are the innermost loop, so that memory is read
 * as it lies. Every output is summed in the order of its taps whatever its tile, hence the same bits in any of them.
 * Limited by the multiply-adds where x lies in L2, by the memory behind it else; stride 2 by the loads of x.
 *
 * Of `shape`: `outputs` is the number of channels; w has one weight per tap and channel, side by side as in x. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE_ROWS = 2, TILE_COLUMNS = 4 };
#else
enum { TILE_ROWS = 2, TILE_COLUMNS = 2 };
#endif
enum { RUN = 8 };

ALWAYS_INLINE vf clamp(const struct conv_shape *s, vf value) {
    return vmin(vset1(s->high), vmax(vset1(s->low), value));
}

/* rows x columns output pixels of a 3x3 kernel whose neighbouring outputs lie `stride` taps apart. */
ALWAYS_INLINE void tile(const int rows, const int columns, const int stride, const struct conv_shape *s, const float *x,
                        const float *w, const float *bias, float *y) {
    vf weight[3][3], sum[TILE_ROWS][TILE_COLUMNS], start = bias ? vload(bias) : vzero();
#pragma GCC unroll 2
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) sum[p][q] = start;
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 3
        for (int t = 0; t < 3; t++) weight[r][t] = vload(w + r * s->w_tap_row + t * s->w_tap_column);
#pragma GCC unroll 5
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
                        sum[p][q] += input * weight[r][t];
                }
        }
    }
#pragma GCC unroll 2
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 4
        for (int q = 0; q < columns; q++) vstore(y + p * s->y_row + q * s->y_pixel, clamp(s, sum[p][q]));
}

/* `pixels` output pixels of a row, any kernel; `lanes` is the number of channels where not `whole`. */
ALWAYS_INLINE void run(const int pixels, const int whole, ptrdiff_t lanes, const struct conv_shape *s, const float *x,
                       const float *w, const float *bias, float *y) {
    vf sum[RUN], start = vzero();
    if (bias) start = whole ? vload(bias) : vload_n(bias, lanes);
#pragma GCC unroll 8
    for (int q = 0; q < pixels; q++) sum[q] = start;
    for (ptrdiff_t r = 0; r < s->taps_down; r++) {
        const float *from = x + r * s->x_tap_row, *weights = w + r * s->w_tap_row;
        for (ptrdiff_t t = 0; t < s->taps_across; t++, from += s->x_tap_column, weights += s->w_tap_column) {
            vf weight = whole ? vload(weights) : vload_n(weights, lanes);
#pragma GCC unroll 8
            for (int q = 0; q < pixels; q++) {
                const float *pixel = from + q * s->x_pixel;
                sum[q] += (whole ? vload(pixel) : vload_n(pixel, lanes)) * weight;
            }
        }
    }
#pragma GCC unroll 8
    for (int q = 0; q < pixels; q++) {
        if (whole)
            vstore(y + q * s->y_pixel, clamp(s, sum[q]));
        else
            vstore_n(y + q * s->y_pixel, clamp(s, sum[q]), lanes);
    }
}

/* All whole vectors of channels of a tile; stride 0 stands for a run. */
ALWAYS_INLINE void vectors(const int rows, const int columns, const int stride, const struct conv_shape *s,
                           const float *x, const float *w, const float *bias, float *y) {
    for (ptrdiff_t k = 0; k + VL <= s->outputs; k += VL) {
        const float *b = bias ? bias + k : NULL;
        if (stride)
            tile(rows, columns, stride, s, x + k, w + k, b, y + k);
        else
            run(columns, 1, VL, s, x + k, w + k, b, y + k);
    }
}

/* Rows of pixels, spread evenly over tiles of at most TILE_COLUMNS of them. */
ALWAYS_INLINE void row_of_tiles(const int rows, const int stride, const struct conv_shape *s, const float *x,
                                const float *w, const float *bias, float *y) {
    ptrdiff_t tiles = (s->columns + TILE_COLUMNS - 1) / TILE_COLUMNS, done = 0;
    for (ptrdiff_t i = 1; i <= tiles; i++) {
        const float *from = x + done * s->x_pixel;
        float *to = y + done * s->y_pixel;
        ptrdiff_t count = s->columns * i / tiles - done;
        done += count;
        switch (count) {
        case 1:
            vectors(rows, 1, stride, s, from, w, bias, to);
            break;
        case 2:
            vectors(rows, 2, stride, s, from, w, bias, to);
            break;
#if VECTOR_REGISTERS == 32
        case 3:
            vectors(rows, 3, stride, s, from, w, bias, to);
            break;
        case 4:
            vectors(rows, 4, stride, s, from, w, bias, to);
            break;
#endif
        }
    }
}

ALWAYS_INLINE void all_tiles(const int stride, const struct conv_shape *s, const float *x, const float *w,
                             const float *bias, float *y) {
    ptrdiff_t i = 0;
    for (; i + TILE_ROWS <= s->rows; i += TILE_ROWS)
        row_of_tiles(TILE_ROWS, stride, s, x + i * s->x_row, w, bias, y + i * s->y_row);
    for (; i < s->rows; i++) row_of_tiles(1, stride, s, x + i * s->x_row, w, bias, y + i * s->y_row);
}

/* Whole vectors of channels by runs of RUN pixels, what is left of a row by shorter ones. */
static void all_runs(const struct conv_shape *s, const float *x, const float *w, const float *bias, float *y) {
    for (ptrdiff_t i = 0; i < s->rows; i++) {
        const float *from = x + i * s->x_row;
        float *to = y + i * s->y_row;
        ptrdiff_t j = 0;
        for (; j + RUN <= s->columns; j += RUN)
            vectors(1, RUN, 0, s, from + j * s->x_pixel, w, bias, to + j * s->y_pixel);
        for (; j + 3 <= s->columns; j += 3) vectors(1, 3, 0, s, from + j * s->x_pixel, w, bias, to + j * s->y_pixel);
        for (; j < s->columns; j++) vectors(1, 1, 0, s, from + j * s->x_pixel, w, bias, to + j * s->y_pixel);
    }
}

/* The last channels, fewer than a vector. */
static void last_channels(ptrdiff_t lanes, const struct conv_shape *s, const float *x, const float *w,
                          const float *bias, float *y) {
    for (ptrdiff_t i = 0; i < s->rows; i++) {
        const float *from = x + i * s->x_row;
        float *to = y + i * s->y_row;
        ptrdiff_t j = 0;
        for (; j + RUN <= s->columns; j += RUN)
            run(RUN, 0, lanes, s, from + j * s->x_pixel, w, bias, to + j * s->y_pixel);
        for (; j < s->columns; j++) run(1, 0, lanes, s, from + j * s->x_pixel, w, bias, to + j * s->y_pixel);
    }
}

void KERNEL(conv_depthwise)(const struct conv_shape *shape, const float *restrict x, const float *restrict w,
                            const float *restrict bias, float *restrict y) {
    const struct conv_shape s = *shape;
    ptrdiff_t whole = s.outputs / VL * VL;
    int stride = s.taps_down != 3 || s.taps_across != 3                          ? 0
                 : s.x_pixel == s.x_tap_column && s.x_row == s.x_tap_row         ? 1
                 : s.x_pixel == 2 * s.x_tap_column && s.x_row == 2 * s.x_tap_row ? 2
                                                                                 : 0;
    if (whole && stride == 1)
        all_tiles(1, &s, x, w, bias, y);
    else if (whole && stride == 2)
        all_tiles(2, &s, x, w, bias, y);
    else if (whole)
        all_runs(&s, x, w, bias, y);
    if (whole < s.outputs)
        last_channels(s.outputs - whole, &s, x + whole, w + whole, bias ? bias + whole : NULL, y + whole);
}
