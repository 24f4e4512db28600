/* Gradient of the weights of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let through.
 *
 * pool_lists: per output channel a list of (offset of the patch in x, gradient), of some windows; and their sums, which
 *     are the gradient of the bias. With AVX-512, 16 windows times 16 channels are transposed in registers, and each
 *     channel's row is compressed to what passed.
 * channel_plane: one vector of channels of some rows of x, so many that they stay in the L1 cache.
 * conv_max_pool_weight_gradient: each entry's patch of 3x3 vectors is added to its channel's weights, [9][VL] in
 *     registers. Limited by the loads: one vector of x for each multiply-add. */
#include "conv_pool.h"
#include "kernels.h"
#include "rows.h"

/* The lists of the output channels from `first` on. */
static void list_channels(ptrdiff_t windows, ptrdiff_t first, ptrdiff_t outputs, const float *dy, const uint8_t *argmax,
                          const int32_t *corners, ptrdiff_t across, ptrdiff_t down, const struct pool_lists *lists) {
    const int32_t moved[8] = {0, (int32_t)across, (int32_t)down, (int32_t)(down + across)};
    for (ptrdiff_t i = 0; i < windows; i++, dy += outputs, argmax += outputs)
        for (ptrdiff_t k = first; k < outputs; k++) {
            ptrdiff_t at = k * lists->capacity + lists->counts[k];
            lists->offsets[at] = corners[i] + moved[argmax[k] & 7];
            lists->gradients[at] = dy[k];
            lists->counts[k] += argmax[k] < BLOCKED;
        }
}

#if defined(FASTCNN_ISA_AVX512)
/* Each pass interleaves row i with row i + 8; after four, rows and columns have changed places. */
ALWAYS_INLINE void transpose(vf *gradient, __m128i *position) {
    vf next[16];
    __m128i next_position[16];
#pragma GCC unroll 4
    for (int pass = 0; pass < 4; pass++) {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            next[2 * i] = SHUFFLE(gradient[i], gradient[i + 8], LOW_OF_16);
            next[2 * i + 1] = SHUFFLE(gradient[i], gradient[i + 8], HIGH_OF_16);
            next_position[2 * i] = _mm_unpacklo_epi8(position[i], position[i + 8]);
            next_position[2 * i + 1] = _mm_unpackhi_epi8(position[i], position[i + 8]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) gradient[i] = next[i], position[i] = next_position[i];
    }
}

