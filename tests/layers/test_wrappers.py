import numpy as np
import pytest

from fastcnn import Input, Sequential, layers, ops, optimizers

IDS = np.random.default_rng(3).integers(0, 20, (32, 6))


def test_embedding_learns():
    model = Sequential([Input((6,)), layers.Embedding(20, 4), layers.Flatten(), layers.Dense(1)])
    model.compile(optimizers.Adam(0.05), "mse")
    losses = model.fit(IDS, IDS.mean(axis=1) / 10, epochs=10, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    table = model.layers[0].get_weights()[0]
    assert np.array_equal(model.layers[0](IDS), table[IDS])


def test_embedding_with_given_weights():
    table = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(layers.Embedding(3, 2, weights=[table])([2, 0]), table[[2, 0]])
    with pytest.raises(ValueError, match="takes numbers from 0 to 2, received 0 to 3"):
        layers.Embedding(3, 2)([0, 3])


def test_lambda():
    double = layers.Lambda(lambda x, factor: x * factor, arguments={"factor": 2.0})
    assert np.array_equal(double(np.ones((2, 3))), np.full((2, 3), 2.0))
    assert double.compute_output_shape((None, 3)) == (None, 3)
    noisy = layers.Lambda(lambda x, training: x + 1.0 if training else x, output_shape=(3,))
    assert np.array_equal(noisy(np.zeros((1, 3)), training=True), np.ones((1, 3)))
    assert noisy.compute_output_shape((5, 7)) == (5, 3)
    model = Sequential([Input((3,)), layers.Lambda(ops.square)])
    with pytest.raises(ValueError, match="may not hold code"):
        model.get_config()


def test_time_distributed_shares_weights():
    layer = layers.TimeDistributed(layers.Dense(2))
    x = np.random.default_rng(1).normal(size=(4, 5, 3)).astype("float32")
    y = layer(x)
    assert len(layer.weights) == 2
    assert np.allclose(y[:, 3], layer.layer(x[:, 3]), atol=1e-6)
    with pytest.raises(ValueError, match="at least 3 dimensions"):
        layers.TimeDistributed(layers.Dense(2))(x[:, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Permute((0, 1)), "consecutive and start from 1"),
        (lambda: layers.RepeatVector(0), "received n=0"),
        (lambda: layers.UpSampling2D((2, 0)), "positive integer or a tuple of 2"),
        (lambda: layers.UpSampling2D(interpolation="cubic"), "Received: interpolation='cubic'"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), "have 2 elements"),
        (lambda: layers.Cropping1D(-1), "non-negative integer"),
        (lambda: layers.Cropping2D(3)(np.ones((1, 6, 9, 1))), "smaller than the corresponding spatial dimension"),
        (lambda: layers.Lambda(3), "must be a function"),
        (lambda: layers.TimeDistributed(3), "with a `Layer` instance"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
