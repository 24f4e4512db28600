"""Tensors that hold many zeros are known by the ops that make them."""

import pytest

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn.graph import Graph, Tensor, emit
from fastcnn.plan import Program
from fastcnn.plan.zeros import has_zeros

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
