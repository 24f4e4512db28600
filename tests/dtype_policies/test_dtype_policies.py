"""Dtype policies: their names and configurations, which layers get which, and what mixed_bfloat16 computes."""

import numpy as np
import pytest

import fastcnn
from fastcnn import config, dtype_policies, layers, mixed_precision
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.reference.bfloat16 import rounded_to_bfloat16

MIXED = "mixed_bfloat16"


@pytest.fixture
def mixed():
    """The global policy is mixed_bfloat16; put back afterwards."""
    config.set_dtype_policy(MIXED)
    yield
    config.set_dtype_policy("float32")


def test_the_global_policy_is_that_of_layers_made_after_it(mixed):
    layer = layers.Dense(3)
    assert (layer.dtype_policy.name, layer.compute_dtype, layer.variable_dtype, layer.dtype) == (
        MIXED,
        "bfloat16",
        "float32",
        "float32",
    )
    assert layers.Dense(3, dtype="float32").compute_dtype == "float32"
    config.set_dtype_policy("float32")
    assert layers.Dense(3).compute_dtype == "float32"
    assert layer.compute_dtype == "bfloat16"


def test_legacy_names(mixed):
    assert mixed_precision.global_policy() == config.dtype_policy() == fastcnn.DTypePolicy(MIXED)
    mixed_precision.set_global_policy("float32")
    assert config.dtype_policy() == mixed_precision.Policy("float32")


@pytest.mark.parametrize(
    "identifier", [MIXED, fastcnn.DTypePolicy(MIXED), dtype_policies.serialize(fastcnn.DTypePolicy(MIXED))]
)
def test_a_layer_takes_a_policy_in_any_form(identifier):
    layer = layers.Conv2D(3, 3, dtype=identifier)
    assert layer.dtype_policy == fastcnn.DTypePolicy(MIXED)
    again = layers.Conv2D.from_config(layer.get_config())
    assert again.dtype_policy == layer.dtype_policy


@pytest.mark.parametrize("identifier", ["mixed_float16", "float16", "int8", np.float64])
def test_other_policies_are_refused(identifier):
    with pytest.raises(ValueError, match="dtype policy must be 'float32' or 'mixed_bfloat16'"):
        layers.Dense(3, dtype=identifier)


def test_what_is_no_policy_is_refused():
    with pytest.raises(ValueError, match="dtype must be the name of a policy"):
        layers.Dense(3, dtype=3.5)
    with pytest.raises(TypeError, match="name must be a string"):
        fastcnn.DTypePolicy(3)
    with pytest.raises(ValueError, match="policy must be a name"):
        config.set_dtype_policy(None)
    with pytest.raises(ValueError, match="config must be that of a DTypePolicy"):
        dtype_policies.get({"class_name": "Dense", "config": {}})


def test_models_keep_the_policies_of_their_layers(mixed):
    model = fastcnn.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(2, dtype="float32")])
    config.set_dtype_policy("float32")
    again = fastcnn.Sequential.from_config(model.get_config())
    assert [layer.compute_dtype for layer in again.layers] == ["bfloat16", "float32"]


def normal(*shape):
    return np.random.default_rng(len(shape)).standard_normal(shape, np.float32)


def test_a_dense_layer_rounds_what_it_multiplies():
    layer = layers.Dense(5, dtype=MIXED)
    x = normal(4, 7)
    y = layer(x)
    kernel = rounded_to_bfloat16(layer.kernel.numpy())
    np.testing.assert_allclose(y, rounded_to_bfloat16(x) @ kernel, rtol=1e-5, atol=1e-6)
    assert np.abs(y - x @ layer.kernel.numpy()).max() > 1e-4
    layer.dtype_policy = "float32"
    np.testing.assert_allclose(layer(x), x @ layer.kernel.numpy(), rtol=1e-5, atol=1e-6)


def products(graph):
    return {node.op.name: bool(node.attrs.get("bfloat16")) for node in graph.nodes if node.op.products}


def test_gradients_round_too():
    stack = [
        layers.Conv2D(4, 3, dtype=MIXED),
        layers.DepthwiseConv2D(3, dtype=MIXED),
        layers.Flatten(),
        layers.Dense(3, dtype=MIXED),
    ]
    x = Tensor((2, 8, 8, 1))
    y = x
    for layer in stack:
        y = layer(y)
    wanted = [v.tensor for layer in stack for v in layer.trainable_weights]
    with_gradients = Graph([x], differentiate(fastcnn.ops.sum(fastcnn.ops.square(y)), wanted))
    assert products(with_gradients) == {
        "conv2d": True,
        "conv2d_input_gradient": True,
        "conv2d_weight_gradient": True,
        "matmul": True,
    }


def test_the_layer_inside_decides_and_what_is_outside_of_layers_is_float32():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__(dtype=MIXED)
            self.inner = layers.Dense(3, use_bias=False, dtype="float32")

        def call(self, x):
            return fastcnn.ops.matmul(self.inner(x), np.ones((3, 2), "float32"))

    x = Tensor((2, 5))
    y = fastcnn.ops.matmul(Outer()(x), np.ones((2, 2), "float32"))
    nodes = Graph([x], [y]).nodes
    assert [bool(node.attrs.get("bfloat16")) for node in nodes if node.op.name == "matmul"] == [False, True, False]


@pytest.mark.parametrize("value", [0.0, -0.0, np.inf, -np.inf, 1.0, 3.4e38, -3.4e38])
def test_rounding_of_special_values(isa, value):
    x = np.full((1, 1), value, np.float32)
    layer = layers.Dense(1, use_bias=False, kernel_initializer="ones", dtype=MIXED)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(layer(x), rounded_to_bfloat16(x))


def test_nan_comes_through(isa):
    layer = layers.Dense(40, dtype=MIXED)
    x = normal(3, 50)
    x[1, 7] = np.nan
    assert np.isnan(layer(x)).any(axis=1).tolist() == [False, True, False]


def test_ties_go_to_the_even_number():
    x = np.array([1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20], np.float32)
    np.testing.assert_array_equal(rounded_to_bfloat16(x), np.float32([1, 1 + 2**-6, 1 + 2**-7]))
