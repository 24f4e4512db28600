/* Image files on their way to float32: a row of an image of bytes in another size, and the filters of PNG undone.
 *
 * resample_row: first the rows that an output row is made of are weighted and added, over all bytes at once, then the
 * pixels of that line are, four floats at a time (of which images with three channels use three). Limited by the
 * loads of the second part. */
#include "kernels.h"
#include "simd.h"

typedef float quad __attribute__((vector_size(16)));
typedef float quad_mem __attribute__((vector_size(16), aligned(4), may_alias));

ALWAYS_INLINE void mix_rows(ptrdiff_t n, ptrdiff_t taps, const uint8_t *const *rows, const float *weights,
                            float *restrict line) {
    const uint8_t *restrict a = rows[0], *restrict b = rows[taps > 1];
    float first = weights[0], second = taps > 1 ? weights[1] : 0.0f;
    if (second == 0.0f && first == 1.0f) {
        for (ptrdiff_t i = 0; i < n; i++) line[i] = a[i];
    } else {
        for (ptrdiff_t i = 0; i < n; i++) line[i] = first * (float)a[i] + second * (float)b[i];
    }
    for (ptrdiff_t t = 2; t < taps; t++) {
        const uint8_t *restrict x = rows[t];
        float weight = weights[t];
        for (ptrdiff_t i = 0; i < n; i++) line[i] += weight * (float)x[i];
    }
}

/* Pixels of three or four channels that lie together. Four floats are read and stored: `line` has room behind its end,
 * and what is stored beyond a pixel, its right neighbour replaces. */
ALWAYS_INLINE void mix_pixels(const struct resampling *s, ptrdiff_t step, ptrdiff_t channels, ptrdiff_t taps,
                              const float *line, float *restrict y) {
    const int32_t *at = s->columns;
    const float *weights = s->weights;
    for (ptrdiff_t column = 0; column < s->out_width; column++, at += taps, weights += taps, y += channels) {
        quad sum = weights[0] * *(const quad_mem *)(line + at[0] * step);
        for (ptrdiff_t t = 1; t < taps; t++) sum += weights[t] * *(const quad_mem *)(line + at[t] * step);
        if (channels == 4 || column + 1 < s->out_width) {
            *(quad_mem *)y = sum;
        } else {
            for (ptrdiff_t c = 0; c < 3; c++) y[c] = sum[c];
        }
    }
}

ALWAYS_INLINE void mix_pixels_by(const struct resampling *s, ptrdiff_t step, ptrdiff_t channels, const float *line,
                                 float *y) {
    if (s->taps == 1)
        mix_pixels(s, step, channels, 1, line, y);
    else if (s->taps == 2)
        mix_pixels(s, step, channels, 2, line, y);
    else
        mix_pixels(s, step, channels, s->taps, line, y);
}

void KERNEL(resample_row)(const struct resampling *s, ptrdiff_t taps, const uint8_t *const *rows,
                          const float *row_weights, float *line, float *y) {
    mix_rows(s->width * s->step, taps, rows, row_weights, line);
    if (s->channels == 3 && s->step == 3) {
        mix_pixels_by(s, 3, 3, line, y);
        return;
    }
    if (s->channels == 3 && s->step == 4) {
        mix_pixels_by(s, 4, 3, line, y);
        return;
    }
    if (s->channels == 4 && s->step == 4) {
        mix_pixels_by(s, 4, 4, line, y);
        return;
    }
    const int32_t *at = s->columns;
    const float *weights = s->weights;
    for (ptrdiff_t column = 0; column < s->out_width; column++, at += s->taps, weights += s->taps) {
        float sum = weights[0] * line[at[0] * s->step];
        for (ptrdiff_t t = 1; t < s->taps; t++) sum += weights[t] * line[at[t] * s->step];
        for (ptrdiff_t c = 0; c < s->channels; c++) *y++ = sum;
    }
}

ALWAYS_INLINE int distance(int a, int b) { return a > b ? a - b : b - a; }

ALWAYS_INLINE uint8_t paeth(int left, int up, int corner) {
    int guess = left + up - corner;
    int to_left = distance(guess, left), to_up = distance(guess, up), to_corner = distance(guess, corner);
    if (to_left <= to_up && to_left <= to_corner) return (uint8_t)left;
    return (uint8_t)(to_up <= to_corner ? up : corner);
}

enum { NONE, SUB, UP, AVERAGE, PAETH };

/* Rows of one byte that names the filter and n bytes, in place. Above the first row and before the first pixel are
 * zeros. */
void KERNEL(png_unfilter)(ptrdiff_t rows, ptrdiff_t n, ptrdiff_t pixel, uint8_t *data) {
    for (ptrdiff_t row = 0; row < rows; row++) {
        uint8_t *x = data + row * (n + 1) + 1;
        const uint8_t *up = row ? x - (n + 1) : NULL;
        int filter = x[-1];
        if (filter == UP && up)
            for (ptrdiff_t i = 0; i < n; i++) x[i] = (uint8_t)(x[i] + up[i]);
        if (filter == SUB || (filter == PAETH && !up))
            for (ptrdiff_t i = pixel; i < n; i++) x[i] = (uint8_t)(x[i] + x[i - pixel]);
        if (filter == AVERAGE)
            for (ptrdiff_t i = 0; i < n; i++)
                x[i] = (uint8_t)(x[i] + (((up ? up[i] : 0) + (i < pixel ? 0 : x[i - pixel])) >> 1));
        if (filter == PAETH && up) {
            for (ptrdiff_t i = 0; i < pixel && i < n; i++) x[i] = (uint8_t)(x[i] + up[i]);
            for (ptrdiff_t i = pixel; i < n; i++) x[i] = (uint8_t)(x[i] + paeth(x[i - pixel], up[i], up[i - pixel]));
        }
    }
}
