/* Softmax over the last axis and its gradient from the output: rows of `columns` contiguous floats.
 * A row is read while it is in the nearest cache: once for its maximum, once for the exponentials, once to divide. */
#include "kernels.h"
#include "rows.h"

void KERNEL(softmax)(ptrdiff_t rows, ptrdiff_t columns, const float *x, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, x += columns, y += columns) {
        float sum = row_exp(columns, x, row_max(columns, x), y);
        row_divide(columns, sum, y);
    }
}

/* dx = y (dy - sum(dy y)) */
void KERNEL(softmax_gradient)(ptrdiff_t rows, ptrdiff_t columns, const float *dy, const float *y, float *dx) {
    for (ptrdiff_t r = 0; r < rows; r++, dy += columns, y += columns, dx += columns) {
        float mean = row_dot(columns, dy, y);
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) vstore(dx + c, vload(y + c) * (vload(dy + c) - mean));
        ptrdiff_t n = columns - c;
        if (n > 0) vstore_n(dx + c, vload_n(y + c, n) * (vload_n(dy + c, n) - mean), n);
    }
}
