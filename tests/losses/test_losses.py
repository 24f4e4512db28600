"""Losses: values by formula, reductions, names, and the same numbers eagerly and in a graph."""

import numpy as np
import pytest

from fastcnn import losses, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.reference import run_graph

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(7, 5)).astype("float32")
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
CLASSES = RNG.integers(0, 5, 7)
ONE_HOT = np.eye(5, dtype="float32")[CLASSES]
YES_NO = RNG.integers(0, 2, (7, 5)).astype("float32")
NUMBERS = RNG.normal(size=(7, 5)).astype("float32")


def binary(y, p):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=-1)


CASES = [
    (losses.MeanSquaredError(), NUMBERS, LOGITS, ((NUMBERS - LOGITS) ** 2).mean(axis=-1)),
    (losses.MeanAbsoluteError(), NUMBERS, LOGITS, np.abs(NUMBERS - LOGITS).mean(axis=-1)),
    (losses.SparseCategoricalCrossentropy(), CLASSES, PROBABILITIES, -np.log(PROBABILITIES[range(7), CLASSES])),
    (
        losses.SparseCategoricalCrossentropy(),
        CLASSES[:, None],
        PROBABILITIES,
        -np.log(PROBABILITIES[range(7), CLASSES]),
    ),
    (losses.SparseCategoricalCrossentropy(True), CLASSES, LOGITS, -np.log(PROBABILITIES[range(7), CLASSES])),
    (losses.CategoricalCrossentropy(), ONE_HOT, PROBABILITIES, -np.log(PROBABILITIES[range(7), CLASSES])),
    (losses.CategoricalCrossentropy(True), ONE_HOT, LOGITS, -np.log(PROBABILITIES[range(7), CLASSES])),
    (
        losses.CategoricalCrossentropy(label_smoothing=0.2),
        ONE_HOT,
        PROBABILITIES,
        -((ONE_HOT * 0.8 + 0.04) * np.log(PROBABILITIES)).sum(axis=1),
    ),
    (losses.BinaryCrossentropy(), YES_NO, PROBABILITIES, binary(YES_NO, PROBABILITIES)),
    (losses.BinaryCrossentropy(True), YES_NO, LOGITS, binary(YES_NO, 1 / (1 + np.exp(-LOGITS)))),
    (
        losses.BinaryCrossentropy(label_smoothing=0.2),
        YES_NO,
        PROBABILITIES,
        binary(YES_NO * 0.8 + 0.1, PROBABILITIES),
    ),
]


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "expected"), CASES)
def test_values(loss, y_true, y_pred, expected):
    np.testing.assert_allclose(loss.call(y_true, y_pred), expected, rtol=2e-5)
    np.testing.assert_allclose(loss(y_true.tolist(), y_pred.tolist()), expected.mean(), rtol=2e-5)


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "expected"), CASES)
def test_symbolic(loss, y_true, y_pred, expected):
    target = Tensor(y_true.shape, "int32" if loss.labels == "sparse" else "float32")
    output = Tensor(y_pred.shape)
    graph = Graph([target, output], [loss(target, output)])
    (value,), _ = run_graph(graph, {target: y_true.astype(target.dtype), output: y_pred})
    assert value.shape == ()
    np.testing.assert_allclose(value, expected.mean(), rtol=2e-5)


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "expected"), CASES)
def test_config(loss, y_true, y_pred, expected):
    again = type(loss).from_config(loss.get_config())
    np.testing.assert_array_equal(again(y_true, y_pred), loss(y_true, y_pred))


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [("sum_over_batch_size", 2.5), ("mean", 2.5), ("sum", 5), (None, [1, 4]), ("none", [1, 4])],
)
def test_reductions(reduction, expected):
    loss = losses.MeanSquaredError(reduction=reduction)
    np.testing.assert_array_equal(loss([[1], [2]], [[0], [0]]), expected)
    np.testing.assert_array_equal(loss([1, 2], [[0], [0]]), expected)


def test_sample_weight():
    assert losses.MeanSquaredError()([[1], [2]], [[0], [0]], sample_weight=[2, 0.5]) == 2


def test_extreme_probabilities_are_clipped():
    loss = losses.SparseCategoricalCrossentropy()
    np.testing.assert_allclose(loss([0], [[0.0, 1.0]]), -np.log(1e-7), rtol=1e-5)


@pytest.mark.parametrize("name", ["mse", "MSE", "mean_squared_error", "MeanSquaredError"])
def test_names(name):
    assert isinstance(losses.get(name), losses.MeanSquaredError)


def test_get():
    loss = losses.MeanAbsoluteError()
    assert losses.get(loss) is loss
    assert losses.get(None) is None
    assert isinstance(losses.get(losses.mean_absolute_error), losses.MeanAbsoluteError)
    assert isinstance(losses.get(losses.MeanAbsoluteError), losses.MeanAbsoluteError)
    own = losses.get(lambda y_true, y_pred: ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1))
    assert own([[1, 2]], [[3, 3]]) == 1.5


def test_unknown_names():
    with pytest.raises(ValueError, match="unknown loss 'sparse_categorical_crossentrop'; did you mean 'sparse_cat"):
        losses.get("sparse_categorical_crossentrop")
    with pytest.raises(ValueError, match="unknown reduction 'summ'; did you mean 'sum'"):
        losses.MeanSquaredError(reduction="summ")
    with pytest.raises(ValueError, match="loss must be a name, a Loss or a function"):
        losses.get(["mse"])


def test_bad_smoothing():
    with pytest.raises(
        ValueError, match=r"label_smoothing must be a number from 0 to 1, received label_smoothing=1\.5"
    ):
        losses.CategoricalCrossentropy(label_smoothing=1.5)
