/* Winograd's F(m x m, 3x3) with products in bfloat16: what stands around gemm_bfloat16, as winograd.c around gemm.
 *
 * V is rounded to pairs of channels; U is made as float32, and row_pairs rounds it. F(4x4) of few channels has products
 * and output in one, winograd_fused: the sums of a column of frequencies become four rows of A^T P in registers, and
 * those the output from the L1 cache, so that P is not in memory. Of more channels U would come from L2 too often. With
 * m = 4 the points are 0, P, -P, Q, -Q, infinity, P = 3/4 and Q = 3/2: those of winograd.h, 1 and 2, would lose twice
 * as much to the rounding. The functions are its matrices for these points. Where a sum has two products, one is
 * rounded first and the other fused: so all copies give the same bits. Limited as winograd.c. */
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
        *second = vfused(vset1(Q), far_difference, vrounded(P * difference));
    } else {
        *first = vfused(vset1(Q * Q), far_sum, vrounded((P * P) * sum));
        *second = vfused(vset1(Q * Q * Q), far_difference, vfused(vset1(P * P * P), difference, p[5]));
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
#define V_AT(s, c) ((c) / VL * (s)->v_block)
#include "winograd_tiles.h"

enum { SIZE = 4, N = SIZE + 2, TOGETHER = 4, BLOCK = VL / 2 };

/* sum + both products of each pair of u with the pair at v. (GCC 12 would load the broadcast into a register first.) */
ALWAYS_INLINE vf vdot_pair(vf sum, vi u, const float *v) {
    __asm__("vdpbf16ps %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(u), "m"(*v));
    return sum;
}

/* A column of frequencies of some tiles and of one vector of outputs: half[tile][SIZE][N][VL] = A^T P. */
ALWAYS_INLINE void transform_column(const int tiles, ptrdiff_t pairs, const float *v, ptrdiff_t v_block, const float *u,
                                    ptrdiff_t u_row, ptrdiff_t u_channel, float *half) {
    vf sum[TOGETHER][N];
#pragma GCC unroll 4
    for (int t = 0; t < tiles; t++)
#pragma GCC unroll 6
        for (int i = 0; i < N; i++) sum[t][i] = vzero();
    for (ptrdiff_t p = 0; p < pairs; p++, u += u_channel) {
        const float *at = v + p / BLOCK * v_block + p % BLOCK;
#pragma GCC unroll 6
        for (int i = 0; i < N; i++) {
            vi weights = vload_i((const int32_t *)(u + i * u_row));
#pragma GCC unroll 4
            for (int t = 0; t < tiles; t++) sum[t][i] = vdot_pair(sum[t][i], weights, at + (t * N + i) * N * BLOCK);
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < tiles; t++) {
        vf y[SIZE];
        fine_output_pair(SIZE, 0, sum[t], &y[0], &y[1]);
        fine_output_pair(SIZE, 1, sum[t], &y[2], &y[3]);
#pragma GCC unroll 4
        for (int i = 0; i < SIZE; i++) vstore(half + (t * SIZE + i) * N * VL, y[i]);
    }
}

/* Functions of their own, in which all that the loop needs finds a register. */
static __attribute__((noinline)) void columns_together(ptrdiff_t pairs, const float *v, ptrdiff_t v_block,
                                                       const float *u, ptrdiff_t u_row, ptrdiff_t u_channel,
                                                       float *half) {
    transform_column(TOGETHER, pairs, v, v_block, u, u_row, u_channel, half);
}

static __attribute__((noinline)) void one_column(ptrdiff_t pairs, const float *v, ptrdiff_t v_block, const float *u,
                                                 ptrdiff_t u_row, ptrdiff_t u_channel, float *half) {
    transform_column(1, pairs, v, v_block, u, u_row, u_channel, half);
}

/* (A^T P) A of a tile. */
ALWAYS_INLINE void transform_half(const int pool, const float *half, vf bias, vf low, struct target to) {
#pragma GCC unroll 2
    for (int pair = 0; pair < SIZE / 2; pair++) {
        vf y[2][SIZE];
#pragma GCC unroll 2
        for (int h = 0; h < 2; h++, half += N * VL) {
            vf row[N];
#pragma GCC unroll 6
            for (int j = 0; j < N; j++) row[j] = vload(half + j * VL);
            fine_output_pair(SIZE, 0, row, &y[h][0], &y[h][1]);
            fine_output_pair(SIZE, 1, row, &y[h][2], &y[h][3]);
#pragma GCC unroll 4
            for (int j = 0; j < SIZE; j++) y[h][j] += bias;
        }
        if (pool)
            store_windows(SIZE, pair, y, low, to);
        else
            store_rows(SIZE, pair, y, low, to);
    }
}

ALWAYS_INLINE void convolve(const int pool, const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count,
                            const float *v, const float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel,
                            const float *bias, float *y, uint8_t *argmax, float *halves) {
    const ptrdiff_t step = pool ? SIZE / 2 : SIZE, pairs = (s->channels + 1) / 2, half = SIZE * N * VL;
    const vf low = vset1(s->low);
    for (ptrdiff_t k = 0; k < s->outputs; k += VL, u += VL) {
        for (int j = 0; j < N; j++) {
            const float *v_column = v + j * BLOCK, *u_column = u + j * u_frequency;
            float *half_column = halves + j * VL;
            ptrdiff_t t = 0;
            for (; t + TOGETHER <= count; t += TOGETHER)
                columns_together(pairs, v_column + t * s->v_tile, s->v_block, u_column, N * u_frequency, u_channel,
                                 half_column + t * half);
            for (; t < count; t++)
                one_column(pairs, v_column + t * s->v_tile, s->v_block, u_column, N * u_frequency, u_channel,
                           half_column + t * half);
        }
        const ptrdiff_t lanes = s->outputs - k < VL ? s->outputs - k : VL;
        const vf start = bias ? vload_n(bias + k, lanes) : vzero();
        struct position at = position_of(s, first);
        for (ptrdiff_t t = 0; t < count; t++, advance(s, &at)) {
            struct target to = target_of(s, &at, step, y + k, pool ? argmax + k : NULL);
            to.lanes = lanes;
            if (to.rows >= step && to.columns >= step && lanes == VL) {
                struct target full = {to.y, to.argmax, to.row, to.pixel, step, step, VL};
                transform_half(pool, halves + t * half, start, low, full);
            } else
                transform_half(pool, halves + t * half, start, low, to);
        }
    }
}

/* Products and output of F(4x4, 3x3), with a pool if argmax is not NULL: V has v_frequency = 8 and v_tile = 36 * 8, U
 * is one panel. halves holds 384 floats for each tile. */
void KERNEL(winograd_fused_bfloat16)(const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *v,
                                     const float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel, const float *bias,
                                     float *y, uint8_t *argmax, float *halves) {
    if (argmax)
        convolve(1, s, first, count, v, u, u_frequency, u_channel, bias, y, argmax, halves);
    else
        convolve(0, s, first, count, v, u, u_frequency, u_channel, bias, y, NULL, halves);
}
