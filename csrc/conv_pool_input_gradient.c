/* Gradient of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let through.
 *
 * sort_windows: per window the output channels by the position of their maximum.
 * conv_max_pool_input_gradient: the weights of a channel, [9][VL] and so contiguous, times its gradient are added to
 *     the 4x4 patch of dx under the window, at that position. Vectors run along input channels, one at a time, and so
 *     many output channels that their weights stay in the L1 cache. A row of windows is passed from left to right:
 *     with 32 registers the whole patch is held in registers; with 16, three of its four rows, first for the upper two
 *     positions and then for the lower. The right half of a patch is the left half of the next.
 * Limited by the loads of weights: one vector for each multiply-add. */
#include "conv_pool.h"
#include "kernels.h"

static void sort_window(ptrdiff_t outputs, const uint8_t *argmax, struct sorted_window *out) {
    int at = 0;
#if defined(FASTCNN_ISA_AVX512)
    uint8_t whole[SORTED];
    if (outputs % 16) {
        memset(whole, BLOCKED, SORTED);
        memcpy(whole, argmax, (size_t)outputs);
        argmax = whole;
    }
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int p = 0; p < 4; p++) {
        for (ptrdiff_t k = 0; k < outputs; k += 16) {
            __mmask16 here =
                _mm_cmpeq_epi8_mask(_mm_loadu_si128((const __m128i *)(argmax + k)), _mm_set1_epi8((char)p));
            __m512i channels = _mm512_maskz_compress_epi32(here, lanes + _mm512_set1_epi32((int)k));
            _mm_storeu_si128((__m128i *)(out->channel + at), _mm512_cvtepi32_epi8(channels));
            at += __builtin_popcount(here);
        }
        out->end[p] = (uint8_t)at;
    }
#else
    uint8_t channel[8][SORTED];
    int count[8] = {0};
    for (ptrdiff_t k = 0; k < outputs; k++) {
        int position = argmax[k] & 7;
        channel[position][count[position]++] = (uint8_t)k;
    }
    for (int p = 0; p < 4; p++) {
        for (int i = 0; i < count[p]; i += 16) memcpy(out->channel + at + i, channel[p] + i, 16);
        at += count[p];
        out->end[p] = (uint8_t)at;
    }
#endif
}

/* sorted[windows][blocks of SORTED output channels] */
void KERNEL(sort_windows)(ptrdiff_t windows, ptrdiff_t outputs, const uint8_t *restrict argmax,
                          struct sorted_window *restrict sorted) {
    for (; windows > 0; windows--, argmax += outputs)
        for (ptrdiff_t k = 0; k < outputs; k += SORTED)
            sort_window(outputs - k < SORTED ? outputs - k : SORTED, argmax + k, sorted++);
}

ALWAYS_INLINE void add_position(const int position, const int row, vf sum[4][4], const struct sorted_window *sorted,
                                const float *w, const float *dy) {
    const uint8_t *channel = sorted->channel + (position ? sorted->end[position - 1] : 0);
    const uint8_t *end = sorted->channel + sorted->end[position];
    for (; channel < end; channel++) {
        vf gradient = vset1(dy[*channel]);
        const float *weights = w + *channel * (9 * VL);
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) sum[row + t / 3][position % 2 + t % 3] += gradient * vload(weights + t * VL);
    }
}

/* Two columns of `height` rows of dx. */
ALWAYS_INLINE void load_columns(const int whole, ptrdiff_t lanes, const int height, const int column,
                                ptrdiff_t channels, ptrdiff_t dx_row, const float *dx, vf sum[4][4]) {
#pragma GCC unroll 4
    for (int r = 0; r < height; r++)
#pragma GCC unroll 2
        for (int c = column; c < column + 2; c++) {
            const float *from = dx + r * dx_row + c * channels;
            sum[r][c] = whole ? vload(from) : vload_n(from, lanes);
        }
}

