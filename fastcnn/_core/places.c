/* See places.h. */
#define _GNU_SOURCE /* affinities */
#include "places.h"

#if defined(__linux__)

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { OWN, BEING_LENT, LENT };

struct place {
    pthread_t handle;
    int processor;
    int state;
    long long ran;    /* nanoseconds of its processor time when another thread last looked */
    cpu_set_t before; /* where it may run; kept while it is narrowed to a processor that was lent to it */
};
static struct place places[FASTCNN_MOST_THREADS];

static int processor_of(int thread) { return __atomic_load_n(&places[thread].processor, __ATOMIC_RELAXED); }

static void note(int thread, int processor) {
    __atomic_store_n(&places[thread].processor, processor, __ATOMIC_RELAXED);
}

static int state_of(int thread) { return __atomic_load_n(&places[thread].state, __ATOMIC_SEQ_CST); }

void fastcnn_place_take(int thread) {
    places[thread].handle = pthread_self();
    note(thread, sched_getcpu());
}

void fastcnn_place_apart(int thread, int threads) {
    int own = sched_getcpu(), crowded = 0;
    note(thread, own);
    for (int t = 0; t < thread; t++) crowded |= processor_of(t) == own;
    cpu_set_t before, rest;
    if (!crowded || own < 0 || sched_getaffinity(0, sizeof before, &before)) return;
    rest = before;
    for (int t = 0; t < threads; t++) {
        int taken = processor_of(t);
        if (taken >= 0) CPU_CLR(taken, &rest);
    }
    if (CPU_COUNT(&rest) == 0 || sched_setaffinity(0, sizeof rest, &rest)) return;
    sched_setaffinity(0, sizeof before, &before);
    note(thread, sched_getcpu());
}

/* True if the thread has not run since the last look. */
static int has_stood_still(struct place *place) {
    clockid_t clock;
    struct timespec time;
    if (pthread_getcpuclockid(place->handle, &clock) || clock_gettime(clock, &time)) return 0;
    long long ran = time.tv_sec * 1000000000LL + time.tv_nsec;
    return __atomic_exchange_n(&place->ran, ran, __ATOMIC_RELAXED) == ran;
}

static int narrow(struct place *place, int processor) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(processor, &here);
    return pthread_getaffinity_np(place->handle, sizeof place->before, &place->before) == 0 &&
           CPU_ISSET(processor, &place->before) && pthread_setaffinity_np(place->handle, sizeof here, &here) == 0;
}

int fastcnn_place_lend(int other, const int *at_work) {
    struct place *place = places + other;
    int processor = sched_getcpu(), own = OWN;
    if (processor < 0 ||
        !__atomic_compare_exchange_n(&place->state, &own, BEING_LENT, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return 0;
    int lent = __atomic_load_n(at_work, __ATOMIC_SEQ_CST) && has_stood_still(place) &&
               processor != processor_of(other) && narrow(place, processor);
    if (lent) note(other, processor);
    __atomic_store_n(&place->state, lent ? LENT : OWN, __ATOMIC_RELEASE);
    return lent;
}

void fastcnn_place_return(int thread, int threads) {
    if (state_of(thread) == OWN) return;
    while (state_of(thread) == BEING_LENT) sched_yield();
    if (state_of(thread) == OWN) return;
    struct place *place = places + thread;
    cpu_set_t now;
    /* Unless someone else has changed it meanwhile. */
    if (sched_getaffinity(0, sizeof now, &now) == 0 && CPU_COUNT(&now) == 1)
        sched_setaffinity(0, sizeof place->before, &place->before);
    __atomic_store_n(&place->state, OWN, __ATOMIC_RELEASE);
    if (thread > 0) fastcnn_place_apart(thread, threads);
}

void fastcnn_places_forget(void) { memset(places, 0, sizeof places); }

#else

void fastcnn_place_take(int thread) { (void)thread; }
void fastcnn_place_apart(int thread, int threads) { (void)thread, (void)threads; }
int fastcnn_place_lend(int other, const int *at_work) {
    (void)other, (void)at_work;
    return 0;
}
void fastcnn_place_return(int thread, int threads) { (void)thread, (void)threads; }
void fastcnn_places_forget(void) {}

#endif
