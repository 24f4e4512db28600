# Normalisation of channels: statistics over all axes but the last, the normalised values, and both gradients.
#
#     ChannelStatistics(x[..., C], pieces[P, 2, C])             P = len(statistics_weights(x.shape)) runs of rows
#     MergeStatistics(pieces, weights[P], mean[C], variance[C])
#     ChannelCoefficients(mean, variance, gamma, beta, k[5, C], epsilon=)      for the three calls below
#     ChannelNormalize(x, k, y, relu=)
#     ChannelGradientSums(dy, x, k, dgamma[P, C], dbeta[P, C], relu=)          P = gradient_pieces(x.shape)
#     ChannelInputGradient(dy, x, k, dx, relu=)
#     MovingAverage(average, value, momentum=)
#
# A task takes rows of about TASK_ELEMENTS floats, of one image where images are not much smaller; the pieces that tasks
# leave are put together in order.
import numpy as np

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, last_axis, pieces, rows_of, rows_per_task

cdef double WORK = 12       # per element, in the gate's units
cdef Py_ssize_t LINE = 16   # floats in a cache line: no two tasks write to one
cdef Py_ssize_t SMALL_IMAGE = TASK_ELEMENTS // 8  # floats: smaller ones share a task


# How the rows of an array become tasks: each of `images` blocks of `pixels` rows is cut into `parts` nearly equal runs.
cdef struct Runs:
    Py_ssize_t images, pixels, parts


cdef inline Runs runs_of(object shape):
    cdef Py_ssize_t axes = len(shape), columns = shape[axes - 1], size = 1
    for extent in shape:
        size *= extent
    cdef Runs r = Runs(1, rows_of(size, columns), 0)
    if axes > 2 and shape[0] > 0 and size // shape[0] >= SMALL_IMAGE:
        r.images = shape[0]
        r.pixels //= r.images
    r.parts = pieces(r.pixels, rows_per_task(columns))
    return r


cdef inline Py_ssize_t run_start(const Runs* r, Py_ssize_t task) noexcept nogil:
    """The first row of a task."""
    return task // r.parts * r.pixels + cut(r.pixels, r.parts, task % r.parts)


cdef inline Py_ssize_t run_rows(const Runs* r, Py_ssize_t task) noexcept nogil:
    cdef Py_ssize_t part = task % r.parts
    return cut(r.pixels, r.parts, part + 1) - cut(r.pixels, r.parts, part)


cdef struct ChannelArgs:
    const kernel_table* kernels
    const float* dy
    const float* x
    const float* k
    float* y
    float* second
    Py_ssize_t columns
    Runs runs
    bint relu


cdef ChannelArgs channel_args(object dy, object x, object k, object y, object second, bint relu) except *:
    cdef Py_ssize_t columns = last_axis("x", x)
    cdef ChannelArgs a
    a.kernels = table()
    a.dy = NULL if dy is None else f32(dy)
    a.x, a.k, a.y = f32(x), NULL if k is None else f32(k), f32(y)
    a.second = NULL if second is None else f32(second)
    a.columns, a.runs, a.relu = columns, runs_of(x.shape), relu
    return a


cdef inline Py_ssize_t task_count(const ChannelArgs* a) noexcept:
    return a.runs.images * a.runs.parts


def gradient_pieces(shape):
    """How many runs of rows, and so partial sums, an array of this shape is cut into; 1 for an empty one."""
    cdef Runs r = runs_of(shape)
    return max(1, r.images * r.parts)


def statistics_weights(shape):
    """The number of rows in each piece of the statistics of an array of this shape, float32."""
    cdef Runs r = runs_of(shape)
    return np.array([run_rows(&r, task) for task in range(r.images * r.parts)], np.float32)


cdef void statistics_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ChannelArgs* a = <const ChannelArgs*>arguments
    cdef float* piece = a.y + 2 * task * a.columns
    a.kernels.channel_statistics(run_rows(&a.runs, task), a.columns, a.columns,
                                 a.x + run_start(&a.runs, task) * a.columns, piece, piece + a.columns)


cdef class ChannelStatistics(Call):
    """pieces[i] = mean and sum of squared distances from it, of run i of the rows of x."""

    cdef ChannelArgs a

    def __init__(self, x, pieces_out):
        self.a = channel_args(None, x, None, pieces_out, None, False)
        cdef Py_ssize_t count = task_count(&self.a)
        check_shape("pieces", pieces_out, (count, 2, self.a.columns))
        self.prepare(statistics_task, &self.a, count, 0, WORK * x.size, (x,), (pieces_out,))


cdef struct MergeArgs:
    const kernel_table* kernels
    const float* weights
    const float* statistics
    float* mean
    float* variance
    Py_ssize_t count
    Py_ssize_t columns


cdef void merge_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MergeArgs* a = <const MergeArgs*>arguments
    cdef Py_ssize_t start = task * LINE
    a.kernels.merge_statistics(a.count, min(LINE, a.columns - start), 2 * a.columns, a.weights, a.statistics + start,
                               a.mean + start, a.variance + start)


cdef class MergeStatistics(Call):
    """mean and variance of all rows from those of pieces; NaN where there are none."""

    cdef MergeArgs a

    def __init__(self, statistics, weights, mean, variance):
        cdef Py_ssize_t columns = mean.shape[0], count = weights.size
        check_shape("pieces", statistics, (count, 2, columns))
        check_shape("variance", variance, mean.shape)
        self.a = MergeArgs(table(), f32(weights), f32(statistics), f32(mean), f32(variance), count, columns)
        self.prepare(merge_task, &self.a, pieces(columns, LINE), 0, 8.0 * count * columns, (statistics, weights),
                     (mean, variance))


