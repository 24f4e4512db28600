"""What the kernel benches run: for every op the shapes of the five models, and the usual larger ones, as data.

A case is an op's name, its inputs as (kind of values, shape), and its attributes. Kinds: `normal`, `positive`, `zero`
and `ascending` float32; `peaked` maps, below zero but for one place, float32; `window` and `labels` int32 (0 to 3, 0 to
9); `pooled` uint8, the arg-max of the fused convolution and pooling (0 to 3, and 4, which ReLU stopped, equally often);
`state` and `counter` zeros, float64 and int64.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastcnn.ops.update import RULES
from fastcnn.ops.windows import Padding, output_size, same

Input = tuple[str, tuple[int, ...]]
VALID = ((0, 0), (0, 0))
SAME = ((1, 1), (1, 1))


class Case(NamedTuple):
    """An op on inputs."""

    op: str
    inputs: tuple[Input, ...]
    attributes: dict[str, Any]

    def __str__(self) -> str:
        shapes = ["x".join(map(str, shape)) for kind, shape in self.inputs if kind not in ("state", "counter")]
        marks = [mark for mark in ("activation", "transpose_a", "transpose_b", "sparse") if self.attributes.get(mark)]
        pool = ["x".join(map(str, self.attributes["pool_size"]))] if "pool_size" in self.attributes else []
        steps = [f"/{self.attributes['strides'][0]}"] if "strides" in self.attributes else []
        return " ".join([self.op, *shapes, *pool, *steps, *marks])


# 3x3 convolutions, stride 1: model or "large", N, H, W, C, K, padding, and whether a 2x2 max-pool follows.
CONVOLUTIONS = [
    ("fashion, mnist-dropout", 32, 28, 28, 1, 32, VALID, True),
    ("cifar", 32, 32, 32, 3, 32, VALID, True),
    ("cifar", 32, 15, 15, 32, 64, VALID, True),
    ("cifar64", 32, 64, 64, 3, 32, VALID, True),
    ("cifar64", 32, 31, 31, 32, 64, VALID, True),
    ("mnist-deep", 64, 28, 28, 1, 32, VALID, True),
    ("mnist-deep", 64, 13, 13, 32, 64, VALID, True),
    ("mnist-deep", 64, 5, 5, 64, 64, VALID, False),
    ("plain stack", 64, 32, 32, 64, 64, SAME, False),
    ("large", 8, 56, 56, 64, 64, SAME, False),
    ("large", 8, 28, 28, 128, 128, SAME, False),
    ("large", 8, 14, 14, 256, 256, SAME, False),
]
# Other kernels: N, H, W, C, filters, kernel size, stride, groups; "same".
OTHER_CONVOLUTIONS = [
    *((8, size, size, c, c, 1, 1, 1) for size, c in ((56, 64), (28, 128), (14, 256))),
    *((8, size, size, c, c, 3, stride, c) for size, c in ((56, 64), (28, 128), (14, 256)) for stride in (1, 2)),
    (64, 32, 32, 64, 64, 3, 1, 64),
    (8, 28, 28, 64, 128, 3, 1, 64),
    (8, 28, 28, 128, 128, 5, 1, 128),
    (8, 28, 28, 64, 64, 5, 1, 1),
    (8, 56, 56, 64, 128, 3, 2, 1),
    (8, 28, 28, 128, 128, 3, 1, 8),
]
# Dense layers: N, inputs, units.
DENSE = [(32, 5408, 128), (32, 2304, 128), (32, 12544, 128), (64, 576, 64), (32, 128, 10)]
SQUARES = [256, 512, 1000, 1024, 2048]
IMAGES = (32, 26, 26, 32)
POOL_IMAGES = [(2, 28, 28, 64), (32, 26, 26, 32), (8, 56, 56, 64), (16, 112, 112, 64)]
ROWS, CLASSES = 256, 10
UNARY = [
    "relu", "sigmoid", "tanh", "exp", "square", "negative", "abs", "expm1", "floor", "ceil", "round", "sign", "isnan",
    "isfinite", "sin", "cos", "arctan", "erf",
]  # fmt: skip
UNARY_POSITIVE = ["log", "sqrt", "log1p"]
BINARY = [
    "add", "subtract", "multiply", "divide", "maximum", "minimum", "equal", "greater", "greater_equal", "not_equal",
    "masked", "power",
]  # fmt: skip


def convolutions() -> Iterator[Case]:
    """Plain convolutions forward, and both gradients."""
    for _, n, h, w, c, k, padding, _ in CONVOLUTIONS:
        yield from convolution(n, h, w, c, k, 3, 1, 1, padding)
    for n, h, w, c, k, taps, stride, groups in OTHER_CONVOLUTIONS:
        height, width = (same(size, taps, stride, 1) for size in (h, w))
        yield from convolution(n, h, w, c, k, taps, stride, groups, (height, width))


def convolution(
    n: int, h: int, w: int, c: int, k: int, taps: int, stride: int, groups: int, padding: Padding
) -> Iterator[Case]:
    """One convolution forward, and both gradients."""
    strides, kernel_size = (stride, stride), (taps, taps)
    maps = output_size("conv", "kernel", (h, w), kernel_size, strides, padding)
    x, dy = ("normal", (n, h, w, c)), ("normal", (n, *maps, k))
    kernel, bias = ("normal", (taps, taps, c // groups, k)), ("normal", (k,))
    common = {"strides": strides, "padding": padding, "dilation": (1, 1), "groups": groups}
    yield Case("conv2d", (x, kernel, bias), {**common, "activation": "relu"})
    yield Case("conv2d_weight_gradient", (x, dy), {**common, "kernel_size": kernel_size})
    yield Case("conv2d_input_gradient", (kernel, dy), {**common, "input_size": (h, w)})


def pooled_convolutions() -> Iterator[Case]:
    """Convolution, bias, ReLU and 2x2 max-pool in one, and its gradients."""
    for _, n, h, w, c, k, padding, pool in CONVOLUTIONS:
        if pool:
            x, kernel, bias = ("normal", (n, h, w, c)), ("normal", (3, 3, c, k)), ("normal", (k,))
            shape = (n, (h - 2) // 2, (w - 2) // 2, k)
            dy, argmax = ("normal", shape), ("pooled", shape)
            yield Case("conv2d_max_pool", (x, kernel, bias), {"padding": padding, "activation": "relu"})
            yield Case("conv2d_max_pool_weight_gradient", (x, dy, argmax), {"padding": padding, "kernel_size": (3, 3)})
            if c > 3:  # images need no gradient
                yield Case(
                    "conv2d_max_pool_input_gradient", (kernel, dy, argmax), {"padding": padding, "input_size": (h, w)}
                )


def volumes() -> Iterator[Case]:
    """What makes a 3D convolution a 2D one, for a kernel of depth 3."""
    attributes = {"taps": 3, "stride": 1, "dilation": 1, "padding": (1, 1), "groups": 1}
    yield Case("unfold", (("normal", (2, 16, 28, 28, 32)),), attributes)
    yield Case("fold", (("normal", (2, 16, 28, 28, 96)),), {**attributes, "length": 16})


def products() -> Iterator[Case]:
    """Dense layers forward, both gradients, and the weight gradient fused with each optimizer; square products."""
    for n, inputs, units in DENSE:
        x, dy, w = ("normal", (n, inputs)), ("normal", (n, units)), ("normal", (inputs, units))
        yield product(x, w, ("normal", (units,)), activation="relu")
        yield product(x, dy, transpose_a=True)
        yield product(dy, w, transpose_b=True)
        yield fused_update("adam", n, inputs, units)
    for rule in FUSED_RULES:
        yield fused_update(rule, *DENSE[0])
    for size in SQUARES:
        yield product(("normal", (size, size)), ("normal", (size, size)))
    heads = ("normal", (64, 196, 64))
    for transpose_b, other in ((True, heads), (False, ("normal", (64, 64, 196)))):
        yield Case("stacked_matmul", (heads, other), {"transpose_a": False, "transpose_b": transpose_b})


def fused_update(rule: str, n: int, inputs: int, units: int) -> Case:
    """The weight gradient of a dense layer that goes into an update."""
    case = update(rule, (inputs, units))
    return Case(
        f"matmul_{case.op}",
        (("normal", (n, inputs)), ("normal", (n, units)), *case.inputs[:1], *case.inputs[2:]),
        case.attributes,
    )


def product(*inputs: Input, activation: str | None = None, **transposed: bool) -> Case:
    """A matmul case."""
    return Case("matmul", inputs, {"transpose_a": False, "transpose_b": False, "activation": activation, **transposed})


def pools() -> Iterator[Case]:
    """Pooling and its gradients, side by side and overlapping, in L2, in L3 and in memory; adaptive pooling."""
    for shape in POOL_IMAGES:
        n, h, w, c = shape
        for size, stride in ((2, 2), (3, 2)):
            padding = (same(h, size, stride, 1), same(w, size, stride, 1))
            attributes = {"pool_size": (size, size), "strides": (stride, stride), "padding": padding}
            x, dy = ("normal", shape), ("normal", (n, -(-h // stride), -(-w // stride), c))
            for op in ("max_pool2d", "average_pool2d"):
                yield Case(op, (x,), attributes)
            gradient = {**attributes, "input_size": (h, w)}
            yield Case("max_pool2d_gradient", (dy, ("window", dy[1])), gradient)
            yield Case("average_pool2d_gradient", (dy,), gradient)
    maps, means = ("normal", (32, 14, 14, 256)), ("normal", (32, 256))
    yield Case("mean", (maps,), {"axis": (1, 2), "keepdims": False})
    yield Case("broadcast_to", (("normal", (32, 1, 1, 256)),), {"shape": maps[1]})
    yield Case("max", (maps,), {"axis": (1, 2), "keepdims": False})
    yield Case("max_gradient", (("peaked", maps[1]), ("zero", means[1]), means), {"axis": (1, 2)})
    rows, pooled = ("normal", (32, 50, 1600)), ("normal", (32, 7, 1600))
    for op in ("adaptive_max_pool", "adaptive_average_pool"):
        yield Case(op, (rows,), {"windows": 7})
    yield Case("adaptive_max_pool_gradient", (pooled, ("window", pooled[1])), {"length": 50})
    yield Case("adaptive_average_pool_gradient", (pooled,), {"length": 50})


OPTIONS = {
    "momentum": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-7,
    "rho": 0.9,
    "learning_rate_power": -0.5,
    "l1": 0.01,
    "l2": 0.01,
    "l2_shrinkage": 0.0,
    "beta": 0.0,
}
FUSED_RULES = [rule for rule in RULES if rule not in ("adam", "lamb")]


def update(rule: str, shape: tuple[int, ...]) -> Case:
    """An optimizer's update of one weight."""
    w, slot, one = ("normal", shape), ("positive", shape), ("positive", (1,))
    state = [("positive", (1,))] if RULES[rule].has_state else []
    inputs = (w, w, *[slot] * len(RULES[rule].slots), one, ("counter", (1,)), *state)
    return Case(f"{rule}_update", inputs, {name: OPTIONS[name] for name in RULES[rule].options})


