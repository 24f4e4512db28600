/* Matrix products of one block, A[m,k] B[k,n], written to C or straight into the weights that they are a gradient of.
 *
 * A tile, up to ROWS x VECTORS vectors, stays in registers while k runs. Elements of A are broadcast, through any pair
 * of strides, so that a transposed A needs no copy; rows of B are read as vectors, in place or from panels of PANEL
 * columns that transpose.c lays out. Three rows or fewer take two panels at a time where B lies in place.
 * Every element is one chain of multiply-adds over k from zero, in whatever tile it falls; then follow, in this order,
 * + what C holds, + bias, ReLU. So a row of C has the same bits in a block of any height.
 * Limited by the multipliers: a whole tile does 24 (12) products per step of k for 10 (8) loads. */
#define BROADCAST(p) vset1(*(p))
#define MULTIPLY_ADD(sum, x, row) ((sum) + (x) * (row))
#define FETCHED_LINES 0
#include "gemm_tiles.h"

void KERNEL(gemm)(const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row) {
    multiply(p, bias, flags, c, c_row, NULL, 0, NULL);
}

void KERNEL(gemm_blocking)(struct gemm_blocking *sizes) {
    *sizes = (struct gemm_blocking){.rows = ROWS, .panel = PANEL, .depth = DEPTH};
}
