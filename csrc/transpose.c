/* Blocks of a matrix transposed, square by square in registers. Limited by stores and memory. */
#include "kernels.h"
#include "simd.h"

#if VL == 16
#define LOW LOW_OF_16
#define HIGH HIGH_OF_16
enum { PASSES = 4 };
#elif VL == 8
#define LOW LOW_OF_8
#define HIGH HIGH_OF_8
enum { PASSES = 3 };
#else
#define LOW LOW_OF_4
#define HIGH HIGH_OF_4
enum { PASSES = 2 };
#endif

/* VL x VL in registers: each pass interleaves row i with row i + VL / 2, a perfect shuffle of the element's index;
 * after log2(VL) passes the two halves of the index have changed places. */
ALWAYS_INLINE void transpose_square(const float *in, ptrdiff_t in_row, float *out, ptrdiff_t out_row) {
    vf row[VL], next[VL];
#pragma GCC unroll 16
    for (int i = 0; i < VL; i++) row[i] = vload(in + i * in_row);
#pragma GCC unroll 4
    for (int pass = 0; pass < PASSES; pass++) {
#pragma GCC unroll 8
        for (int i = 0; i < VL / 2; i++) {
            next[2 * i] = SHUFFLE(row[i], row[i + VL / 2], LOW);
            next[2 * i + 1] = SHUFFLE(row[i], row[i + VL / 2], HIGH);
        }
#pragma GCC unroll 16
        for (int i = 0; i < VL; i++) row[i] = next[i];
    }
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
