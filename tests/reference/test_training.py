"""A whole model trained by the plan and by NumPy: the same seeds, data and steps give the same losses and weights.

Stated tolerance after 6 steps in float32: 1e-4 of the losses, 1e-3 of the largest weight of each variable (Adam divides
by the root of a mean of squares, which makes much of the rounding of small gradients).
"""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable, emit
from fastcnn.passes import advance_seeds, bind_batch, differentiate, fuse_forward, fuse_updates
from fastcnn.plan.program import Program
from fastcnn.reference import run_graph

BATCH, STEPS = 8, 6
WIDE = 600  # the dense weights are large enough for the fusion of their update


def adam(weights, gradient, lr, iteration):
    slots = [Variable(np.zeros_like(weights.value), trainable=False) for _ in range(2)]
    return emit(
        "adam_update",
        weights.tensor,
        gradient,
        *(slot.tensor for slot in slots),
        lr.tensor,
        iteration.tensor,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
    )[0]


def nesterov(weights, gradient, lr, iteration):
    slot = Variable(np.zeros_like(weights.value), trainable=False)
    return emit("nesterov_update", weights.tensor, gradient, slot.tensor, lr.tensor, iteration.tensor, momentum=0.9)[0]


def training_graph(update):
    """conv - pool - conv - average pool - dropout - dense - dense, a loss, its gradients and the updates."""
    rng = np.random.default_rng(11)
    shapes = {"w1": (3, 3, 2, 5), "b1": (5,), "w2": (2, 2, 5, 6), "b3": (WIDE,), "w4": (WIDE, 4)}
    weights = {name: Variable(rng.normal(0, 0.2, shape).astype("float32"), name) for name, shape in shapes.items()}
    weights["w3"] = Variable(rng.normal(0, 0.2, (54, WIDE)).astype("float32"), "w3")
    images, labels = Tensor((None, 12, 12, 2)), Tensor((None,), "int32")
    state = Variable(np.array([99, 0], "int64"), trainable=False)

    x = ops.max_pool(ops.relu(ops.conv(images, weights["w1"], bias=weights["b1"])), 2)
    x = ops.tanh(ops.conv(x, weights["w2"], strides=1, padding="same"))
    x = ops.reshape(ops.average_pool(x, 3, strides=1), (-1, 54))
    x = ops.dropout(x, state, 0.2)
    x = ops.relu(ops.add_bias(ops.matmul(x, weights["w3"]), weights["b3"]))
    losses = ops.sparse_categorical_crossentropy(labels, ops.softmax(ops.matmul(x, weights["w4"])))

    forward = bind_batch(fuse_forward(Graph([images, labels], [losses])), BATCH)
    loss = ops.mean(forward.outputs[0])
    gradients = differentiate(loss, [variable.tensor for variable in weights.values()])
    lr, iteration = Variable(np.array([0.01], "float32")), Variable(np.array([0], "int64"))
    updates = [
        update(variable, gradient, lr, iteration)
        for variable, gradient in zip(weights.values(), gradients, strict=True)
    ]
    counted = emit("increment", iteration.tensor)
    graph = Graph(forward.inputs, [loss, *updates, counted])
    return advance_seeds(fuse_updates(graph)), list(weights.values())


def batches():
    rng = np.random.default_rng(12)
    for _ in range(STEPS):
        yield rng.normal(size=(BATCH, 12, 12, 2)).astype("float32"), rng.integers(0, 4, BATCH).astype("int32")


@pytest.mark.parametrize("update", [adam, nesterov])
def test_plan_and_reference_train_alike(update, isa):
    planned, planned_weights = training_graph(update)
    plain, plain_weights = training_graph(update)
    names = {node.op.name for node in planned.nodes}
    assert {"conv2d_max_pool", "softmax_cross_entropy", f"matmul_{update.__name__}_update", "dropout"} <= names

    program = Program(planned)
    for batch in batches():
        for tensor, value in zip(planned.inputs, batch, strict=True):
            program.array(tensor)[...] = value
        program.run()
        outputs, changes = run_graph(plain, dict(zip(plain.inputs, batch, strict=True)))
        for variable, value in changes.items():
            variable.assign(value)
        np.testing.assert_allclose(program.array(planned.outputs[0]), outputs[0], rtol=1e-4)
    for one, other in zip(planned_weights, plain_weights, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=0, atol=1e-3 * np.abs(other.value).max())
