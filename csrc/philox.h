/* Random words by counter: Philox4x32-10 (Salmon and others, 2011). Element i has word i % 4 of block i / 4, the same
 * on every instruction set and for any cut into tasks.
 *
 * A block's counter is (i / 4 low, i / 4 high, step, salt), its key the two halves of the seed. Each 64-bit lane holds
 * one block, with a word of the counter in its low half: just what the widening multiplication reads. */
#ifndef FASTCNN_PHILOX_H
#define FASTCNN_PHILOX_H

#include "kernels.h"
#include "simd.h"

enum { BLOCKS = VL / 2 }; /* of one pass; each makes four elements */
typedef uint64_t vu64 __attribute__((vector_size(VL * 4)));

#if VL == 16
#define LOW LOW_OF_8
#define HIGH HIGH_OF_8
#elif VL == 8
#define LOW LOW_OF_4
#define HIGH HIGH_OF_4
#else
#define LOW LOW_OF_2
#define HIGH HIGH_OF_2
#endif

ALWAYS_INLINE vu64 multiply_low_halves(vu64 a, uint32_t factor) {
    vu64 b = (uint64_t)factor - (vu64){0};
#if defined(FASTCNN_ISA_AVX512)
    return (vu64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(FASTCNN_ISA_AVX2)
    return (vu64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (vu64)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & 0xffffffffu) * b;
#endif
}

/* The words of BLOCKS blocks in the order of their elements: 2 * VL words. */
ALWAYS_INLINE void philox(vu64 block, const struct random_stream *d, vi *words) {
    vu64 c0 = block, c1 = block >> 32, c2 = d->step - (vu64){0}, c3 = d->salt - (vu64){0};
    uint32_t key0 = d->key[0], key1 = d->key[1];
    for (int round = 0; round < 10; round++) {
        vu64 product0 = multiply_low_halves(c0, 0xd2511f53u);
        vu64 product1 = multiply_low_halves(c2, 0xcd9e8d57u);
        c0 = (product1 >> 32) ^ c1 ^ (uint64_t)key0;
        c2 = (product0 >> 32) ^ c3 ^ (uint64_t)key1;
        c1 = product1;
        c3 = product0;
        key0 += 0x9e3779b9u;
        key1 += 0xbb67ae85u;
    }
    vu64 low = (c0 & 0xffffffffu) | (c1 << 32), high = (c2 & 0xffffffffu) | (c3 << 32);
    words[0] = (vi)SHUFFLE(low, high, LOW);
    words[1] = (vi)SHUFFLE(low, high, HIGH);
}

/* The numbers of the blocks that hold elements `first`, a multiple of 4, and those behind it. */
ALWAYS_INLINE vu64 first_blocks(ptrdiff_t first) {
    vu64 block = (uint64_t)first / 4 - (vu64){0};
    for (int i = 0; i < BLOCKS; i++) block[i] += (uint64_t)i;
    return block;
}

#endif
