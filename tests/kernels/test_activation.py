"""Activation functions of one pass: csrc/activation.c through its lowerings, against the reference in float64."""

import numpy as np
import pytest

from fastcnn import reference
from fastcnn._core.activation import KINDS, Activation

KERNELS = {
    "activation_rectify", "activation_elu", "activation_gelu", "activation_gelu_tanh", "activation_silu",
    "activation_mish", "activation_softplus", "activation_softsign", "activation_hard_sigmoid",
    "activation_hard_silu", "activation_rectify_gradient", "activation_elu_gradient", "activation_gelu_gradient",
    "activation_gelu_tanh_gradient", "activation_silu_gradient", "activation_mish_gradient",
    "activation_softplus_gradient", "activation_softsign_gradient", "activation_hard_sigmoid_gradient",
    "activation_hard_silu_gradient",
}  # fmt: skip
PARAMETERS = {
    "rectify": [(0.0, 6.0, 0.0), (0.2, np.inf, 0.0), (0.1, 2.0, 0.5)],
    "elu": [(1.0, 1.0, 1.0), (1.67, 1.05, 1.0), (2.0, 1.0, 2.0)],
    "hard_sigmoid": [(1 / 6, 0.5, 0.0)],
    "hard_silu": [(1 / 6, 0.5, 0.0)],
}
CASES = [(kind, numbers) for kind in KINDS for numbers in PARAMETERS.get(kind, [(0.0, 0.0, 0.0)])]


@pytest.mark.parametrize(("kind", "parameters"), CASES)
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 7), (5000,)])
def test_activation(isa, lowered, kind, parameters, shape):
    rng = np.random.default_rng(1)
    x, dy = (rng.normal(scale=3, size=shape).astype("float32") for _ in range(2))
    (y,) = lowered("activation", [x], [(shape, "float32")], kind=kind, parameters=parameters)
    expected = reference.activation(x.astype("float64"), kind=kind, parameters=parameters)
    np.testing.assert_allclose(y, expected, rtol=3e-6, atol=2e-6)
    (dx,) = lowered("activation_gradient", [dy, x], [(shape, "float32")], kind=kind, parameters=parameters)
    slopes = reference.activation_gradient(dy.astype("float64"), x.astype("float64"), kind=kind, parameters=parameters)
    np.testing.assert_allclose(dx, slopes, rtol=3e-6, atol=3e-6)


@pytest.mark.parametrize(("kind", "parameters"), CASES)
def test_large_arguments_and_nan(isa, lowered, kind, parameters):
    x = np.array([-1e30, -200, 200, 1e30, np.nan], "float32")
    (y,) = lowered("activation", [x], [(x.shape, "float32")], kind=kind, parameters=parameters)
    expected = reference.activation(x[:4].astype("float64"), kind=kind, parameters=parameters)
    np.testing.assert_allclose(y[:4], expected, rtol=1e-5, atol=1e-30)
    assert np.isnan(y[4])


def test_unknown_kinds_are_refused():
    x = np.zeros(3, "float32")
    with pytest.raises(ValueError, match="kind must be one of"):
        Activation(x, x, kind="sine", parameters=(0, 0, 0))
