/* Max and average pooling of images, NHWC, any window, stride and explicit padding; forward and backward.
 *
 * A kernel makes a run of rows of one image: rows of the output going forward, rows of the input going backward.
 * Vectors run over channels. Backward every input pixel collects from the windows that hold it, in the order of the
 * output, so that rows can be made in any order and nothing is added to memory. Padding counts for nothing: not in
 * the maximum, not in the average. A window of padding alone has the maximum -inf (arg-max 0) and the average NaN.
 * Limited by memory. */
#include "kernels.h"
#include "rows.h"

struct range {
    ptrdiff_t start, stop;
};

ALWAYS_INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
ALWAYS_INLINE ptrdiff_t most(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/* Positions of a window along one axis that lie in the image, for the window that starts at `start`. */
ALWAYS_INLINE struct range inside(ptrdiff_t start, ptrdiff_t window, ptrdiff_t size) {
    return (struct range){most(0, -start), least(window, size - start)};
}

/* Move on the windows of one axis, from those that hold a position further back to those that hold `at`, counted from
 * the start of the padding. Starts from {0, 0}. */
ALWAYS_INLINE void advance(struct range *windows, ptrdiff_t at, ptrdiff_t window, ptrdiff_t stride, ptrdiff_t count) {
    while (windows->stop < count && windows->stop * stride <= at) windows->stop++;
    while (windows->start < windows->stop && windows->start * stride + window <= at) windows->start++;
}

ALWAYS_INLINE int single(struct range r) { return r.stop - r.start == 1; }

ALWAYS_INLINE vf load(const float *p, ptrdiff_t n) { return n == VL ? vload(p) : vload_n(p, n); }
ALWAYS_INLINE void store(float *p, vf v, ptrdiff_t n) {
    if (n == VL)
        vstore(p, v);
    else
        vstore_n(p, v, n);
}
ALWAYS_INLINE vi load_i(const int32_t *p, ptrdiff_t n) {
    return n == VL ? vload_i(p) : (vi)vload_n((const float *)p, n);
}
ALWAYS_INLINE void store_i(int32_t *p, vi v, ptrdiff_t n) { store((float *)p, (vf)v, n); }

/* n channels of one window, whose first position, in the image or not, is x[origin]. */
ALWAYS_INLINE void max_window(const struct pool2d *s, struct range r, struct range c, const float *x, ptrdiff_t origin,
                              ptrdiff_t n, float *y, int32_t *argmax) {
    vf best = vset1(-__builtin_inff());
    ptrdiff_t first = r.start < r.stop && c.start < c.stop ? r.start * s->window_width + c.start : 0;
    vi position = vset1_i((int32_t)first);
    for (ptrdiff_t i = r.start; i < r.stop; i++)
        for (ptrdiff_t j = c.start; j < c.stop; j++) {
            vf value = load(x + (origin + (i * s->width + j) * s->channels), n);
            vi take = better(value, best);
            best = vselect(take, value, best);
            position = vselect_i(take, vset1_i((int32_t)(i * s->window_width + j)), position);
        }
    store(y, best, n);
    if (argmax) store_i(argmax, position, n);
}

/* argmax: position in the window, row by row, the first of equal maxima; may be NULL. */
void KERNEL(max_pool2d)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y,
                        int32_t *argmax) {
    ptrdiff_t channels = s->channels, row_size = s->output_width * channels;
    const struct range two = {0, 2};
    for (ptrdiff_t row = first; row < last; row++) {
        ptrdiff_t h = row * s->stride_height - s->top;
        struct range r = inside(h, s->window_height, s->height);
        for (ptrdiff_t column = 0; column < s->output_width; column++) {
            ptrdiff_t w = column * s->stride_width - s->left;
            struct range c = inside(w, s->window_width, s->width);
            ptrdiff_t origin = (h * s->width + w) * channels;
            float *out = y + row * row_size + column * channels;
            int32_t *arg = argmax ? argmax + row * row_size + column * channels : NULL;
            int two_by_two =
                s->window_height == 2 && s->window_width == 2 && r.stop - r.start == 2 && c.stop - c.start == 2;
            ptrdiff_t k = 0;
            if (two_by_two)
                for (; k + VL <= channels; k += VL)
                    max_window(s, two, two, x, origin + k, VL, out + k, arg ? arg + k : NULL);
            for (; k + VL <= channels; k += VL) max_window(s, r, c, x, origin + k, VL, out + k, arg ? arg + k : NULL);
            if (k < channels) max_window(s, r, c, x, origin + k, channels - k, out + k, arg ? arg + k : NULL);
        }
    }
}

