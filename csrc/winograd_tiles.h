/* The code of winograd.c and of winograd_bfloat16.c: the transforms of tiles of x, of weights, and of products.
 *
 * The including file defines WINOGRAD(name), the symbol of a kernel; INPUT_PAIR, OUTPUT_PAIR and WEIGHTS, the matrices
 * on columns of vectors as in winograd.h; and how V is kept: STORE_V(v, x), and V_AT(s, c), where channel c stands. */
#include "conv_pool.h"
#include "kernels.h"
#include "winograd.h"

/* B^T d: n of n. */
ALWAYS_INLINE void input_transform(const int m, const vf *d, vf *v) {
#pragma GCC unroll 3
    for (int pair = 0; pair < WINOGRAD_PAIRS(m); pair++)
        INPUT_PAIR(m, pair, d, &v[WINOGRAD_ROW(m, pair, 0)], &v[WINOGRAD_ROW(m, pair, 1)]);
}

/* n x n vectors of x, transformed. Pair by pair of rows, so that no value waits in memory. */
ALWAYS_INLINE void transform_patch(const int m, const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v,
                                   ptrdiff_t v_frequency) {
    const int n = m + 2;
#pragma GCC unroll 3
    for (int pair = 0; pair < WINOGRAD_PAIRS(m); pair++) {
        const int rows = WINOGRAD_ROW(m, pair, 0) == WINOGRAD_ROW(m, pair, 1) ? 1 : 2;
        vf half[2][WINOGRAD_MOST];
#pragma GCC unroll 6
        for (int j = 0; j < n; j++) {
            vf column[WINOGRAD_MOST];
#pragma GCC unroll 6
            for (int i = 0; i < n; i++) column[i] = vload(x + i * row + j * pixel);
            INPUT_PAIR(m, pair, column, &half[0][j], &half[1][j]);
        }
#pragma GCC unroll 2
        for (int h = 0; h < rows; h++) {
            vf out[WINOGRAD_MOST];
            input_transform(m, half[h], out);
#pragma GCC unroll 6
            for (int j = 0; j < n; j++) STORE_V(v + (WINOGRAD_ROW(m, pair, h) * n + j) * v_frequency, out[j]);
        }
    }
}

static void transform_patch_4(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t v_frequency) {
    transform_patch(4, x, row, pixel, v, v_frequency);
}

static void transform_patch_3(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t v_frequency) {
    transform_patch(3, x, row, pixel, v, v_frequency);
}

static void transform_patch_2(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t v_frequency) {
    transform_patch(2, x, row, pixel, v, v_frequency);
}

/* The part of n rows (columns) from `start` on that lies inside an image of `size` rows (columns). */
ALWAYS_INLINE void inside(ptrdiff_t start, ptrdiff_t n, ptrdiff_t size, ptrdiff_t *first, ptrdiff_t *end) {
    *first = start < 0 ? -start : 0;
    *end = start + n > size ? size - start : n;
}

/* Where a tile stands. */
struct position {
    ptrdiff_t image, down, across;
};

ALWAYS_INLINE struct position position_of(const struct winograd_shape *s, ptrdiff_t tile) {
    ptrdiff_t row = tile / s->tiles_across;
    return (struct position){row / s->tiles_down, row % s->tiles_down, tile % s->tiles_across};
}

ALWAYS_INLINE void advance(const struct winograd_shape *s, struct position *p) {
    if (++p->across < s->tiles_across) return;
    p->across = 0;
    if (++p->down < s->tiles_down) return;
    p->down = 0;
    p->image++;
}

