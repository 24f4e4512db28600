"""Pooling layers and ops against Keras's, over a grid of arguments; with equal maxima, too."""

import inspect
import itertools

import numpy as np
import pytest
from layer_parity import compare_layer

import fastcnn
from fastcnn import layers

SHAPES = {1: (3, 7, 5), 2: (2, 6, 7, 3), 3: (2, 5, 4, 6, 4)}
POOLS = [
    f"{kind}Pooling{rank}D"
    for kind, rank in itertools.product(("Max", "Average", "GlobalMax", "GlobalAverage"), SHAPES)
]
WINDOWS = [
    {"pool_size": 2},
    {"pool_size": 3, "strides": 2},
    {"pool_size": 3, "strides": 1},
    {"pool_size": 2, "strides": 3},
]
UNEVEN = {"pool_size": (3, 1, 2), "strides": (2, 1, 3)}
FORMATS = [{}, {"data_format": "channels_first"}]


def grid(kind):
    """(rank, arguments) of the windows that move."""
    for rank, padding, data_format in itertools.product(SHAPES, ("valid", "same"), FORMATS):
        for window in (*WINDOWS, {name: value[:rank] for name, value in UNEVEN.items()}):
            yield f"{kind}Pooling{rank}D", rank, {**window, "padding": padding, **data_format}


def ties(shape):
    """Few different values, so that many windows have more than one maximum."""
    return [np.random.default_rng(3).integers(-2, 3, shape).astype("float32")]


ADAPTIVE = {f"Adaptive{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in SHAPES}
ALIASES = {name.replace("Average", "Avg").replace("Pooling", "Pool") for name in POOLS}
CHECKED = {"layers": {*POOLS, *ALIASES, *ADAPTIVE}, "ops": {"adaptive_average_pool", "adaptive_max_pool"}}


@pytest.mark.parametrize(("name", "rank", "arguments"), [*grid("Max"), *grid("Average")])
def test_pooling(keras, name, rank, arguments):
    compare_layer(keras, name, arguments, values=ties(SHAPES[rank]))


@pytest.mark.parametrize("arguments", [{}, {"keepdims": True}, *FORMATS[1:], {"keepdims": True, **FORMATS[1]}])
@pytest.mark.parametrize("rank", SHAPES)
@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_global_pooling(keras, kind, rank, arguments):
    compare_layer(keras, f"Global{kind}Pooling{rank}D", arguments, values=ties(SHAPES[rank]))


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize(("rank", "output_size"), [
    *((rank, size) for rank in SHAPES for size in (1, 2, 3, 8)), (1, (4,)), (2, (3, 9)), (3, [2, 4, 5]),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["Max", "Average"])
def test_adaptive_pooling(keras, kind, rank, output_size, data_format):
    arguments = {"output_size": output_size, **data_format}
    compare_layer(keras, f"Adaptive{kind}Pooling{rank}D", arguments, values=ties(SHAPES[rank]))


@pytest.mark.parametrize("op", ["adaptive_max_pool", "adaptive_average_pool"])
def test_adaptive_ops(keras, op):
    for rank, shape in SHAPES.items():
        x = ties(shape)[0]
        for size in (2, (3, 5, 4)[:rank]):
            got, expected = (getattr(package.ops, op)(x, size) for package in (fastcnn, keras))
            np.testing.assert_allclose(got, np.asarray(expected), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("rank", SHAPES)
@pytest.mark.parametrize("output_size", ["2", 2.5, (1, 2, 3, 4), None])
def test_bad_output_sizes(keras, rank, output_size):
    for package in (keras.layers, layers):
        with pytest.raises((TypeError, ValueError)):
            getattr(package, f"AdaptiveMaxPooling{rank}D")(output_size)


@pytest.mark.parametrize("arguments", [{}, {"data_format": "channels_first", "keepdims": True}])
def test_mean_over_the_steps_of_a_mask(keras, arguments):
    x = np.random.default_rng(4).normal(size=(3, 5, 5)).astype("float32")
    mask = np.array([[1, 1, 0, 0, 1], [1, 1, 1, 1, 1], [0, 0, 0, 1, 0]])
    ours, theirs = (package.GlobalAveragePooling1D(**arguments) for package in (layers, keras.layers))
    np.testing.assert_allclose(ours(x, mask=mask), np.asarray(theirs(x, mask=mask)), rtol=1e-6)


@pytest.mark.parametrize("name", POOLS)
def test_names_and_aliases(keras, name):
    short = name.replace("Average", "Avg").replace("Pooling", "Pool")
    assert getattr(layers, short) is getattr(layers, name)
    assert getattr(keras.layers, short) is getattr(keras.layers, name)
    theirs = inspect.signature(getattr(keras.layers, name)).parameters
    assert list(inspect.signature(getattr(layers, name)).parameters)[: len(theirs) - 1] == list(theirs)[:-1]
    assert getattr(layers, name)().name.startswith(keras.src.utils.naming.to_snake_case(name))


@pytest.mark.parametrize("rank", SHAPES)
@pytest.mark.parametrize("op", ["max_pool", "average_pool"])
def test_ops(keras, op, rank):
    x = ties(SHAPES[rank])[0]
    for arguments in (
        {"pool_size": 3, "strides": 2, "padding": "same"},
        {"pool_size": (2, 3, 1)[:rank], "strides": 2},
    ):
        got, expected = (getattr(package.ops, op)(x, **arguments) for package in (fastcnn, keras))
        np.testing.assert_allclose(got, np.asarray(expected), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "arguments",
    [{"pool_size": 0}, {"pool_size": (2, 2, 2, 2)}, {"pool_size": 2, "padding": "full"},
     {"pool_size": 2, "data_format": "first"}, {"pool_size": 2, "strides": -1}],
)  # fmt: skip
@pytest.mark.parametrize("name", POOLS[:6])
def test_errors_come_where_keras_has_them(keras, name, arguments):
    rank = int(name[-2])
    for package in (keras.layers, layers):
        with pytest.raises(ValueError):  # noqa: PT011  (Keras's words differ)
            getattr(package, name)(**arguments)(np.zeros(SHAPES[rank], "float32"))
