/* Which elements of a row are not zero, for kernels that skip those that are. */
#ifndef FASTCNN_NONZERO_H
#define FASTCNN_NONZERO_H

#include "simd.h"

/* Bit i is set where x[i] is not zero (a NaN is not), i < n <= 64. */
ALWAYS_INLINE uint64_t nonzero(const float *x, ptrdiff_t n) {
    uint64_t mask = 0;
#if defined(FASTCNN_ISA_AVX512) || defined(FASTCNN_ISA_AVX2) || defined(__SSE2__)
    for (ptrdiff_t i = 0; i < n; i += VL) {
        vf value = n - i < VL ? vload_n(x + i, n - i) : vload(x + i);
#if defined(FASTCNN_ISA_AVX512)
        uint64_t bits = _mm512_cmp_ps_mask((__m512)value, _mm512_setzero_ps(), _CMP_NEQ_UQ);
#elif defined(FASTCNN_ISA_AVX2)
        uint64_t bits = (unsigned)_mm256_movemask_ps((__m256)(value != 0));
#else
        uint64_t bits = (unsigned)_mm_movemask_ps((__m128)(value != 0));
#endif
        mask |= bits << i;
    }
#else
    for (ptrdiff_t i = 0; i < n; i++) mask |= (uint64_t)(x[i] != 0) << i;
#endif
    return mask;
}

#endif
