/* Matrix products of one block in bfloat16: gemm.c on pairs along k, of which `struct product` counts strides and k.
 *
 * Every element is one chain of vdpbf16ps over the pairs of k from zero, in whatever tile it falls. Limited by the
 * multipliers, at twice the rate of gemm.c. */
#include "bfloat16.h"

/* Not vset1: arithmetic would take a pair for a float. */
ALWAYS_INLINE vf broadcast_pair(const float *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return (vf)vset1_i(pair);
}

#define GEMM KERNEL(gemm_bfloat16)
#define BROADCAST(p) broadcast_pair(p)
#define MULTIPLY_ADD(sum, x, row) vdot(sum, (vi)(x), (vi)(row))
#include "gemm_tiles.h"
