/* The other gradients of convolution + ReLU + 2x2 max-pool; the sparse ones of larger layers have files of their own.
 *
 * conv_max_pool_first_layer_gradient: of the weights of 3x3 taps of one to three channels, and of the bias. The vectors
 *     run along output channels, and each lane picks its x by its position byte from the 4x4 pixels under a window.
 *     Limited by the picking.
 * unpool: the dense gradient before the pool, where the kernel is not 3x3. */
#include "conv_pool.h"
#include "kernels.h"

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
static void bias_gradient(ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax, float *db) {
    ptrdiff_t k = 0;
    for (; k + 4 * VL <= outputs; k += 4 * VL) add_windows(4, VL, windows, outputs, dy + k, argmax + k, db + k);
    for (; k + 2 * VL <= outputs; k += 2 * VL) add_windows(2, VL, windows, outputs, dy + k, argmax + k, db + k);
    for (; k + VL <= outputs; k += VL) add_windows(1, VL, windows, outputs, dy + k, argmax + k, db + k);
    if (k < outputs) add_windows(1, outputs - k, windows, outputs, dy + k, argmax + k, db + k);
}

/* dw[3][3][channels][outputs] and db[outputs] += one image's share; 1 to 3 channels, x_row floats from row to row of x.
 */
void KERNEL(conv_max_pool_first_layer_gradient)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels,
                                                ptrdiff_t outputs, const float *restrict x, ptrdiff_t x_row,
                                                const float *restrict dy, const uint8_t *restrict argmax,
                                                float *restrict dw, float *restrict db) {
    ptrdiff_t k = 0;
    bias_gradient(rows * columns, outputs, dy, argmax, db);
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
