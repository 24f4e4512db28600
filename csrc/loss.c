/* Cross-entropy of rows of `columns` classes: from probabilities and, fused with softmax, from logits.
 *
 * A sparse target is a class number per row, a dense one a weight per class. A class number outside the row gives a
 * loss and gradients that are NaN; nothing is read there. Probabilities are clipped to [EPSILON, 1 - EPSILON] before
 * the logarithm; no gradient passes where they were clipped. */
#include "kernels.h"
#include "rows.h"

#define EPSILON 1e-7f
#define NOT_A_NUMBER __builtin_nanf("")

ALWAYS_INLINE int inside(int32_t label, ptrdiff_t columns) { return label >= 0 && label < columns; }

ALWAYS_INLINE vf clip(vf p) { return vmin(vset1(1.0f - EPSILON), vmax(vset1(EPSILON), p)); }

ALWAYS_INLINE float clip_1(float p) { return p < EPSILON ? EPSILON : p > 1.0f - EPSILON ? 1.0f - EPSILON : p; }

/* Lanes that clipping leaves alone. */
ALWAYS_INLINE vi unclipped(vf p) { return (p >= EPSILON) & (p <= 1.0f - EPSILON); }

static void fill(ptrdiff_t n, float value, float *y) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = value;
}

/* loss = log(sum(exp(x))) - x[label] */
void KERNEL(softmax_cross_entropy_sparse)(ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *logits,
                                          float *loss, float *probabilities) {
    for (ptrdiff_t r = 0; r < rows; r++, logits += columns, probabilities += columns) {
        float most = row_max(columns, logits);
        float sum = row_exp(columns, logits, most, probabilities);
        row_divide(columns, sum, probabilities);
        loss[r] = inside(target[r], columns) ? log_of(sum) - (logits[target[r]] - most) : NOT_A_NUMBER;
    }
}

/* loss = sum(target (log(sum(exp(x))) - x)) */
void KERNEL(softmax_cross_entropy_dense)(ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *logits,
                                         float *loss, float *probabilities) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, logits += columns, probabilities += columns) {
        float most = row_max(columns, logits);
        float sum = row_exp(columns, logits, most, probabilities);
        row_divide(columns, sum, probabilities);
        float log_sum = log_of(sum);
        vf total = vzero();
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) total += vload(target + c) * (log_sum - (vload(logits + c) - most));
        if (c < columns) {
            ptrdiff_t n = columns - c;
            vf term = vload_n(target + c, n) * (log_sum - (vload_n(logits + c, n) - most));
            total += vselect(vlane() < (int32_t)n, term, vzero());
        }
        loss[r] = vsum(total);
    }
}

/* dx = dloss (p - one_hot(label)) */
void KERNEL(softmax_cross_entropy_gradient_sparse)(ptrdiff_t rows, ptrdiff_t columns, const int32_t *target,
                                                   const float *probabilities, const float *dloss, float *dlogits) {
    for (ptrdiff_t r = 0; r < rows; r++, probabilities += columns, dlogits += columns) {
        if (!inside(target[r], columns)) {
            fill(columns, NOT_A_NUMBER, dlogits);
            continue;
        }
        float right = dloss[r] * (probabilities[target[r]] - 1.0f); /* before the output, which may be the input */
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) vstore(dlogits + c, dloss[r] * vload(probabilities + c));
        if (c < columns) vstore_n(dlogits + c, dloss[r] * vload_n(probabilities + c, columns - c), columns - c);
        dlogits[target[r]] = right;
    }
}

/* dx = dloss (p sum(target) - target) */
void KERNEL(softmax_cross_entropy_gradient_dense)(ptrdiff_t rows, ptrdiff_t columns, const float *target,
                                                  const float *probabilities, const float *dloss, float *dlogits) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, probabilities += columns, dlogits += columns) {
        float sum = row_sum(columns, target);
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL)
            vstore(dlogits + c, dloss[r] * (vload(probabilities + c) * sum - vload(target + c)));
        ptrdiff_t n = columns - c;
        if (n > 0) vstore_n(dlogits + c, dloss[r] * (vload_n(probabilities + c, n) * sum - vload_n(target + c, n)), n);
    }
}

/* loss = -log(clip(p[label] / sum(p))) */
void KERNEL(cross_entropy_sparse)(ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *probabilities,
                                  float *loss) {
    for (ptrdiff_t r = 0; r < rows; r++, probabilities += columns)
        loss[r] = inside(target[r], columns)
                      ? -log_of(clip_1(probabilities[target[r]] / row_sum(columns, probabilities)))
                      : NOT_A_NUMBER;
}

/* loss = -sum(target log(clip(p / sum(p)))) */
void KERNEL(cross_entropy_dense)(ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *probabilities,
                                 float *loss) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, probabilities += columns) {
        float sum = row_sum(columns, probabilities);
        vf total = vzero();
        ptrdiff_t c = 0;
        for (; c + VL <= columns; c += VL) total -= vload(target + c) * vlog(clip(vload(probabilities + c) / sum));
        if (c < columns) {
            ptrdiff_t n = columns - c;
            vf term = vload_n(target + c, n) * vlog(clip(vload_n(probabilities + c, n) / sum));
            total -= vselect(vlane() < (int32_t)n, term, vzero());
        }
        loss[r] = vsum(total);
    }
}

/* Where p[label] / sum(p) is not clipped: dp = dloss / sum(p), less dloss / p[label] at the label; else zero */
void KERNEL(cross_entropy_gradient_sparse)(ptrdiff_t rows, ptrdiff_t columns, const int32_t *target,
                                           const float *probabilities, const float *dloss, float *dprobabilities) {
    for (ptrdiff_t r = 0; r < rows; r++, probabilities += columns, dprobabilities += columns) {
        if (!inside(target[r], columns)) {
            fill(columns, NOT_A_NUMBER, dprobabilities);
            continue;
        }
        float p = probabilities[target[r]], sum = row_sum(columns, probabilities), q = p / sum;
        int clipped = q < EPSILON || q > 1.0f - EPSILON;
        fill(columns, clipped ? 0.0f : dloss[r] / sum, dprobabilities);
        if (!clipped) dprobabilities[target[r]] -= dloss[r] / p;
    }
}

/* With q = p / sum(p) and dq = -dloss target / q where q is not clipped: dp = (dq - sum(dq q)) / sum(p) */
void KERNEL(cross_entropy_gradient_dense)(ptrdiff_t rows, ptrdiff_t columns, const float *target,
                                          const float *probabilities, const float *dloss, float *dprobabilities) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, probabilities += columns, dprobabilities += columns) {
        float sum = row_sum(columns, probabilities);
        vf dot = vzero(); /* of dq and q */
        for (ptrdiff_t c = 0; c < columns; c += VL) {
            ptrdiff_t n = columns - c < VL ? columns - c : VL;
            vf q = vload_n(probabilities + c, n) / sum, t = vload_n(target + c, n);
            vf dq = vselect(unclipped(q) | (q != q), -dloss[r] * t / q, vzero());
            dot += vselect(vlane() < (int32_t)n, dq * q, vzero());
        }
        float shift = vsum(dot);
        for (ptrdiff_t c = 0; c < columns; c += VL) {
            ptrdiff_t n = columns - c < VL ? columns - c : VL;
            vf q = vload_n(probabilities + c, n) / sum, t = vload_n(target + c, n);
            vf dq = vselect(unclipped(q) | (q != q), -dloss[r] * t / q, vzero());
            vstore_n(dprobabilities + c, (dq - shift) / sum, n);
        }
    }
}
