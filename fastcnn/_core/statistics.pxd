# Statistics of channels that convolutions take of what a task has just written, while it is in the cache.
from fastcnn._core.kernels cimport kernel_table


cdef inline void add_statistics(const kernel_table* kernels, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                                const float* x, float* count, float* mean, float* squares,
                                float* scratch) noexcept nogil:
    """Take `rows` more rows into mean and sum of squares of the `count` rows before; scratch has 2 * columns floats."""
    cdef float share, product, d
    cdef Py_ssize_t c
    if count[0] == 0:
        kernels.channel_statistics(rows, columns, stride, x, mean, squares)
    else:
        kernels.channel_statistics(rows, columns, stride, x, scratch, scratch + columns)
        share = rows / (count[0] + rows)
        product = count[0] * share
        for c in range(columns):
            d = scratch[c] - mean[c]
            mean[c] += d * share
            squares[c] += scratch[columns + c] + d * d * product
    count[0] += rows
