/* Elementary functions on vectors: exp, log, sigmoid, tanh, log1p, expm1, sin, cos, arctan, erf to a few units in the
 * last place, whole parts exactly, and powers: with whole exponents below 8 by products, else with an error that grows
 * with the exponent, by about |y log x| units.
 *
 * Coefficients of the polynomials are those of Cephes (S. Moshier). Infinities and NaN give what IEEE asks for;
 * denormal arguments of the logarithm count as zero, as they do on the engine's threads.
 *
 * With AVX-512 one instruction picks a value for each lane from a table of 16, beside the multiply-adds: exp, log and
 * log1p divide their range by 16, and their polynomials are short. */
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

#if defined(FASTCNN_ISA_AVX512)
/* 2^(j / 16), and what rounding took from it. */
static const float POWER[16] = {
    0x1p0f,        0x1.0b5586p0f, 0x1.172b84p0f, 0x1.2387a6p0f, 0x1.306fep0f,  0x1.3dea64p0f,
    0x1.4bfdaep0f, 0x1.5ab07ep0f, 0x1.6a09e6p0f, 0x1.7a1148p0f, 0x1.8ace54p0f, 0x1.9c4918p0f,
    0x1.ae89fap0f, 0x1.c199bep0f, 0x1.d5818ep0f, 0x1.ea4afap0f,
};
static const float POWER_REST[16] = {
    0.0f,          0x1.9f3p-25f,  -0x1.c15p-27f, 0x1.cebp-25f,  0x1.463p-25f, 0x1.824p-25f,
    -0x1.594p-25f, -0x1.5bdp-27f, 0x1.9fdp-26f,  -0x1.82ap-25f, 0x1.155p-27f, 0x1.520p-27f,
    -0x1.a95p-26f, -0x1.3d5p-27f, -0x1.823p-27f, 0x1.525p-27f,
};

ALWAYS_INLINE vf pick(const float *table, vi lanes) { return vpermute(vload(table), lanes); }

/* 2^(n / 16) e^r = 2^(n / 16) (1 + q r), with n whole and r from -ln 2 / 32 to ln 2 / 32; `exactly`: with the rest. */
ALWAYS_INLINE vf exp_by_table(vf x, const int exactly) {
    vf shift = vset1(0x1.8p19f); /* adding it rounds to a multiple of 1/16, whose last four bits are j */
    x = vmin(vset1(89.0f), vmax(vset1(-104.0f), x));
    vf shifted = x * 1.44269504088896341f + shift;
    vf k = shifted - shift;
    vf r = x - k * LN2_HIGH;
    r = r - k * LN2_LOW;
    vf q = r * 0.16666862f + 0.50000977f;
    q = q * r + 1.0f;
    vf power = pick(POWER, (vi)shifted);
    vf step = exactly ? power * r + pick(POWER_REST, (vi)shifted) : power * r;
    return (vf)_mm512_scalef_ps((__m512)(q * step + power), (__m512)k); /* times 2 to the whole part of k */
}

ALWAYS_INLINE vf vexp(vf x) { return exp_by_table(x, 0); }
/* Half a unit closer, where later steps make errors of their own. */
ALWAYS_INLINE vf vexp_close(vf x) { return exp_by_table(x, 1); }
#else
ALWAYS_INLINE vf vexp(vf x) {
    /* Outside these bounds the result is 0 or infinite. */
    struct power_of_e e = split_exp(vmin(vset1(89.0f), vmax(vset1(-104.0f), x)));
    vi half = e.n >> 1; /* 2^n in two factors that are no denormals */
    return (e.rest + 1.0f) * (vf)((half + 127) << 23) * (vf)((e.n - half + 127) << 23);
}
ALWAYS_INLINE vf vexp_close(vf x) { return vexp(x); }
#endif

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

#if defined(FASTCNN_ISA_AVX512)
/* Near 1 / m for the mantissas m of an interval, from 0.75 to 1.5 in the order of their upper bits, and minus its log.
 * Next to 1 it is 1, so that there the log has no error but that of the polynomial; else a float whose log is nearly
 * one. */
