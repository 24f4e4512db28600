/* The peak that a kernel is measured against: independent fused multiply-adds on registers, nothing else.
 * Twelve chains hide the latency of four cycles at up to two per cycle. FLOPs: repeats * 12 * VL * 2. */
#include "kernels.h"
#include "simd.h"

enum { CHAINS = 12 };

void KERNEL(fma_peak)(ptrdiff_t repeats, float *result) {
    vf sum[CHAINS];
    for (int i = 0; i < CHAINS; i++) sum[i] = vset1((float)i);
    vf factor = vset1(1.0000001f), term = vset1(1e-9f);
    for (ptrdiff_t r = 0; r < repeats; r++) {
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * factor + term;
    }
    vf total = sum[0];
    for (int i = 1; i < CHAINS; i++) total += sum[i];
    *result = vsum(total);
}
