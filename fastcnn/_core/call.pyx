# Calls and plans: an op prepared once, and a list of them run without the GIL and without one allocation.
#
# A driver module defines, for each op, an argument struct, a task function and a class:
#
#     cdef struct ReluArgs:
#         const kernel_table* kernels
#         const float* x
#         float* y
#         Py_ssize_t size
#
#     cdef void relu_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
#         cdef const ReluArgs* a = <const ReluArgs*>arguments
#         ...
#
#     cdef class Relu(Call):
#         cdef ReluArgs a
#
#         def __init__(self, x, y):
#             self.a = ReluArgs(table(), f32(x), f32(y), x.size)
#             self.prepare(relu_task, &self.a, tasks, scratch_bytes, work, (x,), (y,))
#
# A call whose tasks go image by image says so, `self.by_image(images, sizeof(ReluArgs))`: it can then be a link of a
# chain (chain.pyx), where its task function is given a copy of the arguments.
#
# The number of tasks depends on shapes only, tasks write disjoint memory, and sums over tasks go to partial buffers
# that a later call adds up in order: so results are the same bits for any number of threads.
import re

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from libc.stdlib cimport calloc, free
from libc.stdint cimport uintptr_t

from fastcnn._core.call cimport Call, Plan, task_function
from fastcnn._core import cpus


cdef extern from "team.h" nogil:
    struct fastcnn_call:
        task_function run
        const void *arguments
        Py_ssize_t tasks
    struct fastcnn_stage:
        Py_ssize_t first_call
        Py_ssize_t calls
        Py_ssize_t tasks
        const int* order
    void fastcnn_team_run(fastcnn_call* calls, fastcnn_stage* stages, Py_ssize_t stage_count, int threads,
                          char* scratch, Py_ssize_t scratch_stride, double* ends)


cdef extern from "<stdlib.h>" nogil:
    int posix_memalign(void** pointer, size_t alignment, size_t size)


# Below this much work (about FLOPs; 20 microseconds of one core) waking other threads costs more than it gives.
cdef double WORK_WORTH_A_TEAM = 1e6

# How far a call may move ahead, in stages; and where in a stage its larger tasks end.
STAGES_BACK = 8
LARGE_TASKS_END = 0.9

cdef int thread_limit = 1


def set_num_threads(count):
    """Use at most `count` threads from the next call on. See `fastcnn.set_num_threads`."""
    global thread_limit
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= 1024:
        raise ValueError(f"num_threads must be an integer from 1 to 1024, received {count!r}")
    thread_limit = count


def get_num_threads():
    """The most threads that a call uses."""
    return thread_limit


cdef int threads_for(double work) noexcept nogil:
    """The one gate: how many threads a plan of this much work gets."""
    if work < WORK_WORTH_A_TEAM:
        return 1
    return thread_limit


cdef (uintptr_t, uintptr_t) extent(object array, int flags) except *:
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, flags)
    cdef uintptr_t start = <uintptr_t>view.buf
    cdef uintptr_t end = start + view.len
    PyBuffer_Release(&view)
    return start, end


