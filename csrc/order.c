/* Ranks within rows: the place of the largest element, the k largest, places among sorted bounds, running sums.
 * NaN counts as the largest, as in NumPy; the first of equal elements comes first. */
#include "kernels.h"
#include "rows.h"

/* y[r] = position of the largest of row r */
void KERNEL(argmax)(ptrdiff_t rows, ptrdiff_t columns, const float *x, int32_t *y) {
    for (ptrdiff_t r = 0; r < rows; r++, x += columns) y[r] = (int32_t)row_argmax(columns, x);
}

static int before(float value, float other) { return value > other || (value != value && other == other); }

/* values[r][0..k), positions[r][0..k) = the k largest of row r, largest first, by insertion: few elements of a row are
 * larger than the smallest that is kept. */
void KERNEL(top_k)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t k, const float *x, float *values, int32_t *positions) {
    for (ptrdiff_t r = 0; r < rows; r++, x += columns, values += k, positions += k)
        for (ptrdiff_t c = 0; c < columns; c++) {
            ptrdiff_t at = c < k ? c : k;
            if (at == k && !(k > 0 && before(x[c], values[k - 1]))) continue;
            if (at == k) at--;
            for (; at > 0 && before(x[c], values[at - 1]); at--) {
                values[at] = values[at - 1];
                positions[at] = positions[at - 1];
            }
            values[at] = x[c];
            positions[at] = (int32_t)c;
        }
}

/* y[i] = how many of the sorted bounds are below x[i] (with `right`: not above it); none for NaN. Halving without
 * branches: the number of steps depends on the number of bounds only. */
void KERNEL(searchsorted)(ptrdiff_t n, ptrdiff_t count, const float *bounds, int right, const float *x, int32_t *y) {
    for (ptrdiff_t i = 0; i < n; i++) {
        const float *base = bounds;
        for (ptrdiff_t left = count; left > 0;) {
            ptrdiff_t half = left - left / 2; /* so that the last one is looked at too */
            int below = right ? base[half - 1] <= x[i] : base[half - 1] < x[i];
            base += below ? half : 0;
            left = below ? left - half : half - 1;
        }
        y[i] = (int32_t)(base - bounds);
    }
}

/* y[i][c] = x[0][c] + ... + x[i][c], over rows of `columns`; `stride` floats from row to row, backwards if negative */
void KERNEL(cumulative_sums)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *x, float *y) {
    if (rows > 0) memmove(y, x, (size_t)columns * sizeof *y);
    for (ptrdiff_t r = 1; r < rows; r++) {
        x += stride, y += stride;
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) vstore(y + c, vload(y + c - stride) + vload(x + c));
        if (c < columns)
            vstore_n(y + c, vload_n(y + c - stride, columns - c) + vload_n(x + c, columns - c), columns - c);
    }
}

/* counts[x[i]] += weights[i], or 1 without weights; what is not from 0 to bins - 1 is left out. In order, so the sums
 * are the same on every instruction set. */
void KERNEL(bincount)(ptrdiff_t n, ptrdiff_t bins, const int32_t *x, const float *weights, float *counts) {
    for (ptrdiff_t b = 0; b < bins; b++) counts[b] = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (x[i] >= 0 && x[i] < bins) counts[x[i]] += weights ? weights[i] : 1.0f;
}
