/* Gradient of the weights of a convolution to few output channels, on planes as in conv_planes.c.
 *
 * Vectors run along the pixels. A tile is up to three taps, or TAPS, of one plane of x times up to TILE_OUTPUTS planes
 * of dy; its sums over the pixels are summed over their lanes at the end, VL vectors at once. dy is zero between the
 * end of a row and the next.
 * Limited by the multiply-adds, then by the loads: a vector for each output and each tap, of which those of x mostly
 * lie across two cache lines. */
#include "conv.h"
#include "kernels.h"
#include "transpose.h"

#if VECTOR_REGISTERS == 32
enum { TILE = 24, TILE_OUTPUTS = 8, TAPS = 5 };
#else
enum { TILE = 9, TILE_OUTPUTS = 3, TAPS = 4 };
#endif

/* The sums for one plane of x, shifted by each of so many taps. */
ALWAYS_INLINE void tile(const int taps, const int outputs, ptrdiff_t pixels, const float *const *x, const float *dy,
                        ptrdiff_t dy_plane, float *const *dw) {
    vf sum[TILE + VL];
#pragma GCC unroll 24
    for (int i = 0; i < taps * outputs; i++) sum[i] = vzero();
    for (ptrdiff_t p = 0; p < pixels; p += VL) {
        vf input[TAPS];
#pragma GCC unroll 5
        for (int t = 0; t < taps; t++) input[t] = vheld(vload(x[t] + p));
#pragma GCC unroll 8
        for (int k = 0; k < outputs; k++) {
            vf gradient = vheld(vload(dy + k * dy_plane + p));
#pragma GCC unroll 5
            for (int t = 0; t < taps; t++) sum[t * outputs + k] += input[t] * gradient;
        }
    }
    float sums[TILE + VL];
    for (int i = taps * outputs; i % VL; i++) sum[i] = vzero();
    for (int i = 0; i < taps * outputs; i += VL) vstore(sums + i, lane_sums(sum + i));
#pragma GCC unroll 5
    for (int t = 0; t < taps; t++)
#pragma GCC unroll 8
        for (int k = 0; k < outputs; k++) dw[t][k] += sums[t * outputs + k];
}

/* All channels and taps for one block of output channels; the taps are spread evenly over the tiles. */
ALWAYS_INLINE void block(const int outputs, const struct conv_planes_shape *s, const float *x, const float *dy,
                         float *dw) {
    const ptrdiff_t most = outputs * TAPS <= TILE ? TAPS : 3;
    const ptrdiff_t taps = s->taps_down * s->taps_across, tiles = (taps + most - 1) / most;
    for (ptrdiff_t c = 0; c < s->channels; c++, x += s->x_plane, dw += s->w_channel) {
        ptrdiff_t done = 0, r = 0, across = 0;
        for (ptrdiff_t i = 1; i <= tiles; i++) {
            const float *from[TAPS];
            float *to[TAPS];
            int count = (int)(taps * i / tiles - done);
            done += count;
            for (int t = 0; t < count; t++) {
                from[t] = x + r * s->x_tap_row + across * s->x_tap_column;
                to[t] = dw + r * s->w_tap_row + across * s->w_tap_column;
                if (++across == s->taps_across) across = 0, r++;
            }
            switch (count) {
            case 1:
                tile(1, outputs, s->pixels, from, dy, s->y_plane, to);
                break;
            case 2:
                tile(2, outputs, s->pixels, from, dy, s->y_plane, to);
                break;
            case 3:
                tile(3, outputs, s->pixels, from, dy, s->y_plane, to);
                break;
            case 4:
                if (outputs * TAPS <= TILE) tile(4, outputs, s->pixels, from, dy, s->y_plane, to);
                break;
            case 5:
                if (TAPS >= 5 && outputs * TAPS <= TILE) tile(TAPS, outputs, s->pixels, from, dy, s->y_plane, to);
                break;
            }
        }
    }
}

/* dw[r * w_tap_row + s * w_tap_column + c * w_channel + k] += the sum over p of
 *     x[c * x_plane + p + r * x_tap_row + s * x_tap_column] * dy[k * y_plane + p] */
void KERNEL(conv_planes_weight_gradient)(const struct conv_planes_shape *shape, const float *restrict x,
                                         const float *restrict dy, float *restrict dw) {
    const struct conv_planes_shape s = *shape;
    for (ptrdiff_t k = 0; k < s.outputs; k += TILE_OUTPUTS) {
        const ptrdiff_t outputs = s.outputs - k < TILE_OUTPUTS ? s.outputs - k : TILE_OUTPUTS;
        const float *from = dy + k * s.y_plane;
        switch (outputs) {
        case 1:
            block(1, &s, x, from, dw + k);
            break;
        case 2:
            block(2, &s, x, from, dw + k);
            break;
        case 3:
            block(3, &s, x, from, dw + k);
            break;
#if VECTOR_REGISTERS == 32
        case 4:
            block(4, &s, x, from, dw + k);
            break;
        case 5:
            block(5, &s, x, from, dw + k);
            break;
        case 6:
            block(6, &s, x, from, dw + k);
            break;
        case 7:
            block(7, &s, x, from, dw + k);
            break;
        case 8:
            block(8, &s, x, from, dw + k);
            break;
#endif
        }
    }
}
