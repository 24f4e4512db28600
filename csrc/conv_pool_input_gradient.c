/* Gradient of the input of convolution 3x3 + ReLU + 2x2 max-pool, from the entries that the pool let through.
 *
 * Per window the output channels are sorted by the position of their maximum; the weights of a channel, [3][3][C] and
 * so contiguous, times its gradient are added to the 4x4 patch of dx under the window, at that position. Vectors run
 * along input channels. With 32 registers the whole patch is held in registers; with 16, the nine values of one
 * position. Limited by the loads of weights: one vector for each multiply-add, mostly from the L2 cache. */
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

ALWAYS_INLINE void add_position(const int whole, ptrdiff_t lanes, const int position, const int side, vf *sum,
                                const struct sorted_channels *sorted, const float *w, ptrdiff_t w_tap,
                                ptrdiff_t w_output) {
    for (int32_t i = 0; i < sorted->count[position]; i++) {
        vf gradient = vset1(sorted->gradient[position][i]);
        const float *weights = w + sorted->channel[position][i] * w_output;
        const int corner = side == 4 ? position / 2 * 4 + position % 2 : 0;
#pragma GCC unroll 9
        for (int t = 0; t < 9; t++, weights += w_tap)
            sum[corner + t / 3 * side + t % 3] += gradient * (whole ? vload(weights) : vload_n(weights, lanes));
    }
}

/* Add to a square of dx: side 4, all positions of the window; side 3, one of them. */
ALWAYS_INLINE void add_square(const int whole, ptrdiff_t lanes, const int side, const int position,
                              const struct sorted_channels *sorted, const float *w, ptrdiff_t channels,
                              ptrdiff_t dx_row, float *dx) {
    vf sum[16];
#pragma GCC unroll 16
    for (int i = 0; i < side * side; i++) {
        const float *from = dx + i / side * dx_row + i % side * channels;
        sum[i] = whole ? vload(from) : vload_n(from, lanes);
    }
    if (side == 4) {
        add_position(whole, lanes, 0, 4, sum, sorted, w, channels, 9 * channels);
        add_position(whole, lanes, 1, 4, sum, sorted, w, channels, 9 * channels);
        add_position(whole, lanes, 2, 4, sum, sorted, w, channels, 9 * channels);
        add_position(whole, lanes, 3, 4, sum, sorted, w, channels, 9 * channels);
    } else {
        add_position(whole, lanes, position, 3, sum, sorted, w, channels, 9 * channels);
    }
#pragma GCC unroll 16
    for (int i = 0; i < side * side; i++) {
        float *to = dx + i / side * dx_row + i % side * channels;
        if (whole)
            vstore(to, sum[i]);
        else
            vstore_n(to, sum[i], lanes);
    }
}

ALWAYS_INLINE void add_window(const int whole, ptrdiff_t lanes, const struct sorted_channels *sorted, const float *w,
                              ptrdiff_t channels, ptrdiff_t dx_row, float *dx) {
#if VECTOR_REGISTERS == 32
    add_square(whole, lanes, 4, 0, sorted, w, channels, dx_row, dx);
#else
    for (int position = 0; position < 4; position++)
        add_square(whole, lanes, 3, position, sorted, w, channels, dx_row,
                   dx + position / 2 * dx_row + position % 2 * channels);
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
