/* Metrics: accuracy of rows of `columns` classes or of binary outputs, and running sums in double precision. */
#include "kernels.h"
#include "rows.h"

/* Position of the first maximum of a row; NaN counts as the largest, as in NumPy. 0 for an empty row. */
static ptrdiff_t row_argmax(ptrdiff_t columns, const float *x) {
    vf best = vset1(-__builtin_inff());
    vi position = vlane(), at = vlane();
    for (ptrdiff_t c = 0; c < columns; c += VL, at += VL) {
        ptrdiff_t n = columns - c;
        vf value = n >= VL ? vload(x + c) : vload_fill(x + c, n, -__builtin_inff());
        vi take = better(value, best);
        best = vselect(take, value, best);
        position = vselect_i(take, at, position);
    }
    float value[VL];
    int32_t number[VL];
    vstore(value, best);
    vstore_i(number, position);
    int first = 0;
    for (int i = 1; i < VL; i++) {
        int same = value[i] == value[first] || (value[i] != value[i] && value[first] != value[first]);
        int larger = value[first] == value[first] && !(value[i] <= value[first]);
        if (same ? number[i] < number[first] : larger) first = i;
    }
    return number[first];
}

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

/* state[0] += sum of n values, state[1] += n; a NaN or an infinity stays in the sum. */
void KERNEL(accumulate)(ptrdiff_t n, const float *values, double *state) {
    enum { CHAINS = 8 }; /* the same on every instruction set, and so is the sum */
    double sum[CHAINS] = {0};
    ptrdiff_t i = 0;
    for (; i + CHAINS <= n; i += CHAINS)
        for (int q = 0; q < CHAINS; q++) sum[q] += (double)values[i + q];
    for (; i < n; i++) sum[i % CHAINS] += (double)values[i];
    double total = 0;
    for (int q = 0; q < CHAINS; q++) total += sum[q];
    state[0] += total;
    state[1] += (double)n;
}
