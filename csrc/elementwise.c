/* Element-wise kernels: unary ops, their gradients from the output, and binary ops on rows.
 *
 * A unary kernel maps n elements; input and output may be the same memory. A binary kernel makes `rows` rows of
 * `columns` contiguous outputs; each operand moves by its own stride from row to row, and by 0 or 1 from column to
 * column, which covers equal shapes, scalars, a repeated row and a repeated column. Limited by memory, except for
 * exp, log, sigmoid, tanh, log1p, expm1, sin, cos, arctan, erf and power. Truth is 1 and 0. */
#include "kernels.h"
#include "odd_functions.h"

ALWAYS_INLINE vf relu_of(vf x) { return vmax(vzero(), x); }
ALWAYS_INLINE vf square_of(vf x) { return x * x; }
ALWAYS_INLINE vf negative_of(vf x) { return -x; }
ALWAYS_INLINE vf one_where(vi mask) { return (vf)(mask & (vi)vset1(1.0f)); }
ALWAYS_INLINE vf sign_of(vf x) { return vselect(x > 0.0f, vset1(1.0f), vselect(x < 0.0f, vset1(-1.0f), x)); }
ALWAYS_INLINE vf isnan_of(vf x) { return one_where(x != x); }
ALWAYS_INLINE vf isfinite_of(vf x) { return one_where(vabs(x) < __builtin_inff()); }
/* To the nearest bfloat16, the even one of two: the upper 16 bits, after half of what the lowest of them is worth. */
ALWAYS_INLINE vf bfloat16_of(vf x) {
    vi bits = (vi)x, rounded = (bits + 0x7fff + (bits >> 16 & 1)) & (int32_t)0xffff0000;
    return vselect(x == x, (vf)rounded, x);
}

/* Nine of ten results are the nearest float, the others its neighbour; squares have their exact roots. An approximation
 * and a step of Newton's take two thirds of the time of the instruction, which is left for sizes where the step would
 * lose denormals. Zeros and infinity stay as they are. */
ALWAYS_INLINE vf sqrt_of(vf x) {
#if defined(FASTCNN_ISA_AVX512)
    __m512 in = (__m512)x;
    __mmask16 usual = (__mmask16)~_mm512_fpclass_ps_mask(in, 0x0e);
    __mmask16 tiny = _mm512_mask_cmp_ps_mask(usual, in, _mm512_set1_ps(0x1p-100f), _CMP_LT_OQ);
    __m512 inverse = _mm512_maskz_rsqrt14_ps(usual, in), root = _mm512_mask_mul_ps(in, usual, in, inverse);
    __m512 error = _mm512_fnmadd_ps(root, root, in), half = _mm512_mul_ps(inverse, _mm512_set1_ps(0.5f));
    root = _mm512_mask3_fmadd_ps(error, half, root, usual);
    return tiny ? (vf)_mm512_mask_sqrt_ps(root, tiny, in) : (vf)root;
#else
    return vsqrt(x);
#endif
}

#define UNARY(name, function)                                                                                          \
    void KERNEL(unary_##name)(ptrdiff_t n, const float *x, float *y) {                                                 \
        ptrdiff_t i = 0;                                                                                               \
        for (; i + VL <= n; i += VL) vstore(y + i, function(vload(x + i)));                                            \
        if (i < n) vstore_n(y + i, function(vload_n(x + i, n - i)), n - i);                                            \
    }

UNARY(relu, relu_of)
UNARY(sigmoid, vsigmoid)
UNARY(tanh, tanh_of)
UNARY(exp, vexp)
UNARY(log, vlog)
UNARY(square, square_of)
UNARY(sqrt, sqrt_of)
UNARY(negative, negative_of)
UNARY(abs, vabs)
UNARY(log1p, vlog1p)
UNARY(expm1, vexpm1)
UNARY(floor, vfloor)
UNARY(ceil, vceil)
UNARY(round, vround)
UNARY(sign, sign_of)
UNARY(isnan, isnan_of)
UNARY(isfinite, isfinite_of)
UNARY(sin, vsin)
UNARY(cos, vcos)
UNARY(bfloat16, bfloat16_of)
UNARY(arctan, varctan)
UNARY(erf, verf)

