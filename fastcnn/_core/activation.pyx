# Activation functions of one pass, and their gradients from the input.
#
#     Activation(x, y, kind="gelu", parameters=(a, b, c))               y may be x
#     ActivationGradient(dy, x, dx, kind="gelu", parameters=(a, b, c))  dx may be dy
#
# Work is cut into runs of TASK_ELEMENTS.
from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.kernels cimport activation_gradient_kernel, activation_kernel, kernel_table, table
from fastcnn._core.tasks cimport TASK_ELEMENTS, check_shape, pieces

KINDS = (
    "rectify", "elu", "gelu", "gelu_tanh", "silu", "mish", "softplus", "softsign", "hard_sigmoid", "hard_silu",
)

cdef double WORK = 24  # per element, in the gate's units


cdef Py_ssize_t number_of(str kind) except -1:
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {KINDS}, received {kind!r}")
    return KINDS.index(kind)


cdef struct ActivationArgs:
    activation_kernel kernel
    activation_gradient_kernel gradient
    float a, b, c
    const float* dy
    const float* x
    float* y
    Py_ssize_t size


cdef void activation_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ActivationArgs* p = <const ActivationArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    p.kernel(min(<Py_ssize_t>TASK_ELEMENTS, p.size - start), p.a, p.b, p.c, p.x + start, p.y + start)


cdef class Activation(Call):
    """y = the function of x, element by element."""

    cdef ActivationArgs p

    def __init__(self, x, y, *, str kind, parameters):
        cdef const kernel_table* k = table()
        cdef activation_kernel* kernels = [
            k.activation_rectify, k.activation_elu, k.activation_gelu, k.activation_gelu_tanh, k.activation_silu,
            k.activation_mish, k.activation_softplus, k.activation_softsign, k.activation_hard_sigmoid,
            k.activation_hard_silu,
        ]
        check_shape("y", y, x.shape)
        a, b, c = parameters
        self.p = ActivationArgs(kernels[number_of(kind)], NULL, a, b, c, NULL, f32(x), f32(y), x.size)
        self.prepare(activation_task, &self.p, pieces(x.size, TASK_ELEMENTS), 0, WORK * x.size, (x,), (y,))


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const ActivationArgs* p = <const ActivationArgs*>arguments
    cdef Py_ssize_t start = task * TASK_ELEMENTS
    p.gradient(min(<Py_ssize_t>TASK_ELEMENTS, p.size - start), p.a, p.b, p.c, p.dy + start, p.x + start,
               p.y + start)


cdef class ActivationGradient(Call):
    """dx = dy times the slope of the function at x."""

    cdef ActivationArgs p

    def __init__(self, dy, x, dx, *, str kind, parameters):
        cdef const kernel_table* k = table()
        cdef activation_gradient_kernel* kernels = [
            k.activation_rectify_gradient, k.activation_elu_gradient, k.activation_gelu_gradient,
            k.activation_gelu_tanh_gradient, k.activation_silu_gradient, k.activation_mish_gradient,
            k.activation_softplus_gradient, k.activation_softsign_gradient, k.activation_hard_sigmoid_gradient,
            k.activation_hard_silu_gradient,
        ]
        check_shape("x", x, dy.shape)
        check_shape("dx", dx, dy.shape)
        a, b, c = parameters
        self.p = ActivationArgs(NULL, kernels[number_of(kind)], a, b, c, f32(dy), f32(x), f32(dx), x.size)
        self.prepare(gradient_task, &self.p, pieces(x.size, TASK_ELEMENTS), 0, WORK * x.size, (dy, x), (dx,))