def updates() -> Iterator[Case]:
    """Optimizers on the weights of a dense layer, and what belongs to them."""
    w, count = ("normal", (5408, 128)), ("counter", (1,))
    for rule in RULES:
        yield update(rule, (5408, 128))
    yield Case("accumulate_gradient", (w, w, count), {"steps": 2})
    yield Case("weight_average", (w, w, count), {"momentum": 0.99, "every": 0, "steps": 1})
    yield Case("norm_scale", (w,), {"kind": "global", "limit": 1.0, "scale": 1.0})
    yield Case("nadam_state", (("positive", (1,)), count), {"beta_1": 0.9, "steps": 1})
    yield Case("assign", (w, w), {})
    yield Case("increment", (count,), {})


def element_wise() -> Iterator[Case]:
    """Functions of elements, reductions and moves, on feature maps."""
    x, channels = ("normal", IMAGES), ("normal", IMAGES[-1:])
    for op in UNARY:
        yield Case(op, (x,), {})
    for op in UNARY_POSITIVE:
        yield Case(op, (("positive", IMAGES),), {})
    for op in ("relu_gradient", "sigmoid_gradient", "tanh_gradient"):
        yield Case(op, (x, x), {})
    for op in BINARY:
        yield Case(op, (x, x), {})
    yield Case("add", (x, channels), {})
    yield Case("add_bias", (x, channels), {})
    yield Case("bias_gradient", (x,), {})
    for kind in ("rectify", "gelu", "silu"):
        attributes = {"kind": kind, "parameters": (0.1, 6.0, 0.0)}
        yield Case("activation", (("normal", IMAGES),), attributes)
        yield Case("activation_gradient", (("normal", IMAGES), ("normal", IMAGES)), attributes)
    yield Case("random_numbers", (("normal", (32, 1)), ("counter", (2,))), {"count": 8192, "normal": True, "salt": 0})
    warp = {"interpolation": "bilinear", "fill_mode": "reflect", "fill_value": 0.0}
    yield Case("affine_transform", (("normal", (32, 32, 32, 3)), ("normal", (32, 8))), warp)
    images, number = ("positive", (32, 32, 32, 3)), ("positive", (32, 3))
    yield Case("perspective_warp", (images, ("normal", (32, 8))), warp)
    yield Case("warp_at", (images, ("positive", (32, 32, 32)), ("positive", (32, 32, 32))), warp)
    yield Case("homography", (("normal", (32, 4, 2)), ("normal", (32, 4, 2))), {})
    yield Case("rgb_to_hsv", (images,), {})
    yield Case("hsv_to_rgb", (images,), {})
    yield Case("scale_shift_clip", (images, number, number), {"low": 0.0, "high": 1.0})
    yield Case("random_log_gamma", (("positive", (256,)), ("counter", (2,))), {"salt": 0})
    yield Case("random_permutation", (("normal", (256, 1)), ("counter", (2,))), {"salt": 0})
    half = (IMAGES[0], IMAGES[1] // 2, *IMAGES[2:])
    yield Case("slice", (("normal", IMAGES),), {"start": (0, 0, 0, 0), "step": (1, 1, 1, 1), "size": half})
    yield Case("place", (("normal", half),), {"shape": IMAGES, "start": (0, 1, 0, 0), "step": (1, 1, 1, 1)})
    yield Case("concatenate", (("normal", IMAGES), ("normal", IMAGES)), {"axis": 3})
    yield Case("broadcast_to", (channels,), {"shape": IMAGES})
    yield Case("transpose", (x,), {"axes": (0, 3, 1, 2)})
    for op in ("sum", "mean", "max"):
        yield Case(op, (x,), {"axis": (1, 2), "keepdims": False})
    yield Case("cumsum", (x,), {"axis": 2, "reverse": False})
    yield Case("dropout", (("normal", (ROWS, 1024)), ("counter", (2,))), {"rate": 0.5, "salt": 0})
    yield Case("cast", (x,), {"dtype": "int32"})
    yield Case("assign_add", (x, x), {})


def picks() -> Iterator[Case]:
    """Ranks, and picking by number."""
    rows, labels, words = ("normal", (ROWS, 1000)), ("labels", (1 << 18,)), ("labels", (32, 100))
    yield Case("argmax", (rows,), {})
    yield Case("top_k", (rows,), {"k": 5})
    yield Case("searchsorted", (("ascending", (200,)), ("positive", (1 << 18,))), {"side": "left"})
    yield Case("bincount", (labels, ("positive", (1 << 18,))), {"bins": 100})
    yield Case("take", (("normal", (10, 256)), words), {"axis": 0})
    yield Case("take_gradient", (words, ("normal", (32, 100, 256))), {"axis": 0, "count": 10})
    yield Case("take_along", (rows, ("labels", (ROWS, 1))), {})
    yield Case("take_along_gradient", (("labels", (ROWS, 1)), ("normal", (ROWS, 1))), {"count": 1000})


def normalizations() -> Iterator[Case]:
    """Batch normalisation behind a convolution of the plain stack, and normalisation of rows and groups."""
    shape = (64, 32, 32, 64)
    x, kernel, channels = ("normal", shape), ("normal", (3, 3, 64, 64)), ("positive", shape[-1:])
    statistics = (channels,) * 4
    relu = {"epsilon": 1e-3, "activation": "relu"}
    geometry = {"strides": (1, 1), "padding": SAME, "dilation": (1, 1), "groups": 1}
    yield Case("conv2d_statistics", (x, kernel), geometry)
    yield Case("batch_statistics", (x,), {})
    yield Case("batch_normalization", (x, *statistics), {**relu, "of_batch": True})
    yield Case("batch_normalization_sums", (x, x, *statistics), relu)
    yield Case("batch_normalization_input_gradient", (x, x, *statistics, channels, channels), relu)
    yield Case("fold_batch_normalization", (kernel, channels, *statistics), {"epsilon": 1e-3})
    yield Case("moving_average", (channels, channels), {"momentum": 0.99})
    rows, columns = ("normal", (32, 196, 384)), ("normal", (384,))
    row = {"epsilon": 1e-3, "centered": True}
    yield Case("row_normalization", (rows, columns, columns), row)
    yield Case("row_normalization_gradient", (rows, rows, columns), row)
    group = {"groups": 32, "epsilon": 1e-3}
    yield Case("group_normalization", (x, channels, channels), group)
    yield Case("group_normalization_gradient", (x, x, channels, channels), group)


def losses() -> Iterator[Case]:
    """Softmax, losses and metrics on a batch of predictions."""
    outputs, rows, state = ("positive", (ROWS, CLASSES)), ("positive", (ROWS,)), ("state", (2,))
    yield Case("softmax", (("normal", (ROWS, CLASSES)),), {})
    yield Case("softmax_gradient", (outputs, outputs), {})
    for sparse in (True, False):
        target = ("labels", (ROWS,)) if sparse else outputs
        for op in ("cross_entropy", "softmax_cross_entropy", "accuracy"):
            yield Case(op, (target, outputs), {"sparse": sparse})
        for op in ("cross_entropy_gradient", "softmax_cross_entropy_gradient"):
            yield Case(op, (target, outputs, rows), {"sparse": sparse})
    yield Case("binary_accuracy", (outputs, outputs), {"threshold": 0.5})
    yield Case("accumulate", (state, rows), {})


FAMILIES = [
    convolutions, pooled_convolutions, volumes, products, pools, updates, element_wise, picks, normalizations, losses,
]  # fmt: skip
CASES = [case for family in FAMILIES for case in family()]