static const float INVERSE[16] = {
    1.0f,          0x1.d40f4ep-1f, 0x1.badefep-1f, 0x1.a42dbp-1f, 0x1.8f9708p-1f, 0x1.7cf1b6p-1f,
    0x1.6c138p-1f, 0x1.5caeb8p-1f, 0x1.4e5f7ep0f,  0x1.41525ap0f, 0x1.352496p0f,  0x1.29e368p0f,
    0x1.1f81eep0f, 0x1.159aaep0f,  0x1.0cadccp0f,  1.0f,
};
static const float LOG_OF[16] = {
    0.0f,
    0x1.6f874p-4f,
    0x1.290ddap-3f,
    0x1.94c6f2p-3f,
    0x1.fbab7ep-3f,
    0x1.2ec494p-2f,
    0x1.5d2504p-2f,
    0x1.8961fep-2f,
    -0x1.117d5ap-2f,
    -0x1.d1707ap-3f,
    -0x1.824e78p-3f,
    -0x1.365b36p-3f,
    -0x1.db6deep-4f,
    -0x1.4bda8ep-4f,
    -0x1.8bff52p-5f,
    0.0f,
};

/* log(x) = e ln 2 + log(m), or log(x + rest), which adds rest / x before the polynomial in m * inverse - 1. */
ALWAYS_INLINE vf log_by_table(vf x, const int has_rest, vf rest) {
    vf m = (vf)_mm512_getmant_ps((__m512)x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan); /* NaN where x < 0 */
    vf e = (vf)_mm512_getexp_ps((__m512)x) - (vf)_mm512_getexp_ps((__m512)m); /* infinite where x is infinite or 0 */
    vi interval = (vi)m >> 19;
    vf inverse = pick(INVERSE, interval), r = vfused(m, inverse, vset1(-1.0f));
    if (has_rest) /* 0 where x is below 1/2 */
        r += (vf)_mm512_scalef_ps((__m512)rest, (__m512)vmin(vset1(1.0f), -e)) * inverse;
    vf p = r * 0.19021257f - 0.25012316f;
    p = p * r + 0.33334177f;
    p = p * r - 0.5f;
    return (e * 0.693147180559945309f + pick(LOG_OF, interval)) + (p * (r * r) + r);
}

ALWAYS_INLINE vf vlog(vf x) { return log_by_table(x, 0, x); }

/* log(1 + x), with what rounding took from the sum, and the sign of x. */
ALWAYS_INLINE vf vlog1p(vf x) {
    vf u = x + 1.0f;
    vf rest = vmin(x - (u - 1.0f), vset1(1.0f)); /* a number where x is infinite */
    return like_sign(x, vabs(log_by_table(u, 1, rest)));
}
#else
ALWAYS_INLINE vf vlog(vf x) {
    vi sqrt_half = vset1_i(0x3f3504f3);
    vi exponent = ((vi)x - sqrt_half) >> 23;
    vf y = log_of_parts(__builtin_convertvector(exponent, vf), (vf)((vi)x - (exponent << 23)) - 1.0f);
    y = vselect(x < 0x1p-126f, vset1(-__builtin_inff()), y);
    y = vselect(x < 0.0f, vset1(__builtin_nanf("")), y);
    return vselect(x < __builtin_inff(), y, x + x); /* infinity and NaN stay what they are */
}

/* log(1 + x): what rounding took from the inner sum is put back by a factor (W. Kahan). */
ALWAYS_INLINE vf vlog1p(vf x) {
    vf u = x + 1.0f;
    vf y = vlog(u) * (x / (u - 1.0f));
    y = vselect(u == 1.0f, x, y);
    return vselect(x < __builtin_inff(), y, x + x);
}
#endif

/* Roots to one unit in the last place, for kernels that the instructions for roots and divisions would bind: by an
 * approximation and a step of Newton's with AVX-512, by these instructions else. */
ALWAYS_INLINE vf vroot(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    __m512 in = (__m512)x, half = _mm512_set1_ps(0.5f);
    __mmask16 usual = (__mmask16)~_mm512_fpclass_ps_mask(in, 0x0e); /* neither 0 nor infinite, which stay as they are */
    __m512 inverse = _mm512_maskz_rsqrt14_ps(usual, in), root = _mm512_mask_mul_ps(in, usual, in, inverse);
    __m512 error = _mm512_fnmadd_ps(root, _mm512_mul_ps(inverse, half), half);
    return (vf)_mm512_mask_fmadd_ps(root, usual, error, root);
#else
    return vsqrt(x);
#endif
}

