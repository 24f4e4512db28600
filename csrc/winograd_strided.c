/* Convolution with 3x3 kernels and steps of 2 by Winograd's algorithm, and its gradients: 81 products for 144.
 *
 * Along an axis, four outputs y[i] = g0 x[2i] + g2 x[2i + 2] + g1 x[2i + 1] see the even pixels by a filter of two
 * taps, F(4, 2) with five products at the points 0, 1, -1, 2, infinity, and the odd ones by a filter of one tap, four
 * products: nine in all. Their weights are six, for the four of g1 are the same. In two dimensions a matrix is applied
 * to the columns and then to the rows.
 *
 *     winograd_strided_weights   w[3,3,C,K]            -> U[6*6][C][K]
 *     winograd_strided_input     tiles of x or of dy   -> V[tile][9*9][C], zeros outside of the image
 *     (gemm.c, 81 times          P[tile][f][K] = V[tile][f][C] U[f][C][K])
 *     winograd_strided_output    P -> tiles of 4x4 outputs, + bias, ReLU; or of 8x8 pixels of dx
 *
 * The gradient of the weights multiplies tiles of x with tiles of dy and sums over tiles: winograd_strided_rows gives
 * the rows of the transforms, those of even or of odd pixels, winograd_strided_taps brings sums to three taps.
 *
 * Vectors run along channels; rows of V, U and P are whole vectors, whose lanes beyond the last channel are never used.
 * Limited by the way of V and P through L2. */
#include "kernels.h"
#include "winograd.h"

enum { PRODUCTS = 9, EVEN = 5, MOST = 9 };

/* How many vectors along an axis of a tile go into a transform, and how far apart tiles are. */
ALWAYS_INLINE int side_of(const int kind) { return kind == STRIDED_X ? 9 : kind == STRIDED_DY ? 5 : 4; }
ALWAYS_INLINE int step_of(const int kind) { return kind == STRIDED_X ? 8 : 4; }

/* A^T p of F(4, 2). */
ALWAYS_INLINE void even_outputs(const vf *p, vf *y) {
    vf sum = p[1] + p[2], difference = p[1] - p[2];
    y[0] = (p[0] + sum) + p[3];
    y[1] = difference + 2 * p[3];
    y[2] = sum + 4 * p[3];
    y[3] = (difference + 8 * p[3]) + p[4];
}

/* Nine vectors of a tile's axis: of x (9 pixels), of dy for the gradient of x (5, of which the first belongs to the
 * tile before), of dy for that of the weights (4). */
ALWAYS_INLINE void to_products(const int kind, const vf *d, vf *v) {
    if (kind == STRIDED_X) {
        const vf even[EVEN] = {d[0], d[2], d[4], d[6], d[8]};
        winograd_input(3, even, v);
        v[5] = d[1], v[6] = d[3], v[7] = d[5], v[8] = d[7];
    } else if (kind == STRIDED_DY) {
        winograd_input(3, d, v);
        v[5] = d[1], v[6] = d[2], v[7] = d[3], v[8] = d[4];
    } else {
        vf even = d[0] + d[2], odd = d[1] + d[3];
        v[0] = d[0], v[1] = even + odd, v[2] = even - odd;
        v[3] = (d[0] + 4 * d[2]) + 2 * (d[1] + 4 * d[3]);
        v[4] = d[3];
        v[5] = d[0], v[6] = d[1], v[7] = d[2], v[8] = d[3];
    }
}

/* Four outputs or eight pixels of dx. */
ALWAYS_INLINE void from_products(const int kind, const vf *p, vf *y) {
    vf even[4];
    even_outputs(p, even);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        if (kind == STRIDED_X)
            y[i] = even[i] + p[EVEN + i];
        else
            y[2 * i] = even[i], y[2 * i + 1] = p[EVEN + i];
    }
}

/* Rows `from` to `to` of the transform of one vector of channels of a tile. */
ALWAYS_INLINE void transform_patch(const int kind, const int from, const int to, const float *x, ptrdiff_t row,
                                   ptrdiff_t pixel, float *v, ptrdiff_t v_frequency) {
    const int side = side_of(kind);
    vf half[PRODUCTS][MOST];
    for (int j = 0; j < side; j++) {
        vf column[MOST], out[PRODUCTS];
#pragma GCC unroll 9
        for (int i = 0; i < side; i++) column[i] = vload(x + i * row + j * pixel);
        to_products(kind, column, out);
#pragma GCC unroll 9
        for (int i = from; i < to; i++) half[i][j] = out[i];
    }
    for (int i = from; i < to; i++, v += PRODUCTS * v_frequency) {
        vf out[PRODUCTS];
        to_products(kind, half[i], out);
#pragma GCC unroll 9
        for (int j = 0; j < PRODUCTS; j++) vstore(v + j * v_frequency, out[j]);
    }
}

