import numpy as np
import pytest

from fastcnn import Input, Model, layers
from fastcnn.models import model_from_json

rng = np.random.default_rng(8)
A, B, C = (rng.normal(size=(5, 4, 3)).astype("float32") for _ in range(3))
MERGED = [
    ("Add", {}, [A, B, C], A + B + C),
    ("Subtract", {}, [A, B], A - B),
    ("Multiply", {}, [A, B, C], A * B * C),
    ("Average", {}, [A, B, C], (A + B + C) / 3),
    ("Maximum", {}, [A, B, C], np.maximum(np.maximum(A, B), C)),
    ("Minimum", {}, [A, B], np.minimum(A, B)),
    ("Concatenate", {"axis": 1}, [A, B, C], np.concatenate([A, B, C], 1)),
    ("Dot", {"axes": 1}, [A, B], np.einsum("nti,ntj->nij", A, B)),
    ("Dot", {"axes": 2}, [A, B[:, 0]], np.einsum("nti,ni->nt", A, B[:, 0])),
]


@pytest.mark.parametrize(("name", "arguments", "inputs", "expected"), MERGED)
def test_on_arrays_and_in_a_model(name, arguments, inputs, expected):
    arguments = {"axes": (2, 1)} if name == "Dot" and inputs[1].ndim == 2 else arguments
    layer = getattr(layers, name)(**arguments)
    np.testing.assert_allclose(layer(inputs), expected, rtol=1e-5, atol=1e-6)
    function = getattr(layers, name.lower())
    np.testing.assert_allclose(function(inputs, **arguments), expected, rtol=1e-5, atol=1e-6)
    symbols = [Input(x.shape[1:]) for x in inputs]
    model = Model(symbols, layer(symbols))
    np.testing.assert_allclose(model(inputs), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model_from_json(model.to_json())(inputs), expected, rtol=1e-5, atol=1e-6)


def test_a_residual_block_trains():
    x = Input((4, 3))
    y = layers.Concatenate()([layers.Add()([x, layers.Dense(3)(x)]), x])
    model = Model(x, layers.Dense(1)(layers.Flatten()(y)))
    model.compile("sgd", "mse")
    losses = model.fit(A, A.sum(axis=(1, 2)), epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Add()(A), "should be called on a list of 2 or more inputs"),
        (lambda: layers.Subtract()([A, B, C]), "a list of exactly 2 inputs; Subtract received 3 of them"),
        (lambda: layers.Add()([A, B[:, :2]]), "add"),
        (lambda: layers.Concatenate()([A, B[:, :2]]), "matching shapes except for the concatenation axis"),
        (lambda: layers.Dot(1.5), "axes must be an integer or a pair"),
        (lambda: layers.Dot(0)([A, B]), "must not name the batch"),
        (lambda: layers.Dot((1, 2))([A, B]), r"axis values 4 \(at axis 1\) != 3 \(at axis 2\)"),
    ],
)
def test_bad_inputs(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