ALWAYS_INLINE void store_columns(const int whole, ptrdiff_t lanes, const int height, ptrdiff_t channels,
                                 ptrdiff_t dx_row, float *dx, vf sum[4][4]) {
#pragma GCC unroll 4
    for (int r = 0; r < height; r++)
#pragma GCC unroll 2
        for (int c = 0; c < 2; c++) {
            float *to = dx + r * dx_row + c * channels;
            if (whole)
                vstore(to, sum[r][c]);
            else
                vstore_n(to, sum[r][c], lanes);
        }
}

/* What a row of windows adds to `height` rows of dx: with height 4 that of all four positions, with height 3 that of
 * the two from `first` on. `blocks` sorted windows and `outputs` gradients lie between neighbours. */
ALWAYS_INLINE void add_row(const int whole, ptrdiff_t lanes, const int height, const int first, ptrdiff_t columns,
                           ptrdiff_t blocks, ptrdiff_t outputs, const struct sorted_window *sorted, const float *w,
                           const float *dy, ptrdiff_t channels, ptrdiff_t dx_row, float *dx) {
    vf sum[4][4];
    load_columns(whole, lanes, height, 0, channels, dx_row, dx, sum);
    for (ptrdiff_t j = 0; j < columns; j++, sorted += blocks, dy += outputs, dx += 2 * channels) {
        load_columns(whole, lanes, height, 2, channels, dx_row, dx, sum);
        add_position(first, 0, sum, sorted, w, dy);
        add_position(first + 1, 0, sum, sorted, w, dy);
        if (height == 4) {
            add_position(2, 1, sum, sorted, w, dy);
            add_position(3, 1, sum, sorted, w, dy);
        }
        store_columns(whole, lanes, height, channels, dx_row, dx, sum);
#pragma GCC unroll 4
        for (int r = 0; r < height; r++) sum[r][0] = sum[r][2], sum[r][1] = sum[r][3];
    }
    store_columns(whole, lanes, height, channels, dx_row, dx, sum);
}

ALWAYS_INLINE void add_rows(const int whole, ptrdiff_t lanes, ptrdiff_t columns, ptrdiff_t blocks, ptrdiff_t outputs,
                            const struct sorted_window *sorted, const float *w, const float *dy, ptrdiff_t channels,
                            ptrdiff_t dx_row, float *dx) {
#if VECTOR_REGISTERS == 32
    add_row(whole, lanes, 4, 0, columns, blocks, outputs, sorted, w, dy, channels, dx_row, dx);
#else
    add_row(whole, lanes, 3, 0, columns, blocks, outputs, sorted, w, dy, channels, dx_row, dx);
    add_row(whole, lanes, 3, 2, columns, blocks, outputs, sorted, w, dy, channels, dx_row, dx + dx_row);
#endif
}

/* dx += the gradient from rows x columns windows. w is [vectors of channels][outputs][9][VL], zero in the lanes that no
 * channel has; dx_row floats lie from row to row of dx. */
void KERNEL(conv_max_pool_input_gradient)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels, ptrdiff_t outputs,
                                          const float *restrict w, const float *restrict dy,
                                          const struct sorted_window *restrict sorted, ptrdiff_t dx_row,
                                          float *restrict dx) {
    ptrdiff_t blocks = (outputs + SORTED - 1) / SORTED;
    for (ptrdiff_t c = 0; c < channels; c += VL)
        for (ptrdiff_t b = 0; b < blocks; b++) {
            const float *weights = w + (c * outputs + b * SORTED * VL) * 9;
            for (ptrdiff_t i = 0; i < rows; i++) {
                const struct sorted_window *windows = sorted + i * columns * blocks + b;
                const float *gradients = dy + i * columns * outputs + b * SORTED;
                float *to = dx + 2 * i * dx_row + c;
                if (c + VL <= channels)
                    add_rows(1, VL, columns, blocks, outputs, windows, weights, gradients, channels, dx_row, to);
                else
                    add_rows(0, channels - c, columns, blocks, outputs, windows, weights, gradients, channels, dx_row,
                             to);
            }
        }
}
