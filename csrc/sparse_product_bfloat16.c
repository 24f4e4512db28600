/* sparse_product.c on pairs along k: it skips those of which both are zero.
 *
 * The bits are those of gemm_bfloat16.c, for finite B. Limited by the loads: one vector of B for each vdpbf16ps. */
#include "bfloat16.h"

/* Bit i is set where either of pair i is not zero (a NaN is not), i < n <= 64. */
ALWAYS_INLINE uint64_t nonzero_pairs(const float *a, ptrdiff_t n) {
    uint64_t mask = 0;
    for (ptrdiff_t i = 0; i < n; i += VL) {
        __m512i pairs = (__m512i)(n - i < VL ? vload_n(a + i, n - i) : vload(a + i));
        mask |= (uint64_t)_mm512_test_epi32_mask(pairs, _mm512_set1_epi32(0x7fff7fff)) << i; /* all but the signs */
    }
    return mask;
}

#define NONZERO(a, n) nonzero_pairs(a, n)
#define BROADCAST(p) broadcast_pair(p)
#define MULTIPLY_ADD(sum, x, row) vdot(sum, (vi)(x), (vi)(row))
#include "sparse_tiles.h"

enum { FETCHED_ROWS = 4 }; /* of eight vectors, for each row of A */

/* C = A B. Meanwhile near[0] to near[near_floats - 1], which the caller reads next, come into the L2 cache. */
void KERNEL(sparse_product_bfloat16)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t pairs, const float *a,
                                     ptrdiff_t a_row, const float *b, ptrdiff_t b_row, float *c, ptrdiff_t c_row,
                                     const float *near, ptrdiff_t near_floats) {
    struct ahead next = {near, VECTORS * VL, near_floats / (VECTORS * VL), FETCHED_ROWS};
    multiply(rows, columns, pairs, a, a_row, b, b_row, 0, c, c_row, &next);
}
