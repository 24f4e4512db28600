/* Average pooling of images, NHWC: any windows, forward and backward.
 *
 * Vectors run over channels. Padding does not count: a window is divided by its places in the image, by a product with
 * the reciprocal; one of padding alone has the average NaN. Backward each place of the image is written once, in order:
 * windows side by side share dy among their own places; of windows of 3x3 in steps of 2 four add up in a block of 2x2
 * places; else every place collects from the windows that hold it. Limited by memory. */
#include "pool.h"

/* n channels of one window of height x width places in the image. */
ALWAYS_INLINE void mean(const float *x, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size, ptrdiff_t channels,
                        vf share, ptrdiff_t n, float *y) {
    vf sum = vzero();
#pragma GCC unroll 3
    for (ptrdiff_t i = 0; i < height; i++)
#pragma GCC unroll 3
        for (ptrdiff_t j = 0; j < width; j++) sum += vload_to(x + i * row_size + j * channels, n);
    vstore_to(y, sum * share, n);
}

/* `count` windows of a row, `step` floats apart. */
ALWAYS_INLINE void means(ptrdiff_t channels, ptrdiff_t row_size, ptrdiff_t step, ptrdiff_t height, ptrdiff_t width,
                         ptrdiff_t count, const float *x, float *y) {
    vf share = vset1(1.0f / (float)(height * width));
    for (; count > 0; count--, x += step, y += channels) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL) mean(x + k, height, width, row_size, channels, share, VL, y + k);
        if (k < channels) mean(x + k, height, width, row_size, channels, share, channels - k, y + k);
    }
}

void KERNEL(average_pool2d)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, step = s->columns.stride * channels;
    for (ptrdiff_t row = first; row < last; row++) {
        struct pool_window r = s->rows.window[row];
        ptrdiff_t height = places_of(r), windows = s->columns.windows;
        float *out = y + row * windows * channels;
        for (ptrdiff_t column = 0; column < windows;) {
            struct pool_window c = s->columns.window[column];
            ptrdiff_t width = places_of(c), count = 1;
            const float *in = x + r.start * row_size + c.start * channels;
            if (is_whole(&s->columns, column)) count = s->columns.whole.stop - column;
            if (height == 2 && width == 2)
                means(channels, row_size, step, 2, 2, count, in, out);
            else if (height == 3 && width == 3)
                means(channels, row_size, step, 3, 3, count, in, out);
            else
                means(channels, row_size, step, height, width, count, in, out);
            column += count;
            out += count * channels;
        }
    }
}

/* n channels of one place: its shares of the gradients of height x width windows, which all lie in the image. */
ALWAYS_INLINE void collect(const float *dy, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size, ptrdiff_t channels,
                           vf share, ptrdiff_t n, float *dx) {
    vf sum = vzero();
#pragma GCC unroll 3
    for (ptrdiff_t i = 0; i < height; i++)
#pragma GCC unroll 3
        for (ptrdiff_t j = 0; j < width; j++) sum += vload_to(dy + i * row_size + j * channels, n) * share;
    vstore_to(dx, sum, n);
}

ALWAYS_INLINE void collect_all(const float *dy, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size,
                               ptrdiff_t channels, vf share, float *dx) {
    ptrdiff_t k = 0;
    for (; k + VL <= channels; k += VL) collect(dy + k, height, width, row_size, channels, share, VL, dx + k);
    if (k < channels) collect(dy + k, height, width, row_size, channels, share, channels - k, dx + k);
}

enum { FEW = 4 };

/* Shares of at most FEW windows. */
ALWAYS_INLINE void collect_few(const int windows, const float *const *dy, const float *share, ptrdiff_t channels,
                               float *dx) {
    for (ptrdiff_t k = 0; k < channels; k += VL) {
        const ptrdiff_t n = channels - k < VL ? channels - k : VL;
        vf sum = vload_to(dy[0] + k, n) * share[0];
#pragma GCC unroll 4
        for (int i = 1; i < windows; i++) sum += vload_to(dy[i] + k, n) * share[i];
        vstore_to(dx + k, sum, n);
    }
}

