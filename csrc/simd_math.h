/* Elementary functions on vectors: exp, log, sigmoid, tanh, log1p, expm1, sin, cos, arctan, erf to a few units in the
 * last place, whole parts exactly, and powers, whose error grows with the exponent: by about |y log x| units.
 *
 * Coefficients of the polynomials are those of Cephes (S. Moshier). Infinities and NaN give what IEEE asks for;
 * denormal arguments of the logarithm count as zero, as they do on the engine's threads. */
#ifndef FASTCNN_SIMD_MATH_H
#define FASTCNN_SIMD_MATH_H

#include "simd.h"

/* ln 2 in two parts: a product of the first with an integer below 2^15 is exact without a fused multiply-add. */
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f

ALWAYS_INLINE vf vabs(vf x) { return (vf)((vi)x & 0x7fffffff); }

/* The size of y, which is not negative, with the sign of x. */
ALWAYS_INLINE vf like_sign(vf x, vf y) { return (vf)((vi)y | ((vi)x & (int32_t)0x80000000)); }

/* exp(x) = 2^k (1 + rest), with k whole and 1 + rest from sqrt(1/2) to sqrt(2). */
struct power_of_e {
    vf k, rest;
    vi n; /* k as integers */
};

ALWAYS_INLINE struct power_of_e split_exp(vf x) {
    vf shift = vset1(0x1.8p23f); /* adding it rounds to an integer, kept in the low bits */
    vf shifted = x * 1.44269504088896341f + shift;
    vf k = shifted - shift;
    vf r = x - k * LN2_HIGH;
    r = r - k * LN2_LOW;
    vf p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return (struct power_of_e){k, p * (r * r) + r, (vi)shifted - (vi)shift};
}

ALWAYS_INLINE vf vexp(vf x) {
    /* Outside these bounds the result is 0 or infinite. */
    struct power_of_e e = split_exp(vmin(vset1(89.0f), vmax(vset1(-104.0f), x)));
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_scalef_ps((__m512)(e.rest + 1.0f), (__m512)e.k);
#else
    vi half = e.n >> 1; /* 2^n in two factors that are no denormals */
    return (e.rest + 1.0f) * (vf)((half + 127) << 23) * (vf)((e.n - half + 127) << 23);
#endif
}

/* exp(x) - 1 = 2^k rest + (2^k - 1), by half of it: 2^k itself may be infinite. */
ALWAYS_INLINE vf vexpm1(vf x) {
    struct power_of_e e = split_exp(vmin(vset1(89.0f), vmax(vset1(-30.0f), x)));
    vf half = (vf)((e.n + 126) << 23);
    return 2.0f * (half * e.rest + (half - 0.5f));
}

/* log(2^e (1 + f)), with 1 + f from sqrt(1/2) to sqrt(2). */
ALWAYS_INLINE vf log_of_parts(vf e, vf f) {
    vf z = f * f;
    vf p = f * 7.0376836292e-2f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    vf y = p * f * z + e * LN2_LOW - 0.5f * z;
    return (f + y) + e * LN2_HIGH;
}

ALWAYS_INLINE vf vlog(vf x) {
    vi sqrt_half = vset1_i(0x3f3504f3);
    vi exponent = ((vi)x - sqrt_half) >> 23;
    vf y = log_of_parts(__builtin_convertvector(exponent, vf), (vf)((vi)x - (exponent << 23)) - 1.0f);
    y = vselect(x < 0x1p-126f, vset1(-__builtin_inff()), y);
    y = vselect(x < 0.0f, vset1(__builtin_nanf("")), y);
    return vselect(x < __builtin_inff(), y, x + x); /* infinity and NaN stay what they are */
}

ALWAYS_INLINE vf vsigmoid(vf x) { return 1.0f / (1.0f + vexp(-x)); }

ALWAYS_INLINE vf vtanh(vf x) {
    vf z = x * x;
    vf p = z * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    vf small = p * z * x + x;
    vf magnitude = 1.0f - 2.0f / (vexp(2.0f * vabs(x)) + 1.0f);
    return vselect(vabs(x) < 0.625f, small, like_sign(x, magnitude));
}

/* log(1 + x): what rounding took from the inner sum is put back by a factor (W. Kahan). */
ALWAYS_INLINE vf vlog1p(vf x) {
    vf u = x + 1.0f;
    vf y = vlog(u) * (x / (u - 1.0f));
    y = vselect(u == 1.0f, x, y);
    return vselect(x < __builtin_inff(), y, x + x);
}

/* The same for x from 0 to 1, or NaN. */
ALWAYS_INLINE vf vlog1p_of_share(vf x) {
    vi far = x > 0.41421356f;
    return log_of_parts(vselect(far, vset1(1.0f), vzero()), vselect(far, 0.5f * x - 0.5f, x));
}

