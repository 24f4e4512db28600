/* A square of VL x VL in registers: transposed, and the sums of its rows. */
#ifndef FASTCNN_TRANSPOSE_H
#define FASTCNN_TRANSPOSE_H

#include "simd.h"

#if VL == 16
#define LOW LOW_OF_16
#define HIGH HIGH_OF_16
enum { PASSES = 4 };
#elif VL == 8
#define LOW LOW_OF_8
#define HIGH HIGH_OF_8
enum { PASSES = 3 };
#else
#define LOW LOW_OF_4
#define HIGH HIGH_OF_4
enum { PASSES = 2 };
#endif

/* Each pass interleaves row i with row i + VL / 2, a perfect shuffle of the element's index; after log2(VL) passes the
 * two halves of the index have changed places. */
ALWAYS_INLINE void transpose_registers(vf row[VL]) {
    vf next[VL];
#pragma GCC unroll 4
    for (int pass = 0; pass < PASSES; pass++) {
#pragma GCC unroll 8
        for (int i = 0; i < VL / 2; i++) {
            next[2 * i] = SHUFFLE(row[i], row[i + VL / 2], LOW);
            next[2 * i + 1] = SHUFFLE(row[i], row[i + VL / 2], HIGH);
        }
#pragma GCC unroll 16
        for (int i = 0; i < VL; i++) row[i] = next[i];
    }
}

/* Lane i of the result is the sum over the lanes of v[i]. Each pass adds the two halves of v[i] and of v[i + half],
 * whose lanes take turns in what replaces them. */
ALWAYS_INLINE vf lane_sums(vf *v) {
#pragma GCC unroll 4
    for (int half = VL / 2; half > 0; half /= 2)
#pragma GCC unroll 8
        for (int i = 0; i < half; i++) v[i] = SHUFFLE(v[i], v[i + half], LOW) + SHUFFLE(v[i], v[i + half], HIGH);
    return v[0];
}

#undef LOW
#undef HIGH
#endif
