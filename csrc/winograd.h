/* Winograd's minimal filtering F(m, 3) on vectors, m = 4 or 2, and the shapes that its kernels take.
 *
 * m outputs of a 3-tap filter take n = m + 2 products: y = A^T [(G g) * (B^T d)]. In two dimensions a matrix is applied
 * to the columns and then to the rows. The points are 0, 1, -1, (2, -2,) infinity. The functions below are the matrices
 * on columns of vectors, in the order of the picture; `m` is a constant once inlined. `pair` p stands for rows 0 and
 * m + 1 (p = 0) or 2p - 1 and 2p, which share their terms: a kernel that takes pair by pair keeps within 16 registers.
 *
 * Of two products in a sum at least one is by a power of two, exact: so all copies of the code give the same bits,
 * whichever product the compiler fuses with the addition. */
#ifndef FASTCNN_WINOGRAD_H
#define FASTCNN_WINOGRAD_H

#include "simd.h"

enum { WINOGRAD_MOST = 6 }; /* n of the larger size */

/* The row that comes `half` (0 or 1) in a pair. */
#define WINOGRAD_ROW(m, pair, half) ((pair) == 0 ? (half) * ((m) + 1) : 2 * (pair) - 1 + (half))

/* B^T d: two of n rows. */
ALWAYS_INLINE void winograd_input_pair(const int m, const int pair, const vf *d, vf *first, vf *second) {
    if (m == 4 && pair == 0) {
        *first = (d[4] - 5 * d[2]) + 4 * d[0];
        *second = (d[5] - 5 * d[3]) + 4 * d[1];
    } else if (m == 4) {
        vf even = pair == 1 ? d[4] - 4 * d[2] : d[4] - d[2], odd = pair == 1 ? d[3] - 4 * d[1] : 2 * (d[3] - d[1]);
        *first = even + odd;
        *second = even - odd;
    } else if (pair == 0) {
        *first = d[0] - d[2];
        *second = d[1] - d[3];
    } else {
        *first = d[2] + d[1];
        *second = d[2] - d[1];
    }
}

ALWAYS_INLINE void winograd_input(const int m, const vf *d, vf *v) {
#pragma GCC unroll 3
    for (int pair = 0; pair < (m + 2) / 2; pair++)
        winograd_input_pair(m, pair, d, &v[WINOGRAD_ROW(m, pair, 0)], &v[WINOGRAD_ROW(m, pair, 1)]);
}

/* G g: n of 3. */
ALWAYS_INLINE void winograd_weights(const int m, const vf *g, vf *u) {
    vf outer = g[0] + g[2];
    if (m == 4) {
        vf far = g[0] + 4 * g[2], middle = 2 * g[1];
        u[0] = g[0] * 0.25f;
        u[1] = (outer + g[1]) * (-1 / 6.f);
        u[2] = (outer - g[1]) * (-1 / 6.f);
        u[3] = (far + middle) * (1 / 24.f);
        u[4] = (far - middle) * (1 / 24.f);
        u[5] = g[2];
    } else {
        u[0] = g[0];
        u[1] = (outer + g[1]) * 0.5f;
        u[2] = (outer - g[1]) * 0.5f;
        u[3] = g[2];
    }
}

/* A^T p: rows 2 * pair and 2 * pair + 1 of m. */
ALWAYS_INLINE void winograd_output_pair(const int m, const int pair, const vf *p, vf *first, vf *second) {
    vf sum = p[1] + p[2], difference = p[1] - p[2];
    if (m == 4) {
        vf far_sum = p[3] + p[4], far_difference = p[3] - p[4];
        if (pair == 0) {
            *first = (p[0] + sum) + far_sum;
            *second = difference + 2 * far_difference;
        } else {
            *first = sum + 4 * far_sum;
            *second = (difference + 8 * far_difference) + p[5];
        }
    } else {
        *first = p[0] + sum;
        *second = difference - p[3];
    }
}

/* The adjoints, for gradients. A y: n of m. */
ALWAYS_INLINE void winograd_output_adjoint(const int m, const vf *y, vf *p) {
    if (m == 4) {
        vf even = y[0] + y[2], odd = y[1] + y[3], far_even = y[0] + 4 * y[2], far_odd = 2 * (y[1] + 4 * y[3]);
        p[0] = y[0];
        p[1] = even + odd;
        p[2] = even - odd;
        p[3] = far_even + far_odd;
        p[4] = far_even - far_odd;
        p[5] = y[3];
    } else {
        p[0] = y[0];
        p[1] = y[0] + y[1];
        p[2] = y[0] - y[1];
        p[3] = -y[1];
    }
}

/* B v: n of n. */
ALWAYS_INLINE void winograd_input_adjoint(const int m, const vf *v, vf *d) {
    if (m == 4) {
        vf sum = v[1] + v[2], difference = v[2] - v[1], far_sum = v[3] + v[4], far_difference = 2 * (v[4] - v[3]);
        d[0] = 4 * v[0];
        d[1] = 4 * (difference + v[5]) + far_difference;
        d[2] = (-4 * sum - far_sum) - 5 * v[0];
        d[3] = (-difference - far_difference) - 5 * v[5];
        d[4] = (v[0] + sum) + far_sum;
        d[5] = v[5];
    } else {
        d[0] = v[0];
        d[1] = (v[1] - v[2]) + v[3];
        d[2] = (v[1] + v[2]) - v[0];
        d[3] = -v[3];
    }
}

#endif
