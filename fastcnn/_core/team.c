/* See team.h. The threads are those of workers.h; the tasks are shared out by one atomic counter per stage. */
#include "team.h"

#include "clock.h"
#include "denormals.h"
#include "workers.h"

static void run_alone(const struct fastcnn_call *calls, const struct fastcnn_stage *stages, ptrdiff_t stage_count,
                      char *scratch, double *ends) {
    double start = ends ? fastcnn_now() : 0;
    for (ptrdiff_t s = 0; s < stage_count; s++) {
        for (ptrdiff_t c = 0; c < stages[s].calls; c++) {
            const struct fastcnn_call *call = calls + stages[s].first_call + c;
            for (ptrdiff_t task = 0; task < call->tasks; task++) call->run(call->arguments, task, scratch);
        }
        if (ends) ends[s] = fastcnn_now() - start;
    }
}

struct run {
    struct fastcnn_call *calls;
    struct fastcnn_stage *stages;
    char *scratch;
    ptrdiff_t scratch_stride;
    double start, *ends;
};

/* A thread takes the tasks of every call from the same end: so it mostly gets the images that it wrote itself in the
 * stage before, which its own cache still has. */
static int work_on_stage(void *argument, int thread, ptrdiff_t s) {
    const struct run *run = argument;
    struct fastcnn_stage *stage = run->stages + s;
    char *scratch = run->scratch + thread * run->scratch_stride;
    int backwards = thread % 2;
    ptrdiff_t done = 0, claim;
    while ((claim = __atomic_fetch_add(&stage->claimed, 1, __ATOMIC_RELAXED)) < stage->tasks) {
        struct fastcnn_call *call = run->calls + stage->first_call + (stage->order ? stage->order[claim] : 0);
        ptrdiff_t task = backwards ? call->tasks - 1 - __atomic_fetch_add(&call->from_back, 1, __ATOMIC_RELAXED)
                                   : __atomic_fetch_add(&call->from_front, 1, __ATOMIC_RELAXED);
        call->run(call->arguments, task, scratch);
        done++;
    }
    if (done == 0 || __atomic_add_fetch(&stage->done, done, __ATOMIC_ACQ_REL) < stage->tasks) return 0;
    if (run->ends) run->ends[s] = fastcnn_now() - run->start;
    return 1;
}

/* Returns 0, with nothing run, where the workers are in another caller's hands. */
static int run_together(struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count, int threads,
                        char *scratch, ptrdiff_t scratch_stride, double *ends) {
    for (ptrdiff_t s = 0; s < stage_count; s++) {
        stages[s].claimed = stages[s].done = 0;
        for (ptrdiff_t c = 0; c < stages[s].calls; c++) {
            struct fastcnn_call *call = calls + stages[s].first_call + c;
            call->from_front = call->from_back = 0;
        }
    }
    struct run run = {calls, stages, scratch, scratch_stride, ends ? fastcnn_now() : 0, ends};
    return fastcnn_workers_run(threads, stage_count, work_on_stage, &run);
}

void fastcnn_team_run(struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count, int threads,
                      char *scratch, ptrdiff_t scratch_stride, double *ends) {
    float_state before = flush_denormals();
    if (threads == 1 || stage_count == 0 ||
        !run_together(calls, stages, stage_count, threads, scratch, scratch_stride, ends))
        run_alone(calls, stages, stage_count, scratch, ends);
    restore_float_state(before);
}
