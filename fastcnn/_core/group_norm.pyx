# Group normalisation: each image is normalised by the statistics of its groups of channels.
#
#     GroupNormalize(x[N, ..., C], gamma[C], beta[C], y, groups=, epsilon=)
#     GroupNormalizeGradient(dy, x, gamma, beta, dx, dgamma[N, C], dbeta[N, C], groups=, epsilon=)
#
# A task is an image: all passes over it follow one another, so that they find it in the L2 cache if it fits there.
# The statistics of a group are those of its channels put together; with them as coefficients of each channel the
# kernels of batch normalisation do the rest.
from libc.math cimport sqrt

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport check_shape, last_axis, rows_of

cdef double WORK = 16
cdef enum:
    ARRAYS = 9  # of C floats in scratch: mean and squares of each channel, their sums, and five coefficients


cdef struct GroupArgs:
    const kernel_table* kernels
    const float* dy
    const float* x
    const float* gamma
    const float* beta
    float* y
    float* dgamma
    float* dbeta
    Py_ssize_t rows      # of an image
    Py_ssize_t channels
    Py_ssize_t groups
    float epsilon


cdef GroupArgs group_args(object dy, object x, object gamma, object beta, object y, Py_ssize_t groups,
                          float epsilon) except *:
    cdef Py_ssize_t channels = last_axis("x", x)
    if groups < 1 or channels % groups:
        raise ValueError(f"groups must divide the {channels} channels, received {groups}")
    check_shape("y", y, x.shape)
    check_shape("gamma", gamma, (channels,))
    check_shape("beta", beta, (channels,))
    cdef GroupArgs a
    a.kernels, a.dy, a.x = table(), NULL if dy is None else f32(dy), f32(x)
    a.gamma, a.beta, a.y, a.dgamma, a.dbeta = f32(gamma), f32(beta), f32(y), NULL, NULL
    a.channels, a.groups, a.epsilon = channels, groups, epsilon
    a.rows = rows_of(x.size // max(<Py_ssize_t>x.shape[0], 1), channels)
    return a


cdef void group_statistics(const GroupArgs* a, const float* x, float* mean, float* variance) noexcept nogil:
    """Mean and variance of an image's groups, at each channel."""
    cdef Py_ssize_t size = a.channels // a.groups, group, first, c
    cdef double center, squares, d
    a.kernels.channel_statistics(a.rows, a.channels, a.channels, x, mean, variance)
    for group in range(a.groups):
        first = group * size
        center = squares = 0
        for c in range(first, first + size):
            center += mean[c]
        center /= size
        for c in range(first, first + size):
            d = mean[c] - center
            squares += variance[c] + a.rows * d * d
        for c in range(first, first + size):
            mean[c], variance[c] = <float>center, <float>(squares / (a.rows * size))


cdef void normalize_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GroupArgs* a = <const GroupArgs*>arguments
    cdef Py_ssize_t at = task * a.rows * a.channels
    cdef float* mean = <float*>scratch
    cdef float* variance = mean + a.channels
    cdef float* k = variance + 3 * a.channels
    group_statistics(a, a.x + at, mean, variance)
    a.kernels.channel_coefficients(a.channels, a.epsilon, mean, variance, a.gamma, a.beta, NULL, NULL, 1, k)
    a.kernels.channel_normalize(a.rows, a.channels, False, a.x + at, k, a.y + at)


cdef class GroupNormalize(Call):
    """y = x normalised by groups of channels; y may be x."""

    cdef GroupArgs a

    def __init__(self, x, gamma, beta, y, *, Py_ssize_t groups, float epsilon):
        self.a = group_args(None, x, gamma, beta, y, groups, epsilon)
        self.prepare(normalize_task, &self.a, x.shape[0] if x.size else 0, 4 * ARRAYS * self.a.channels,
                     WORK * x.size, (x, gamma, beta), (y,))


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GroupArgs* a = <const GroupArgs*>arguments
    cdef Py_ssize_t at = task * a.rows * a.channels, size = a.channels // a.groups
    cdef Py_ssize_t group, first, c
    cdef float* mean = <float*>scratch
    cdef float* variance = mean + a.channels
    cdef float* product = variance + a.channels
    cdef float* total = product + a.channels
    cdef float* k = total + a.channels
    cdef float* dgamma = a.dgamma + task * a.channels
    cdef float* dbeta = a.dbeta + task * a.channels
    cdef double sum_product, sum_total, count = <double>a.rows * size
    if a.rows > 0:
        group_statistics(a, a.x + at, mean, variance)
    a.kernels.channel_coefficients(a.channels, a.epsilon, mean, variance, a.gamma, a.beta, NULL, NULL, 1, k)
    a.kernels.channel_gradient_sums(a.rows, a.channels, False, a.dy + at, a.x + at, k, dgamma, dbeta)
    for group in range(a.groups):
        first = group * size
        sum_product = sum_total = 0
        for c in range(first, first + size):
            sum_product += <double>a.gamma[c] * dgamma[c]
            sum_total += <double>a.gamma[c] * dbeta[c]
        for c in range(first, first + size):  # the rows "slope" and "offset" of the coefficients
            k[3 * a.channels + c] = <float>(-sum_product / (count * (variance[c] + a.epsilon)))
            k[4 * a.channels + c] = <float>(-sum_total / (count * sqrt(variance[c] + a.epsilon)))
    a.kernels.channel_input_gradient(a.rows, a.channels, False, a.dy + at, a.x + at, k, a.y + at)


cdef class GroupNormalizeGradient(Call):
    """dx of each image, and its share of dgamma and dbeta; dx may be dy."""

    cdef GroupArgs a

    def __init__(self, dy, x, gamma, beta, dx, dgamma, dbeta, *, Py_ssize_t groups, float epsilon):
        check_shape("dy", dy, x.shape)
        self.a = group_args(dy, x, gamma, beta, dx, groups, epsilon)
        check_shape("dgamma", dgamma, (x.shape[0], self.a.channels))
        check_shape("dbeta", dbeta, (x.shape[0], self.a.channels))
        self.a.dgamma, self.a.dbeta = f32(dgamma), f32(dbeta)
        self.prepare(gradient_task, &self.a, x.shape[0], 4 * ARRAYS * self.a.channels, WORK * x.size,
                     (dy, x, gamma, beta), (dx, dgamma, dbeta))
