/* Which processor each thread of the team is on, on Linux; elsewhere nothing of this is done.
 *
 * The system knows threads that are ready to run, not which of them others wait for. Where another process keeps a
 * processor busy, a thread that shares it is put aside for milliseconds in the middle of a task of microseconds; and a
 * thread that wakes may be put on the processor of another one of the team, and stay there. So threads of a team keep
 * apart, and one that has to wait lends its processor to the one that it waits for. What is changed for that is the
 * affinity of the thread, for as long as it takes to move it. */
#ifndef FASTCNN_PLACES_H
#define FASTCNN_PLACES_H

enum { FASTCNN_MOST_THREADS = 1024 };

/* The calling thread is `thread` of the team now. */
void fastcnn_place_take(int thread);

/* Moves the calling thread, unless it is thread 0, off the processor of one with a lower number, to one that no thread
 * of the team is on. */
void fastcnn_place_apart(int thread, int threads);

/* If the thread `other` is at work, but has not run since the last call for it, puts it on the processor of the calling
 * thread, which has to sleep then, and returns 1. To be called again and again while waiting for it. */
int fastcnn_place_lend(int other, const int *at_work);

/* The calling thread, at work no longer, gives a processor back that was lent to it, and moves apart. */
void fastcnn_place_return(int thread, int threads);

/* In the child of a fork: no thread has a place. */
void fastcnn_places_forget(void);

#endif
