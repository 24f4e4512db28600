"""Nodes and their tensors: who holds whom."""

import gc
import weakref

import numpy as np

from fastcnn import ops
from fastcnn.graph import Tensor, Variable, emit
from fastcnn.graph.graph import needed_nodes


def test_a_tensor_knows_its_history():
    x = Tensor((2, 3), name="x")
    y = emit("relu", emit("negative", x))
    assert [node.op.name for node in needed_nodes([y])] == ["negative", "relu"]
    assert y.node.inputs[0].node.inputs == (x,)


def test_outputs_are_the_same_objects_while_somebody_has_them():
    values, indices = emit("top_k", Tensor((2, 5)), k=2)
    node = values.node
    assert node.outputs == (values, indices)
    del indices
    first, second = node.outputs
    assert first is values
    assert (second.shape, second.dtype, second.node) == ((2, 2), "int32", node)
    assert node.outputs[1] is second


def test_a_graph_ends_with_its_outputs():
    gc.disable()
    try:
        variable = Variable(np.ones((2, 3), "float32"))
        memory = weakref.ref(variable.value)
        y = ops.relu(ops.multiply(Tensor((2, 3)), variable))
        del variable
        assert memory() is not None
        del y
        assert memory() is None
    finally:
        gc.enable()


def test_a_graph_may_be_deeper_than_the_stack():
    y = Tensor((1,))
    for _ in range(100_000):
        y = emit("relu", y)
    gone = weakref.ref(y)
    del y
    assert gone() is None
