/* Copies a matrix of floats whose rows and columns lie any distance apart (0 repeats an element) to contiguous
 * columns: broadcasting and transposing. Where columns are far apart it goes by square blocks, so that every cache
 * line that it touches is used up before it leaves the nearest cache. Limited by memory. */
#include "kernels.h"
#include "simd.h"

enum { BLOCK = 16 };

/* y[r * y_row + c] = x[r * x_row + c * x_column] */
void KERNEL(copy_matrix)(ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, ptrdiff_t x_row,
                         ptrdiff_t x_column, float *restrict y, ptrdiff_t y_row) {
    if (x_column == 1) {
        for (ptrdiff_t r = 0; r < rows; r++) memcpy(y + r * y_row, x + r * x_row, (size_t)columns * sizeof(float));
        return;
    }
    if (x_column == 0) {
        for (ptrdiff_t r = 0; r < rows; r++)
            for (ptrdiff_t c = 0; c < columns; c++) y[r * y_row + c] = x[r * x_row];
        return;
    }
    for (ptrdiff_t r0 = 0; r0 < rows; r0 += BLOCK) {
        ptrdiff_t r1 = r0 + BLOCK < rows ? r0 + BLOCK : rows;
        for (ptrdiff_t c0 = 0; c0 < columns; c0 += BLOCK) {
            ptrdiff_t c1 = c0 + BLOCK < columns ? c0 + BLOCK : columns;
            for (ptrdiff_t r = r0; r < r1; r++)
                for (ptrdiff_t c = c0; c < c1; c++) y[r * y_row + c] = x[r * x_row + c * x_column];
        }
    }
}
