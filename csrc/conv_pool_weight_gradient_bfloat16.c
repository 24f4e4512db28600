/* Gradient in bfloat16 of the weights of convolution 3x3 + ReLU + 2x2 max-pool, of two images at a time.
 *
 * window_pairs: for each window and vector of output channels the gradients of both images as pairs, zero where nothing
 *     flows back, and which words of x they meet in tap (0, 0); and the sums of the gradients, for the bias.
 * image_pair_planes: up to 16 channels of both images, channel by channel, in strips of 8 columns that overlap by 2, so
 *     that a strip holds the patches of 3 windows side by side: [strip][row][8 pixels of one image, 8 of the other].
 * conv_max_pool_weight_gradient_bfloat16: two rows of a strip are one vector, which holds for every output channel the
 *     pixels of both images that a tap meets, wherever the maxima were: they are picked by one permutation of words,
 *     and multiplied by the pair of gradients. A tile, 9 taps of one channel for two vectors of output channels, stays
 *     in registers while all windows pass. Limited by permutations and products, one each for 32 multiply-adds. */
#include "bfloat16.h"
#include "conv_pool.h"
#include "kernels.h"
#include "transpose.h"

enum { COLUMNS = 8, ROW = 2 * COLUMNS, STRIP_WINDOWS = 3, TAPS = 9, TILE_VECTORS = 2 };

/* Where the positions of a window lie in two rows of a strip, of either image. */
static const uint16_t places[32] = {
    0, 1, ROW, ROW + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, COLUMNS, COLUMNS + 1, ROW + COLUMNS, ROW + COLUMNS + 1,
};

/* pairs[vector of outputs][window][words to pick, gradients]. `shift` has the column of each window in its strip. Of
 * images without another one other_dy is NULL. */
void KERNEL(window_pairs)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy,
                          const uint8_t *restrict argmax, const float *restrict other_dy,
                          const uint8_t *restrict other_argmax, const int32_t *restrict shift, uint32_t *restrict pairs,
                          float *restrict db) {
    const vi table = vload_i((const int32_t *)places), ones = vset1_i(0x3f803f80);
    for (ptrdiff_t k = 0; k < outputs; k += VL) {
        ptrdiff_t lanes = outputs - k < VL ? outputs - k : VL;
        vf sum = vload_n(db + k, lanes);
        for (ptrdiff_t i = 0; i < windows; i++, pairs += 2 * VL) {
            ptrdiff_t at = i * outputs + k;
            vf gradient = vload_n(dy + at, lanes), other = other_dy ? vload_n(other_dy + at, lanes) : vzero();
            vi low = lanes == VL ? load_positions(argmax + at) : load_positions_n(argmax + at, lanes);
            vi high = vset1_i(BLOCKED);
            if (other_dy)
                high = lanes == VL ? load_positions(other_argmax + at) : load_positions_n(other_argmax + at, lanes);
            vi words = vpick(table, low | (high + 16) << 16) + shift[i] * 0x00010001;
            vi both = vpairs(unblocked(gradient, low), unblocked(other, high));
            vstore_i((int32_t *)pairs, words);
            vstore_i((int32_t *)pairs + VL, both);
            sum = vdot(sum, both, ones);
        }
        vstore_n(db + k, sum, lanes);
    }
}

/* The words of pairs of 16 pixels, in the order of two rows of a strip: 8 of one image, 8 of the other, twice. */
static const uint16_t strip_order[32] = {0,  2,  4,  6,  8,  10, 12, 14, 1,  3,  5,  7,  9,  11, 13, 15,
                                         16, 18, 20, 22, 24, 26, 28, 30, 17, 19, 21, 23, 25, 27, 29, 31};

enum { FEW_CHANNELS = 4 }; /* a row of a strip, 8 pixels, fits into two vectors */

/* image_pair_planes for an image of few channels, whose pixels lie side by side: a row of a strip is read at once, and
 * one permutation picks a channel of it from both images. */
static void few_channel_planes(ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, const float *x,
                               const float *other, ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left, ptrdiff_t strips,
                               uint16_t *planes, ptrdiff_t plane) {
    uint16_t numbers[FEW_CHANNELS][ROW];
    __m256i pick[FEW_CHANNELS];
    for (int c = 0; c < FEW_CHANNELS; c++) {
        for (int p = 0; p < ROW; p++)
            numbers[c][p] = (uint16_t)(p / COLUMNS * 2 * VL + p % COLUMNS * channels + c % channels);
        pick[c] = _mm256_loadu_si256((const __m256i *)numbers[c]);
    }
    for (ptrdiff_t strip = 0; strip < strips; strip++) {
        const ptrdiff_t j = left + strip * 2 * STRIP_WINDOWS, right = width - j;
        const ptrdiff_t first = j < 0 ? -j : 0, end = right < COLUMNS ? right : COLUMNS;
        const uint64_t inside = first < end ? (UINT64_C(1) << end * channels) - (UINT64_C(1) << first * channels) : 0;
        for (ptrdiff_t i = top; i < top + rows; i++, planes += ROW) {
            const uint64_t lanes = 0 <= i && i < height ? inside : 0;
            const ptrdiff_t at = (i * width + j) * channels;
            __m512i both[2];
#pragma GCC unroll 2
            for (int image = 0; image < 2; image++) {
                const float *from = image && other ? other : x;
                const uint64_t read = image && !other ? 0 : lanes;
                both[image] = (__m512i)vround_two((vf)_mm512_maskz_loadu_ps((__mmask16)read, from + at),
                                                  (vf)_mm512_maskz_loadu_ps((__mmask16)(read >> VL), from + at + VL));
            }
#pragma GCC unroll 4
            for (int c = 0; c < FEW_CHANNELS; c++) {
                __m512i row = _mm512_permutex2var_epi16(both[0], _mm512_castsi256_si512(pick[c]), both[1]);
                if (c < channels) _mm256_storeu_si256((__m256i *)(planes + c * plane), _mm512_castsi512_si256(row));
            }
        }
    }
}

