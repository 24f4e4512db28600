/* Gradients of convolution + ReLU + 2x2 max-pool from the gradient of the pooled maps, touching only the entries that
 * the pool and the ReLU let through: a quarter of the dense work or less, exactly.
 *
 * pool_lists + conv_max_pool_weight_gradient: per output channel a list of (offset of the patch in x, gradient); the
 *     patch, 3 rows of S * C contiguous values, is added to that channel's weights [R][S][C] in registers.
 *     Limited by the loads: one vector of x for each multiply-add.
 * conv_max_pool_first_layer_gradient: 3x3 taps of one to three channels; here the vectors run along output channels,
 *     and each lane picks its x by its position byte from the 4x4 pixels under a window. Limited by the picking.
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

/* The 4x4 pixels under a window, and of the 2x2 that a tap meets, the one at each position: tap row r, and column and
 * channel together as c = column * channels + channel. */
typedef struct {
    const float *x;
    ptrdiff_t row;
#if defined(FASTCNN_ISA_AVX512)
    __m512 rows[4]; /* one row each; with one channel all four in the first */
#endif
} patch;

#if defined(FASTCNN_ISA_AVX512)
ALWAYS_INLINE patch load_patch(const int channels, const float *x, ptrdiff_t row) {
    patch p = {x, row, {_mm512_setzero_ps()}};
    if (channels == 1) {
        __m512 all = _mm512_castps128_ps512(_mm_loadu_ps(x));
        all = _mm512_insertf32x4(all, _mm_loadu_ps(x + row), 1);
        all = _mm512_insertf32x4(all, _mm_loadu_ps(x + 2 * row), 2);
        p.rows[0] = _mm512_insertf32x4(all, _mm_loadu_ps(x + 3 * row), 3);
    } else {
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) p.rows[r] = (__m512)vload_n(x + r * row, 4 * channels);
    }
    return p;
}
/* Where the position lies, counted from that of tap (0, 0). */
ALWAYS_INLINE vi patch_index(const int channels, vi position) {
    const int down = channels == 1 ? 4 : 16, across = channels;
    const __m512i corners = _mm512_setr_epi32(0, across, down, down + across, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return (vi)_mm512_permutexvar_epi32((__m512i)position, corners);
}
ALWAYS_INLINE vf pick(const int channels, const patch *p, int r, int c, vi index) {
    if (channels == 1) return (vf)_mm512_permutexvar_ps((__m512i)(index + vset1_i(4 * r + c)), p->rows[0]);
    return (vf)_mm512_permutex2var_ps(p->rows[r], (__m512i)(index + vset1_i(c)), p->rows[r + 1]);
}
#else
ALWAYS_INLINE patch load_patch(const int channels, const float *x, ptrdiff_t row) {
    (void)channels;
    return (patch){x, row};
}
ALWAYS_INLINE vi patch_index(const int channels, vi position) {
    (void)channels;
    return position;
}
ALWAYS_INLINE vf pick(const int channels, const patch *p, int r, int c, vi index) {
    const float *upper = p->x + r * p->row + c, *lower = upper + p->row;
#if defined(FASTCNN_ISA_AVX2)
    if (channels == 1) {
        __m128 four = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)upper);
        four = _mm_loadh_pi(four, (const __m64 *)lower);
        return (vf)_mm256_permutevar_ps(_mm256_set_m128(four, four), (__m256i)index);
    }
#endif
    vf above = vselect(index == 0, vset1(upper[0]), vset1(upper[channels]));
    vf below = vselect(index == 2, vset1(lower[0]), vset1(lower[channels]));
    return vselect(index < 2, above, below);
}
#endif

