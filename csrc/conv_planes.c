/* Direct convolution to few output channels, on planes: each channel's pixels lie side by side, rows and all.
 *
 * Vectors run along the pixels, so that they are full however few outputs there are: groups of 8 channels or fewer,
 * and the last layers of decoders. A tile is up to TILE_OUTPUTS output channels times so many vectors of pixels that
 * TILE sums are in registers. A convolution without stride reads every tap of a plane at one distance from the output
 * pixel: what lies between the end of a row and the next one is computed and left out by the driver.
 * Limited by the multiply-adds: a step loads a scalar of the weights for each output and a vector of x, most of them
 * across two cache lines, for each vector of pixels. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE = 24, TILE_OUTPUTS = 8 };
#else
enum { TILE = 12, TILE_OUTPUTS = 4 };
#endif

ALWAYS_INLINE void tile(const int outputs, const int vectors, const struct conv_planes_shape *s, const float *x,
                        const float *w, const float *bias, float *y) {
    vf sum[TILE_OUTPUTS][TILE];
#pragma GCC unroll 8
    for (int k = 0; k < outputs; k++)
#pragma GCC unroll 24
        for (int q = 0; q < vectors; q++) sum[k][q] = bias ? vset1(bias[k]) : vzero();
    for (ptrdiff_t c = 0; c < s->channels; c++, x += s->x_plane, w += s->w_channel)
        for (ptrdiff_t r = 0; r < s->taps_down; r++) {
            const float *from = x + r * s->x_tap_row, *weights = w + r * s->w_tap_row;
            for (ptrdiff_t t = 0; t < s->taps_across; t++, from += s->x_tap_column, weights += s->w_tap_column) {
                if (outputs < vectors) { /* the fewer of the two wait in registers */
                    vf weight[TILE_OUTPUTS];
#pragma GCC unroll 8
                    for (int k = 0; k < outputs; k++) weight[k] = vheld(vset1(weights[k]));
#pragma GCC unroll 24
                    for (int q = 0; q < vectors; q++) {
                        vf input = vheld(vload(from + q * VL));
#pragma GCC unroll 8
                        for (int k = 0; k < outputs; k++) sum[k][q] += input * weight[k];
                    }
                } else {
                    vf input[TILE];
#pragma GCC unroll 24
                    for (int q = 0; q < vectors; q++) input[q] = vheld(vload(from + q * VL));
#pragma GCC unroll 8
                    for (int k = 0; k < outputs; k++) {
                        vf weight = vheld(vset1(weights[k]));
#pragma GCC unroll 24
                        for (int q = 0; q < vectors; q++) sum[k][q] += input[q] * weight;
                    }
                }
            }
        }
#pragma GCC unroll 8
    for (int k = 0; k < outputs; k++)
#pragma GCC unroll 24
        for (int q = 0; q < vectors; q++)
            vstore(y + k * s->y_plane + q * VL, vmin(vset1(s->high), vmax(vset1(s->low), sum[k][q])));
}

/* All pixels for one block of output channels. */
ALWAYS_INLINE void block(const int outputs, const int vectors, const struct conv_planes_shape *s, const float *x,
                         const float *w, const float *bias, float *y) {
    ptrdiff_t p = 0;
    for (; p + vectors * VL <= s->pixels; p += vectors * VL) tile(outputs, vectors, s, x + p, w, bias, y + p);
    for (; p < s->pixels; p += VL) tile(outputs, 1, s, x + p, w, bias, y + p);
}

void KERNEL(conv_planes)(const struct conv_planes_shape *shape, const float *restrict x, const float *restrict w,
                         const float *restrict bias, float *restrict y) {
    const struct conv_planes_shape s = *shape;
    for (ptrdiff_t k = 0; k < s.outputs; k += TILE_OUTPUTS) {
        const ptrdiff_t outputs = s.outputs - k < TILE_OUTPUTS ? s.outputs - k : TILE_OUTPUTS;
        const float *b = bias ? bias + k : NULL;
        float *to = y + k * s.y_plane;
        switch (outputs) {
        case 1:
            block(1, TILE / 2, &s, x, w + k, b, to);
            break;
        case 2:
            block(2, TILE / 3, &s, x, w + k, b, to);
            break;
        case 3:
            block(3, TILE / 3, &s, x, w + k, b, to);
            break;
        case 4:
            block(4, TILE / 4, &s, x, w + k, b, to);
            break;
#if VECTOR_REGISTERS == 32
        case 5:
            block(5, 4, &s, x, w + k, b, to);
            break;
        case 6:
            block(6, 4, &s, x, w + k, b, to);
            break;
        case 7:
            block(7, 3, &s, x, w + k, b, to);
            break;
        case 8:
            block(8, 3, &s, x, w + k, b, to);
            break;
#endif
        }
    }
}
