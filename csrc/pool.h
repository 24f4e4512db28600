/* What max and average pooling share: how the places of an image are shared out among the rows of windows. */
#ifndef FASTCNN_POOL_H
#define FASTCNN_POOL_H

#include "kernels.h"
#include "simd.h"

/* Going backward a row of windows owns the rows of places from its first one to that of the next: all rows of the image
 * are owned by one, so that rows of windows can be taken in any order, and each place is written once. */
ALWAYS_INLINE struct pool_range owned(const struct pool_axis *a, ptrdiff_t window) {
    ptrdiff_t next = window + 1;
    return (struct pool_range){window ? a->window[window].start : 0,
                               next < a->windows ? a->window[next].start : a->places};
}

ALWAYS_INLINE ptrdiff_t length(struct pool_range r) { return r.stop - r.start; }
ALWAYS_INLINE ptrdiff_t places_of(struct pool_window w) { return w.stop - w.start; }
ALWAYS_INLINE int is_whole(const struct pool_axis *a, ptrdiff_t window) {
    return a->whole.start <= window && window < a->whole.stop;
}

/* Windows that lie side by side. */
ALWAYS_INLINE int apart(const struct pool2d *s) {
    return s->rows.stride == s->rows.size && s->columns.stride == s->columns.size;
}

/* Windows of 3 places in steps of 2 whose first two places are in the image: these they share with no window behind
 * them, and with the one before them the first. */
ALWAYS_INLINE struct pool_range blocks_of(const struct pool_axis *a) {
    struct pool_range blocks = {0, a->windows};
    if (a->size != 3 || a->stride != 2) return (struct pool_range){0, 0};
    while (blocks.start < blocks.stop && a->window[blocks.start].origin < 0) blocks.start++;
    while (blocks.start < blocks.stop && a->window[blocks.stop - 1].origin + 2 > a->places) blocks.stop--;
    return blocks;
}

/* The windows of a row whose places are written window by window going backward; the others place by place. */
ALWAYS_INLINE struct pool_range run_of(const struct pool2d *s, ptrdiff_t row) {
    if (apart(s)) return is_whole(&s->rows, row) ? s->columns.whole : (struct pool_range){0, 0};
    struct pool_range rows = blocks_of(&s->rows);
    return rows.start <= row && row < rows.stop ? blocks_of(&s->columns) : (struct pool_range){0, 0};
}

#endif
