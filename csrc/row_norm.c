/* Normalisation of rows (layer and RMS normalisation), forward and gradient.
 *
 * Each row of `columns` contiguous floats is normalised by its own mean and variance or, if not `centered`, by its mean
 * square; gamma and beta have one value per column. A pass makes all sums over a row, about the mean of its first
 * vector, and a second one writes. The second pass of a row runs in one loop with the first pass of the next: so rows
 * flow in from memory while others are computed. Forward limited by memory; the gradient by stores to L1: those of
 * dgamma and dbeta, beside dx. */
#include "kernels.h"
#include "rows.h"

enum { CHAINS = 2 };

/* Sums over a row: of distances from the pivot, of their squares, and going backward of g = dy * gamma and of g times
 * the distance. */
struct row_sums {
    float pivot;
    vf distance[CHAINS], square[CHAINS], g[CHAINS], product[CHAINS];
};

/* A row that is summed; dy is NULL going forward. */
struct summed {
    const float *x, *dy, *gamma;
};

/* A row that is written: y = (x - mean) * inverse * gamma + beta; going backward share is the mean of g, and slope that
 * of g * (x - mean) by the variance. */
struct row {
    float mean, inverse, share, slope;
};

/* Sums of nothing yet. */
ALWAYS_INLINE struct row_sums no_sums(ptrdiff_t columns, int centered, const float *x) {
    struct row_sums s = {0};
    ptrdiff_t first = columns < VL ? columns : VL;
    if (centered && columns) s.pivot = vsum(vload_n(x, first)) / (float)first;
    return s;
}

ALWAYS_INLINE void add_terms(struct row_sums *s, int chain, ptrdiff_t lanes, vf pivot, struct summed row, ptrdiff_t c) {
    vf d = vload_to(row.x + c, lanes) - pivot;
    if (lanes < VL) d = vselect(vlane() < (int32_t)lanes, d, vzero());
    s->distance[chain] += d;
    s->square[chain] += d * d;
    if (row.dy) {
        vf g = vrounded(vload_to(row.dy + c, lanes) * vload_to(row.gamma + c, lanes));
        s->g[chain] += g;
        s->product[chain] += g * d;
    }
}

ALWAYS_INLINE float mean_of(const vf *chain, ptrdiff_t columns) {
    vf sum = chain[0];
    for (int i = 1; i < CHAINS; i++) sum += chain[i];
    return vsum(sum) / (float)columns;
}

ALWAYS_INLINE struct row row_of(const struct row_sums *s, ptrdiff_t columns, int centered, float epsilon, int back) {
    struct row row = {0};
    float offset = centered ? mean_of(s->distance, columns) : 0;
    float variance = mean_of(s->square, columns) - offset * offset;
    row.mean = s->pivot + offset;
    row.inverse = 1.0f / __builtin_sqrtf((variance < 0 ? 0 : variance) + epsilon);
    if (back) {
        float share = mean_of(s->g, columns);
        row.slope = (mean_of(s->product, columns) - offset * share) * row.inverse * row.inverse;
        row.share = centered ? share : 0;
    }
    return row;
}

ALWAYS_INLINE void normalize(ptrdiff_t lanes, struct row row, const float *x, const float *gamma, const float *beta,
                             float *y) {
    vf normal = (vload_to(x, lanes) - row.mean) * row.inverse;
    vstore_to(y, normal * vload_to(gamma, lanes) + vload_to(beta, lanes), lanes);
}

/* Writes one row and sums another; either may be left out. */
ALWAYS_INLINE void forward_pass(ptrdiff_t columns, const struct row *row, const float *x, const float *gamma,
                                const float *beta, float *y, struct row_sums *sums, const float *next) {
    struct summed summed = {next, NULL, NULL};
    vf pivot = sums ? vset1(sums->pivot) : vzero();
    ptrdiff_t c = 0;
    for (; c + CHAINS * VL <= columns; c += CHAINS * VL)
#pragma GCC unroll 2
        for (int i = 0; i < CHAINS; i++) {
            ptrdiff_t at = c + i * VL;
            if (sums) add_terms(sums, i, VL, pivot, summed, at);
            if (row) normalize(VL, *row, x + at, gamma + at, beta + at, y + at);
        }
    for (; c < columns; c += VL) {
        ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
        if (sums) add_terms(sums, 0, lanes, pivot, summed, c);
        if (row) normalize(lanes, *row, x + c, gamma + c, beta + c, y + c);
    }
}

