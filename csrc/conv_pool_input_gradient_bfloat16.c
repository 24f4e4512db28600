/* Gradient in bfloat16 of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let
 * through.
 *
 * pair_windows: per window the output channels by the position of their maximum, an even number for each position: a
 *     word of gradient above a word that says where their weights lie. A channel that is left over is joined by itself
 *     with a gradient of zero.
 * pack_taps: the weights of a channel of the output for 16 of the input as 5 vectors of two taps each, in which the
 *     lower and the upper halves of each 128 bits belong to one tap.
 * conv_max_pool_input_gradient_bfloat16: of two output channels the vectors of weights are interleaved, which gives
 *     pairs, a vector for each tap: times the pair of gradients they are added to the 4x4 patch of dx under the window.
 *     A row of windows is passed from left to right with the patch in registers.
 * Limited by 9 interleavings and 9 products, which share their units, and by the loops' ends, which are hard to
 * predict. */
#include "bfloat16.h"
#include "conv_pool.h"
#include "kernels.h"

enum { TAPS = 9, PAIRED_TAPS = 5, WORDS = 2 * VL, PACKED = PAIRED_TAPS * WORDS };

/* The channels in one register: the gradient's bits above, the first word of the channel's weights below. */
ALWAYS_INLINE vi tagged(vf gradient, ptrdiff_t first) {
    const vi lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    vi rounded = (vi)_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)gradient));
    return rounded << 16 | (lanes + (int32_t)first) * PACKED;
}

/* The channels of a window, position by position. */
static void sort_window(ptrdiff_t outputs, const float *dy, const uint8_t *argmax, struct paired_window *out) {
    vi entry[SORTED / VL];
    uint8_t positions[SORTED];
    if (outputs < SORTED) {
        memset(positions, BLOCKED, SORTED);
        memcpy(positions, argmax, (size_t)outputs);
        argmax = positions;
    }
#pragma GCC unroll 4
    for (int b = 0; b < SORTED / VL; b++) {
        ptrdiff_t left = outputs - b * VL, lanes = left < 0 ? 0 : left < VL ? left : VL;
        entry[b] = tagged(lanes == VL ? vload(dy + b * VL) : lanes ? vload_n(dy + b * VL, lanes) : vzero(), b * VL);
    }
    const __m512i all = _mm512_loadu_si512(argmax);
    int at = 0;
#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) {
        uint64_t here = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8((char)p));
#pragma GCC unroll 4
        for (int b = 0; b < SORTED / VL; b++, here >>= VL) {
            __mmask16 mask = (__mmask16)here;
            _mm512_storeu_si512(out->entries + at, _mm512_maskz_compress_epi32(mask, (__m512i)entry[b]));
            at += __builtin_popcount(mask);
        }
        const int odd = at % 2; /* without a branch, which nothing could predict; behind an even number it is unused */
        out->entries[at] = out->entries[at - odd] & 0xffff;
        at += odd;
        out->end[p] = (uint8_t)at;
    }
}

/* paired[windows][blocks of SORTED output channels] */
void KERNEL(pair_windows)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy,
                          const uint8_t *restrict argmax, struct paired_window *restrict paired) {
    for (; windows > 0; windows--, dy += outputs, argmax += outputs)
        for (ptrdiff_t k = 0; k < outputs; k += SORTED)
            sort_window(outputs - k < SORTED ? outputs - k : SORTED, dy + k, argmax + k, paired++);
}

/* packed[outputs][PAIRED_TAPS][WORDS] of `lanes` (at most VL) channels of w[9][...], `w_tap` apart, rows of `outputs`;
 * zero in the lanes that no channel has. */
void KERNEL(pack_taps)(ptrdiff_t lanes, ptrdiff_t outputs, const float *restrict w, ptrdiff_t w_tap,
                       uint16_t *restrict packed) {
    memset(packed, 0, (size_t)(outputs * PACKED) * sizeof(uint16_t));
    for (int t = 0; t < TAPS; t++)
        for (ptrdiff_t c = 0; c < lanes; c++) {
            const float *from = w + t * w_tap + c * outputs;
            uint16_t *to = packed + t / 2 * WORDS + c / 4 * 8 + t % 2 * 4 + c % 4;
            for (ptrdiff_t k = 0; k < outputs; k += VL) {
                uint16_t rounded[VL];
                ptrdiff_t n = outputs - k < VL ? outputs - k : VL;
                _mm256_storeu_si256((__m256i *)rounded, (__m256i)_mm512_cvtneps_pbh((__m512)vload_n(from + k, n)));
                for (ptrdiff_t i = 0; i < n; i++) to[(k + i) * PACKED] = rounded[i];
            }
        }
}

