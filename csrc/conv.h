/* Shapes of the convolution kernels: what a driver fills in and a kernel reads. All sizes and strides in floats. */
#ifndef FASTCNN_CONV_H
#define FASTCNN_CONV_H

#include <stddef.h>
#include <stdint.h>

/* A run of output rows of one image, one group, as a convolution without padding. Output pixel (i, j) sums over the
 * taps (r, s) and channels c of
 *     x[i * x_row + j * x_pixel + r * x_tap_row + s * x_tap_column + c]
 *     * w[r * w_tap_row + s * w_tap_column + c * w_channel + k]
 * and the weights of each further panel of output channels (as many as a tile takes) lie w_panel floats on: as many as
 * channels in the panel where w lies as it is. Strides of taps may be negative. Where the taps of a row lie side by
 * side in x and in w, the driver gives them as one tap of taps_across * channels channels. Kernels with a pool have
 * rows and columns of windows instead. */
struct conv_shape {
    ptrdiff_t rows, columns, outputs;
    ptrdiff_t taps_down, taps_across, channels;
    ptrdiff_t x_row, x_pixel, x_tap_row, x_tap_column;
    ptrdiff_t w_tap_row, w_tap_column, w_channel, w_panel;
    ptrdiff_t y_row, y_pixel;
    float low, high; /* the activation as bounds: ReLU is 0 and infinity */
};

/* A rectangle of output pixels of each of some images, for the gradient of one tap's weights:
 *     dw[c * dw_channel + k] += sum over n, i, j of x[n * x_image + i * x_row + j * x_pixel + c]
 *                                                   * dy[n * dy_image + i * dy_row + j * dy_pixel + k] */
struct conv_gradient_shape {
    ptrdiff_t images, rows, columns, channels, outputs;
    ptrdiff_t x_image, x_row, x_pixel, dy_image, dy_row, dy_pixel;
    ptrdiff_t dw_channel;
};

/* A convolution without stride on planes, element (channel c, pixel p) of x being x[c * x_plane + p]. Pixel p of output
 * k, p < pixels (full vectors), sums over the taps (r, s) and channels c of
 *     x[c * x_plane + p + r * x_tap_row + s * x_tap_column] * w[r * w_tap_row + s * w_tap_column + c * w_channel + k]
 */
struct conv_planes_shape {
    ptrdiff_t pixels, outputs;
    ptrdiff_t taps_down, taps_across, channels;
    ptrdiff_t x_plane, x_tap_row, x_tap_column;
    ptrdiff_t w_tap_row, w_tap_column, w_channel;
    ptrdiff_t y_plane;
    float low, high;
};

/* A convolution without groups, as the gradients see it that skip the zeros of dy. */
struct conv_sparse_shape {
    ptrdiff_t height, width, channels; /* of an image */
    ptrdiff_t rows, columns, outputs;  /* of dy */
    ptrdiff_t taps_down, taps_across;
    ptrdiff_t stride_down, stride_across, down, across, top, left;
};

/* Tiles of x or dy for the gradient of 3x3 weights by Winograd's F(3x3, m x m): see winograd_weight_gradient.c. Tiles
 * are numbered image by image, row by row; tile 0 begins `top` rows above and `left` columns left of an image. Element
 * (tile t, frequency f of the pair's two rows, channel c) goes to out[t * out_tile + f * out_frequency + c]. */
struct winograd_gradient_shape {
    ptrdiff_t size, pair;               /* m, and which rows of the transform */
    ptrdiff_t height, width, top, left; /* of an image */
    ptrdiff_t pixel, channels;          /* floats from pixel to pixel, and how many of them to take */
    ptrdiff_t tiles_down, tiles_across;
    ptrdiff_t out_tile, out_frequency;
    const float *zeros; /* m + 2 pixels */
};

/* What a 2x2 max-pool let through of some windows, in a list for each output channel: counts[k] entries, of which each
 * is the offset of its pixel in x and its gradient, from element k * capacity on. */
struct pool_lists {
    int32_t *counts, *offsets;
    float *gradients;
    ptrdiff_t capacity;
};

/* One window's output channels (up to SORTED of them) by the position of their maximum: those at position p stand in
 * `channel` from end[p - 1] (0 for the first) to end[p]. Sorting writes up to a vector beyond the last. */
enum { SORTED = 64 };
struct sorted_window {
    uint8_t channel[SORTED + 16];
    uint8_t end[4];
};

/* A convolution by Winograd's F(m x m, 3x3): see winograd.c. Tiles of y (before a pool) are numbered image by image,
 * row by row; a pool's y_height and y_width are those of the pooled maps. V and P are blocks of tiles; element (tile t,
 * frequency f, channel c) of V is v[t * v_tile + f * v_frequency + c], and P likewise. In bfloat16 each 16 channels of
 * V lie together as 8 pairs, v_block floats from the 16 before. */
struct winograd_shape {
    ptrdiff_t size;                               /* m */
    ptrdiff_t height, width, channels, top, left; /* of x, and its padding */
    ptrdiff_t tiles_down, tiles_across;
    ptrdiff_t y_height, y_width, y_pixel, outputs; /* outputs: those that P holds */
    ptrdiff_t v_tile, v_frequency, v_block, p_tile, p_frequency;
    float low; /* the activation: 0 for ReLU; none: -infinity, with a pool NaN */
};

/* Tiles of a convolution with 3x3 kernels and steps of 2: see winograd_strided.c. Tiles are numbered image by image,
 * row by row; tile 0 begins `top` rows above and `left` columns left of the image that is read, and y_top and y_left of
 * the one that is written. Element (tile t, product f, channel c) of V is v[t * v_tile + f * v_frequency + c], and of P
 * likewise. */
enum strided_kind { STRIDED_X, STRIDED_DY, STRIDED_DY_OF_WEIGHTS };
struct winograd_strided_shape {
    ptrdiff_t kind;                     /* what is read */
    ptrdiff_t height, width, top, left; /* of an image read */
    ptrdiff_t pixel, channels;          /* floats from pixel to pixel, and how many of them to take */
    ptrdiff_t tiles_down, tiles_across;
    ptrdiff_t y_height, y_width, y_top, y_left, y_pixel, outputs;
    ptrdiff_t v_tile, v_frequency, p_tile, p_frequency;
    float low; /* the activation: 0 for ReLU; none: -infinity */
};

#endif