/* The lists of 16 output channels; writes up to 16 entries beyond the last. */
static void list_block(ptrdiff_t windows, ptrdiff_t outputs, const float *dy, const uint8_t *argmax,
                       const int32_t *corners, ptrdiff_t across, ptrdiff_t down, ptrdiff_t capacity, int32_t *counts,
                       int32_t *offsets, float *gradients) {
    const __m512i moved =
        _mm512_setr_epi32(0, (int)across, (int)down, (int)(down + across), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (ptrdiff_t i = 0; i < windows; i += 16, dy += 16 * outputs, argmax += 16 * outputs) {
        ptrdiff_t n = windows - i < 16 ? windows - i : 16;
        __m512i corner = (__m512i)vload_n((const float *)(corners + i), n);
        vf gradient[16];
        __m128i position[16];
#pragma GCC unroll 16
        for (int r = 0; r < 16; r++) {
            gradient[r] = r < n ? vload(dy + r * outputs) : vzero();
            position[r] =
                r < n ? _mm_loadu_si128((const __m128i *)(argmax + r * outputs)) : _mm_set1_epi8((char)BLOCKED);
        }
        transpose(gradient, position);
#pragma GCC unroll 16
        for (int k = 0; k < 16; k++) {
            ptrdiff_t at = k * capacity + counts[k];
            __mmask16 passed = _mm_cmplt_epi8_mask(position[k], _mm_set1_epi8((char)BLOCKED));
            __m512i offset = corner + _mm512_permutexvar_epi32(_mm512_cvtepu8_epi32(position[k]), moved);
            _mm512_storeu_si512(offsets + at, _mm512_maskz_compress_epi32(passed, offset));
            _mm512_storeu_ps(gradients + at, _mm512_maskz_compress_ps(passed, (__m512)gradient[k]));
            counts[k] += __builtin_popcount(passed);
        }
    }
}
#endif

/* Makes the lists of `windows` windows, and adds their sums to db[outputs], unless it is NULL. The upper left pixel of
 * window i stands at corners[i]; `across` and `down` lead to the next pixel and to the next row. A list must have room
 * for 16 entries more than windows. */
void KERNEL(pool_lists)(ptrdiff_t windows, ptrdiff_t outputs, const float *restrict dy, const uint8_t *restrict argmax,
                        const int32_t *restrict corners, ptrdiff_t across, ptrdiff_t down,
                        const struct pool_lists *lists, float *restrict db) {
    ptrdiff_t k = 0;
    memset(lists->counts, 0, (size_t)outputs * sizeof(int32_t));
#if defined(FASTCNN_ISA_AVX512)
    for (; k + 16 <= outputs; k += 16)
        list_block(windows, outputs, dy + k, argmax + k, corners, across, down, lists->capacity, lists->counts + k,
                   lists->offsets + k * lists->capacity, lists->gradients + k * lists->capacity);
#endif
    if (k < outputs) list_channels(windows, k, outputs, dy, argmax, corners, across, down, lists);
    if (!db) return;
    for (k = 0; k < outputs; k++) db[k] += row_sum(lists->counts[k], lists->gradients + k * lists->capacity);
}

/* plane[rows][columns][VL] = the first `lanes` channels of x[top...][left...], zeros outside of x and in further lanes.
 */
void KERNEL(channel_plane)(ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t lanes,
                           const float *restrict x, ptrdiff_t top, ptrdiff_t rows, ptrdiff_t left, ptrdiff_t columns,
                           float *restrict plane) {
    ptrdiff_t first = left < 0 ? -left : 0, end = width - left < columns ? width - left : columns;
    for (ptrdiff_t i = top; i < top + rows; i++, plane += columns * VL) {
        if (i < 0 || i >= height || first >= end) {
            memset(plane, 0, (size_t)(columns * VL) * sizeof(float));
            continue;
        }
        const float *from = x + (i * width + left + first) * channels;
        ptrdiff_t j = 0;
        for (; j < first; j++) vstore(plane + j * VL, vzero());
        if (lanes == VL)
            for (; j < end; j++, from += channels) vstore(plane + j * VL, vload(from));
        else
            for (; j < end; j++, from += channels) vstore(plane + j * VL, vload_n(from, lanes));
        for (; j < columns; j++) vstore(plane + j * VL, vzero());
    }
}

/* dw[outputs][9][VL] += each channel's list of gradients times their patches of x[...][...][VL]. Meanwhile near[0] to
 * near[near_floats - 1], which the caller reads next, come into the L2 cache. */
void KERNEL(conv_max_pool_weight_gradient)(ptrdiff_t outputs, const struct pool_lists *lists, const float *restrict x,
                                           ptrdiff_t x_row, const float *near, ptrdiff_t near_floats,
                                           float *restrict dw) {
    const float *near_end = near + near_floats;
    ptrdiff_t near_step = (near_floats + outputs - 1) / outputs;
    const int32_t *offsets = lists->offsets;
    const float *gradients = lists->gradients;
    for (ptrdiff_t k = 0; k < outputs; k++, offsets += lists->capacity, gradients += lists->capacity, dw += 9 * VL) {
        near = ask_for_share(near, near_end, near_step);
        vf sum[9];
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) sum[t] = vload(dw + t * VL);
        for (ptrdiff_t i = 0; i < lists->counts[k]; i++) {
            vf gradient = vset1(gradients[i]);
            const float *from = x + offsets[i];
#pragma GCC unroll 9
            for (int t = 0; t < 9; t++) sum[t] += gradient * vload(from + t / 3 * x_row + t % 3 * VL);
        }
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++) vstore(dw + t * VL, sum[t]);
    }
}
