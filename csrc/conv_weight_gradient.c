/* Gradient of convolution weights, one tap and one rectangle of output pixels of a few images at a time.
 *
 * A tile is TILE_CHANNELS input channels times TILE_VECTORS vectors of output channels, held in registers while the
 * pixels are summed and then added to dw. The rectangle leaves out the pixels for which the tap lies in the padding,
 * so no zero is multiplied and no padded copy is made. The driver cuts images into bands that the L2 cache holds, or
 * takes as many small ones as it holds.
 * Limited by the multiply-adds; after them by adding the tile to dw, once per band. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE_CHANNELS = 6, TILE_VECTORS = 4 };
#else
enum { TILE_CHANNELS = 6, TILE_VECTORS = 2 };
#endif

ALWAYS_INLINE void tile(const int channels, const int vectors, const int whole, ptrdiff_t last,
                        const struct conv_gradient_shape *s, const float *x, const float *dy, float *dw) {
    vf sum[TILE_CHANNELS][TILE_VECTORS];
#pragma GCC unroll 6
    for (int c = 0; c < channels; c++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) sum[c][q] = vzero();
    for (ptrdiff_t n = 0; n < s->images; n++, x += s->x_image, dy += s->dy_image)
        for (ptrdiff_t i = 0; i < s->rows; i++) {
            const float *from = x + i * s->x_row, *gradient = dy + i * s->dy_row;
            for (ptrdiff_t j = 0; j < s->columns; j++, from += s->x_pixel, gradient += s->dy_pixel) {
                vf out[TILE_VECTORS];
#pragma GCC unroll 4
                for (int q = 0; q < vectors; q++)
                    out[q] = whole || q < vectors - 1 ? vload(gradient + q * VL) : vload_n(gradient + q * VL, last);
#pragma GCC unroll 6
                for (int c = 0; c < channels; c++) {
                    vf input = vset1(from[c]);
#pragma GCC unroll 4
                    for (int q = 0; q < vectors; q++) sum[c][q] += input * out[q];
                }
            }
        }
#pragma GCC unroll 6
    for (int c = 0; c < channels; c++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            float *to = dw + c * s->dw_channel + q * VL;
            if (whole || q < vectors - 1)
                vstore(to, vload(to) + sum[c][q]);
            else
                vstore_n(to, vload_n(to, last) + sum[c][q], last);
        }
}

/* All input channels, spread evenly over the tiles, for one block of output channels. */
ALWAYS_INLINE void block(const int vectors, const int whole, ptrdiff_t last, const struct conv_gradient_shape *s,
                         const float *x, const float *dy, float *dw) {
    ptrdiff_t tiles = (s->channels + TILE_CHANNELS - 1) / TILE_CHANNELS, done = 0;
    for (ptrdiff_t i = 1; i <= tiles; i++) {
        ptrdiff_t first = done;
        done = s->channels * i / tiles;
        const float *from = x + first;
        float *to = dw + first * s->dw_channel;
        switch (done - first) {
        case 1:
            tile(1, vectors, whole, last, s, from, dy, to);
            break;
        case 2:
            tile(2, vectors, whole, last, s, from, dy, to);
            break;
        case 3:
            tile(3, vectors, whole, last, s, from, dy, to);
            break;
        case 4:
            tile(4, vectors, whole, last, s, from, dy, to);
            break;
        case 5:
            tile(5, vectors, whole, last, s, from, dy, to);
            break;
        case 6:
            tile(6, vectors, whole, last, s, from, dy, to);
            break;
        }
    }
}

void KERNEL(conv_weight_gradient)(const struct conv_gradient_shape *shape, const float *restrict x,
                                  const float *restrict dy, float *restrict dw) {
    struct conv_gradient_shape s = *shape;
    for (ptrdiff_t k = 0; k < s.outputs; k += TILE_VECTORS * VL) {
        ptrdiff_t outputs = s.outputs - k;
        if (outputs >= TILE_VECTORS * VL) {
            block(TILE_VECTORS, 1, VL, &s, x, dy + k, dw + k);
            continue;
        }
        ptrdiff_t last = (outputs - 1) % VL + 1;
        switch ((outputs - 1) / VL) {
        case 0:
            block(1, 0, last, &s, x, dy + k, dw + k);
            break;
        case 1:
            block(2, 0, last, &s, x, dy + k, dw + k);
            break;
#if VECTOR_REGISTERS == 32
        case 2:
            block(3, 0, last, &s, x, dy + k, dw + k);
            break;
        case 3:
            block(4, 0, last, &s, x, dy + k, dw + k);
            break;
#endif
        }
    }
}
