/* One row of an image seen through a map from output to input coordinates: affine or perspective, eight numbers t of an
 * image, or the coordinates of each pixel themselves. Output pixel (row, column) is read from
 *     column' = (t[0] column + t[1] row + t[2]) / w,   row' = (t[3] column + t[4] row + t[5]) / w
 * where w is t[6] column + t[7] row + 1 for perspective, else 1; at the nearest pixel or between four. Where a pixel
 * lies outside, the fill mode says what is there.
 *
 * Coordinates are made VL at a time for CHUNK pixels, whose values are then taken pixel by pixel, four channels at
 * once: images have few channels. A load of four reads beyond a pixel of three, so what ends at the border of the image
 * or of the row goes channel by channel. Limited by the arithmetic of addresses. */
#include "simd_math.h"

#include "kernels.h"

enum { CONSTANT, REFLECT, WRAP, NEAREST };
enum { CHUNK = 64, CACHED = 1 << 18 }; /* pixels at once; floats of an image that a core's cache holds */

typedef float four __attribute__((vector_size(16)));
typedef float four_mem __attribute__((vector_size(16), aligned(4), may_alias));

/* Where pixels are read: the one above and to the left, and the parts of the way to the next. */
struct places {
    int32_t row[CHUNK], column[CHUNK];
    float low[CHUNK], right[CHUNK];
};

/* The position in an axis of length n that stands for a position outside; -1 where it is filled. */
ALWAYS_INLINE ptrdiff_t inside(ptrdiff_t i, ptrdiff_t n, int mode) {
    if (i >= 0 && i < n) return i;
    switch (mode) {
    case NEAREST:
        return i < 0 ? 0 : n - 1;
    case WRAP:
        i %= n;
        return i < 0 ? i + n : i;
    case REFLECT: /* (d c b a | a b c d | d c b a) */
        if (i < 0) i = -1 - i;
        if (i < n) return i;
        i %= 2 * n;
        return i < n ? i : 2 * n - 1 - i;
    default:
        return -1;
    }
}

/* A coordinate that is no number, or far away, is as good as one just outside of all repetitions that count. */
ALWAYS_INLINE vf bounded(vf at) {
    const vf most = vset1(1e6f);
    return vselect(at > -most, vmin(most, at), -most);
}

/* The whole part of coordinates and the rest; for the nearest pixel the rounded ones, halves away from zero. */
ALWAYS_INLINE void place(int bilinear, vf at, int32_t *whole, float *rest) {
    at = bounded(at);
    if (!bilinear) {
        vi away = __builtin_convertvector(vabs(at) + 0.5f, vi);
        vstore_i(whole, vselect_i(at < 0.0f, -away, away));
        return;
    }
    vi low = __builtin_convertvector(at, vi);
    low += __builtin_convertvector(low, vf) > at;
    vstore_i(whole, low);
    vstore(rest, at - __builtin_convertvector(low, vf));
}

ALWAYS_INLINE float value(const struct warp *s, const float *x, ptrdiff_t row, ptrdiff_t column, ptrdiff_t channel) {
    return row < 0 || column < 0 ? s->fill_value : x[(row * s->width + column) * s->channels + channel];
}

ALWAYS_INLINE float between(float a, float b, float share) { return a + share * (b - a); }

ALWAYS_INLINE four mean_of_four(four a, four b, four d, four e, float right, float low) {
    four above = a + right * (b - a), below = d + right * (e - d);
    return above + low * (below - above);
}

/* y: the channels of a pixel. `room`: how many floats of y are this row's. */
ALWAYS_INLINE void take_nearest(const struct warp *s, const ptrdiff_t channels, const float *x, ptrdiff_t row,
                                ptrdiff_t column, ptrdiff_t room, float *y) {
    ptrdiff_t i = inside(row, s->height, s->fill_mode), j = inside(column, s->width, s->fill_mode), c = 0;
    ptrdiff_t at = (i * s->width + j) * channels, size = s->height * s->width * channels;
    if (i >= 0 && j >= 0) {
        for (; c < channels && at + c + 4 <= size && c + 4 <= room && channels != 1; c += 4)
            *(four_mem *)(y + c) = *(const four_mem *)(x + at + c);
    }
    for (; c < channels; c++) y[c] = value(s, x, i, j, c);
}

