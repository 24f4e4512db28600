/* Normalisation of rows (layer and RMS normalisation), forward and gradient.
 *
 * Each row of `columns` contiguous floats is normalised by its own mean and variance or, if not `centered`, by its mean
 * square; gamma and beta have one value per column. A row is in L1 after its first pass; sums over it have CHAINS
 * vectors in a fixed order. Limited by memory. */
#include "kernels.h"
#include "rows.h"

enum { CHAINS = 4 };

/* Sum of f(column) over a row, where LOAD(c, lanes) gives a vector of terms; lanes that do not exist must be zero. */
#define ROW_SUM(result, columns, LOAD)                                                                                 \
    do {                                                                                                               \
        vf chain[CHAINS] = {vzero()};                                                                                  \
        ptrdiff_t c = 0;                                                                                               \
        for (; c + CHAINS * VL <= (columns); c += CHAINS * VL) {                                                       \
            chain[0] += LOAD(c, VL);                                                                                   \
            chain[1] += LOAD(c + VL, VL);                                                                              \
            chain[2] += LOAD(c + 2 * VL, VL);                                                                          \
            chain[3] += LOAD(c + 3 * VL, VL);                                                                          \
        }                                                                                                              \
        for (; c + VL <= (columns); c += VL) chain[0] += LOAD(c, VL);                                                  \
        if (c < (columns)) chain[1] += LOAD(c, (columns) - c);                                                         \
        (result) = vsum((chain[0] + chain[1]) + (chain[2] + chain[3]));                                                \
    } while (0)

/* Squared distance from a value, 0 in lanes that do not exist. */
ALWAYS_INLINE vf distance(const float *x, ptrdiff_t lanes, float mean) {
    vf d = vload_n(x, lanes) - mean;
    if (lanes < VL) d = vselect(vlane() < (int32_t)lanes, d, vzero());
    return d * d;
}

/* The mean that a row is normalised by (0 if not `centered`) and 1 / sqrt(variance + epsilon). */
ALWAYS_INLINE void statistics(ptrdiff_t columns, int centered, float epsilon, const float *x, float *mean,
                              float *inverse) {
    float center = 0, squares;
#define LOAD_X(c, lanes) vload_n(x + (c), lanes)
#define LOAD_DISTANCE(c, lanes) distance(x + (c), lanes, center)
    if (centered) {
        ROW_SUM(center, columns, LOAD_X);
        center /= (float)columns;
    }
    ROW_SUM(squares, columns, LOAD_DISTANCE);
#undef LOAD_X
#undef LOAD_DISTANCE
    *mean = center;
    *inverse = 1.0f / __builtin_sqrtf(squares / (float)columns + epsilon);
}

ALWAYS_INLINE void normalize(ptrdiff_t lanes, float mean, float inverse, const float *x, const float *gamma,
                             const float *beta, float *y) {
    vf normal = (vload_n(x, lanes) - mean) * inverse;
    vstore_n(y, normal * vload_n(gamma, lanes) + vload_n(beta, lanes), lanes);
}

/* y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; y may be x. */
void KERNEL(row_normalize)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *x,
                           const float *restrict gamma, const float *restrict beta, float *y) {
    for (; rows > 0; rows--, x += columns, y += columns) {
        float mean, inverse;
        statistics(columns, centered, epsilon, x, &mean, &inverse);
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) normalize(VL, mean, inverse, x + c, gamma + c, beta + c, y + c);
        if (c < columns) normalize(columns - c, mean, inverse, x + c, gamma + c, beta + c, y + c);
    }
}

/* A row of the gradient: what its steps share. */
struct slopes {
    float mean, inverse, share, slope;
};

/* Adds g = dy * gamma and g * (x - mean). */
ALWAYS_INLINE void add_terms(ptrdiff_t lanes, const float *dy, const float *x, const float *gamma, float mean, vf *sum,
                             vf *product) {
    vf g = vrounded(vload_n(dy, lanes) * vload_n(gamma, lanes));
    *sum += g;
    *product += g * (vload_n(x, lanes) - mean);
}

ALWAYS_INLINE void step_back(ptrdiff_t lanes, struct slopes s, const float *dy, const float *x, const float *gamma,
                             float *dx, float *dgamma, float *dbeta) {
    vf d = vload_n(dy, lanes), from_mean = vload_n(x, lanes) - s.mean;
    vstore_n(dgamma, vload_n(dgamma, lanes) + d * (from_mean * s.inverse), lanes);
    vstore_n(dbeta, vload_n(dbeta, lanes) + d, lanes);
    vf g = vrounded(d * vload_n(gamma, lanes)) - s.share;
    vstore_n(dx, (g - from_mean * s.slope) * s.inverse, lanes);
}

/* dx of each row, and dgamma and dbeta summed over the rows, row after row; dx may be dy or x. */
void KERNEL(row_normalize_gradient)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *dy,
                                    const float *x, const float *restrict gamma, float *dx, float *restrict dgamma,
                                    float *restrict dbeta) {
    memset(dgamma, 0, (size_t)columns * sizeof(float));
    memset(dbeta, 0, (size_t)columns * sizeof(float));
    for (; rows > 0; rows--, dy += columns, x += columns, dx += columns) {
        struct slopes s;
        vf sum[2] = {vzero(), vzero()}, product[2] = {vzero(), vzero()};
        statistics(columns, centered, epsilon, x, &s.mean, &s.inverse);
        ptrdiff_t c = 0;
        for (; c + 2 * VL <= columns; c += 2 * VL) {
            add_terms(VL, dy + c, x + c, gamma + c, s.mean, &sum[0], &product[0]);
            add_terms(VL, dy + c + VL, x + c + VL, gamma + c + VL, s.mean, &sum[1], &product[1]);
        }
        for (; c < columns; c += VL) {
            ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
            add_terms(lanes, dy + c, x + c, gamma + c, s.mean, &sum[0], &product[0]);
        }
        s.share = centered ? vsum(sum[0] + sum[1]) / (float)columns : 0;
        s.slope = vsum(product[0] + product[1]) * s.inverse * s.inverse / (float)columns;
        for (c = 0; c + VL <= columns; c += VL)
            step_back(VL, s, dy + c, x + c, gamma + c, dx + c, dgamma + c, dbeta + c);
        if (c < columns) step_back(columns - c, s, dy + c, x + c, gamma + c, dx + c, dgamma + c, dbeta + c);
    }
}