void WINOGRAD(winograd_input)(const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *x,
                              float *v) {
    const ptrdiff_t n = s->size + 2, pixel = s->channels, row = s->width * pixel;
    struct position at = position_of(s, first);
    for (ptrdiff_t t = 0; t < count; t++, v += s->v_tile, advance(s, &at)) {
        ptrdiff_t top = at.down * s->size - s->top, left = at.across * s->size - s->left, r0, r1, c0, c1;
        const float *from = x + at.image * s->height * row;
        inside(top, n, s->height, &r0, &r1);
        inside(left, n, s->width, &c0, &c1);
        int whole = r0 == 0 && c0 == 0 && r1 == n && c1 == n;
        for (ptrdiff_t c = 0; c < s->channels; c += VL) {
            ptrdiff_t lanes = s->channels - c < VL ? s->channels - c : VL, patch_row = row, patch_pixel = pixel;
            const float *patch = whole && lanes == VL ? from + top * row + left * pixel + c : NULL;
            vf copy[WINOGRAD_MOST * WINOGRAD_MOST];
            if (!patch) {
                for (ptrdiff_t i = 0; i < n; i++)
                    for (ptrdiff_t j = 0; j < n; j++)
                        copy[i * n + j] = r0 <= i && i < r1 && c0 <= j && j < c1
                                              ? vload_n(from + (top + i) * row + (left + j) * pixel + c, lanes)
                                              : vzero();
                patch = (const float *)copy;
                patch_row = n * VL, patch_pixel = VL;
            }
            if (s->size == 4)
                transform_patch_4(patch, patch_row, patch_pixel, v + V_AT(s, c), s->v_frequency);
            else if (s->size == 3)
                transform_patch_3(patch, patch_row, patch_pixel, v + V_AT(s, c), s->v_frequency);
            else
                transform_patch_2(patch, patch_row, patch_pixel, v + V_AT(s, c), s->v_frequency);
        }
    }
}

/* Where the output of a tile goes: its rows and columns inside of y, all of them or not. */
struct target {
    float *y;
    uint8_t *argmax; /* with a pool only */
    ptrdiff_t row, pixel, rows, columns, lanes;
};

/* `step` is how far apart tiles are in y: m, or m / 2 pooled. */
ALWAYS_INLINE struct target target_of(const struct winograd_shape *s, const struct position *p, ptrdiff_t step,
                                      float *y, uint8_t *argmax) {
    const ptrdiff_t row = s->y_width * s->y_pixel;
    ptrdiff_t at = (p->image * s->y_height + p->down * step) * row + p->across * step * s->y_pixel;
    return (struct target){
        y + at,     argmax ? argmax + at : NULL,  row,
        s->y_pixel, s->y_height - p->down * step, s->y_width - p->across * step,
        VL,
    };
}

/* A masked store of a whole vector would be slow. */
ALWAYS_INLINE void store_lanes(float *y, vf value, ptrdiff_t lanes) {
    if (lanes == VL)
        vstore(y, value);
    else
        vstore_n(y, value, lanes);
}

/* Two rows of output, stored. */
ALWAYS_INLINE void store_rows(const int m, int pair, const vf (*y)[4], vf low, struct target to) {
#pragma GCC unroll 2
    for (int h = 0; h < 2; h++)
#pragma GCC unroll 4
        for (int j = 0; j < m; j++)
            if (2 * pair + h < m && 2 * pair + h < to.rows && j < to.columns)
                store_lanes(to.y + (2 * pair + h) * to.row + j * to.pixel, vmax(low, y[h][j]), to.lanes);
}

/* Two rows of output, as windows. */
ALWAYS_INLINE void store_windows(const int m, int pair, const vf (*y)[4], vf low, struct target to) {
#pragma GCC unroll 2
    for (int j = 0; j < m / 2; j++)
        if (pair < to.rows && j < to.columns) {
            const vf window[4] = {y[0][2 * j], y[0][2 * j + 1], y[1][2 * j], y[1][2 * j + 1]};
            ptrdiff_t at = pair * to.row + j * to.pixel;
            vpositions position;
            vf best = window_max(window, low, &position);
            store_lanes(to.y + at, best, to.lanes);
            store_positions_n(to.argmax + at, position, to.lanes);
        }
}

#if VECTOR_REGISTERS == 32
enum { PAIRS = 2 }; /* of output rows that are worked on together */
#else
enum { PAIRS = 1 };
#endif

