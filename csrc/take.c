/* Rows picked by number, and the gradient: rows added up where they were picked from. A number from -count to -1 counts
 * from the end; one that is no row gives NaN and gets no gradient. Limited by memory. */
#include "kernels.h"
#include "simd.h"

ALWAYS_INLINE ptrdiff_t row_of(int32_t index, ptrdiff_t count) {
    ptrdiff_t row = index < 0 ? index + count : index;
    return row >= 0 && row < count ? row : -1;
}

/* y[j][0..columns) = x[indices[j]][0..columns), of `count` rows of x, `stride` floats apart in x and y */
void KERNEL(take)(ptrdiff_t picks, ptrdiff_t count, ptrdiff_t columns, ptrdiff_t stride, const int32_t *indices,
                  const float *x, float *y) {
    for (ptrdiff_t j = 0; j < picks; j++, y += stride) {
        ptrdiff_t row = row_of(indices[j], count);
        if (row >= 0)
            memcpy(y, x + row * stride, (size_t)columns * sizeof *y);
        else
            for (ptrdiff_t c = 0; c < columns; c++) y[c] = __builtin_nanf("");
    }
}

/* dx[indices[j]][0..columns) += dy[j][0..columns), in order, into zeroed rows */
void KERNEL(take_gradient)(ptrdiff_t picks, ptrdiff_t count, ptrdiff_t columns, ptrdiff_t stride,
                           const int32_t *indices, const float *dy, float *dx) {
    for (ptrdiff_t r = 0; r < count; r++) memset(dx + r * stride, 0, (size_t)columns * sizeof *dx);
    for (ptrdiff_t j = 0; j < picks; j++, dy += stride) {
        ptrdiff_t row = row_of(indices[j], count);
        if (row < 0) continue;
        float *target = dx + row * stride;
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) vstore(target + c, vload(target + c) + vload(dy + c));
        if (c < columns)
            vstore_n(target + c, vload_n(target + c, columns - c) + vload_n(dy + c, columns - c), columns - c);
    }
}
