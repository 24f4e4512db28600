"""Activation functions against Keras's: values and slopes, by function and by name."""

import numpy as np
import pytest

from fastcnn import activations, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan import Program

X = np.linspace(-4, 4.1, 60, dtype="float32").reshape(5, 12)
PLAIN = [
    "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "celu", "selu", "sigmoid", "silu",
    "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh",
    "tanh_shrink",
]  # fmt: skip
CASES = [
    *((name, {}) for name in PLAIN),
    ("celu", {"alpha": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 1}),
    ("hard_shrink", {"threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("log_softmax", {"axis": 0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}),
    ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {"axis": 0}),
    ("squareplus", {"b": 2}),
    ("threshold", {"threshold": 0.5, "default_value": 3.0}),
]
CHECKED = {"activations": {*(name for name, _ in CASES), "get", "serialize", "deserialize"}}


@pytest.mark.parametrize(("name", "options"), CASES)
def test_values_and_slopes(keras, name, options):
    import jax

    theirs = getattr(keras.activations, name)
    np.testing.assert_allclose(getattr(activations, name)(X, **options), theirs(X, **options), rtol=2e-5, atol=2e-6)
    x = Tensor(X.shape)
    y = getattr(activations, name)(x, **options)
    probe = np.random.default_rng(0).normal(size=y.shape).astype("float32")
    (slope,) = differentiate(ops.sum(ops.multiply(y, probe)), [x])
    program = Program(Graph([x], [slope]), {x: X})
    program.run()
    right = jax.grad(lambda x: (theirs(x, **options) * probe).sum())(X)
    np.testing.assert_allclose(program.array(slope), right, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", PLAIN)
def test_names(keras, name):
    ours, theirs = activations.get(name), keras.activations.get(name)
    np.testing.assert_allclose(ours(X), theirs(X), rtol=2e-5, atol=2e-6)
    assert activations.serialize(ours) == keras.activations.serialize(theirs)
    assert activations.deserialize(activations.serialize(ours)) is ours
