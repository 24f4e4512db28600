/* Gradients of a convolution whose dy is nearly all zeros, as a global maximum leaves it: those of one image.
 *
 * The elements of dy that are not zero are picked from a mask, bit by bit. Each takes its filter's taps that lie inside
 * of the image, row by row: the channels of a row of taps lie side by side in the image and in the filter. Filters are
 * [outputs][R][S][C], so that output channels come first. Limited by loads and stores, two and one for each vector of
 * multiply-adds, and by reading dy. */
#include "kernels.h"
#include "nonzero.h"

enum { MASK_BITS = 64 };

/* y += factor * x */
ALWAYS_INLINE void add_scaled(ptrdiff_t n, float factor, const float *x, float *y) {
    vf scale = vset1(factor);
    ptrdiff_t i = 0;
    for (; i + VL <= n; i += VL) vstore(y + i, vload(y + i) + scale * vload(x + i));
    if (i < n) vstore_n(y + i, vload_n(y + i, n - i) + scale * vload_n(x + i, n - i), n - i);
}

/* What one element of dy, in row i and column j, adds to its filter or to its patch of the image. */
ALWAYS_INLINE void add_element(const int to_filter, const struct conv_sparse_shape *s, ptrdiff_t i, ptrdiff_t j,
                               float gradient, float *image, float *filter) {
    const ptrdiff_t row = i * s->stride_down - s->top, column = j * s->stride_across - s->left;
    const ptrdiff_t together = s->across == 1 ? s->taps_across : 1;
    for (ptrdiff_t r = 0; r < s->taps_down; r++) {
        ptrdiff_t y = row + r * s->down;
        if (y < 0 || y >= s->height) continue;
        for (ptrdiff_t t = 0; t < s->taps_across; t += together) {
            ptrdiff_t x = column + t * s->across, first = x < 0 ? -x : 0;
            ptrdiff_t end = s->width - x < together ? s->width - x : together;
            if (first >= end) continue;
            float *patch = image + (y * s->width + x + first) * s->channels;
            float *taps = filter + (r * s->taps_across + t + first) * s->channels;
            if (to_filter)
                add_scaled((end - first) * s->channels, gradient, patch, taps);
            else
                add_scaled((end - first) * s->channels, gradient, taps, patch);
        }
    }
}

/* All elements of the output channels from `first` on, `outputs` of them. */
ALWAYS_INLINE void add_elements(const int to_filter, const struct conv_sparse_shape *s, ptrdiff_t first,
                                ptrdiff_t outputs, const float *dy, float *image, float *filters) {
    const ptrdiff_t filter = s->taps_down * s->taps_across * s->channels;
    for (ptrdiff_t i = 0; i < s->rows; i++)
        for (ptrdiff_t j = 0; j < s->columns; j++, dy += s->outputs)
            for (ptrdiff_t k = 0; k < outputs; k += MASK_BITS) {
                uint64_t mask = nonzero(dy + first + k, outputs - k < MASK_BITS ? outputs - k : MASK_BITS);
                for (; mask; mask &= mask - 1) {
                    ptrdiff_t output = k + __builtin_ctzll(mask);
                    add_element(to_filter, s, i, j, dy[first + output], image, filters + output * filter);
                }
            }
}

/* dw[outputs][R][S][C] += the gradient of the filters from `first` on. */
void KERNEL(conv_sparse_weight_gradient)(const struct conv_sparse_shape *shape, ptrdiff_t first, ptrdiff_t outputs,
                                         const float *x, const float *dy, float *dw) {
    const struct conv_sparse_shape s = *shape;
    add_elements(1, &s, first, outputs, dy, (float *)x, dw);
}

/* dx[H][W][C] += the gradient of the image; w is [K][R][S][C]. */
void KERNEL(conv_sparse_input_gradient)(const struct conv_sparse_shape *shape, const float *w, const float *dy,
                                        float *dx) {
    const struct conv_sparse_shape s = *shape;
    add_elements(0, &s, 0, s.outputs, dy, dx, (float *)w);
}
