"""Running a graph by NumPy: leaves, views, several outputs, and in-place ops that write to nothing."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable, emit
from fastcnn.reference import run_graph


def test_inputs_variables_and_constants():
    x, weights = Tensor((None, 3)), Variable(np.full((3, 2), 2.0, "float32"))
    y = ops.add(ops.matmul(x, weights), 1)
    (result,), updated = run_graph(Graph([x], [y]), {x: np.ones((4, 3), "float32")})
    np.testing.assert_array_equal(result, np.full((4, 2), 7))
    assert updated == {}


def test_an_input_without_a_value_is_an_error():
    x = Tensor((None, 3))
    with pytest.raises(ValueError, match="no value"):
        run_graph(Graph([x], [ops.relu(x)]), {})


def test_variables_can_be_fed():
    weights = Variable(np.ones(2, "float32"))
    y = emit("exp", weights.tensor)
    (result,), _ = run_graph(Graph([], [y]), {weights.tensor: np.zeros(2)})
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, [1, 1])


def test_updates_are_returned_and_later_nodes_see_them():
    weights, rate = Variable(np.ones(2, "float32")), Variable(np.array([0.5], "float32"))
    before = emit("negative", weights.tensor)
    count = Variable(np.array([0], "int64"))
    updated = emit("sgd_update", weights.tensor, before, rate.tensor, count.tensor)
    after = emit("negative", weights.tensor)
    outputs, updates = run_graph(Graph([], [before, updated, after]), {})
    for output, expected in zip(outputs, (-1, 1.5, -1.5), strict=True):
        np.testing.assert_array_equal(output, [expected, expected])
    assert list(updates) == [weights]
    np.testing.assert_array_equal(updates[weights], [1.5, 1.5])
    np.testing.assert_array_equal(weights.value, [1, 1])


def test_an_update_of_an_update():
    counter = Variable(np.array([5, 0], "int64"))
    twice = emit("increment", emit("increment", counter.tensor))
    (result,), updates = run_graph(Graph([], [twice]), {})
    assert result.tolist() == [5, 2]
    assert updates[counter].tolist() == [5, 2]
    assert counter.value.tolist() == [5, 0]


def test_several_outputs():
    x = Tensor((1, 2, 2, 1))
    y, argmax = emit("max_pool2d", x, pool_size=(2, 2), strides=(2, 2), padding=((0, 0), (0, 0)))
    (position, value), _ = run_graph(Graph([x], [argmax, y]), {x: np.arange(4.0).reshape(1, 2, 2, 1)})
    assert (value.item(), position.item()) == (3, 3)
