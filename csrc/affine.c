/* One row of a warped image: output pixel (row, column) is read from
 *     column' = t[0] column + t[1] row + t[2],   row' = t[3] column + t[4] row + t[5]
 * of the input, at the nearest pixel or between four. Where a pixel lies outside, the fill mode says what is there.
 * Images have few channels, so there are no vectors: limited by the arithmetic of the coordinates. */
#include "kernels.h"
#include "simd.h"

enum { CONSTANT, REFLECT, WRAP, NEAREST };

/* The position in an axis of length n that stands for a position outside; -1 where it is filled. */
ALWAYS_INLINE ptrdiff_t inside(ptrdiff_t i, ptrdiff_t n, int mode) {
    if (i >= 0 && i < n) return i;
    switch (mode) {
    case NEAREST:
        return i < 0 ? 0 : n - 1;
    case WRAP:
        i %= n;
        return i < 0 ? i + n : i;
    case REFLECT: /* (d c b a | a b c d | d c b a) */
        i %= 2 * n;
        if (i < 0) i += 2 * n;
        return i < n ? i : 2 * n - 1 - i;
    default:
        return -1;
    }
}

ALWAYS_INLINE float value(const struct warp *s, const float *x, ptrdiff_t row, ptrdiff_t column, ptrdiff_t channel) {
    return row < 0 || column < 0 ? s->fill_value : x[(row * s->width + column) * s->channels + channel];
}

/* A coordinate that is no number, or far away, is as good as one just outside of all repetitions that count. */
ALWAYS_INLINE float bounded(float at) { return at > -1e6f ? at < 1e6f ? at : 1e6f : -1e6f; }

void KERNEL(warp_row)(const struct warp *s, const float *t, ptrdiff_t row, const float *restrict x, float *restrict y) {
    for (ptrdiff_t column = 0; column < s->out_width; column++, y += s->channels) {
        float across = bounded(t[0] * (float)column + t[1] * (float)row + t[2]);
        float down = bounded(t[3] * (float)column + t[4] * (float)row + t[5]);
        if (!s->bilinear) {
            ptrdiff_t i = inside((ptrdiff_t)__builtin_rintf(down), s->height, s->fill_mode);
            ptrdiff_t j = inside((ptrdiff_t)__builtin_rintf(across), s->width, s->fill_mode);
            for (ptrdiff_t c = 0; c < s->channels; c++) y[c] = value(s, x, i, j, c);
            continue;
        }
        ptrdiff_t top = (ptrdiff_t)down, left = (ptrdiff_t)across;
        top -= (float)top > down;
        left -= (float)left > across;
        float low = down - (float)top, right = across - (float)left;
        ptrdiff_t i0 = inside(top, s->height, s->fill_mode), i1 = inside(top + 1, s->height, s->fill_mode);
        ptrdiff_t j0 = inside(left, s->width, s->fill_mode), j1 = inside(left + 1, s->width, s->fill_mode);
        for (ptrdiff_t c = 0; c < s->channels; c++) {
            float upper = (1.0f - right) * value(s, x, i0, j0, c) + right * value(s, x, i0, j1, c);
            float lower = (1.0f - right) * value(s, x, i1, j0, c) + right * value(s, x, i1, j1, c);
            y[c] = (1.0f - low) * upper + low * lower;
        }
    }
}
