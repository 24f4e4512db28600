/* One vector type for every instruction set.
 *
 * A kernel source is compiled once per instruction set, with FASTCNN_ISA_GENERIC, FASTCNN_ISA_AVX2 or
 * FASTCNN_ISA_AVX512 defined. Here the type `vf` (VL floats) and the few operations that plain C arithmetic
 * on GCC vectors does not spell: partial loads and stores, maximum, minimum, selection, sums over lanes.
 * Everything else is written with + - * / on `vf`; a * b + c contracts to a fused multiply-add where the compiler
 * optimizes. */
#ifndef FASTCNN_SIMD_H
#define FASTCNN_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(FASTCNN_ISA_AVX512)
#include <immintrin.h>
#define VL 16
#define VECTOR_REGISTERS 32
#define KERNEL(name) name##_avx512
#elif defined(FASTCNN_ISA_AVX2)
#include <immintrin.h>
#define VL 8
#define VECTOR_REGISTERS 16
#define KERNEL(name) name##_avx2
#elif defined(FASTCNN_ISA_GENERIC)
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#define VL 4
#define VECTOR_REGISTERS 16
#define KERNEL(name) name##_generic
#else
#error "compile a kernel with one of FASTCNN_ISA_GENERIC, FASTCNN_ISA_AVX2, FASTCNN_ISA_AVX512"
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline, unused))

/* Values of these types are aligned; memory is read and written through the `_mem` twins, which are not. */
typedef float vf __attribute__((vector_size(VL * 4)));
typedef int32_t vi __attribute__((vector_size(VL * 4)));
typedef float vf_mem __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int32_t vi_mem __attribute__((vector_size(VL * 4), aligned(4), may_alias));

ALWAYS_INLINE vf vload(const float *p) { return *(const vf_mem *)p; }
ALWAYS_INLINE void vstore(float *p, vf v) { *(vf_mem *)p = v; }
ALWAYS_INLINE vi vload_i(const int32_t *p) { return *(const vi_mem *)p; }
ALWAYS_INLINE void vstore_i(int32_t *p, vi v) { *(vi_mem *)p = v; }
ALWAYS_INLINE vf vzero(void) { return (vf){0}; }
ALWAYS_INLINE vf vset1(float x) { return x - vzero(); }
ALWAYS_INLINE vi vset1_i(int32_t x) { return x - (vi){0}; }

/* The first n lanes (0 <= n <= VL); the others read as zero and are not written. */
ALWAYS_INLINE vf vload_n(const float *p, ptrdiff_t n) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1u), p);
#elif defined(FASTCNN_ISA_AVX2)
    if (n == VL) return vload(p);
    return (vf)_mm256_maskload_ps(p, (__m256i)(vset1_i((int32_t)n) > (vi){0, 1, 2, 3, 4, 5, 6, 7}));
#else
    if (n == VL) return vload(p);
    vf v = vzero();
#pragma GCC unroll 4
    for (int i = 0; i < VL; i++) /* unrolled: a memcpy of variable size would be a call */
        if (i < n) v[i] = p[i];
    return v;
#endif
}

ALWAYS_INLINE void vstore_n(float *p, vf v, ptrdiff_t n) {
#if defined(FASTCNN_ISA_AVX512)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1u), (__m512)v);
#elif defined(FASTCNN_ISA_AVX2)
    if (n == VL)
        vstore(p, v); /* a masked store is slow on some processors */
    else
        _mm256_maskstore_ps(p, (__m256i)(vset1_i((int32_t)n) > (vi){0, 1, 2, 3, 4, 5, 6, 7}), (__m256)v);
#else
    if (n == VL)
        vstore(p, v);
    else {
#pragma GCC unroll 4
        for (int i = 0; i < VL; i++)
            if (i < n) p[i] = v[i];
    }
#endif
}

