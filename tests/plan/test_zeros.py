"""Tensors that hold many zeros are known by the ops that make them."""

import pytest

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn.graph import Graph, Tensor, emit
from fastcnn.plan import Program
from fastcnn.plan.zeros import has_zeros, is_nearly_empty

PLAIN = {"transpose_a": False, "transpose_b": False}


def dense(x, activation):
    return emit("matmul", x, Tensor((8, 4)), activation=activation, **PLAIN)


@pytest.fixture
def x():
    return Tensor((2, 8))


def test_outputs_of_relu_and_their_views(x):
    assert has_zeros(emit("relu", x))
    assert has_zeros(emit("relu_gradient", x, x))
    assert has_zeros(dense(x, "relu"))
    assert has_zeros(emit("reshape", dense(x, "relu"), shape=(4, 2)))


def test_dropout_by_its_rate_and_by_what_it_reads(x):
    seed = Tensor((2,), "int64")
    assert has_zeros(emit("dropout", x, seed, rate=0.5, salt=0))
    assert not has_zeros(emit("dropout", x, seed, rate=0.1, salt=0))
    assert has_zeros(emit("dropout", emit("relu", x), seed, rate=0.1, salt=0))


def test_others_are_taken_as_full(x):
    assert not has_zeros(x)
    assert not has_zeros(dense(x, None))
    assert not has_zeros(emit("tanh", x))


def test_products_with_them_are_sparse():
    x, w, full = Tensor((4, 800)), Tensor((800, 128)), Tensor((4, 800))
    products = [emit("matmul", a, w, activation=None, **PLAIN) for a in (emit("relu", x), full)]
    program = Program(Graph([x, w, full], products))
    names = [type(call).__name__ for call in program.plan.calls]
    assert names.count("SparseMatmul") == names.count("Matmul") == 1


CONVOLUTION = {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def gradient_of_maximum(size, **options):
    """The gradient behind conv2d, ReLU and a global maximum over maps of `size` x 1, with the maps."""
    x, w = Tensor((2, size, 1, 64)), Tensor((1, 1, 64, 16))
    maps = emit("conv2d", x, w, activation="relu", **CONVOLUTION, **options)
    largest = emit("max", maps, axis=(1, 2), keepdims=False)
    dy = emit("max_gradient", maps, largest, Tensor((2, 16)), axis=(1, 2))
    return x, w, emit("relu_gradient", dy, maps)


def test_a_global_maximum_leaves_few(x):
    assert is_nearly_empty(gradient_of_maximum(40)[2])
    assert not is_nearly_empty(gradient_of_maximum(30)[2])
    assert not is_nearly_empty(emit("relu_gradient", x, x))
    assert not is_nearly_empty(x)


def test_gradients_of_convolutions_behind_it_are_sparse():
    x, w, dy = gradient_of_maximum(40)
    gradients = [
        emit("conv2d_weight_gradient", x, dy, kernel_size=(1, 1), **CONVOLUTION),
        emit("conv2d_input_gradient", w, dy, input_size=(40, 1), **CONVOLUTION),
    ]
    maximum = dy.node.inputs[0].node.inputs
    program = Program(Graph([x, w, maximum[2]], gradients))
    names = {type(call).__name__ for call in program.plan.calls}
    assert {"SparseWeightGradient", "SparseInputGradient"} <= names
