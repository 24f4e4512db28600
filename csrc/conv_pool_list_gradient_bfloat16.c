/* Gradient in bfloat16 of the weights of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let
 * through: conv_pool_weight_gradient.c on pairs of entries, for inputs of so many channels that they fill vectors.
 *
 * pool_entries: per output channel a list of entries, of some windows, each a word of gradient above the number of its
 *     pixel in the plane; and their sums, which are the gradient of the bias. 16 windows times 16 channels are
 *     transposed in registers, and each channel's row is compressed to what passed. An odd list gets a last entry of
 *     no gradient.
 * channel_plane_bfloat16: up to 32 channels of some rows of x, a vector for each pixel, so many that they stay in the
 *     L1 cache. Its words lie so that interleaving two pixels gives pairs of the first and of the second 16 channels.
 * conv_max_pool_list_gradient_bfloat16: of two entries each vector of their patches of 3x3 pixels is interleaved, and
 *     times the pair of gradients added to their channel's weights, 2 x [9][VL] in registers. Limited by 18
 *     interleavings and 18 products for 576 multiply-adds: 25 cycles. */
#include "bfloat16.h"
#include "conv_pool.h"
#include "kernels.h"
#include "transpose.h"

enum { TAPS = 9, WORDS = 2 * VL, PASSED_NOT = 0x8000, PIXEL = 0x7fff };

/* The lists of 16 output channels, of which `lanes` exist, grow by n (up to 16) windows, of which the rows of `dy` and
 * `argmax` lie `outputs` apart. `corner` has the upper left pixels of windows 0-3, 8-11, 4-7 and 12-15, `moved` what a
 * position adds. Writes up to 16 entries beyond the last. */
ALWAYS_INLINE void list_block(const int whole, ptrdiff_t n, ptrdiff_t lanes, ptrdiff_t outputs, const float *dy,
                              const uint8_t *argmax, __m512i corner, __m512i moved, ptrdiff_t capacity, int32_t *counts,
                              uint32_t *entries, vf *sums) {
    const __m128i blocked = _mm_set1_epi8(BLOCKED);
    __m512i row[16], part[16];
#pragma GCC unroll 8
    for (int r = 0; r < 8; r++) {
        vf gradient[2] = {vzero(), vzero()};
        __m128i position[2] = {blocked, blocked};
#pragma GCC unroll 2
        for (int q = 0; q < 2; q++) {
            const ptrdiff_t at = (r + 8 * q) * outputs;
            if (!whole && r + 8 * q >= n) continue;
            gradient[q] = whole ? vload(dy + at) : vload_n(dy + at, lanes);
            position[q] = whole ? _mm_loadu_si128((const __m128i *)(argmax + at))
                                : _mm_mask_loadu_epi8(blocked, (__mmask16)((1u << lanes) - 1), argmax + at);
        }
        const __m512i words = (__m512i)vround_two(gradient[0], gradient[1]);
        const __m512i both = _mm512_cvtepu8_epi16(_mm256_set_m128i(position[1], position[0]));
        const __m512i pixels = _mm512_permutexvar_epi16(both, moved);
        row[r] = _mm512_unpacklo_epi16(pixels, words);     /* channels 0-3 and 8-11 of windows r and r + 8 */
        row[r + 8] = _mm512_unpackhi_epi16(pixels, words); /* channels 4-7 and 12-15 */
    }
#pragma GCC unroll 4
    for (int r = 0; r < 16; r += 4) {
        const __m512i a = _mm512_unpacklo_epi32(row[r], row[r + 1]), b = _mm512_unpackhi_epi32(row[r], row[r + 1]);
        const __m512i c = _mm512_unpacklo_epi32(row[r + 2], row[r + 3]);
        const __m512i d = _mm512_unpackhi_epi32(row[r + 2], row[r + 3]);
        part[r] = _mm512_unpacklo_epi64(a, c), part[r + 1] = _mm512_unpackhi_epi64(a, c);
        part[r + 2] = _mm512_unpacklo_epi64(b, d), part[r + 3] = _mm512_unpackhi_epi64(b, d);
    }
#pragma GCC unroll 16
    for (int k = 0; k < 16; k++) {
        const __m512i *half = part + k % 4 + k / 4 % 2 * 8;
        __m512i entry = k < 8 ? _mm512_shuffle_i32x4(half[0], half[4], _MM_SHUFFLE(2, 0, 2, 0))
                              : _mm512_shuffle_i32x4(half[0], half[4], _MM_SHUFFLE(3, 1, 3, 1));
        entry = _mm512_add_epi32(entry, corner);
        const __mmask16 passed = _mm512_testn_epi32_mask(entry, _mm512_set1_epi32(PASSED_NOT));
        _mm512_storeu_si512(entries + k * capacity + counts[k], _mm512_maskz_compress_epi32(passed, entry));
        counts[k] += __builtin_popcount(passed);
        const __m512 gradient = (__m512)_mm512_and_si512(entry, _mm512_set1_epi32(~0xffff));
        sums[k] = (vf)_mm512_mask_add_ps((__m512)sums[k], passed, (__m512)sums[k], gradient);
    }
}

/* Makes the lists of `windows` windows, and adds their sums to db[outputs], unless it is NULL. The upper left pixel of
 * window i has number corners[i], the one below it is `down` further; numbers stay below 32768. A list must have room
 * for 16 entries more than windows, and there must be lists for whole vectors of outputs. */
