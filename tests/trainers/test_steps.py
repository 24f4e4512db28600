"""Training steps against the NumPy reference on the same graph, and the same bits for any number of threads."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, optimizers
from fastcnn.reference import run_graph
from fastcnn.trainers.compiled import Output
from fastcnn.trainers.graphs import supervised_graph
from fastcnn.trainers.step import Step

STEPS = 12
BATCH = 8


def two_convolutions():
    return [
        fastcnn.Input((12, 12, 2)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(6, 3, padding="same", strides=2),
        layers.Activation("tanh"),
        layers.Flatten(),
        layers.Dense(24, activation="relu"),
        layers.Dropout(0.25),
        layers.Dense(5, activation="softmax"),
    ]


def averages():
    return [
        fastcnn.Input((12, 12, 2)),
        layers.Conv2D(7, (3, 2), activation="sigmoid", use_bias=False),
        layers.AveragePooling2D(2),
        layers.Conv2D(9, 3, activation="relu", padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(5, activation="softmax"),
    ]


def wide_dense():
    return [
        fastcnn.Input((12, 12, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ]


def made(stack, optimizer, loss):
    """A compiled model, and data for some steps."""
    fastcnn.utils.set_random_seed(11)
    model = fastcnn.Sequential(stack())
    model.compile(optimizer(), loss, metrics=["accuracy"])
    rng = np.random.default_rng(2)
    x = rng.normal(size=(STEPS * BATCH, 12, 12, 2)).astype("float32")
    y = rng.integers(0, 5, STEPS * BATCH).astype("int32")
    return model, x, y if loss.startswith("sparse") else np.eye(5, dtype="float32")[y]


@pytest.mark.parametrize("stack", [two_convolutions, averages, wide_dense])
@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [
        (optimizers.Adam, "sparse_categorical_crossentropy"),
        (lambda: optimizers.SGD(0.05, momentum=0.9), "categorical_crossentropy"),
        (lambda: optimizers.SGD(0.1), "mse"),
    ],
)
def test_plan_and_reference_train_alike(stack, optimizer, loss):
    model, x, y = made(stack, optimizer, loss)
    twin, _, _ = made(stack, optimizer, loss)
    graphs = []
    for each in (model, twin):
        compiled = each._compiled
        compiled.resolve([Output(None, (5,), y.shape[1:])])
        targets = [((BATCH, *y.shape[1:]), y.dtype.name)]
        graphs.append(supervised_graph(each, compiled, [(BATCH, 12, 12, 2)], 0, targets, [], [None], True))
    step = Step(graphs[0], (), ())
    step.bind([x, y])
    for start in range(0, STEPS * BATCH, BATCH):
        step.run(start)
        batch = x[start : start + BATCH], y[start : start + BATCH]
        feeds = dict(zip(graphs[1].feeds, batch, strict=True))
        _, updated = run_graph(graphs[1].graph, feeds)
        for variable, value in updated.items():
            variable.assign(value)
        for ours, theirs in zip(model.metrics, twin.metrics, strict=True):
            assert ours.result() == pytest.approx(theirs.result(), rel=2e-5, abs=1e-7)
    for ours, theirs in zip(model.variables, twin.variables, strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, rtol=2e-3, atol=2e-4)


@pytest.fixture
def threads():
    """Set the number of threads; put back afterwards."""
    before = fastcnn.get_num_threads()
    yield fastcnn.set_num_threads
    fastcnn.set_num_threads(before)


@pytest.mark.parametrize("stack", [two_convolutions, averages, wide_dense])
def test_any_number_of_threads_gives_the_same_bits(threads, stack):
    results = []
    for count in (1, 2, 5):
        threads(count)
        model, x, y = made(stack, optimizers.Adam, "sparse_categorical_crossentropy")
        history = model.fit(x, y, batch_size=24, epochs=2, verbose=0)
        results.append([*model.get_weights(), model.predict(x, verbose=0), *history.history.values()])
    for others in results[1:]:
        for first, second in zip(results[0], others, strict=True):
            np.testing.assert_array_equal(first, second)
