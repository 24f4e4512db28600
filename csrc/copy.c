/* Copies a matrix of floats whose rows and columns lie any distance apart (0 repeats an element) to contiguous
 * columns: broadcasting, and orders of axes that are not a transposed matrix, for which block.c is faster. Here too:
 * rows added to rows. */
#include "kernels.h"
#include "simd.h"

enum { SHORT = 64 }; /* columns: to call memcpy takes longer than to copy them */

/* y[r * y_row + c] = x[r * x_row + c * x_column] */
void KERNEL(copy_matrix)(ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, ptrdiff_t x_row,
                         ptrdiff_t x_column, float *restrict y, ptrdiff_t y_row) {
    for (; rows > 0; rows--, x += x_row, y += y_row) {
        if (x_column == 1 && columns <= SHORT)
            for (ptrdiff_t c = 0; c < columns; c += VL) {
                const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
                vstore_to(y + c, vload_to(x + c, lanes), lanes);
            }
        else if (x_column == 1)
            memcpy(y, x, (size_t)columns * sizeof(float));
        else if (x_column == 0)
            for (ptrdiff_t c = 0; c < columns; c++) y[c] = *x;
        else
            for (ptrdiff_t c = 0; c < columns; c++) y[c] = x[c * x_column];
    }
}

/* y[r * y_row + c] += x[r * x_row + c] */
void KERNEL(add_matrix)(ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, ptrdiff_t x_row, float *restrict y,
                        ptrdiff_t y_row) {
    for (; rows > 0; rows--, x += x_row, y += y_row)
        for (ptrdiff_t c = 0; c < columns; c++) y[c] += x[c];
}
