/* See team.h. OpenMP gives the threads; the tasks are shared out by one atomic counter per stage. */
#include "team.h"

#include <sched.h>
#include <stdint.h>
#include <time.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif
#ifdef _OPENMP
#include <omp.h>

#ifdef KMP_VERSION_MAJOR
/* LLVM's OpenMP lets idle threads spin for 200 ms, GNU's for about one. */
enum { IDLE_SPIN_MILLISECONDS = 5 };
static void limit_spinning(void) {
    if (kmp_get_blocktime() > IDLE_SPIN_MILLISECONDS) kmp_set_blocktime(IDLE_SPIN_MILLISECONDS);
}
#else
static void limit_spinning(void) {}
#endif
#endif

static int team_started, single;

#if defined(__SSE2__)
typedef unsigned float_state;
enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
static float_state flush_denormals(void) {
    float_state before = _mm_getcsr();
    _mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    return before;
}
static void restore(float_state before) { _mm_setcsr(before); }
#elif defined(__aarch64__)
typedef uint64_t float_state;
static float_state flush_denormals(void) {
    float_state before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (UINT64_C(1) << 24)));
    return before;
}
static void restore(float_state before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }
#else
typedef int float_state;
static float_state flush_denormals(void) { return 0; }
static void restore(float_state before) { (void)before; }
#endif

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void run_alone(const struct fastcnn_call *calls, const struct fastcnn_stage *stages, ptrdiff_t stage_count,
                      char *scratch, double *ends) {
    double start = ends ? now() : 0;
    for (ptrdiff_t s = 0; s < stage_count; s++) {
        for (ptrdiff_t c = 0; c < stages[s].calls; c++) {
            const struct fastcnn_call *call = calls + stages[s].first_call + c;
            for (ptrdiff_t task = 0; task < call->tasks; task++) call->run(call->arguments, task, scratch);
        }
        if (ends) ends[s] = now() - start;
    }
}

#ifdef _OPENMP
/* Runs the next task of a stage; returns 0 if all are claimed. A thread takes the tasks of every call from the same
 * end: so it mostly gets the images that it wrote itself in the stage before, which its own cache still has. */
static int run_next_task(struct fastcnn_stage *stage, struct fastcnn_call *call, int backwards, char *scratch) {
    ptrdiff_t claim = __atomic_fetch_add(&stage->next_task, 1, __ATOMIC_RELAXED);
    if (claim >= stage->tasks) return 0;
    if (stage->order) call += stage->order[claim];
    ptrdiff_t task = backwards ? call->tasks - 1 - __atomic_fetch_add(&call->from_back, 1, __ATOMIC_RELAXED)
                               : __atomic_fetch_add(&call->from_front, 1, __ATOMIC_RELAXED);
    call->run(call->arguments, task, scratch);
    __atomic_fetch_add(&stage->done, 1, __ATOMIC_RELEASE);
    return 1;
}

/* Stages last microseconds, so waiting threads spin; after a while they offer their processor to others, in case the
 * thread that they wait for is without one. */
enum { SPINS_BEFORE_YIELDING = 1000 };

static int is_unfinished(const struct fastcnn_stage *stage) {
    return __atomic_load_n(&stage->done, __ATOMIC_ACQUIRE) < stage->tasks;
}

