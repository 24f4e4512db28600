"""Fusions find their patterns, leave alone what they must, and change no result."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable, emit
from fastcnn.graph.origin import made_by
from fastcnn.passes import (
    advance_seeds,
    bind_batch,
    convolution_as_product,
    differentiate,
    fuse_bias_activation,
    fuse_conv_pool,
    fuse_forward,
    fuse_softmax_loss,
    fuse_updates,
    pool_before_activation,
)
from fastcnn.plan import Program
from fastcnn.reference.run import run_graph

RNG = np.random.default_rng(0)


def variable(*shape):
    return Variable(RNG.normal(size=shape).astype("float32"), "w")


def names(graph):
    return [node.op.name for node in graph.nodes]


def check_same_results(before, after, feeds):
    """Both graphs give the same outputs by the reference."""
    old, _ = run_graph(before, dict(zip(before.inputs, feeds, strict=True)))
    new, _ = run_graph(after, dict(zip(after.inputs, feeds, strict=True)))
    for a, b in zip(old, new, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_bias_and_relu_go_into_the_convolution():
    x = Tensor((2, 5, 5, 3))
    y = ops.relu(ops.add_bias(ops.conv(x, variable(3, 3, 3, 4)), variable(4)))
    graph = Graph([x], [y])
    fused = fuse_bias_activation(graph)
    assert names(fused) == ["conv2d"]
    check_same_results(graph, fused, [RNG.normal(size=x.shape)])


def test_bias_and_relu_go_into_the_matrix_product():
    x = Tensor((2, 5))
    graph = Graph([x], [ops.relu(ops.add_bias(ops.matmul(x, variable(5, 4)), variable(4)))])
    fused = fuse_bias_activation(graph)
    assert names(fused) == ["matmul"]
    check_same_results(graph, fused, [RNG.normal(size=x.shape)])


def test_a_convolution_that_is_read_twice_keeps_its_relu_apart():
    x = Tensor((2, 5, 5, 3))
    y = ops.conv(x, variable(3, 3, 3, 4))
    assert names(fuse_bias_activation(Graph([x], [ops.relu(y), y]))) == ["conv2d", "relu"]


def test_pooling_goes_into_the_convolution():
    x = Tensor((2, 8, 9, 3))
    graph = Graph([x], [ops.max_pool(ops.relu(ops.conv(x, variable(3, 3, 3, 4), bias=variable(4))), 2)])
    fused = fuse_forward(graph)
    assert names(fused) == ["conv2d_max_pool"]
    check_same_results(graph, fused, [RNG.normal(size=x.shape)])


@pytest.mark.parametrize(
    "pool", [{"pool_size": 3}, {"pool_size": 2, "strides": 1}, {"pool_size": 2, "padding": "same"}]
)
def test_other_pools_stay_apart(pool):
    x = Tensor((2, 9, 9, 3))
    graph = Graph([x], [ops.max_pool(ops.conv(x, variable(3, 3, 3, 4)), **pool)])
    assert "max_pool2d" in names(fuse_conv_pool(graph))


RISING = [ops.tanh, ops.sigmoid, ops.exp, ops.relu6, ops.leaky_relu, ops.elu, ops.selu, ops.softplus, ops.hard_sigmoid]


@pytest.mark.parametrize("function", RISING)
def test_rising_functions_come_behind_the_pool(function):
    x, w = Tensor((2, 8, 9, 3)), variable(3, 3, 3, 4)
    y = ops.max_pool(function(ops.conv(x, w, bias=variable(4))), 2)
    graph = Graph([x], [y, *differentiate(ops.sum(ops.square(y)), [w.tensor])])
    moved = fuse_forward(Graph([x], [y]))
    assert names(moved)[0] == "conv2d_max_pool"
    assert len(moved.nodes) == 2
    (y,) = moved.outputs
    gradients = differentiate(ops.sum(ops.square(y)), [w.tensor])
    check_same_results(graph, Graph(moved.inputs, [y, *gradients]), [2 * RNG.normal(size=x.shape)])


@pytest.mark.parametrize("function", [ops.gelu, ops.silu, ops.mish, ops.square, ops.abs, ops.negative])
def test_functions_that_fall_somewhere_stay_before_the_pool(function):
    graph = Graph([x := Tensor((2, 8, 8, 3))], [ops.max_pool(function(x), 2)])
    assert names(pool_before_activation(graph))[-1] == "max_pool2d"


def test_parameters_say_whether_a_function_rises():
    x = Tensor((2, 8, 8, 3))
    for function in (lambda x: ops.leaky_relu(x, -0.1), lambda x: ops.elu(x, -1.0)):
        assert names(pool_before_activation(Graph([x], [ops.max_pool(function(x), 2)])))[-1] == "max_pool2d"


def test_functions_come_behind_pools_in_one_dimension_and_global_ones():
    x = Tensor((2, 9, 3))
    for pooled in (ops.max_pool(ops.tanh(x), 2), ops.max(ops.tanh(ops.reshape(x, (-1, 3, 9))), axis=1)):
        graph = Graph([x], [pooled])
        moved = pool_before_activation(graph)
        assert names(moved).index("tanh") > min(
            names(moved).index(op) for op in ("max_pool2d", "max") if op in names(moved)
        )
        check_same_results(graph, moved, [RNG.normal(size=x.shape)])


@pytest.mark.parametrize(("size", "strides"), [((4, 5), 1), ((1, 1), 1), ((4, 5), 3)])
def test_a_convolution_that_sees_the_whole_map_is_a_product(size, strides):
    x, w, bias = Tensor((3, *size, 6)), variable(*size, 6, 7), variable(7)
    y = ops.relu(ops.conv(x, w, strides=strides, bias=bias))
    graph = Graph([x], [y, *differentiate(ops.sum(ops.square(y)), [x, w.tensor, bias.tensor])])
    product = fuse_forward(Graph([x], [y]))
    assert names(product) == ["reshape", "reshape", "matmul", "reshape"]
    (y,), (x,) = product.outputs, product.inputs
    gradients = differentiate(ops.sum(ops.square(y)), [x, w.tensor, bias.tensor])
    check_same_results(graph, Graph([x], [y, *gradients]), [RNG.normal(size=x.shape)])


@pytest.mark.parametrize(("padding", "groups"), [("same", 1), ("valid", 2)])
def test_other_convolutions_of_small_maps_stay(padding, groups):
    x, w = Tensor((3, 2, 2, 4)), variable(2, 2, 4 // groups, 6)
    assert names(convolution_as_product(Graph([x], [ops.conv(x, w, padding=padding)]))) == ["conv2d"]


def test_what_others_read_stays_before_the_pool():
    x = Tensor((2, 8, 8, 3))
    y = ops.tanh(x)
    assert names(pool_before_activation(Graph([x], [ops.max_pool(y, 2), y]))) == ["tanh", "max_pool2d"]


def test_strided_convolutions_keep_their_pool_apart():
    x = Tensor((2, 9, 9, 3))
    graph = Graph([x], [ops.max_pool(ops.conv(x, variable(3, 3, 3, 4), strides=2), 2)])
    assert names(fuse_conv_pool(graph)) == ["conv2d", "max_pool2d"]


@pytest.mark.parametrize("sparse", [True, False])
def test_softmax_and_loss_become_one_op_that_also_feeds_the_metric(sparse):
    logits = Tensor((4, 5))
    target = Tensor((4,), "int32") if sparse else Tensor((4, 5))
    probabilities = ops.softmax(logits)
    loss = emit("cross_entropy", target, probabilities, sparse=sparse)
    graph = Graph([logits, target], [loss, emit("accuracy", target, probabilities, sparse=sparse)])
    fused = fuse_softmax_loss(graph)
    assert names(fused) == ["softmax_cross_entropy", "accuracy"]
    labels = np.array([0, 4, 2, 2], "int32")
    check_same_results(graph, fused, [RNG.normal(size=(4, 5)), labels if sparse else np.eye(5)[labels]])


def test_dense_gradient_goes_into_the_update():
    x, target = Tensor((8, 200)), Tensor((8, 100))
    weights = variable(200, 100)
    state = [Variable(np.zeros((200, 100), "float32"), name, trainable=False) for name in "mv"]
    rate, step = Variable(np.full(1, 0.1, "float32"), "rate"), Variable(np.zeros(1, "int64"), "step")
    error = ops.subtract(ops.matmul(x, weights), target)
    loss = ops.sum(ops.square(error), axis=(0, 1))
    (gradient,) = differentiate(loss, [weights.tensor])
    options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    operands = [variable.tensor for variable in (*state, rate, step)]
    update = emit("adam_update", weights.tensor, gradient, *operands, **options)
    graph = Graph([x, target], [loss, *update])
    fused = fuse_updates(graph)
    assert "matmul_adam_update" in names(fused)
    assert "adam_update" not in names(fused)
    check_same_results(graph, fused, [RNG.normal(size=(8, 200)), RNG.normal(size=(8, 100))])


def test_gradient_of_a_convolution_that_is_a_product_goes_into_the_update():
    x, weights, slot = Tensor((8, 4, 4, 20)), variable(4, 4, 20, 60), variable(4, 4, 20, 60)
    rate, step = Variable(np.full(1, 0.1, "float32"), "rate"), Variable(np.zeros(1, "int64"), "step")
    forward = fuse_forward(Graph([x], [ops.conv(x, weights)]))
    (gradient,) = differentiate(ops.sum(ops.square(forward.outputs[0])), [weights.tensor])
    operands = [variable.tensor for variable in (slot, rate, step)]
    graph = Graph([x], emit("momentum_update", weights.tensor, gradient, *operands, momentum=0.9))
    fused = fuse_updates(graph)
    assert "matmul_momentum_update" in names(fused)
    feed, start, results = RNG.normal(size=x.shape), [weights.value.copy(), slot.value.copy()], []
    for each in (graph, fused):
        weights.value[...], slot.value[...] = start
        program = Program(each)
        program.array(x)[...] = feed
        program.run()
        results.append([weights.value.copy(), slot.value.copy()])
    for before, after, first in zip(*results, start, strict=True):
        assert (after != first).any()
        np.testing.assert_allclose(before, after, rtol=1e-5, atol=1e-3)


def test_each_random_state_is_advanced_once_and_last():
    x = Tensor((4, 6))
    state = Variable(np.array([7, 0]), "state", trainable=False)
    y = ops.dropout(ops.dropout(x, state, 0.5), state, 0.5)
    graph = advance_seeds(Graph([x], [y]))
    assert names(graph) == ["dropout", "dropout", "increment"]
    _, updated = run_graph(graph, {x: np.ones((4, 6))})
    assert updated[state].tolist() == [7, 1]


def test_binding_the_batch_makes_all_shapes_static():
    x = Tensor((None, 8, 8, 3))
    y = ops.reshape(ops.max_pool(ops.conv(x, variable(3, 3, 3, 4)), 2), (-1, 36))
    graph = bind_batch(Graph([x], [y]), 5)
    assert graph.inputs[0].shape == (5, 8, 8, 3)
    assert graph.outputs[0].shape == (5, 36)


def test_a_product_of_variables_stays_before_their_updates():
    x = Tensor((8, 128))
    a, b = variable(128, 128), variable(128, 128)
    rate = Variable(np.full(1, 0.01, "float32"), "rate")
    loss = ops.mean(ops.square(ops.matmul(x, ops.matmul(a.tensor, b.tensor))), axis=(0, 1))
    gradients = differentiate(loss, [a.tensor, b.tensor])
    step = Variable(np.zeros(1, "int64"), "step")
    updates = [
        emit("sgd_update", v.tensor, g, rate.tensor, step.tensor) for v, g in zip((a, b), gradients, strict=True)
    ]
    graph = Graph([x], [loss, *updates])
    assert "matmul_sgd_update" not in names(fuse_updates(graph))


def test_fused_nodes_come_from_all_that_they_replace():
    x, w, b = Tensor((2, 6, 6, 1)), Tensor((3, 3, 1, 4)), Tensor((4,))
    with made_by("conv"):
        y = ops.relu(ops.add_bias(ops.conv(x, w), b))
    with made_by("pool"):
        y = ops.max_pool(y, 2)
    (node,) = fuse_forward(Graph([x, w, b], [y])).nodes
    assert node.origin == ("conv", "pool")


def test_channels_in_front_meet_without_moving():
    x = Tensor((2, 3, 8, 7))
    maps = ops.relu(ops.conv(x, variable(3, 3, 3, 4), bias=variable(4), data_format="channels_first"))
    y = ops.conv(
        ops.max_pool(maps, 2, data_format="channels_first"), variable(2, 2, 4, 5), data_format="channels_first"
    )
    graph = Graph([x], [y])
    fused = fuse_forward(graph)
    assert names(fused) == ["transpose", "conv2d_max_pool", "conv2d", "transpose"]
    check_same_results(graph, fused, [RNG.normal(size=(2, 3, 8, 7))])


def test_relu_goes_into_a_convolution_of_one_dimension():
    x = Tensor((2, 8, 3))
    graph = Graph([x], [ops.relu(ops.conv(x, variable(3, 3, 4), bias=variable(4)))])
    fused = fuse_forward(graph)
    assert names(fused) == ["reshape", "reshape", "conv2d", "reshape"]
    check_same_results(graph, fused, [RNG.normal(size=(2, 8, 3))])


def test_axes_exchanged_twice_are_exchanged_once():
    x = Tensor((2, 3, 4))
    graph = Graph([x], [ops.tanh(ops.transpose(ops.exp(ops.transpose(ops.square(x), (1, 2, 0))), (1, 2, 0)))])
    fused = fuse_forward(graph)
    assert names(fused) == ["square", "exp", "tanh", "transpose"]
    check_same_results(graph, fused, [RNG.normal(size=(2, 3, 4))])
