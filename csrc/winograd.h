/* Winograd's minimal filtering F(m, 3) on vectors, m = 4, 3 or 2.
 *
 * m outputs of a 3-tap filter take n = m + 2 products: y = A^T [(G g) * (B^T d)]. In two dimensions a matrix is applied
 * to the columns and then to the rows. The points are 0, 1, -1, (2, (-2,)) infinity. The functions below are the
 * matrices on columns of vectors, in the order of the picture; `m` is a constant once inlined. `pair` p stands for rows
 * 0 and m + 1 (p = 0) or 2p - 1 and 2p, which share their terms: a kernel that takes pair by pair keeps within 16
 * registers. Where n is odd, both rows of the last pair are row m.
 *
 * Of two products in a sum at least one is by a power of two, exact: so all copies of the code give the same bits,
 * whichever product the compiler fuses with the addition. */
#ifndef FASTCNN_WINOGRAD_H
#define FASTCNN_WINOGRAD_H

#include "simd.h"

enum { WINOGRAD_MOST = 6 }; /* n of the larger size */

/* The number of pairs, and the row that comes `half` (0 or 1) in one. */
#define WINOGRAD_PAIRS(m) (((m) + 3) / 2)
#define WINOGRAD_ROW(m, pair, half)                                                                                    \
    ((pair) == 0 ? (half) * ((m) + 1) : 2 * (pair) - 1 + (half) < (m) ? 2 * (pair) - 1 + (half) : (m))

/* B^T d: two of n rows. */
ALWAYS_INLINE void winograd_input_pair(const int m, const int pair, const vf *d, vf *first, vf *second) {
    if (m == 4 && pair == 0) {
        *first = (d[4] - 5 * d[2]) + 4 * d[0];
        *second = (d[5] - 5 * d[3]) + 4 * d[1];
    } else if (m == 4) {
        vf even = pair == 1 ? d[4] - 4 * d[2] : d[4] - d[2], odd = pair == 1 ? d[3] - 4 * d[1] : 2 * (d[3] - d[1]);
        *first = even + odd;
        *second = even - odd;
    } else if (m == 3 && pair == 0) {
        *first = (d[3] - d[1]) + 2 * (d[0] - d[2]);
        *second = (d[4] - d[2]) + 2 * (d[1] - d[3]);
    } else if (m == 3 && pair == 1) {
        *first = (d[3] - d[2]) - 2 * d[1];
        *second = (d[3] - 3 * d[2]) + 2 * d[1];
    } else if (m == 3) {
        *first = *second = d[3] - d[1];
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
    for (int pair = 0; pair < WINOGRAD_PAIRS(m); pair++)
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
    } else if (m == 3) {
        u[0] = g[0] * 0.5f;
        u[1] = (outer + g[1]) * -0.5f;
        u[2] = (outer - g[1]) * (-1 / 6.f);
        u[3] = ((g[0] + 4 * g[2]) + 2 * g[1]) * (1 / 6.f);
        u[4] = g[2];
    } else {
        u[0] = g[0];
        u[1] = (outer + g[1]) * 0.5f;
        u[2] = (outer - g[1]) * 0.5f;
        u[3] = g[2];
    }
}

/* A^T p: rows 2 * pair and 2 * pair + 1 of m; where m is odd, the last pair is row m - 1 twice. */
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
    } else if (m == 3 && pair == 0) {
        *first = (p[0] + sum) + p[3];
        *second = difference + 2 * p[3];
    } else if (m == 3) {
        *first = *second = (sum + 4 * p[3]) + p[4];
    } else {
        *first = p[0] + sum;
        *second = difference - p[3];
    }
}

/* The adjoints, for gradients. A y: two of n rows, of m. */
ALWAYS_INLINE void winograd_output_adjoint_pair(const int m, const int pair, const vf *y, vf *first, vf *second) {
    if (pair == 0) {
        *first = y[0];
        *second = m == 2 ? -y[1] : y[m - 1];
    } else if (pair == 1) {
        vf even = m == 2 ? y[0] : y[0] + y[2], odd = m == 4 ? y[1] + y[3] : y[1];
        *first = even + odd;
        *second = even - odd;
    } else {
        vf even = y[0] + 4 * y[2], odd = m == 4 ? 2 * (y[1] + 4 * y[3]) : 2 * y[1];
        *first = even + odd;
        *second = m == 4 ? even - odd : *first;
    }
}

ALWAYS_INLINE void winograd_output_adjoint(const int m, const vf *y, vf *p) {
#pragma GCC unroll 3
    for (int pair = 0; pair < WINOGRAD_PAIRS(m); pair++)
        winograd_output_adjoint_pair(m, pair, y, &p[WINOGRAD_ROW(m, pair, 0)], &p[WINOGRAD_ROW(m, pair, 1)]);
}

/* G^T u: 3 of n. */
ALWAYS_INLINE void winograd_weights_adjoint(const int m, const vf *u, vf *g) {
    if (m == 4) {
        vf even = (u[1] + u[2]) * (-1 / 6.f), odd = (u[1] - u[2]) * (-1 / 6.f);
        vf far_even = (u[3] + u[4]) * (1 / 24.f), far_odd = (u[3] - u[4]) * (1 / 12.f);
        g[0] = (even + far_even) + u[0] * 0.25f;
        g[1] = odd + far_odd;
        g[2] = (even + 4 * far_even) + u[5];
    } else if (m == 3) {
        vf near = u[1] * -0.5f, back = u[2] * (-1 / 6.f), far = u[3] * (1 / 6.f);
        g[0] = ((near + back) + far) + u[0] * 0.5f;
        g[1] = (near - back) + 2 * far;
        g[2] = ((near + back) + 4 * far) + u[4];
    } else {
        vf even = (u[1] + u[2]) * 0.5f;
        g[0] = u[0] + even;
        g[1] = (u[1] - u[2]) * 0.5f;
        g[2] = even + u[3];
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
    } else if (m == 3) {
        vf ends = v[0] - v[4];
        d[0] = 2 * v[0];
        d[1] = (2 * (v[2] - v[1]) - v[3]) + (v[4] - ends);
        d[2] = (-2 * v[0] - (v[1] + v[4])) - 3 * v[2];
        d[3] = ((v[1] + v[2]) + v[3]) + (ends - v[4]);
        d[4] = v[4];
    } else {
        d[0] = v[0];
        d[1] = (v[1] - v[2]) + v[3];
        d[2] = (v[1] + v[2]) - v[0];
        d[3] = -v[3];
    }
}

#endif
