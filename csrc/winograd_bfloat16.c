/* Winograd's F(m x m, 3x3) with products in bfloat16: what stands around gemm_bfloat16, as winograd.c around gemm.
 *
 * V is rounded to pairs of channels; U is made as float32, and row_pairs rounds it. With m = 4 the points are 0, P, -P,
 * Q, -Q, infinity, P = 3/4 and Q = 3/2: those of winograd.h, 1 and 2, would lose twice as much to the rounding. The
 * functions are its matrices for these points. Where a sum has two products, one is rounded first: so all copies give
 * the same bits. Limited as winograd.c. */
#include "bfloat16.h"
#include "winograd.h"

#define P 0.75f
#define Q 1.5f

ALWAYS_INLINE void fine_input_pair(const int m, const int pair, const vf *d, vf *first, vf *second) {
    if (m != 4) {
        winograd_input_pair(m, pair, d, first, second);
    } else if (pair == 0) {
        *first = (d[4] - (P * P + Q * Q) * d[2]) + (P * P * Q * Q) * d[0];
        *second = (d[5] - (P * P + Q * Q) * d[3]) + (P * P * Q * Q) * d[1];
    } else {
        const float point = pair == 1 ? P : Q, other = pair == 1 ? Q : P;
        vf even = d[4] - (other * other) * d[2], odd = d[3] - (other * other) * d[1];
        *first = even + point * odd;
        *second = even - point * odd;
    }
}

ALWAYS_INLINE void fine_weights(const int m, const vf *g, vf *u) {
    if (m != 4) {
        winograd_weights(m, g, u);
        return;
    }
    vf near = g[0] + (P * P) * g[2], far = g[0] + (Q * Q) * g[2];
    u[0] = g[0] * (1 / (P * P * Q * Q));
    u[1] = (near + P * g[1]) * (1 / (2 * P * P * (P * P - Q * Q)));
    u[2] = (near - P * g[1]) * (1 / (2 * P * P * (P * P - Q * Q)));
    u[3] = (far + Q * g[1]) * (1 / (2 * Q * Q * (Q * Q - P * P)));
    u[4] = (far - Q * g[1]) * (1 / (2 * Q * Q * (Q * Q - P * P)));
    u[5] = g[2];
}

ALWAYS_INLINE void fine_output_pair(const int m, const int pair, const vf *p, vf *first, vf *second) {
    if (m != 4) {
        winograd_output_pair(m, pair, p, first, second);
        return;
    }
    vf sum = p[1] + p[2], difference = p[1] - p[2], far_sum = p[3] + p[4], far_difference = p[3] - p[4];
    if (pair == 0) {
        *first = (p[0] + sum) + far_sum;
        *second = Q * far_difference + vrounded(P * difference);
    } else {
        *first = (Q * Q) * far_sum + vrounded((P * P) * sum);
        *second = (Q * Q * Q) * far_difference + ((P * P * P) * difference + p[5]);
    }
}

/* 16 channels as 8 pairs. */
ALWAYS_INLINE void store_pairs(float *v, vf x) {
    _mm256_storeu_si256((__m256i *)v, (__m256i)_mm512_cvtneps_pbh((__m512)x));
}

#define WINOGRAD(name) KERNEL(name##_bfloat16)
#define INPUT_PAIR fine_input_pair
#define OUTPUT_PAIR fine_output_pair
#define WEIGHTS fine_weights
#define STORE_V(v, x) store_pairs(v, x)
#define V_AT(c) ((c) / 2)
#include "winograd_tiles.h"
