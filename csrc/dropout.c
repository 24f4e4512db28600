/* Dropout with a counter-based mask: element i is kept where its random word (philox.h) reaches the threshold, so the
 * mask is the same on every instruction set, for any cut into tasks, and going backward, where the same kernel is run
 * on the gradient. */
#include "kernels.h"
#include "philox.h"

/* y = kept x * scale, dropped 0, for the n elements from number `first`, a multiple of 4; y may be x. */
void KERNEL(dropout)(const struct dropout_mask *d, ptrdiff_t first, ptrdiff_t n, const float *x, float *y) {
    const int32_t sign = INT32_MIN; /* flipping it makes a signed comparison an unsigned one */
    vi threshold = vset1_i((int32_t)d->threshold ^ sign);
    vu64 block = first_blocks(first);
    ptrdiff_t i = 0;
    for (; i < n; i += 2 * VL, block += BLOCKS) {
        vi words[2];
        philox(block, &d->stream, words);
        for (int q = 0; q < 2; q++) {
            ptrdiff_t at = i + q * VL, rest = n - at;
            if (rest <= 0) break;
            vi keep = (words[q] ^ sign) >= threshold;
            if (rest >= VL)
                vstore(y + at, vselect(keep, vload(x + at) * d->scale, vzero()));
            else
                vstore_n(y + at, vselect(keep, vload_n(x + at, rest) * d->scale, vzero()), rest);
        }
    }
}
