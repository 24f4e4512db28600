# Updates of weights in place, from gradients in memory, and what belongs to them.
#
#     Update(rule, segments, lr[1], iteration[1], state)   w and its slots, for every segment (w, g, slots, scale)
#     LambStep(segment, sums, lr[1], iteration[1])          the step of Lamb, and the sums of squares of w and step
#     AccumulateGradient(sum, g, iteration[1], steps)       sum = g in the first of so many steps, else sum += g
#     WeightAverage(average, w, iteration[1], ...)          of the weights; overwrites them now and then
#     SumsOfSquares(arrays, partial), NormScale(...)        by how much gradients are scaled to clip their norm
#     NadamState(product[1], iteration[1], ...)             the product of all momenta of Nadam so far
#     Increment(counter[n])                                 counter[n - 1] += 1
#
# The learning rate and the count of steps are tensors, read when a call runs. A task is a run of TASK_FLOATS of one
# weight, or several small weights: one call updates all the weights that have a rule in common.
from libc.math cimport sqrt
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free

from fastcnn._core.buffer cimport f32, f64, i64
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table, update_rates
from fastcnn._core.update_rule cimport (
    MAX_SLOTS,
    Rule,
    check_one,
    check_shapes,
    is_update_step,
    make_rule,
    nadam_momentum,
    rates_now,
)

cdef Py_ssize_t TASK_FLOATS = 8 * 1024


cdef inline Py_ssize_t tasks_for(Py_ssize_t size) noexcept nogil:
    return (size + TASK_FLOATS - 1) // TASK_FLOATS


cdef struct Piece:
    const float* g
    const float* scale         # of this gradient; NULL: 1
    float* w
    float* slot[MAX_SLOTS]
    Py_ssize_t size


cdef struct UpdateArgs:
    Rule rule
    Piece* pieces
    Py_ssize_t* first          # piece of each task, and of the end
    double* weight_squares     # of each piece, those of w; NULL: not asked for
    double* step_squares       # those of the last slot
    void (*sum_of_squares)(Py_ssize_t n, const float* x, double* sum) noexcept nogil


cdef void update_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UpdateArgs* a = <const UpdateArgs*>arguments
    if not is_update_step(&a.rule):
        return
    cdef update_rates rates
    rates_now(&a.rule, &rates)
    cdef float scale = rates.scale
    cdef Py_ssize_t i
    cdef Piece* p
    for i in range(a.first[task], a.first[task + 1]):
        p = &a.pieces[i]
        rates.scale = scale if p.scale == NULL else scale * p.scale[0]
        a.rule.kernel(&rates, p.g, p.size, p.w, p.slot)
        if a.weight_squares != NULL:
            a.sum_of_squares(p.size, p.w, a.weight_squares + i)
            a.sum_of_squares(p.size, p.slot[a.rule.slots - 1], a.step_squares + i)


cdef class Update(Call):
    """The update of weights by a rule of update_rule.pyx.

    `segments` are tuples (w, g, slots, scale): a weight, its gradient, a tuple of its slots, and None or an array of
    one number by which the gradient is multiplied.
    """

    cdef UpdateArgs a
    cdef readonly list segments
    cdef readonly tuple rest

    def __init__(self, str rule, segments, lr, iteration, state=None, **options):
        make_rule(&self.a.rule, rule, lr, iteration, state, options)
        self.segments, self.rest = list(segments), (rule, lr, iteration, state, options)
        cdef Py_ssize_t pieces = sum([tasks_for(w.size) for w, *_ in self.segments])
        self.a.pieces = <Piece*>calloc(max(pieces, 1), sizeof(Piece))
        self.a.first = <Py_ssize_t*>calloc(pieces + 1, sizeof(Py_ssize_t))
        if self.a.pieces == NULL or self.a.first == NULL:
            raise MemoryError()
        cdef Py_ssize_t tasks = 0, at = 0, room = 0, start, size, total = 0
        cdef int k
        cdef Piece* p
        for w, g, slots, scale in self.segments:
            if len(slots) != self.a.rule.slots:
                raise ValueError(f"the rule {rule!r} has {self.a.rule.slots} slots, received {len(slots)}")
            check_shapes(w, (g, *slots), ("g", *[f"slot {i}" for i in range(len(slots))]))
            start, size, total = 0, w.size, total + w.size
            while start < size:
                p = &self.a.pieces[at]
                p.size = min(TASK_FLOATS, size - start)
                p.g, p.w = f32(g) + start, f32(w) + start
                p.scale = NULL
                if scale is not None:
                    check_one("scale", scale)
                    p.scale = f32(scale)
                for k, slot in enumerate(slots):
                    p.slot[k] = f32(slot) + start
                if p.size > room:
                    self.a.first[tasks] = at
                    tasks += 1
                    room = TASK_FLOATS
                room -= p.size
                start += p.size
                at += 1
        self.a.first[tasks] = at
        numbers = tuple([array for array in (lr, iteration, state) if array is not None])
        reads = tuple([array for w, g, slots, scale in self.segments for array in (w, g, *slots, scale)
                       if array is not None])
        writes = tuple([array for w, _g, slots, _scale in self.segments for array in (w, *slots)])
        self.prepare(update_task, &self.a, tasks, 0, (3 + 5 * self.a.rule.slots) * total, reads + numbers, writes)

    def __dealloc__(self):
        free(self.a.pieces)
        free(self.a.first)

    @property
    def key(self):
        """What updates must have in common to be done by one call."""
        rule, lr, iteration, state, options = self.rest
        return rule, id(lr), id(iteration), id(state), tuple(sorted(options.items()))


