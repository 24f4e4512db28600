"""The vocabulary: functions with the names of `keras.ops`, at once on arrays, as nodes of a graph on symbolic tensors.

Importing this package registers all op definitions. A module here is one family of ops: for each op its shape rule,
cost, gradient and reference, and the public functions that apply it.
"""

from fastcnn.ops import (
    conv_pool,  # noqa: F401  (registers the fused ops, which only passes use)
    operators,  # noqa: F401  (gives tensors their operators)
)
from fastcnn.ops.assign import assign
from fastcnn.ops.conv import conv
from fastcnn.ops.dropout import dropout
from fastcnn.ops.linear import add_bias, matmul
from fastcnn.ops.loss import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from fastcnn.ops.math import (
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
    sigmoid,
    sqrt,
    square,
    subtract,
    tanh,
)
from fastcnn.ops.metric import accumulate, accuracy, binary_accuracy
from fastcnn.ops.pool import average_pool, max_pool
from fastcnn.ops.reduction import mean, sum
from fastcnn.ops.shape import broadcast_to, one_hot, reshape, transpose
from fastcnn.ops.softmax import softmax
from fastcnn.ops.update import adam_update, increment, momentum_update, sgd_update

__all__ = [
    "abs",
    "accumulate",
    "accuracy",
    "adam_update",
    "add",
    "add_bias",
    "assign",
    "average_pool",
    "binary_accuracy",
    "binary_crossentropy",
    "broadcast_to",
    "categorical_crossentropy",
    "conv",
    "divide",
    "dropout",
    "equal",
    "exp",
    "greater",
    "greater_equal",
    "increment",
    "log",
    "matmul",
    "max_pool",
    "maximum",
    "mean",
    "minimum",
    "momentum_update",
    "multiply",
    "negative",
    "one_hot",
    "relu",
    "reshape",
    "sgd_update",
    "sigmoid",
    "softmax",
    "sparse_categorical_crossentropy",
    "sqrt",
    "square",
    "subtract",
    "sum",
    "tanh",
    "transpose",
]