/* n lanes, most often all of them: partial stores of whole vectors are slow. */
ALWAYS_INLINE vf vload_to(const float *p, ptrdiff_t n) { return n == VL ? vload(p) : vload_n(p, n); }
ALWAYS_INLINE void vstore_to(float *p, vf v, ptrdiff_t n) {
    if (n == VL)
        vstore(p, v);
    else
        vstore_n(p, v, n);
}
ALWAYS_INLINE vi vload_to_i(const int32_t *p, ptrdiff_t n) {
    return n == VL ? vload_i(p) : (vi)vload_n((const float *)p, n);
}
ALWAYS_INLINE void vstore_to_i(int32_t *p, vi v, ptrdiff_t n) { vstore_to((float *)p, (vf)v, n); }

/* Maximum and minimum as x86 defines them: where either operand is NaN the result is the SECOND one. */
ALWAYS_INLINE vf vmax(vf bound, vf value) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_max_ps((__m512)bound, (__m512)value);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_max_ps((__m256)bound, (__m256)value);
#elif defined(__SSE2__)
    return (vf)_mm_max_ps((__m128)bound, (__m128)value);
#else
    vi take = bound > value;
    return (vf)((take & (vi)bound) | (~take & (vi)value));
#endif
}

ALWAYS_INLINE vf vmin(vf bound, vf value) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_min_ps((__m512)bound, (__m512)value);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_min_ps((__m256)bound, (__m256)value);
#elif defined(__SSE2__)
    return (vf)_mm_min_ps((__m128)bound, (__m128)value);
#else
    vi take = bound < value;
    return (vf)((take & (vi)bound) | (~take & (vi)value));
#endif
}

/* The lanes of two vectors of any one type, in the order of a list of constant lane numbers (b's come after a's). */
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (__typeof__((a) == (b))){__VA_ARGS__})
#endif

/* Lists for it, by the number of lanes: the lower and the upper halves of a and b, lane by lane in turn. */
#define LOW_OF_2 0, 2
#define HIGH_OF_2 1, 3
#define LOW_OF_4 0, 4, 1, 5
#define HIGH_OF_4 2, 6, 3, 7
#define LOW_OF_8 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_OF_8 4, 12, 5, 13, 6, 14, 7, 15
#define LOW_OF_16 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_OF_16 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

/* Lane i of the result is lane `lanes[i]` of x. */
ALWAYS_INLINE vf vpermute(vf x, vi lanes) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_permutexvar_ps((__m512i)lanes, (__m512)x);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_permutevar8x32_ps((__m256)x, (__m256i)lanes);
#else
    return (vf){x[lanes[0]], x[lanes[1]], x[lanes[2]], x[lanes[3]]};
#endif
}

/* mask lanes are all ones or all zeros, as vector comparisons give them. */
ALWAYS_INLINE vf vselect(vi mask, vf yes, vf no) { return (vf)((mask & (vi)yes) | (~mask & (vi)no)); }
ALWAYS_INLINE vi vselect_i(vi mask, vi yes, vi no) { return (mask & yes) | (~mask & no); }

/* Which lanes: a mask register where the instruction set has them, else lanes of all ones and all zeros. For loops in
 * which a comparison decides more than one selection. */