/* y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; y may be x. */
void KERNEL(row_normalize)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *x,
                           const float *restrict gamma, const float *restrict beta, float *y) {
    if (rows == 0) return;
    struct row_sums sums = no_sums(columns, centered, x);
    forward_pass(columns, NULL, NULL, NULL, NULL, NULL, &sums, x);
    struct row row = row_of(&sums, columns, centered, epsilon, 0);
    for (; rows > 1; rows--, x += columns, y += columns) {
        sums = no_sums(columns, centered, x + columns);
        forward_pass(columns, &row, x, gamma, beta, y, &sums, x + columns);
        row = row_of(&sums, columns, centered, epsilon, 0);
    }
    forward_pass(columns, &row, x, gamma, beta, y, NULL, NULL);
}

ALWAYS_INLINE void step_back(ptrdiff_t lanes, struct row row, const float *dy, const float *x, const float *gamma,
                             float *dx, float *dgamma, float *dbeta) {
    vf d = vload_to(dy, lanes), from_mean = vload_to(x, lanes) - row.mean;
    vstore_to(dgamma, vload_to(dgamma, lanes) + d * (from_mean * row.inverse), lanes);
    vstore_to(dbeta, vload_to(dbeta, lanes) + d, lanes);
    vf g = vrounded(d * vload_to(gamma, lanes)) - row.share;
    vstore_to(dx, (g - from_mean * row.slope) * row.inverse, lanes);
}

/* Writes one row and sums another; either may be left out. */
ALWAYS_INLINE void backward_pass(ptrdiff_t columns, const struct row *row, const float *dy, const float *x,
                                 const float *gamma, float *dx, float *dgamma, float *dbeta, struct row_sums *sums,
                                 struct summed summed) {
    vf pivot = sums ? vset1(sums->pivot) : vzero();
    ptrdiff_t c = 0;
    for (; c + CHAINS * VL <= columns; c += CHAINS * VL)
#pragma GCC unroll 2
        for (int i = 0; i < CHAINS; i++) {
            ptrdiff_t at = c + i * VL;
            if (sums) add_terms(sums, i, VL, pivot, summed, at);
            if (row) step_back(VL, *row, dy + at, x + at, gamma + at, dx + at, dgamma + at, dbeta + at);
        }
    for (; c < columns; c += VL) {
        ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
        if (sums) add_terms(sums, 0, lanes, pivot, summed, c);
        if (row) step_back(lanes, *row, dy + c, x + c, gamma + c, dx + c, dgamma + c, dbeta + c);
    }
}

/* dx of each row, and dgamma and dbeta summed over the rows, row after row; dx may be dy or x. */
void KERNEL(row_normalize_gradient)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *dy,
                                    const float *x, const float *restrict gamma, float *dx, float *restrict dgamma,
                                    float *restrict dbeta) {
    memset(dgamma, 0, (size_t)columns * sizeof(float));
    memset(dbeta, 0, (size_t)columns * sizeof(float));
    if (rows == 0) return;
    struct summed first = {x, dy, gamma}, none = {0};
    struct row_sums sums = no_sums(columns, centered, x);
    backward_pass(columns, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &sums, first);
    struct row row = row_of(&sums, columns, centered, epsilon, 1);
    for (; rows > 1; rows--, x += columns, dx += columns, dy += columns) {
        struct summed next = {x + columns, dy + columns, gamma};
        sums = no_sums(columns, centered, x + columns);
        backward_pass(columns, &row, dy, x, gamma, dx, dgamma, dbeta, &sums, next);
        row = row_of(&sums, columns, centered, epsilon, 1);
    }
    backward_pass(columns, &row, dy, x, gamma, dx, dgamma, dbeta, NULL, none);
}
