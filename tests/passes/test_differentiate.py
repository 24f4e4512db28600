"""Differentiation of whole graphs: against finite differences, and only where it is wanted."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.passes import differentiate
from fastcnn.reference.run import run_graph


def small_network():
    """conv + relu + pool + dense + softmax cross-entropy, mean over the batch; inputs, weights and loss."""
    rng = np.random.default_rng(0)
    x, labels = Tensor((3, 7, 6, 2)), Tensor((3,), "int32")
    kernel = Variable(rng.normal(size=(3, 3, 2, 4)).astype("float32"), "kernel")
    bias = Variable(rng.normal(size=4).astype("float32"), "bias")
    dense = Variable(rng.normal(size=(2 * 2 * 4, 5)).astype("float32"), "dense")
    y = ops.max_pool(ops.relu(ops.conv(x, kernel, bias=bias)), 2)
    logits = ops.matmul(ops.reshape(y, (-1, 16)), dense)
    loss = ops.mean(ops.sparse_categorical_crossentropy(labels, ops.softmax(logits)), axis=0)
    return x, labels, [kernel, bias, dense], loss


def feeds_for(x, labels):
    rng = np.random.default_rng(1)
    return {x: rng.normal(size=x.shape), labels: np.array([0, 4, 2], "int32")}


def test_gradients_equal_finite_differences():
    x, labels, variables, loss = small_network()
    feeds = feeds_for(x, labels)
    wrt = [variable.tensor for variable in variables]
    gradients = differentiate(loss, [*wrt, x])
    values = {tensor: tensor.variable.value.astype("float64") for tensor in wrt}
    feeds.update(values)
    (*computed,), _ = run_graph(Graph([x, labels], gradients), feeds)
    forward = Graph([x, labels], [loss])
    for tensor, gradient in zip([*wrt, x], computed, strict=True):
        value = feeds[tensor]
        assert gradient.shape == value.shape
        for index in np.ndindex(*value.shape):
            if hash(index) % 5:
                continue
            sides = []
            for step in (1e-6, -1e-6):
                moved = value.copy()
                moved[index] += step
                sides.append(run_graph(forward, {**feeds, tensor: moved})[0][0].item())
            assert gradient[index] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-6)


def test_no_gradient_is_computed_for_what_is_not_asked():
    x, labels, variables, loss = small_network()
    gradients = differentiate(loss, [variable.tensor for variable in variables])
    names = {node.op.name for node in Graph([x, labels], gradients).nodes}
    assert "conv2d_input_gradient" not in names


def test_nothing_is_differentiated_below_the_lowest_wanted_tensor():
    x, labels, (_, _, dense), loss = small_network()
    names = {node.op.name for node in Graph([x, labels], differentiate(loss, [dense.tensor])).nodes}
    assert not {name for name in names if "gradient" in name and ("conv" in name or "pool" in name)}


def test_a_tensor_used_twice_gets_the_sum_of_its_gradients():
    x = Tensor((2, 3))
    loss = ops.sum(ops.multiply(x, x), axis=(0, 1))
    (gradient,) = differentiate(loss, [x])
    value = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(run_graph(Graph([x], [gradient]), {x: value})[0][0], 2 * value)


def test_an_unrelated_tensor_has_no_gradient():
    x, other = Tensor((2, 3)), Tensor((2, 3))
    assert differentiate(ops.sum(x, axis=(0, 1)), [other]) == [None]


def test_a_loss_of_many_elements_is_refused():
    x = Tensor((2, 3))
    with pytest.raises(ValueError, match="one element"):
        differentiate(ops.relu(x), [x])
