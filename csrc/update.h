/* One vector of weights updated by its gradient: the arithmetic that optimizer.c (gradient from memory) and gemm.c
 * (gradient from a tile of a product) share, so that both give the same bits.
 *
 * A run is n elements of one row; every step below takes the place q of a vector in it and its number of lanes. */
#ifndef FASTCNN_UPDATE_H
#define FASTCNN_UPDATE_H

#include "kernels.h"
#include "simd.h"

ALWAYS_INLINE void sgd_step(const struct sgd_rates *rates, vf g, float *w, ptrdiff_t lanes) {
    vstore_n(w, vload_n(w, lanes) - vset1(rates->rate) * g, lanes);
}

ALWAYS_INLINE void momentum_step(const struct momentum_rates *rates, vf g, float *w, float *velocity, ptrdiff_t lanes) {
    vf step = vrounded(vset1(rates->rate) * g);
    vf speed = vset1(rates->momentum) * vload_n(velocity, lanes) - step;
    vstore_n(velocity, speed, lanes);
    if (rates->nesterov) speed = vset1(rates->momentum) * speed - step;
    vstore_n(w, vload_n(w, lanes) + speed, lanes);
}

ALWAYS_INLINE void adam_step(const struct adam_rates *rates, vf g, float *w, float *m, float *v, ptrdiff_t lanes) {
    vf mean = vload_n(m, lanes), square = vload_n(v, lanes);
    mean += (g - mean) * vset1(rates->rate_1);
    square += (g * g - square) * vset1(rates->rate_2);
    vstore_n(m, mean, lanes);
    vstore_n(v, square, lanes);
    vf step = vset1(rates->alpha) * mean / (vsqrt(square) + vset1(rates->epsilon));
    vstore_n(w, vload_n(w, lanes) - step, lanes);
}

#define FOR_EACH_VECTOR(n, step_of_vector)                                                                             \
    do {                                                                                                               \
        ptrdiff_t i = 0, lanes = VL;                                                                                   \
        for (; i + VL <= (n); i += VL) step_of_vector;                                                                 \
        lanes = (n) - i;                                                                                               \
        if (lanes > 0) step_of_vector;                                                                                 \
    } while (0)

ALWAYS_INLINE void sgd_run(const struct sgd_rates *rates, const float *g, ptrdiff_t n, float *w) {
    FOR_EACH_VECTOR(n, sgd_step(rates, vload_n(g + i, lanes), w + i, lanes));
}

ALWAYS_INLINE void momentum_run(const struct momentum_rates *rates, const float *g, ptrdiff_t n, float *w,
                                float *velocity) {
    FOR_EACH_VECTOR(n, momentum_step(rates, vload_n(g + i, lanes), w + i, velocity + i, lanes));
}

ALWAYS_INLINE void adam_run(const struct adam_rates *rates, const float *g, ptrdiff_t n, float *w, float *m, float *v) {
    FOR_EACH_VECTOR(n, adam_step(rates, vload_n(g + i, lanes), w + i, m + i, v + i, lanes));
}

#endif
