/* Normalisation of channels (batch and group normalisation): statistics, normalised values, both steps of the gradient.
 *
 * Everything works on `rows` x `columns` floats, a column being a channel. A group of GROUP vectors of columns keeps
 * its coefficients, or sums, in registers while the rows pass. Contiguous rows narrower than a group, or no whole
 * number of vectors, are folded first: several side by side count as one wide row with its coefficients repeated, and
 * the parts of a wide sum are added at the end. Wider rows go by in the order of memory; for the statistics, which read
 * one array only, blocks of a few rows pass once for each group. Every sum has one order, from the first row to the
 * last. What a ReLU behind the normalisation let through is computed anew from x, by the very operations that made y,
 * so that the gradients read neither y nor a mask. Limited by memory.
 *
 * Coefficients are rows of `columns` floats: mean, scale = gamma / sqrt(variance + epsilon), beta; then, for the sums
 * of the gradient, 1 / sqrt(variance + epsilon), or for the gradient of x, slope and offset: what the statistics' own
 * dependence on x adds, (x - mean) * slope + offset. */
#include "kernels.h"
#include "simd.h"

enum { GROUP = VECTOR_REGISTERS == 32 ? 4 : 2, WIDEST = 32 * VL, BLOCK = 512 };
enum { MEAN, SCALE, BETA, INVERSE, SLOPE = INVERSE, OFFSET, COEFFICIENTS };

/* How many rows count as one: enough to make whole groups, if WIDEST floats can hold them. */
ALWAYS_INLINE ptrdiff_t fold_of(ptrdiff_t rows, ptrdiff_t columns) {
    ptrdiff_t fold = 1;
    if (columns < 1) return 1;
    while (fold * columns % (GROUP * VL) && 2 * fold * columns <= WIDEST) fold *= 2;
    return rows < 2 * fold ? 1 : fold;
}

/* `count` rows of coefficients, each repeated `fold` times. */
static void repeat(ptrdiff_t count, const float *k, ptrdiff_t columns, ptrdiff_t fold, float *wide) {
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t f = 0; f < fold; f++)
            for (ptrdiff_t c = 0; c < columns; c++) *wide++ = k[i * columns + c];
}

/* y[c] = wide[c] + wide[columns + c] + ... */
static void unfold(const float *wide, ptrdiff_t columns, ptrdiff_t fold, float *y) {
    for (ptrdiff_t c = 0; c < columns; c++) {
        float sum = wide[c];
        for (ptrdiff_t f = 1; f < fold; f++) sum += wide[f * columns + c];
        y[c] = sum;
    }
}

/* Calls STEP(vectors, column, row, count of rows, lanes) for groups of columns of blocks that cover all rows. */
#define FOR_BLOCKS(rows, columns, STEP)                                                                                \
    do {                                                                                                               \
        const ptrdiff_t block = (columns) == GROUP * VL ? (rows) : 1 + BLOCK / ((columns) + 1);                        \
        for (ptrdiff_t row = 0; row < (rows); row += block) {                                                          \
            const ptrdiff_t count = (rows) - row < block ? (rows) - row : block;                                       \
            ptrdiff_t c = 0;                                                                                           \
            for (; c + GROUP * VL <= (columns); c += GROUP * VL) STEP(GROUP, c, row, count, VL);                       \
            for (; c + VL <= (columns); c += VL) STEP(1, c, row, count, VL);                                           \
            if (c < (columns)) STEP(1, c, row, count, (columns) - c);                                                  \
        }                                                                                                              \
    } while (0)

/* The same in the order of memory. */
#define FOR_ROWS(rows, columns, STEP)                                                                                  \
    do {                                                                                                               \
        if ((columns) == GROUP * VL)                                                                                   \
            STEP(GROUP, 0, 0, rows, VL);                                                                               \
        else                                                                                                           \
            for (ptrdiff_t row = 0; row < (rows); row++) {                                                             \
                ptrdiff_t c = 0;                                                                                       \
                for (; c + VL <= (columns); c += VL) STEP(1, c, row, 1, VL);                                           \
                if (c < (columns)) STEP(1, c, row, 1, (columns) - c);                                                  \
            }                                                                                                          \
    } while (0)