#if defined(FASTCNN_ISA_AVX512)
typedef __mmask16 vmask;
ALWAYS_INLINE vmask mask_equal(vi a, vi b) { return _mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b); }
ALWAYS_INLINE vmask mask_same(vf a, vf b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_EQ_OQ); }
ALWAYS_INLINE vmask mask_greater(vf a, vf b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ); }
ALWAYS_INLINE vf mask_select(vmask m, vf yes, vf no) { return (vf)_mm512_mask_mov_ps((__m512)no, m, (__m512)yes); }
ALWAYS_INLINE vi mask_select_i(vmask m, vi yes, vi no) {
    return (vi)_mm512_mask_mov_epi32((__m512i)no, m, (__m512i)yes);
}
ALWAYS_INLINE vf mask_keep(vmask m, vf v) { return (vf)_mm512_maskz_mov_ps(m, (__m512)v); }
ALWAYS_INLINE vf mask_add(vf sum, vmask m, vf v) {
    return (vf)_mm512_mask_add_ps((__m512)sum, m, (__m512)sum, (__m512)v);
}
ALWAYS_INLINE int has_nan(vf v) { return _mm512_cmp_ps_mask((__m512)v, (__m512)v, _CMP_UNORD_Q) != 0; }
#else
typedef vi vmask;
ALWAYS_INLINE vmask mask_equal(vi a, vi b) { return a == b; }
ALWAYS_INLINE vmask mask_same(vf a, vf b) { return a == b; }
ALWAYS_INLINE vmask mask_greater(vf a, vf b) { return a > b; }
#if defined(FASTCNN_ISA_AVX2)
ALWAYS_INLINE vf mask_select(vmask m, vf yes, vf no) {
    return (vf)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)m);
}
ALWAYS_INLINE int has_nan(vf v) { return _mm256_movemask_ps((__m256)(v != v)) != 0; }
#else
ALWAYS_INLINE vf mask_select(vmask m, vf yes, vf no) { return vselect(m, yes, no); }
ALWAYS_INLINE int has_nan(vf v) { return (v[0] != v[0]) | (v[1] != v[1]) | (v[2] != v[2]) | (v[3] != v[3]); }
#endif
ALWAYS_INLINE vi mask_select_i(vmask m, vi yes, vi no) { return (vi)mask_select(m, (vf)yes, (vf)no); }
ALWAYS_INLINE vf mask_keep(vmask m, vf v) { return (vf)(m & (vi)v); }
ALWAYS_INLINE vf mask_add(vf sum, vmask m, vf v) { return sum + mask_keep(m, v); }
#endif

ALWAYS_INLINE vf vsqrt(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_sqrt_ps((__m512)x);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_sqrt_ps((__m256)x);
#elif defined(__SSE2__)
    return (vf)_mm_sqrt_ps((__m128)x);
#else
    vf y;
    for (int i = 0; i < VL; i++) y[i] = __builtin_sqrtf(x[i]);
    return y;
#endif
}

/* The value, rounded to float here: a product passed through this is not fused with a later addition. For sums of two
 * products, of which the compiler may fuse either one, and not the same one in each loop that it makes of a source. */
ALWAYS_INLINE vf vrounded(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    __asm__("" : "+v"(x));
#elif defined(__SSE2__)
    __asm__("" : "+x"(x));
#elif defined(__aarch64__)
    __asm__("" : "+w"(x));
#else
    __asm__("" : "+m"(x));
#endif
    return x;
}

/* a b + c rounded once where the processor can: for what cancels, which no compiler may be left to decide. */
ALWAYS_INLINE vf vfused(vf a, vf b, vf c) {
#if defined(FASTCNN_ISA_AVX512)
    return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(FASTCNN_ISA_AVX2)
    return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

/* A value that was loaded, held in a register: GCC would read it from memory again for each multiply-add. */
ALWAYS_INLINE vf vheld(vf x) { return vrounded(x); }

/* Sum and maximum over the lanes, by halves: lane i takes in lane i + half, so the order is fixed. */
ALWAYS_INLINE float vsum(vf v) {
#if defined(FASTCNN_ISA_AVX512)
    __m256 eight = _mm512_castps512_ps256((__m512)v) + _mm512_extractf32x8_ps((__m512)v, 1);
#elif defined(FASTCNN_ISA_AVX2)
    __m256 eight = (__m256)v;
#endif
#if defined(FASTCNN_ISA_AVX512) || defined(FASTCNN_ISA_AVX2)
    __m128 four = _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
    __m128 two = four + _mm_movehl_ps(four, four);
    return two[0] + two[1];
#else
    return (v[0] + v[2]) + (v[1] + v[3]);
#endif
}

ALWAYS_INLINE float vreduce_max(vf v) {
    float lane[VL];
#if defined(FASTCNN_ISA_AVX512)
    __m256 eight = _mm256_max_ps(_mm512_castps512_ps256((__m512)v), _mm512_extractf32x8_ps((__m512)v, 1));
#elif defined(FASTCNN_ISA_AVX2)
    __m256 eight = (__m256)v;
#endif
#if defined(FASTCNN_ISA_AVX512) || defined(FASTCNN_ISA_AVX2)
    _mm_storeu_ps(lane, _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)));
#else
    vstore(lane, v);
#endif
    for (int half = 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            if (!(lane[i] >= lane[i + half])) lane[i] = lane[i + half];
    return lane[0];
}

#endif
