/* Gradient of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let through.
 *
 * Per window the output channels are sorted by the position of their maximum; the weights of a channel, [3][3][C] and
 * so contiguous, times its gradient are added to the 4x4 patch of dx under the window, at that position. Vectors run
 * along input channels. With 32 registers the whole patch is held in registers; with 16, three of its four rows,
 * first for the upper two positions and then for the lower. Limited by the loads of weights: one vector for each
 * multiply-add, mostly from the L2 cache. */
#include "conv_pool.h"
#include "kernels.h"

enum { SORTED = 256 }; /* output channels sorted at a time */

struct sorted_channels {
    int32_t count[8];
    int32_t channel[8][SORTED];
    float gradient[8][SORTED];
};

static void sort_channels(ptrdiff_t n, const float *dy, const uint8_t *argmax, struct sorted_channels *sorted) {
    int32_t count[8] = {0};
    for (ptrdiff_t k = 0; k < n; k++) {
        int position = argmax[k] & 7;
        int32_t at = count[position]++;
        sorted->channel[position][at] = (int32_t)k;
        sorted->gradient[position][at] = dy[k];
    }
    memcpy(sorted->count, count, sizeof count);
}

ALWAYS_INLINE void add_position(const int whole, ptrdiff_t lanes, const int position, const int corner, vf *sum,
                                const struct sorted_channels *sorted, const float *w, ptrdiff_t channels) {
    for (int32_t i = 0; i < sorted->count[position]; i++) {
        vf gradient = vset1(sorted->gradient[position][i]);
        const float *weights = w + sorted->channel[position][i] * 9 * channels;
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++, weights += channels)
            sum[corner + t / 3 * 4 + t % 3] += gradient * (whole ? vload(weights) : vload_n(weights, lanes));
    }
}

/* Add to `height` rows of four pixels of dx what the positions from `first` on give: with height 4 all four positions,
 * with height 3 the two of one row. */
ALWAYS_INLINE void add_patch(const int whole, ptrdiff_t lanes, const int height, const int first,
                             const struct sorted_channels *sorted, const float *w, ptrdiff_t channels, ptrdiff_t dx_row,
                             float *dx) {
    vf sum[16];
#pragma GCC unroll 16
    for (int i = 0; i < 4 * height; i++) {
        const float *from = dx + i / 4 * dx_row + i % 4 * channels;
        sum[i] = whole ? vload(from) : vload_n(from, lanes);
    }
    add_position(whole, lanes, first, 0, sum, sorted, w, channels);
    add_position(whole, lanes, first + 1, 1, sum, sorted, w, channels);
    if (height == 4) {
        add_position(whole, lanes, 2, 4, sum, sorted, w, channels);
        add_position(whole, lanes, 3, 5, sum, sorted, w, channels);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 4 * height; i++) {
        float *to = dx + i / 4 * dx_row + i % 4 * channels;
        if (whole)
            vstore(to, sum[i]);
        else
            vstore_n(to, sum[i], lanes);
    }
}

ALWAYS_INLINE void add_window(const int whole, ptrdiff_t lanes, const struct sorted_channels *sorted, const float *w,
                              ptrdiff_t channels, ptrdiff_t dx_row, float *dx) {
#if VECTOR_REGISTERS == 32
    add_patch(whole, lanes, 4, 0, sorted, w, channels, dx_row, dx);
#else
    add_patch(whole, lanes, 3, 0, sorted, w, channels, dx_row, dx);
    add_patch(whole, lanes, 3, 2, sorted, w, channels, dx_row, dx + dx_row);
#endif
}

/* dx += one image's gradient; w is [outputs][3][3][channels], dx_row floats from row to row of dx. */
void KERNEL(conv_max_pool_input_gradient)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t channels, ptrdiff_t outputs,
                                          const float *restrict w, const float *restrict dy,
                                          const uint8_t *restrict argmax, ptrdiff_t dx_row, float *restrict dx) {
    for (ptrdiff_t i = 0; i < rows; i++)
        for (ptrdiff_t j = 0; j < columns; j++, dy += outputs, argmax += outputs)
            for (ptrdiff_t k = 0; k < outputs; k += SORTED) {
                struct sorted_channels sorted;
                sort_channels(outputs - k < SORTED ? outputs - k : SORTED, dy + k, argmax + k, &sorted);
                const float *weights = w + k * 9 * channels;
                float *to = dx + 2 * i * dx_row + 2 * j * channels;
                ptrdiff_t c = 0;
                for (; c + VL <= channels; c += VL) add_window(1, VL, &sorted, weights + c, channels, dx_row, to + c);
                if (c < channels) add_window(0, channels - c, &sorted, weights + c, channels, dx_row, to + c);
            }
}
