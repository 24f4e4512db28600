"""The table of ops: for each at least one example of inputs and attributes. Tests that ask for `case` run over it."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from fastcnn.graph import OPS, Node, Tensor
from fastcnn.ops.update import RULES

numbers = np.random.default_rng(7)


def normal(*shape):
    return numbers.normal(size=shape)


def apart(*shape):
    """Distinct numbers, none near another or near 0: away from the kinks of relu, maximum, max_pool."""
    size = int(np.prod(shape))
    return (numbers.permutation(size).reshape(shape) - size / 2 + 0.25) / max(size, 2)


def positive(*shape):
    return numbers.uniform(0.3, 2, size=shape)


def probabilities(*shape):
    p = positive(*shape)
    return p / p.sum(axis=-1, keepdims=True)


def classes(rows, count):
    return numbers.integers(0, count, size=rows).astype("int32")


def one_hot(rows, count):
    return np.eye(count)[classes(rows, count)]


def positions(count, *shape, dtype):
    return numbers.integers(0, count, size=shape).astype(dtype)


def array(values, dtype):
    return np.array(values, dtype=dtype)


@dataclass(frozen=True)
class Case:
    """An example of an op. Its floats are float64: `in_float32` gives what kernels take."""

    op: str
    inputs: tuple[np.ndarray, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    gradient: tuple[int, ...] = ()
    """Inputs that have a gradient."""
    batched: tuple[int, ...] = ()
    """Inputs whose first axis is the batch."""

    @property
    def error(self):
        """What kernels may be off, relative to the largest value: some transform what they round to bfloat16."""
        return 0.03 if self.op == "conv2d_max_pool" and self.attrs.get("bfloat16") else 2e-6

    def node(self, batch_known=True):
        tensors = []
        for index, value in enumerate(self.inputs):
            shape = value.shape if batch_known or index not in self.batched else (None, *value.shape[1:])
            running_sum = self.op in ("accumulate", "assign_add") and index == 0
            dtype = "float32" if value.dtype == np.float64 and not running_sum else value.dtype.name
            tensors.append(Tensor(shape, dtype))
        return Node(OPS[self.op], tensors, self.attrs)

    def in_float32(self):
        """Copies of the inputs with the dtypes of the node's."""
        return [value.astype(tensor.dtype) for value, tensor in zip(self.inputs, self.node().inputs, strict=True)]


ACTIVATIONS = [
    ("rectify", (0.3, 1.1, 0.05)),
    ("elu", (1.5, 1.2, 0.8)),
    ("gelu", (0.0, 0.0, 0.0)),
    ("gelu_tanh", (0.0, 0.0, 0.0)),
    ("silu", (0.0, 0.0, 0.0)),
    ("mish", (0.0, 0.0, 0.0)),
    ("softplus", (0.0, 0.0, 0.0)),
    ("softsign", (0.0, 0.0, 0.0)),
    ("hard_sigmoid", (0.6, 0.45, 0.0)),
    ("hard_silu", (0.6, 0.45, 0.0)),
]


def channels(count):
    """Mean, variance, gamma and beta."""
    return normal(count), positive(count), normal(count), normal(count)


def conv(strides=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1), groups=1):
    return {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}


def matmul(transpose_a=False, transpose_b=False, activation=None):
    return {"transpose_a": transpose_a, "transpose_b": transpose_b, "activation": activation}


