/* See workers.h. */
#define _GNU_SOURCE /* names of threads */
#include "workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"
#include "denormals.h"
#include "places.h"

/* A worker without a job spins so long: steps that follow each other find it awake, for waking one costs 10 to 40
 * microseconds. In a job, threads that wait look every so often whether those at work have lost their processor. */
static const double IDLE = 100e-6, LOOK = 20e-6;
enum { LOOKS_BEFORE_SLEEP = 25, STACK_BYTES = 4 << 20 };

/* Where the job is: its stage, counted through all jobs, times two; and one more once the job has ended. */
enum { NO_JOB = 1, NEXT_STAGE = 2 };
static uint64_t position __attribute__((aligned(64))) = NO_JOB;

static struct {
    fastcnn_work work;
    void *argument;
    uint64_t first, end; /* positions */
    int threads;
} job __attribute__((aligned(64)));

/* Whether a thread is at work, on a cache line of its own. */
static struct {
    int at_work;
} __attribute__((aligned(64))) members[FASTCNN_MOST_THREADS];

static int taken, started; /* 1 while a caller has the workers; how many there are */

/* Where threads sleep: those between jobs, those that the last job had no need of, and those in a job. */
struct bed {
    pthread_cond_t changed;
    int sleepers;
} __attribute__((aligned(64)));
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct bed idle = {PTHREAD_COND_INITIALIZER, 0}, spare = {PTHREAD_COND_INITIALIZER, 0},
                  waiting = {PTHREAD_COND_INITIALIZER, 0};

struct thread {
    int number;
    uint64_t seen; /* the position that it has done its part of */
};

typedef int (*condition)(const struct thread *own);

static uint64_t position_now(void) { return __atomic_load_n(&position, __ATOMIC_SEQ_CST); }

static int job_has_moved_on(const struct thread *own) { return position_now() != own->seen; }

static int there_is_a_job(const struct thread *own) {
    (void)own;
    return !(position_now() & NO_JOB);
}

static int threads_now(void) { return __atomic_load_n(&job.threads, __ATOMIC_SEQ_CST); }

static int is_needed(const struct thread *own) { return own->number < threads_now(); }

static int is_at_work(int thread) { return __atomic_load_n(&members[thread].at_work, __ATOMIC_SEQ_CST); }

static int nobody_is_at_work(const struct thread *own) {
    (void)own;
    for (int t = 1; t < threads_now(); t++)
        if (is_at_work(t)) return 0;
    return 1;
}

static void pause_briefly(void) {
#if defined(__SSE2__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Returns 0 where the condition did not come true in so many seconds. */
static int spin_until(condition is_true, const struct thread *own, double seconds) {
    enum { SPINS_BETWEEN_CLOCKS = 50 };
    double end = 0;
    for (;;) {
        for (int spins = 0; spins < SPINS_BETWEEN_CLOCKS; spins++) {
            if (is_true(own)) return 1;
            pause_briefly();
        }
        double now = fastcnn_now();
        if (end == 0) end = now + seconds;
        if (now >= end) return 0;
    }
}

static void sleep_until(struct bed *bed, condition is_true, const struct thread *own) {
    pthread_mutex_lock(&mutex);
    __atomic_fetch_add(&bed->sleepers, 1, __ATOMIC_SEQ_CST);
    while (!is_true(own)) pthread_cond_wait(&bed->changed, &mutex);
    __atomic_fetch_sub(&bed->sleepers, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&mutex);
}

/* To be called after what may make the condition of a sleeper true. */
static void wake(struct bed *bed) {
    if (__atomic_load_n(&bed->sleepers, __ATOMIC_SEQ_CST) == 0) return;
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&bed->changed);
    pthread_mutex_unlock(&mutex);
}

static int lend_to_one_at_work(const struct thread *own) {
    for (int t = 0; t < threads_now(); t++)
        if (t != own->number && is_at_work(t) && fastcnn_place_lend(t, &members[t].at_work)) return 1;
    return 0;
}