ALWAYS_INLINE void take_bilinear(const struct warp *s, const ptrdiff_t channels, const float *x, ptrdiff_t top,
                                 ptrdiff_t left, float low, float right, ptrdiff_t room, float *y) {
    ptrdiff_t i0 = inside(top, s->height, s->fill_mode), i1 = inside(top + 1, s->height, s->fill_mode), c = 0;
    ptrdiff_t j0 = inside(left, s->width, s->fill_mode), j1 = inside(left + 1, s->width, s->fill_mode);
    if ((i0 | i1 | j0 | j1) >= 0) {
        const ptrdiff_t line = s->width * channels, size = s->height * line;
        const ptrdiff_t last = (i0 > i1 ? i0 : i1) * line + (j0 > j1 ? j0 : j1) * channels;
        const float *upper = x + i0 * line, *lower = x + i1 * line;
        j0 *= channels, j1 *= channels;
        for (; c < channels && last + c + 4 <= size && c + 4 <= room && channels != 1; c += 4) {
            four a = *(const four_mem *)(upper + j0 + c), b = *(const four_mem *)(upper + j1 + c);
            four d = *(const four_mem *)(lower + j0 + c), e = *(const four_mem *)(lower + j1 + c);
            *(four_mem *)(y + c) = mean_of_four(a, b, d, e, right, low);
        }
        for (; c < channels; c++) {
            float above = between(upper[j0 + c], upper[j1 + c], right);
            y[c] = between(above, between(lower[j0 + c], lower[j1 + c], right), low);
        }
        return;
    }
    for (; c < channels; c++) {
        float above = between(value(s, x, i0, j0, c), value(s, x, i0, j1, c), right);
        y[c] = between(above, between(value(s, x, i1, j0, c), value(s, x, i1, j1, c), right), low);
    }
}

/* The offsets of VL pixels in the image; returns whether all that is read there, four channels at once, lies inside. */
ALWAYS_INLINE int plain(const struct warp *s, const ptrdiff_t channels, const struct places *at, ptrdiff_t first,
                        int32_t *offset) {
    const ptrdiff_t size = s->height * s->width * channels, more = s->bilinear != 0;
    const ptrdiff_t limit = size - more * (s->width + 1) * channels - (channels == 1 ? 1 : (channels + 3) / 4 * 4);
    if (size > INT32_MAX || limit < 0) return 0;
    vi row = vload_i(at->row + first), column = vload_i(at->column + first);
    vi good = (row >= 0) & (column >= 0) & (row < (int32_t)(s->height - more)) & (column < (int32_t)(s->width - more));
    row &= good, column &= good;
    vi start = (row * (int32_t)s->width + column) * (int32_t)channels;
    good &= start <= (int32_t)limit;
    vstore_i(offset, start);
    int all = -1;
    for (int i = 0; i < VL; i++) all &= good[i];
    return all;
}

/* Positions in an axis of length n that stand for those at most one length outside; others stay outside. */
ALWAYS_INLINE vi brought_inside(vi i, int32_t n, int mode) {
    const vi low = i < 0, high = i >= n;
    if (mode == NEAREST) return vselect_i(low, (vi){0}, vselect_i(high, vset1_i(n - 1), i));
    if (mode == WRAP) return i + (low & n) - (high & n);
    i = vselect_i(low, -1 - i, i);
    return vselect_i(i >= n, 2 * n - 1 - i, i);
}

/* The offsets of the four pixels around each of VL places, where none is filled, and the last of them; returns whether
 * all lie inside. */
