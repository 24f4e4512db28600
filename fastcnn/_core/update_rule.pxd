# The rule of an optimizer, with its numbers, and the rates that its kernel takes at each step.
from libc.math cimport pow
from libc.stdint cimport int64_t

from fastcnn._core.kernels cimport update_kernel, update_rates

cdef enum:
    MAX_SLOTS = 3
    MAX_OPTIONS = 6

# Rates r[0], r[1], ... from the options, the learning rate, the number of the update (from 1) and a number of state.
ctypedef void (*rates_function)(const double* option, double lr, double t, double state, float* r) noexcept nogil

cdef struct Rule:
    update_kernel kernel
    rates_function rates
    Py_ssize_t slots
    double option[MAX_OPTIONS]
    double scale              # of the gradient, before it is clipped
    double clip
    double weight_decay
    int64_t steps             # an update in so many steps
    const float* lr
    const int64_t* iteration  # steps so far
    const float* state        # NULL: the rule has none


cdef inline bint is_update_step(const Rule* rule) noexcept nogil:
    return (rule.iteration[0] + 1) % rule.steps == 0


cdef inline void rates_now(const Rule* rule, update_rates* rates) noexcept nogil:
    """The rates of this step, in double precision until they are stored: once per task."""
    cdef double lr = rule.lr[0]
    rates.scale = <float>rule.scale
    rates.clip = <float>rule.clip
    rates.keep = <float>(1.0 - rule.weight_decay * lr)
    rule.rates(rule.option, lr, <double>(rule.iteration[0] // rule.steps + 1),
               rule.state[0] if rule.state != NULL else 0.0, rates.r)


cdef inline double nadam_momentum(double beta_1, double t) noexcept nogil:
    """How much of the momentum Nadam takes in its step number t."""
    return beta_1 * (1.0 - 0.5 * pow(0.96, t))


cdef int make_rule(Rule* rule, str name, lr, iteration, state, dict options) except -1
cdef int check_one(str name, array) except -1
cdef int check_shapes(w, others, names) except -1