void KERNEL(pool_entries)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy,
                          const uint8_t *restrict argmax, const int32_t *restrict corners, ptrdiff_t down,
                          const struct entry_lists *lists, float *restrict db) {
    const uint16_t numbers[WORDS] = {0, 1, (uint16_t)down, (uint16_t)(down + 1), PASSED_NOT};
    const __m512i moved = _mm512_loadu_si512(numbers);
    for (ptrdiff_t k = 0; k < outputs; k += VL) {
        const ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
        uint32_t *entries = lists->entries + k * lists->capacity;
        int32_t *counts = lists->counts + k;
        vf sums[VL];
        for (int i = 0; i < VL; i++) sums[i] = vzero(), counts[i] = 0;
        for (ptrdiff_t i = 0; i < windows; i += 16) {
            const ptrdiff_t n = windows - i < 16 ? windows - i : 16, at = i * outputs + k;
            __m512i corner = (__m512i)vload_n((const float *)(corners + i), n);
            corner = _mm512_shuffle_i32x4(corner, corner, _MM_SHUFFLE(3, 1, 2, 0));
            if (n == 16 && lanes == VL)
                list_block(1, 16, VL, outputs, dy + at, argmax + at, corner, moved, lists->capacity, counts, entries,
                           sums);
            else
                list_block(0, n, lanes, outputs, dy + at, argmax + at, corner, moved, lists->capacity, counts, entries,
                           sums);
        }
        for (ptrdiff_t i = 0; i < lanes; i++) {
            uint32_t *end = entries + i * lists->capacity + counts[i];
            if (counts[i] % 2) *end = end[-1] & PIXEL;
        }
        if (db) vstore_n(db + k, vload_n(db + k, lanes) + lane_sums(sums), lanes);
    }
}

/* The words of a pixel's 32 channels: fours of the first and of the second 16 in turn. */
static const uint16_t fours_in_turn[32] = {0, 1, 2,  3,  16, 17, 18, 19, 4,  5,  6,  7,  20, 21, 22, 23,
                                           8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31};

/* plane[rows][columns][32 words] = the first `lanes` channels (at most 32) of x[top...][left...], zeros outside of x
 * and in further lanes. */
void KERNEL(channel_plane_bfloat16)(ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes,
                                    const float *restrict x, ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left,
                                    ptrdiff_t columns, uint16_t *restrict plane) {
    const vi order = vload_i((const int32_t *)fours_in_turn), none = {0};
    const ptrdiff_t low = lanes < VL ? lanes : VL, high = lanes - low;
    const ptrdiff_t first = left < 0 ? -left : 0, end = width - left < columns ? width - left : columns;
    for (ptrdiff_t i = top; i < top + rows; i++, plane += columns * WORDS) {
        if (i < 0 || i >= height || first >= end) {
            memset(plane, 0, (size_t)(columns * WORDS) * sizeof(uint16_t));
            continue;
        }
        const float *from = x + (i * width + left + first) * channels;
        int32_t *to = (int32_t *)plane;
        ptrdiff_t j = 0;
        for (; j < first; j++, to += VL) vstore_i(to, none);
        if (lanes == WORDS)
            for (; j < end; j++, from += channels, to += VL)
                vstore_i(to, vpick(vround_two(vload(from), vload(from + VL)), order));
        else
            for (; j < end; j++, from += channels, to += VL) {
                const vf second = high ? vload_n(from + VL, high) : vzero();
                vstore_i(to, vpick(vround_two(vload_n(from, low), second), order));
            }
        for (; j < columns; j++, to += VL) vstore_i(to, none);
    }
}

/* dw[2][outputs][9][VL] += each channel's list of gradients times their patches in a plane of `columns` pixels a row.
 * Meanwhile near[0] to near[near_floats - 1], which the caller reads next, come into the L2 cache. */
void KERNEL(conv_max_pool_list_gradient_bfloat16)(ptrdiff_t outputs, const struct entry_lists *lists,
                                                  const uint16_t *restrict plane, ptrdiff_t columns, const float *near,
                                                  ptrdiff_t near_floats, float *restrict dw) {
    const vi upper_words = vset1_i(0x07060302); /* bytes of each 64 bits */
    const float *near_end = near + near_floats;
    const ptrdiff_t near_step = (near_floats + outputs - 1) / outputs, row = columns * WORDS;
    const uint32_t *entries = lists->entries;
    float *other = dw + outputs * TAPS * VL;
    for (ptrdiff_t k = 0; k < outputs; k++, entries += lists->capacity, dw += TAPS * VL, other += TAPS * VL) {
        near = ask_for_share(near, near_end, near_step);
        vf sum[TAPS][2];
#pragma GCC unroll 9
        for (int t = 0; t < TAPS; t++) sum[t][0] = vload(dw + t * VL), sum[t][1] = vload(other + t * VL);
        for (ptrdiff_t i = 0; i < lists->counts[k]; i += 2) {
            int64_t both;
            memcpy(&both, entries + i, sizeof both);
            const vi gradients = (vi)_mm512_shuffle_epi8(_mm512_set1_epi64(both), (__m512i)upper_words);
            const uint16_t *one = plane + (both & PIXEL) * WORDS, *two = plane + (both >> 32 & PIXEL) * WORDS;
#pragma GCC unroll 9
            for (int t = 0; t < TAPS; t++) {
                const ptrdiff_t at = t / 3 * row + t % 3 * WORDS;
                __m512i a = _mm512_loadu_si512(one + at), b = _mm512_loadu_si512(two + at);
                __asm__("" : "+v"(b)); /* loaded once, not by each of two instructions */
                sum[t][0] = vdot(sum[t][0], gradients, (vi)_mm512_unpacklo_epi16(a, b));
                sum[t][1] = vdot(sum[t][1], gradients, (vi)_mm512_unpackhi_epi16(a, b));
            }
        }
#pragma GCC unroll 9
        for (int t = 0; t < TAPS; t++) vstore(dw + t * VL, sum[t][0]), vstore(other + t * VL, sum[t][1]);
    }
}
