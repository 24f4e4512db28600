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

/* y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; y may be x. */
void KERNEL(row_normalize)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *x,
                           const float *restrict gamma, const float *restrict beta, float *y) {
    for (; rows > 0; rows--, x += columns, y += columns) {
        float mean, inverse;
        statistics(columns, centered, epsilon, x, &mean, &inverse);
        for (ptrdiff_t c = 0; c < columns; c += VL) {
            const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
            vf normal = (vload_n(x + c, lanes) - mean) * inverse;
            vstore_n(y + c, normal * vload_n(gamma + c, lanes) + vload_n(beta + c, lanes), lanes);
        }
    }
}

/* dx of each row, and dgamma and dbeta summed over the rows, row after row; dx may be dy or x. */
void KERNEL(row_normalize_gradient)(ptrdiff_t rows, ptrdiff_t columns, int centered, float epsilon, const float *dy,
                                    const float *x, const float *restrict gamma, float *dx, float *restrict dgamma,
                                    float *restrict dbeta) {
    memset(dgamma, 0, (size_t)columns * sizeof(float));
    memset(dbeta, 0, (size_t)columns * sizeof(float));
    for (; rows > 0; rows--, dy += columns, x += columns, dx += columns) {
        float mean, inverse, sum = 0, product;
        statistics(columns, centered, epsilon, x, &mean, &inverse);
#define LOAD_G(c, lanes) (vload_n(dy + (c), lanes) * vload_n(gamma + (c), lanes))
#define LOAD_PRODUCT(c, lanes) (LOAD_G(c, lanes) * (vload_n(x + (c), lanes) - mean))
        if (centered) ROW_SUM(sum, columns, LOAD_G);
        ROW_SUM(product, columns, LOAD_PRODUCT);
#undef LOAD_G
#undef LOAD_PRODUCT
        const float share = sum / (float)columns, slope = product * inverse * inverse / (float)columns;
        for (ptrdiff_t c = 0; c < columns; c += VL) {
            const ptrdiff_t lanes = columns - c < VL ? columns - c : VL;
            vf d = vload_n(dy + c, lanes), from_mean = vload_n(x + c, lanes) - mean;
            vstore_n(dgamma + c, vload_n(dgamma + c, lanes) + d * (from_mean * inverse), lanes);
            vstore_n(dbeta + c, vload_n(dbeta + c, lanes) + d, lanes);
            vf g = vrounded(d * vload_n(gamma + c, lanes)) - share;
            vstore_n(dx + c, (g - from_mean * slope) * inverse, lanes);
        }
    }
}
