/* gemm_bfloat16.c, and row_pairs of the rows that the caller multiplies next: a vector of pairs in each step of k.
 *
 * Rounding takes an eighth of the time where B meets few rows of A, as it waits for B; beside the multipliers a
 * twentieth. */
#include "bfloat16.h"

#define BROADCAST(p) broadcast_pair(p)
#define MULTIPLY_ADD(sum, x, row) vdot(sum, (vi)(x), (vi)(row))
#define FETCHED_LINES 0
#define PAIRS(first, second) ((vf)vpairs(first, second))
#include "gemm_tiles.h"

/* `rows` rows of p->n floats at x become pairs, in rows of p->n. */
void KERNEL(gemm_rounding_bfloat16)(const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row,
                                    ptrdiff_t rows, const float *x, ptrdiff_t x_row, float *pairs) {
    const ptrdiff_t vectors = p->n / VL, left = p->n % VL ? 0 : rows / 2 * vectors;
    struct rounding next = {x, x_row, vectors, vectors, left, pairs};
    multiply(p, bias, flags, c, c_row, NULL, 0, &next);
    const ptrdiff_t made = left ? (left - next.left) / vectors : 0; /* rows of pairs */
    KERNEL(row_pairs)(rows - 2 * made, p->n, x + 2 * made * x_row, x_row, pairs + made * p->n, p->n);
}