ALWAYS_INLINE vf relu_slope(vf dy, vf y) { return vselect(y > 0.0f, dy, vzero()); }
ALWAYS_INLINE vf sigmoid_slope(vf dy, vf y) { return dy * (y * (1.0f - y)); }
ALWAYS_INLINE vf tanh_slope(vf dy, vf y) { return dy * ((1.0f - y) * (1.0f + y)); }

#define GRADIENT(name, function)                                                                                       \
    void KERNEL(name##_gradient)(ptrdiff_t n, const float *dy, const float *y, float *dx) {                            \
        ptrdiff_t i = 0;                                                                                               \
        for (; i + VL <= n; i += VL) vstore(dx + i, function(vload(dy + i), vload(y + i)));                            \
        if (i < n) vstore_n(dx + i, function(vload_n(dy + i, n - i), vload_n(y + i, n - i)), n - i);                   \
    }

GRADIENT(relu, relu_slope)
GRADIENT(sigmoid, sigmoid_slope)
GRADIENT(tanh, tanh_slope)

ALWAYS_INLINE vf add_of(vf a, vf b) { return a + b; }
ALWAYS_INLINE vf subtract_of(vf a, vf b) { return a - b; }
ALWAYS_INLINE vf multiply_of(vf a, vf b) { return a * b; }
ALWAYS_INLINE vf divide_of(vf a, vf b) { return a / b; }
/* vmax and vmin keep a NaN of their second operand only; as in NumPy one of the first is to win as well. */
ALWAYS_INLINE vf maximum_of(vf a, vf b) { return vselect(a != a, a, vmax(a, b)); }
ALWAYS_INLINE vf minimum_of(vf a, vf b) { return vselect(a != a, a, vmin(a, b)); }
ALWAYS_INLINE vf equal_of(vf a, vf b) { return one_where(a == b); }
ALWAYS_INLINE vf not_equal_of(vf a, vf b) { return one_where(a != b); }
ALWAYS_INLINE vf greater_of(vf a, vf b) { return one_where(a > b); }
ALWAYS_INLINE vf greater_equal_of(vf a, vf b) { return one_where(a >= b); }
/* b where a is true (not 0), else 0 */
ALWAYS_INLINE vf masked_of(vf a, vf b) { return vselect(a != 0.0f, b, vzero()); }
ALWAYS_INLINE vf power_of(vf a, vf b) { return vpower(a, b); }

/* One row of a binary op. With constant strides the branches in `operand` disappear. */
ALWAYS_INLINE vf operand(const float *p, ptrdiff_t i, int moves, ptrdiff_t n) {
    return !moves ? vset1(*p) : n == VL ? vload(p + i) : vload_n(p + i, n);
}

ALWAYS_INLINE void row(vf (*function)(vf, vf), ptrdiff_t n, const float *a, int a_moves, const float *b, int b_moves,
                       float *y) {
    ptrdiff_t i = 0;
    for (; i + VL <= n; i += VL) vstore(y + i, function(operand(a, i, a_moves, VL), operand(b, i, b_moves, VL)));
    if (i == n) return;
    ptrdiff_t rest = n - i;
    vstore_n(y + i, function(operand(a, i, a_moves, rest), operand(b, i, b_moves, rest)), rest);
}

#define BINARY(name)                                                                                                   \
    void KERNEL(binary_##name)(ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, \
                               const float *b, ptrdiff_t b_row, ptrdiff_t b_column, float *y) {                        \
        for (ptrdiff_t r = 0; r < rows; r++, a += a_row, b += b_row, y += columns) {                                   \
            if (a_column && b_column)                                                                                  \
                row(name##_of, columns, a, 1, b, 1, y);                                                                \
            else if (a_column)                                                                                         \
                row(name##_of, columns, a, 1, b, 0, y);                                                                \
            else if (b_column)                                                                                         \
                row(name##_of, columns, a, 0, b, 1, y);                                                                \
            else                                                                                                       \
                row(name##_of, columns, a, 0, b, 0, y);                                                                \
        }                                                                                                              \
    }

BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(maximum)
BINARY(minimum)
BINARY(equal)
BINARY(greater)
BINARY(greater_equal)
BINARY(not_equal)
BINARY(masked)
BINARY(power)
