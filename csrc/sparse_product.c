/* Matrix product C[M,N] (+)= A[M,K] B[K,N] that skips the zeros of A, which ReLU and dropout leave.
 *
 * The bits are those of the dense product of gemm.c, for finite B. Limited by the loads: one vector of B for each
 * multiply-add. */
#include "simd.h"

#define NONZERO(a, n) nonzero(a, n)
#define BROADCAST(p) vset1(*(p))
#define MULTIPLY_ADD(sum, x, row) ((sum) + (x) * (row))
#include "sparse_tiles.h"

void KERNEL(sparse_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const float *a, ptrdiff_t a_row,
                            const float *b, ptrdiff_t b_row, int flags, float *c, ptrdiff_t c_row) {
    multiply(rows, columns, depth, a, a_row, b, b_row, flags, c, c_row, NULL);
}