ALWAYS_INLINE void add_position(const int position, vf sum[4][4], const struct paired_window *window,
                                const uint16_t *w) {
    const vi upper_words = vset1_i(0x07060302); /* bytes of each 64 bits */
    const int row = position / 2, column = position % 2;
    const uint32_t *entry = window->entries + (position ? window->end[position - 1] : 0);
    for (const uint32_t *end = window->entries + window->end[position]; entry < end; entry += 2) {
        int64_t both;
        memcpy(&both, entry, sizeof both);
        const vi gradients = (vi)_mm512_shuffle_epi8(_mm512_set1_epi64(both), (__m512i)upper_words);
        const uint16_t *one = w + (both & 0xffff), *two = w + (both >> 32 & 0xffff);
#pragma GCC unroll 5
        for (int j = 0; j < PAIRED_TAPS; j++) {
            __m512i a = _mm512_loadu_si512(one + j * WORDS), b = _mm512_loadu_si512(two + j * WORDS);
            __asm__("" : "+v"(b)); /* loaded once, not by each of two instructions */
            const int t = 2 * j, u = t + 1;
            vf *first = &sum[row + t / 3][column + t % 3];
            *first = vdot(*first, gradients, (vi)_mm512_unpacklo_epi16(a, b));
            if (u < TAPS) {
                vf *second = &sum[row + u / 3][column + u % 3];
                *second = vdot(*second, gradients, (vi)_mm512_unpackhi_epi16(a, b));
            }
        }
    }
}

/* Two columns of four rows of dx. */
ALWAYS_INLINE void load_columns(ptrdiff_t lanes, const int column, ptrdiff_t channels, ptrdiff_t dx_row,
                                const float *dx, vf sum[4][4]) {
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++)
#pragma GCC unroll 2
        for (int c = column; c < column + 2; c++) sum[r][c] = vload_n(dx + r * dx_row + c * channels, lanes);
}

ALWAYS_INLINE void store_columns(ptrdiff_t lanes, ptrdiff_t channels, ptrdiff_t dx_row, float *dx, vf sum[4][4]) {
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++)
#pragma GCC unroll 2
        for (int c = 0; c < 2; c++) {
            if (lanes == VL)
                vstore(dx + r * dx_row + c * channels, sum[r][c]);
            else
                vstore_n(dx + r * dx_row + c * channels, sum[r][c], lanes);
        }
}

ALWAYS_INLINE void add_row(ptrdiff_t lanes, ptrdiff_t columns, ptrdiff_t blocks, const struct paired_window *paired,
                           const uint16_t *w, ptrdiff_t channels, ptrdiff_t dx_row, float *dx) {
    vf sum[4][4];
    load_columns(lanes, 0, channels, dx_row, dx, sum);
    for (ptrdiff_t j = 0; j < columns; j++, paired += blocks, dx += 2 * channels) {
        load_columns(lanes, 2, channels, dx_row, dx, sum);
        add_position(0, sum, paired, w);
        add_position(1, sum, paired, w);
        add_position(2, sum, paired, w);
        add_position(3, sum, paired, w);
        store_columns(lanes, channels, dx_row, dx, sum);
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) sum[r][0] = sum[r][2], sum[r][1] = sum[r][3];
    }
    store_columns(lanes, channels, dx_row, dx, sum);
}

/* A function of its own: beside the other case the compiler runs short of registers, which takes 8 % longer. */
static __attribute__((noinline)) void add_whole_row(ptrdiff_t columns, ptrdiff_t blocks,
                                                    const struct paired_window *paired, const uint16_t *w,
                                                    ptrdiff_t channels, ptrdiff_t dx_row, float *dx) {
    add_row(VL, columns, blocks, paired, w, channels, dx_row, dx);
}

/* dx += the gradient from rows x columns windows. w is [vectors of channels][outputs][PAIRED_TAPS][WORDS]; dx_row
 * floats lie from row to row of dx. */
void KERNEL(conv_max_pool_input_gradient_bfloat16)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels,
                                                   ptrdiff_t outputs, const uint16_t *restrict w,
                                                   const struct paired_window *restrict paired, ptrdiff_t dx_row,
                                                   float *restrict dx) {
    ptrdiff_t blocks = (outputs + SORTED - 1) / SORTED;
    for (ptrdiff_t c = 0; c < channels; c += VL)
        for (ptrdiff_t b = 0; b < blocks; b++) {
            const uint16_t *weights = w + (c / VL * outputs + b * SORTED) * PACKED;
            for (ptrdiff_t i = 0; i < rows; i++) {
                const struct paired_window *windows = paired + i * columns * blocks + b;
                float *to = dx + 2 * i * dx_row + c;
                if (c + VL <= channels)
                    add_whole_row(columns, blocks, windows, weights, channels, dx_row, to);
                else
                    add_row(channels - c, columns, blocks, windows, weights, channels, dx_row, to);
            }
        }
}
