/* The team of threads that runs a plan. A plan is a list of stages; a stage is a set of calls that do not depend on
 * each other; a call is a task function, its arguments and a fixed number of tasks. Threads claim tasks one by one,
 * so a thread that the system slows down takes fewer, and wait between stages only, and only for tasks that are
 * unfinished: a thread that the system has put aside holds up nobody unless it was put aside in a task. Half of them
 * claim the tasks of each call from its front, half from its back. */
#ifndef FASTCNN_TEAM_H
#define FASTCNN_TEAM_H

#include <stddef.h>

typedef void (*fastcnn_task)(const void *arguments, ptrdiff_t task, char *scratch);

struct fastcnn_call {
    fastcnn_task run;
    const void *arguments;
    ptrdiff_t tasks;
    ptrdiff_t from_front, from_back; /* tasks claimed at either end; the team sets them to zero before a run */
};

struct fastcnn_stage {
    ptrdiff_t first_call, calls;
    ptrdiff_t tasks;         /* of all its calls together, one or more */
    const int *order;        /* the call of the stage that each claim is for; NULL where there is one call */
    ptrdiff_t claimed, done; /* tasks so far; the team sets them to zero before a run */
    char own_line[64 - 5 * sizeof(ptrdiff_t) - sizeof(void *)];
};

/* Runs all stages on at most `threads` threads, the caller's among them; on the caller's alone where another caller has
 * the rest at the moment. Thread t uses scratch + t * scratch_stride. Denormals are flushed meanwhile; the caller's
 * floating-point state is put back. Where `ends` is not NULL it gets, for a profile, the seconds from the start to the
 * end of each stage. */
void fastcnn_team_run(struct fastcnn_call *calls, struct fastcnn_stage *stages, ptrdiff_t stage_count, int threads,
                      char *scratch, ptrdiff_t scratch_stride, double *ends);

#endif
