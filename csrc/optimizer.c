/* Updates of weights in place, element by element, one pass over all arrays of an optimizer; and the sums that
 * updates by norms need.
 *
 * An optimizer is a rule: from the gradient g, the weight w and the slots s[0], s[1], ... it gives the new weight and
 * sets the new slots. `update` is the one loop around all of them; it scales and clips g and lets w decay. A product
 * that is added to another product passes through vrounded: so the loop's whole and last vectors round alike.
 * Limited by memory, where the arrays lie beyond the caches; within them by roots and divisions. */
#include "kernels.h"
#include "simd_math.h"

enum { MAX_SLOTS = 3 };

typedef vf rule(const float *r, vf g, vf w, vf *s);

/* `lanes` is the constant VL once inlined, but for the last vector: masked loads and stores are slow. */
ALWAYS_INLINE void update_vector(rule *step, const int slots, const struct update_rates *rates, const float *g,
                                 float *w, float *const *slot, ptrdiff_t i, const ptrdiff_t lanes) {
    vf s[MAX_SLOTS];
    for (int k = 0; k < slots; k++) s[k] = vload_n(slot[k] + i, lanes);
    vf gradient = vrounded(vload_n(g + i, lanes) * rates->scale);
    gradient = vmin(vset1(rates->clip), vmax(vset1(-rates->clip), gradient));
    vf weight = step(rates->r, gradient, vrounded(vload_n(w + i, lanes) * rates->keep), s);
    for (int k = 0; k < slots; k++) vstore_n(slot[k] + i, s[k], lanes);
    vstore_n(w + i, weight, lanes);
}

/* step is a statement on the vector at i, of which `lanes` lanes exist. */
#define FOR_EACH_VECTOR(n, step)                                                                                       \
    do {                                                                                                               \
        ptrdiff_t i = 0;                                                                                               \
        for (const ptrdiff_t lanes = VL; i + VL <= (n); i += VL) step;                                                 \
        const ptrdiff_t lanes = (n) - i;                                                                               \
        if (lanes > 0) step;                                                                                           \
    } while (0)

ALWAYS_INLINE void update(rule *step, const int slots, const struct update_rates *rates, const float *g, ptrdiff_t n,
                          float *w, float *const *slot) {
    const struct update_rates own = *rates; /* no store can change it */
    float *at[MAX_SLOTS];
    for (int k = 0; k < slots; k++) at[k] = slot[k];
    FOR_EACH_VECTOR(n, update_vector(step, slots, &own, g, w, at, i, lanes));
}

#define UPDATE(name, slots)                                                                                            \
    void KERNEL(name##_update)(const struct update_rates *rates, const float *g, ptrdiff_t n, float *w,                \
                               float **slot) {                                                                         \
        update(name, slots, rates, g, n, w, slot);                                                                     \
    }

/* r: learning rate */
ALWAYS_INLINE vf sgd(const float *r, vf g, vf w, vf *s) {
    (void)s;
    return w - r[0] * g;
}
UPDATE(sgd, 0)

/* r: learning rate, momentum. s: velocity */
ALWAYS_INLINE vf momentum(const float *r, vf g, vf w, vf *s) {
    s[0] = r[1] * s[0] - vrounded(r[0] * g);
    return w + s[0];
}
UPDATE(momentum, 1)

/* The same, one step ahead. */
ALWAYS_INLINE vf nesterov(const float *r, vf g, vf w, vf *s) {
    vf step = vrounded(r[0] * g);
    s[0] = r[1] * s[0] - step;
    return w + (r[1] * s[0] - step);
}
UPDATE(nesterov, 1)

/* Running means of the gradient, s[0], and of its square, s[1]. */
ALWAYS_INLINE void moments(float rate_1, float rate_2, vf g, vf *s) {
    s[0] += (g - s[0]) * rate_1;
    s[1] += (g * g - s[1]) * rate_2;
}

/* r: step, 1 - beta_1, 1 - beta_2, epsilon. s: momentum, velocity */
ALWAYS_INLINE vf adam(const float *r, vf g, vf w, vf *s) {
    moments(r[1], r[2], g, s);
    return w - r[0] * s[0] / (vsqrt(s[1]) + r[3]);
}
UPDATE(adam, 2)

