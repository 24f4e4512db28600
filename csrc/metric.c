/* Metrics: accuracy of rows of `columns` classes or of binary outputs, and running sums in double precision. */
#include "kernels.h"
#include "rows.h"

/* y[r] = 1 where the largest output of a row is that of its label, else 0 */
void KERNEL(accuracy_sparse)(ptrdiff_t rows, ptrdiff_t columns, const int32_t *target, const float *output, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, output += columns) y[r] = row_argmax(columns, output) == target[r];
}

void KERNEL(accuracy_dense)(ptrdiff_t rows, ptrdiff_t columns, const float *target, const float *output, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, output += columns)
        y[r] = row_argmax(columns, output) == row_argmax(columns, target);
}

/* y[r] = share of the columns where (output > threshold) equals the target */
void KERNEL(binary_accuracy)(ptrdiff_t rows, ptrdiff_t columns, float threshold, const float *target,
                             const float *output, float *y) {
    for (ptrdiff_t r = 0; r < rows; r++, target += columns, output += columns) {
        ptrdiff_t right = 0;
        for (ptrdiff_t c = 0; c < columns; c++) right += (float)(output[c] > threshold) == target[c];
        y[r] = (float)right / (float)columns;
    }
}

/* state[0] += sum of n values, state[1] += n; with weights: += sum of values times weights, += sum of weights.
 * A NaN or an infinity stays in the sum. */
void KERNEL(accumulate)(ptrdiff_t n, const float *values, const float *weights, double *state) {
    enum { CHAINS = 8 }; /* the same on every instruction set, and so is the sum */
    double sum[CHAINS] = {0}, weight[CHAINS] = {0};
    ptrdiff_t i = 0;
    if (weights) {
        for (; i < n; i++) {
            sum[i % CHAINS] += (double)values[i] * (double)weights[i];
            weight[i % CHAINS] += (double)weights[i];
        }
    } else {
        for (; i + CHAINS <= n; i += CHAINS)
            for (int q = 0; q < CHAINS; q++) sum[q] += (double)values[i + q];
        for (; i < n; i++) sum[i % CHAINS] += (double)values[i];
        weight[0] = (double)n;
    }
    double total = 0, count = 0;
    for (int q = 0; q < CHAINS; q++) total += sum[q], count += weight[q];
    state[0] += total;
    state[1] += count;
}

/* state[i] += values[i] */
void KERNEL(add_to_doubles)(ptrdiff_t n, const float *values, double *state) {
    for (ptrdiff_t i = 0; i < n; i++) state[i] += (double)values[i];
}
