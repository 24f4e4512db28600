"""Optimizers: trajectories on a quadratic against the formulas in float64, arguments, state."""

import numpy as np
import pytest

from fastcnn import optimizers
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.reference import run_graph

START = np.array([1.0, -2.0, 3.0, 0.5, -0.25])
SCALE = np.array([1.0, 0.5, 2.0, 0.1, 3.0])
STEPS = 10


def descend(learning_rate=0.01, momentum=0.0, nesterov=False):
    """Gradient descent on sum(scale w²) / 2, step by step."""
    w, velocity = START.copy(), np.zeros(5)
    for _ in range(STEPS):
        g = SCALE * w
        velocity = momentum * velocity - learning_rate * g
        w = w + (momentum * velocity - learning_rate * g if nesterov else velocity)
        yield w


def adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Adam on the same quadratic."""
    w, m, v = START.copy(), np.zeros(5), np.zeros(5)
    for t in range(1, STEPS + 1):
        g = SCALE * w
        m += (g - m) * (1 - beta_1)
        v += (g * g - v) * (1 - beta_2)
        alpha = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - alpha * m / (np.sqrt(v) + epsilon)
        yield w


CASES = [
    (optimizers.SGD, {}, descend),
    (optimizers.SGD, {"learning_rate": 0.1}, descend),
    (optimizers.SGD, {"learning_rate": 0.1, "momentum": 0.9}, descend),
    (optimizers.SGD, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, descend),
    (optimizers.Adam, {}, adam),
    (optimizers.Adam, {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}, adam),
]


@pytest.mark.parametrize(("kind", "options", "formula"), CASES)
def test_trajectory(kind, options, formula):
    optimizer = kind(**options)
    weight = Variable(START.astype("float32"))
    for step, expected in enumerate(formula(**options)):
        assert int(optimizer.iterations) == step
        optimizer.apply([SCALE * weight.value], [weight])
        np.testing.assert_allclose(weight.value, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("kind", "options", "formula"), CASES)
def test_symbolic_update(kind, options, formula):
    optimizer = kind(**options)
    weight = Variable(START.astype("float32"))
    gradient = Tensor((5,))
    graph = Graph([gradient], optimizer.apply([gradient], [weight]))
    for expected in formula(**options):
        _, updated = run_graph(graph, {gradient: (SCALE * weight.value).astype("float32")})
        for variable, value in updated.items():
            variable.assign(value)
        np.testing.assert_allclose(weight.value, expected, rtol=1e-6, atol=1e-7)
    assert int(optimizer.iterations) == STEPS


@pytest.mark.parametrize(("kind", "options", "formula"), CASES)
def test_config(kind, options, formula):
    again = kind.from_config(kind(**options).get_config())
    assert again.get_config() == kind(**options).get_config()


def test_learning_rate_takes_numbers():
    optimizer = optimizers.SGD(0.5)
    weight = Variable(np.ones(1, "float32"))
    optimizer.learning_rate = 0.25
    optimizer.apply_gradients([(np.ones(1), weight)])
    assert weight.value[0] == 0.75
    optimizer.learning_rate.assign(0.125)
    optimizer.apply_gradients([(np.ones(1), weight)])
    assert weight.value[0] == 0.625
    assert float(optimizer.learning_rate) == 0.125
    assert optimizer.learning_rate.numpy() == np.float32(0.125)
    assert optimizer.learning_rate.numpy().shape == ()
    assert optimizer.get_config()["learning_rate"] == 0.125


def test_slots_are_kept_and_added():
    first, second = Variable(np.ones(3, "float32")), Variable(np.ones((2, 2), "float32"))
    optimizer = optimizers.Adam()
    assert not optimizer.built
    optimizer.apply([np.ones(3)], [first])
    momentum = optimizer.slots(first)[0].value.copy()
    optimizer.build([first, second])
    np.testing.assert_array_equal(optimizer.slots(first)[0].value, momentum)
    assert [variable.shape for variable in optimizer.variables] == [(1,), (1,), (3,), (3,), (2, 2), (2, 2)]
    assert all(slot.value.ctypes.data % 64 == 0 for slot in optimizer.variables[2:])


def test_missing_gradients():
    weights = [Variable(np.ones(1, "float32")), Variable(np.ones(1, "float32"))]
    optimizers.SGD(1.0).apply([None, np.ones(1)], weights)
    assert [weight.value[0] for weight in weights] == [1, 0]
    with pytest.raises(ValueError, match="no variable has a gradient"):
        optimizers.SGD().apply([None, None], weights)
    with pytest.raises(ValueError, match="1 gradients for 2 variables"):
        optimizers.SGD().apply([np.ones(1)], weights)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.SGD(-1), "learning_rate must be a number that is not negative, received -1"),
        (lambda: optimizers.SGD("fast"), "learning_rate must be a number that is not negative, received 'fast'"),
        (lambda: optimizers.SGD(float("nan")), "learning_rate must be a number that is not negative, received nan"),
        (lambda: optimizers.SGD(momentum=1.5), r"momentum must be a number from 0 .* received 1\.5"),
        (lambda: optimizers.Adam(beta_1=1.0), r"beta_1 must be a number from 0 .* received 1\.0"),
        (lambda: optimizers.Adam(epsilon=-1e-7), "epsilon must not be negative"),
        (lambda: optimizers.get("adm"), "unknown optimizer 'adm'; did you mean 'adam'"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_get():
    optimizer = optimizers.Adam(0.1)
    assert optimizers.get(optimizer) is optimizer
    assert isinstance(optimizers.get("SGD"), optimizers.SGD)
    assert isinstance(optimizers.get(optimizers.SGD), optimizers.SGD)
    with pytest.raises(TypeError, match="optimizer must be a name or an Optimizer, not 3"):
        optimizers.get(3)
