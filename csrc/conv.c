/* Direct convolution forward, without im2col: NHWC images, output channels contiguous in the weights.
 *
 * A tile is TILE_PIXELS output pixels times TILE_VECTORS vectors of output channels, held in registers while all taps
 * and channels are summed. Its pixels are neighbours in row-major order and may lie in two rows, so that narrow images
 * waste nothing; the pixels of a run are spread evenly over its tiles, so that none is nearly empty. Every output is
 * summed in the order of taps and channels whatever its tile, hence the same bits in any batch or tile.
 * Limited by the multiply-adds: a step loads TILE_VECTORS vectors of weights, that stream from the L2 cache, and
 * TILE_PIXELS scalars of x for TILE_PIXELS * TILE_VECTORS of them. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE_PIXELS = 6, TILE_VECTORS = 4 };
#else
enum { TILE_PIXELS = 6, TILE_VECTORS = 2 };
#endif

ALWAYS_INLINE vf clamp(const struct conv_shape *s, vf value) {
    return vmin(vset1(s->high), vmax(vset1(s->low), value));
}

/* `last` is the number of lanes of the last vector that exist; `whole` says that all do. */
ALWAYS_INLINE void tile(const int pixels, const int vectors, const int whole, ptrdiff_t last,
                        const struct conv_shape *s, const float *const *x, const float *w, const float *bias,
                        float *const *y) {
    vf sum[TILE_PIXELS][TILE_VECTORS];
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) {
        vf start = vzero();
        if (bias) start = whole || q < vectors - 1 ? vload(bias + q * VL) : vload_n(bias + q * VL, last);
#pragma GCC unroll 6
        for (int p = 0; p < pixels; p++) sum[p][q] = start;
    }
    for (ptrdiff_t r = 0; r < s->taps_down; r++)
        for (ptrdiff_t t = 0; t < s->taps_across; t++) {
            const float *weights = w + r * s->w_tap_row + t * s->w_tap_column;
            ptrdiff_t first = r * s->x_tap_row + t * s->x_tap_column, channels = s->channels;
            for (ptrdiff_t c = first; c < first + channels; c++, weights += s->w_channel) {
                vf weight[TILE_VECTORS];
#pragma GCC unroll 4
                for (int q = 0; q < vectors; q++)
                    weight[q] = whole || q < vectors - 1 ? vload(weights + q * VL) : vload_n(weights + q * VL, last);
#pragma GCC unroll 6
                for (int p = 0; p < pixels; p++) {
                    vf input = vset1(x[p][c]);
#pragma GCC unroll 4
                    for (int q = 0; q < vectors; q++) sum[p][q] += input * weight[q];
                }
            }
        }
#pragma GCC unroll 6
    for (int p = 0; p < pixels; p++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            if (whole || q < vectors - 1)
                vstore(y[p] + q * VL, clamp(s, sum[p][q]));
            else
                vstore_n(y[p] + q * VL, clamp(s, sum[p][q]), last);
        }
}

/* All pixels for one block of output channels. */
ALWAYS_INLINE void block(const int vectors, const int whole, ptrdiff_t last, const struct conv_shape *s, const float *x,
                         const float *w, const float *bias, float *y) {
    ptrdiff_t pixels = s->rows * s->columns, tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS;
    ptrdiff_t column = 0, done = 0;
    for (ptrdiff_t i = 1; i <= tiles; i++) {
        const float *from[TILE_PIXELS];
        float *to[TILE_PIXELS];
        int count = (int)(pixels * i / tiles - done);
        done += count;
        for (int p = 0; p < count; p++) {
            from[p] = x + column * s->x_pixel;
            to[p] = y + column * s->y_pixel;
            if (++column == s->columns) column = 0, x += s->x_row, y += s->y_row;
        }
        switch (count) {
        case 1:
            tile(1, vectors, whole, last, s, from, w, bias, to);
            break;
        case 2:
            tile(2, vectors, whole, last, s, from, w, bias, to);
            break;
        case 3:
            tile(3, vectors, whole, last, s, from, w, bias, to);
            break;
        case 4:
            tile(4, vectors, whole, last, s, from, w, bias, to);
            break;
        case 5:
            tile(5, vectors, whole, last, s, from, w, bias, to);
            break;
        case 6:
            tile(6, vectors, whole, last, s, from, w, bias, to);
            break;
        }
    }
}

void KERNEL(conv)(const struct conv_shape *shape, const float *restrict x, const float *restrict w,
                  const float *restrict bias, float *restrict y) {
    struct conv_shape s = *shape;
    for (ptrdiff_t k = 0; k < s.outputs; k += TILE_VECTORS * VL) {
        ptrdiff_t outputs = s.outputs - k;
        const float *b = bias ? bias + k : NULL, *panel = w + k / (TILE_VECTORS * VL) * s.w_panel;
        if (outputs >= TILE_VECTORS * VL) {
            block(TILE_VECTORS, 1, VL, &s, x, panel, b, y + k);
            continue;
        }
        ptrdiff_t last = (outputs - 1) % VL + 1;
        switch ((outputs - 1) / VL) {
        case 0:
            block(1, 0, last, &s, x, panel, b, y + k);
            break;
        case 1:
            block(2, 0, last, &s, x, panel, b, y + k);
            break;
#if VECTOR_REGISTERS == 32
        case 2:
            block(3, 0, last, &s, x, panel, b, y + k);
            break;
        case 3:
            block(4, 0, last, &s, x, panel, b, y + k);
            break;
#endif
        }
    }
}
