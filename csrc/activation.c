/* Activation functions of one pass, and their gradients from the input: what is not a ReLU, sigmoid or tanh.
 *
 * A kernel maps n elements; input and output may be the same memory. a, b and c are the function's numbers, whose
 * meaning stands beside it; those that have none ignore them. Limited by memory where there is no exponential. */
#include "kernels.h"
#include "odd_functions.h"

#define SQRT_HALF 0.70710678118654752f
#define TWO_OVER_SQRT_PI 1.12837916709551257f
#define SQRT_TWO_OVER_PI 0.79788456080286536f

/* a: slope below the threshold c; b: largest output. */
ALWAYS_INLINE vf rectify_of(vf x, float a, float b, float c) {
    vf below = a == 0.0f ? vzero() : a * (x - c); /* 0 for minus infinity, too */
    vf y = vselect(x > c, vmin(vset1(b), x), below);
    return vselect(x == x, y, x);
}
ALWAYS_INLINE vf rectify_slope(vf x, float a, float b, float c) {
    return vselect(x > c, vselect(x < b, vset1(1.0f), vzero()), vset1(a));
}

/* b x above 0, below b a (exp(x / c) - 1): elu (a, 1, 1), selu (its a, its scale, 1), celu (a, 1, a). */
ALWAYS_INLINE vf elu_of(vf x, float a, float b, float c) {
    return b * vselect(x > 0.0f, x, a * vexpm1(vmin(vzero(), x) * (1.0f / c)));
}
ALWAYS_INLINE vf elu_slope(vf x, float a, float b, float c) {
    return b * vselect(x > 0.0f, vset1(1.0f), a / c * vexp(vmin(vzero(), x) * (1.0f / c)));
}

#if defined(FASTCNN_ISA_AVX512)
ALWAYS_INLINE vf gelu_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return x * (0.5f + BY_TABLE(GELU, x));
}
ALWAYS_INLINE vf gelu_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return 0.5f + BY_TABLE(GELU_SLOPE, x);
}
ALWAYS_INLINE vf gelu_tanh_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return x * (0.5f + BY_TABLE(GELU_TANH, x));
}
ALWAYS_INLINE vf gelu_tanh_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return 0.5f + BY_TABLE(GELU_TANH_SLOPE, x);
}
#else
ALWAYS_INLINE vf gelu_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return 0.5f * x * (1.0f + verf(SQRT_HALF * x));
}
ALWAYS_INLINE vf gelu_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    vf density = vexp(-0.5f * x * x) * (0.5f * SQRT_HALF * TWO_OVER_SQRT_PI);
    return 0.5f * (1.0f + verf(SQRT_HALF * x)) + x * density;
}

/* The same with tanh(sqrt(2 / pi) (x + 0.044715 x^3)) for the error function. */
ALWAYS_INLINE vf gelu_tanh_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return 0.5f * x * (1.0f + vtanh(SQRT_TWO_OVER_PI * (x + 0.044715f * x * x * x)));
}
ALWAYS_INLINE vf gelu_tanh_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    vf t = vtanh(SQRT_TWO_OVER_PI * (x + 0.044715f * x * x * x));
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * SQRT_TWO_OVER_PI * (1.0f + 3.0f * 0.044715f * x * x);
}
#endif

ALWAYS_INLINE vf silu_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return x * vsigmoid(x);
}
ALWAYS_INLINE vf silu_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    vf s = vsigmoid(x);
    return s * (1.0f + x * (1.0f - s));
}

/* tanh(log(1 + e)) of e = exp(x): above 20 it is 1. */
ALWAYS_INLINE vf tanh_of_softplus(vf e) { return e * (e + 2.0f) / (e * (e + 2.0f) + 2.0f); }
ALWAYS_INLINE vf mish_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return x * tanh_of_softplus(vexp(vmin(vset1(20.0f), x)));
}
ALWAYS_INLINE vf mish_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    vf t = tanh_of_softplus(vexp(vmin(vset1(20.0f), x)));
    return t + x * (1.0f - t * t) * vsigmoid(x);
}

ALWAYS_INLINE vf softplus_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return vmax(vzero(), x) + vlog1p_of_share(vexp(-vabs(x)));
}
ALWAYS_INLINE vf softplus_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return vsigmoid(x);
}

ALWAYS_INLINE vf softsign_of(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    return x / (1.0f + vabs(x));
}
ALWAYS_INLINE vf softsign_slope(vf x, float a, float b, float c) {
    (void)a, (void)b, (void)c;
    vf d = 1.0f + vabs(x);
    return 1.0f / (d * d);
}

/* a x + b, cut to 0 and 1. */
ALWAYS_INLINE vf hard_sigmoid_of(vf x, float a, float b, float c) {
    (void)c;
    return vmin(vset1(1.0f), vmax(vzero(), a * x + b));
}
ALWAYS_INLINE vf hard_sigmoid_slope(vf x, float a, float b, float c) {
    (void)c;
    vf y = a * x + b;
    return vselect((y > 0.0f) & (y < 1.0f), vset1(a), vzero());
}

/* x times that. */
ALWAYS_INLINE vf hard_silu_of(vf x, float a, float b, float c) { return x * hard_sigmoid_of(x, a, b, c); }
ALWAYS_INLINE vf hard_silu_slope(vf x, float a, float b, float c) {
    return hard_sigmoid_of(x, a, b, c) + x * hard_sigmoid_slope(x, a, b, c);
}

#define ACTIVATION(name)                                                                                               \
    void KERNEL(activation_##name)(ptrdiff_t n, float a, float b, float c, const float *x, float *y) {                 \
        ptrdiff_t i = 0;                                                                                               \
        for (; i + VL <= n; i += VL) vstore(y + i, name##_of(vload(x + i), a, b, c));                                  \
        if (i < n) vstore_n(y + i, name##_of(vload_n(x + i, n - i), a, b, c), n - i);                                  \
    }                                                                                                                  \
    void KERNEL(activation_##name##_gradient)(ptrdiff_t n, float a, float b, float c, const float *dy, const float *x, \
                                              float *dx) {                                                             \
        ptrdiff_t i = 0;                                                                                               \
        for (; i + VL <= n; i += VL) vstore(dx + i, vload(dy + i) * name##_slope(vload(x + i), a, b, c));              \
        if (i < n) vstore_n(dx + i, vload_n(dy + i, n - i) * name##_slope(vload_n(x + i, n - i), a, b, c), n - i);     \
    }

ACTIVATION(rectify)
ACTIVATION(elu)
ACTIVATION(gelu)
ACTIVATION(gelu_tanh)
ACTIVATION(silu)
ACTIVATION(mish)
ACTIVATION(softplus)
ACTIVATION(softsign)
ACTIVATION(hard_sigmoid)
ACTIVATION(hard_silu)
