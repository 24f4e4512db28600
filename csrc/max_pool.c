/* Max pooling of images, NHWC: any windows, forward and backward.
 *
 * Vectors run over channels. Forward, a run of windows that lie in the image takes the quick comparison, which passes
 * over NaN, while the sum of all that it sees tells whether there was one (or infinities of both signs): then the run
 * is done again with care. Windows of 3x3 in steps of 2 are max_pool_3x3.h's. Backward each place of the image is
 * written once, in order: windows side by side send each dy to one of their own places; of windows of 3x3 in steps of 2
 * four decide over a block of 2x2 places; else every place collects from the windows that hold it. Padding is never the
 * largest. A window of padding alone has the maximum -inf (arg-max 0). Limited by memory. */
#include "max_pool_3x3.h"
#include "rows.h"

/* n channels of one window of height x width places in the image, of which the first has this position in the window;
 * whole rows of the window are `wide`. NaN wins. */
ALWAYS_INLINE void window_with_care(const float *x, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size,
                                    ptrdiff_t channels, ptrdiff_t position, ptrdiff_t wide, ptrdiff_t n, float *y,
                                    int32_t *argmax) {
    vf best = vset1(-__builtin_inff());
    vi at = vset1_i((int32_t)position);
    for (ptrdiff_t i = 0; i < height; i++)
        for (ptrdiff_t j = 0; j < width; j++) {
            vf value = vload_to(x + i * row_size + j * channels, n);
            vi take = better(value, best);
            best = vselect(take, value, best);
            at = vselect_i(take, vset1_i((int32_t)(position + i * wide + j)), at);
        }
    vstore_to(y, best, n);
    if (argmax) vstore_to_i(argmax, at, n);
}

/* All channels of windows first to last of a row, of any size. */
static void windows_with_care(const struct pool2d *s, struct pool_window r, ptrdiff_t first, ptrdiff_t last,
                              const float *x, float *y, int32_t *argmax) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, wide = s->columns.size;
    for (ptrdiff_t column = first; column < last; column++) {
        struct pool_window c = s->columns.window[column];
        ptrdiff_t height = places_of(r), width = places_of(c);
        int empty = !height || !width;
        ptrdiff_t position = empty ? 0 : (r.start - r.origin) * wide + c.start - c.origin;
        const float *in = empty ? x : x + r.start * row_size + c.start * channels;
        float *out = y + column * channels;
        int32_t *arg = argmax ? argmax + column * channels : NULL;
        for (ptrdiff_t k = 0; k < channels; k += VL) {
            ptrdiff_t n = channels - k < VL ? channels - k : VL;
            window_with_care(in + k, height, width, row_size, channels, position, wide, n, out + k,
                             arg ? arg + k : NULL);
        }
    }
}

/* n channels of one window, of which the first of height x width places has this position; returns the sum of the
 * values of its first `counted` columns. */
ALWAYS_INLINE vf quick_window(const float *x, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size, ptrdiff_t channels,
                              ptrdiff_t position, ptrdiff_t wide, const vi *positions, ptrdiff_t counted, ptrdiff_t n,
                              float *y, int32_t *argmax) {
    vf best = vload_to(x, n), sum = best;
    vi at = vset1_i((int32_t)position);
#pragma GCC unroll 3
    for (ptrdiff_t i = 0; i < height; i++)
#pragma GCC unroll 3
        for (ptrdiff_t j = 0; j < width; j++) {
            if (i == 0 && j == 0) continue;
            vf value = vrounded(vload_to(x + i * row_size + j * channels, n)); /* loaded once, not for each use */
            if (j < counted) sum += value;
            if (argmax) {
                vmask take = mask_greater(value, best);
                ptrdiff_t p = position + i * wide + j;
                best = mask_select(take, value, best);
                at = mask_select_i(take, positions ? positions[p] : vset1_i((int32_t)p), at);
            } else
                best = vmax(value, best);
        }
    vstore_to(y, best, n);
    if (argmax) vstore_to_i(argmax, at, n);
    return sum;
}

/* Windows of a row of the same height and width in the image. */
struct run {
    ptrdiff_t height, width, position, wide, count;
    const float *x;
    float *y;
    int32_t *argmax; /* or NULL */
};

enum { KNOWN = 9 };

/* Returns whether there may have been NaN among what the windows hold. Of windows that share columns with the next one
 * only the others are `counted`. */
