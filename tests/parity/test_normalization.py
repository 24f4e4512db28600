"""Normalisation layers against Keras's: outputs and gradients in both modes, and ten steps of training."""

import numpy as np
import pytest
from layer_parity import compare_layer

VECTORS, SEQUENCE, IMAGE = (6, 5), (3, 7, 4), (4, 6, 5, 8)
CASES = [
    ("BatchNormalization", {}, IMAGE),
    ("BatchNormalization", {"axis": 1, "momentum": 0.9, "epsilon": 0.01}, IMAGE),
    ("BatchNormalization", {"center": False, "scale": False}, VECTORS),
    ("BatchNormalization", {"beta_regularizer": "l2", "gamma_constraint": "non_neg"}, SEQUENCE),
    ("BatchNormalization", {"renorm": True, "renorm_momentum": 0.8}, IMAGE),
    ("BatchNormalization", {"renorm": True, "center": False, "axis": 1}, IMAGE),
    (
        "BatchNormalization",
        {"renorm": True, "scale": False, "renorm_clipping": {"rmax": 1.1, "rmin": 0.9, "dmax": 0.1}},
        SEQUENCE,
    ),
    ("LayerNormalization", {}, IMAGE),
    ("LayerNormalization", {"axis": [1, -1], "center": False}, SEQUENCE),
    ("LayerNormalization", {"axis": 1, "scale": False, "epsilon": 0.1}, SEQUENCE),
    ("GroupNormalization", {"groups": 4}, IMAGE),
    ("GroupNormalization", {"groups": -1, "axis": 1, "center": False}, SEQUENCE),
    ("GroupNormalization", {"groups": 2, "scale": False}, (3, 4)),
    ("UnitNormalization", {}, IMAGE),
    ("UnitNormalization", {"axis": [1, 2]}, SEQUENCE),
    ("RMSNormalization", {}, IMAGE),
    ("RMSNormalization", {"axis": (1, 2), "epsilon": 0.01}, SEQUENCE),
]
CHECKED = {"layers": {name for name, *_ in CASES}}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("name", "arguments", "shape"), CASES)
def test_layer(keras, name, arguments, shape, training):
    compare_layer(keras, name, arguments, shape, training=training)


def network(package):
    """Batch normalisation behind and before convolutions, after a dense layer, and frozen."""
    layers = package.layers
    frozen = layers.BatchNormalization(trainable=False)
    return package.Sequential(
        [
            package.Input((8, 8, 3)),
            layers.BatchNormalization(momentum=0.8),
            layers.BatchNormalization(momentum=0.7, renorm=True, renorm_momentum=0.9, renorm_clipping={"rmax": 1.5}),
            layers.Conv2D(6, 3, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Conv2D(6, 3, strides=2, use_bias=False),
            frozen,
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(7, activation="relu"),
            layers.BatchNormalization(scale=False),
            layers.LayerNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's own variables
def test_ten_steps_of_training(keras):
    import fastcnn

    numbers = np.random.default_rng(3)
    x = numbers.normal(1, 2, size=(12, 8, 8, 3)).astype("float32")
    y = numbers.integers(0, 3, size=12)
    ours, theirs = network(fastcnn), network(keras)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    for model, package in ((ours, fastcnn), (theirs, keras)):
        model.compile(package.optimizers.SGD(0.05), loss="sparse_categorical_crossentropy")
    for _ in range(10):
        got, expected = ours.train_on_batch(x, y), theirs.train_on_batch(x, y)
        np.testing.assert_allclose(got, float(expected), rtol=2e-3)
    for weight, right in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight.numpy(), right, rtol=2e-3, atol=2e-4, err_msg=weight.name)
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=2e-3)
