/* See team.h. OpenMP gives the threads; the tasks are shared out by one atomic counter per stage. */
#include "team.h"

#include <sched.h>
#include <stdint.h>
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

static void run_alone(const struct fastcnn_call *calls, const struct fastcnn_stage *stages, ptrdiff_t stage_count,
                      char *scratch) {
    for (ptrdiff_t s = 0; s < stage_count; s++)
        for (ptrdiff_t c = 0; c < stages[s].calls; c++) {
            const struct fastcnn_call *call = calls + stages[s].first_call + c;
            for (ptrdiff_t task = 0; task < call->tasks; task++) call->run(call->arguments, task, scratch);
        }
}

#ifdef _OPENMP
static void run_task(const struct fastcnn_call *call, ptrdiff_t task, char *scratch) {
    while (task >= call->tasks) task -= (call++)->tasks;
    call->run(call->arguments, task, scratch);
}

/* Stages last microseconds, so waiting threads spin; after a while they offer their processor to others, in case the
 * thread that they wait for is without one. */
enum { SPINS_BEFORE_YIELDING = 1000 };

static void wait_for(const struct fastcnn_stage *stage) {
    for (int spins = 0; __atomic_load_n(&stage->done, __ATOMIC_ACQUIRE) < stage->tasks; spins++) {
        if (spins > SPINS_BEFORE_YIELDING) {
            sched_yield();
            continue;
        }
#if defined(__SSE2__)
        _mm_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
}

static void run_together(const struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count,
                         int threads, char *scratch, ptrdiff_t scratch_stride) {
    team_started = 1;
    limit_spinning();
    for (ptrdiff_t s = 0; s < stage_count; s++) stages[s].next_task = stages[s].done = 0;
#pragma omp parallel num_threads(threads)
    {
        float_state before = flush_denormals();
        char *own = scratch + omp_get_thread_num() * scratch_stride;
        for (ptrdiff_t s = 0; s < stage_count; s++) {
            struct fastcnn_stage *stage = stages + s;
            for (;;) {
                ptrdiff_t task = __atomic_fetch_add(&stage->next_task, 1, __ATOMIC_RELAXED);
                if (task >= stage->tasks) break;
                run_task(calls + stage->first_call, task, own);
                __atomic_fetch_add(&stage->done, 1, __ATOMIC_RELEASE);
            }
            wait_for(stage);
        }
        restore(before);
    }
}
#endif

void fastcnn_team_run(const struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count,
                      int threads, char *scratch, ptrdiff_t scratch_stride) {
#ifdef _OPENMP
    if (threads > 1 && !single) {
        run_together(calls, stages, stage_count, threads, scratch, scratch_stride);
        return;
    }
#endif
    (void)threads, (void)scratch_stride;
    float_state before = flush_denormals();
    run_alone(calls, stages, stage_count, scratch);
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