static void wait_in_job(condition is_true, const struct thread *own) {
    for (int look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
        if (spin_until(is_true, own, LOOK)) return;
        if (lend_to_one_at_work(own)) break;
    }
    sleep_until(&waiting, is_true, own);
    fastcnn_place_apart(own->number, threads_now());
}

/* What belongs to the job may be used between the two stores only: the caller waits for the second one. */
static void take_part(const struct thread *own) {
    __atomic_store_n(&members[own->number].at_work, 1, __ATOMIC_SEQ_CST);
    if (position_now() == own->seen && is_needed(own) &&
        job.work(job.argument, own->number, (ptrdiff_t)((own->seen - job.first) / NEXT_STAGE))) {
        uint64_t next = own->seen + NEXT_STAGE;
        __atomic_store_n(&position, next == job.end ? next + NO_JOB : next, __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(&members[own->number].at_work, 0, __ATOMIC_SEQ_CST);
    wake(&waiting);
    fastcnn_place_return(own->number, threads_now());
}

static void *work_for_ever(void *number) {
    struct thread own = {(int)(intptr_t)number, NO_JOB};
#if defined(__linux__)
    pthread_setname_np(pthread_self(), "fastcnn");
#elif defined(__APPLE__)
    pthread_setname_np("fastcnn");
#endif
    flush_denormals();
    fastcnn_place_take(own.number);
    for (;;) {
        if (!is_needed(&own)) {
            sleep_until(&spare, is_needed, &own);
        } else if (own.seen & NO_JOB) {
            if (!spin_until(there_is_a_job, &own, IDLE)) sleep_until(&idle, there_is_a_job, &own);
            fastcnn_place_apart(own.number, threads_now());
        } else {
            wait_in_job(job_has_moved_on, &own);
        }
        own.seen = position_now();
        if (!(own.seen & NO_JOB)) take_part(&own);
    }
    return NULL;
}

/* In the child of a fork there are no workers, and no job. */
static void forget_workers(void) {
    mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    idle = spare = waiting = (struct bed){PTHREAD_COND_INITIALIZER, 0};
    memset(members, 0, sizeof members);
    fastcnn_places_forget();
    taken = started = job.threads = 0;
    position |= NO_JOB;
}

/* Starts what is lacking; signals are for the threads of Python, but for those that a fault of a thread sends to it. */
static void start_workers(int threads) {
    static int watches_forks;
    static const int OF_FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    if (started >= threads - 1) return;
    if (!watches_forks) watches_forks = pthread_atfork(NULL, NULL, forget_workers) == 0;
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof OF_FAULTS / sizeof *OF_FAULTS; i++) sigdelset(&blocked, OF_FAULTS[i]);
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes)) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    for (pthread_t thread; started < threads - 1; started++)
        if (pthread_create(&thread, &attributes, work_for_ever, (void *)(intptr_t)(started + 1))) break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

int fastcnn_workers_run(int threads, ptrdiff_t stages, fastcnn_work work, void *argument) {
    if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE)) return 0;
    start_workers(threads);
    fastcnn_place_take(0);
    struct thread own = {0, (position_now() | NO_JOB) + 1};
    job.work = work, job.argument = argument;
    job.first = own.seen, job.end = own.seen + NEXT_STAGE * (uint64_t)stages;
    if (threads != threads_now()) {
        __atomic_store_n(&job.threads, threads, __ATOMIC_SEQ_CST);
        wake(&spare);
    }
    __atomic_store_n(&position, own.seen, __ATOMIC_SEQ_CST);
    wake(&idle);
    while (!(own.seen & NO_JOB)) {
        take_part(&own);
        wait_in_job(job_has_moved_on, &own);
        own.seen = position_now();
    }
    wait_in_job(nobody_is_at_work, &own);
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
    return 1;
}
