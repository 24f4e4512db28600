/* Elements repeated, and the sums of those that belong together: for depthwise convolutions with several filters for
 * each channel. Few repeats are loops of a constant length, which compilers turn into shuffles. Limited by memory. */
#include "kernels.h"
#include "simd.h"

ALWAYS_INLINE void repeat(const ptrdiff_t times, ptrdiff_t n, const float *restrict x, float *restrict y) {
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t m = 0; m < times; m++) y[i * times + m] = x[i];
}

ALWAYS_INLINE void sum(const ptrdiff_t times, ptrdiff_t n, const float *restrict x, float *restrict y) {
    for (ptrdiff_t i = 0; i < n; i++) {
        float total = x[i * times];
        for (ptrdiff_t m = 1; m < times; m++) total += x[i * times + m];
        y[i] = total;
    }
}

/* y[i * times + m] = x[i] */
void KERNEL(repeat_elements)(ptrdiff_t n, ptrdiff_t times, const float *restrict x, float *restrict y) {
    switch (times) {
    case 2:
        repeat(2, n, x, y);
        break;
    case 3:
        repeat(3, n, x, y);
        break;
    case 4:
        repeat(4, n, x, y);
        break;
    default:
        repeat(times, n, x, y);
    }
}

/* y[i] = sum over m of x[i * times + m], times >= 1 */
void KERNEL(sum_repeats)(ptrdiff_t n, ptrdiff_t times, const float *restrict x, float *restrict y) {
    switch (times) {
    case 2:
        sum(2, n, x, y);
        break;
    case 3:
        sum(3, n, x, y);
        break;
    case 4:
        sum(4, n, x, y);
        break;
    default:
        sum(times, n, x, y);
    }
}
