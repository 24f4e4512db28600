ctypedef void (*task_function)(const void *arguments, Py_ssize_t task, char *scratch) noexcept nogil


cdef class Call:
    cdef task_function run
    cdef const void *arguments
    cdef readonly Py_ssize_t tasks
    cdef readonly Py_ssize_t scratch
    cdef readonly double work
    cdef readonly tuple reads
    cdef readonly tuple writes
    cdef readonly Py_ssize_t images
    cdef size_t argument_bytes
    cdef str description
    cdef int prepare(self, task_function run, const void *arguments, Py_ssize_t tasks, Py_ssize_t scratch,
                     double work, tuple reads, tuple writes) except -1
    cdef void by_image(self, Py_ssize_t images, size_t argument_bytes)


cdef class Plan:
    cdef readonly list calls
    cdef readonly list stages
    cdef readonly double work
    cdef void *call_table
    cdef void *stage_table
    cdef void *order_table
    cdef Py_ssize_t stage_count
    cdef char *scratch
    cdef Py_ssize_t scratch_stride
    cdef int scratch_threads
    cdef bint running
    cdef int reserve(self, int threads) except -1
    cdef int execute(self, double* ends) except -1