/* Adds x - shift and its square. */
ALWAYS_INLINE void add_moments(const int vectors, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t lanes, const float *x,
                               const float *shift, float *sum, float *squares) {
    vf from[GROUP], s[GROUP], q[GROUP];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        from[v] = vload_n(shift + v * VL, lanes);
        s[v] = vload_n(sum + v * VL, lanes);
        q[v] = vload_n(squares + v * VL, lanes);
    }
    for (; rows > 0; rows--, x += stride)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            vf d = vload_n(x + v * VL, lanes) - from[v];
            s[v] += d;
            q[v] += d * d;
        }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        vstore_n(sum + v * VL, s[v], lanes);
        vstore_n(squares + v * VL, q[v], lanes);
    }
}

static void moments(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *x, const float *shift, float *sum,
                    float *squares) {
#define STEP(vectors, c, row, count, lanes)                                                                            \
    add_moments(vectors, count, stride, lanes, x + (row) * stride + (c), shift + (c), sum + (c), squares + (c))
    FOR_BLOCKS(rows, columns, STEP);
#undef STEP
}

/* mean[c] of the rows, at least one, and squares[c], the sum of their squared distances from it. Rows are `stride`
 * floats apart. Summed relative to the first row, so that a mean far from 0 costs no digits. */
void KERNEL(channel_statistics)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *restrict x,
                                float *restrict mean, float *restrict squares) {
    const ptrdiff_t fold = stride == columns ? fold_of(rows, columns) : 1, wide = fold * columns;
    if (fold == 1) {
        memset(mean, 0, (size_t)columns * sizeof(float));
        memset(squares, 0, (size_t)columns * sizeof(float));
        moments(rows, columns, stride, x, x, mean, squares);
    } else {
        float shift[WIDEST], sum[WIDEST] = {0}, square[WIDEST] = {0};
        repeat(1, x, columns, fold, shift);
        moments(rows / fold, wide, wide, x, shift, sum, square);
        moments(1, rows % fold * columns, wide, x + rows / fold * wide, shift, sum, square);
        unfold(sum, columns, fold, mean);
        unfold(square, columns, fold, squares);
    }
    for (ptrdiff_t c = 0; c < columns; c++) {
        float d = mean[c] / (float)rows, rest = squares[c] - mean[c] * d;
        squares[c] = rest < 0 ? 0 : rest;
        mean[c] = x[c] + d;
    }
}

/* The statistics of pieces put together: piece i, of weights[i] rows, has its means at pieces[i * piece] and its sums
 * of squares half a piece on. */
void KERNEL(merge_statistics)(ptrdiff_t count, ptrdiff_t columns, ptrdiff_t piece, const float *restrict weights,
                              const float *restrict pieces, float *restrict mean, float *restrict variance) {
    float total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += weights[i];
    for (ptrdiff_t c = 0; c < columns; c += VL) {
        const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
        const vf start = count ? vload_n(pieces + c, lanes) : vzero();
        vf sum = vzero(), square = vzero();
        for (ptrdiff_t i = 1; i < count; i++) sum += (vload_n(pieces + i * piece + c, lanes) - start) * weights[i];
        const vf center = start + sum / total;
        for (ptrdiff_t i = 0; i < count; i++) {
            vf d = vload_n(pieces + i * piece + c, lanes) - center;
            square += vload_n(pieces + i * piece + piece / 2 + c, lanes) + d * d * weights[i];
        }
        vstore_n(mean + c, center, lanes);
        vstore_n(variance + c, square / total, lanes);
    }
}

/* The coefficients of the header. With the sums dgamma and dbeta over `rows` rows: slope and offset; without (NULL):
 * the inverse. */
void KERNEL(channel_coefficients)(ptrdiff_t columns, float epsilon, const float *restrict mean,
                                  const float *restrict variance, const float *restrict gamma,
                                  const float *restrict beta, const float *restrict dgamma, const float *restrict dbeta,
                                  float rows, float *restrict k) {
    for (ptrdiff_t c = 0; c < columns; c += VL) {
        const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
        const vf inverse = 1.0f / vsqrt(vload_n(variance + c, lanes) + epsilon);
        const vf scale = vload_n(gamma + c, lanes) * inverse;
        vstore_n(k + MEAN * columns + c, vload_n(mean + c, lanes), lanes);
        vstore_n(k + SCALE * columns + c, scale, lanes);
        vstore_n(k + BETA * columns + c, vload_n(beta + c, lanes), lanes);
        if (dgamma) {
            vstore_n(k + SLOPE * columns + c, -scale * inverse * vload_n(dgamma + c, lanes) / rows, lanes);
            vstore_n(k + OFFSET * columns + c, -scale * vload_n(dbeta + c, lanes) / rows, lanes);
        } else {
            vstore_n(k + INVERSE * columns + c, inverse, lanes);
        }
    }
}

