"""Outputs take the memory of inputs that nothing needs any more, and only then."""

import numpy as np

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.plan import Program
from fastcnn.reference import run_graph

X = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


def run(output, *inputs):
    """A program of an output, run; checked against the reference."""
    graph = Graph(inputs, [output])
    program = Program(graph)
    for tensor in inputs:
        program.array(tensor)[...] = X
    program.run()
    (expected,), _ = run_graph(graph, dict.fromkeys(inputs, X))
    np.testing.assert_allclose(program.array(output), expected, rtol=1e-5, atol=1e-6)
    for tensor in inputs:
        np.testing.assert_array_equal(program.array(tensor), X)
    return program


def share(program, a, b):
    return np.shares_memory(program.array(a), program.array(b))


def test_a_chain_of_functions_stays_in_one_place():
    x = Tensor((3, 4))
    a = ops.exp(x)
    b = ops.negative(a)
    y = ops.relu(ops.reshape(b, (4, 3)))
    program = run(y, x)
    assert share(program, a, y)
    assert share(program, b, y)
    assert not share(program, x, y)


def test_what_is_read_later_is_left_alone():
    x = Tensor((3, 4))
    a = ops.exp(x)
    b = ops.negative(a)
    y = ops.add(ops.square(b), a)
    program = run(y, x)
    assert not share(program, a, b)
    assert share(program, a, y) or share(program, b, y)


def test_a_view_that_is_read_later_keeps_its_memory():
    x = Tensor((3, 4))
    a = ops.exp(x)
    view = ops.reshape(a, (12,))
    b = ops.negative(a)
    y = ops.add(ops.reshape(b, (12,)), view)
    assert not share(run(y, x), a, b)


def test_an_operand_that_is_repeated_gives_no_memory():
    x = Tensor((3, 4))
    row = ops.sum(x, axis=0)
    y = ops.add(x, row)
    assert not share(run(y, x), row, y)


def test_variables_are_not_written_to():
    weights = Variable(X.copy(), "w")
    x = Tensor((3, 4))
    y = ops.multiply(weights.tensor, x)
    run(y, x)
    np.testing.assert_array_equal(weights.value, X)