def merged(updates):
    """One call that does all of these updates, of one key."""
    rule, lr, iteration, state, options = updates[0].rest
    segments = [segment for update in updates for segment in update.segments]
    return Update(rule, segments, lr, iteration, state, **options)


cdef class LambStep(Update):
    """The update of one segment by Lamb, which leaves its step in the last slot, and in `sums` the sums of squares of
    runs of TASK_FLOATS elements: those of w, then those of the step. They are taken while a run is in the cache.
    """

    def __init__(self, segment, sums, lr, iteration, **options):
        super().__init__("lamb", [segment], lr, iteration, **options)
        cdef Py_ssize_t runs = tasks_for(segment[0].size)
        if sums.shape != (2 * runs,):
            raise ValueError(f"sums must have shape {(2 * runs,)}, received {sums.shape}")
        self.a.weight_squares = f64(sums)
        self.a.step_squares = self.a.weight_squares + runs
        self.a.sum_of_squares = table().sum_of_squares
        self.prepare(update_task, &self.a, self.tasks, 0, self.work, self.reads, (*self.writes, sums))


cdef struct AccumulateArgs:
    const kernel_table* kernels
    const float* g
    float* sum
    const int64_t* iteration
    int64_t steps
    Py_ssize_t size


cdef void accumulate_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AccumulateArgs* a = <const AccumulateArgs*>arguments
    cdef Py_ssize_t start = task * TASK_FLOATS
    a.kernels.accumulate_gradient(a.iteration[0] % a.steps == 0, min(TASK_FLOATS, a.size - start), a.g + start,
                                  a.sum + start)


cdef class AccumulateGradient(Call):
    """sum = g where iteration is a multiple of steps, else sum += g."""

    cdef AccumulateArgs a

    def __init__(self, total, g, iteration, *, int64_t steps):
        check_shapes(total, (g,), ("g",))
        check_one("iteration", iteration)
        self.a = AccumulateArgs(table(), f32(g), f32(total), i64(iteration), steps, total.size)
        self.prepare(accumulate_task, &self.a, tasks_for(total.size), 0, 3 * total.size, (total, g, iteration),
                     (total,))


cdef struct AverageArgs:
    const kernel_table* kernels
    float* average
    float* w
    const int64_t* iteration
    double momentum
    int64_t every              # updates between overwrites; 0: none
    int64_t steps
    Py_ssize_t size


cdef void average_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const AverageArgs* a = <const AverageArgs*>arguments
    cdef Py_ssize_t start = task * TASK_FLOATS
    cdef int64_t updates = a.iteration[0] // a.steps
    cdef bint overwrite = a.every > 0 and (updates + 1) % max(a.every, 1) == 0
    a.kernels.weight_average(<float>(a.momentum if updates > 0 else 0.0), overwrite,
                             min(TASK_FLOATS, a.size - start), a.average + start, a.w + start)


cdef class WeightAverage(Call):
    """average = momentum average + (1 - momentum) w, momentum 0 before the first update; then perhaps w = average."""

    cdef AverageArgs a

    def __init__(self, average, w, iteration, *, double momentum, int64_t every=0, int64_t steps=1):
        check_shapes(w, (average,), ("average",))
        check_one("iteration", iteration)
        self.a = AverageArgs(table(), f32(average), f32(w), i64(iteration), momentum, every, steps, w.size)
        self.prepare(average_task, &self.a, tasks_for(w.size), 0, 4 * w.size, (average, w, iteration), (average, w))


def partial_sums(sizes):
    """How many numbers SumsOfSquares writes for arrays of these sizes."""
    return sum([tasks_for(size) for size in sizes])


