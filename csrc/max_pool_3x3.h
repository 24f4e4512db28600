/* Max pooling of windows of 3x3 in steps of 2, forward.
 *
 * A row of windows shares its last row of places with the first one of the next, so each row of places is reduced once:
 * of the three places under a window the largest and which it was, in bytes where there are mask registers. That of
 * the last row stays in a strip of windows on the stack for the row of windows below. Rows before columns: so the first
 * of equal maxima is the first in the order of positions. A window that the image cuts off has two columns or two rows,
 * of which the last one is read twice, for it never exceeds itself. */
#ifndef FASTCNN_MAX_POOL_3X3_H
#define FASTCNN_MAX_POOL_3X3_H

#include "pool.h"

/* Small numbers, one for each lane of a vector of floats. */
#if defined(FASTCNN_ISA_AVX512)
typedef __m128i vplaces;
typedef uint8_t place_number;
ALWAYS_INLINE vplaces places_all(int x) { return _mm_set1_epi8((char)x); }
ALWAYS_INLINE vplaces places_select(vmask m, vplaces yes, vplaces no) { return _mm_mask_mov_epi8(no, m, yes); }
ALWAYS_INLINE vplaces places_add(vplaces a, vplaces b) { return _mm_add_epi8(a, b); }
ALWAYS_INLINE vplaces places_load(const place_number *p) { return _mm_loadu_si128((const __m128i *)p); }
ALWAYS_INLINE void places_store(place_number *p, vplaces a) { _mm_storeu_si128((__m128i *)p, a); }
ALWAYS_INLINE vi places_wide(vplaces a) { return (vi)_mm512_cvtepu8_epi32(a); }
#else
typedef vi vplaces;
typedef int32_t place_number;
ALWAYS_INLINE vplaces places_all(int x) { return vset1_i(x); }
ALWAYS_INLINE vplaces places_select(vmask m, vplaces yes, vplaces no) { return mask_select_i(m, yes, no); }
ALWAYS_INLINE vplaces places_add(vplaces a, vplaces b) { return a + b; }
ALWAYS_INLINE vplaces places_load(const place_number *p) { return vload_i(p); }
ALWAYS_INLINE void places_store(place_number *p, vplaces a) { vstore_i(p, a); }
ALWAYS_INLINE vi places_wide(vplaces a) { return a; }
#endif

enum { STRIP = 4096, CODES = 7 };

/* What is known of the row of places that the rows of windows above and below share, windows whole vectors apart. */
struct strip {
    float value[STRIP];
    place_number at[STRIP];
};

struct best {
    vf value;
    vplaces at;
};

/* Where the places of a window lie: floats from its first column or row to the next and to the last. */
struct window_steps {
    ptrdiff_t column, last_column, row, last_row;
};

/* Of n channels the largest of three places of a row and, if `with_places`, its code of three; adds the first two,
 * which no other window holds, to `seen`. */
ALWAYS_INLINE struct best best_of_row(const float *x, struct window_steps step, ptrdiff_t n, const vplaces *code,
                                      int with_places, vf *seen) {
    struct best b = {vrounded(vload_to(x, n)), code[0]};
    vf second = vrounded(vload_to(x + step.column, n)), third = vrounded(vload_to(x + step.last_column, n));
    *seen += b.value + second;
    vf most = vmax(second, b.value);
    if (with_places) {
        b.at = places_select(mask_greater(second, b.value), code[1], b.at);
        b.at = places_select(mask_greater(third, most), code[2], b.at);
    }
    b.value = vmax(third, most);
    return b;
}

/* n channels of one window, of which `value` and `at` know the first row; they take its last row. */
ALWAYS_INLINE void window_of_strip(const float *x, struct window_steps step, ptrdiff_t n, const vplaces *code,
                                   float *value, place_number *at, vf *seen, float *y, int32_t *argmax) {
    vf top = vload(value);
    struct best middle = best_of_row(x + step.row, step, n, code + 3, argmax != NULL, &seen[0]);
    struct best bottom = best_of_row(x + step.last_row, step, n, code, argmax != NULL, &seen[1]);
    vf most = vmax(middle.value, top);
    vstore(value, bottom.value);
    vstore_to(y, vmax(bottom.value, most), n);
    if (argmax) {
        vplaces first = places_select(mask_greater(middle.value, top), middle.at, places_load(at));
        first = places_select(mask_greater(bottom.value, most), places_add(bottom.at, code[6]), first);
        places_store(at, bottom.at);
        vstore_to_i(argmax, places_wide(first), n);
    }
}