/* The same with the largest velocity so far. s: momentum, velocity, its maximum */
ALWAYS_INLINE vf amsgrad(const float *r, vf g, vf w, vf *s) {
    moments(r[1], r[2], g, s);
    s[2] = vmax(s[2], s[1]);
    return w - r[0] * s[0] / (vsqrt(s[2]) + r[3]);
}
UPDATE(amsgrad, 3)

/* r: step, 1 - beta_1, beta_2, epsilon. s: momentum, norm */
ALWAYS_INLINE vf adamax(const float *r, vf g, vf w, vf *s) {
    s[0] += (g - s[0]) * r[1];
    s[1] = vmax(vrounded(r[2] * s[1]), vabs(g));
    return w - r[0] * s[0] / (s[1] + r[3]);
}
UPDATE(adamax, 2)

/* r: shares of momentum and gradient in the step, 1 - beta_1, 1 - beta_2, 1 / (1 - beta_2^t), epsilon.
 * s: momentum, velocity */
ALWAYS_INLINE vf nadam(const float *r, vf g, vf w, vf *s) {
    moments(r[2], r[3], g, s);
    return w - (r[0] * s[0] + vrounded(r[1] * g)) / (vsqrt(s[1] * r[4]) + r[5]);
}
UPDATE(nadam, 2)

/* r: learning rate, rho, epsilon, momentum. s: velocity, then momentum and average of the gradient, if any */
ALWAYS_INLINE vf rmsprop_of(const int with_momentum, const int centered, const float *r, vf g, vf w, vf *s) {
    s[0] = r[1] * s[0] + vrounded((1.0f - r[1]) * vrounded(g * g));
    vf square = s[0];
    if (centered) {
        vf *average = s + 1 + with_momentum;
        *average = r[1] * *average + vrounded((1.0f - r[1]) * g);
        square -= *average * *average;
    }
    /* The instructions for root and division hide behind what centring computes, and bind without it. */
    vf step = centered ? r[0] * g / vsqrt(square + r[2]) : r[0] * g * vinverse_root(square + r[2]);
    if (!with_momentum) return w - step;
    s[1] = r[3] * s[1] + step;
    return w - s[1];
}
ALWAYS_INLINE vf rmsprop(const float *r, vf g, vf w, vf *s) { return rmsprop_of(0, 0, r, g, w, s); }
ALWAYS_INLINE vf rmsprop_momentum(const float *r, vf g, vf w, vf *s) { return rmsprop_of(1, 0, r, g, w, s); }
ALWAYS_INLINE vf rmsprop_centered(const float *r, vf g, vf w, vf *s) { return rmsprop_of(0, 1, r, g, w, s); }
ALWAYS_INLINE vf rmsprop_centered_momentum(const float *r, vf g, vf w, vf *s) { return rmsprop_of(1, 1, r, g, w, s); }
UPDATE(rmsprop, 1)
UPDATE(rmsprop_momentum, 2)
UPDATE(rmsprop_centered, 2)
UPDATE(rmsprop_centered_momentum, 3)

/* r: learning rate, epsilon. s: accumulator */
ALWAYS_INLINE vf adagrad(const float *r, vf g, vf w, vf *s) {
    s[0] += g * g;
    return w - r[0] * g * vinverse_root(s[0] + r[1]);
}
UPDATE(adagrad, 1)

/* r: learning rate, rho, epsilon. s: accumulators of the gradient's and of the step's square */
ALWAYS_INLINE vf adadelta(const float *r, vf g, vf w, vf *s) {
    s[0] = r[1] * s[0] + vrounded((1.0f - r[1]) * vrounded(g * g));
    vf step = vsqrt(s[1] + r[2]) * g * vinverse_root(s[0] + r[2]);
    s[1] = r[1] * s[1] + vrounded((1.0f - r[1]) * vrounded(step * step));
    return w - r[0] * step;
}
UPDATE(adadelta, 2)

/* r: learning rate, beta_1, beta_2. s: momentum */
ALWAYS_INLINE vf lion(const float *r, vf g, vf w, vf *s) {
    vf direction = r[1] * s[0] + vrounded((1.0f - r[1]) * g);
    s[0] = r[2] * s[0] + vrounded((1.0f - r[2]) * g);
    vf moved = vselect(direction > 0.0f, w - r[0], vselect(direction < 0.0f, w + r[0], w));
    return vselect(direction == direction, moved, direction);
}
UPDATE(lion, 1)

