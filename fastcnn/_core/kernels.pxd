# The kernel table of csrc/kernels.h as drivers see it: one member per row of its list.
from libc.stdint cimport int32_t, int64_t, uint8_t


cdef extern from "kernels.h" nogil:
    cdef struct kernel_table:
        const char* isa
        Py_ssize_t vector_length
        # peak.c
        void (*fma_peak)(Py_ssize_t repeats, float* result) noexcept nogil
        # reduce.c
        void (*column_sums)(const float* x, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                            float* y) noexcept nogil
        void (*add_row)(const float* x, const float* row, Py_ssize_t rows, Py_ssize_t columns, float* y) noexcept nogil


cdef const kernel_table* table() noexcept nogil
