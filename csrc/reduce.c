/* Column sums, the pieces of a product added up, and a row added to every row: what biases and partial sums need.
 *
 * Layout: rows x columns, `stride` floats from row to row. Columns are taken in groups of GROUP vectors held in
 * registers while the rows stream past, as wide as registers allow: lines are read in order; each column is one chain
 * of additions from the first row to the last. Contiguous rows narrower than a group are first folded: several rows
 * side by side count as one wide row, and the pieces of the wide sum are added at the end, so that a bias of 10 or 32
 * channels does not wait for one chain. Limited by memory. */
#include "kernels.h"
#include "rows.h"

enum { GROUP = VECTOR_REGISTERS / 2, WIDE = GROUP * VL };

/* y[0..n) (+)= sum over rows; n <= WIDE, whole vectors in all but the last of `vectors`, which has `tail` lanes. */
ALWAYS_INLINE void sum_group(const int vectors, const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t tail,
                             float *y) {
    vf sum[GROUP];
    const int last = vectors - 1;
#pragma GCC unroll 16
    for (int q = 0; q < vectors; q++) sum[q] = vzero();
    for (ptrdiff_t r = 0; r < rows; r++, x += stride) {
#pragma GCC unroll 16
        for (int q = 0; q < last; q++) sum[q] += vload(x + q * VL);
        sum[last] += vload_n(x + last * VL, tail);
    }
#pragma GCC unroll 16
    for (int q = 0; q < last; q++) vstore(y + q * VL, sum[q]);
    vstore_n(y + last * VL, sum[last], tail);
}

static void sum_wide(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y) {
    ptrdiff_t c = 0;
    for (; c + WIDE <= columns; c += WIDE) sum_group(GROUP, x + c, rows, stride, VL, y + c);
    for (; c + 8 * VL <= columns; c += 8 * VL) sum_group(8, x + c, rows, stride, VL, y + c);
    for (; c + 2 * VL <= columns; c += 2 * VL) sum_group(2, x + c, rows, stride, VL, y + c);
    for (; c < columns; c += VL) {
        ptrdiff_t tail = columns - c < VL ? columns - c : VL;
        sum_group(1, x + c, rows, stride, tail, y + c);
    }
}

/* y[c] = sum over r of x[r * stride + c] */
void KERNEL(column_sums)(const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride,
                         float *restrict y) {
    ptrdiff_t fold = columns > 0 && stride == columns ? WIDE / columns : 0;
    if (fold < 2 || rows < 2 * fold) {
        sum_wide(x, rows, columns, stride, y);
        return;
    }
    float wide[WIDE];
    ptrdiff_t folded = rows / fold;
    sum_wide(x, folded, fold * columns, fold * columns, wide);
    sum_wide(wide, fold, columns, columns, y);
    for (ptrdiff_t r = folded * fold; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) y[c] += x[r * columns + c];
}

/* The same for maxima. */
ALWAYS_INLINE void max_group(const int vectors, const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t lanes,
                             float *y) {
    vf most[GROUP];
#pragma GCC unroll 16
    for (int q = 0; q < vectors; q++) most[q] = vload_n(x + q * VL, lanes);
    for (ptrdiff_t r = 1; r < rows; r++) {
        x += stride;
#pragma GCC unroll 16
        for (int q = 0; q < vectors; q++) {
            vf value = vload_n(x + q * VL, lanes);
            most[q] = vselect(most[q] != most[q], most[q], vmax(most[q], value));
        }
    }
#pragma GCC unroll 16
    for (int q = 0; q < vectors; q++) vstore_n(y + q * VL, most[q], lanes);
}

static void max_wide(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y) {
    ptrdiff_t c = 0;
    for (; c + WIDE <= columns; c += WIDE) max_group(GROUP, x + c, rows, stride, VL, y + c);
    for (; c + 8 * VL <= columns; c += 8 * VL) max_group(8, x + c, rows, stride, VL, y + c);
    for (; c + 2 * VL <= columns; c += 2 * VL) max_group(2, x + c, rows, stride, VL, y + c);
    for (; c + VL <= columns; c += VL) max_group(1, x + c, rows, stride, VL, y + c);
    if (c < columns) max_group(1, x + c, rows, stride, columns - c, y + c);
}

/* y[c] = largest over r of x[r * stride + c], for rows > 0; NaN counts as the largest */
void KERNEL(column_maxima)(const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride,
                           float *restrict y) {
    ptrdiff_t fold = columns > 0 && stride == columns ? WIDE / columns : 0;
    if (fold < 2 || rows < 2 * fold) {
        max_wide(x, rows, columns, stride, y);
        return;
    }
    float wide[2 * WIDE];
    ptrdiff_t folded = rows / fold, rest = rows - folded * fold;
    max_wide(x, folded, fold * columns, fold * columns, wide);
    if (rest) max_wide(x + folded * fold * columns, rest, columns, columns, wide + fold * columns);
    max_wide(wide, fold + (rest > 0), columns, columns, y);
}