/* n x n vectors of P, transformed. */
ALWAYS_INLINE void transform_products(const int m, const int pool, const float *p, ptrdiff_t p_frequency, vf bias,
                                      vf low, struct target to) {
    const int n = m + 2, all = (m + 1) / 2, pairs = all < PAIRS ? all : PAIRS;
#pragma GCC unroll 2
    for (int first = 0; first < all; first += pairs) {
        vf half[PAIRS][2][WINOGRAD_MOST];
#pragma GCC unroll 6
        for (int j = 0; j < n; j++) {
            vf column[WINOGRAD_MOST];
#pragma GCC unroll 6
            for (int i = 0; i < n; i++) column[i] = vload(p + (i * n + j) * p_frequency);
#pragma GCC unroll 2
            for (int q = 0; q < pairs; q++) OUTPUT_PAIR(m, first + q, column, &half[q][0][j], &half[q][1][j]);
        }
#pragma GCC unroll 2
        for (int q = 0; q < pairs; q++) {
            vf y[2][4];
#pragma GCC unroll 2
            for (int h = 0; h < 2; h++) {
#pragma GCC unroll 2
                for (int columns = 0; columns < all; columns++)
                    OUTPUT_PAIR(m, columns, half[q][h], &y[h][2 * columns], &y[h][2 * columns + 1]);
#pragma GCC unroll 4
                for (int j = 0; j < m; j++) y[h][j] += bias;
            }
            if (pool)
                store_windows(m, first + q, y, low, to);
            else
                store_rows(m, first + q, y, low, to);
        }
    }
}

/* All tiles and channels. */
ALWAYS_INLINE void output(const int m, const int pool, const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count,
                          const float *p, const float *bias, float *y, uint8_t *argmax) {
    const ptrdiff_t step = pool ? m / 2 : m;
    const vf low = vset1(s->low);
    struct position at = position_of(s, first);
    for (ptrdiff_t t = 0; t < count; t++, p += s->p_tile, advance(s, &at)) {
        const struct target tile = target_of(s, &at, step, y, argmax);
        int whole = tile.rows >= step && tile.columns >= step;
        for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
            struct target to = tile;
            to.y += k;
            if (pool) to.argmax += k;
            to.lanes = s->outputs - k < VL ? s->outputs - k : VL;
            vf start = bias ? vload_n(bias + k, to.lanes) : vzero();
            if (whole && to.lanes == VL) {
                struct target full = {to.y, to.argmax, to.row, to.pixel, step, step, VL};
                transform_products(m, pool, p + k, s->p_frequency, start, low, full);
            } else
                transform_products(m, pool, p + k, s->p_frequency, start, low, to);
        }
    }
}

void WINOGRAD(winograd_output)(const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p,
                               const float *bias, float *y) {
    if (s->size == 4)
        output(4, 0, s, first, count, p, bias, y, NULL);
    else if (s->size == 3)
        output(3, 0, s, first, count, p, bias, y, NULL);
    else
        output(2, 0, s, first, count, p, bias, y, NULL);
}

void WINOGRAD(winograd_output_pool)(const struct winograd_shape *s, ptrdiff_t first, ptrdiff_t count, const float *p,
                                    const float *bias, float *y, uint8_t *argmax) {
    if (s->size == 4)
        output(4, 1, s, first, count, p, bias, y, argmax);
    else
        output(2, 1, s, first, count, p, bias, y, argmax);
}

/* One vector of output channels. */
ALWAYS_INLINE void transform_weights(const int m, const float *w, ptrdiff_t w_tap, ptrdiff_t lanes, float *u,
                                     ptrdiff_t u_frequency) {
    const int n = m + 2;
    vf half[WINOGRAD_MOST][3];
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) {
        vf column[3], out[WINOGRAD_MOST];
#pragma GCC unroll 3
        for (int i = 0; i < 3; i++) column[i] = vload_n(w + (3 * i + j) * w_tap, lanes);
        WEIGHTS(m, column, out);
#pragma GCC unroll 6
        for (int i = 0; i < n; i++) half[i][j] = out[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < n; i++) {
        vf out[WINOGRAD_MOST];
        WEIGHTS(m, half[i], out);
#pragma GCC unroll 6
        for (int j = 0; j < n; j++) vstore(u + (i * n + j) * u_frequency, out[j]);
    }
}

void WINOGRAD(winograd_weights)(ptrdiff_t size, ptrdiff_t channels, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap,
                                ptrdiff_t w_channel, float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t k = 0; k < outputs; k += VL) {
            ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
            if (size == 4)
                transform_weights(4, w + c * w_channel + k, w_tap, lanes, u + c * u_channel + k, u_frequency);
            else if (size == 3)
                transform_weights(3, w + c * w_channel + k, w_tap, lanes, u + c * u_channel + k, u_frequency);
            else
                transform_weights(2, w + c * w_channel + k, w_tap, lanes, u + c * u_channel + k, u_frequency);
        }
}
