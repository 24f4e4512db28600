/* Gradient of 3x3 weights by Winograd's F(3x3, m x m), m = 4 or 3: dw = G^T [sum over tiles (A dy A^T) * (B^T x B)] G.
 *
 * A tile is m x m pixels of dy with the (m + 2) x (m + 2) pixels of x that they saw. Rows of the transform are taken a
 * pair at a time: the driver transforms a block of tiles of x and of dy for one pair, which stays in the L2 cache, and
 * lets the matrix product sum up over the tiles, frequency by frequency (`gemm` with the tiles as its k: channels of x
 * times channels of dy). The sums are brought back to taps once, at the end, along rows and then along columns.
 * The transforms move vectors of channels of one tile; they are limited by the way of x and dy from the L3 cache. */
#include "kernels.h"
#include "winograd.h"

struct patch {
    const float *rows[WINOGRAD_MOST]; /* of pixel 0; outside of the image a row of zeros */
    ptrdiff_t pixel, begin, end;      /* columns outside of [begin, end) are zero */
};

/* Both rows of a pair for one vector of channels. `of_dy` chooses the transform; `lanes` count unless `whole`. */
ALWAYS_INLINE void transform(const int of_dy, const int m, const int pair, const int whole, ptrdiff_t lanes,
                             const struct patch *from, ptrdiff_t channel, float *to, ptrdiff_t frequency) {
    const int n = m + 2, side = of_dy ? m : n, rows = WINOGRAD_ROW(m, pair, 0) == WINOGRAD_ROW(m, pair, 1) ? 1 : 2;
    vf half[2][WINOGRAD_MOST];
#pragma GCC unroll 6
    for (int j = 0; j < side; j++) {
        half[0][j] = half[1][j] = vzero();
        if (j < from->begin || j >= from->end) continue;
        vf d[WINOGRAD_MOST];
#pragma GCC unroll 6
        for (int i = 0; i < side; i++) {
            const float *at = from->rows[i] + j * from->pixel + channel;
            d[i] = whole ? vload(at) : vload_n(at, lanes);
        }
        if (of_dy)
            winograd_output_adjoint_pair(m, pair, d, &half[0][j], &half[1][j]);
        else
            winograd_input_pair(m, pair, d, &half[0][j], &half[1][j]);
    }
#pragma GCC unroll 2
    for (int r = 0; r < rows; r++) {
        vf out[WINOGRAD_MOST];
        if (of_dy)
            winograd_output_adjoint(m, half[r], out);
        else
            winograd_input(m, half[r], out);
#pragma GCC unroll 6
        for (int j = 0; j < n; j++) vstore(to + (r * n + j) * frequency, out[j]);
    }
}

ALWAYS_INLINE void tiles(const int of_dy, const int m, const int pair, const struct winograd_gradient_shape *s,
                         ptrdiff_t first, ptrdiff_t count, const float *image, float *out) {
    const int side = of_dy ? m : m + 2;
    const ptrdiff_t in_image = s->tiles_down * s->tiles_across;
    ptrdiff_t across = first % s->tiles_across, down = first / s->tiles_across % s->tiles_down;
    image += first / in_image * s->height * s->width * s->pixel;
    for (; count > 0; count--, out += s->out_tile) {
        ptrdiff_t top = down * m - s->top, left = across * m - s->left;
        struct patch from = {.pixel = s->pixel, .begin = -left, .end = s->width - left};
        for (int i = 0; i < side; i++)
            from.rows[i] =
                top + i < 0 || top + i >= s->height ? s->zeros : image + ((top + i) * s->width + left) * s->pixel;
        ptrdiff_t c = 0;
        for (; c + VL <= s->channels; c += VL) transform(of_dy, m, pair, 1, VL, &from, c, out + c, s->out_frequency);
        if (c < s->channels) transform(of_dy, m, pair, 0, s->channels - c, &from, c, out + c, s->out_frequency);
        if (++across == s->tiles_across) {
            across = 0;
            if (++down == s->tiles_down) down = 0, image += s->height * s->width * s->pixel;
        }
    }
}

#define EACH_PAIR(of_dy)                                                                                               \
    switch (s->size * 3 + s->pair) {                                                                                   \
    case 9:                                                                                                            \
        tiles(of_dy, 3, 0, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    case 10:                                                                                                           \
        tiles(of_dy, 3, 1, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    case 11:                                                                                                           \
        tiles(of_dy, 3, 2, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    case 12:                                                                                                           \
        tiles(of_dy, 4, 0, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    case 13:                                                                                                           \
        tiles(of_dy, 4, 1, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    case 14:                                                                                                           \
        tiles(of_dy, 4, 2, s, first, count, image, out);                                                               \
        break;                                                                                                         \
    }

void KERNEL(winograd_gradient_x)(const struct winograd_gradient_shape *s, ptrdiff_t first, ptrdiff_t count,
                                 const float *image, float *out) {
    EACH_PAIR(0)
}

void KERNEL(winograd_gradient_dy)(const struct winograd_gradient_shape *s, ptrdiff_t first, ptrdiff_t count,
                                  const float *image, float *out){EACH_PAIR(1)}

/* n sums along an axis of the transform to 3 taps; what `pieces` hold is added up first. */
ALWAYS_INLINE void taps(const int m, ptrdiff_t count, ptrdiff_t pieces, ptrdiff_t piece, const float *sums,
                        ptrdiff_t step, float *out, ptrdiff_t tap) {
    for (ptrdiff_t e = 0; e < count; e += VL) {
        const ptrdiff_t lanes = count - e < VL ? count - e : VL;
        vf u[WINOGRAD_MOST], g[3];
#pragma GCC unroll 6
        for (int i = 0; i < m + 2; i++) {
            u[i] = vload_n(sums + i * step + e, lanes);
            for (ptrdiff_t p = 1; p < pieces; p++) u[i] += vload_n(sums + p * piece + i * step + e, lanes);
        }
        winograd_weights_adjoint(m, u, g);
#pragma GCC unroll 3
        for (int t = 0; t < 3; t++) vstore_n(out + t * tap + e, g[t], lanes);
    }
}

void KERNEL(winograd_gradient_taps)(ptrdiff_t size, ptrdiff_t count, ptrdiff_t pieces, ptrdiff_t piece,
                                    const float *restrict sums, ptrdiff_t step, float *restrict out, ptrdiff_t tap) {
    if (size == 4)
        taps(4, count, pieces, piece, sums, step, out, tap);
    else
        taps(3, count, pieces, piece, sums, step, out, tap);
}
