/* Matrix products of one block in bfloat16: gemm.c on pairs along k, of which `struct product` counts strides and k.
 *
 * Every element is one chain of vdpbf16ps over the pairs of k from zero, in whatever tile it falls, also where k is cut
 * into slices of which each goes on (GEMM_CONTINUE) from the one before. Limited by the multipliers, at twice the rate
 * of gemm.c. */
#include "bfloat16.h"

#define BROADCAST(p) broadcast_pair(p)
#define MULTIPLY_ADD(sum, x, row) vdot(sum, (vi)(x), (vi)(row))
#define FETCHED_LINES 2
#include "gemm_tiles.h"

/* Meanwhile near[0] to near[near_floats - 1], which the caller reads next, come into the L2 cache. */
void KERNEL(gemm_bfloat16)(const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row,
                           const float *near, ptrdiff_t near_floats) {
    multiply(p, bias, flags, c, c_row, near, near_floats, NULL);
}
