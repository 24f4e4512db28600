"""Training, evaluation and prediction beside the user's arrays take little memory: nothing is copied whole."""

import tracemalloc

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, losses

ROWS, SIZE = 2000, 16


def images(dtype, channels=3):
    rng = np.random.default_rng(0)
    return rng.integers(0, 2, (ROWS, SIZE, SIZE, channels)).astype(dtype)


def peak_of(action):
    """Bytes that an action takes at most beyond those that there were."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


INPUTS = {
    "float32": lambda: images("float32"),
    "uint8": lambda: images("uint8"),
    "float64": lambda: images("float64"),
    "every second row": lambda: np.repeat(images("uint8"), 2, axis=0)[::2],
    "flipped": lambda: images("float32")[:, :, ::-1],
    "cut out": lambda: np.pad(images("uint8"), ((0, 0), (2, 2), (2, 2), (0, 0)))[:, 2:-2, 2:-2],
    "channels moved": lambda: np.ascontiguousarray(images("uint8").transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1),
}


@pytest.mark.parametrize("x", INPUTS.values(), ids=INPUTS)
def test_inputs_are_read_where_they_lie(x):
    x, y = x(), np.arange(ROWS, dtype="uint8") % 10
    assert x.nbytes >= 1.5e6

    def run():
        model = fastcnn.Sequential([layers.MaxPooling2D(8), layers.Flatten(), layers.Dense(10, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, validation_split=0.2, verbose=0)
        model.fit(x, y, class_weight={1: 2.0}, shuffle=False, verbose=0)
        model.evaluate(x, y, verbose=0)
        model.predict(x, verbose=0)
        results.append(model.predict(np.ascontiguousarray(x[:50]), verbose=0) - model.predict(x, verbose=0)[:50])

    results = []
    fastcnn.Sequential([layers.Dense(1)]).predict(np.ones((1, 1)), verbose=0)
    assert peak_of(run) < 0.2 * x.nbytes + 1e6
    assert not results[0].any()


TARGETS = {
    "classes": (lambda: images("uint8", 1), "softmax", losses.SparseCategoricalCrossentropy()),
    "classes of float64": (lambda: images("float64", 1), "softmax", losses.SparseCategoricalCrossentropy()),
    "an ignored class": (
        lambda: np.where(images("uint8", 1), 1, 255).astype("uint8"),
        "softmax",
        losses.SparseCategoricalCrossentropy(ignore_class=255),
    ),
    "one hot": (lambda: np.eye(2)[images("int8", 1)[..., 0]], "softmax", losses.CategoricalCrossentropy()),
    "noughts and ones": (lambda: images("float32", 2), "sigmoid", losses.BinaryCrossentropy()),
    "values": (lambda: images("float64", 2), None, losses.MeanSquaredError()),
}


@pytest.mark.parametrize(("y", "activation", "loss"), TARGETS.values(), ids=TARGETS)
def test_targets_are_read_where_they_lie(y, activation, loss):
    x, y = images("uint8", 1), y()

    def run():
        model = fastcnn.Sequential([layers.Conv2D(2, 1, activation=activation)])
        model.compile("sgd", loss)
        model.fit(x, y, batch_size=16, verbose=0)

    assert peak_of(run) < 0.1 * (x.nbytes + y.nbytes) + 1e6


def test_rows_that_lie_between_each_other_are_copied_once():
    """Images with the samples last, as files of MATLAB have them, would be fetched a cache line for each element."""
    x = np.asfortranarray(images("float32"))
    model = fastcnn.Sequential([layers.MaxPooling2D(8)])
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(np.ascontiguousarray(x), verbose=0))
