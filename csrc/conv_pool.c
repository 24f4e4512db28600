/* Convolution + bias + ReLU + 2x2 max-pool in one: the four values of a window are computed side by side in registers,
 * and only the largest is stored, with its position as a byte.
 *
 * In the shape, rows and columns count windows, x_row and x_pixel lead from one pixel of the convolution to the next.
 * A tile is TILE_WINDOWS windows times TILE_VECTORS vectors of output channels, windows numbered in row-major order and
 * spread evenly over the tiles. Limited by the multiply-adds. */
#include "conv_pool.h"
#include "conv.h"
#include "kernels.h"

#if VECTOR_REGISTERS == 32
enum { TILE_WINDOWS = 3, TILE_VECTORS = 2 };
#elif defined(FASTCNN_ISA_AVX2)
enum { TILE_WINDOWS = 1, TILE_VECTORS = 3 };
#else
enum { TILE_WINDOWS = 1, TILE_VECTORS = 2 };
#endif

/* `last` is the number of lanes of the last vector that exist; `whole` says that all do. upper and lower are the
 * pixels of the two rows of a window. */
ALWAYS_INLINE void tile(const int windows, const int vectors, const int whole, ptrdiff_t last,
                        const struct conv_shape *s, const float *const *upper, const float *const *lower,
                        const float *w, const float *bias, float *const *y, uint8_t *const *argmax) {
    vf sum[TILE_WINDOWS][TILE_VECTORS][4];
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) {
        vf start = vzero();
        if (bias) start = whole || q < vectors - 1 ? vload(bias + q * VL) : vload_n(bias + q * VL, last);
#pragma GCC unroll 4
        for (int p = 0; p < windows; p++)
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) sum[p][q][i] = start;
    }
    for (ptrdiff_t r = 0; r < s->taps_down; r++) {
        const float *weights = w + r * s->w_tap_row;
        ptrdiff_t first = r * s->x_tap_row, channels = s->channels, next = s->x_pixel;
        for (ptrdiff_t c = first; c < first + channels; c++, weights += s->w_channel) {
            vf weight[TILE_VECTORS];
#pragma GCC unroll 4
            for (int q = 0; q < vectors; q++)
                weight[q] = whole || q < vectors - 1 ? vload(weights + q * VL) : vload_n(weights + q * VL, last);
#pragma GCC unroll 4
            for (int p = 0; p < windows; p++) {
                const float *const pixel[4] = {upper[p] + c, upper[p] + c + next, lower[p] + c, lower[p] + c + next};
#if VECTOR_REGISTERS == 32
                vf input[4] = {vset1(*pixel[0]), vset1(*pixel[1]), vset1(*pixel[2]), vset1(*pixel[3])};
#pragma GCC unroll 4
                for (int q = 0; q < vectors; q++)
#pragma GCC unroll 4
                    for (int i = 0; i < 4; i++) sum[p][q][i] += input[i] * weight[q];
#else /* no register to spare: one input after the other */
#pragma GCC unroll 4
                for (int i = 0; i < 4; i++) {
                    vf input = vset1(*pixel[i]);
#pragma GCC unroll 4
                    for (int q = 0; q < vectors; q++) sum[p][q][i] += input * weight[q];
                }
#endif
            }
        }
    }
    vf low = vset1(s->low);
#pragma GCC unroll 4
    for (int p = 0; p < windows; p++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            ptrdiff_t lanes = whole || q < vectors - 1 ? VL : last;
            vpositions position;
            vf best = window_max(sum[p][q], low, &position);
            if (lanes == VL)
                vstore(y[p] + q * VL, best);
            else
                vstore_n(y[p] + q * VL, best, lanes);
            store_positions_n(argmax[p] + q * VL, position, lanes);
        }
}

/* All windows for one block of output channels. */
ALWAYS_INLINE void block(const int vectors, const int whole, ptrdiff_t last, const struct conv_shape *s, const float *x,
                         const float *w, const float *bias, float *y, uint8_t *argmax) {
    ptrdiff_t windows = s->rows * s->columns, tiles = (windows + TILE_WINDOWS - 1) / TILE_WINDOWS;
    ptrdiff_t column = 0, done = 0;
    for (ptrdiff_t i = 1; i <= tiles; i++) {
        const float *upper[TILE_WINDOWS] = {0}, *lower[TILE_WINDOWS] = {0};
        float *to[TILE_WINDOWS] = {0};
        uint8_t *at[TILE_WINDOWS] = {0};
        int count = (int)(windows * i / tiles - done);
        done += count;
        for (int p = 0; p < count; p++) {
            upper[p] = x + 2 * column * s->x_pixel;
            lower[p] = upper[p] + s->x_row;
            to[p] = y + column * s->y_pixel;
            at[p] = argmax + column * s->y_pixel;
            if (++column == s->columns) column = 0, x += 2 * s->x_row, y += s->y_row, argmax += s->y_row;
        }
        switch (count) {
        case 1:
            tile(1, vectors, whole, last, s, upper, lower, w, bias, to, at);
            break;
#if VECTOR_REGISTERS == 32
        case 2:
            tile(2, vectors, whole, last, s, upper, lower, w, bias, to, at);
            break;
        case 3:
            tile(3, vectors, whole, last, s, upper, lower, w, bias, to, at);
            break;
#endif
        }
    }
}

void KERNEL(conv_max_pool)(const struct conv_shape *shape, const float *restrict x, const float *restrict w,
                           const float *restrict bias, float *restrict y, uint8_t *restrict argmax) {
    struct conv_shape s = *shape;
    ptrdiff_t vectors = (s.outputs + VL - 1) / VL, blocks = (vectors + TILE_VECTORS - 1) / TILE_VECTORS, k = 0;
    for (ptrdiff_t i = 1; i <= blocks; i++) {
        ptrdiff_t end = i < blocks ? vectors * i / blocks * VL : s.outputs, last = (end - k - 1) % VL + 1;
        const float *b = bias ? bias + k : NULL;
        switch ((end - k + VL - 1) / VL * 2 + (last == VL)) {
        case 2:
            block(1, 0, last, &s, x, w + k, b, y + k, argmax + k);
            break;
        case 3:
            block(1, 1, last, &s, x, w + k, b, y + k, argmax + k);
            break;
        case 4:
            block(2, 0, last, &s, x, w + k, b, y + k, argmax + k);
            break;
        case 5:
            block(2, 1, last, &s, x, w + k, b, y + k, argmax + k);
            break;
#if defined(FASTCNN_ISA_AVX2)
        case 6:
            block(3, 0, last, &s, x, w + k, b, y + k, argmax + k);
            break;
        case 7:
            block(3, 1, last, &s, x, w + k, b, y + k, argmax + k);
            break;
#endif
        }
        k = end;
    }
}
