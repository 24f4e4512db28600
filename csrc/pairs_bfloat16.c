/* Matrices of float32 rounded to bfloat16 and laid out as pairs, for gemm_bfloat16.c. Limited by loads and stores. */
#include "bfloat16.h"
#include "kernels.h"

/* pairs[i][j] = x[2i][j], x[2i + 1][j]; behind an odd last row come zeros. */
void KERNEL(row_pairs)(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs,
                       ptrdiff_t row) {
    for (; rows > 0; rows -= 2, x += 2 * x_row, pairs += row) {
        ptrdiff_t j = 0;
        if (rows > 1)
            for (; j + VL <= columns; j += VL) vstore(pairs + j, (vf)vpairs(vload(x + j), vload(x + x_row + j)));
        for (ptrdiff_t n; j < columns; j += n) {
            n = columns - j < VL ? columns - j : VL;
            vf second = rows > 1 ? vload_n(x + x_row + j, n) : vzero();
            vstore_n(pairs + j, (vf)vpairs(vload_n(x + j, n), second), n);
        }
    }
}

/* pairs[i][j] = x[i][2j], x[i][2j + 1]; behind an odd last column comes a zero. */
void KERNEL(column_pairs)(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs,
                          ptrdiff_t row) {
    for (; rows > 0; rows--, x += x_row, pairs += row) {
        ptrdiff_t j = 0;
        for (; j + 2 * VL <= columns; j += 2 * VL)
            vstore(pairs + j / 2, (vf)vround_two(vload(x + j), vload(x + j + VL)));
        if (j < columns) {
            ptrdiff_t left = columns - j, low = left < VL ? left : VL, high = left - low;
            vf second = high > 0 ? vload_n(x + j + VL, high) : vzero();
            vstore_n(pairs + j / 2, (vf)vround_two(vload_n(x + j, low), second), (left + 1) / 2);
        }
    }
}
