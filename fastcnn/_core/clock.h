/* Seconds of a clock that only goes forward. */
#ifndef FASTCNN_CLOCK_H
#define FASTCNN_CLOCK_H

#include <time.h>

static inline double fastcnn_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
