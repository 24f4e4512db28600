"""Functions of tensors whose batch is not known yet, which `ops.shape` stands in for."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import bind_batch
from fastcnn.plan import Program

X = np.random.default_rng(0).normal(size=(3, 4, 6)).astype("float32")
TOKEN = np.arange(6, dtype="float32")


def split_heads(x):
    batch, time, width = ops.shape(x)
    return ops.reshape(ops.transpose(ops.reshape(x, (batch, time, 2, 3)), (0, 2, 1, 3)), (batch * 2, time, width // 2))


HEADS = X.reshape(3, 4, 2, 3).transpose(0, 2, 1, 3).reshape(6, 4, 3)
CASES = [
    (split_heads, HEADS),
    (lambda x: ops.reshape(x, (ops.shape(x)[0], -1)), X.reshape(3, 24)),
    (lambda x: ops.zeros((ops.shape(x)[0], 2)), np.zeros((3, 2))),
    (lambda x: ops.ones((2 * ops.shape(x)[0], 2)), np.ones((6, 2))),
    (lambda x: ops.full(ops.shape(x), 7), np.full(X.shape, 7)),
    (lambda x: ops.broadcast_to(TOKEN, (ops.shape(x)[0], 1, 6)), np.broadcast_to(TOKEN, (3, 1, 6))),
    (
        lambda x: ops.concatenate([ops.broadcast_to(TOKEN.reshape(1, 1, 6), (ops.shape(x)[0], 1, 6)), x], axis=1),
        np.concatenate([np.broadcast_to(TOKEN, (3, 1, 6)), X], 1),
    ),
    (lambda x: ops.einsum("btd,bsd->bts", x, x), np.einsum("btd,bsd->bts", X, X)),
    (lambda x: ops.einsum("td,btd->bt", X[0], x), np.einsum("td,btd->bt", X[0], X)),
    (lambda x: ops.einsum("btd,tde->bte", x, X[0, :, :, None]), np.einsum("btd,tde->bte", X, X[0, :, :, None])),
    (lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), X @ X.transpose(0, 2, 1)),
    (lambda x: ops.prod(x, axis=1), X.prod(1)),
    (lambda x: ops.quantile(x, 0.3, axis=(1, 2)), np.quantile(X, 0.3, axis=(1, 2))),
    (lambda x: ops.rearrange(x, "b t (h d) -> (b h) t d", h=2), HEADS),
    (lambda x: ops.take_along_axis(x, np.array([[[1]]]), axis=1), X[:, 1:2]),
    (lambda x: ops.slice_update(x, (0, 1, 0), x[:, :2]), np.concatenate([X[:, :1], X[:, :2], X[:, 3:]], 1)),
    (lambda x: ops.cumprod(x, axis=2), X.cumprod(2)),
    (lambda x: ops.diagonal(x, axis1=1, axis2=2), X.diagonal(axis1=1, axis2=2)),
    (lambda x: ops.one_hot(ops.argmax(x, axis=-1), 6), np.eye(6)[X.argmax(-1)]),
]


@pytest.mark.parametrize(("function", "expected"), CASES)
def test_bound_later(function, expected):
    x = Tensor((None, 4, 6))
    output = function(x)
    assert output.shape[0] is None
    graph = bind_batch(Graph([x], [output]), 3)
    program = Program(graph, {graph.inputs[0]: X})
    program.run()
    np.testing.assert_allclose(program.array(graph.outputs[0]), expected, rtol=1e-5, atol=1e-6)


class ClassToken(layers.Layer):
    """As written for Keras: a token before each row of a batch."""

    def build(self, input_shape):
        self.token = self.add_weight(shape=(1, 1, input_shape[-1]), initializer="ones", name="token")

    def call(self, inputs):
        batch = ops.shape(inputs)[0]
        return ops.concatenate([ops.broadcast_to(self.token, (batch, 1, inputs.shape[-1])), inputs], axis=1)


def test_in_a_model():
    inputs = fastcnn.Input((4, 6))
    model = fastcnn.Model(inputs, layers.Dense(1)(layers.Flatten()(ClassToken()(inputs))))
    model.compile("sgd", "mse")
    model.fit(X, np.ones((3, 1)), batch_size=2, verbose=0)
    assert model.predict(X, verbose=0).shape == (3, 1)
    assert not np.array_equal(model.get_weights()[0], np.ones((1, 1, 6)))


def test_batch_sizes_are_multiplied_by_integers():
    batch = ops.shape(Tensor((None, 3)))[0]
    assert repr(batch) == "<BatchSize>"
    with pytest.raises(TypeError, match="multiplied by positive integers, not by 0"):
        batch * 0
