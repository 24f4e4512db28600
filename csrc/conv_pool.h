/* What the kernels of convolution + 2x2 max-pool share: the maximum of a window with its position, positions as bytes.
 *
 * Positions: 0 to 3 in row-major order, the first maximum wins; BLOCKED where the activation's lower bound does, so
 * that nothing flows back. Without an activation the lower bound is NaN, which never wins. */
#ifndef FASTCNN_CONV_POOL_H
#define FASTCNN_CONV_POOL_H

#include "conv.h"
#include "simd.h"

enum { BLOCKED = 4 };

/* Positions in memory are bytes. (GCC 12 makes scalar code of __builtin_convertvector between these types.) */
ALWAYS_INLINE vi load_positions(const uint8_t *p) {
#if defined(FASTCNN_ISA_AVX512)
    return (vi)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
#elif defined(FASTCNN_ISA_AVX2)
    return (vi)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
#else
    return (vi){p[0], p[1], p[2], p[3]};
#endif
}

/* Lanes from n on read as BLOCKED. */
ALWAYS_INLINE vi load_positions_n(const uint8_t *p, ptrdiff_t n) {
    uint8_t bytes[VL];
    memset(bytes, BLOCKED, VL);
    for (ptrdiff_t i = 0; i < n; i++) bytes[i] = p[i];
    return load_positions(bytes);
}

/* What window_max makes: with AVX-512 bytes already, which its masks choose from at a quarter of the cost of words. */
#if defined(FASTCNN_ISA_AVX512)
typedef uint8_t vpositions __attribute__((vector_size(VL)));
#else
typedef vi vpositions;
#endif
ALWAYS_INLINE vpositions vset1_position(uint8_t position) { return position - (vpositions){0}; }

ALWAYS_INLINE void store_positions(uint8_t *p, vpositions positions) {
#if defined(FASTCNN_ISA_AVX512)
    _mm_storeu_si128((__m128i *)p, (__m128i)positions);
#elif defined(FASTCNN_ISA_AVX2)
    __m256i words = _mm256_packs_epi32((__m256i)positions, (__m256i)positions);
    __m128i both = _mm_unpacklo_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packus_epi16(both, both));
#elif defined(__SSE2__)
    __m128i words = _mm_packs_epi32((__m128i)positions, (__m128i)positions);
    int32_t four = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(p, &four, 4);
#else
    for (int i = 0; i < VL; i++) p[i] = (uint8_t)positions[i];
#endif
}

ALWAYS_INLINE void store_positions_n(uint8_t *p, vpositions positions, ptrdiff_t n) {
    if (n == VL) {
        store_positions(p, positions);
        return;
    }
#if defined(FASTCNN_ISA_AVX512)
    _mm_mask_storeu_epi8(p, (__mmask16)((1u << n) - 1u), (__m128i)positions);
#else
    uint8_t bytes[VL];
    store_positions(bytes, positions);
    for (ptrdiff_t i = 0; i < n; i++) p[i] = bytes[i];
#endif
}

/* dy where it flows back at all, else 0. */
ALWAYS_INLINE vf unblocked(vf dy, vi positions) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_maskz_mov_ps(_mm512_cmplt_epi32_mask((__m512i)positions, _mm512_set1_epi32(BLOCKED)), (__m512)dy);
#else
    return (vf)((vi)dy & (positions < BLOCKED));
#endif
}

#if defined(FASTCNN_ISA_AVX512)
ALWAYS_INLINE int any_nan(const vf *value) {
    return (_mm512_cmp_ps_mask((__m512)value[0], (__m512)value[1], _CMP_UNORD_Q) |
            _mm512_cmp_ps_mask((__m512)value[2], (__m512)value[3], _CMP_UNORD_Q)) != 0;
}
/* Where a > b, `yes`, else `no`. */
ALWAYS_INLINE vpositions where_greater(vf a, vf b, vpositions yes, vpositions no) {
    __mmask16 greater = _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ);
    return (vpositions)_mm_mask_mov_epi8((__m128i)no, greater, (__m128i)yes);
}
ALWAYS_INLINE vpositions where_greater_equal(vf a, vf b, vpositions yes, vpositions no) {
    __mmask16 greater_equal = _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ);
    return (vpositions)_mm_mask_mov_epi8((__m128i)no, greater_equal, (__m128i)yes);
}
#else
ALWAYS_INLINE int any_nan(const vf *value) {
    vi nan = (value[0] != value[0]) | (value[1] != value[1]) | (value[2] != value[2]) | (value[3] != value[3]);
#if defined(FASTCNN_ISA_AVX2)
    return _mm256_movemask_ps((__m256)nan) != 0;
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)nan) != 0;
#else
    return (nan[0] | nan[1] | nan[2] | nan[3]) != 0;