typedef void (*patch_function)(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t v_frequency);

#define PATCH(kind, part, from, to)                                                                                    \
    static void kind##_##part(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t v_frequency) {       \
        transform_patch(kind, from, to, x, row, pixel, v, v_frequency);                                                \
    }
PATCH(STRIDED_X, all, 0, PRODUCTS)
PATCH(STRIDED_DY, all, 0, PRODUCTS)
PATCH(STRIDED_X, even, 0, EVEN)
PATCH(STRIDED_X, odd, EVEN, PRODUCTS)
PATCH(STRIDED_DY_OF_WEIGHTS, even, 0, EVEN)
PATCH(STRIDED_DY_OF_WEIGHTS, odd, EVEN, PRODUCTS)

/* `count` tiles from number `first` on through `transform`; one that crosses the image's edge by way of a copy. */
ALWAYS_INLINE void tiles(const int kind, const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count,
                         const float *x, float *v, patch_function transform) {
    const ptrdiff_t side = side_of(kind), step = step_of(kind), pixel = s->pixel, row = s->width * pixel;
    ptrdiff_t image = first / (s->tiles_down * s->tiles_across), tile = first % (s->tiles_down * s->tiles_across);
    ptrdiff_t down = tile / s->tiles_across, across = tile % s->tiles_across;
    for (ptrdiff_t t = 0; t < count; t++, v += s->v_tile) {
        ptrdiff_t top = down * step - s->top, left = across * step - s->left;
        const float *from = x + image * s->height * row;
        int whole = top >= 0 && left >= 0 && top + side <= s->height && left + side <= s->width;
        for (ptrdiff_t c = 0; c < s->channels; c += VL) {
            ptrdiff_t lanes = s->channels - c < VL ? s->channels - c : VL;
            if (whole && lanes == VL) {
                transform(from + top * row + left * pixel + c, row, pixel, v + c, s->v_frequency);
                continue;
            }
            vf copy[MOST * MOST];
            for (ptrdiff_t i = 0; i < side; i++)
                for (ptrdiff_t j = 0; j < side; j++) {
                    ptrdiff_t y = top + i, z = left + j;
                    copy[i * side + j] = y >= 0 && y < s->height && z >= 0 && z < s->width
                                             ? vload_to(from + y * row + z * pixel + c, lanes)
                                             : vzero();
                }
            transform((const float *)copy, side * VL, VL, v + c, s->v_frequency);
        }
        if (++across == s->tiles_across) {
            across = 0;
            if (++down == s->tiles_down) down = 0, image++;
        }
    }
}

void KERNEL(winograd_strided_input)(const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count,
                                    const float *image, float *v) {
    if (s->kind == STRIDED_X)
        tiles(STRIDED_X, s, first, count, image, v, STRIDED_X_all);
    else
        tiles(STRIDED_DY, s, first, count, image, v, STRIDED_DY_all);
}

/* Of the nine rows of the transform those of the even pixels, five, or of the `odd` ones, four. */
void KERNEL(winograd_strided_rows)(const struct winograd_strided_shape *s, int odd, ptrdiff_t first, ptrdiff_t count,
                                   const float *image, float *v) {
    if (s->kind == STRIDED_X)
        tiles(STRIDED_X, s, first, count, image, v, odd ? STRIDED_X_odd : STRIDED_X_even);
    else
        tiles(STRIDED_DY_OF_WEIGHTS, s, first, count, image, v,
              odd ? STRIDED_DY_OF_WEIGHTS_odd : STRIDED_DY_OF_WEIGHTS_even);
}

/* One vector of channels of a tile's products, brought to the rows and columns of y inside of [from, to). */
ALWAYS_INLINE void transform_products(const int kind, const float *p, ptrdiff_t p_frequency, vf bias, vf low,
                                      ptrdiff_t row_from, ptrdiff_t row_to, ptrdiff_t column_from, ptrdiff_t column_to,
                                      float *y, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t lanes) {
    const int side = kind == STRIDED_X ? 4 : 8;
    vf half[8][PRODUCTS];
    for (int j = 0; j < PRODUCTS; j++) {
        vf column[PRODUCTS], out[8];
#pragma GCC unroll 9
        for (int i = 0; i < PRODUCTS; i++) column[i] = vload(p + (i * PRODUCTS + j) * p_frequency);
        from_products(kind, column, out);
#pragma GCC unroll 8
        for (int i = 0; i < side; i++) half[i][j] = out[i];
    }
    for (ptrdiff_t i = row_from; i < row_to; i++) {
        vf out[8];
        from_products(kind, half[i], out);
#pragma GCC unroll 8
        for (int j = 0; j < side; j++)
            if (j >= column_from && j < column_to) vstore_to(y + i * row + j * pixel, vmax(low, out[j] + bias), lanes);
    }
}