ALWAYS_INLINE int mapped(const struct warp *s, const ptrdiff_t channels, const struct places *at, ptrdiff_t first,
                         int32_t offset[5][VL]) {
    const int32_t height = (int32_t)s->height, width = (int32_t)s->width, mode = s->fill_mode;
    if (mode == CONSTANT || !s->bilinear || s->height * s->width * channels > INT32_MAX / 2) return 0;
    const vi row = vload_i(at->row + first), column = vload_i(at->column + first);
    const vi i0 = brought_inside(row, height, mode), i1 = brought_inside(row + 1, height, mode);
    const vi j0 = brought_inside(column, width, mode), j1 = brought_inside(column + 1, width, mode);
    const vi outside =
        (i0 < 0) | (i1 < 0) | (j0 < 0) | (j1 < 0) | (i0 >= height) | (i1 >= height) | (j0 >= width) | (j1 >= width);
    int any = 0;
    for (int i = 0; i < VL; i++) any |= outside[i];
    if (any) return 0;
    const vi upper = i0 * width, lower = i1 * width;
    vstore_i(offset[0], (upper + j0) * (int32_t)channels);
    vstore_i(offset[1], (upper + j1) * (int32_t)channels);
    vstore_i(offset[2], (lower + j0) * (int32_t)channels);
    vstore_i(offset[3], (lower + j1) * (int32_t)channels);
    vstore_i(offset[4], (vselect_i(upper > lower, upper, lower) + vselect_i(j0 > j1, j0, j1)) * (int32_t)channels);
    return 1;
}

/* y: `count` pixels, of which the first has `room` floats from it until the end of the row. */
ALWAYS_INLINE void take(const struct warp *s, const ptrdiff_t channels, const struct places *at, ptrdiff_t count,
                        ptrdiff_t room, const float *x, float *y) {
    const ptrdiff_t line = s->width * channels, spare = channels == 1 ? 1 : (channels + 3) / 4 * 4;
    const ptrdiff_t limit = s->height * line - spare;
    for (ptrdiff_t first = 0; first < count; first += VL) {
        int32_t offset[5][VL];
        ptrdiff_t i = first, end = count - first < VL ? count : first + VL;
        if (plain(s, channels, at, first, offset[0])) {
            for (; i < end && room >= spare; i++, y += channels, room -= channels) {
                const float *upper = x + offset[0][i - first], *lower = upper + line;
                const float right = at->right[i], low = at->low[i];
                if (channels == 1)
                    *y = s->bilinear
                             ? between(between(upper[0], upper[1], right), between(lower[0], lower[1], right), low)
                             : *upper;
                else
                    for (ptrdiff_t c = 0; c < channels; c += 4) {
                        four a = *(const four_mem *)(upper + c);
                        if (s->bilinear) {
                            four b = *(const four_mem *)(upper + channels + c);
                            four d = *(const four_mem *)(lower + c), e = *(const four_mem *)(lower + channels + c);
                            a = mean_of_four(a, b, d, e, right, low);
                        }
                        *(four_mem *)(y + c) = a;
                    }
            }
        } else if (mapped(s, channels, at, first, offset)) {
            for (; i < end && room >= spare; i++, y += channels, room -= channels) {
                const float *corner[4], right = at->right[i], low = at->low[i];
                if (offset[4][i - first] > limit) break;
                for (int k = 0; k < 4; k++) corner[k] = x + offset[k][i - first];
                if (channels == 1)
                    *y = between(between(*corner[0], *corner[1], right), between(*corner[2], *corner[3], right), low);
                else
                    for (ptrdiff_t c = 0; c < channels; c += 4) {
                        four part[4];
                        for (int k = 0; k < 4; k++) part[k] = *(const four_mem *)(corner[k] + c);
                        *(four_mem *)(y + c) = mean_of_four(part[0], part[1], part[2], part[3], right, low);
                    }
            }
        }
        for (; i < end; i++, y += channels, room -= channels) {
            if (s->bilinear)
                take_bilinear(s, channels, x, at->row[i], at->column[i], at->low[i], at->right[i], room, y);
            else
                take_nearest(s, channels, x, at->row[i], at->column[i], room, y);
        }
    }
}

