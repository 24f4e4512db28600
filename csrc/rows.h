/* Steps on one row of `columns` floats that softmax, losses and metrics share. */
#ifndef FASTCNN_ROWS_H
#define FASTCNN_ROWS_H

#include "simd_math.h"

static const int32_t lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

ALWAYS_INLINE vi vlane(void) { return vload_i(lane_numbers); }

/* The first n lanes from memory, the others filled. */
ALWAYS_INLINE vf vload_fill(const float *p, ptrdiff_t n, float fill) {
    return vselect(vlane() < (int32_t)n, vload_n(p, n), vset1(fill));
}

ALWAYS_INLINE float log_of(float x) { return vlog(vset1(x))[0]; }

/* Largest of a row; one that is NaN may be passed over. */
ALWAYS_INLINE float row_max(ptrdiff_t columns, const float *x) {
    vf most = vset1(-__builtin_inff());
    ptrdiff_t c = 0;
    for (; c + VL <= columns; c += VL) most = vmax(most, vload(x + c));
    if (c < columns) most = vmax(most, vload_fill(x + c, columns - c, -__builtin_inff()));
    return vreduce_max(most);
}

/* y = exp(x - shift); returns the sum of y. */
ALWAYS_INLINE float row_exp(ptrdiff_t columns, const float *x, float shift, float *y) {
    vf sum = vzero();
    ptrdiff_t c = 0;
    for (; c + VL <= columns; c += VL) {
        vf e = vexp(vload(x + c) - shift);
        vstore(y + c, e);
        sum += e;
    }
    if (c < columns) {
        vf e = vexp(vload_fill(x + c, columns - c, -__builtin_inff()) - shift);
        e = vselect(vlane() < (int32_t)(columns - c), e, vzero());
        vstore_n(y + c, e, columns - c);
        sum += e;
    }
    return vsum(sum);
}

ALWAYS_INLINE void row_divide(ptrdiff_t columns, float divisor, float *y) {
    ptrdiff_t c = 0;
    for (; c + VL <= columns; c += VL) vstore(y + c, vload(y + c) / divisor);
    if (c < columns) vstore_n(y + c, vload_n(y + c, columns - c) / divisor, columns - c);
}

ALWAYS_INLINE float row_sum(ptrdiff_t columns, const float *x) {
    vf sum = vzero();
    ptrdiff_t c = 0;
    for (; c + VL <= columns; c += VL) sum += vload(x + c);
    if (c < columns) sum += vload_n(x + c, columns - c);
    return vsum(sum);
}

ALWAYS_INLINE float row_dot(ptrdiff_t columns, const float *x, const float *y) {
    vf sum = vzero();
    ptrdiff_t c = 0;
    for (; c + VL <= columns; c += VL) sum += vload(x + c) * vload(y + c);
    if (c < columns) sum += vload_n(x + c, columns - c) * vload_n(y + c, columns - c);
    return vsum(sum);
}

/* Where to go on from `best` to `value`: it is larger, or it is the first NaN. So the first of equal ones stays. */
ALWAYS_INLINE vi better(vf value, vf best) { return ~(value <= best) & (best == best); }

/* Position of the first maximum of a row; NaN counts as the largest, as in NumPy. 0 for an empty row. */
ALWAYS_INLINE ptrdiff_t row_argmax(ptrdiff_t columns, const float *x) {
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

#endif
