/* Matrices of float32 rounded to bfloat16 and laid out as pairs, for gemm_bfloat16.c. Limited by loads and stores. */
#include "bfloat16.h"
#include "kernels.h"
#include "transpose.h"

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

/* VL rows of 2 VL columns, or, unless whole, of fewer. */
ALWAYS_INLINE void turn_square(const int whole, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs,
                               ptrdiff_t row) {
    vf square[VL];
    const ptrdiff_t low = columns < VL ? columns : VL, high = columns - low, count = whole ? VL : (columns + 1) / 2;
#pragma GCC unroll 16
    for (int i = 0; i < VL; i++, x += x_row)
        square[i] = (vf)(whole ? vround_two(vload(x), vload(x + VL))
                               : vround_two(vload_n(x, low), high ? vload_n(x + VL, high) : vzero()));
    transpose_registers(square);
#pragma GCC unroll 16
    for (int i = 0; i < VL; i++)
        if (i < count) vstore(pairs + i * row, square[i]);
}

/* pairs[j][i] = x[i][2j], x[i][2j + 1]: column_pairs, transposed. The next VL rows are asked for meanwhile. */
void KERNEL(turned_pairs)(ptrdiff_t rows, ptrdiff_t columns, const float *x, ptrdiff_t x_row, float *pairs,
                          ptrdiff_t row) {
    ptrdiff_t i = 0;
    for (; i + VL <= rows; i += VL) {
        const float *from = x + i * x_row;
        ptrdiff_t j = 0;
        for (; j + 2 * VL <= columns; j += 2 * VL) {
            if (i + 2 * VL <= rows)
#pragma GCC unroll 16
                for (int r = 0; r < VL; r++)
                    __builtin_prefetch(from + (VL + r) * x_row + j),
                        __builtin_prefetch(from + (VL + r) * x_row + j + VL);
            turn_square(1, 2 * VL, from + j, x_row, pairs + j / 2 * row + i, row);
        }
        if (j < columns) turn_square(0, columns - j, from + j, x_row, pairs + j / 2 * row + i, row);
    }
    for (; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j += 2) {
            vf pair = (vf)vround_two(vload_n(x + i * x_row + j, columns - j < 2 ? 1 : 2), vzero());
            vstore_n(pairs + j / 2 * row + i, pair, 1);
        }
}