/* Whole numbers near x, with its sign where they are 0. From 2^23 on all floats are whole. */
ALWAYS_INLINE vf like_whole(vf x, vf y) { return vselect(vabs(x) < 0x1p23f, like_sign(x, vabs(y)), x); }

ALWAYS_INLINE vf vfloor(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_roundscale_ps((__m512)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_floor_ps((__m256)x);
#else
    vf cut = __builtin_convertvector(__builtin_convertvector(x, vi), vf);
    return like_whole(x, cut - (vf)((cut > x) & (vi)vset1(1.0f)));
#endif
}

ALWAYS_INLINE vf vceil(vf x) { return -vfloor(-x); }

/* To the nearest, to the even one of two that are as near. */
ALWAYS_INLINE vf vround(vf x) { return like_whole(x, vrounded(vabs(x) + 0x1p23f) - 0x1p23f); }

/* sin(x + quarters * pi / 2). The argument is brought to -pi/4 to pi/4 by multiples of pi / 2 in three parts, good up
 * to sizes of about 10^4. */
ALWAYS_INLINE vf vsin_shifted(vf x, int32_t quarters) {
    vf shifted = x * 0.636619772367581343f + 0x1.8p23f;
    vi n = (vi)shifted - (vi)vset1(0x1.8p23f) + quarters;
    vf k = shifted - 0x1.8p23f;
    vf r = x - k * 1.5703125f;
    r = r - k * 4.837512969970703125e-4f;
    r = r - k * 7.54978995489188216e-8f;
    vf z = r * r;
    vf sine = z * -1.9515295891e-4f + 8.3321608736e-3f;
    sine = (sine * z - 1.6666654611e-1f) * z * r + r;
    vf cosine = z * 2.443315711809948e-5f - 1.388731625493765e-3f;
    cosine = (cosine * z + 4.166664568298827e-2f) * (z * z) - 0.5f * z + 1.0f;
    vf y = vselect((n & 1) != 0, cosine, sine);
    y = (vf)((vi)y ^ ((n & 2) << 30));
    return vselect(vabs(x) < __builtin_inff(), y, x - x); /* NaN of infinity and of NaN */
}

ALWAYS_INLINE vf vsin(vf x) { return vsin_shifted(x, 0); }
ALWAYS_INLINE vf vcos(vf x) { return vsin_shifted(x, 1); }

/* Angles from 0: arguments above tan(pi / 8) are turned back by pi / 4 or pi / 2. */
ALWAYS_INLINE vf varctan(vf x) {
    vf size = vabs(x);
    vi far = size > 2.414213562373095f, middle = (size > 0.4142135623730950f) & ~far;
    vf turned = vselect(far, vset1(-1.0f), vselect(middle, size - 1.0f, size));
    turned = turned / vselect(far, size, vselect(middle, size + 1.0f, vset1(1.0f)));
    vf z = turned * turned;
    vf p = z * 8.05374449538e-2f - 1.38776856032e-1f;
    p = p * z + 1.99777106478e-1f;
    p = p * z - 3.33329491539e-1f;
    vf start = vselect(far, vset1(1.57079632679489662f), vselect(middle, vset1(0.785398163397448310f), vzero()));
    return like_sign(x, start + (p * z * turned + turned));
}

/* The error function, by a rational approximation (Eigen's) on -4 to 4, outside of which it is -1 or 1. */
ALWAYS_INLINE vf verf(vf x) {
    x = vmin(vset1(4.0f), vmax(vset1(-4.0f), x));
    vf z = x * x;
    vf p = z * -2.72614225801306e-10f + 2.77068142495902e-08f;
    p = p * z - 2.10102402082508e-06f;
    p = p * z - 5.69250639462346e-05f;
    p = p * z - 7.34990630326855e-04f;
    p = p * z - 2.95459980854025e-03f;
    p = p * z - 1.60960333262415e-02f;
    vf q = z * -1.45660718464996e-05f - 2.13374055278905e-04f;
    q = q * z - 1.68282697438203e-03f;
    q = q * z - 7.37332916720468e-03f;
    q = q * z - 1.42647390514189e-02f;
    return x * p / q;
}

/* x to the power y, as C's pow has the special cases. */
ALWAYS_INLINE vf vpower(vf x, vf y) {
    vf magnitude = vexp(y * vlog(vabs(x)));
    vi whole = vfloor(y) == y;
    vi odd = whole & (vfloor(y * 0.5f) * 2.0f != y);
    vf signed_ = vselect(odd & ((vi)x < 0), -magnitude, magnitude);
    vf power = vselect((x < 0.0f) & (x > -__builtin_inff()) & ~whole, vset1(__builtin_nanf("")), signed_);
    power = vselect((vabs(x) == 1.0f) & (vabs(y) == __builtin_inff()), vset1(1.0f), power);
    return vselect((y == 0.0f) | (x == 1.0f), vset1(1.0f), power);
}

#endif
