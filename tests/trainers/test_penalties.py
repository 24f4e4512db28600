"""Regularizers, constraints and `add_loss` in training: the numbers are those of Keras 3.15 for the same program."""

import numpy as np
import pytest

from fastcnn import Input, Sequential, constraints, layers, ops, optimizers, regularizers
from fastcnn.models import model_from_json

X = np.linspace(-1, 1, 16 * 6 * 6 * 2).reshape(16, 6, 6, 2).astype("float32")
Y = np.arange(16) % 3
LOSSES = [1.95441, 1.52058, 1.41048]
EVALUATED = [1.32399, 0.3125]
WEIGHT_SUMS = [13.0315, 0.2395, 31.9229, 1.2288, 3.6082, 0.4034]


class Act(layers.Layer):
    def call(self, inputs):
        self.add_loss(0.01 * ops.mean(ops.square(inputs)))
        return inputs


def model():
    model = Sequential(
        [
            Input((6, 6, 2)),
            layers.Conv2D(
                4,
                3,
                activation="relu",
                kernel_regularizer="l2",
                kernel_constraint=constraints.MaxNorm(1.0, axis=[0, 1, 2]),
                bias_regularizer=regularizers.L1(0.3),
            ),
            Act(),
            layers.Flatten(),
            layers.Dense(5, activity_regularizer=regularizers.L1L2(0.01, 0.02), kernel_constraint="unit_norm"),
            layers.Dense(
                3,
                activation="softmax",
                kernel_regularizer=regularizers.OrthogonalRegularizer(0.1, mode="columns"),
                kernel_constraint=constraints.MinMaxNorm(0.5, 0.7, rate=0.3),
            ),
        ]
    )
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape).astype("float32") * 0.3 for w in model.get_weights()])
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_training_equals_keras():
    trained = model()
    history = trained.fit(X, Y, batch_size=5, epochs=3, shuffle=False, verbose=0).history
    assert np.allclose(history["loss"], LOSSES, atol=2e-5)
    assert np.allclose(trained.evaluate(X, Y, verbose=0, batch_size=5), EVALUATED, atol=2e-5)
    assert np.allclose([np.abs(w).sum() for w in trained.get_weights()], WEIGHT_SUMS, atol=2e-4)


def test_losses_of_weights_and_of_the_last_call():
    made = model()
    assert len(made.losses) == 3
    made(X)
    assert len(made.losses) == 5
    assert np.allclose(made.losses[0], 0.01 * np.mean(made.layers[0](X) ** 2), rtol=1e-5)


def test_a_penalty_alone_shrinks_weights():
    made = Sequential([Input((4,)), layers.Dense(3, kernel_regularizer=lambda w: ops.sum(ops.abs(w)))])
    made.compile(optimizers.SGD(0.01), "mse")
    before = np.abs(made.get_weights()[0])
    made.fit(np.zeros((8, 4)), np.zeros((8, 3)), verbose=0, batch_size=8)
    assert np.allclose(np.abs(made.get_weights()[0]), np.abs(before - 0.01), atol=1e-6)


def test_configurations_hold_regularizers_and_constraints():
    copy = model_from_json(Sequential(model().layers[:1] + model().layers[2:]).to_json())
    assert copy.layers[0].kernel_regularizer.l2 == pytest.approx(0.01)
    assert copy.layers[0].kernel_constraint.axis == [0, 1, 2]
    assert copy.layers[2].activity_regularizer.l1 == pytest.approx(0.01)
    assert copy.layers[3].kernel_regularizer.mode == "columns"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: regularizers.L2(-1.0), "must be a finite number of at least 0"),
        (lambda: regularizers.L1("a"), "must be a finite number of at least 0"),
        (lambda: regularizers.OrthogonalRegularizer(mode="diagonal"), "'rows' or 'columns'"),
        (lambda: regularizers.OrthogonalRegularizer()(np.ones(3)), "must have rank 2"),
        (lambda: layers.Dense(3, kernel_regularizer="l3"), "unknown regularizer 'l3'"),
        (lambda: layers.Dense(3, kernel_constraint=5), "Could not interpret constraint identifier"),
        (lambda: constraints.deserialize({"class_name": "MaxNorm", "config": {"size": 3}}), "does not fit"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
