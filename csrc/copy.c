/* Copies a matrix of floats whose rows and columns lie any distance apart (0 repeats an element) to contiguous
 * columns: broadcasting, and orders of axes that are not a transposed matrix, for which block.c is faster. Here too:
 * rows added to rows. */
#include "kernels.h"
#include "simd.h"

enum {
    SHORT = 64, /* columns: to call memcpy takes longer than to copy them */
    WIDE = 256
};

/* With vectors of 64 bytes stores write whole lines, faster than memcpy. */
ALWAYS_INLINE void put_row(const float *restrict x, ptrdiff_t n, float *restrict y) {
#if VL == 16
    ptrdiff_t i = 0;
    for (; i + VL <= n; i += VL) vstore(y + i, vload(x + i));
    if (i < n) vstore_n(y + i, vload_n(x + i, n - i), n - i);
#else
    memcpy(y, x, (size_t)n * sizeof(float));
#endif
}

/* The same row again and again: where it is narrow, several at a time. */
static void repeat_row(ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, float *restrict y) {
    float wide[WIDE];
    ptrdiff_t fold = columns > 0 ? WIDE / columns : 0;
    if (fold >= 2 && rows >= 2 * fold) {
        for (ptrdiff_t i = 0; i < fold; i++) memcpy(wide + i * columns, x, (size_t)columns * sizeof(float));
        for (; rows >= fold; rows -= fold, y += fold * columns) put_row(wide, fold * columns, y);
    }
    for (; rows > 0; rows--, y += columns) put_row(x, columns, y);
}

/* y[r * y_row + c] = x[r * x_row + c * x_column] */
void KERNEL(copy_matrix)(ptrdiff_t rows, ptrdiff_t columns, const float *restrict x, ptrdiff_t x_row,
                         ptrdiff_t x_column, float *restrict y, ptrdiff_t y_row) {
    if (x_row == 0 && x_column == 1 && y_row == columns) {
        repeat_row(rows, columns, x, y);
        return;
    }
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
