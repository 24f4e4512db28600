/* Random numbers by counter: element i depends on its word (philox.h) alone. Uniform: multiples of 2^-24 from 0 to 1,
 * without 1. Normal: the inverse of the distribution function at such a number plus 2^-25, by M. Giles's polynomials
 * for the inverse error function ("Approximating the erfinv function", 2010). Limited by the rounds of Philox.
 *
 * Logarithms of gamma numbers: Marsaglia and Tsang's rejection ("A simple method for generating gamma variables", 2000)
 * for the shape plus 1, times a uniform number to the power of 1 / shape; as logarithms, for small shapes give numbers
 * that no float holds. Try t of element i takes the words of block i * TRIES + t. */
#include "philox.h"
#include "simd_math.h"

/* x: an odd multiple of 2^-24 between -1 and 1, so that 1 - x and 1 + x are exact where they are small. */
ALWAYS_INLINE vf normal_at(vf x) {
    vf w = -vlog((1.0f - x) * (1.0f + x));
    vf near = w - 2.5f, far = vsqrt(w) - 3.0f;
    vf p = near * 2.81022636e-08f + 3.43273939e-07f;
    p = p * near - 3.5233877e-06f;
    p = p * near - 4.39150654e-06f;
    p = p * near + 0.00021858087f;
    p = p * near - 0.00125372503f;
    p = p * near - 0.00417768164f;
    p = p * near + 0.246640727f;
    p = p * near + 1.50140941f;
    vf q = far * -0.000200214257f + 0.000100950558f;
    q = q * far + 0.00134934322f;
    q = q * far - 0.00367342844f;
    q = q * far + 0.00573950773f;
    q = q * far - 0.0076224613f;
    q = q * far + 0.00943887047f;
    q = q * far + 1.00167406f;
    q = q * far + 2.83297682f;
    return 1.41421356f * x * vselect(w < 5.0f, p, q);
}

enum { TRIES = 16 }; /* of which each fails once in twenty or less */

/* From 2^-25 to 1. */
ALWAYS_INLINE vf open_uniform(vi word) {
    return __builtin_convertvector(2 * ((word >> 8) & 0xffffff) + 1, vf) * 0x1p-25f;
}

/* y: the n numbers from number `first` on, of the shapes alpha; not a number where the shape is not positive. */
void KERNEL(random_log_gamma)(const struct random_stream *d, ptrdiff_t first, ptrdiff_t n, const float *alpha,
                              float *y) {
    for (ptrdiff_t i = 0; i < n; i += BLOCKS) {
        const ptrdiff_t count = n - i < BLOCKS ? n - i : BLOCKS;
        const vf shape = vload_n(alpha + i, count), a = shape + (1.0f - 1.0f / 3.0f), c = 1.0f / vsqrt(9.0f * a);
        vf found = vlog(a);
        vi open = vset1_i(-1);
        for (int try = 0; try < TRIES; try++) {
            vu64 block;
            int32_t word[2 * VL];
            vi part[3] = {{0}};
            for (int b = 0; b < BLOCKS; b++) block[b] = (uint64_t)(first + i + b) * TRIES + (uint64_t)try;
            vi words[2];
            philox(block, d, words);
            vstore_i(word, words[0]);
            vstore_i(word + VL, words[1]);
            for (int b = 0; b < BLOCKS; b++)
                for (int w = 0; w < 3; w++) part[w][b] = word[4 * b + w];
            vf x = normal_at(__builtin_convertvector(2 * ((part[0] >> 8) & 0xffffff) + 1 - (1 << 24), vf) * 0x1p-24f);
            vf root = 1.0f + c * x, v = root * root * root, log_v = vlog(vselect(root > 0.0f, v, vset1(1.0f)));
            vi good = (root > 0.0f) & (vlog(open_uniform(part[1])) < 0.5f * x * x + a * (1.0f - v + log_v)) & open;
            vf number = vlog(a) + log_v + vlog(open_uniform(part[2])) / shape;
            found = vselect(good, number, found);
            open &= ~good;
            int more = 0;
            for (int b = 0; b < count; b++) more |= open[b];
            if (!more) break;
        }
        vstore_n(y + i, vselect(shape > 0.0f, found, vset1(__builtin_nanf(""))), count);
    }
}

/* y: the n numbers from number `first`, a multiple of 4. */
void KERNEL(random_numbers)(const struct random_stream *d, int normal, ptrdiff_t first, ptrdiff_t n, float *y) {
    vu64 block = first_blocks(first);
    for (ptrdiff_t i = 0; i < n; i += 2 * VL, block += BLOCKS) {
        vi words[2];
        philox(block, d, words);
        for (int q = 0; q < 2; q++) {
            ptrdiff_t at = i + q * VL, rest = n - at;
            if (rest <= 0) break;
            vi bits = (words[q] >> 8) & 0xffffff;
            vf number = __builtin_convertvector(normal ? 2 * bits + 1 - (1 << 24) : bits, vf) * 0x1p-24f;
            if (normal) number = normal_at(number);
            vstore_n(y + at, number, rest < VL ? rest : VL);
        }
    }
}
