/* Colours of pixels: between RGB and HSV, and scaled, shifted and cut to a range.
 *
 * Conversions take VL pixels at a time, their three channels apart. Limited by memory, but for the division of
 * rgb_to_hsv. A pixel of which a channel is no number has none in any. */
#include "simd_math.h"

#include "kernels.h"

enum { PATTERN = 8 }; /* most channels whose coefficients are laid out for whole vectors */

ALWAYS_INLINE void apart(const float *x, ptrdiff_t n, vf *channel) {
    float lane[3][VL];
    if (n < VL) memset(lane, 0, sizeof lane);
    for (ptrdiff_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) lane[c][i] = x[3 * i + c];
    for (int c = 0; c < 3; c++) channel[c] = vload(lane[c]);
}

ALWAYS_INLINE void together(const vf *channel, ptrdiff_t n, float *y) {
    float lane[3][VL];
    for (int c = 0; c < 3; c++) vstore(lane[c], channel[c]);
    for (ptrdiff_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) y[3 * i + c] = lane[c][i];
}

/* Not a number where any channel is not. */
ALWAYS_INLINE vf missing(const vf *channel) {
    vi bad = (channel[0] != channel[0]) | (channel[1] != channel[1]) | (channel[2] != channel[2]);
    return (vf)(bad & 0x7fc00000);
}

ALWAYS_INLINE vf nonzero(vf x) { return vselect(vabs(x) < 1.1920929e-7f, vzero(), x); }

ALWAYS_INLINE void to_hsv(vf *p) {
    const vf nothing = missing(p), red = nonzero(p[0]), green = nonzero(p[1]), blue = nonzero(p[2]);
    const vf most = vmax(vmax(red, green), blue), range = most - vmin(vmin(red, green), blue);
    const vi spread = range > 0.0f, bright = most > 0.0f;
    const vf norm = 1.0f / (6.0f * vselect(spread, range, vset1(1.0f)));
    vf hue = vselect(most == green, norm * (blue - red) + 2.0f / 6.0f, norm * (red - green) + 4.0f / 6.0f);
    hue = vselect(most == red, norm * (green - blue), hue);
    hue = vselect(spread, hue, vzero()) + vselect(hue < 0.0f, vset1(1.0f), vzero());
    p[0] = hue + nothing;
    p[1] = vselect(bright, range / vselect(bright, most, vset1(1.0f)), vzero()) + nothing;
    p[2] = most + nothing;
}

ALWAYS_INLINE vf unit(vf x) { return vmin(vset1(1.0f), vmax(vzero(), x)); }

ALWAYS_INLINE void to_rgb(vf *p) {
    const vf turn = (p[0] - vfloor(p[0])) * 6.0f, saturation = p[1], most = p[2] + missing(p), rest = 1.0f - saturation;
    p[0] = most * (rest + saturation * unit(vabs(turn - 3.0f) - 1.0f));
    p[1] = most * (rest + saturation * unit(2.0f - vabs(turn - 2.0f)));
    p[2] = most * (rest + saturation * unit(2.0f - vabs(turn - 4.0f)));
}

/* n: the number of pixels. */
void KERNEL(rgb_to_hsv)(ptrdiff_t n, const float *x, float *y) {
    for (ptrdiff_t i = 0; i < n; i += VL) {
        vf pixel[3];
        apart(x + 3 * i, n - i < VL ? n - i : VL, pixel);
        to_hsv(pixel);
        together(pixel, n - i < VL ? n - i : VL, y + 3 * i);
    }
}

void KERNEL(hsv_to_rgb)(ptrdiff_t n, const float *x, float *y) {
    for (ptrdiff_t i = 0; i < n; i += VL) {
        vf pixel[3];
        apart(x + 3 * i, n - i < VL ? n - i : VL, pixel);
        to_rgb(pixel);
        together(pixel, n - i < VL ? n - i : VL, y + 3 * i);
    }
}

/* y[pixel][c] = x[pixel][c] * scale[c] + shift[c], from low to high. The coefficients of few channels are repeated
 * until they fill whole vectors: VL pixels are `channels` vectors. */
void KERNEL(scale_shift_clip)(ptrdiff_t pixels, ptrdiff_t channels, float low, float high, const float *scale,
                              const float *shift, const float *x, float *y) {
    const vf least = vset1(low), most = vset1(high);
    float scales[PATTERN * VL], shifts[PATTERN * VL];
    ptrdiff_t columns = channels, rows = pixels;
    if (channels <= PATTERN) {
        for (ptrdiff_t i = 0; i < VL * channels; i++) scales[i] = scale[i % channels], shifts[i] = shift[i % channels];
        scale = scales, shift = shifts;
        columns = VL * channels, rows = (pixels + VL - 1) / VL;
    }
    for (ptrdiff_t row = 0, left = pixels * channels; row < rows; row++, left -= columns) {
        const ptrdiff_t length = left < columns ? left : columns;
        ptrdiff_t i = 0;
        for (; i + VL <= length; i += VL)
            vstore(y + i, vmin(most, vmax(least, vload(x + i) * vload(scale + i) + vload(shift + i))));
        for (ptrdiff_t n = length - i; i < length; i += VL) {
            vf wide = vload_n(x + i, n) * vload_n(scale + i, n) + vload_n(shift + i, n);
            vstore_n(y + i, vmin(most, vmax(least, wide)), n);
        }
        x += columns, y += columns;
    }
}