static void take_any(const struct warp *s, const struct places *at, ptrdiff_t count, ptrdiff_t room, const float *x,
                     float *y) {
    if (s->channels == 3)
        take(s, 3, at, count, room, x, y);
    else if (s->channels == 1)
        take(s, 1, at, count, room, x, y);
    else
        take(s, s->channels, at, count, room, x, y);
}

/* Rows that are read across the image come line by line from everywhere: bring all of it in first, in order. */
ALWAYS_INLINE void fetch(const struct warp *s, const float *x) {
    const ptrdiff_t size = s->height * s->width * s->channels;
    if (size > CACHED) return;
    for (ptrdiff_t i = 0; i < size; i += 16) __builtin_prefetch(x + i, 0, 2);
}

void KERNEL(warp_row)(const struct warp *s, const float *t, ptrdiff_t row, const float *restrict x, float *restrict y) {
    struct places at;
    vf lanes;
    for (int i = 0; i < VL; i++) lanes[i] = (float)i;
    if (row == 0 && t[3] != 0.0f) fetch(s, x);
    const float across = t[1] * (float)row + t[2], down = t[4] * (float)row + t[5], depth = t[7] * (float)row + 1.0f;
    for (ptrdiff_t first = 0; first < s->out_width; first += CHUNK) {
        ptrdiff_t count = s->out_width - first < CHUNK ? s->out_width - first : CHUNK;
        for (ptrdiff_t i = 0; i < count; i += VL) {
            vf column = (float)(first + i) + lanes;
            vf right = t[0] * column + across, low = t[3] * column + down;
            if (s->perspective) {
                vf w = t[6] * column + depth;
                right /= w, low /= w;
            }
            place(s->bilinear, right, at.column + i, at.right + i);
            place(s->bilinear, low, at.row + i, at.low + i);
        }
        take_any(s, &at, count, (s->out_width - first) * s->channels, x, y + first * s->channels);
    }
}

/* down, across: the coordinates of each pixel of the row. */
void KERNEL(warp_row_at)(const struct warp *s, const float *restrict down, const float *restrict across,
                         const float *restrict x, float *restrict y) {
    struct places at;
    for (ptrdiff_t first = 0; first < s->out_width; first += CHUNK) {
        ptrdiff_t count = s->out_width - first < CHUNK ? s->out_width - first : CHUNK;
        for (ptrdiff_t i = 0; i < count; i += VL) {
            ptrdiff_t n = count - i < VL ? count - i : VL;
            place(s->bilinear, vload_n(across + first + i, n), at.column + i, at.right + i);
            place(s->bilinear, vload_n(down + first + i, n), at.row + i, at.low + i);
        }
        take_any(s, &at, count, (s->out_width - first) * s->channels, x, y + first * s->channels);
    }
}

/* t: the eight numbers of the perspective that takes four points (x, y) of `end` to those of `start`, by elimination
 * with pivots. No numbers where three of the points lie on a line. */
void KERNEL(homography)(const float *start, const float *end, float *t) {
    double a[8][9];
    for (int i = 0; i < 4; i++) {
        double u = end[2 * i], v = end[2 * i + 1];
        for (int k = 0; k < 2; k++) {
            double *row = a[2 * i + k], to = start[2 * i + k];
            for (int j = 0; j < 6; j++) row[j] = 0;
            row[3 * k] = u, row[3 * k + 1] = v, row[3 * k + 2] = 1;
            row[6] = -to * u, row[7] = -to * v, row[8] = to;
        }
    }
    for (int i = 0; i < 8; i++) {
        int pivot = i;
        for (int j = i + 1; j < 8; j++)
            if (__builtin_fabs(a[j][i]) > __builtin_fabs(a[pivot][i])) pivot = j;
        for (int k = 0; k < 9; k++) {
            double kept = a[i][k];
            a[i][k] = a[pivot][k], a[pivot][k] = kept;
        }
        for (int j = 0; j < 8; j++) {
            double factor = a[j][i] / a[i][i];
            for (int k = i; k < 9 && j != i; k++) a[j][k] -= factor * a[i][k];
        }
    }
    for (int i = 0; i < 8; i++) t[i] = (float)(a[i][8] / a[i][i]);
}