def words(name):
    """The words of a class's name: "conv max pool" for ConvMaxPool."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name).lower()


cdef class Call:
    """One op prepared for fixed arrays: what to run, in how many tasks, what it reads and writes."""

    cdef int prepare(self, task_function run, const void *arguments, Py_ssize_t tasks, Py_ssize_t scratch,
                     double work, tuple reads, tuple writes) except -1:
        self.run = run
        self.arguments = arguments
        self.tasks = tasks
        self.scratch = scratch
        self.work = work
        self.reads = reads
        self.writes = writes
        return 0

    cdef void by_image(self, Py_ssize_t images, size_t argument_bytes):
        """Say that the tasks go image by image: the same number for each, in order, and those of image i read and write
        the arrays that have images at image i alone. The arguments, so many bytes, point at image 0: see `Chain`."""
        self.images = images if images > 0 and self.tasks > 0 and self.tasks % images == 0 else 0
        self.argument_bytes = argument_bytes

    @property
    def kernel(self):
        """What a profile says of this call: which kernel was chosen, and why. Where neither the driver nor the lowering
        has set it there was no choice."""
        return self.description or f"{words(type(self).__name__)}: the only kernel for this op"

    @kernel.setter
    def kernel(self, str description):
        self.description = description

    def extents(self):
        """Address ranges read and written; raises where an array to be written is read-only."""
        return (
            [extent(array, PyBUF_C_CONTIGUOUS) for array in self.reads],
            [extent(array, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) for array in self.writes],
        )


def overlap(ranges, others):
    """True where an address range of one list shares a byte with one of the other."""
    return any(start < end2 and start2 < end for start, end in ranges for start2, end2 in others)


def stages_of(calls):
    """Cut a list of calls into stages of calls that do not depend on each other. A call joins the earliest of the last
    stages that it may: so work that nothing waits for, such as the update of large weights, runs beside other work."""
    stages, reads, writes = [], [], []
    for call in calls:
        if call.tasks == 0:
            continue
        call_reads, call_writes = call.extents()
        place = len(stages)
        while place > max(0, len(stages) - STAGES_BACK):
            others = writes[place - 1]
            if overlap(call_reads + call_writes, others) or overlap(call_writes, reads[place - 1]):
                break
            place -= 1
        if place == len(stages):
            stages.append([])
            reads.append([])
            writes.append([])
        stages[place].append(call)
        reads[place] += call_reads
        writes[place] += call_writes
    return stages


def mixed_order(calls):
    """The calls of a stage, by number, in the order in which their tasks are claimed: all calls advance alike, so that
    one may use the memory while another multiplies. Those with much work in a task end a little earlier, and small
    tasks fill up the time until all threads are done."""
    average = sum(call.work for call in calls) / sum(call.tasks for call in calls)
    keyed = []
    for number, call in enumerate(calls):
        end = LARGE_TASKS_END if call.work / call.tasks > average else 1.0
        keyed += [((task + 0.5) / call.tasks * end, number) for task in range(call.tasks)]
    return [number for _, number in sorted(keyed)]


cdef class Plan:
    """A list of calls run in order. One `run` at a time: a plan owns its scratch memory and task counters.

    With `apart` each call is a stage of its own, so that its time can be told from that of others.
    """

    def __cinit__(self, calls, apart=False):
        self.calls = list(calls)
        self.stages = [[call] for call in self.calls if call.tasks] if apart else stages_of(self.calls)
        self.stage_count = len(self.stages)
        cdef Py_ssize_t count = sum(len(stage) for stage in self.stages)
        self.call_table = calloc(max(count, 1), sizeof(fastcnn_call))
        self.stage_table = calloc(max(self.stage_count, 1), sizeof(fastcnn_stage))
        if self.call_table == NULL or self.stage_table == NULL:
            raise MemoryError()
        cdef fastcnn_call* row = <fastcnn_call*>self.call_table
        cdef fastcnn_stage* stage_row = <fastcnn_stage*>self.stage_table
        cdef Py_ssize_t position = 0
        cdef Call call
        cdef int* claim
        mixed = [stage for stage in self.stages if len(stage) > 1]
        self.order_table = calloc(max(sum(call.tasks for stage in mixed for call in stage), 1), sizeof(int))
        if self.order_table == NULL:
            raise MemoryError()
        claim = <int*>self.order_table
        for stage in self.stages:
            if len(stage) > 1:
                stage_row.order = claim
                for number in mixed_order(stage):
                    claim[0] = number
                    claim += 1
            stage_row.first_call = position
            stage_row.calls = len(stage)
            for call in stage:
                row.run, row.arguments, row.tasks = call.run, call.arguments, call.tasks
                stage_row.tasks += call.tasks
                self.work += call.work
                self.scratch_stride = max(self.scratch_stride, (call.scratch + 63) // 64 * 64)
                row += 1
                position += 1
            stage_row += 1

    def __dealloc__(self):
        free(self.call_table)
        free(self.stage_table)
        free(self.order_table)
        free(self.scratch)

    cdef int reserve(self, int threads) except -1:
        """Scratch memory for so many threads."""
        if self.scratch_stride == 0 or threads <= self.scratch_threads:
            return 0
        free(self.scratch)
        self.scratch = NULL
        self.scratch_threads = 0
        if posix_memalign(<void**>&self.scratch, 64, threads * self.scratch_stride):
            raise MemoryError(f"no memory for {threads} scratch buffers of {self.scratch_stride} bytes")
        self.scratch_threads = threads
        return 0

    def run(self):
        """Run all calls. Raises RuntimeError if this plan is running already."""
        self.execute(NULL)

    def seconds(self):
        """Run all calls; returns the seconds that each stage took."""
        cdef double* ends = <double*>calloc(max(self.stage_count, 1), sizeof(double))
        if ends == NULL:
            raise MemoryError()
        try:
            self.execute(ends)
            return [ends[s] - (ends[s - 1] if s else 0) for s in range(self.stage_count)]
        finally:
            free(ends)

    cdef int execute(self, double* ends) except -1:
        if self.running:
            raise RuntimeError("this plan is running in another thread; each thread needs a plan of its own")
        cdef int threads = threads_for(self.work)
        self.reserve(threads)
        self.running = True
        with nogil:
            fastcnn_team_run(<fastcnn_call*>self.call_table, <fastcnn_stage*>self.stage_table,
                             self.stage_count, threads, self.scratch, self.scratch_stride, ends)
        self.running = False
        return 0


def run(*calls):
    """Run a few calls once, in order."""
    Plan(calls).run()


set_num_threads(cpus.default_threads())
