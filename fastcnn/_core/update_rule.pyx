# The rules of the optimizers: which kernel of csrc/optimizer.c, which options, and how its rates follow from them.
#
# Rates are computed anew in every step, from the learning rate and the count of steps, which are tensors.
from libc.math cimport pow, sqrt

from fastcnn._core.buffer cimport f32, i64
from fastcnn._core.kernels cimport kernel_table, table

OPTIONS = {
    "sgd": (),
    "momentum": ("momentum",),
    "nesterov": ("momentum",),
    "adam": ("beta_1", "beta_2", "epsilon"),
    "amsgrad": ("beta_1", "beta_2", "epsilon"),
    "adamax": ("beta_1", "beta_2", "epsilon"),
    "nadam": ("beta_1", "beta_2", "epsilon"),
    "rmsprop": ("rho", "epsilon"),
    "rmsprop_momentum": ("rho", "epsilon", "momentum"),
    "rmsprop_centered": ("rho", "epsilon"),
    "rmsprop_centered_momentum": ("rho", "epsilon", "momentum"),
    "adagrad": ("epsilon",),
    "adadelta": ("rho", "epsilon"),
    "lion": ("beta_1", "beta_2"),
    "lamb": ("beta_1", "beta_2", "epsilon"),
    "ftrl": ("learning_rate_power", "l1", "l2", "l2_shrinkage", "beta"),
}
SHARED = ("scale", "clip", "weight_decay", "steps")


cdef void sgd_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0] = <float>lr


cdef void momentum_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1] = <float>lr, <float>o[0]


cdef void adam_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0] = <float>(lr * sqrt(1.0 - pow(o[1], t)) / (1.0 - pow(o[0], t)))
    r[1], r[2], r[3] = <float>(1.0 - o[0]), <float>(1.0 - o[1]), <float>o[2]


cdef void adamax_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0] = <float>(lr / (1.0 - pow(o[0], t)))
    r[1], r[2], r[3] = <float>(1.0 - o[0]), <float>o[1], <float>o[2]


cdef void nadam_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    cdef double now = nadam_momentum(o[0], t), following = nadam_momentum(o[0], t + 1)
    r[0] = <float>(lr * following / (1.0 - state * following))
    r[1] = <float>(lr * (1.0 - now) / (1.0 - state))
    r[2], r[3] = <float>(1.0 - o[0]), <float>(1.0 - o[1])
    r[4], r[5] = <float>(1.0 / (1.0 - pow(o[1], t))), <float>o[2]


cdef void rmsprop_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1], r[2], r[3] = <float>lr, <float>o[0], <float>o[1], <float>o[2]


cdef void adagrad_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1] = <float>lr, <float>o[0]


cdef void adadelta_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1], r[2] = <float>lr, <float>o[0], <float>o[1]


cdef void lamb_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1] = <float>(1.0 / (1.0 - pow(o[0], t))), <float>(1.0 / (1.0 - pow(o[1], t)))
    r[2], r[3], r[4] = <float>(1.0 - o[0]), <float>(1.0 - o[1]), <float>o[2]


cdef void ftrl_rates(const double* o, double lr, double t, double state, float* r) noexcept nogil:
    r[0], r[1], r[2] = <float>(1.0 / lr), <float>-o[0], <float>o[1]
    r[3], r[4] = <float>(2.0 * (o[2] + o[4] / (2.0 * lr))), <float>(2.0 * o[3])


cdef int choose(Rule* rule, str name) except -1:
    """The kernel, its rates and its number of slots."""
    cdef const kernel_table* k = table()
    if name == "sgd":
        rule.kernel, rule.rates, rule.slots = k.sgd_update, sgd_rates, 0
    elif name == "momentum":
        rule.kernel, rule.rates, rule.slots = k.momentum_update, momentum_rates, 1
    elif name == "nesterov":
        rule.kernel, rule.rates, rule.slots = k.nesterov_update, momentum_rates, 1
    elif name == "adam":
        rule.kernel, rule.rates, rule.slots = k.adam_update, adam_rates, 2
    elif name == "amsgrad":
        rule.kernel, rule.rates, rule.slots = k.amsgrad_update, adam_rates, 3
    elif name == "adamax":
        rule.kernel, rule.rates, rule.slots = k.adamax_update, adamax_rates, 2
    elif name == "nadam":
        rule.kernel, rule.rates, rule.slots = k.nadam_update, nadam_rates, 2
    elif name == "rmsprop":
        rule.kernel, rule.rates, rule.slots = k.rmsprop_update, rmsprop_rates, 1
    elif name == "rmsprop_momentum":
        rule.kernel, rule.rates, rule.slots = k.rmsprop_momentum_update, rmsprop_rates, 2
    elif name == "rmsprop_centered":
        rule.kernel, rule.rates, rule.slots = k.rmsprop_centered_update, rmsprop_rates, 2
    elif name == "rmsprop_centered_momentum":
        rule.kernel, rule.rates, rule.slots = k.rmsprop_centered_momentum_update, rmsprop_rates, 3
    elif name == "adagrad":
        rule.kernel, rule.rates, rule.slots = k.adagrad_update, adagrad_rates, 1
    elif name == "adadelta":
        rule.kernel, rule.rates, rule.slots = k.adadelta_update, adadelta_rates, 2
    elif name == "lion":
        rule.kernel, rule.rates, rule.slots = k.lion_update, adadelta_rates, 1
    elif name == "lamb":
        rule.kernel, rule.rates, rule.slots = k.lamb_update, lamb_rates, 3
    elif name == "ftrl":
        rule.kernel, rule.rates, rule.slots = k.ftrl_update, ftrl_rates, 2
    else:
        raise ValueError(f"there is no rule {name!r}")
    return 0


cdef int make_rule(Rule* rule, str name, lr, iteration, state, dict options) except -1:
    choose(rule, name)
    cdef Py_ssize_t i
    for i, option in enumerate(OPTIONS[name]):
        rule.option[i] = options[option]
    unknown = set(options) - set(OPTIONS[name]) - set(SHARED)
    if unknown:
        raise TypeError(f"the rule {name!r} takes no {', '.join(sorted(unknown))}")
    rule.scale, rule.clip = options.get("scale", 1.0), options.get("clip", float("inf"))
    rule.weight_decay, rule.steps = options.get("weight_decay", 0.0), options.get("steps", 1)
    check_one("lr", lr)
    check_one("iteration", iteration)
    rule.lr, rule.iteration, rule.state = f32(lr), i64(iteration), NULL
    if state is not None:
        check_one("state", state)
        rule.state = f32(state)
    return 0


cdef int check_one(str name, array) except -1:
    if array.size != 1:
        raise ValueError(f"{name} must have one element, received shape {array.shape}")
    return 0


cdef int check_shapes(w, others, names) except -1:
    for array, name in zip(others, names):
        if array.shape != w.shape:
            raise ValueError(f"{name} must have the shape of w, {w.shape}, received {array.shape}")
    return 0