/* The normalised value before the activation. Forward and gradients share it: their signs must agree to the bit. */
ALWAYS_INLINE vf normal_of(vf x, vf mean, vf scale, vf beta) { return (x - mean) * scale + beta; }

/* dy where the ReLU let it through. */
ALWAYS_INLINE vf passed(vf dy, vf normal) { return vselect(normal > 0.0f, dy, vzero()); }

ALWAYS_INLINE void normalize(const int vectors, const int relu, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t lanes,
                             const float *x, const float *k, ptrdiff_t columns, float *y) {
    vf mean[GROUP], scale[GROUP], beta[GROUP];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        mean[v] = vload_n(k + MEAN * columns + v * VL, lanes);
        scale[v] = vload_n(k + SCALE * columns + v * VL, lanes);
        beta[v] = vload_n(k + BETA * columns + v * VL, lanes);
    }
    for (; rows > 0; rows--, x += stride, y += stride)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            vf value = normal_of(vload_n(x + v * VL, lanes), mean[v], scale[v], beta[v]);
            vstore_n(y + v * VL, relu ? vmax(vzero(), value) : value, lanes);
        }
}

/* `columns` of each row; coefficients lie `apart`. */
ALWAYS_INLINE void normalize_rows(const int relu, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t apart, const float *x,
                                  const float *k, float *y) {
#define STEP(vectors, c, row, count, lanes)                                                                            \
    normalize(vectors, relu, count, columns, lanes, x + (row) * columns + (c), k + (c), apart,                         \
              y + (row) * columns + (c))
    FOR_ROWS(rows, columns, STEP);
#undef STEP
}

ALWAYS_INLINE void normalize_folded(const int relu, ptrdiff_t rows, ptrdiff_t columns, const float *x, const float *k,
                                    float *y) {
    const ptrdiff_t fold = fold_of(rows, columns), wide = fold * columns, done = rows / fold * wide;
    if (fold == 1) {
        normalize_rows(relu, rows, columns, columns, x, k, y);
        return;
    }
    float repeated[3 * WIDEST];
    repeat(3, k, columns, fold, repeated);
    normalize_rows(relu, rows / fold, wide, wide, x, repeated, y);
    normalize_rows(relu, 1, rows * columns - done, wide, x + done, repeated, y + done);
}

/* y = (x - mean) * scale + beta, then ReLU if `relu`; y may be x. */
void KERNEL(channel_normalize)(ptrdiff_t rows, ptrdiff_t columns, int relu, const float *x, const float *restrict k,
                               float *y) {
    if (relu)
        normalize_folded(1, rows, columns, x, k, y);
    else
        normalize_folded(0, rows, columns, x, k, y);
}

/* Adds dz (x - mean) and dz, where dz is dy as the ReLU lets it through. */
ALWAYS_INLINE void add_gradient_sums(const int vectors, const int relu, ptrdiff_t rows, ptrdiff_t stride,
                                     ptrdiff_t lanes, const float *dy, const float *x, const float *k,
                                     ptrdiff_t columns, float *product, float *sum) {
    vf mean[GROUP], scale[GROUP], beta[GROUP], p[GROUP], s[GROUP];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        mean[v] = vload_n(k + MEAN * columns + v * VL, lanes);
        scale[v] = vload_n(k + SCALE * columns + v * VL, lanes);
        beta[v] = vload_n(k + BETA * columns + v * VL, lanes);
        p[v] = vload_n(product + v * VL, lanes);
        s[v] = vload_n(sum + v * VL, lanes);
    }
    for (; rows > 0; rows--, dy += stride, x += stride)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            vf value = vload_n(x + v * VL, lanes), dz = vload_n(dy + v * VL, lanes);
            if (relu) dz = passed(dz, normal_of(value, mean[v], scale[v], beta[v]));
            p[v] += dz * (value - mean[v]);
            s[v] += dz;
        }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        vstore_n(product + v * VL, p[v], lanes);
        vstore_n(sum + v * VL, s[v], lanes);
    }
}

ALWAYS_INLINE void gradient_sums(const int relu, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t apart, const float *dy,
                                 const float *x, const float *k, float *product, float *sum) {
#define STEP(vectors, c, row, count, lanes)                                                                            \
    add_gradient_sums(vectors, relu, count, columns, lanes, dy + (row) * columns + (c), x + (row) * columns + (c),     \
                      k + (c), apart, product + (c), sum + (c))
    FOR_ROWS(rows, columns, STEP);
#undef STEP
}

