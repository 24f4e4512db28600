"""NumPy twins of every op: what each one means, written for reading; the judge of every kernel.

Arrays are channels-last, as in the engine: images (N, H, W, C), kernels (R, S, C, K). A function has the name of its
op, takes the op's inputs and its attributes as keywords, and returns an array or a tuple. float64 stays float64.
"""

from fastcnn.reference.conv import conv2d, conv2d_input_gradient, conv2d_weight_gradient
from fastcnn.reference.conv_pool import (
    conv2d_max_pool,
    conv2d_max_pool_bias_gradient,
    conv2d_max_pool_input_gradient,
    conv2d_max_pool_weight_gradient,
)
from fastcnn.reference.dropout import dropout
from fastcnn.reference.elementwise import (
    abs,
    add,
    divide,
    equal,
    exp,
    greater,
    greater_equal,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    sqrt,
    square,
    subtract,
    tanh,
    tanh_gradient,
)
from fastcnn.reference.linear import add_bias, bias_gradient, matmul
from fastcnn.reference.loss import (
    cross_entropy,
    cross_entropy_gradient,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)
from fastcnn.reference.metric import accumulate, accuracy, binary_accuracy
from fastcnn.reference.pool import average_pool2d, average_pool2d_gradient, max_pool2d, max_pool2d_gradient
from fastcnn.reference.reduction import mean, sum
from fastcnn.reference.run import run_graph
from fastcnn.reference.shape import broadcast_to, reshape, transpose
from fastcnn.reference.softmax import softmax, softmax_gradient
from fastcnn.reference.update import (
    adam_update,
    assign,
    increment,
    matmul_adam_update,
    matmul_momentum_update,
    matmul_sgd_update,
    momentum_update,
    sgd_update,
)

__all__ = [
    "abs",
    "accumulate",
    "accuracy",
    "adam_update",
    "add",
    "add_bias",
    "assign",
    "average_pool2d",
    "average_pool2d_gradient",
    "bias_gradient",
    "binary_accuracy",
    "broadcast_to",
    "conv2d",
    "conv2d_input_gradient",
    "conv2d_max_pool",
    "conv2d_max_pool_bias_gradient",
    "conv2d_max_pool_input_gradient",
    "conv2d_max_pool_weight_gradient",
    "conv2d_weight_gradient",
    "cross_entropy",
    "cross_entropy_gradient",
    "divide",
    "dropout",
    "equal",
    "exp",
    "greater",
    "greater_equal",
    "increment",
    "log",
    "matmul",
    "matmul_adam_update",
    "matmul_momentum_update",
    "matmul_sgd_update",
    "max_pool2d",
    "max_pool2d_gradient",
    "maximum",
    "mean",
    "minimum",
    "momentum_update",
    "multiply",
    "negative",
    "relu",
    "relu_gradient",
    "reshape",
    "run_graph",
    "sgd_update",
    "sigmoid",
    "sigmoid_gradient",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "softmax_gradient",
    "sqrt",
    "square",
    "subtract",
    "sum",
    "tanh",
    "tanh_gradient",
    "transpose",
]
