"""Metrics: values over several batches, weights, names, and the same numbers eagerly and in a graph."""

import numpy as np
import pytest

from fastcnn import metrics, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.reference import run_graph

RNG = np.random.default_rng(1)
OUTPUT = RNG.random((9, 4)).astype("float32")
CLASSES = RNG.integers(0, 4, 9)
ONE_HOT = np.eye(4, dtype="float32")[CLASSES]
YES_NO = RNG.integers(0, 2, (9, 4)).astype("float32")
RIGHT = OUTPUT.argmax(axis=1) == CLASSES
NORMED = OUTPUT / OUTPUT.sum(axis=1, keepdims=True)

CASES = [
    (metrics.SparseCategoricalAccuracy, CLASSES, OUTPUT, RIGHT),
    (metrics.SparseCategoricalAccuracy, CLASSES[:, None], OUTPUT, RIGHT),
    (metrics.CategoricalAccuracy, ONE_HOT, OUTPUT, RIGHT),
    (metrics.BinaryAccuracy, YES_NO, OUTPUT, ((OUTPUT > 0.5) == YES_NO).mean(axis=-1)),
    (metrics.Accuracy, YES_NO, np.round(OUTPUT), np.round(OUTPUT) == YES_NO),
    (metrics.MeanSquaredError, YES_NO, OUTPUT, ((YES_NO - OUTPUT) ** 2).mean(axis=-1)),
    (metrics.MeanAbsoluteError, YES_NO, OUTPUT, np.abs(YES_NO - OUTPUT).mean(axis=-1)),
    (metrics.SparseCategoricalCrossentropy, CLASSES, NORMED, -np.log(NORMED[range(9), CLASSES])),
    (metrics.CategoricalCrossentropy, ONE_HOT, NORMED, -np.log(NORMED[range(9), CLASSES])),
    (
        metrics.BinaryCrossentropy,
        YES_NO,
        OUTPUT,
        -(YES_NO * np.log(OUTPUT) + (1 - YES_NO) * np.log(1 - OUTPUT)).mean(axis=-1),
    ),
]


@pytest.mark.parametrize(("kind", "y_true", "y_pred", "expected"), CASES)
def test_batches(kind, y_true, y_pred, expected):
    metric = kind()
    metric.update_state(y_true[:2], y_pred[:2])
    metric.update_state(y_true[2:].tolist(), y_pred[2:].tolist())
    assert metric.result() == pytest.approx(expected.mean(), rel=1e-5)
    metric.reset_state()
    assert metric.result() == 0
    assert metric(y_true[:3], y_pred[:3]) == pytest.approx(expected[:3].mean(), rel=1e-5)


@pytest.mark.parametrize(("kind", "y_true", "y_pred", "expected"), CASES)
def test_sample_weight(kind, y_true, y_pred, expected):
    weight = np.arange(9.0)
    per_sample = expected.reshape(9, -1).mean(axis=1)
    assert kind()(y_true, y_pred, sample_weight=weight) == pytest.approx(per_sample @ weight / 36, rel=1e-5)


@pytest.mark.parametrize(("kind", "y_true", "y_pred", "expected"), CASES)
def test_symbolic(kind, y_true, y_pred, expected):
    metric = kind()
    target = Tensor(y_true.shape, "int32" if metric.labels == "sparse" else "float32")
    output = Tensor(y_pred.shape)
    graph = Graph([target, output], [metric.values(target, output)])
    (values,), _ = run_graph(graph, {target: y_true.astype(target.dtype), output: y_pred})
    np.testing.assert_allclose(values, expected, rtol=1e-5)


@pytest.mark.parametrize(("kind", "y_true", "y_pred", "expected"), CASES)
def test_config(kind, y_true, y_pred, expected):
    metric = kind(name="shown")
    again = kind.from_config(metric.get_config())
    assert again.name == "shown"
    assert again(y_true, y_pred) == metric(y_true, y_pred)


def test_mean():
    mean = metrics.Mean()
    assert mean.result() == 0
    mean.update_state(1)
    mean.update_state([[2, 3], [4, 6]])
    assert mean.result() == pytest.approx((1 + 2.5 + 5) / 3)
    mean.update_state([[2, 3], [4, 6]], sample_weight=[[1, 0], [3, 1]])
    assert mean.result() == pytest.approx((1 + 2.5 + 5 + 1 + 9) / (3 + 0.5 + 2))
    mean.reset_state()
    mean.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
    assert mean.result() == 2


def test_binary_threshold_and_ranks():
    assert metrics.BinaryAccuracy(threshold=0.7)([1, 1, 0], [[0.6], [0.8], [0.6]]) == pytest.approx(2 / 3)
    assert metrics.BinaryAccuracy()([1, 0], [0.6, 0.8]) == 0.5
    assert metrics.BinaryAccuracy()(np.ones((2, 3, 4)), np.ones((2, 3, 4))) == 1


def test_ranks_above_two():
    output = RNG.random((2, 3, 4)).astype("float32")
    expected = output.argmax(axis=-1)
    assert metrics.sparse_categorical_accuracy(expected, output).shape == (2, 3)
    assert metrics.SparseCategoricalAccuracy()(expected, output) == 1
    assert metrics.CategoricalAccuracy()(np.eye(4)[expected], output) == 1


def test_get():
    metric = metrics.Mean("mine")
    assert metrics.get(metric) is metric
    assert metrics.get("mae").name == "mae"
    assert isinstance(metrics.get("MeanAbsoluteError"), metrics.MeanAbsoluteError)
    assert isinstance(metrics.get(metrics.categorical_accuracy), metrics.CategoricalAccuracy)
    assert isinstance(metrics.get(metrics.BinaryAccuracy), metrics.BinaryAccuracy)

    def largest_error(y_true, y_pred):
        return ops.abs(ops.subtract(y_true, y_pred))

    own = metrics.get(largest_error)
    assert own.name == "largest_error"
    assert own([1, 2], [2, 5]) == 2


def test_unknown():
    with pytest.raises(ValueError, match="unknown metric 'acuracy'; did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(ValueError, match="metrics must be names"):
        metrics.get(3)
