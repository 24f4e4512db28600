/* The code of sparse_product.c and of sparse_product_bfloat16.c: a product that skips the zeros of A.
 *
 * The including file defines NONZERO(a, n), a mask of the elements of a row that are not zero; BROADCAST(p), a vector
 * of the element at p; and MULTIPLY_ADD(sum, x, row), the sum and the product. A row of A meets DEPTH rows of B, of
 * which eight vectors of columns (32 KB with AVX-512) stay near while the rows of A pass; those of its elements that
 * are not zero are picked from the mask, bit by bit, and each adds its row of B to up to eight vectors of C in
 * registers. Each element of C is one chain of additions from the first k to the last, as in gemm_tiles.h. */
#include "gemm.h"
#include "kernels.h"
#include "nonzero.h"

enum { VECTORS = 8, DEPTH = 64 };
enum { ENOUGH_ROWS = 8 }; /* of A, that each row of B meets one that is not zero */

/* What comes into the L2 cache meanwhile: `left` rows of as many vectors as a strip has, `step` for each row of A. */
struct ahead {
    const float *at;
    ptrdiff_t row, left, step;
};

/* `vectors` vectors of columns, the last with `lanes` lanes. */
ALWAYS_INLINE void strip(const int vectors, const int whole, ptrdiff_t lanes, ptrdiff_t rows, ptrdiff_t depth,
                         const float *a, ptrdiff_t a_row, const float *b, ptrdiff_t b_row, int accumulate, float *c,
                         ptrdiff_t c_row, struct ahead *next) {
    for (; rows > 0; rows--, a += a_row, c += c_row) {
        for (ptrdiff_t i = 0; i < next->step && next->left > 0; i++, next->left--, next->at += next->row)
#pragma GCC unroll 8
            for (int q = 0; q < vectors; q++) __builtin_prefetch(next->at + q * VL, 0, 2);
        uint64_t mask = NONZERO(a, depth);
        if (!mask && accumulate) continue;
        vf sum[VECTORS];
#pragma GCC unroll 8
        for (int q = 0; q < vectors; q++)
            sum[q] = !accumulate ? vzero() : whole || q < vectors - 1 ? vload(c + q * VL) : vload_n(c + q * VL, lanes);
        for (; mask; mask &= mask - 1) {
            int k = __builtin_ctzll(mask);
            vf value = BROADCAST(a + k);
            const float *from = b + k * b_row;
#pragma GCC unroll 8
            for (int q = 0; q < vectors; q++)
                sum[q] = MULTIPLY_ADD(sum[q], value,
                                      whole || q < vectors - 1 ? vload(from + q * VL) : vload_n(from + q * VL, lanes));
        }
#pragma GCC unroll 8
        for (int q = 0; q < vectors; q++) {
            if (whole || q < vectors - 1)
                vstore(c + q * VL, sum[q]);
            else
                vstore_n(c + q * VL, sum[q], lanes);
        }
    }
}

/* Of `flags` only GEMM_ACCUMULATE counts. Without `near` it is the next rows of B that come meanwhile. */
ALWAYS_INLINE void multiply(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *restrict a,
                            ptrdiff_t a_row, const float *restrict b, ptrdiff_t b_row, int flags, float *restrict c,
                            ptrdiff_t c_row, struct ahead *near) {
    for (ptrdiff_t j = 0; j < columns;) {
        ptrdiff_t vectors = (columns - j) / VL;
        vectors = vectors >= 8 ? 8 : vectors >= 4 ? 4 : vectors >= 2 ? 2 : 1;
        ptrdiff_t lanes = columns - j < VL ? columns - j : VL;
        for (ptrdiff_t k = 0; k < depth || k == 0; k += DEPTH) {
            ptrdiff_t n = depth - k < DEPTH ? depth - k : DEPTH;
            int accumulate = k > 0 || flags & GEMM_ACCUMULATE;
            ptrdiff_t more = rows < ENOUGH_ROWS ? 0 : depth - k - n < DEPTH ? depth - k - n : DEPTH;
            const float *left = a + k, *right = b + k * b_row + j;
            struct ahead rest = {right + n * b_row, b_row, more, rows > 0 ? (more + rows - 1) / rows : 0};
            struct ahead *next = near ? near : &rest;
            switch (lanes < VL ? 0 : vectors) {
            case 0:
                strip(1, 0, lanes, rows, n, left, a_row, right, b_row, accumulate, c + j, c_row, next);
                break;
            case 1:
                strip(1, 1, VL, rows, n, left, a_row, right, b_row, accumulate, c + j, c_row, next);
                break;
            case 2:
                strip(2, 1, VL, rows, n, left, a_row, right, b_row, accumulate, c + j, c_row, next);
                break;
            case 4:
                strip(4, 1, VL, rows, n, left, a_row, right, b_row, accumulate, c + j, c_row, next);
                break;
            case 8:
                strip(8, 1, VL, rows, n, left, a_row, right, b_row, accumulate, c + j, c_row, next);
                break;
            }
        }
        j += lanes < VL ? lanes : vectors * VL;
    }
}
