/* The code of gemm.c, gemm_bfloat16.c and gemm_rounding_bfloat16.c: products of one block, A[m,k] B[k,n], tile by tile.
 *
 * The including file defines BROADCAST(p), a vector of the element at p; MULTIPLY_ADD(sum, x, row), the sum and the
 * product; FETCHED_LINES, how many cache lines of what the caller reads next are asked for in a step of k; and, where a
 * step also makes pairs of what the caller reads next, PAIRS(first, second), a vector of them. A tile, up to ROWS x
 * VECTORS vectors, stays in registers while k runs. */
#include "kernels.h"
#include "simd.h"

#ifdef PAIRS
enum { ROUNDS = 1 };
#else
enum { ROUNDS = 0 };
#define PAIRS(first, second) (first)
#endif
#if VECTOR_REGISTERS == 32
enum { ROWS = 6, VECTORS = 4, DEPTH = 384 };
#else
enum { ROWS = 6, VECTORS = 2, DEPTH = 256 };
#endif
enum { PANEL = VECTORS * VL, WIDE_ROWS = ROWS / 2, WIDE_VECTORS = 2 * VECTORS, CACHE_LINE = 16 };
enum { AHEAD = 1024 }; /* floats: how far rows that become pairs are asked for */

/* Rows of which pairs are made, vector by vector of two rows. */
struct rounding {
    const float *x;
    ptrdiff_t row, vectors, in_row, left; /* vectors of a row; those left of it, and of all */
    float *pairs;
};

/* Where a tile goes, and what is added on the way. */
struct target {
    float *c;
    ptrdiff_t c_row;
    const float *bias; /* NULL: none */
    int flags;
    const float *near, *near_end; /* to come into the L2 cache meanwhile */
    struct rounding *rounding;
};

#define EACH_VECTOR                                                                                                    \
    _Pragma("GCC unroll 6") for (int i = 0; i < rows; i++) _Pragma("GCC unroll 8") for (int q = 0; q < vectors; q++)

/* `rows`, `vectors` and `whole` are constants once inlined. Unless whole, the last vector has `tail` lanes. */
ALWAYS_INLINE void tile(const int rows, const int vectors, const int whole, const struct product *p, const float *a,
                        const float *b, ptrdiff_t tail, struct target to) {
    vf sum[ROWS][WIDE_VECTORS];
    const int last = vectors - 1;
    const ptrdiff_t a_row = p->a_row, a_step = p->a_step, b_step = p->b_step;
    EACH_VECTOR {
        sum[i][q] = vzero();
        __builtin_prefetch(to.c + i * to.c_row + q * VL, 1);
    }
    if ((FETCHED_LINES || ROUNDS) && to.flags & GEMM_CONTINUE)
        EACH_VECTOR sum[i][q] = vload_n(to.c + i * to.c_row + q * VL, whole || q < last ? VL : tail);
    const float *near = to.near;
    struct rounding next = {0};
    if (ROUNDS) next = *to.rounding;
    for (ptrdiff_t left = p->k; left > 0; left--, a += a_step, b += b_step) {
        vf row[WIDE_VECTORS];
        if (FETCHED_LINES && near < to.near_end) {
#pragma GCC unroll 2
            for (int i = 0; i < FETCHED_LINES; i++) __builtin_prefetch(near + i * CACHE_LINE, 0, 2);
            near += FETCHED_LINES * CACHE_LINE;
        }
        if (ROUNDS && next.left > 0) {
            __builtin_prefetch(next.x + AHEAD);
            __builtin_prefetch(next.x + next.row + AHEAD);
            vstore(next.pairs, PAIRS(vload(next.x), vload(next.x + next.row)));
            next.pairs += VL;
            next.x += VL;
            next.left--;
            if (--next.in_row == 0) {
                next.x += 2 * next.row - next.vectors * VL;
                next.in_row = next.vectors;
            }
        }
#pragma GCC unroll 8
        for (int q = 0; q < last; q++) row[q] = vload(b + q * VL);
        row[last] = whole ? vload(b + last * VL) : vload_n(b + last * VL, tail);
#pragma GCC unroll 6
        for (int i = 0; i < rows; i++) {
            vf x = BROADCAST(a + i * a_row);
#pragma GCC unroll 8
            for (int q = 0; q < vectors; q++) sum[i][q] = MULTIPLY_ADD(sum[i][q], x, row[q]);
        }
    }
    if (ROUNDS) *to.rounding = next;
    /* All loads come before all stores: a store of one row delays loads of another a multiple of 4 KB away. */
    if (to.flags & GEMM_ACCUMULATE)
        EACH_VECTOR sum[i][q] = vload_n(to.c + i * to.c_row + q * VL, whole || q < last ? VL : tail) + sum[i][q];
    if (to.bias) EACH_VECTOR sum[i][q] += vload_n(to.bias + q * VL, whole || q < last ? VL : tail);
    if (to.flags & GEMM_RELU) EACH_VECTOR sum[i][q] = vmax(vzero(), sum[i][q]);
    EACH_VECTOR vstore_n(to.c + i * to.c_row + q * VL, sum[i][q], whole || q < last ? VL : tail);
}