ALWAYS_INLINE void gradient_sums_folded(const int relu, ptrdiff_t rows, ptrdiff_t columns, const float *dy,
                                        const float *x, const float *k, float *dgamma, float *dbeta) {
    const ptrdiff_t fold = fold_of(rows, columns), wide = fold * columns, done = rows / fold * wide;
    if (fold == 1) {
        memset(dgamma, 0, (size_t)columns * sizeof(float));
        memset(dbeta, 0, (size_t)columns * sizeof(float));
        gradient_sums(relu, rows, columns, columns, dy, x, k, dgamma, dbeta);
    } else {
        float repeated[3 * WIDEST], product[WIDEST] = {0}, sum[WIDEST] = {0};
        repeat(3, k, columns, fold, repeated);
        gradient_sums(relu, rows / fold, wide, wide, dy, x, repeated, product, sum);
        gradient_sums(relu, 1, rows * columns - done, wide, dy + done, x + done, repeated, product, sum);
        unfold(product, columns, fold, dgamma);
        unfold(sum, columns, fold, dbeta);
    }
    for (ptrdiff_t c = 0; c < columns; c++) dgamma[c] *= k[INVERSE * columns + c];
}

/* dbeta[c] = sum of dz, dgamma[c] = sum of dz times the normalised x, where dz is dy as the ReLU lets it through. */
void KERNEL(channel_gradient_sums)(ptrdiff_t rows, ptrdiff_t columns, int relu, const float *restrict dy,
                                   const float *restrict x, const float *restrict k, float *restrict dgamma,
                                   float *restrict dbeta) {
    if (relu)
        gradient_sums_folded(1, rows, columns, dy, x, k, dgamma, dbeta);
    else
        gradient_sums_folded(0, rows, columns, dy, x, k, dgamma, dbeta);
}

ALWAYS_INLINE void input_gradient(const int vectors, const int relu, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t lanes,
                                  const float *dy, const float *x, const float *k, ptrdiff_t columns, float *dx) {
    vf mean[GROUP], scale[GROUP], beta[GROUP], slope[GROUP], offset[GROUP];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        mean[v] = vload_n(k + MEAN * columns + v * VL, lanes);
        scale[v] = vload_n(k + SCALE * columns + v * VL, lanes);
        beta[v] = vload_n(k + BETA * columns + v * VL, lanes);
        slope[v] = vload_n(k + SLOPE * columns + v * VL, lanes);
        offset[v] = vload_n(k + OFFSET * columns + v * VL, lanes);
    }
    for (; rows > 0; rows--, dy += stride, x += stride, dx += stride)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            vf value = vload_n(x + v * VL, lanes), dz = vload_n(dy + v * VL, lanes);
            if (relu) dz = passed(dz, normal_of(value, mean[v], scale[v], beta[v]));
            vstore_n(dx + v * VL, dz * scale[v] + ((value - mean[v]) * slope[v] + offset[v]), lanes);
        }
}

ALWAYS_INLINE void input_gradient_rows(const int relu, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t apart,
                                       const float *dy, const float *x, const float *k, float *dx) {
#define STEP(vectors, c, row, count, lanes)                                                                            \
    input_gradient(vectors, relu, count, columns, lanes, dy + (row) * columns + (c), x + (row) * columns + (c),        \
                   k + (c), apart, dx + (row) * columns + (c))
    FOR_ROWS(rows, columns, STEP);
#undef STEP
}

ALWAYS_INLINE void input_gradient_folded(const int relu, ptrdiff_t rows, ptrdiff_t columns, const float *dy,
                                         const float *x, const float *k, float *dx) {
    const ptrdiff_t fold = fold_of(rows, columns), wide = fold * columns, done = rows / fold * wide;
    if (fold == 1) {
        input_gradient_rows(relu, rows, columns, columns, dy, x, k, dx);
        return;
    }
    float repeated[COEFFICIENTS * WIDEST];
    repeat(COEFFICIENTS, k, columns, fold, repeated);
    input_gradient_rows(relu, rows / fold, wide, wide, dy, x, repeated, dx);
    input_gradient_rows(relu, 1, rows * columns - done, wide, dy + done, x + done, repeated, dx + done);
}

/* dx = dz * scale + (x - mean) * slope + offset, where dz is dy as the ReLU lets it through; dx may be dy or x. */
void KERNEL(channel_input_gradient)(ptrdiff_t rows, ptrdiff_t columns, int relu, const float *dy, const float *x,
                                    const float *restrict k, float *dx) {
    if (relu)
        input_gradient_folded(1, rows, columns, dy, x, k, dx);
    else
        input_gradient_folded(0, rows, columns, dy, x, k, dx);
}
