/* Blocks of a matrix transposed, square by square in registers. Limited by stores and memory. */
#include "transpose.h"
#include "kernels.h"

ALWAYS_INLINE void transpose_square(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row) {
    vf row[VL];
#pragma GCC unroll 16
    for (int i = 0; i < VL; i++) row[i] = vload(in + i * in_row);
    transpose_registers(row);
#pragma GCC unroll 16
    for (int i = 0; i < VL; i++) vstore(out + i * out_row, row[i]);
}

/* out[j * out_row + i] = in[i * in_row + j] for i < rows, j < columns. The next VL rows are asked for meanwhile. */
void KERNEL(transpose_block)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t in_row, ptrdiff_t out_row,
                             const float *restrict in, float *restrict out) {
    ptrdiff_t i = 0;
    for (; i + VL <= rows; i += VL) {
        const float *x = in + i * in_row;
        float *y = out + i;
        ptrdiff_t j = 0;
        for (; j + VL <= columns; j += VL) {
            if (i + 2 * VL <= rows)
#pragma GCC unroll 16
                for (int r = 0; r < VL; r++) __builtin_prefetch(x + (VL + r) * in_row + j);
            transpose_square(x + j, in_row, y + j * out_row, out_row);
        }
        for (; j < columns; j++)
            for (int r = 0; r < VL; r++) y[j * out_row + r] = x[r * in_row + j];
    }
    for (; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++) out[j * out_row + i] = in[i * in_row + j];
}
