"""The policy mixed_bfloat16 against Keras's: names, types, configurations, and outputs within bfloat16's precision."""

import numpy as np
import pytest

import fastcnn


@pytest.mark.parametrize("name", ["float32", "mixed_bfloat16"])
def test_policy(keras, name):
    ours, theirs = fastcnn.DTypePolicy(name), keras.DTypePolicy(name)
    for attribute in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert repr(ours) == repr(theirs)
    assert fastcnn.dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)


def layer(package, kind):
    layers = package.layers
    return {
        "dense": lambda: layers.Dense(6, activation="relu", dtype="mixed_bfloat16"),
        "conv": lambda: layers.Conv2D(6, 3, padding="same", dtype="mixed_bfloat16"),
        "separable": lambda: layers.SeparableConv2D(6, 3, dtype="mixed_bfloat16"),
    }[kind]()


@pytest.mark.parametrize("kind", ["dense", "conv", "separable"])
def test_layer(keras, kind):
    ours, theirs = layer(fastcnn, kind), layer(keras, kind)
    x = np.random.default_rng(1).normal(size=(4, 8, 8, 16)).astype("float32")
    theirs(x)
    ours(x)
    theirs.set_weights(ours.get_weights())
    expected = np.asarray(theirs(x)).astype("float32")
    near = 0.01 if kind != "conv" else 0.03  # Winograd's algorithm rounds transformed operands
    np.testing.assert_allclose(ours(x), expected, atol=near * np.abs(expected).max())
    assert ours.get_config()["dtype"] == theirs.get_config()["dtype"]
    assert (ours.compute_dtype, ours.variable_dtype, ours.dtype) == (
        theirs.compute_dtype,
        theirs.variable_dtype,
        theirs.dtype,
    )