ALWAYS_INLINE int quick_windows(const struct pool2d *s, struct run r, ptrdiff_t counted) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, step = s->columns.stride * channels;
    vi known[KNOWN];
    const vi *positions = __builtin_constant_p(r.height) ? known : NULL;
    for (int i = 0; i < KNOWN; i++) known[i] = (vi)vrounded((vf)vset1_i(i)); /* in registers, not made for each use */
    vf seen = vzero();
    for (ptrdiff_t c = 0; c < r.count; c++) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL)
            seen += quick_window(r.x + k, r.height, r.width, row_size, channels, r.position, r.wide, positions, counted,
                                 VL, r.y + k, r.argmax ? r.argmax + k : NULL);
        if (k < channels)
            seen += quick_window(r.x + k, r.height, r.width, row_size, channels, r.position, r.wide, positions, counted,
                                 channels - k, r.y + k, r.argmax ? r.argmax + k : NULL);
        r.x += step;
        r.y += channels;
        if (r.argmax) r.argmax += channels;
    }
    const float *last = r.x - step; /* its columns are not those of another window of the run */
    for (ptrdiff_t i = 0; i < r.height; i++)
        for (ptrdiff_t k = counted * channels; k < r.width * channels; k += VL)
            seen += vload_to(last + i * row_size + k, r.width * channels - k < VL ? r.width * channels - k : VL);
    return has_nan(seen);
}

/* Windows `columns` of a row. */
ALWAYS_INLINE void pool_row(const struct pool2d *s, ptrdiff_t row, struct pool_range columns, const float *x, float *y,
                            int32_t *argmax) {
    ptrdiff_t windows = s->columns.windows, channels = s->channels;
    struct pool_window r = s->rows.window[row];
    float *out = y + row * windows * channels;
    int32_t *arg = argmax ? argmax + row * windows * channels : NULL;
    for (ptrdiff_t column = columns.start, next; column < columns.stop; column = next) {
        struct pool_window c = s->columns.window[column];
        ptrdiff_t height = places_of(r), width = places_of(c), wide = s->columns.size;
        ptrdiff_t position = (r.start - r.origin) * wide + c.start - c.origin;
        next = is_whole(&s->columns, column) ? s->columns.whole.stop : column + 1;
        struct run run = {height, width, position, wide, next - column, x, out + column * channels, NULL};
        run.x += (r.start * s->columns.places + c.start) * channels;
        if (argmax) run.argmax = arg + column * channels;
        int again = 1;
        if (height == 2 && width == 2 && wide == 2 && position == 0) {
            run.height = run.width = run.wide = 2, run.position = 0;
            again = quick_windows(s, run, 2);
        } else if (height == 3 && width == 3 && wide == 3 && position == 0) {
            run.height = run.width = run.wide = 3, run.position = 0;
            again = s->columns.stride == 2 ? quick_windows(s, run, 2) : quick_windows(s, run, 3);
        } else if (height && width)
            again = quick_windows(s, run, width);
        if (again) windows_with_care(s, r, column, next, x, out, arg);
    }
}

ALWAYS_INLINE void pool_rows(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y,
                             int32_t *argmax) {
    ptrdiff_t windows = s->columns.windows, most = STRIP / (s->channels + VL);
    struct pool_range rows = blocks_of(&s->rows), columns = blocks_of(&s->columns), strip;
    rows = (struct pool_range){first > rows.start ? first : rows.start, last < rows.stop ? last : rows.stop};
    if (length(rows) <= 0 || most == 0) columns = rows = (struct pool_range){first, first};
    for (strip = columns; strip.start < columns.stop; strip.start = strip.stop) {
        strip.stop = strip.start + most < columns.stop ? strip.start + most : columns.stop;
        pool_strip(s, rows, strip, x, y, argmax, windows_with_care);
    }
    for (ptrdiff_t row = first; row < last; row++) {
        struct pool_range front = {0, windows}, back = {windows, windows};
        if (rows.start <= row && row < rows.stop) front.stop = columns.start, back.start = columns.stop;
        pool_row(s, row, front, x, y, argmax);
        pool_row(s, row, back, x, y, argmax);
    }
}

/* argmax: position in the window, row by row, the first of equal maxima; may be NULL. */
void KERNEL(max_pool2d)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y,
                        int32_t *argmax) {
    if (argmax)
        pool_rows(s, first, last, x, y, argmax);
    else
        pool_rows(s, first, last, x, y, NULL);
}

/* Of one place: where it is in the first of the windows that hold it, and how much less in the next one of each axis.
 */
struct place {
    int32_t position, per_row, per_column;
};