/* planes[channel][strip][row][8 pixels of x, 8 of other] of the first `lanes` channels (at most 16) from x[top][left]
 * on, zeros outside; `rows` is even, and `plane` words lie from channel to channel. other may be NULL. */
void KERNEL(image_pair_planes)(ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes,
                               const float *restrict x, const float *restrict other, ptrdiff_t top, ptrdiff_t rows,
                               ptrdiff_t left, ptrdiff_t strips, uint16_t *restrict planes, ptrdiff_t plane) {
    if (channels <= FEW_CHANNELS && lanes == channels) {
        few_channel_planes(height, width, channels, x, other, top, rows, left, strips, planes, plane);
        return;
    }
    const vi order = vload_i((const int32_t *)strip_order);
    for (ptrdiff_t strip = 0; strip < strips; strip++)
        for (ptrdiff_t r = 0; r < rows; r += 2, planes += 2 * ROW) {
            vf pixel[16];
#pragma GCC unroll 16
            for (int p = 0; p < 16; p++) {
                ptrdiff_t i = top + r + p / COLUMNS, j = left + strip * 2 * STRIP_WINDOWS + p % COLUMNS;
                ptrdiff_t at = (i * width + j) * channels;
                ptrdiff_t n = 0 <= i && i < height && 0 <= j && j < width ? lanes : 0;
                vf first = n ? vload_n(x + at, n) : vzero(), second = n && other ? vload_n(other + at, n) : vzero();
                pixel[p] = (vf)vpairs(first, second);
            }
            transpose_registers(pixel);
#pragma GCC unroll 16
            for (int c = 0; c < 16; c++)
                if (c < lanes) vstore_i((int32_t *)(planes + c * plane), vpick((vi)pixel[c], order));
        }
}

/* One channel and `vectors` vectors of output channels, the last of which has `lanes`. */
ALWAYS_INLINE void tile(const int vectors, ptrdiff_t lanes, ptrdiff_t windows, const int32_t *corners,
                        const uint16_t *plane, const uint32_t *pairs, float *dw, ptrdiff_t dw_tap) {
    vf sum[TAPS][TILE_VECTORS];
#pragma GCC unroll 9
    for (int t = 0; t < TAPS; t++)
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++)
            sum[t][q] = q < vectors - 1 ? vload(dw + t * dw_tap) : vload_n(dw + t * dw_tap + q * VL, lanes);
    for (ptrdiff_t i = 0; i < windows; i++, pairs += 2 * VL) {
        const uint16_t *from = plane + corners[i];
        vi rows[3], words[TILE_VECTORS], gradient[TILE_VECTORS];
#pragma GCC unroll 3
        for (int r = 0; r < 3; r++) rows[r] = vload_i((const int32_t *)(from + r * ROW));
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++) {
            words[q] = vload_i((const int32_t *)pairs + q * windows * 2 * VL);
            gradient[q] = vload_i((const int32_t *)pairs + q * windows * 2 * VL + VL);
        }
#pragma GCC unroll 3
        for (int s = 0; s < 3; s++) {
#pragma GCC unroll 3
            for (int r = 0; r < 3; r++)
#pragma GCC unroll 2
                for (int q = 0; q < vectors; q++)
                    sum[3 * r + s][q] = vdot(sum[3 * r + s][q], gradient[q], vpick(rows[r], words[q]));
#pragma GCC unroll 2
            for (int q = 0; q < vectors; q++) words[q] += 0x00010001;
        }
    }
#pragma GCC unroll 9
    for (int t = 0; t < TAPS; t++)
#pragma GCC unroll 2
        for (int q = 0; q < vectors; q++) {
            if (q < vectors - 1)
                vstore(dw + t * dw_tap, sum[t][q]);
            else
                vstore_n(dw + t * dw_tap + q * VL, sum[t][q], lanes);
        }
}

/* dw[9][...][outputs] of `channels` channels += what the windows give; window i begins at corners[i] in each plane, and
 * dw_tap floats lie from tap to tap. */
void KERNEL(conv_max_pool_weight_gradient_bfloat16)(ptrdiff_t channels, ptrdiff_t outputs, ptrdiff_t windows,
                                                    const int32_t *restrict corners, const uint16_t *restrict planes,
                                                    ptrdiff_t plane, const uint32_t *restrict pairs, float *restrict dw,
                                                    ptrdiff_t dw_tap) {
    for (ptrdiff_t c = 0; c < channels; c++, planes += plane, dw += outputs)
        for (ptrdiff_t k = 0; k < outputs; k += TILE_VECTORS * VL) {
            const uint32_t *from = pairs + k * windows * 2;
            ptrdiff_t left = outputs - k;
            if (left > VL)
                tile(2, left < 2 * VL ? left - VL : VL, windows, corners, planes, from, dw + k, dw_tap);
            else
                tile(1, left, windows, corners, planes, from, dw + k, dw_tap);
        }
}
