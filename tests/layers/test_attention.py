"""Attention, dense layers by equations and spectral normalisation in models: training, saving, errors."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers

X = np.random.default_rng(2).normal(size=(6, 5, 4)).astype("float32")


def attending(kind):
    """A model of which an input attends to itself."""
    inputs = fastcnn.Input((5, 4))
    if kind is layers.MultiHeadAttention:
        x = kind(2, 3, dropout=0.1)(inputs, inputs)
    else:
        x = kind(dropout=0.1)([inputs, inputs])
    return fastcnn.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))


@pytest.mark.parametrize("kind", [layers.Attention, layers.AdditiveAttention, layers.MultiHeadAttention])
def test_trains_and_is_saved(kind, tmp_path):
    model = attending(kind)
    model.compile(fastcnn.optimizers.Adam(0.02), "mse")
    y = X[:, :1, 0]
    before = model.evaluate(X, y, verbose=0)
    model.fit(X, y, epochs=20, batch_size=4, verbose=0)
    assert model.evaluate(X, y, verbose=0) < before
    model.save(tmp_path / "model.fastcnn")
    again = fastcnn.models.load_model(tmp_path / "model.fastcnn")
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)


def test_spectral_normalization_in_training():
    """The kernel has the singular value 1 before each update, and what the step computes is of that kernel."""
    layer = layers.SpectralNormalization(layers.Dense(3, kernel_initializer="he_normal"), power_iterations=30)
    model = fastcnn.Sequential([fastcnn.Input((4,)), layer])
    model.compile(fastcnn.optimizers.SGD(0.0), "mse")
    kernel = layer.layer.kernel.numpy()
    normal = kernel / np.linalg.norm(kernel, 2)
    x = X[:, 0]
    loss = model.train_on_batch(x, np.zeros((6, 3)))
    np.testing.assert_allclose(layer.layer.kernel.value, normal, rtol=1e-3, atol=1e-4)
    assert float(loss) == pytest.approx(np.square(x @ normal).mean(), rel=1e-3)
    model.compile(fastcnn.optimizers.SGD(0.1), "mse")
    model.train_on_batch(x, np.zeros((6, 3)))
    slope = x.T @ (x @ normal) * 2 / 18
    np.testing.assert_allclose(layer.layer.kernel.value, normal - 0.1 * slope, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.EinsumDense("ab->a", 3)(np.ones((2, 3))), "Invalid einsum equation"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="b")(np.ones((2, 3))), "must be letters of the output"),
        (lambda: layers.EinsumDense("ab,bc->ad", 3)(np.ones((2, 3))), "'d' of the output"),
        (lambda: layers.EinsumDense("abc,cd->abd", (4, 6))(np.ones((2, 3, 5))), "do not match at shared dimension 'b'"),
        (lambda: layers.SpectralNormalization(layers.Flatten())(np.ones((2, 3))), "no attribute 'kernel'"),
        (lambda: layers.SpectralNormalization(layers.Dense(2), 0), "power_iterations"),
        (lambda: layers.Attention(score_mode="sum"), "received score_mode='sum'"),
        (lambda: layers.Attention()(np.ones((2, 3, 4))), "list of inputs"),
        (lambda: layers.MultiHeadAttention(0, 3), "num_heads"),
        (lambda: layers.Wrapper(3), "with a `Layer` instance"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