/* The step of Lamb, before its length is known; the weight decays only. r: 1 / (1 - beta_1^t), 1 / (1 - beta_2^t),
 * 1 - beta_1, 1 - beta_2, epsilon. s: momentum, velocity, step */
ALWAYS_INLINE vf lamb(const float *r, vf g, vf w, vf *s) {
    moments(r[2], r[3], g, s);
    s[2] = r[0] * s[0] / (vsqrt(s[1] * r[1]) + r[4]);
    return w;
}
UPDATE(lamb, 3)

/* x^p for x >= 0. */
ALWAYS_INLINE vf power(vf x, float p) { return p == 0.0f ? vset1(1.0f) : vexp(p * vlog(x)); }

/* r: 1 / learning rate, minus its power, l1, 2 l2, 2 l2 shrinkage. s: accumulator, linear. Products are rounded before
 * sums: they would be fused in one place and not in another. */
ALWAYS_INLINE vf ftrl_of(const int by_root, const float *r, vf g, vf w, vf *s) {
    vf accumulator = s[0] + vrounded(g * g);
    vf root = by_root ? vroot(accumulator) : power(accumulator, r[1]);
    vf growth = vrounded((root - (by_root ? vsqrt(s[0]) : power(s[0], r[1]))) * r[0]);
    s[0] = accumulator;
    s[1] += (g + vrounded(r[4] * w)) - vrounded(growth * w);
    vf clipped = vmin(vset1(r[2]), vmax(vset1(-r[2]), s[1]));
    return (clipped - s[1]) / (vrounded(root * r[0]) + r[3]);
}
ALWAYS_INLINE vf ftrl(const float *r, vf g, vf w, vf *s) { return ftrl_of(0, r, g, w, s); }
ALWAYS_INLINE vf ftrl_by_root(const float *r, vf g, vf w, vf *s) { return ftrl_of(1, r, g, w, s); }

void KERNEL(ftrl_update)(const struct update_rates *rates, const float *g, ptrdiff_t n, float *w, float **slot) {
    if (rates->r[1] == 0.5f) /* nearly always */
        update(ftrl_by_root, 2, rates, g, n, w, slot);
    else
        update(ftrl, 2, rates, g, n, w, slot);
}

/* average = momentum * average + (1 - momentum) * w; then, where `overwrite` is set, w is the average. */
ALWAYS_INLINE void average_vector(float momentum, int overwrite, float *average, float *w, ptrdiff_t lanes) {
    vf mean = momentum * vload_n(average, lanes) + vrounded((1.0f - momentum) * vload_n(w, lanes));
    vstore_n(average, mean, lanes);
    if (overwrite) vstore_n(w, mean, lanes);
}

void KERNEL(weight_average)(float momentum, int overwrite, ptrdiff_t n, float *average, float *w) {
    FOR_EACH_VECTOR(n, average_vector(momentum, overwrite, average + i, w + i, lanes));
}

/* sum += g; the first gradient takes the place of what is there. */
ALWAYS_INLINE void accumulate_vector(int first, const float *g, float *sum, ptrdiff_t lanes) {
    vf gradient = vload_n(g, lanes);
    vstore_n(sum, first ? gradient : vload_n(sum, lanes) + gradient, lanes);
}

void KERNEL(accumulate_gradient)(int first, ptrdiff_t n, const float *g, float *sum) {
    FOR_EACH_VECTOR(n, accumulate_vector(first, g + i, sum + i, lanes));
}

/* The sum of squares of as many elements as a task has. Four chains hide the latency of the additions. */
void KERNEL(sum_of_squares)(ptrdiff_t n, const float *x, double *sum) {
    vf part[4] = {vzero(), vzero(), vzero(), vzero()};
    ptrdiff_t i = 0;
    for (; i + 4 * VL <= n; i += 4 * VL)
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
            vf value = vload(x + i + k * VL);
            part[k] += value * value;
        }
    for (; i < n; i += VL) {
        vf value = vload_n(x + i, n - i < VL ? n - i : VL);
        part[0] += value * value;
    }
    *sum = vsum((part[0] + part[1]) + (part[2] + part[3]));
}
