"""Activation functions against their formulas, and how they are named."""

import numpy as np
import pytest

from fastcnn import activations
from fastcnn.graph import Tensor

X = np.linspace(-8, 8, 101, dtype=np.float32).reshape(1, 101)


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    ("function", "arguments", "formula"),
    [
        ("linear", {}, lambda x: x),
        ("relu", {}, lambda x: np.maximum(x, 0)),
        ("relu", {"negative_slope": 0.1}, lambda x: np.where(x > 0, x, 0.1 * x)),
        ("relu", {"max_value": 3.0}, lambda x: np.clip(x, 0, 3)),
        ("relu", {"threshold": 1.5}, lambda x: np.where(x >= 1.5, x, 0)),
        (
            "relu",
            {"negative_slope": 0.5, "max_value": 4.0, "threshold": 1.0},
            lambda x: np.where(x >= 4, 4, np.where(x >= 1, x, 0.5 * (x - 1))),
        ),
        ("relu6", {}, lambda x: np.clip(x, 0, 6)),
        ("leaky_relu", {}, lambda x: np.where(x > 0, x, 0.2 * x)),
        ("sigmoid", {}, lambda x: 1 / (1 + np.exp(-x))),
        ("silu", {}, lambda x: x / (1 + np.exp(-x))),
        ("tanh", {}, np.tanh),
        ("exponential", {}, np.exp),
        ("softmax", {}, lambda x: softmax(x, -1)),
        ("softmax", {"axis": 0}, lambda x: softmax(x, 0)),
    ],
)
def test_formula(function, arguments, formula):
    y = getattr(activations, function)(X, **arguments)
    np.testing.assert_allclose(y, formula(X.astype(np.float64)), rtol=2e-6, atol=1e-6)
    assert y.dtype == np.float32
    assert getattr(activations, function)(Tensor(X.shape), **arguments).shape == X.shape


@pytest.mark.parametrize("name", sorted(activations.FUNCTIONS))
def test_name_and_back(name):
    function = activations.get(name)
    assert activations.serialize(function) == name
    assert activations.deserialize(name) is function


def test_get():
    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.swish is activations.silu
    assert activations.get("hard_swish") is activations.hard_swish is activations.hard_silu
    assert activations.get(np.tanh) is np.tanh
    with pytest.raises(ValueError, match="unknown activation 'sofmax'; did you mean 'softmax'"):
        activations.get("sofmax")
    with pytest.raises(ValueError, match="activation must be a name"):
        activations.get(1)
    with pytest.raises(ValueError, match="cannot be saved: a configuration holds names, no code"):
        activations.serialize(lambda x: x)
