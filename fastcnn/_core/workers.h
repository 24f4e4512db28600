/* The threads that work beside the caller: started when they are first needed, asleep while there is nothing to do.
 *
 * A job is a number of stages, one after the other. Who ends a stage begins the next; threads go to the stage that the
 * job has come to. Taking part is up to each worker: one that comes late, or that the system puts aside while it waits,
 * holds up nobody. */
#ifndef FASTCNN_WORKERS_H
#define FASTCNN_WORKERS_H

#include <stddef.h>

/* Works on a stage until nothing is left to begin; returns 1 to the one thread that ended the stage, 0 to the others.
 */
typedef int (*fastcnn_work)(void *argument, int thread, ptrdiff_t stage);

/* Has the calling thread, as thread 0, and threads 1 .. threads - 1 work on stages 0 .. stages - 1, one or more.
 * Returns once all are done and nobody is at work any more; 0, with nothing done, where another thread has the workers.
 */
int fastcnn_workers_run(int threads, ptrdiff_t stages, fastcnn_work work, void *argument);

#endif
