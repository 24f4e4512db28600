/* Gradient of the weights of a convolution in groups no wider than a vector: 2, 4 or 8 outputs, from as many channels
 * or fewer, one tap and one rectangle of output pixels of a few images at a time.
 *
 * Vectors run along the outputs of neighbouring groups; the channel that each lane meets is brought to it by permuting
 * a vector of x. A tile is all channels of a group times so many vectors of outputs that TILE sums are in registers.
 * Limited by the permutations, one for each multiply-add. */
#include "conv.h"
#include "kernels.h"
#include "simd.h"

#if VECTOR_REGISTERS == 32
enum { TILE = 16 };
#else
enum { TILE = 8 };
#endif

/* `group` outputs a group; `seen` floats of x and `last` lanes of dy exist for the last vector unless it is whole. */
ALWAYS_INLINE void tile(const int channels, const int vectors, const int whole, ptrdiff_t group, ptrdiff_t seen,
                        ptrdiff_t last, const struct conv_gradient_shape *s, const float *x, const float *dy,
                        float *dw) {
    vf sum[8][TILE / 2];
    vi meets[8];
    const ptrdiff_t step = VL / group * channels;
#pragma GCC unroll 8
    for (int c = 0; c < channels; c++) {
        int32_t lanes[VL];
        for (int lane = 0; lane < VL; lane++) lanes[lane] = lane / (int32_t)group * channels + c;
        meets[c] = vload_i(lanes);
#pragma GCC unroll 8
        for (int q = 0; q < vectors; q++) sum[c][q] = vzero();
    }
    for (ptrdiff_t n = 0; n < s->images; n++, x += s->x_image, dy += s->dy_image)
        for (ptrdiff_t i = 0; i < s->rows; i++) {
            const float *from = x + i * s->x_row, *gradient = dy + i * s->dy_row;
            for (ptrdiff_t j = 0; j < s->columns; j++, from += s->x_pixel, gradient += s->dy_pixel)
#pragma GCC unroll 8
                for (int q = 0; q < vectors; q++) {
                    const int all = whole || q < vectors - 1;
                    vf out = all ? vload(gradient + q * VL) : vload_n(gradient + q * VL, last);
                    vf input = vload_n(from + q * step, all ? step : seen);
#pragma GCC unroll 8
                    for (int c = 0; c < channels; c++) sum[c][q] += vpermute(input, meets[c]) * out;
                }
        }
#pragma GCC unroll 8
    for (int c = 0; c < channels; c++)
#pragma GCC unroll 8
        for (int q = 0; q < vectors; q++) {
            float *to = dw + c * s->dw_channel + q * VL;
            const ptrdiff_t lanes = whole || q < vectors - 1 ? VL : last;
            vstore_n(to, vload_n(to, lanes) + sum[c][q], lanes);
        }
}

ALWAYS_INLINE void tiles(const int channels, ptrdiff_t group, const struct conv_gradient_shape *s, const float *x,
                         const float *dy, float *dw) {
    const int vectors = TILE / channels;
    ptrdiff_t k = 0;
    for (; k + vectors * VL <= s->outputs; k += vectors * VL)
        tile(channels, vectors, 1, group, VL, VL, s, x + k / group * channels, dy + k, dw + k);
    for (; k < s->outputs; k += VL) {
        ptrdiff_t last = s->outputs - k < VL ? s->outputs - k : VL;
        tile(channels, 1, 0, group, last / group * channels, last, s, x + k / group * channels, dy + k, dw + k);
    }
}

/* As conv_weight_gradient, for all groups of `group` outputs: dw[c][k] += x[k / group * channels + c] * dy[k]. */
void KERNEL(conv_group_weight_gradient)(const struct conv_gradient_shape *shape, ptrdiff_t group,
                                        const float *restrict x, const float *restrict dy, float *restrict dw) {
    const struct conv_gradient_shape s = *shape;
    switch (s.channels) {
    case 2:
        tiles(2, group, &s, x, dy, dw);
        break;
    case 4:
        tiles(4, group, &s, x, dy, dw);
        break;
    case 8:
        tiles(8, group, &s, x, dy, dw);
        break;
    }
}
