/* Sums and maxima along contiguous rows; those over other axes are in reduce.c.
 * A row has CHAINS independent vectors of partial sums, added in a fixed order. Limited by memory. */
#include "kernels.h"
#include "rows.h"

enum { CHAINS = 4 };

/* y[r] = sum of x[r][0..columns) */
void KERNEL(row_sums)(ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, x += columns) {
        vf sum[CHAINS] = {vzero()};
        ptrdiff_t c = 0;
        for (; c + CHAINS * VL <= columns; c += CHAINS * VL)
#pragma GCC unroll 4
            for (int q = 0; q < CHAINS; q++) sum[q] += vload(x + c + q * VL);
        for (; c + VL <= columns; c += VL) sum[0] += vload(x + c);
        if (c < columns) sum[1] += vload_n(x + c, columns - c);
        y[r] = vsum((sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
}

/* y[r] = largest of x[r][0..columns), for columns > 0; NaN counts as the largest */
void KERNEL(row_maxima)(ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, x += columns) y[r] = x[row_argmax(columns, x)];
}

/* dx[r][c] = dy[r], shared evenly among the columns c whose x is the maximum y[r], and 0 in the others. */
void KERNEL(row_maxima_gradient)(ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *y, const float *dy,
                                 float *dx) {
    const vf one = vset1(1.0f);
    for (ptrdiff_t r = 0; r < rows; r++, x += columns, dx += columns) {
        const vf most = vset1(y[r]);
        vf count = vzero();
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) count += vselect(vload(x + c) == most, one, vzero());
        float owners = vsum(count);
        for (; c < columns; c++) owners += x[c] == y[r];
        const vf share = vset1(dy[r] / owners);
        for (c = 0; c + VL <= columns; c += VL) vstore(dx + c, vselect(vload(x + c) == most, one, vzero()) * share);
        if (c < columns)
            vstore_n(dx + c, vselect(vload_n(x + c, columns - c) == most, one, vzero()) * share, columns - c);
    }
}