/* Returns the seconds that were waited, where they were more than a moment. */
static double wait_for(const struct fastcnn_stage *stage) {
    for (int spins = 0; spins < SPINS_BEFORE_YIELDING; spins++) {
        if (!is_unfinished(stage)) return 0;
#if defined(__SSE2__)
        _mm_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
    double start = now();
    while (is_unfinished(stage)) sched_yield();
    return now() - start;
}

/* Where other processes keep the processors busy, the caller can wait longer for threads that have none than it would
 * take to do their share. So an account is kept: each run earns the time that the others worked, about as long as the
 * caller itself, and pays what the caller waited for them. When it is overdrawn the caller does without the team, PRICE
 * times as long as the debt, so that trying again costs little, and twice as long as the last time, up to
 * LONGEST_ALONE. What runs earn afterwards shortens that time as the debts have made it longer. A team that was well
 * paid before is not given up for a moment's disturbance: that is what the credit is for. All are seconds; callers may
 * write them together, and any of their values will do. */
static const double LOSS_THAT_COUNTS = 100e-6, MOST_CREDIT = 8e-3, PRICE = 10, LONGEST_ALONE = 0.2;
static double credit, alone_until, alone_for;

static double relaxed(const double *value) {
    double copy;
    __atomic_load(value, &copy, __ATOMIC_RELAXED);
    return copy;
}

static void set_relaxed(double *value, double to) { __atomic_store(value, &to, __ATOMIC_RELAXED); }

static int team_is_worth_waking(void) {
    double until = relaxed(&alone_until);
    return until == 0 || now() >= until;
}

static void judge(double start, double end, double lost, double *shortest) {
    double useful = end - start - lost, before = relaxed(&alone_for);
    if (*shortest == 0 || useful < *shortest) *shortest = useful;
    if (useful > 2 * *shortest) useful = *shortest; /* the caller itself was without a processor */
    double balance = relaxed(&credit) + useful - (lost > LOSS_THAT_COUNTS ? lost : 0);
    if (balance >= 0) {
        set_relaxed(&credit, balance < MOST_CREDIT ? balance : MOST_CREDIT);
        if (before > 0) set_relaxed(&alone_for, before > PRICE * useful ? before - PRICE * useful : 0);
        set_relaxed(&alone_until, 0);
        return;
    }
    double length = 2 * before > -PRICE * balance ? 2 * before : -PRICE * balance;
    if (length > LONGEST_ALONE) length = LONGEST_ALONE;
    set_relaxed(&credit, 0);
    set_relaxed(&alone_for, length);
    set_relaxed(&alone_until, end + length);
}

static void run_together(struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count, int threads,
                         char *scratch, ptrdiff_t scratch_stride, double *shortest, double *ends) {
    team_started = 1;
    limit_spinning();
    for (ptrdiff_t s = 0; s < stage_count; s++) {
        stages[s].next_task = stages[s].done = 0;
        for (ptrdiff_t c = 0; c < stages[s].calls; c++) {
            struct fastcnn_call *call = calls + stages[s].first_call + c;
            call->from_front = call->from_back = 0;
        }
    }
    double start = now(), caller_waited = 0, caller_finished = start;
#pragma omp parallel num_threads(threads)
    {
        float_state before = flush_denormals();
        int thread = omp_get_thread_num();
        char *own = scratch + thread * scratch_stride;
        double waited = 0;
        for (ptrdiff_t s = 0; s < stage_count; s++) {
            struct fastcnn_stage *stage = stages + s;
            while (run_next_task(stage, calls + stage->first_call, thread % 2, own)) continue;
            waited += wait_for(stage);
            if (ends && thread == 0) ends[s] = now() - start;
        }
        restore(before);
        if (thread == 0) caller_waited = waited, caller_finished = now();
    }
    double end = now();
    judge(start, end, caller_waited + (end - caller_finished), shortest);
}
#endif

void fastcnn_team_run(struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count, int threads,
                      char *scratch, ptrdiff_t scratch_stride, double *shortest, double *ends) {
#ifdef _OPENMP
    if (threads > 1 && !single && team_is_worth_waking()) {
        run_together(calls, stages, stage_count, threads, scratch, scratch_stride, shortest, ends);
        return;
    }
#endif
    (void)threads, (void)scratch_stride, (void)shortest;
    float_state before = flush_denormals();
    run_alone(calls, stages, stage_count, scratch, ends);
    restore(before);
}

void fastcnn_team_after_fork(void) { single = team_started; }

int fastcnn_team_has_openmp(void) {
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}