#endif
}
ALWAYS_INLINE vi where_greater(vf a, vf b, vi yes, vi no) { return vselect_i(a > b, yes, no); }
ALWAYS_INLINE vi where_greater_equal(vf a, vf b, vi yes, vi no) { return vselect_i(a >= b, yes, no); }
#endif

/* The largest of a window's four values, none of them NaN, after the activation `low`; and its position. */
ALWAYS_INLINE vf window_max_of_numbers(const vf *value, vf low, vpositions *position) {
    vf upper = vmax(value[0], value[1]), lower = vmax(value[2], value[3]), best = vmax(upper, lower);
    vpositions in_upper = where_greater(value[1], value[0], vset1_position(1), vset1_position(0));
    vpositions in_lower = where_greater(value[3], value[2], vset1_position(3), vset1_position(2));
    vpositions at = where_greater(lower, upper, in_lower, in_upper);
    *position = where_greater_equal(low, best, vset1_position(BLOCKED), at);
    return vmax(low, best);
}

/* The same where a window has NaN: the first NaN is the maximum, as NumPy has it. */
static __attribute__((noinline, unused)) void window_max_of_any(const vf *value, vf low, vf *best,
                                                                vpositions *position) {
    vf largest = value[0];
    vpositions at = vset1_position(0);
    for (int lane = 0; lane < VL; lane++)
        for (uint8_t p = 1; p < 4; p++) {
            float x = value[p][lane];
            if (largest[lane] != largest[lane] || x <= largest[lane]) continue;
            largest[lane] = x;
            at[lane] = p;
        }
    *position = where_greater_equal(low, largest, vset1_position(BLOCKED), at);
    *best = vmax(low, largest);
}

ALWAYS_INLINE vf window_max(const vf *value, vf low, vpositions *position) {
    if (__builtin_expect(!any_nan(value), 1)) return window_max_of_numbers(value, low, position);
    const vf copy[4] = {value[0], value[1], value[2], value[3]}; /* what a call is given cannot stay in registers */
    vf best;
    vpositions at;
    window_max_of_any(copy, low, &best, &at);
    *position = at;
    return best;
}

/* A window tap by tap, for one vector of output channels of which `lanes` are stored. */
static __attribute__((noinline, unused)) void direct_window(const struct conv_shape *s, const float *x, const float *w,
                                                            const float *bias, ptrdiff_t lanes, float *y,
                                                            uint8_t *argmax) {
    vf value[4];
    for (int p = 0; p < 4; p++) {
        const float *from = x + p / 2 * s->x_row + p % 2 * s->x_pixel;
        value[p] = vload(bias);
        for (ptrdiff_t r = 0; r < 3; r++)
            for (ptrdiff_t c = 0; c < s->channels; c++)
                value[p] += vset1(from[r * s->x_tap_row + c]) * vload_n(w + r * s->w_tap_row + c * s->w_channel, lanes);
    }
    vpositions position;
    vf best = window_max(value, vset1(s->low), &position);
    vstore_n(y, best, lanes);
    store_positions_n(argmax, position, lanes);
}

/* Asks for the next `step` floats of near, which are to come into the L2 cache; returns what is left of it. */
ALWAYS_INLINE const float *ask_for_share(const float *near, const float *near_end, ptrdiff_t step) {
    enum { CACHE_LINE = 16 }; /* floats */
    const float *end = near_end - near > step ? near + step : near_end;
    for (; near < end; near += CACHE_LINE) __builtin_prefetch(near, 0, 2);
    return near;
}

#endif