/* n channels of one place: the gradients of those height x width windows whose maximum it was. */
ALWAYS_INLINE void collect(const float *dy, const int32_t *argmax, ptrdiff_t height, ptrdiff_t width,
                           ptrdiff_t row_size, ptrdiff_t channels, struct place p, ptrdiff_t n, float *dx) {
    vf sum = vzero();
    for (ptrdiff_t i = 0; i < height; i++)
        for (ptrdiff_t j = 0; j < width; j++) {
            ptrdiff_t at = i * row_size + j * channels;
            vi own = vset1_i(p.position - (int32_t)i * p.per_row - (int32_t)j * p.per_column);
            sum = mask_add(sum, mask_equal(vload_to_i(argmax + at, n), own), vload_to(dy + at, n));
        }
    vstore_to(dx, sum, n);
}

ALWAYS_INLINE void collect_all(const float *dy, const int32_t *argmax, ptrdiff_t height, ptrdiff_t width,
                               ptrdiff_t row_size, ptrdiff_t channels, struct place p, float *dx) {
    ptrdiff_t k = 0;
    for (; k + VL <= channels; k += VL) collect(dy + k, argmax + k, height, width, row_size, channels, p, VL, dx + k);
    if (k < channels) collect(dy + k, argmax + k, height, width, row_size, channels, p, channels - k, dx + k);
}

/* Where the windows that hold a place are not the same number of places apart: window by window, adding to dx. */
static void collect_irregular(const struct pool2d *s, ptrdiff_t h, ptrdiff_t w, struct pool_range r,
                              struct pool_range c, const float *dy, const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels;
    for (ptrdiff_t k = 0; k < channels; k++) dx[k] = 0;
    for (ptrdiff_t i = r.start; i < r.stop; i++)
        for (ptrdiff_t j = c.start; j < c.stop; j++) {
            ptrdiff_t at = (i * s->columns.windows + j) * channels;
            ptrdiff_t own = (h - s->rows.window[i].origin) * s->columns.size + w - s->columns.window[j].origin;
            for (ptrdiff_t k = 0; k < channels; k++) dx[k] += argmax[at + k] == own ? dy[at + k] : 0;
        }
}

/* Places first to last of row h of the image. */
static void collect_row(const struct pool2d *s, ptrdiff_t h, ptrdiff_t first, ptrdiff_t last, const float *dy,
                        const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.windows * channels;
    struct pool_range r = s->rows.holders[h];
    ptrdiff_t height = length(r);
    int regular = s->rows.stride > 0 && s->columns.stride > 0;
    struct place p = {0, (int32_t)(s->rows.stride * s->columns.size), (int32_t)s->columns.stride};
    for (ptrdiff_t w = first; w < last; w++) {
        struct pool_range c = s->columns.holders[w];
        ptrdiff_t width = length(c), at = r.start * row_size + c.start * channels;
        float *out = dx + (h * s->columns.places + w) * channels;
        const float *in = dy + at;
        const int32_t *arg = argmax + at;
        if (height && width)
            p.position = (int32_t)((h - s->rows.window[r.start].origin) * s->columns.size + w -
                                   s->columns.window[c.start].origin);
        if (height == 1 && width == 1)
            collect_all(in, arg, 1, 1, row_size, channels, p, out);
        else if (!regular)
            collect_irregular(s, h, w, r, c, dy, argmax, out);
        else if (height == 1 && width == 2)
            collect_all(in, arg, 1, 2, row_size, channels, p, out);
        else if (height == 2 && width == 1)
            collect_all(in, arg, 2, 1, row_size, channels, p, out);
        else if (height == 2 && width == 2)
            collect_all(in, arg, 2, 2, row_size, channels, p, out);
        else
            collect_all(in, arg, height, width, row_size, channels, p, out);
    }
}

/* n channels of one window, which shares no place with another: dy goes to one of its places, 0 to the others. */
ALWAYS_INLINE void send(const float *dy, const int32_t *argmax, ptrdiff_t height, ptrdiff_t width, ptrdiff_t row_size,
                        ptrdiff_t channels, ptrdiff_t n, float *dx) {
    vf value = vload_to(dy, n);
    vi at = vload_to_i(argmax, n);
#pragma GCC unroll 2
    for (ptrdiff_t i = 0; i < height; i++)
#pragma GCC unroll 2
        for (ptrdiff_t j = 0; j < width; j++) {
            vmask own = mask_equal(at, vset1_i((int32_t)(i * width + j)));
            vstore_to(dx + i * row_size + j * channels, mask_keep(own, value), n);
        }
}

ALWAYS_INLINE void send_run(const struct pool2d *s, ptrdiff_t height, ptrdiff_t width, ptrdiff_t count, const float *dy,
                            const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels;
    for (; count > 0; count--, dx += width * channels, dy += channels, argmax += channels) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL) send(dy + k, argmax + k, height, width, row_size, channels, VL, dx + k);
        if (k < channels) send(dy + k, argmax + k, height, width, row_size, channels, channels - k, dx + k);
    }
}

