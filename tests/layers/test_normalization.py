"""Batch normalisation in models: moving averages, frozen layers, weights that change; arguments that are refused."""

import numpy as np
import pytest

from fastcnn import Input, Sequential, layers

X = np.sin(np.arange(6 * 4 * 4 * 2, dtype="float32")).reshape(6, 4, 4, 2) * 3 + 1
Y = np.arange(6) % 3
# What Keras 3.15 has after BatchNormalization()(X * (step + 1), training=True) for ten steps.
MOVING_MEAN = [0.5471486449241638, 0.5530049204826355]
MOVING_VARIANCE = [17.865936279296875, 17.79438018798828]


def network(**arguments):
    model = Sequential(
        [
            Input((4, 4, 2)),
            layers.Conv2D(3, 3, padding="same", kernel_initializer="ones"),
            layers.BatchNormalization(**arguments),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def test_moving_averages_are_those_of_keras():
    model = Sequential([Input((4, 4, 2)), layers.BatchNormalization(), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    for step in range(10):
        model.train_on_batch(X * (step + 1), np.zeros(6))
    np.testing.assert_allclose(model.layers[0].moving_mean.numpy(), MOVING_MEAN, rtol=1e-5)
    np.testing.assert_allclose(model.layers[0].moving_variance.numpy(), MOVING_VARIANCE, rtol=1e-5)


def test_calls_on_arrays_move_the_averages_too():
    layer = layers.BatchNormalization(momentum=0.5)
    layer(X)
    assert layer.moving_mean.numpy().tolist() == [0, 0]
    layer(X, training=True)
    np.testing.assert_allclose(layer.moving_mean.numpy(), X.mean(axis=(0, 1, 2)) / 2, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X.var(axis=(0, 1, 2)) / 2 + 0.5, rtol=1e-5)


def test_a_frozen_layer_normalises_by_its_averages_and_keeps_them():
    model = network(trainable=False, moving_mean_initializer="ones")
    before = [weight.numpy() for weight in model.layers[1].weights]
    expected = model.predict(X, verbose=0)
    kernel = model.layers[0].kernel.numpy()
    loss = model.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(model.train_on_batch(X, Y), loss, rtol=1e-5)
    for weight, old in zip(model.layers[1].weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), old)
    assert not np.array_equal(model.layers[0].kernel.numpy(), kernel)
    assert not np.array_equal(model.predict(X, verbose=0), expected)


def test_prediction_follows_the_weights():
    model = network()
    model.predict(X, verbose=0)
    model.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X), rtol=1e-5, atol=1e-6)
    weights = [weight + 0.25 for weight in model.get_weights()]
    model.set_weights(weights)
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X), rtol=1e-5, atol=1e-6)


def test_rows_of_a_prediction_have_the_same_bits_in_any_batch():
    model = network(beta_initializer="random_normal")
    whole = model.predict(X, verbose=0)
    np.testing.assert_array_equal(model.predict(X, batch_size=1, verbose=0), whole)


def test_weights_come_in_the_order_of_keras():
    names = [weight.name for weight in network().layers[1].weights]
    assert names == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert [w.name for w in network().layers[1].trainable_weights] == ["gamma", "beta"]
    names = [weight.name for weight in network(scale=False).layers[1].weights]
    assert names == ["beta", "moving_mean", "moving_variance"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.BatchNormalization(synchronized=True), "synchronized=True is not supported"),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"max": 1}), "Received invalid keys"),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1, "rmin": 2}), "greater than rmin"),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"dmax": -1}), "non-negative"),
        (lambda: layers.BatchNormalization(axis=1.5), "axis must be an integer"),
        (lambda: layers.BatchNormalization(axis=4)(X), "Axis 4 is out of bounds"),
        (lambda: layers.BatchNormalization()(X, mask=X), "one dimension less"),
        (lambda: layers.GroupNormalization(groups=0), "Received: groups=0"),
        (lambda: layers.GroupNormalization(groups=3)(X), r"Number of groups \(3\) must divide"),
        (lambda: layers.LayerNormalization(axis=3.5), "Expected an int or a list/tuple of different ints"),
        (lambda: layers.LayerNormalization(rms_scaling=True), "use RMSNormalization"),
        (lambda: layers.LayerNormalization(axis=5)(X), "Axis 5 is out of bounds"),
        (lambda: layers.UnitNormalization(axis=None), "Expected an int"),
    ],
)
def test_errors_name_the_argument(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