ALWAYS_INLINE void first_layer(const int channels, const int vectors, ptrdiff_t lanes, ptrdiff_t rows,
                               ptrdiff_t columns, ptrdiff_t outputs, const float *x, ptrdiff_t x_row, const float *dy,
                               const uint8_t *argmax, float *dw) {
    vf sum[3][9][2];
    const int run = 3 * channels;
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 9
        for (int c = 0; c < run; c++)
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) sum[r][c][q] = vload_n(dw + (r * run + c) * outputs + q * VL, lanes);
    for (ptrdiff_t i = 0; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++, dy += outputs, argmax += outputs) {
            patch p = load_patch(channels, x + 2 * i * x_row + 2 * j * channels, x_row);
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) {
                vi position = lanes == VL ? load_positions(argmax + q * VL) : load_positions_n(argmax, lanes);
                vf gradient = unblocked(vload_n(dy + q * VL, lanes), position);
                vi index = patch_index(channels, position);
#pragma GCC unroll 9
                for (int c = 0; c < run; c++)
#pragma GCC unroll 3
                    for (int r = 0; r < 3; r++) sum[r][c][q] += gradient * pick(channels, &p, r, c, index);
            }
        }
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++)
#pragma GCC unroll 9
        for (int c = 0; c < run; c++)
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) vstore_n(dw + (r * run + c) * outputs + q * VL, sum[r][c][q], lanes);
}

/* dw[3][3][channels][outputs] += one image's share; 1 to 3 channels, x_row floats from row to row of x. */
void KERNEL(conv_max_pool_first_layer_gradient)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels,
                                                ptrdiff_t outputs, const float *restrict x, ptrdiff_t x_row,
                                                const float *restrict dy, const uint8_t *restrict argmax,
                                                float *restrict dw) {
    ptrdiff_t k = 0;
#if VECTOR_REGISTERS == 32
    if (channels == 1)
        for (; k + 2 * VL <= outputs; k += 2 * VL)
            first_layer(1, 2, VL, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
#endif
    for (; k < outputs; k += VL) {
        ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
        switch (channels * 2 + (lanes == VL)) {
        case 2:
            first_layer(1, 1, lanes, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        case 3:
            first_layer(1, 1, VL, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        case 4:
            first_layer(2, 1, lanes, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        case 5:
            first_layer(2, 1, VL, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        case 6:
            first_layer(3, 1, lanes, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        case 7:
            first_layer(3, 1, VL, rows, columns, outputs, x, x_row, dy + k, argmax + k, dw + k);
            break;
        }
    }
}

/* `vectors` vectors of channels at once: as many chains of additions. */
ALWAYS_INLINE void add_windows(const int vectors, ptrdiff_t lanes, ptrdiff_t windows, ptrdiff_t outputs,
                               const float *dy, const uint8_t *argmax, float *db) {
    vf sum[4];
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) sum[q] = vzero();
    for (ptrdiff_t i = 0; i < windows; i++, dy += outputs, argmax += outputs)
#pragma GCC unroll 4
        for (int q = 0; q < vectors; q++) {
            vi position = lanes == VL ? load_positions(argmax + q * VL) : load_positions_n(argmax, lanes);
            vf gradient = unblocked(vload_n(dy + q * VL, lanes), position);
            sum[q] += gradient;
        }
#pragma GCC unroll 4
    for (int q = 0; q < vectors; q++) vstore_n(db + q * VL, sum[q] + vload_n(db + q * VL, lanes), lanes);
}

/* db[k] += sum of the pooled gradients that flow back. */
void KERNEL(pool_bias_gradient)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy,
                                const uint8_t *restrict argmax, float *restrict db) {
    ptrdiff_t k = 0;
    for (; k + 4 * VL <= outputs; k += 4 * VL) add_windows(4, VL, windows, outputs, dy + k, argmax + k, db + k);
    for (; k + 2 * VL <= outputs; k += 2 * VL) add_windows(2, VL, windows, outputs, dy + k, argmax + k, db + k);
    for (; k + VL <= outputs; k += VL) add_windows(1, VL, windows, outputs, dy + k, argmax + k, db + k);
    if (k < outputs) add_windows(1, outputs - k, windows, outputs, dy + k, argmax + k, db + k);
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
