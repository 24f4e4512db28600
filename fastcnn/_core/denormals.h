/* Denormals are flushed to zero in the engine: on some processors each of them costs a hundred cycles. */
#ifndef FASTCNN_DENORMALS_H
#define FASTCNN_DENORMALS_H

#include <stdint.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

typedef uint64_t float_state;

/* Has the calling thread flush them; returns its state before. */
static inline float_state flush_denormals(void) {
#if defined(__SSE2__)
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    return before;
#elif defined(__aarch64__)
    enum { FLUSH_TO_ZERO = 1 << 24 };
    float_state before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | FLUSH_TO_ZERO));
    return before;
#else
    return 0;
#endif
}

static inline void restore_float_state(float_state before) {
#if defined(__SSE2__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

#endif