ALWAYS_INLINE vf vinverse_root(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    __m512 in = (__m512)x, half = _mm512_set1_ps(0.5f);
    __mmask16 usual = (__mmask16)~_mm512_fpclass_ps_mask(in, 0x0e); /* of 0 and infinity the approximation is exact */
    __m512 inverse = _mm512_rsqrt14_ps(in);
    __m512 error = _mm512_fnmadd_ps(_mm512_mul_ps(in, inverse), _mm512_mul_ps(inverse, half), half);
    return (vf)_mm512_mask_fmadd_ps(inverse, usual, error, inverse);
#else
    return 1.0f / vsqrt(x);
#endif
}

ALWAYS_INLINE vf vsigmoid(vf x) { return 1.0f / (1.0f + vexp_close(-x)); }

ALWAYS_INLINE vf vtanh(vf x) {
    vf z = x * x;
    vf p = z * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    vf small = p * z * x + x;
    vf magnitude = 1.0f - 2.0f / (vexp_close(2.0f * vabs(x)) + 1.0f);
    return vselect(vabs(x) < 0.625f, small, like_sign(x, magnitude));
}

/* log(1 + x) for x from 0 to 1, or NaN. */
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

/* sin(x + quarters * pi / 2). The argument is brought to -pi/4 to pi/4 by multiples of pi / 2 in parts, good up to
 * sizes of about 10^4; an odd number of them leaves a cosine, whose coefficients are picked for the same polynomial. */
ALWAYS_INLINE vf vsin_shifted(vf x, int32_t quarters) {
    vf shifted = x * 0.636619772367581343f + 0x1.8p23f;
    vi n = (vi)shifted + quarters; /* in its lower bits */
    vf k = shifted - 0x1.8p23f;
#if defined(FASTCNN_ISA_AVX512) || defined(FASTCNN_ISA_AVX2)
    vf r = vfused(k, vset1(-1.57079637050628662f), x);
    r = vfused(k, vset1(4.37113900018624283e-8f), r);
#else
    vf r = x - k * 1.5703125f; /* products without error */
    r = r - k * 4.837512969970703125e-4f;
    r = r - k * 7.54978995489188216e-8f;
#endif
    vf z = r * r;
    vmask odd = mask_equal(n & 1, vset1_i(1));
    vf p = mask_select(odd, vset1(2.443315711809948e-5f), vset1(-1.9515295891e-4f)) * z;
    p = p + mask_select(odd, vset1(-1.388731625493765e-3f), vset1(8.3321608736e-3f));
    p = p * z + mask_select(odd, vset1(4.166664568298827e-2f), vset1(-1.6666654611e-1f));
    vf y = p * (z * mask_select(odd, z, r)) + mask_select(odd, 1.0f - 0.5f * z, r);
    return (vf)((vi)y ^ ((n & 2) << 30)); /* NaN of infinity: r is */
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

/* x to the power y, whole and from 0 to 7: exactly where that is a float. */
ALWAYS_INLINE vf power_by_products(vf x, vf y) {
    vf square = x * x, power = vselect(y >= 4.0f, square * square, vset1(1.0f));
    y = vselect(y >= 4.0f, y - 4.0f, y);
    power = vselect(y >= 2.0f, power * square, power);
    y = vselect(y >= 2.0f, y - 2.0f, y);
    return vselect(y >= 1.0f, power * x, power);
}

/* x to the power y, as C's pow has the special cases. */
ALWAYS_INLINE vf vpower(vf x, vf y) {
    vf size = vabs(x), magnitude = vexp(y * vlog(size)), products = power_by_products(size, vabs(y));
    vi whole = vfloor(y) == y;
    vi few = whole & (vabs(y) < 8.0f) & ((y >= 0.0f) | (products >= 0x1p-126f));
    magnitude = vselect(few, vselect(y < 0.0f, 1.0f / products, products), magnitude);
    vi odd = whole & (vfloor(y * 0.5f) * 2.0f != y);
    vf signed_ = vselect(odd & ((vi)x < 0), -magnitude, magnitude);
    vf power = vselect((x < 0.0f) & (x > -__builtin_inff()) & ~whole, vset1(__builtin_nanf("")), signed_);
    power = vselect((vabs(x) == 1.0f) & (vabs(y) == __builtin_inff()), vset1(1.0f), power);
    return vselect((y == 0.0f) | (x == 1.0f), vset1(1.0f), power);
}

#endif
