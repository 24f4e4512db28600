/* Updates of weights in place, one pass over all arrays of an optimizer. The arithmetic stands in update.h.
 * Limited by memory: Adam reads four floats and writes three for each weight. */
#include "kernels.h"
#include "simd.h"
#include "update.h"

void KERNEL(sgd_update)(const struct sgd_rates *rates, const float *restrict g, ptrdiff_t n, float *restrict w) {
    struct sgd_rates own = *rates;
    sgd_run(&own, g, n, w);
}

void KERNEL(momentum_update)(const struct momentum_rates *rates, const float *restrict g, ptrdiff_t n,
                             float *restrict w, float *restrict velocity) {
    struct momentum_rates own = *rates;
    momentum_run(&own, g, n, w, velocity);
}

void KERNEL(adam_update)(const struct adam_rates *rates, const float *restrict g, ptrdiff_t n, float *restrict w,
                         float *restrict m, float *restrict v) {
    struct adam_rates own = *rates;
    adam_run(&own, g, n, w, m, v);
}