/* The tiles of one height: the widest that n columns fill, or the narrowest that holds them. */
ALWAYS_INLINE void tile_of_rows(const int rows, const struct product *p, const float *a, const float *b, ptrdiff_t n,
                                struct target to) {
    if (n == PANEL)
        tile(rows, VECTORS, 1, p, a, b, VL, to);
    else if (n > PANEL)
        tile(rows, rows <= WIDE_ROWS ? WIDE_VECTORS : VECTORS, 1, p, a, b, VL, to);
    else if (n <= VL)
        tile(rows, 1, 0, p, a, b, n, to);
    else if (n <= 2 * VL)
        tile(rows, 2, 0, p, a, b, n - VL, to);
    else if (n <= (VECTORS - 1) * VL)
        tile(rows, VECTORS - 1, 0, p, a, b, n - (VECTORS - 2) * VL, to);
    else
        tile(rows, VECTORS, 0, p, a, b, n - (VECTORS - 1) * VL, to);
}

/* A tile of `rows` rows from a and n columns from b: n is at most PANEL, or twice that where rows <= WIDE_ROWS. */
static void any_tile(const struct product *p, ptrdiff_t rows, ptrdiff_t n, const float *a, const float *b,
                     struct target to) {
    switch (rows) {
    case 1:
        tile_of_rows(1, p, a, b, n, to);
        break;
    case 2:
        tile_of_rows(2, p, a, b, n, to);
        break;
    case 3:
        tile_of_rows(3, p, a, b, n, to);
        break;
    case 4:
        tile_of_rows(4, p, a, b, n, to);
        break;
    case 5:
        tile_of_rows(5, p, a, b, n, to);
        break;
    default:
        tile_of_rows(ROWS, p, a, b, n, to);
    }
}

/* Height of the next tile where `left` rows are left: as few tiles as can be, as even as can be. */
ALWAYS_INLINE ptrdiff_t next_rows(ptrdiff_t left) {
    ptrdiff_t tiles = (left + ROWS - 1) / ROWS;
    return (left + tiles - 1) / tiles;
}

/* Of a B in panels, the next one comes into the L2 cache meanwhile, a share of it with each tile. */
ALWAYS_INLINE void multiply(const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row,
                            const float *near, ptrdiff_t near_floats, struct rounding *rounding) {
    const float *near_end = near + near_floats;
    const int in_place = p->b_panel == PANEL, wide = p->m <= WIDE_ROWS && in_place;
    const ptrdiff_t share = p->k / (p->m / ROWS + 1) + 1; /* steps of k to ask for with each tile */
    for (ptrdiff_t j = 0, n; j < p->n; j += n) {
        n = wide && p->n - j >= 2 * PANEL ? 2 * PANEL : p->n - j < PANEL ? p->n - j : PANEL;
        const float *panel = p->b + j / PANEL * p->b_panel, *next = panel + p->b_panel;
        ptrdiff_t unasked = in_place || j + PANEL >= p->n ? 0 : p->k;
        for (ptrdiff_t i = 0, rows; i < p->m; i += rows) {
            rows = next_rows(p->m - i);
            for (ptrdiff_t last = unasked > share ? unasked - share : 0; unasked > last; unasked--, next += p->b_step)
#pragma GCC unroll 4
                for (int q = 0; q < PANEL; q += CACHE_LINE) __builtin_prefetch(next + q, 0, 2);
            struct target to = {c + i * c_row + j, c_row, bias ? bias + j : NULL, flags, near, near_end, rounding};
            any_tile(p, rows, n, p->a + i * p->a_row, panel, to);
            ptrdiff_t asked = p->k * FETCHED_LINES * CACHE_LINE;
            near = near_end - near > asked ? near + asked : near_end;
        }
    }
}
