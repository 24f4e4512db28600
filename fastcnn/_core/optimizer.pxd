# The rates of an update, from the tensors that hold them, in double precision: once per task.
from libc.math cimport pow, sqrt
from libc.stdint cimport int64_t

from fastcnn._core.kernels cimport adam_rates, momentum_rates, sgd_rates


cdef struct AdamOptions:
    const float* lr
    const int64_t* iteration
    double beta_1
    double beta_2
    double epsilon


cdef inline adam_rates adam_rates_now(const AdamOptions* o) noexcept nogil:
    cdef double t = <double>(o.iteration[0] + 1)
    cdef adam_rates r
    r.alpha = <float>(o.lr[0] * sqrt(1.0 - pow(o.beta_2, t)) / (1.0 - pow(o.beta_1, t)))
    r.rate_1 = <float>(1.0 - o.beta_1)
    r.rate_2 = <float>(1.0 - o.beta_2)
    r.epsilon = <float>o.epsilon
    return r


cdef struct MomentumOptions:
    const float* lr
    double momentum
    bint nesterov


cdef inline momentum_rates momentum_rates_now(const MomentumOptions* o) noexcept nogil:
    cdef momentum_rates r
    r.rate = o.lr[0]
    r.momentum = <float>o.momentum
    r.nesterov = o.nesterov
    return r


cdef inline sgd_rates sgd_rates_now(const float* lr) noexcept nogil:
    cdef sgd_rates r
    r.rate = lr[0]
    return r


cdef AdamOptions adam_options(lr, iteration, double beta_1, double beta_2, double epsilon) except *
cdef MomentumOptions momentum_options(lr, double momentum, bint nesterov) except *
cdef const float* learning_rate(lr) except NULL
cdef int check_shapes(w, others, names) except -1
