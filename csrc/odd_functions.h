/* Odd functions by tables, with AVX-512: tanh, and what 1/2 is added to for the factor of x in GELU and for its slope.
 *
 * Each is a polynomial whose coefficients are picked by the interval in which |x| lies, from tables that
 * odd_functions.py writes. Limited by instructions: a permutation and a multiply-add for each coefficient. Good to
 * 1e-7, tanh to a unit in the last place. */
#ifndef FASTCNN_ODD_FUNCTIONS_H
#define FASTCNN_ODD_FUNCTIONS_H

#include "simd_math.h"

#if defined(FASTCNN_ISA_AVX512)
#include "odd_tables.h"

/* Lane i of the result is the value of interval `at[i]`, of which the lower bits count. */
ALWAYS_INLINE vf pick_interval(const float *values, const int intervals, vi at) {
    if (intervals == VL) return pick(values, at);
    return (vf)_mm512_permutex2var_ps((__m512)vload(values), (__m512i)at, (__m512)vload(values + VL));
}

ALWAYS_INLINE vf odd_by_table(const float *table, const int intervals, const int coefficients, float width, float last,
                              float limit, vf x) {
    vf shift = vset1(0x1.8p23f * width); /* adding it rounds to a multiple of the width, counted in the last bits */
    vf size = vmin(vset1(limit), vabs(x));
    vf shifted = (last < limit ? vmin(vset1(last), size) : size) + shift;
    vf from_middle = size - (shifted - shift);
    vf y = pick_interval(table + (coefficients - 1) * intervals, intervals, (vi)shifted);
#pragma GCC unroll 8
    for (int i = coefficients - 2; i >= 0; i--)
        y = y * from_middle + pick_interval(table + i * intervals, intervals, (vi)shifted);
    return (vf)((vi)y ^ ((vi)x & (int32_t)0x80000000));
}
#define BY_TABLE(name, x)                                                                                              \
    odd_by_table(name[0], sizeof name[0] / sizeof name[0][0], sizeof name / sizeof name[0], name##_WIDTH, name##_LAST, \
                 name##_LIMIT, x)

ALWAYS_INLINE vf tanh_of(vf x) { return BY_TABLE(TANH, x); }
#else
ALWAYS_INLINE vf tanh_of(vf x) { return vtanh(x); }
#endif

#endif
