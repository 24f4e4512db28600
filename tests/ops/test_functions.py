"""The public functions: what they compute, at once on arrays and as recorded nodes, against plain NumPy."""

import function_examples
import numpy as np
import numpy_examples
import pytest
from function_examples import X

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.ops.update import update
from fastcnn.reference import run_graph

EXAMPLES = [*function_examples.EXAMPLES, *numpy_examples.EXAMPLES]
NAMES = [f"{name}-{index}" for index, (name, *_) in enumerate(EXAMPLES)]
PARAMETERS = ("name", "arguments", "options", "expected")


def test_every_public_function_has_an_example():
    assert {name for name, *_ in EXAMPLES} == set(ops.__all__) - {"image"}


def compare(results, expected):
    results = results if isinstance(results, (tuple, list)) else (results,)
    expected = expected if isinstance(expected, tuple) else (expected,)
    for result, right in zip(results, expected, strict=True):
        right = np.asarray(right)
        assert np.shape(result) == right.shape
        if right.dtype.kind == "U":
            assert result == right
        else:
            np.testing.assert_allclose(result, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(PARAMETERS, EXAMPLES, ids=NAMES)
def test_on_arrays(name, arguments, options, expected):
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
    compare(getattr(ops, name)(*copies, **options), expected)


@pytest.mark.parametrize(PARAMETERS, function_examples.EXAMPLES, ids=NAMES[: len(function_examples.EXAMPLES)])
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
