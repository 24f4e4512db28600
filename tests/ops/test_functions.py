"""The public functions: what they compute, at once on arrays and as recorded nodes, against plain NumPy."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.ops.update import update
from fastcnn.reference import random_log_gamma, random_numbers, random_permutation, run_graph

rng = np.random.default_rng(3)
X = rng.normal(size=(3, 4)).astype("float32")
Y = rng.uniform(0.5, 2, size=(3, 4)).astype("float32")
P = (Y / Y.sum(axis=1, keepdims=True)).astype("float32")
IMAGE = np.arange(25, dtype="float32").reshape(1, 5, 5, 1)
CLASSES = np.array([0, 3, 1], "int32")
ONE_HOT = np.eye(4, dtype="float32")[CLASSES]
LR = np.array([0.5], "float32")
STATE = np.array([5, 1])
SLOT = np.full((3, 4), 0.25, "float32")
SOFTMAX = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
NORMAL = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)

EXAMPLES = [
    ("relu", (X,), {}, np.maximum(X, 0)),
    ("sigmoid", (X,), {}, 1 / (1 + np.exp(-X))),
    ("tanh", (X,), {}, np.tanh(X)),
    ("exp", (X,), {}, np.exp(X)),
    ("log", (Y,), {}, np.log(Y)),
    ("square", (X,), {}, X**2),
    ("sqrt", (Y,), {}, np.sqrt(Y)),
    ("negative", (X,), {}, -X),
    ("abs", (X,), {}, np.abs(X)),
    ("add", (X, Y), {}, X + Y),
    ("subtract", (X, Y[0]), {}, X - Y[0]),
    ("multiply", (X, 3), {}, 3 * X),
    ("divide", (X, Y), {}, X / Y),
    ("maximum", (X, Y[:, :1]), {}, np.maximum(X, Y[:, :1])),
    ("minimum", (X, 0), {}, np.minimum(X, 0)),
    ("equal", (CLASSES.astype("float32"), 3), {}, [0, 1, 0]),
    ("greater", (X, 0), {}, X > 0),
    ("greater_equal", (X, Y), {}, X >= Y),
    ("not_equal", (CLASSES.astype("float32"), 3), {}, [1, 0, 1]),
    ("less", (X, 0), {}, X < 0),
    ("less_equal", (X, Y), {}, X <= Y),
    ("logical_not", (np.array([0, 1, -2.0]),), {}, [1, 0, 0]),
    ("logical_and", (np.array([0, 1, -2.0]), [1, 0, 1]), {}, [0, 0, 1]),
    ("logical_or", (np.array([0, 1, 0.0]), [0, 0, 1]), {}, [0, 1, 1]),
    ("logical_xor", (np.array([0, 1, -2.0]), [0, 0, 1]), {}, [0, 1, 0]),
    ("isnan", (np.array([1, np.nan, np.inf]),), {}, [0, 1, 0]),
    ("isfinite", (np.array([1, np.nan, np.inf]),), {}, [1, 0, 0]),
    ("isinf", (np.array([1, np.nan, -np.inf]),), {}, [0, 0, 1]),
    ("where", (np.array([1, 0, 1.0]), [1, np.nan, 3], [np.nan, 5, np.inf]), {}, [1, 5, 3]),
    ("where", (np.array([[1], [0.0]]), [1, 2], 9), {}, [[1, 2], [9, 9]]),
    ("log1p", (Y,), {}, np.log1p(Y)),
    ("expm1", (X,), {}, np.expm1(X)),
    ("softplus", (X,), {}, np.log1p(np.exp(X))),
    ("softplus", (np.array([-1000, 1000.0]),), {}, [0, 1000]),
    ("reciprocal", (Y,), {}, 1 / Y),
    ("rsqrt", (Y,), {}, Y**-0.5),
    ("floor", (X,), {}, np.floor(X)),
    ("ceil", (X,), {}, np.ceil(X)),
    ("round", (X,), {}, np.round(X)),
    ("round", (X, 2), {}, np.round(X, 2)),
    ("sign", (X,), {}, np.sign(X)),
    ("power", (Y, X), {}, Y**X),
    ("power", (X, 2), {}, X**2),
    ("power", (Y, 0.5), {}, Y**0.5),
    ("power", (X, 3.0), {}, X**3),
    ("floor_divide", (X, Y), {}, X // Y),
    ("mod", (X, Y), {}, X % Y),
    ("divide_no_nan", (X, np.array([1, 0, 2, 0])), {}, X * [1, 0, 0.5, 0]),
    ("clip", (X, -0.5, 0.5), {}, np.clip(X, -0.5, 0.5)),
    ("max", (X,), {}, X.max()),
    ("max", (X, 1), {"keepdims": True}, X.max(axis=1, keepdims=True)),
    ("min", (X, (0, 1)), {}, X.min()),
    ("any", (np.array([[0, 1], [0, 0.0]]), 1), {}, [1, 0]),
    ("all", (np.array([[2, 1], [0, 3.0]]), 1), {}, [1, 0]),
    ("var", (X, 0), {}, X.var(axis=0)),
    ("std", (X,), {}, X.std()),
    ("logsumexp", (1000 * X, 1), {}, 1000 * X.max(axis=1)),
    ("logsumexp", (X, -1), {"keepdims": True}, np.log(np.exp(X).sum(axis=1, keepdims=True))),
    ("logsumexp", (np.full((2, 2), -np.inf), 1), {}, [-np.inf, -np.inf]),
    ("argmax", (X,), {}, X.argmax()),
    ("argmax", (X, 0), {}, X.argmax(axis=0)),
    ("argmax", (X, 1), {"keepdims": True}, X.argmax(axis=1, keepdims=True)),
    ("argmax", (X, 0), {"keepdims": True}, X.argmax(axis=0, keepdims=True)),
    ("argmin", (X, -1), {}, X.argmin(axis=-1)),
    ("top_k", (X, 2), {}, (np.sort(X)[:, :-3:-1], np.argsort(X)[:, :-3:-1])),
    ("sort", (X,), {}, np.sort(X)),
    ("sort", (X, 0), {}, np.sort(X, axis=0)),
    ("argsort", (X,), {}, np.argsort(X)),
    ("searchsorted", (np.array([0, 1.0]), X), {}, np.searchsorted([0, 1], X)),
    ("digitize", (CLASSES.astype("float32"), [0, 1]), {}, [1, 2, 2]),
    ("cumsum", (X,), {}, X.cumsum()),
    ("cumsum", (X, 0), {}, X.cumsum(axis=0)),
    ("bincount", (CLASSES,), {"minlength": 5}, [1, 1, 0, 1, 0]),
    ("bincount", (CLASSES, Y[0, :3]), {"minlength": 4}, [Y[0, 0], Y[0, 2], 0, Y[0, 1]]),
    ("in_top_k", (CLASSES, X, 2), {}, [c in row.argsort()[2:] for c, row in zip(CLASSES, X, strict=True)]),
    ("take", (X, [[2, 0]], 0), {}, X[[[2, 0]]]),
    ("take", (X, CLASSES), {}, X.ravel()[CLASSES]),
    ("take", (X, [1, 7, -1], 1), {}, X[:, [1, 1, -1]] + [0, np.nan, 0]),
    ("take_along_axis", (X, CLASSES[:, None]), {}, X[range(3), CLASSES][:, None]),
    ("cast", (CLASSES, "float32"), {}, CLASSES.astype("float32")),
    ("cast", (10 * X, "int32"), {}, (10 * X).astype("int32")),
    ("cast", (CLASSES, "bool"), {}, CLASSES != 0),
    ("expand_dims", (X, 1), {}, X[:, None]),
    ("expand_dims", (X, -1), {}, X[..., None]),
    ("squeeze", (IMAGE,), {}, IMAGE[0, :, :, 0]),
    ("squeeze", (IMAGE, -1), {}, IMAGE[..., 0]),
    ("assign_add", (X, Y), {}, X + Y),
    ("sum", (X,), {}, X.sum()),
    ("sum", (X,), {"axis": -1, "keepdims": True}, X.sum(axis=1, keepdims=True)),
    ("mean", (X,), {"axis": (1,)}, X.mean(axis=1)),
    ("mean", (IMAGE,), {"axis": [1, 2]}, [[12]]),
    ("reshape", (X, (2, -1)), {}, X.reshape(2, 6)),
    ("reshape", (X, 12), {}, X.reshape(12)),
    ("relu6", (5 * X,), {}, np.clip(5 * X, 0, 6)),
    ("leaky_relu", (X,), {}, np.where(X > 0, X, 0.2 * X)),
    ("elu", (X, 0.5), {}, np.where(X > 0, X, 0.5 * np.expm1(X))),
    ("selu", (X,), {}, 1.05070099 * np.where(X > 0, X, 1.67326324 * np.expm1(X))),
    ("celu", (X, 2.0), {}, np.where(X > 0, X, 2 * np.expm1(X / 2))),
    ("gelu", (X,), {}, X / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)))),
    ("silu", (X,), {}, X / (1 + np.exp(-X))),
    ("mish", (X,), {}, X * np.tanh(np.log1p(np.exp(X)))),
    ("softsign", (X,), {}, X / (1 + np.abs(X))),
    ("hard_sigmoid", (5 * X,), {}, np.clip(5 * X / 6 + 0.5, 0, 1)),
    ("hard_silu", (5 * X,), {}, 5 * X * np.clip(5 * X / 6 + 0.5, 0, 1)),
    ("hard_tanh", (X,), {}, np.clip(X, -1, 1)),
    ("log_sigmoid", (X,), {}, -np.log1p(np.exp(-X))),
    ("soft_shrink", (X,), {}, np.sign(X) * np.maximum(np.abs(X) - 0.5, 0)),
    ("hard_shrink", (X,), {}, np.where(np.abs(X) > 0.5, X, 0)),
    ("tanh_shrink", (X,), {}, X - np.tanh(X)),
    ("threshold", (X, 0.3, 7.0), {}, np.where(X > 0.3, X, 7)),
    ("squareplus", (X,), {}, (X + np.sqrt(X**2 + 4)) / 2),
    ("sparse_plus", (X,), {}, np.where(X < -1, 0, np.where(X < 1, (X + 1) ** 2 / 4, X))),
    ("sparse_sigmoid", (X,), {}, np.clip((X + 1) / 2, 0, 1)),
    ("sparsemax", (np.array([[2.0, 1.5, 0.0]], "float32"),), {}, [[0.75, 0.25, 0]]),
    ("log_softmax", (X,), {}, np.log(SOFTMAX)),
    ("glu", (X,), {}, X[:, :2] / (1 + np.exp(-X[:, 2:]))),
    ("sin", (X,), {}, np.sin(X)),
    ("cos", (X,), {}, np.cos(X)),
    (
        "random_uniform",
        (X, np.array([5, 1]), 2),
        {},
        random_numbers(X, np.array([5, 1]), count=2, normal=False, salt=0),
    ),
    ("random_log_gamma", (np.abs(X), np.array([5, 1])), {}, random_log_gamma(np.abs(X), np.array([5, 1]), salt=0)),
    ("random_permutation", (X, np.array([5, 1])), {}, random_permutation(X, np.array([5, 1]), salt=0)),
    ("random_normal", (X, np.array([5, 1]), 2), {}, random_numbers(X, np.array([5, 1]), count=2, normal=True, salt=0)),
    ("slice", (X, (1, 0), (-1, 2)), {}, X[1:, :2]),
    ("pad", (X, ((0, 0), (1, 2))), {}, np.pad(X, ((0, 0), (1, 2)))),
    ("pad", (X, ((0, 0), (2, 1))), {"constant_values": 3.0}, np.pad(X, ((0, 0), (2, 1)), constant_values=3)),
    ("pad", (X, ((1, 2), (3, 2))), {"mode": "reflect"}, np.pad(X, ((1, 2), (3, 2)), mode="reflect")),
    ("pad", (X, ((2, 0), (4, 1))), {"mode": "symmetric"}, np.pad(X, ((2, 0), (4, 1)), mode="symmetric")),
    ("pad", (X, ((0, 0), (4, 1))), {"mode": "edge"}, np.pad(X, ((0, 0), (4, 1)), mode="edge")),
    ("concatenate", ([X, Y, X],), {}, np.concatenate([X, Y, X], 1)),
    ("stack", ([X, Y],), {"axis": -1}, np.stack([X, Y], -1)),
    ("unstack", (X,), {"axis": 1}, tuple(X.T)),
    ("split", (X, 2), {"axis": -1}, tuple(np.split(X, 2, 1))),
    ("split", (X, [1, 2]), {}, tuple(np.split(X, [1, 2]))),
    ("flip", (X,), {"axis": 1}, X[:, ::-1]),
    ("repeat", (X, 3), {"axis": 1}, np.repeat(X, 3, 1)),
    ("repeat", (X, 2), {}, np.repeat(X, 2)),
    ("tile", (X, (2, 1, 3)), {}, np.tile(X, (2, 1, 3))),
    ("roll", (X, (1, -2)), {"axis": (0, 1)}, np.roll(X, (1, -2), (0, 1))),
    ("roll", (X, 5), {}, np.roll(X, 5)),
    ("moveaxis", (IMAGE, 1, -1), {}, np.moveaxis(IMAGE, 1, -1)),
    ("swapaxes", (IMAGE, 0, 2), {}, np.swapaxes(IMAGE, 0, 2)),
    ("broadcast_to", (X, (2, 3, 4)), {}, np.stack([X, X])),
    ("transpose", (X,), {}, X.T),
    ("transpose", (IMAGE, (0, 3, 1, -2)), {}, IMAGE.transpose(0, 3, 1, 2)),
    ("one_hot", (CLASSES.astype("float32"), 4), {}, ONE_HOT),
    ("softmax", (X,), {}, SOFTMAX),
    ("moments", (X, [0]), {}, (X.mean(axis=0), X.var(axis=0))),
    ("moments", (X, 1), {"keepdims": True}, (X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True))),
    ("moments", (X, None), {}, (X.mean(), X.var())),
    (
        "batch_normalization",
        (X, Y[0], Y[1], -1),
        {"offset": Y[2], "scale": Y[0], "epsilon": 0.1},
        (X - Y[0]) / np.sqrt(Y[1] + 0.1) * Y[0] + Y[2],
    ),
    ("batch_normalization", (X.T, Y[0], Y[1], 0), {"epsilon": 0}, ((X - Y[0]) / np.sqrt(Y[1])).T),
    ("layer_normalization", (X, Y[0], Y[1]), {"epsilon": 0}, NORMAL * Y[0] + Y[1]),
    ("layer_normalization", (X.T,), {"axis": 0, "epsilon": 0}, NORMAL.T),
    ("layer_normalization", (X.T.reshape(2, 2, 3),), {"axis": (0, 1), "epsilon": 0}, NORMAL.T.reshape(2, 2, 3)),
    ("rms_normalization", (X, Y[0]), {"epsilon": 0}, X / np.sqrt(np.square(X).mean(axis=1, keepdims=True)) * Y[0]),
    ("normalize", (X,), {}, X / np.linalg.norm(X, axis=1, keepdims=True)),
    ("normalize", (np.zeros((2, 3)),), {"axis": 0}, np.zeros((2, 3))),
    ("softmax", (X.T,), {"axis": 0}, SOFTMAX.T),
    ("matmul", (X, Y.T), {}, X @ Y.T),
    ("matmul", (X.reshape(1, 3, 4), Y.T), {}, (X @ Y.T).reshape(1, 3, 3)),
    ("add_bias", (X, Y[0]), {}, X + Y[0]),
    ("conv", (IMAGE, np.ones((2, 2, 1, 1))), {"strides": 3}, [[[[12], [24]], [[72], [84]]]]),
    ("conv", (IMAGE, np.ones((3, 3, 1, 1))), {"dilation_rate": 2, "bias": [1]}, [[[[109]]]]),
    ("conv", (IMAGE, np.ones((3, 3, 1, 1))), {"padding": "SAME", "strides": (3, 5)}, [[[[54]], [[111]]]]),
    ("conv", (np.ones((1, 1, 1, 4)), [[[[1, 2], [3, 4]]]]), {}, [[[[4, 6]]]]),
    ("conv", ([[[1], [2], [3]]], [[[1]], [[10]]]), {"padding": "causal"}, [[[10], [21], [32]]]),
    ("conv", (np.arange(8).reshape(1, 2, 2, 2, 1), np.ones((2, 2, 2, 1, 1))), {}, [[[[[28]]]]]),
    ("conv", (np.ones((1, 4, 2, 3)), np.ones((2, 2, 4, 1))), {"data_format": "channels_first"}, [[[[16, 16]]]]),
    ("depthwise_conv", ([[[[1, 2]]]], [[[[3, 4], [5, 6]]]]), {"bias": [0, 0, 0, 1]}, [[[[3, 4, 10, 13]]]]),
    ("depthwise_conv", ([[[1, 2], [3, 4]]], [[[1], [10]]]), {"strides": 2, "padding": "same"}, [[[1, 20]]]),
    ("separable_conv", ([[[[1, 2]]]], [[[[3], [4]]]], [[[[1], [10]]]]), {"bias": [1]}, [[[[84]]]]),
    ("conv_transpose", ([[[1], [2]]], [[[1]], [[10]]]), {"strides": 3}, [[[1], [10], [0], [2], [20], [0]]]),
    ("conv_transpose", ([[[1], [2]]], [[[1]], [[10]]]), {"padding": "same"}, [[[1], [12]]]),
    ("conv_transpose", ([[[[[1]]]]], np.ones((2, 1, 2, 1, 1))), {"bias": [1]}, [[[[[2], [2]]], [[[2], [2]]]]]),
    ("max_pool", (IMAGE, 2), {}, [[[[6], [8]], [[16], [18]]]]),
    ("max_pool", (IMAGE, (2, 5), 3, "same"), {}, [[[[8], [9]], [[23], [24]]]]),
    (
        "average_pool",
        (IMAGE, 2),
        {"padding": "same"},
        [[[[3], [5], [6.5]], [[13], [15], [16.5]], [[20.5], [22.5], [24]]]],
    ),
    ("sparse_categorical_crossentropy", (CLASSES, P), {}, -np.log(P[range(3), CLASSES])),
    ("sparse_categorical_crossentropy", (CLASSES[:, None], P), {}, -np.log(P[range(3), CLASSES])),
    ("sparse_categorical_crossentropy", (CLASSES, X, True), {}, -np.log(SOFTMAX[range(3), CLASSES])),
    (
        "sparse_categorical_crossentropy",
        (CLASSES.reshape(1, 3), P.reshape(1, 3, 4)),
        {},
        -np.log(P[range(3), CLASSES])[None],
    ),
    ("categorical_crossentropy", (ONE_HOT, Y), {}, -np.log(P[range(3), CLASSES])),
    ("categorical_crossentropy", (ONE_HOT, X), {"from_logits": True}, -np.log(SOFTMAX[range(3), CLASSES])),
    ("categorical_crossentropy", (ONE_HOT[0], P[0]), {}, -np.log(P[0, 0])),
    ("binary_crossentropy", ([1, 0, 1], [0.5, 0.25, 0.0]), {}, -np.log([0.5, 0.75, 1e-7])),
    ("binary_crossentropy", ([1, 0], [0, 0]), {"from_logits": True}, np.log([2, 2])),
    ("accuracy", (CLASSES, ONE_HOT), {}, [1, 1, 1]),
    ("accuracy", (ONE_HOT, -ONE_HOT), {"sparse": False}, [0, 0, 0]),
    ("binary_accuracy", (ONE_HOT, 0.6 * ONE_HOT), {"threshold": 0.7}, [0.75, 0.75, 0.75]),
    ("dropout", (X, np.array([1, 2]), 0.0), {}, X),
    ("accumulate", (np.array([1.0, 2.0]), X[0]), {}, [1 + X[0].sum(dtype="float64"), 6]),
    ("assign", (X, Y), {}, Y),
    ("increment", (np.array([4, 4]),), {}, [4, 5]),
]
NAMES = [f"{name}-{index}" for index, (name, *_) in enumerate(EXAMPLES)]
PARAMETERS = ("name", "arguments", "options", "expected")


def test_every_public_function_has_an_example():
    assert {name for name, *_ in EXAMPLES} == set(ops.__all__) - {"image"}


def compare(results, expected):
    results = results if isinstance(results, (tuple, list)) else (results,)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for result, right in zip(results, expected, strict=True):
        right = np.asarray(right)
        assert result.shape == right.shape
        np.testing.assert_allclose(result, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(PARAMETERS, EXAMPLES, ids=NAMES)
def test_on_arrays(name, arguments, options, expected):
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
    compare(getattr(ops, name)(*copies, **options), expected)


@pytest.mark.parametrize(PARAMETERS, EXAMPLES, ids=NAMES)
def test_recorded(name, arguments, options, expected):
    """With the first operand symbolic, the function records nodes, which the reference runs."""
    dtype = {"i": "int32"}.get(np.asarray(arguments[0]).dtype.kind, "float32")
    if name in ("increment", "accumulate"):
        dtype = arguments[0].dtype.name
    value = np.asarray(arguments[0]).astype(dtype if "crossentropy" not in name or "sparse" in name else "float32")
    tensor = Tensor(value.shape, value.dtype.name)
    outputs = getattr(ops, name)(tensor, *arguments[1:], **options)
    graph = Graph([tensor], outputs if isinstance(outputs, (tuple, list)) else [outputs])
    compare(run_graph(graph, {tensor: value})[0], expected)


def test_variables_are_recorded_as_such():
    kernel = Variable(np.ones((2, 2, 1, 1), "float32"))
    image = Tensor((None, 5, 5, 1))
    graph = Graph([image], [ops.conv(image, kernel)])
    assert graph.leaves("variable") == [kernel.tensor]


def test_variables_are_updated_in_place():
    weights = Variable(np.ones(2, "float32"))
    update("sgd", weights, [1, 1], (), [0.25], np.array([0]))
    np.testing.assert_array_equal(weights.value, [0.75, 0.75])


@pytest.mark.parametrize("dtype", ["float64", "float16", ">f4", "uint8", "bool"])
def test_other_dtypes_are_converted(dtype):
    assert ops.negative(np.ones(3).astype(dtype)).dtype == np.float32


def test_views_and_read_only_arrays_are_taken():
    strided = np.arange(12, dtype="float32").reshape(3, 4)[::-1, ::2]
    strided.flags.writeable = False
    np.testing.assert_array_equal(ops.negative(strided), -strided)


def test_batch_stays_unknown():
    x = Tensor((None, 8, 8, 3))
    y = ops.max_pool(ops.relu(ops.conv(x, np.ones((3, 3, 3, 4)))), 2)
    assert ops.softmax(ops.matmul(ops.reshape(y, (-1, 36)), np.ones((36, 10)))).shape == (None, 10)


def test_operators_are_ops():
    x = Tensor((3, 4))
    graph = Graph([x], [2**x, x**2 % 3, x // 2, -x / 2 + 1])
    results, _ = run_graph(graph, {x: X})
    for result, right in zip(results, (2**X, X**2 % 3, X // 2, 1 - X / 2), strict=True):
        np.testing.assert_allclose(result, right, rtol=1e-5)