HALF = conv(strides=(2, 1), padding=((1, 0), (2, 1)), dilation=(1, 2))
UNEVEN = ((1, 0), (2, 1))
UNFOLD = {"taps": 2, "stride": 2, "dilation": 3, "padding": (1, 2), "groups": 2}
POOL = {"pool_size": (2, 3), "strides": (2, 1), "padding": UNEVEN}
TWO = {"pool_size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
SQUARE = array([[0, 0], [1, 0], [0, 1], [1, 1]], "float64")
LR = array([0.1], "float64")
ITERATION = array([3], "int64")
STATE = array([12345678901234, 5], "int64")

BOUNDS = array([-1, 0, 0, 0.5], "float64")
PICKS = array([[1, 0], [1, -1]], "int32")
OPTIONS = {
    "momentum": 0.9,
    "beta_1": 0.8,
    "beta_2": 0.99,
    "epsilon": 1e-3,
    "rho": 0.9,
    "learning_rate_power": -0.5,
    "l1": 0.1,
    "l2": 0.2,
    "l2_shrinkage": 0.1,
    "beta": 0.1,
}


def updates():
    """Every rule by itself, with all that updates share, in a step without an update, and with a product."""
    for rule in RULES.values():
        options = {name: OPTIONS[name] for name in rule.options}
        slots = tuple(8 * positive(3, 4) if name == "v" else positive(3, 4) / 4 for name in rule.slots)
        numbers = (LR, ITERATION, *((array([0.3], "float64"),) if rule.has_state else ()))
        shared = {"scale": 0.5, "clip": 0.4, "weight_decay": 0.2, "steps": 2}
        yield Case(f"{rule.name}_update", (normal(3, 4), normal(3, 4), *slots, *numbers), options)
        yield Case(f"{rule.name}_update", (normal(3, 4), normal(3, 4), *slots, *numbers, LR), {**options, **shared})
        yield Case(f"{rule.name}_update", (normal(3, 4), normal(3, 4), *slots, *numbers), {**options, "steps": 3})
        if rule.name != "lamb":
            operands = (normal(6, 3), normal(6, 4), normal(3, 4), *slots, *numbers)
            yield Case(f"matmul_{rule.name}_update", operands, {**options, **shared}, (), (0, 1))


CASES = [
    Case("conv2d", (normal(2, 5, 6, 3), normal(3, 2, 3, 4)), conv() | {"activation": None}, (0, 1), (0,)),
    Case("conv2d", (normal(2, 5, 6, 3), normal(3, 2, 3, 4), normal(4)), HALF | {"activation": "relu"}, (0, 1, 2), (0,)),
    Case(
        "conv2d",
        (normal(1, 4, 4, 4), normal(2, 2, 2, 6), normal(6)),
        conv(groups=2) | {"activation": None},
        (0, 1, 2),
        (0,),
    ),
    Case("conv2d", (normal(2, 4, 5, 3), normal(1, 1, 3, 5)), conv(strides=(2, 3)) | {"activation": None}, (0, 1), (0,)),
    Case(
        "conv2d_weight_gradient", (normal(2, 5, 6, 3), normal(2, 2, 7, 4)), HALF | {"kernel_size": (3, 2)}, (), (0, 1)
    ),
    Case(
        "conv2d_input_gradient", (normal(3, 2, 3, 4), normal(2, 2, 7, 4)), HALF | {"input_size": (5, 6)}, (0, 1), (1,)
    ),
    Case(
        "conv2d",
        (normal(2, 5, 4, 3), normal(3, 3, 1, 6)),
        conv(padding=UNEVEN, groups=3) | {"activation": None},
        (0, 1),
        (0,),
    ),
    Case("unfold", (normal(2, 5, 3, 4),), UNFOLD, (0,), (0,)),
    Case("unfold", (normal(2, 4, 2, 3, 1),), UNFOLD | {"groups": 1, "padding": (0, 0)}, (0,), (0,)),
    Case("fold", (normal(2, 3, 3, 8),), UNFOLD | {"length": 5}, (0,), (0,)),
    Case(
        "conv2d_max_pool",
        (normal(2, 7, 6, 3), normal(3, 3, 3, 4), normal(4)),
        {"padding": UNEVEN, "activation": "relu"},
        (0, 1, 2),
        (0,),
    ),
    Case(
        "conv2d_max_pool",
        (normal(2, 6, 6, 1), normal(2, 3, 1, 5)),
        {"padding": ((0, 0), (0, 0)), "activation": None},
        (0, 1),
        (0,),
    ),
    Case(
        "conv2d_max_pool_weight_gradient",
        (normal(2, 7, 6, 3), normal(2, 2, 3, 4), positions(5, 2, 2, 3, 4, dtype="uint8")),
        {"kernel_size": (3, 3), "padding": ((0, 0), (1, 1))},
        (),
        (0, 1, 2),
    ),
    Case(
        "conv2d_max_pool_input_gradient",
        (normal(3, 3, 3, 4), normal(2, 2, 3, 4), positions(5, 2, 2, 3, 4, dtype="uint8")),
        {"input_size": (7, 6), "padding": ((0, 0), (1, 1))},
        (),
        (1, 2),
    ),
    Case("max_pool2d", (apart(2, 5, 6, 3),), POOL, (0,), (0,)),
    Case("max_pool2d", (apart(2, 5, 5, 2),), TWO, (0,), (0,)),
    Case(
        "max_pool2d_gradient",
        (normal(2, 3, 7, 3), positions(6, 2, 3, 7, 3, dtype="int32")),
        POOL | {"input_size": (5, 6)},
        (),
        (0, 1),
    ),
    Case("average_pool2d", (normal(2, 5, 6, 3),), POOL, (0,), (0,)),
    Case("average_pool2d_gradient", (normal(2, 3, 7, 3),), POOL | {"input_size": (5, 6)}, (), (0,)),
    *(
        case
        for windows in (2, 5, 7)
        for case in (
            Case("adaptive_max_pool", (apart(2, 5, 3),), {"windows": windows}, (0,), (0,)),
            Case("adaptive_average_pool", (normal(2, 5, 3),), {"windows": windows}, (0,), (0,)),
            Case("adaptive_average_pool_gradient", (normal(2, windows, 3),), {"length": 5}, (), (0,)),
        )
    ),
    Case(
        "adaptive_max_pool_gradient",
        (normal(2, 3, 4), positions(2, 2, 3, 4, dtype="int32")),
        {"length": 5},
        (),
        (0, 1),
    ),
    Case("matmul", (normal(3, 4), normal(4, 5)), matmul(), (0, 1), (0,)),
    Case("matmul", (normal(3, 4), normal(4, 5), normal(5)), matmul(activation="relu"), (0, 1, 2), (0,)),
    Case("matmul", (normal(4, 3), normal(4, 5)), matmul(transpose_a=True), (0, 1), (0, 1)),
    Case("matmul", (normal(3, 4), normal(5, 4)), matmul(transpose_b=True), (0, 1), (0,)),
    Case("matmul", (normal(4, 3), normal(5, 4)), matmul(transpose_a=True, transpose_b=True), (0, 1)),
    *(
        Case(
            "stacked_matmul",
            (normal(2, *((4, 3) if turn_a else (3, 4))), normal(2, *((5, 4) if turn_b else (4, 5)))),
            {"transpose_a": turn_a, "transpose_b": turn_b},
            (0, 1),
            (0, 1),
        )
        for turn_a in (False, True)
        for turn_b in (False, True)
    ),
    Case("add_bias", (normal(2, 3, 4), normal(4)), {}, (0, 1), (0,)),
    Case("bias_gradient", (normal(2, 3, 4),), {}, (), (0,)),
    *(Case(op, (apart(3, 5),), {}, (0,), (0,)) for op in ("relu", "abs")),
    *(Case(op, (normal(3, 5),), {}, (0,), (0,)) for op in ("sigmoid", "tanh", "exp", "square", "negative")),
    *(Case(op, (positive(3, 5),), {}, (0,), (0,)) for op in ("log", "sqrt")),
    *(Case(op, (positive(3, 5) - 0.5,), {}, (0,), (0,)) for op in ("log1p", "expm1")),
    *(Case(op, (3 * normal(3, 5),), {}, (), (0,)) for op in ("floor", "ceil", "round", "sign", "isnan", "isfinite")),
    Case("square", (normal(),), {}, (0,)),
    *(Case(op, (normal(3, 5), normal(3, 5)), {}, (), (0, 1)) for op in ("relu_gradient", "tanh_gradient")),
    Case("sigmoid_gradient", (normal(3, 5), probabilities(3, 5)), {}, (), (0, 1)),
    *(
        Case(op, (normal(3, 4), positive(*shape)), {}, (0, 1), (0, 1) if shape == (3, 4) else (0,))
        for op in ("add", "subtract", "multiply", "divide", "maximum", "minimum")
        for shape in ((3, 4), (4,), (1, 4), ())
    ),
    Case("multiply", (normal(3, 1, 4), normal(3, 2, 1)), {}, (0, 1), (0, 1)),
    Case("divide", (normal(4), positive(3, 4)), {}, (0, 1), (1,)),
    *(
        Case(op, (array([[1, 2], [2, 1]], "float64"), array([1, 2], "float64")), {}, (), (0,))
        for op in ("equal", "greater", "greater_equal", "not_equal")
    ),
    Case("masked", (array([[1, 0], [0, -3]], "float64"), normal(2)), {}, (1,), (0,)),
    Case("masked", (array([1, 0, 2], "float64"), normal(2, 3)), {}, (1,), (1,)),
    Case("power", (positive(3, 4), normal(4)), {}, (0, 1), (0,)),
    Case("power", (positive(4), normal(3, 4)), {}, (0, 1), (1,)),
    *(
        Case(op, (normal(3, 4, 2),), {"axis": axis, "keepdims": keepdims}, (0,), () if 0 in axis else (0,))
        for op in ("sum", "mean")
        for axis in ((0,), (1,), (2,), (1, 2), (0, 2), (0, 1, 2), ())
        for keepdims in (False, True)
    ),
    *(
        Case("max", (apart(3, 4, 2),), {"axis": axis, "keepdims": keepdims}, (0,), () if 0 in axis else (0,))
        for axis in ((0,), (1,), (2,), (0, 2), (0, 1, 2), ())
        for keepdims in (False, True)
    ),
    *(
        Case("max_gradient", (x, x.max(axis=axis), normal(*x.max(axis=axis).shape)), {"axis": axis}, (), (0, 1, 2))
        for x in (numbers.integers(0, 3, (3, 4, 5, 2)).astype("float64"),)
        for axis in ((1,), (1, 2), (2, 3))
    ),
    Case("argmax", (apart(3, 4, 5),), {}, (), (0,)),
    Case("top_k", (apart(3, 5),), {"k": 2}, (0,), (0,)),
    Case("top_k", (apart(2, 3, 4),), {"k": 4}, (0,), (0,)),
    *(Case("searchsorted", (BOUNDS, normal(3, 5)), {"side": side}, (), (1,)) for side in ("left", "right")),
    *(
        Case("cumsum", (normal(3, 4, 2),), {"axis": axis, "reverse": reverse}, (0,), (0,) if axis else ())
        for axis in (0, 1, 2)
        for reverse in (False, True)
    ),
    Case("bincount", (classes(9, 6),), {"bins": 4}, (), (0,)),
    Case("bincount", (classes(9, 4), normal(9)), {"bins": 4}, (1,), (0, 1)),
    *(Case("take", (normal(3, 4, 2), PICKS), {"axis": axis}, (0,), (0,) if axis else ()) for axis in (0, 1, 2)),
    Case("take", (normal(3, 4), array([2, 0, 2, -1], "int32")), {"axis": 0}, (0,), (1,)),
    Case("take_gradient", (PICKS, normal(3, 2, 2, 2)), {"axis": 1, "count": 4}, (1,), (1,)),
    Case("take_along", (normal(3, 4), array([[2, 0], [1, 1], [-1, 3]], "int32")), {}, (0,), (0, 1)),
    Case("take_along_gradient", (array([[2, 0], [1, 1], [-1, 3]], "int32"), normal(3, 2)), {"count": 4}, (), (0, 1)),
    Case("cast", (3 * normal(3, 4),), {"dtype": "int32"}, (), (0,)),
    Case("cast", (classes(5, 4),), {"dtype": "float32"}, (), (0,)),
    Case("assign_add", (normal(3, 4), normal(3, 4))),
    Case("assign_add", (normal(), normal())),
    *(
        Case(
            op,
            (normal(3, 5),) * inputs,
            {"kind": kind, "parameters": numbers},
            (0,) if inputs == 1 else (),
            tuple(range(inputs)),
        )
        for kind, numbers in ACTIVATIONS
        for op, inputs in (("activation", 1), ("activation_gradient", 2))
    ),
    *(Case(op, (normal(3, 5),), {}, (0,), (0,)) for op in ("sin", "arctan", "erf")),
    Case("cos", (normal(3, 5),), {}, (0,), (0,)),
    Case("random_numbers", (normal(3, 5), array([9, 2], "int64")), {"count": 4, "normal": False, "salt": 0}, (), (0,)),
    Case("random_numbers", (normal(3, 5), array([9, 2], "int64")), {"count": 7, "normal": True, "salt": 5}, (), (0,)),
    *(
        Case(
            "affine_transform",
            (normal(2, 5, 4, 3), normal(2, 8)),
            {"interpolation": kind, "fill_mode": mode, "fill_value": 0.5},
            gradient,
            batched,
        )
        for kind, mode, gradient, batched in (
            ("bilinear", "constant", (0, 1), ()),
            ("bilinear", "reflect", (), (0, 1)),
            ("nearest", "wrap", (0,), ()),
            ("bilinear", "nearest", (0, 1), ()),
        )
    ),
    Case("random_log_gamma", (positive(3, 5), array([9, 2], "int64")), {"salt": 3}, (), (0,)),
    Case("random_permutation", (normal(7, 2), array([9, 2], "int64")), {"salt": 4}, (), (0,)),
    Case(
        "perspective_warp",
        (normal(2, 5, 4, 3), normal(2, 8) * [1, 1, 1, 1, 1, 1, 0.05, 0.05]),
        {"interpolation": "bilinear", "fill_mode": "constant", "fill_value": 0.5},
        (0, 1),
    ),
    Case(
        "perspective_warp",
        (normal(2, 5, 4, 3), normal(2, 8)),
        {"interpolation": "nearest", "fill_mode": "constant", "fill_value": 0.5},
        (),
        (0, 1),
    ),
    Case(
        "warp_at",
        (normal(2, 5, 4, 3), 3 * normal(2, 3, 7), 3 * normal(2, 3, 7)),
        {"interpolation": "bilinear", "fill_mode": "reflect", "fill_value": 0.5},
        (0, 1, 2),
    ),
    Case(
        "warp_at",
        (normal(2, 5, 4, 3), 3 * normal(2, 3, 7), 3 * normal(2, 3, 7)),
        {"interpolation": "nearest", "fill_mode": "reflect", "fill_value": 0.5},
        (),
        (0, 1, 2),
    ),
    Case("homography", (SQUARE + 0.1 * normal(2, 4, 2), SQUARE + 0.1 * normal(2, 4, 2)), {}, (), (0, 1)),
    Case("rgb_to_hsv", (probabilities(2, 5, 3),), {}, (0,)),
    Case("rgb_to_hsv", (probabilities(2, 3),), {}, (), (0,)),
    Case("hsv_to_rgb", (positive(2, 5, 3),), {}, (0,)),
    Case("hsv_to_rgb", (positive(2, 3),), {}, (), (0,)),
    Case(
        "scale_shift_clip",
        (normal(2, 5, 4, 3), positive(2, 3), normal(2, 3)),
        {"low": -1.0, "high": 1.5},
        (0, 1, 2),
        (0, 1, 2),
    ),
    Case("slice", (normal(3, 5, 4),), {"start": (0, 1, 3), "step": (1, 2, -1), "size": (-1, 2, 3)}, (0,), (0,)),
    Case("slice", (normal(5, 3),), {"start": (3, 0), "step": (-2, 1), "size": (2, 3)}, (0,)),
    Case("place", (normal(3, 2, 4),), {"shape": (-1, 5, 6), "start": (0, 1, 2), "step": (1, 3, 1)}, (0,), (0,)),
    Case("place", (normal(2, 2),), {"shape": (5, 4), "start": (4, 3), "step": (-2, -3)}, (0,)),
    Case("concatenate", (normal(3, 2, 4), normal(3, 1, 4), normal(3, 3, 4)), {"axis": 1}, (0, 1, 2), (0, 1, 2)),
    Case("concatenate", (normal(2, 3), normal(1, 3)), {"axis": 0}, (0, 1)),
    Case("broadcast_to", (normal(3, 1, 2),), {"shape": (-1, 4, -1)}, (0,), (0,)),
    Case("broadcast_to", (normal(1, 2),), {"shape": (3, 4, 2)}, (0,)),
    Case("stop_gradient", (normal(3, 4),), {}, (), (0,)),
    Case("reshape", (normal(3, 4, 2),), {"shape": (-1, 8)}, (0,), (0,)),
    Case("reshape", (normal(3, 4),), {"shape": (2, 6)}, (0,)),
    Case("transpose", (normal(3, 4, 2),), {"axes": (0, 2, 1)}, (0,), (0,)),
    Case("transpose", (normal(2, 3, 4, 5),), {"axes": (3, 0, 2, 1)}, (0,)),
    Case("softmax", (normal(3, 5),), {}, (0,), (0,)),
    Case("softmax", (normal(2, 3, 4),), {}, (0,), (0,)),
    Case("softmax_gradient", (normal(3, 5), probabilities(3, 5)), {}, (), (0, 1)),
    *(
        Case(
            op, (target, output(3, 5), *more), {"sparse": sparse}, (1,) if not more else (), tuple(range(2 + len(more)))
        )
        for op, output, more in (
            ("cross_entropy", probabilities, ()),
            ("cross_entropy", positive, ()),
            ("cross_entropy_gradient", probabilities, (normal(3),)),
            ("softmax_cross_entropy", normal, ()),
            ("softmax_cross_entropy_gradient", probabilities, (normal(3),)),
        )
        for target, sparse in ((classes(3, 5), True), (one_hot(3, 5), False))
    ),
    Case("dropout", (normal(5, 7), STATE), {"rate": 0.4, "salt": 3}, (0,), (0,)),
    Case("dropout", (normal(3), STATE), {"rate": 0.0, "salt": 0}, (0,), (0,)),
    Case("accuracy", (classes(6, 3), normal(6, 3)), {"sparse": True}, (), (0, 1)),
    Case("accuracy", (one_hot(6, 3), normal(6, 3)), {"sparse": False}, (), (0, 1)),
    Case("binary_accuracy", (one_hot(6, 2), probabilities(6, 2)), {"threshold": 0.5}, (), (0, 1)),
    Case("accumulate", (array([3, 4], "float64"), normal(6)), {}, (), (1,)),
    Case("accumulate", (array([3, 4], "float64"), normal(6), positive(6)), {}, (), (1, 2)),
    *updates(),
    Case("accumulate_gradient", (normal(3, 4), normal(3, 4), ITERATION), {"steps": 2}),
    Case("accumulate_gradient", (normal(3, 4), normal(3, 4), ITERATION), {"steps": 3}),
    Case("weight_average", (normal(3, 4), normal(3, 4), ITERATION), {"momentum": 0.9, "every": 0, "steps": 1}),
    Case("weight_average", (normal(3, 4), normal(3, 4), ITERATION), {"momentum": 0.9, "every": 2, "steps": 3}),
    Case("norm_scale", (normal(3, 4), normal(5)), {"kind": "each", "limit": 0.5, "scale": 2.0}),
    Case("norm_scale", (normal(3, 4),), {"kind": "global", "limit": 100.0, "scale": 1.0}),
    Case("nadam_state", (positive(1), ITERATION), {"beta_1": 0.9, "steps": 2}),
    Case("nadam_state", (positive(1), ITERATION), {"beta_1": 0.9, "steps": 3}),
    Case("assign", (normal(3, 4), normal(3, 4))),
    Case("increment", (array([7, 2], "int64"),)),
    Case("batch_statistics", (normal(3, 2, 4),), {}, (0,)),
    Case("batch_statistics", (normal(1, 3) + 100,), {}, (0,)),
    *(
        Case(
            "batch_normalization",
            (apart(2, 3, 4) * 3, *channels(4)),
            {"epsilon": 1e-2, "activation": activation, "of_batch": of_batch},
            () if of_batch else (0, 1, 2, 3, 4),
            (0,),
        )
        for activation in (None, "relu")
        for of_batch in (False, True)
    ),
    *(
        Case(
            op,
            (normal(5, 7), apart(5, 7) * 3, *channels(7), *sums),
            {"epsilon": 1e-2, "activation": activation},
            (),
            (0, 1),
        )
        for op, sums in (
            ("batch_normalization_sums", ()),
            ("batch_normalization_input_gradient", ()),
            ("batch_normalization_input_gradient", (normal(7), normal(7))),
        )
        for activation in (None, "relu")
    ),
    Case("fold_batch_normalization", (normal(3, 2, 4), normal(4), *channels(4)), {"epsilon": 1e-2}),
    Case("moving_average", (normal(5), normal(5)), {"momentum": 0.9}),
    Case("conv2d_statistics", (normal(2, 5, 6, 3), normal(3, 2, 3, 4)), HALF, (0, 1)),
    Case("conv2d_statistics", (normal(2, 4, 4, 4), normal(2, 2, 2, 6), normal(6)), conv(groups=2), (0, 1, 2)),
    *(
        Case(
            "row_normalization",
            (normal(*rows, 5), normal(5), normal(5)),
            {"epsilon": 1e-2, "centered": centered},
            (0, 1, 2),
            (0,),
        )
        for rows in ((3,), (2, 2))
        for centered in (True, False)
    ),
    *(
        Case(
            "row_normalization_gradient",
            (normal(3, 5), normal(3, 5), normal(5)),
            {"epsilon": 1e-2, "centered": centered},
            (),
            (0, 1),
        )
        for centered in (True, False)
    ),
    *(
        Case(
            "group_normalization",
            (normal(2, 3, 4), normal(4), normal(4)),
            {"groups": groups, "epsilon": 1e-2},
            (0, 1, 2),
            (0,),
        )
        for groups in (1, 2, 4)
    ),
    Case(
        "group_normalization_gradient",
        (normal(2, 3, 2, 6), normal(2, 3, 2, 6), normal(6), normal(6)),
        {"groups": 3, "epsilon": 1e-2},
        (),
        (0, 1),
    ),
]
CASES += [replace(case, attrs={**case.attrs, "bfloat16": True}, gradient=()) for case in CASES if OPS[case.op].products]


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        counts: dict[str, int] = {}
        names = []
        for case in CASES:
            counts[case.op] = counts.get(case.op, 0) + 1
            names.append(f"{case.op}-{counts[case.op]}")
        metafunc.parametrize("case", CASES, ids=names)


@pytest.fixture
def cases():
    """The whole table."""
    return CASES
