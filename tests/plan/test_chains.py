"""Gradients that pass image by image from one convolution to the one before it: the same bits as in two steps."""

import numpy as np
import pytest

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn._core import bfloat16 as core
from fastcnn.graph import Graph, Tensor, emit
from fastcnn.plan import Program, program
from fastcnn.plan.chains import chained
from fastcnn.reference import run_graph


def two_layers(channels, same, batch=5, height=13, width=17, **precision):
    """Inputs, and the gradients of two convolutions behind each other, each with a pool; the gradient between them."""
    border = 1 if same else 0
    options = {"padding": ((border, border), (border, border)), **precision}
    x = Tensor((batch, height, width, channels))
    first, second = Tensor((3, 3, channels, 20)), Tensor((3, 3, 20, 33))
    y, argmax = emit("conv2d_max_pool", x, first, activation="relu", **options)
    z, argmax_2 = emit("conv2d_max_pool", y, second, activation="relu", **options)
    dy = Tensor(z.shape)
    dx = emit("conv2d_max_pool_input_gradient", second, dy, argmax_2, input_size=y.shape[1:3], **options)
    dw_2, db_2 = emit("conv2d_max_pool_weight_gradient", y, dy, argmax_2, kernel_size=(3, 3), **options)
    dw, db = emit("conv2d_max_pool_weight_gradient", x, dx, argmax, kernel_size=(3, 3), **options)
    return (x, dy, first, second), [dw, db, dw_2, db_2], dx


def run(inputs, outputs, values):
    made = Program(Graph(inputs, outputs))
    for tensor, value in zip(inputs, values, strict=True):
        made.array(tensor)[...] = value
    made.run()
    return made, [made.array(tensor).copy() for tensor in outputs]


def normal(inputs):
    rng = np.random.default_rng(0)
    return [rng.normal(size=tensor.shape).astype("float32") for tensor in inputs]


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("precision", [{}, {"bfloat16": True}])
def test_the_bits_are_those_of_two_steps(monkeypatch, same, batch, precision):
    if precision and not core.multiplies_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")
    inputs, outputs, dx = two_layers(1, same, batch, **precision)
    assert [node.outputs[0] for node in chained(Graph(inputs, outputs))] == [dx]
    values = normal(inputs)
    made, found = run(inputs, outputs, values)
    names = [type(call).__name__ for call in made.plan.calls]
    assert "PoolInputGradient" not in names
    monkeypatch.setattr(program, "chained", lambda graph: {})
    plain, expected = run(inputs, outputs, values)
    assert "PoolInputGradient" in [type(call).__name__ for call in plain.plan.calls]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    if precision:
        return  # the reference rounds the gradient between the convolutions alike, but finds other maxima
    for one, other in zip(
        found, run_graph(Graph(inputs, outputs), dict(zip(inputs, values, strict=True)))[0], strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_a_gradient_that_others_read_is_written():
    inputs, outputs, dx = two_layers(1, False)
    assert not chained(Graph(inputs, [*outputs, dx]))
    assert not chained(Graph(inputs, [*outputs, emit("relu", dx)]))


def test_more_channels_than_a_first_layer_has():
    inputs, outputs, _ = two_layers(4, False)
    assert not chained(Graph(inputs, outputs))


def test_rounded_operands(monkeypatch):
    monkeypatch.setattr(core, "enabled", False)
    inputs, outputs, _ = two_layers(1, False, bfloat16=True)
    assert not chained(Graph(inputs, outputs))


def test_pairs_that_two_tasks_share():
    inputs, outputs, _ = two_layers(3, False, batch=1, height=257, width=257, bfloat16=True)
    assert not chained(Graph(inputs, outputs))