ALWAYS_INLINE void output(const int kind, const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count,
                          const float *p, const float *bias, float *y) {
    const ptrdiff_t side = kind == STRIDED_X ? 4 : 8, pixel = s->y_pixel, row = s->y_width * pixel;
    ptrdiff_t image = first / (s->tiles_down * s->tiles_across), tile = first % (s->tiles_down * s->tiles_across);
    ptrdiff_t down = tile / s->tiles_across, across = tile % s->tiles_across;
    vf low = vset1(s->low);
    for (ptrdiff_t t = 0; t < count; t++, p += s->p_tile) {
        ptrdiff_t top = down * side - s->y_top, left = across * side - s->y_left;
        ptrdiff_t row_from = top < 0 ? -top : 0, column_from = left < 0 ? -left : 0;
        ptrdiff_t row_to = s->y_height - top < side ? s->y_height - top : side;
        ptrdiff_t column_to = s->y_width - left < side ? s->y_width - left : side;
        float *to = y + (image * s->y_height + top) * row + left * pixel;
        for (ptrdiff_t k = 0; k < s->outputs; k += VL) {
            ptrdiff_t lanes = s->outputs - k < VL ? s->outputs - k : VL;
            vf start = bias ? vload_to(bias + k, lanes) : vzero();
            transform_products(kind, p + k, s->p_frequency, start, low, row_from, row_to, column_from, column_to,
                               to + k, row, pixel, lanes);
        }
        if (++across == s->tiles_across) {
            across = 0;
            if (++down == s->tiles_down) down = 0, image++;
        }
    }
}

void KERNEL(winograd_strided_output)(const struct winograd_strided_shape *s, ptrdiff_t first, ptrdiff_t count,
                                     const float *p, const float *bias, float *y) {
    if (s->kind == STRIDED_X)
        output(STRIDED_X, s, first, count, p, bias, y);
    else
        output(STRIDED_DY, s, first, count, p, bias, y);
}

/* G g: five of the outer taps, and the middle one. */
ALWAYS_INLINE void six_weights(const vf *g, vf *u) {
    vf sum = g[0] + g[2];
    u[0] = g[0] * 0.5f;
    u[1] = sum * -0.5f;
    u[2] = (g[0] - g[2]) * (-1 / 6.f);
    u[3] = (g[0] + 2 * g[2]) * (1 / 6.f);
    u[4] = g[2];
    u[5] = g[1];
}

/* U[6*6][channels][outputs], u_frequency and u_channel floats apart; w_tap and w_channel likewise. */
void KERNEL(winograd_strided_weights)(ptrdiff_t channels, ptrdiff_t outputs, const float *w, ptrdiff_t w_tap,
                                      ptrdiff_t w_channel, float *u, ptrdiff_t u_frequency, ptrdiff_t u_channel) {
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t k = 0; k < outputs; k += VL) {
            ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
            const float *from = w + c * w_channel + k;
            float *to = u + c * u_channel + k;
            vf half[6][3];
#pragma GCC unroll 3
            for (int j = 0; j < 3; j++) {
                vf column[3], out[6];
#pragma GCC unroll 3
                for (int i = 0; i < 3; i++) column[i] = vload_n(from + (3 * i + j) * w_tap, lanes);
                six_weights(column, out);
#pragma GCC unroll 6
                for (int i = 0; i < 6; i++) half[i][j] = out[i];
            }
#pragma GCC unroll 6
            for (int i = 0; i < 6; i++) {
                vf out[6];
                six_weights(half[i], out);
#pragma GCC unroll 6
                for (int j = 0; j < 6; j++) vstore(to + (i * 6 + j) * u_frequency, out[j]);
            }
        }
}

/* G^T u: three taps, `tap` floats apart, of six sums that lie `step` apart. What `pieces` hold is added up first. */
void KERNEL(winograd_strided_taps)(ptrdiff_t count, ptrdiff_t pieces, ptrdiff_t piece, const float *restrict sums,
                                   ptrdiff_t step, float *restrict out, ptrdiff_t tap) {
    for (ptrdiff_t e = 0; e < count; e += VL) {
        const ptrdiff_t lanes = count - e < VL ? count - e : VL;
        vf u[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++) {
            u[i] = vload_to(sums + i * step + e, lanes);
            for (ptrdiff_t p = 1; p < pieces; p++) u[i] += vload_to(sums + p * piece + i * step + e, lanes);
        }
        vf far = (u[3] - u[2]) * (1 / 6.f), near = u[1] * 0.5f;
        vstore_to(out + e, (far - near) + u[0] * 0.5f, lanes);
        vstore_to(out + tap + e, u[5], lanes);
        vstore_to(out + 2 * tap + e, ((u[2] + 2 * u[3]) * (1 / 6.f) - near) + u[4], lanes);
    }
}