/* n channels of the first 2x2 places of a window of 3x3, which hold the last ones of the windows before it and above
 * it, where there are such. */
ALWAYS_INLINE void block(const float *dy, const int32_t *argmax, int is_before, int is_above, ptrdiff_t above,
                         ptrdiff_t channels, ptrdiff_t row_size, ptrdiff_t n, float *dx) {
    vf own = vload_to(dy, n), before = vzero(), over = vzero();
    vi at = vload_to_i(argmax, n), at_before = {0}, at_over = {0};
    vf corner = mask_keep(mask_equal(at, vset1_i(0)), own), right = mask_keep(mask_equal(at, vset1_i(1)), own);
    vf below = mask_keep(mask_equal(at, vset1_i(3)), own), last = mask_keep(mask_equal(at, vset1_i(4)), own);
    if (is_before && is_above) {
        vi at_both = vload_to_i(argmax - above - channels, n);
        corner = mask_add(corner, mask_equal(at_both, vset1_i(8)), vload_to(dy - above - channels, n));
    }
    if (is_above) {
        over = vload_to(dy - above, n), at_over = vload_to_i(argmax - above, n);
        corner = mask_add(corner, mask_equal(at_over, vset1_i(6)), over);
        right = mask_add(right, mask_equal(at_over, vset1_i(7)), over);
    }
    if (is_before) {
        before = vload_to(dy - channels, n), at_before = vload_to_i(argmax - channels, n);
        corner = mask_add(corner, mask_equal(at_before, vset1_i(2)), before);
        below = mask_add(below, mask_equal(at_before, vset1_i(5)), before);
    }
    vstore_to(dx, corner, n);
    vstore_to(dx + channels, right, n);
    vstore_to(dx + row_size, below, n);
    vstore_to(dx + row_size + channels, last, n);
}

ALWAYS_INLINE void block_run(const struct pool2d *s, int is_before, int is_above, ptrdiff_t count, const float *dy,
                             const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, above = s->columns.windows * channels;
    for (; count > 0; count--, dx += 2 * channels, dy += channels, argmax += channels) {
        ptrdiff_t k = 0;
        for (; k + VL <= channels; k += VL)
            block(dy + k, argmax + k, is_before, is_above, above, channels, row_size, VL, dx + k);
        if (k < channels)
            block(dy + k, argmax + k, is_before, is_above, above, channels, row_size, channels - k, dx + k);
    }
}

/* The blocks of a row of windows, from the left of the image where the first window begins there. */
ALWAYS_INLINE void block_row(const struct pool2d *s, int is_above, ptrdiff_t first, ptrdiff_t count, const float *dy,
                             const int32_t *argmax, float *dx) {
    if (first == 0) {
        block_run(s, 0, is_above, 1, dy, argmax, dx);
        dy += s->channels, argmax += s->channels, dx += 2 * s->channels, count--;
    }
    block_run(s, 1, is_above, count, dy, argmax, dx);
}

/* The places that rows of windows own. */
void KERNEL(max_pool2d_gradient)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy,
                                 const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels, windows = s->columns.windows, places = s->columns.places;
    int side_by_side = apart(s);
    for (ptrdiff_t row = first; row < last; row++) {
        struct pool_range rows = owned(&s->rows, row), run = run_of(s, row);
        ptrdiff_t h = rows.start;
        if (length(run) > 0) {
            ptrdiff_t left = s->columns.window[run.start].start, right = left + length(run) * s->columns.stride;
            ptrdiff_t at = (row * windows + run.start) * channels, bottom = h + s->rows.stride;
            float *out = dx + (h * places + left) * channels;
            if (!side_by_side && row == 0)
                block_row(s, 0, run.start, length(run), dy + at, argmax + at, out);
            else if (!side_by_side)
                block_row(s, 1, run.start, length(run), dy + at, argmax + at, out);
            else if (s->rows.size == 2 && s->columns.size == 2)
                send_run(s, 2, 2, length(run), dy + at, argmax + at, out);
            else
                send_run(s, s->rows.size, s->columns.size, length(run), dy + at, argmax + at, out);
            for (; h < bottom; h++) {
                collect_row(s, h, 0, left, dy, argmax, dx);
                collect_row(s, h, right, places, dy, argmax, dx);
            }
        }
        for (; h < rows.stop; h++) collect_row(s, h, 0, places, dy, argmax, dx);
    }
}
