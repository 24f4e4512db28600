/* Convolution with 3x3 kernels, stride 1, by Winograd's F(m x m, 3x3), m = 4, 3 or 2: what stands around the products.
 *
 *     winograd_weights       w[3,3,C,K]         -> U[n*n][C][K]        n = m + 2
 *     winograd_input         tiles n x n of x   -> V[tile][n*n][C]     overlapping by 2, zeros outside the image
 *     (gemm.c, n*n times     P[tile][f][K] = V[tile][f][C] U[f][C][K])
 *     winograd_output        P -> tiles m x m of y, + bias, ReLU
 *     winograd_output_pool   P -> the maxima of their 2x2 windows, with positions; m is even
 *     winograd_output_whole  for the input gradient of maps that are one tile, products of A dy A^T and of U with
 *                            channels exchanged (the forward pass transposed): P -> all of x
 *
 * The driver passes blocks of tiles through these, small enough that V and P stay in the L2 cache. Tiles are counted
 * image by image, row by row. Vectors run along channels; rows of V, U and P are whole vectors, whose lanes beyond
 * the last channel are never used. Limited by the first touch of V and P, in L2, and by stores. */
#define WINOGRAD(name) KERNEL(name)
#define INPUT_PAIR winograd_input_pair
#define OUTPUT_PAIR winograd_output_pair
#define WEIGHTS winograd_weights
#define STORE_V(v, x) vstore(v, x)
#define V_AT(s, c) (c)
#include "winograd_tiles.h"

/* One vector of channels of a tile that is a whole map: the pixels of the n x n patch that lie inside of y. */
ALWAYS_INLINE void whole_map(const int m, const struct winograd_shape *s, const float *p, ptrdiff_t lanes, float *y) {
    const int n = m + 2;
    vf half[WINOGRAD_MOST][WINOGRAD_MOST];
#pragma GCC unroll 6
    for (int j = 0; j < n; j++) {
        vf column[WINOGRAD_MOST], out[WINOGRAD_MOST];
#pragma GCC unroll 6
        for (int i = 0; i < n; i++) column[i] = vload(p + (i * n + j) * s->p_frequency);
        winograd_input_adjoint(m, column, out);
#pragma GCC unroll 6
        for (int i = 0; i < n; i++) half[i][j] = out[i];
    }
    for (ptrdiff_t i = 0; i < s->y_height; i++) {
        vf out[WINOGRAD_MOST];
        winograd_input_adjoint(m, half[i + s->top], out);
        for (ptrdiff_t j = 0; j < s->y_width; j++)
            store_lanes(y + (i * s->y_width + j) * s->y_pixel, out[j + s->left], lanes);
    }
}

/* Tiles are images here, and y lies in its tile's patch from row `top` and column `left` on. */
void KERNEL(winograd_output_whole)(const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p,
                                   float *y) {
    y += first * s->y_height * s->y_width * s->y_pixel;
    for (ptrdiff_t t = 0; t < count; t++, p += s->p_tile, y += s->y_height * s->y_width * s->y_pixel)
        for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
            ptrdiff_t lanes = s->outputs - k < VL ? s->outputs - k : VL;
            if (s->size == 4)
                whole_map(4, s, p + k, lanes, y + k);
            else
                whole_map(3, s, p + k, lanes, y + k);
        }
}