/* The same where some windows reach over the border, or differ: each with a share of its own. */
static void collect_shares(const struct pool2d *s, struct pool_range r, struct pool_range c, const float *dy,
                           float *dx) {
    ptrdiff_t channels = s->channels, windows = length(r) * length(c);
    const float *from[FEW];
    float share[FEW];
    if (windows > FEW || windows == 0)
        for (ptrdiff_t k = 0; k < channels; k++) dx[k] = 0;
    ptrdiff_t at = 0;
    for (ptrdiff_t i = r.start; i < r.stop; i++)
        for (ptrdiff_t j = c.start; j < c.stop; j++, at++) {
            float count = (float)(places_of(s->rows.window[i]) * places_of(s->columns.window[j])), own = 1.0f / count;
            const float *in = dy + (i * s->columns.windows + j) * channels;
            if (windows <= FEW)
                from[at] = in, share[at] = own;
            else
                for (ptrdiff_t k = 0; k < channels; k++) dx[k] += in[k] * own;
        }
    if (windows == 1)
        collect_few(1, from, share, channels, dx);
    else if (windows == 2)
        collect_few(2, from, share, channels, dx);
    else if (windows == 3)
        collect_few(3, from, share, channels, dx);
    else if (windows == FEW)
        collect_few(FEW, from, share, channels, dx);
}

ALWAYS_INLINE int all_whole(const struct pool_axis *a, struct pool_range windows) {
    return a->whole.start <= windows.start && windows.stop <= a->whole.stop;
}

/* Places first to last of row h of the image. */
static void collect_row(const struct pool2d *s, ptrdiff_t h, ptrdiff_t first, ptrdiff_t last, const float *dy,
                        float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.windows * channels;
    struct pool_range r = s->rows.holders[h];
    ptrdiff_t height = length(r);
    int whole = all_whole(&s->rows, r);
    vf share = vset1(1.0f / (float)(s->rows.size * s->columns.size));
    for (ptrdiff_t w = first; w < last; w++) {
        struct pool_range c = s->columns.holders[w];
        ptrdiff_t width = length(c);
        const float *in = dy + r.start * row_size + c.start * channels;
        float *out = dx + (h * s->columns.places + w) * channels;
        if (!whole || !all_whole(&s->columns, c))
            collect_shares(s, r, c, dy, out);
        else if (height == 1 && width == 1)
            collect_all(in, 1, 1, row_size, channels, share, out);
        else if (height == 3 && width == 3)
            collect_all(in, 3, 3, row_size, channels, share, out);
        else
            collect_all(in, height, width, row_size, channels, share, out);
    }
}

/* n channels of one window, which shares no place with another. */
ALWAYS_INLINE void send(const float *dy, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size, ptrdiff_t channels,
                        vf share, ptrdiff_t n, float *dx) {
    vf value = vload_to(dy, n) * share;
#pragma GCC unroll 2
    for (ptrdiff_t i = 0; i < height; i++)
#pragma GCC unroll 2
        for (ptrdiff_t j = 0; j < width; j++) vstore_to(dx + i * row_size + j * channels, value, n);
}

ALWAYS_INLINE void send_run(const struct pool2d *s, ptrdiff_t height, ptrdiff_t width, ptrdiff_t count, const float *dy,
                            float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels;
    vf share = vset1(1.0f / (float)(height * width));
    for (; count > 0; count--, dx += width * channels, dy += channels) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL) send(dy + k, height, width, row_size, channels, share, VL, dx + k);
        if (k < channels) send(dy + k, height, width, row_size, channels, share, channels - k, dx + k);
    }
}

/* Of a row of windows and the one above: what a window of so many columns gives to each of its places. */
struct shares {
    float of[2][4];
};

ALWAYS_INLINE struct shares shares_of(const struct pool2d *s, ptrdiff_t row) {
    struct shares shares;
    for (int above = 0; above < 2; above++)
        for (int width = 1; width <= 3; width++) {
            ptrdiff_t height = row >= above ? places_of(s->rows.window[row - above]) : 1;
            shares.of[above][width] = 1.0f / (float)(height * width);
        }
    return shares;
}

