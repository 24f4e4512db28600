/* Updates of weights in place, one pass over all arrays of an optimizer.
 * Limited by memory, where the arrays lie beyond the caches; Adam within them by its root and its division. */
#include "kernels.h"
#include "simd.h"

/* step is a statement on the vector at i, of which `lanes` lanes exist. */
#define FOR_EACH_VECTOR(n, step)                                                                                       \
    do {                                                                                                               \
        ptrdiff_t i = 0;                                                                                               \
        for (const ptrdiff_t lanes = VL; i + VL <= (n); i += VL) step;                                                 \
        const ptrdiff_t lanes = (n) - i;                                                                               \
        if (lanes > 0) step;                                                                                           \
    } while (0)

ALWAYS_INLINE void sgd_step(vf rate, const float *g, float *w, ptrdiff_t lanes) {
    vstore_n(w, vload_n(w, lanes) - rate * vload_n(g, lanes), lanes);
}

void KERNEL(sgd_update)(const struct sgd_rates *rates, const float *restrict g, ptrdiff_t n, float *restrict w) {
    const vf rate = vset1(rates->rate);
    FOR_EACH_VECTOR(n, sgd_step(rate, g + i, w + i, lanes));
}

ALWAYS_INLINE void momentum_step(vf rate, vf momentum, int nesterov, const float *g, float *w, float *velocity,
                                 ptrdiff_t lanes) {
    vf step = vrounded(rate * vload_n(g, lanes));
    vf speed = momentum * vload_n(velocity, lanes) - step;
    vstore_n(velocity, speed, lanes);
    if (nesterov) speed = momentum * speed - step;
    vstore_n(w, vload_n(w, lanes) + speed, lanes);
}

void KERNEL(momentum_update)(const struct momentum_rates *rates, const float *restrict g, ptrdiff_t n,
                             float *restrict w, float *restrict velocity) {
    const vf rate = vset1(rates->rate), momentum = vset1(rates->momentum);
    const int nesterov = rates->nesterov;
    FOR_EACH_VECTOR(n, momentum_step(rate, momentum, nesterov, g + i, w + i, velocity + i, lanes));
}

/* m += (g - m) rate_1; v += (g g - v) rate_2; w -= alpha m / (sqrt(v) + epsilon) */
ALWAYS_INLINE void adam_step(const struct adam_rates r, const float *g, float *w, float *m, float *v, ptrdiff_t lanes) {
    vf gradient = vload_n(g, lanes), mean = vload_n(m, lanes), square = vload_n(v, lanes);
    mean += (gradient - mean) * vset1(r.rate_1);
    square += (gradient * gradient - square) * vset1(r.rate_2);
    vstore_n(m, mean, lanes);
    vstore_n(v, square, lanes);
    vf step = vset1(r.alpha) * mean / (vsqrt(square) + vset1(r.epsilon));
    vstore_n(w, vload_n(w, lanes) - step, lanes);
}

void KERNEL(adam_update)(const struct adam_rates *rates, const float *restrict g, ptrdiff_t n, float *restrict w,
                         float *restrict m, float *restrict v) {
    const struct adam_rates own = *rates;
    FOR_EACH_VECTOR(n, adam_step(own, g + i, w + i, m + i, v + i, lanes));
}
