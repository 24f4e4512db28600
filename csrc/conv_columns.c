/* Sums of overlapping runs, for the way of a transposed convolution's products to its output. */
#include "kernels.h"
#include "simd.h"

/* to[j * to_step + e] += from[j * from_step + e] for j < count, e < run. Runs that overlap are added in different
 * passes, so that no load waits for the store before it. Limited by masked loads and stores. */
void KERNEL(add_runs)(ptrdiff_t count, ptrdiff_t run, const float *restrict from, ptrdiff_t from_step,
                      float *restrict to, ptrdiff_t to_step) {
    const ptrdiff_t passes = (run + to_step - 1) / to_step;
    for (ptrdiff_t pass = 0; pass < passes; pass++)
        for (ptrdiff_t j = pass; j < count; j += passes) {
            const float *x = from + j * from_step;
            float *y = to + j * to_step;
            ptrdiff_t e = 0;
            for (; e + VL <= run; e += VL) vstore(y + e, vload(y + e) + vload(x + e));
            if (e < run) vstore_n(y + e, vload_n(y + e, run - e) + vload_n(x + e, run - e), run - e);
        }
}