/* n channels of one input pixel: the gradients of those windows, of rows r and columns c, whose maximum it was. */
ALWAYS_INLINE void max_collect(const struct pool2d *s, struct range r, struct range c, ptrdiff_t h, ptrdiff_t w,
                               const float *dy, const int32_t *argmax, ptrdiff_t n, float *dx) {
    vf sum = vzero();
    for (ptrdiff_t i = r.start; i < r.stop; i++)
        for (ptrdiff_t j = c.start; j < c.stop; j++) {
            ptrdiff_t position = (h - i * s->stride_height) * s->window_width + (w - j * s->stride_width);
            ptrdiff_t at = (i * s->output_width + j) * s->channels;
            vi own = load_i(argmax + at, n) == (int32_t)position;
            sum += vselect(own, load(dy + at, n), vzero());
        }
    store(dx, sum, n);
}

void KERNEL(max_pool2d_gradient)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy,
                                 const int32_t *argmax, float *dx) {
    ptrdiff_t channels = s->channels;
    struct range r = {0, 0};
    for (ptrdiff_t row = first; row < last; row++) {
        ptrdiff_t h = row + s->top;
        advance(&r, h, s->window_height, s->stride_height, s->output_height);
        struct range c = {0, 0};
        for (ptrdiff_t column = 0; column < s->width; column++) {
            ptrdiff_t w = column + s->left, k = 0;
            advance(&c, w, s->window_width, s->stride_width, s->output_width);
            float *out = dx + (row * s->width + column) * channels;
            if (single(r) && single(c)) {
                struct range i = {r.start, r.start + 1}, j = {c.start, c.start + 1}; /* constant trip counts */
                for (; k + VL <= channels; k += VL) max_collect(s, i, j, h, w, dy + k, argmax + k, VL, out + k);
            }
            for (; k + VL <= channels; k += VL) max_collect(s, r, c, h, w, dy + k, argmax + k, VL, out + k);
            if (k < channels) max_collect(s, r, c, h, w, dy + k, argmax + k, channels - k, out + k);
        }
    }
}

/* Elements of a window that lie in the image. */
ALWAYS_INLINE float count_of(struct range r, struct range c) {
    return (float)(most(0, r.stop - r.start) * most(0, c.stop - c.start));
}

ALWAYS_INLINE void average_window(const struct pool2d *s, struct range r, struct range c, const float *x,
                                  ptrdiff_t origin, ptrdiff_t n, float *y) {
    vf sum = vzero();
    for (ptrdiff_t i = r.start; i < r.stop; i++)
        for (ptrdiff_t j = c.start; j < c.stop; j++) sum += load(x + (origin + (i * s->width + j) * s->channels), n);
    store(y, sum / count_of(r, c), n);
}

void KERNEL(average_pool2d)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *x, float *y) {
    ptrdiff_t channels = s->channels;
    for (ptrdiff_t row = first; row < last; row++) {
        ptrdiff_t h = row * s->stride_height - s->top;
        struct range r = inside(h, s->window_height, s->height);
        for (ptrdiff_t column = 0; column < s->output_width; column++) {
            ptrdiff_t w = column * s->stride_width - s->left, k = 0;
            struct range c = inside(w, s->window_width, s->width);
            ptrdiff_t origin = (h * s->width + w) * channels;
            float *out = y + (row * s->output_width + column) * channels;
            for (; k + VL <= channels; k += VL) average_window(s, r, c, x, origin + k, VL, out + k);
            if (k < channels) average_window(s, r, c, x, origin + k, channels - k, out + k);
        }
    }
}

/* n channels of one input pixel: its share in the gradients of the windows of rows r and columns c. */
ALWAYS_INLINE void average_collect(const struct pool2d *s, struct range r, struct range c, const float *dy, ptrdiff_t n,
                                   float *dx) {
    vf sum = vzero();
    for (ptrdiff_t i = r.start; i < r.stop; i++) {
        struct range rows = inside(i * s->stride_height - s->top, s->window_height, s->height);
        for (ptrdiff_t j = c.start; j < c.stop; j++) {
            struct range columns = inside(j * s->stride_width - s->left, s->window_width, s->width);
            sum += load(dy + (i * s->output_width + j) * s->channels, n) * (1.0f / count_of(rows, columns));
        }
    }
    store(dx, sum, n);
}

void KERNEL(average_pool2d_gradient)(const struct pool2d *s, ptrdiff_t first, ptrdiff_t last, const float *dy,
                                     float *dx) {
    ptrdiff_t channels = s->channels;
    struct range r = {0, 0};
    for (ptrdiff_t row = first; row < last; row++) {
        advance(&r, row + s->top, s->window_height, s->stride_height, s->output_height);
        struct range c = {0, 0};
        for (ptrdiff_t column = 0; column < s->width; column++) {
            advance(&c, column + s->left, s->window_width, s->stride_width, s->output_width);
            float *out = dx + (row * s->width + column) * channels;
            ptrdiff_t k = 0;
            if (single(r) && single(c)) {
                struct range i = {r.start, r.start + 1}, j = {c.start, c.start + 1}; /* constant trip counts */
                for (; k + VL <= channels; k += VL) average_collect(s, i, j, dy + k, VL, out + k);
            }
            for (; k + VL <= channels; k += VL) average_collect(s, r, c, dy + k, VL, out + k);
            if (k < channels) average_collect(s, r, c, dy + k, channels - k, out + k);
        }
    }
}