/* n channels of the first 2x2 places of a window of 3x3, which hold the last ones of the windows before it and above
 * it, where there are such: share[0] is that of the window itself, share[1] that of the one before it. */
ALWAYS_INLINE void block(const float *dy, int is_before, int is_above, ptrdiff_t above, ptrdiff_t channels,
                         ptrdiff_t row_size, const vf *share, const vf *share_above, ptrdiff_t n, float *dx) {
    vf own = vload_to(dy, n) * share[0], column = own, corner = own, row = own;
    if (is_above) corner = column = own + vload_to(dy - above, n) * share_above[0];
    if (is_before) {
        vf before = vload_to(dy - channels, n) * share[1];
        row = own + before;
        corner = column + before;
        if (is_above) corner += vload_to(dy - above - channels, n) * share_above[1];
    }
    vstore_to(dx, corner, n);
    vstore_to(dx + channels, column, n);
    vstore_to(dx + row_size, row, n);
    vstore_to(dx + row_size + channels, own, n);
}

/* Blocks of windows first to last of a row, all as wide as the first, and those before them, too. */
ALWAYS_INLINE void block_run(const struct pool2d *s, const struct shares *shares, int is_before, int is_above,
                             ptrdiff_t first, ptrdiff_t last, const float *dy, float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, above = s->columns.windows * channels;
    ptrdiff_t width = places_of(s->columns.window[first]);
    ptrdiff_t width_before = is_before ? places_of(s->columns.window[first - 1]) : width;
    vf share[2] = {vset1(shares->of[0][width]), vset1(shares->of[0][width_before])};
    vf share_above[2] = {vset1(shares->of[1][width]), vset1(shares->of[1][width_before])};
    dy += first * channels;
    dx += s->columns.window[first].start * channels;
    for (ptrdiff_t c = first; c < last; c++, dx += 2 * channels, dy += channels) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL)
            block(dy + k, is_before, is_above, above, channels, row_size, share, share_above, VL, dx + k);
        if (k < channels)
            block(dy + k, is_before, is_above, above, channels, row_size, share, share_above, channels - k, dx + k);
    }
}

/* The blocks of a row of windows: of all whole windows behind a whole one at once, of the others one by one. */
ALWAYS_INLINE void block_row(const struct pool2d *s, int is_above, ptrdiff_t row, struct pool_range run,
                             const float *dy, float *dx) {
    struct shares shares = shares_of(s, row);
    for (ptrdiff_t c = run.start, next; c < run.stop; c = next) {
        next = c > s->columns.whole.start && is_whole(&s->columns, c) ? s->columns.whole.stop : c + 1;
        if (c == 0)
            block_run(s, &shares, 0, is_above, c, next, dy, dx);
        else
            block_run(s, &shares, 1, is_above, c, next, dy, dx);
    }
}

/* The places that rows of windows own. */
void KERNEL(average_pool2d_gradient)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy,
                                     float *dx) {
    ptrdiff_t channels = s->channels, windows = s->columns.windows, places = s->columns.places;
    int side_by_side = apart(s);
    for (ptrdiff_t row = first; row < last; row++) {
        struct pool_range rows = owned(&s->rows, row), run = run_of(s, row);
        ptrdiff_t h = rows.start;
        if (length(run) > 0) {
            ptrdiff_t left = s->columns.window[run.start].start, right = left + length(run) * s->columns.stride;
            ptrdiff_t bottom = h + s->rows.stride;
            const float *in = dy + row * windows * channels;
            float *out = dx + h * places * channels;
            if (!side_by_side && row == 0)
                block_row(s, 0, row, run, in, out);
            else if (!side_by_side)
                block_row(s, 1, row, run, in, out);
            else if (s->rows.size == 2 && s->columns.size == 2)
                send_run(s, 2, 2, length(run), in + run.start * channels, out + left * channels);
            else
                send_run(s, s->rows.size, s->columns.size, length(run), in + run.start * channels,
                         out + left * channels);
            for (; h < bottom; h++) {
                collect_row(s, h, 0, left, dy, dx);
                collect_row(s, h, right, places, dy, dx);
            }
        }
        for (; h < rows.stop; h++) collect_row(s, h, 0, places, dy, dx);
    }
}