/* Whether one place may hold NaN. */
ALWAYS_INLINE int place_has_nan(const float *x, ptrdiff_t channels) {
    vf seen = vzero();
    for (ptrdiff_t k = 0; k < channels; k += VL) seen += vload_to(x + k, channels - k < VL ? channels - k : VL);
    return has_nan(seen);
}

/* The windows of rows `rows` and columns `columns`, which the image cuts off after two places at most. Calls `again`
 * for each row of windows that may have held NaN. */
ALWAYS_INLINE void pool_strip(const struct pool2d *s, struct pool_range rows, struct pool_range columns,
                              const float *image, float *y, int32_t *argmax,
                              void (*again)(const struct pool2d *, struct pool_window, ptrdiff_t, ptrdiff_t,
                                            const float *, float *, int32_t *)) {
    struct strip strip;
    ptrdiff_t channels = s->channels, row_size = s->columns.places * channels, apart = (channels + VL - 1) / VL * VL;
    ptrdiff_t count = length(columns), row_outputs = s->columns.windows * channels;
    ptrdiff_t whole = s->columns.whole.stop - columns.start < count ? s->columns.whole.stop - columns.start : count;
    ptrdiff_t behind = 2 * whole * channels; /* the column behind those that are counted */
    vplaces code[CODES];
    for (int i = 0; i < CODES; i++) {
        code[i] = places_all(i);
        __asm__("" : "+m"(code[i])); /* constants that are loaded once, not made for each use */
    }
    const float *x =
        image + s->rows.window[rows.start].start * row_size + s->columns.window[columns.start].start * channels;
    struct window_steps step = {channels, 2 * channels, row_size, 2 * row_size};
    vf seen_above = vzero();
    for (ptrdiff_t c = 0; c < count; c++) {
        step.last_column = c < whole ? 2 * channels : channels;
        for (ptrdiff_t k = 0; k < channels; k += VL) {
            ptrdiff_t n = channels - k < VL ? channels - k : VL;
            struct best b = best_of_row(x + 2 * c * channels + k, step, n, code, argmax != NULL, &seen_above);
            vstore(strip.value + c * apart + k, b.value);
            if (argmax) places_store(strip.at + c * apart + k, b.at);
        }
    }
    int odd_above = has_nan(seen_above) || (whole == count && place_has_nan(x + behind, channels));
    for (ptrdiff_t row = rows.start; row < rows.stop; row++, x += 2 * row_size) {
        ptrdiff_t at = (row * s->columns.windows + columns.start) * channels;
        const float *in = x;
        float *out = y + at, *value = strip.value;
        int32_t *arg = argmax ? argmax + at : NULL;
        place_number *number = strip.at;
        vf seen[2] = {vzero(), vzero()};
        step.last_row = is_whole(&s->rows, row) ? 2 * row_size : row_size;
        for (ptrdiff_t c = 0; c < count; c++, in += 2 * channels, out += channels, value += apart, number += apart) {
            ptrdiff_t k = 0;
            step.last_column = c < whole ? 2 * channels : channels;
            for (; k + VL <= channels; k += VL)
                window_of_strip(in + k, step, VL, code, value + k, number + k, seen, out + k, arg ? arg + k : NULL);
            if (k < channels)
                window_of_strip(in + k, step, channels - k, code, value + k, number + k, seen, out + k,
                                arg ? arg + k : NULL);
            if (arg) arg += channels;
        }
        int odd = has_nan(seen[0]), odd_below = has_nan(seen[1]);
        if (whole == count) {
            odd = odd || place_has_nan(x + behind + row_size, channels);
            odd_below = odd_below || place_has_nan(x + behind + step.last_row, channels);
        }
        if (odd_above || odd || odd_below)
            again(s, s->rows.window[row], columns.start, columns.stop, image, y + row * row_outputs,
                  argmax ? argmax + row * row_outputs : NULL);
        odd_above = odd_below;
    }
}

#endif
