/* Gradients of convolution + ReLU + 2x2 max-pool from the gradient of the pooled maps, touching only the entries that
 * the pool and the ReLU let through: a quarter of the dense work or less, exactly.
 *
 * pool_lists + conv_max_pool_weight_gradient: per output channel a list of (offset of the patch in x, gradient); the
 *     patch, 3 rows of S * C contiguous values, is added to that channel's weights [R][S][C] in registers.
 *     Limited by the loads: one vector of x for each multiply-add.
 * conv_max_pool_first_layer_gradient: 3x3 taps of one channel; here the vectors run along output channels, and each
 *     lane picks its x by its position byte from the 4x4 patch under a window.
 * conv_max_pool_input_gradient: per window the channels sorted by position; the 4x4 patch of dx gathers them in
 *     registers, vectors along input channels. Limited by the loads of w.
 * unpool: the dense gradient before the pool, for kernels of other sizes. pool_bias_gradient: the bias. */
#include "conv_pool.h"
#include "kernels.h"

#if VECTOR_REGISTERS == 32
enum { LIST_VECTORS = 6 };
#else
enum { LIST_VECTORS = 4 };
#endif

/* lists[k][...] gets an entry for each of rows x columns windows that channel k passes; counts[k] entries are there
 * already. Window (i, j) stands at offset + i * x_row + j * x_column, and its second row and column x_row / 2 and
 * x_column / 2 further. A list must have room for one entry more than windows. */
void KERNEL(pool_lists)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t outputs, const float *restrict dy,
                        const uint8_t *restrict argmax, ptrdiff_t offset, ptrdiff_t x_row, ptrdiff_t x_column,
                        ptrdiff_t capacity, struct pool_entry *restrict lists, int32_t *restrict counts) {
    for (ptrdiff_t i = 0; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++) {
            ptrdiff_t corner = offset + i * x_row + j * x_column;
            const int32_t at[8] = {(int32_t)corner, (int32_t)(corner + x_column / 2), (int32_t)(corner + x_row / 2),
                                   (int32_t)(corner + x_row / 2 + x_column / 2)};
            for (ptrdiff_t k = 0; k < outputs; k++) {
                struct pool_entry *entry = lists + k * capacity + counts[k];
                entry->offset = at[argmax[k] & 7];
                entry->gradient = dy[k];
                counts[k] += argmax[k] < BLOCKED;
            }
            dy += outputs;
            argmax += outputs;
        }
}

/* One channel's list added to `vectors` vectors of each of its three rows of taps. */
ALWAYS_INLINE void add_list(const int vectors, const int whole, ptrdiff_t last, ptrdiff_t n,
                            const struct pool_entry *list, const float *x, ptrdiff_t x_tap_row, ptrdiff_t run,
                            float *dw) {
    vf sum[3][LIST_VECTORS];
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 6
        for (int q = 0; q < vectors; q++)
            sum[r][q] = whole || q < vectors - 1 ? vload(dw + r * run + q * VL) : vload_n(dw + r * run + q * VL, last);
    for (ptrdiff_t i = 0; i < n; i++) {
        vf gradient = vset1(list[i].gradient);
        const float *from = x + list[i].offset;
#pragma GCC unroll 3
        for (int r = 0; r < 3; r++, from += x_tap_row)
#pragma GCC unroll 6
            for (int q = 0; q < vectors; q++)
                sum[r][q] +=
                    gradient * (whole || q < vectors - 1 ? vload(from + q * VL) : vload_n(from + q * VL, last));
    }
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 6
        for (int q = 0; q < vectors; q++) {
            if (whole || q < vectors - 1)
                vstore(dw + r * run + q * VL, sum[r][q]);
            else
                vstore_n(dw + r * run + q * VL, sum[r][q], last);
        }
}