/* `vectors` of columns at once, so that lines are taken in the order of memory. Where each column has one maximum, as
 * nearly always, it takes the whole of dy, and one pass does; else the shares are known after it, and another one sets
 * them. dx of what is no maximum is 0 * share, NaN where there is none. */
ALWAYS_INLINE void share_group(const int vectors, const float *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t lanes,
                               const float *y, const float *dy, float *dx) {
    vf most[GROUP], share[GROUP], none[GROUP], count[GROUP];
    const vf one = vset1(1.0f);
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) {
        most[q] = vload_n(y + q * VL, lanes), share[q] = vload_n(dy + q * VL, lanes);
        none[q] = 0.0f * share[q], count[q] = vzero();
    }
    for (ptrdiff_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            vmask own = mask_same(vload_n(x + r * stride + q * VL, lanes), most[q]);
            count[q] = mask_add(count[q], own, one);
            vstore_n(dx + r * stride + q * VL, mask_select(own, share[q], none[q]), lanes);
        }
    vf shared = vzero();
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) {
        vf others = (count[q] - one) * (count[q] - one);
        shared = vmax(shared, lanes < VL ? vselect(vlane() < (int32_t)lanes, others, vzero()) : others);
    }
    if (vreduce_max(shared) == 0.0f) return;
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) share[q] = share[q] / count[q], none[q] = 0.0f * share[q];
    for (ptrdiff_t r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            vmask own = mask_same(vload_n(x + r * stride + q * VL, lanes), most[q]);
            vstore_n(dx + r * stride + q * VL, mask_select(own, share[q], none[q]), lanes);
        }
}

/* dx[r][c] = dy[c], shared evenly among the rows r whose x is the maximum y[c], and 0 in the others. */
void KERNEL(column_maxima_gradient)(const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *y,
                                    const float *dy, float *dx) {
    ptrdiff_t c = 0;
    for (; c + 4 * VL <= columns; c += 4 * VL) share_group(4, x + c, rows, stride, VL, y + c, dy + c, dx + c);
    for (; c + VL <= columns; c += VL) share_group(1, x + c, rows, stride, VL, y + c, dy + c, dx + c);
    if (c < columns) share_group(1, x + c, rows, stride, columns - c, y + c, dy + c, dx + c);
}

/* y[r][c] = pieces[0][r][c] + pieces[1][r][c] + ... + bias[c], in this order, then ReLU: what `gemm` does
 * when it takes the pieces of a product one after the other. `piece` floats lie between pieces; rows are contiguous. */
void KERNEL(sum_pieces)(const float *restrict pieces, ptrdiff_t count, ptrdiff_t piece, ptrdiff_t rows,
                        ptrdiff_t columns, const float *restrict bias, int flags, float *restrict y) {
    for (; rows > 0; rows--, pieces += columns, y += columns)
        for (ptrdiff_t c = 0; c < columns; c += VL) {
            const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
            vf sum = vload_n(pieces + c, lanes);
            for (ptrdiff_t i = 1; i < count; i++) sum += vload_n(pieces + i * piece + c, lanes);
            if (bias) sum += vload_n(bias + c, lanes);
            if (flags & GEMM_RELU) sum = vmax(vzero(), sum);
            vstore_n(y + c, sum, lanes);
        }
}

ALWAYS_INLINE void add_run(const float *x, const float *row, ptrdiff_t n, float *y) {
    ptrdiff_t i = 0;
    for (; i + VL <= n; i += VL) vstore(y + i, vload(x + i) + vload(row + i));
    if (i < n) vstore_n(y + i, vload_n(x + i, n - i) + vload_n(row + i, n - i), n - i);
}

/* y[r][c] = x[r][c] + row[c], contiguous; y may be x */
void KERNEL(add_row)(const float *x, const float *restrict row, ptrdiff_t rows, ptrdiff_t columns, float *y) {
    float wide[WIDE];
    ptrdiff_t fold = columns > 0 ? WIDE / columns : 0;
    if (fold >= 2) { /* several narrow rows at a time */
        for (ptrdiff_t i = 0; i < fold * columns; i++) wide[i] = row[i % columns];
        for (; rows >= fold; rows -= fold, x += fold * columns, y += fold * columns)
            add_run(x, wide, fold * columns, y);
    }
    for (; rows > 0; rows--, x += columns, y += columns) add_run(x, row, columns, y);
}