cdef struct SquaresArgs:
    const kernel_table* kernels
    const float** array
    Py_ssize_t* size
    double* partial


cdef void squares_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const SquaresArgs* a = <const SquaresArgs*>arguments
    a.kernels.sum_of_squares(a.size[task], a.array[task], a.partial + task)


cdef class SumsOfSquares(Call):
    """partial[i]: the sum of squares of a run of TASK_FLOATS elements of one of the arrays, in their order."""

    cdef SquaresArgs a

    def __init__(self, arrays, partial):
        cdef Py_ssize_t count = partial_sums([array.size for array in arrays]), task = 0, start, total = 0
        if partial.shape != (count,):
            raise ValueError(f"partial must have shape {(count,)}, received {partial.shape}")
        self.a.array = <const float**>calloc(max(count, 1), sizeof(float*))
        self.a.size = <Py_ssize_t*>calloc(max(count, 1), sizeof(Py_ssize_t))
        if self.a.array == NULL or self.a.size == NULL:
            raise MemoryError()
        self.a.kernels, self.a.partial = table(), f64(partial)
        for array in arrays:
            total += array.size
            start = 0
            while start < array.size:
                self.a.array[task] = f32(array) + start
                self.a.size[task] = min(TASK_FLOATS, array.size - start)
                start += TASK_FLOATS
                task += 1
        self.prepare(squares_task, &self.a, count, 0, 2 * total, tuple(arrays), (partial,))

    def __dealloc__(self):
        free(self.a.array)
        free(self.a.size)


cdef enum:
    EACH
    TOGETHER
    TRUST

KINDS = {"each": EACH, "global": TOGETHER, "trust": TRUST}


cdef struct ScaleArgs:
    const double* partial
    Py_ssize_t split
    Py_ssize_t count
    double limit
    double scale
    int kind
    float* out


cdef double norm(const double* partial, Py_ssize_t count) noexcept nogil:
    cdef double total = 0
    cdef Py_ssize_t i
    for i in range(count):
        total += partial[i]
    return sqrt(total)


cdef void scale_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ScaleArgs* a = <const ScaleArgs*>arguments
    cdef double length = norm(a.partial, a.split) * a.scale, step
    if a.kind == TRUST:
        step = norm(a.partial + a.split, a.count - a.split)
        a.out[0] = <float>(length / step if length > 0 and step > 0 else 1.0)
    else:
        a.out[0] = 1.0 if length <= a.limit else <float>(a.limit / length)
        if a.kind == TOGETHER:
            a.out[0] += <float>(length - length)  # NaN where the norm is not finite


cdef class NormScale(Call):
    """out[0]: what gradients are multiplied by so that their norm, times `scale`, is at most `limit`.

    `kind` is "each", "global" (NaN where the norm is infinite, as Keras has it), or "trust": the norm of the squares
    before `split` by that of those behind, 1 where one of them is 0.
    """

    cdef ScaleArgs a

    def __init__(self, partial, out, *, str kind, double limit=1.0, double scale=1.0, split=None):
        check_one("out", out)
        cdef Py_ssize_t count = partial.size
        self.a = ScaleArgs(f64(partial), count if split is None else split, count, limit, scale, KINDS[kind], f32(out))
        self.prepare(scale_task, &self.a, 1, 0, count, (partial,), (out,))


cdef struct NadamArgs:
    float* product
    const int64_t* iteration
    double beta_1
    int64_t steps


cdef void nadam_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const NadamArgs* a = <const NadamArgs*>arguments
    if (a.iteration[0] + 1) % a.steps == 0:
        a.product[0] *= <float>nadam_momentum(a.beta_1, <double>(a.iteration[0] // a.steps + 1))


cdef class NadamState(Call):
    """product *= the momentum of this update."""

    cdef NadamArgs a

    def __init__(self, product, iteration, *, double beta_1, int64_t steps=1):
        check_one("product", product)
        check_one("iteration", iteration)
        self.a = NadamArgs(f32(product), i64(iteration), beta_1, steps)
        self.prepare(nadam_task, &self.a, 1, 0, 1, (product, iteration), (product,))


cdef struct IncrementArgs:
    int64_t* last


cdef void increment_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    (<const IncrementArgs*>arguments).last[0] += 1


cdef class Increment(Call):
    """Adds one to the last element of a counter."""

    cdef IncrementArgs a

    def __init__(self, counter):
        if counter.ndim != 1 or counter.size == 0:
            raise ValueError(f"counter must be one row of at least one element, received shape {counter.shape}")
        self.a.last = i64(counter)
        self.a.last += <Py_ssize_t>counter.size - 1
        self.prepare(increment_task, &self.a, 1, 0, 1, (counter,), (counter,))
