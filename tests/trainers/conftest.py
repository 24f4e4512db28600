"""Small models and data for the tests of training."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers


@pytest.fixture
def data():
    """Forty images of three classes, that a network can tell apart."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, 40)
    x = rng.normal(size=(40, 8, 8, 1)) * 0.3
    x[np.arange(40), y * 2, :, 0] += 1
    return x.astype("float32"), y


@pytest.fixture
def make_model():
    """A function that makes a compiled convolutional network; the same weights every time."""

    def make(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=("accuracy",), dropout=0.0):
        fastcnn.utils.set_random_seed(5)
        stack = [
            fastcnn.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(3, activation="softmax"),
        ]
        model = fastcnn.Sequential(stack)
        model.compile(optimizer, loss, metrics=list(metrics))
        return model

    return make
