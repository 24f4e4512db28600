/* Random numbers by counter: element i depends on its word (philox.h) alone. Uniform: multiples of 2^-24 from 0 to 1,
 * without 1. Normal: the inverse of the distribution function at such a number plus 2^-25, by M. Giles's polynomials
 * for the inverse error function ("Approximating the erfinv function", 2010). Limited by the rounds of Philox. */
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
