# Element-wise ops of one array, and their gradients from the output.
#
#     Unary(x, y, op="relu")                      y = op(x); y may be x
#     UnaryGradient(dy, y, dx, op="relu")         dx = dy * slope of op, from its output y; dx may be dy
#
# Work is cut into runs of TASK_ELEMENTS.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport kernel_table, table, unary_gradient_kernel, unary_kernel
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

UNARY_OPS = (
    "relu", "sigmoid", "tanh", "exp", "log", "square", "sqrt", "negative", "abs", "log1p", "expm1", "floor", "ceil",
    "round", "sign", "isnan", "isfinite", "sin", "cos", "arctan", "erf",
)
GRADIENT_OPS = ("relu", "sigmoid", "tanh")

HEAVY_OPS = ("sigmoid", "tanh", "exp", "log", "log1p", "expm1", "sin", "cos", "arctan", "erf")

# Work per element in the gate's units, where a multiply-add counts 2.
cdef double LIGHT = 8, HEAVY = 24


cdef unary_kernel unary_named(str op) except NULL:
    cdef const kernel_table* k = table()
    cdef unary_kernel* kernels = [
        k.unary_relu, k.unary_sigmoid, k.unary_tanh, k.unary_exp, k.unary_log, k.unary_square, k.unary_sqrt,
        k.unary_negative, k.unary_abs, k.unary_log1p, k.unary_expm1, k.unary_floor, k.unary_ceil, k.unary_round,
        k.unary_sign, k.unary_isnan, k.unary_isfinite, k.unary_sin, k.unary_cos,
        k.unary_arctan, k.unary_erf,
    ]
    if op not in UNARY_OPS:
        raise ValueError(f"op must be one of {UNARY_OPS}, received {op!r}")
    return kernels[<Py_ssize_t>UNARY_OPS.index(op)]


cdef unary_gradient_kernel gradient_named(str op) except NULL:
    cdef const kernel_table* k = table()
    cdef unary_gradient_kernel* kernels = [k.relu_gradient, k.sigmoid_gradient, k.tanh_gradient]
    if op not in GRADIENT_OPS:
        raise ValueError(f"op must be one of {GRADIENT_OPS}, received {op!r}")
    return kernels[<Py_ssize_t>GRADIENT_OPS.index(op)]


cdef double work_of(str op) except? -1:
    return HEAVY if op in HEAVY_OPS else LIGHT


cdef struct UnaryArgs:
    unary_kernel kernel
    const float* x
    float* y
    Py_ssize_t size


cdef void unary_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UnaryArgs* a = <const UnaryArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    a.kernel(min(<Py_ssize_t>TASK_ELEMENTS, a.size - start), a.x + start, a.y + start)


cdef class Unary(Call):
    """y = op(x), element by element."""

    cdef UnaryArgs a

    def __init__(self, x, y, *, str op):
        check_shape("y", y, x.shape)
        self.a = UnaryArgs(unary_named(op), f32(x), f32(y), x.size)
        self.prepare(unary_task, &self.a, pieces(x.size, TASK_ELEMENTS), 0, work_of(op) * x.size, (x,), (y,))


cdef struct UnaryGradientArgs:
    unary_gradient_kernel kernel
    const float* dy
    const float* y
    float* dx
    Py_ssize_t size


cdef void unary_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const UnaryGradientArgs* a = <const UnaryGradientArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    a.kernel(min(<Py_ssize_t>TASK_ELEMENTS, a.size - start), a.dy + start, a.y + start, a.dx + start)


cdef class UnaryGradient(Call):
    """dx = dy times the slope of op where its output is y."""

    cdef UnaryGradientArgs a

    def __init__(self, dy, y, dx, *, str op):
        check_shape("y", y, dy.shape)
        check_shape("dx", dx, dy.shape)
        self.a = UnaryGradientArgs(gradient_named(op), f32(dy), f32(y), f32(dx), dy.size)
        self.prepare(unary_gradient_task, &self.a, pieces(dy.size, TASK_ELEMENTS), 0, LIGHT * dy.size,
                     (dy, y), (dx,))