cdef struct CoefficientArgs:
    const kernel_table* kernels
    const float* mean
    const float* variance
    const float* gamma
    const float* beta
    const float* dgamma
    const float* dbeta
    float* k
    Py_ssize_t columns
    float epsilon, rows


cdef void coefficients_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const CoefficientArgs* a = <const CoefficientArgs*>arguments
    a.kernels.channel_coefficients(a.columns, a.epsilon, a.mean, a.variance, a.gamma, a.beta, a.dgamma, a.dbeta,
                                   a.rows, a.k)


cdef class ChannelCoefficients(Call):
    """k = what the kernels of csrc/channel_norm.c read; with `sums` (dgamma, dbeta over `rows` rows) for the gradient
    of x."""

    cdef CoefficientArgs a

    def __init__(self, mean, variance, gamma, beta, k, *, float epsilon, sums=None, float rows=1):
        cdef Py_ssize_t columns = mean.shape[0]
        for name, array in (("variance", variance), ("gamma", gamma), ("beta", beta)):
            check_shape(name, array, (columns,))
        check_shape("k", k, (5, columns))
        self.a = CoefficientArgs(table(), f32(mean), f32(variance), f32(gamma), f32(beta), NULL, NULL, f32(k), columns,
                                 epsilon, rows)
        if sums is not None:
            self.a.dgamma, self.a.dbeta = f32(sums[0]), f32(sums[1])
        self.prepare(coefficients_task, &self.a, 1, 0, 16.0 * columns,
                     (mean, variance, gamma, beta, *(sums or ())), (k,))


cdef void normalize_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ChannelArgs* a = <const ChannelArgs*>arguments
    cdef Py_ssize_t at = run_start(&a.runs, task) * a.columns
    a.kernels.channel_normalize(run_rows(&a.runs, task), a.columns, a.relu, a.x + at, a.k, a.y + at)


cdef class ChannelNormalize(Call):
    """y = normalised x, then ReLU; y may be x."""

    cdef ChannelArgs a

    def __init__(self, x, k, y, *, bint relu):
        check_shape("y", y, x.shape)
        self.a = channel_args(None, x, k, y, None, relu)
        self.prepare(normalize_task, &self.a, task_count(&self.a), 0, WORK * x.size, (x, k), (y,))
        self.by_image(self.a.runs.images, sizeof(ChannelArgs))


cdef void gradient_sums_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ChannelArgs* a = <const ChannelArgs*>arguments
    cdef Py_ssize_t at = run_start(&a.runs, task) * a.columns
    a.kernels.channel_gradient_sums(run_rows(&a.runs, task), a.columns, a.relu, a.dy + at, a.x + at, a.k,
                                    a.y + task * a.columns, a.second + task * a.columns)


cdef class ChannelGradientSums(Call):
    """Row i of dgamma and dbeta = their sums over run i of the rows."""

    cdef ChannelArgs a

    def __init__(self, dy, x, k, dgamma, dbeta, *, bint relu):
        check_shape("dy", dy, x.shape)
        self.a = channel_args(dy, x, k, dgamma, dbeta, relu)
        cdef Py_ssize_t count = gradient_pieces(x.shape)
        self.a.runs.parts = max(self.a.runs.parts, 1)  # the sums of nothing
        check_shape("dgamma", dgamma, (count, self.a.columns))
        check_shape("dbeta", dbeta, (count, self.a.columns))
        self.prepare(gradient_sums_task, &self.a, count, 0, WORK * x.size, (dy, x, k), (dgamma, dbeta))
        self.by_image(self.a.runs.images, sizeof(ChannelArgs))


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ChannelArgs* a = <const ChannelArgs*>arguments
    cdef Py_ssize_t at = run_start(&a.runs, task) * a.columns
    a.kernels.channel_input_gradient(run_rows(&a.runs, task), a.columns, a.relu, a.dy + at, a.x + at, a.k, a.y + at)


cdef class ChannelInputGradient(Call):
    """dx from dy; dx may be dy."""

    cdef ChannelArgs a

    def __init__(self, dy, x, k, dx, *, bint relu):
        check_shape("dy", dy, x.shape)
        check_shape("dx", dx, x.shape)
        self.a = channel_args(dy, x, k, dx, None, relu)
        self.prepare(input_gradient_task, &self.a, task_count(&self.a), 0, WORK * x.size, (dy, x, k),
                     (dx,))
        self.by_image(self.a.runs.images, sizeof(ChannelArgs))


cdef struct MovingAverageArgs:
    const float* value
    float* average
    Py_ssize_t size
    float momentum


cdef void moving_average_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const MovingAverageArgs* a = <const MovingAverageArgs*>arguments
    cdef Py_ssize_t i
    for i in range(task * TASK_ELEMENTS, min((task + 1) * TASK_ELEMENTS, a.size)):
        a.average[i] = a.average[i] * a.momentum + a.value[i] * (1 - a.momentum)


cdef class MovingAverage(Call):
    """average = average * momentum + value * (1 - momentum), in place."""

    cdef MovingAverageArgs a

    def __init__(self, average, value, *, float momentum):
        check_shape("value", value, average.shape)
        self.a = MovingAverageArgs(f32(value), f32(average), average.size, momentum)
        self.prepare(moving_average_task, &self.a, pieces(average.size, TASK_ELEMENTS), 0, 4.0 * average.size, (value,),
                     (average,))
