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