/* dw[k][3][run] += sum over channel k's list of gradient * x[offset + r * x_tap_row + 0..run). */
void KERNEL(conv_max_pool_weight_gradient)(ptrdiff_t outputs, ptrdiff_t run, ptrdiff_t capacity,
                                           const struct pool_entry *restrict lists, const int32_t *restrict counts,
                                           const float *restrict x, ptrdiff_t x_tap_row, float *restrict dw) {
    ptrdiff_t vectors = (run + VL - 1) / VL, passes = (vectors + LIST_VECTORS - 1) / LIST_VECTORS;
    for (ptrdiff_t k = 0; k < outputs; k++) {
        const struct pool_entry *list = lists + k * capacity;
        ptrdiff_t n = counts[k], c = 0;
        for (ptrdiff_t i = 1; i <= passes; i++) {
            ptrdiff_t end = i < passes ? vectors * i / passes * VL : run, last = (end - c - 1) % VL + 1;
            const float *from = x + c;
            float *to = dw + k * 3 * run + c;
            switch ((end - c + VL - 1) / VL * 2 + (last == VL)) {
            case 2:
                add_list(1, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 3:
                add_list(1, 1, last, n, list, from, x_tap_row, run, to);
                break;
            case 4:
                add_list(2, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 5:
                add_list(2, 1, last, n, list, from, x_tap_row, run, to);
                break;
            case 6:
                add_list(3, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 7:
                add_list(3, 1, last, n, list, from, x_tap_row, run, to);
                break;
            case 8:
                add_list(4, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 9:
                add_list(4, 1, last, n, list, from, x_tap_row, run, to);
                break;
#if VECTOR_REGISTERS == 32
            case 10:
                add_list(5, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 11:
                add_list(5, 1, last, n, list, from, x_tap_row, run, to);
                break;
            case 12:
                add_list(6, 0, last, n, list, from, x_tap_row, run, to);
                break;
            case 13:
                add_list(6, 1, last, n, list, from, x_tap_row, run, to);
                break;
#endif
            }
            c = end;
        }
    }
}

/* The patch under a window: its 4x4 values, and of the 2x2 values that tap (r, s) meets the one at each position. */
#if defined(FASTCNN_ISA_AVX512)
typedef struct {
    __m512 values;
} patch;
ALWAYS_INLINE patch load_patch(const float *x, ptrdiff_t row) {
    __m512 values = _mm512_castps128_ps512(_mm_loadu_ps(x));
    values = _mm512_insertf32x4(values, _mm_loadu_ps(x + row), 1);
    values = _mm512_insertf32x4(values, _mm_loadu_ps(x + 2 * row), 2);
    return (patch){_mm512_insertf32x4(values, _mm_loadu_ps(x + 3 * row), 3)};
}
ALWAYS_INLINE vi patch_index(vi position) {
    const __m512i corners = _mm512_setr_epi32(0, 1, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return (vi)_mm512_permutexvar_epi32((__m512i)position, corners);
}
ALWAYS_INLINE vf pick(const patch *p, int r, int s, vi index) {
    return (vf)_mm512_permutexvar_ps((__m512i)(index + vset1_i(4 * r + s)), p->values);
}
#elif defined(FASTCNN_ISA_AVX2)
typedef struct {
    __m256 values[3][3];
} patch;
ALWAYS_INLINE patch load_patch(const float *x, ptrdiff_t row) {
    patch p;
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 3
        for (int s = 0; s < 3; s++) {
            __m128 four = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(x + r * row + s));
            p.values[r][s] = _mm256_set_m128(_mm_loadh_pi(four, (const __m64 *)(x + (r + 1) * row + s)),
                                             _mm_loadh_pi(four, (const __m64 *)(x + (r + 1) * row + s)));
        }
    return p;
}
ALWAYS_INLINE vi patch_index(vi position) { return position; }
ALWAYS_INLINE vf pick(const patch *p, int r, int s, vi index) {
    return (vf)_mm256_permutevar_ps(p->values[r][s], (__m256i)index);
}
#else
typedef struct {
    float values[4][4];
} patch;
ALWAYS_INLINE patch load_patch(const float *x, ptrdiff_t row) {
    patch p;
    for (int r = 0; r < 4; r++) memcpy(p.values[r], x + r * row, sizeof p.values[r]);
    return p;
}
ALWAYS_INLINE vi patch_index(vi position) { return position; }
ALWAYS_INLINE vf pick(const patch *p, int r, int s, vi index) {
    vf upper = vselect(index == 0, vset1(p->values[r][s]), vset1(p->values[r][s + 1]));
    vf lower = vselect(index == 2, vset1(p->values[r + 1][s]), vset1(p->values[r + 1][s + 1]));
    return vselect(index < 2, upper, lower);
}
#endif

#if VECTOR_REGISTERS == 32
enum { FIRST_VECTORS = 2 };
#else
enum { FIRST_VECTORS = 1 };
#endif

ALWAYS_INLINE void first_layer(const int vectors, ptrdiff_t lanes, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t outputs,
                               const float *x, ptrdiff_t x_row, const float *dy, const uint8_t *argmax, float *dw) {
    vf sum[9][FIRST_VECTORS];
#pragma GCC unroll 9
    for (int t = 0; t < 9; t++)
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++) sum[t][q] = vload_n(dw + t * outputs + q * VL, lanes);
    for (ptrdiff_t i = 0; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++, dy += outputs, argmax += outputs) {
            patch p = load_patch(x + 2 * i * x_row + 2 * j, x_row);
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) {
                vi position = lanes == VL ? load_positions(argmax + q * VL) : load_positions_n(argmax, lanes);
                vf gradient = unblocked(vload_n(dy + q * VL, lanes), position);
                vi index = patch_index(position);
#pragma GCC unroll 9
                for (int t = 0; t < 9; t++) sum[t][q] += gradient * pick(&p, t / 3, t % 3, index);
            }
        }
#pragma GCC unroll 9
    for (int t = 0; t < 9; t++)
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++) vstore_n(dw + t * outputs + q * VL, sum[t][q], lanes);
}

/* dw[3][3][outputs] += one image's share; x_row floats from row to row of x, which has one channel. */
void KERNEL(conv_max_pool_first_layer_gradient)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t outputs,
                                                const float *restrict x, ptrdiff_t x_row, const float *restrict dy,
                                                const uint8_t *restrict argmax, float *restrict dw) {
    ptrdiff_t k = 0;
    for (; k + FIRST_VECTORS * VL <= outputs; k += FIRST_VECTORS * VL)
        first_layer(FIRST_VECTORS, VL, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
    for (; k < outputs; k += VL) {
        ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
        first_layer(1, lanes, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
    }
}

/* db[k] += sum of the pooled gradients that flow back. */
void KERNEL(pool_bias_gradient)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy,
                                const uint8_t *restrict argmax, float *restrict db) {
    for (ptrdiff_t k = 0; k < outputs; k += VL) {
        ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
        vf sum = vload_n(db + k, lanes);
        if (lanes == VL)
            for (ptrdiff_t i = 0; i < windows; i++)
                sum += unblocked(vload(dy + i * outputs + k), load_positions(argmax + i * outputs + k));
        else
            for (ptrdiff_t i = 0; i < windows; i++)
                sum +=
                    unblocked(vload_n(dy + i * outputs + k, lanes), load_positions_n(argmax + i * outputs + k, lanes));
        vstore_n(db + k, sum, lanes);
    }
}

/* One image: out[height][width][outputs] = dy at the position of each maximum, 0 elsewhere. */
void KERNEL(unpool)(ptrdiff_t height, ptrdiff_t width, ptrdiff_t outputs, const float *restrict dy,
                    const uint8_t *restrict argmax, float *restrict out) {
    for (ptrdiff_t i = 0; i < height; i++)
        for (ptrdiff_t j = 0; j < width; j++, out += outputs) {
            if (i / 2 >= height / 2 || j / 2 >= width / 2) {
                memset(out, 0, (size_t)outputs * sizeof(float));
                continue;
            }
            ptrdiff_t from = (i / 2 * (width / 2) + j / 2) * outputs;
            int position = (int)(i % 2 * 2 + j % 2);
            for (ptrdiff_t k = 0; k < outputs; k++) out[k] = argmax[from + k] == position ? dy[from + k] : 0;
        }
}
