"""Wrong arguments: each gets an error that names it, what was received and what would do, before any training."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, losses

X = np.zeros((6, 8, 8, 1), "float32")
Y = np.array([0, 1, 2, 0, 1, 2])
ONE_HOT = np.eye(3, dtype="float32")[Y]
SPARSE, DENSE = "sparse_categorical_crossentropy", "categorical_crossentropy"

BAD_DATA = [
    (SPARSE, X[..., 0, 0], Y, r"x has shape \(6, 8\), the model takes \(None, 8, 8, 1\)"),
    (SPARSE, np.zeros((6, 8, 8, 3)), Y, r"the last dimension holds 1 channels, not 3"),
    (SPARSE, np.zeros((6, 9, 8, 1)), Y, r"x has shape \(6, 9, 8, 1\), the model takes \(None, 8, 8, 1\)"),
    (SPARSE, X[0], Y, r"for a single sample pass an array with one row: x\[None\]"),
    (SPARSE, X[:5], Y, r"x and y differ in length: x has 5 rows, y has 6"),
    (SPARSE, X[:0], Y[:0], r"x has no elements: its shape is \(0, 8, 8, 1\)"),
    (SPARSE, None, Y, "x is missing"),
    (SPARSE, X, None, "y is missing: the loss sparse_categorical_crossentropy needs targets"),
    (SPARSE, 3.0, Y, "x must be an array of numbers, received 3.0 of type float"),
    (SPARSE, X, 1, "y must be an array of numbers, received 1 of type int"),
    (SPARSE, np.float32(1), Y, "x must have one row for each sample, received the single number"),
    (SPARSE, X, [0, 1, 2, 0, 1, 3], r"y holds the label 3 in row 5, but the model's output has 3 classes: .* 0 to 2"),
    (SPARSE, X, [0, -1, 2, 0, 1, 2], r"y holds the label -1 in row 1"),
    (SPARSE, X, [0, 1, 2, 0, 1.5, 2], r"y holds 1\.5, but the loss .* takes whole class numbers"),
    (SPARSE, X, [0, 1, np.nan, 0, 1, 2], "y holds NaN, first in row 2"),
    (SPARSE, X, ONE_HOT, "look like one-hot labels, .* use the loss 'categorical_crossentropy', or pass y.argmax"),
    (SPARSE, X, np.zeros((6, 2)), r"y has shape \(6, 2\), .* one class number for each sample: pass shape \(6,\)"),
    (DENSE, X, Y, r"look like class numbers, .* use the loss 'sparse_.*utils.to_categorical\(y, 3\)"),
    (DENSE, X, Y[:, None], "look like class numbers"),
    (DENSE, X, ONE_HOT[:, :2], r"y has shape \(6, 2\), but the model's output has shape \(6, 3\)"),
    (DENSE, X, ONE_HOT * np.nan, "y holds NaN, first in row 0"),
    (DENSE, X, ONE_HOT * 2, r"y holds the label 2\.0 in row 0, but .* takes labels from 0 to 1"),
    ("binary_crossentropy", X, Y, "a 0 or 1 for each number of it; for class numbers use the loss 'sparse_"),
    ("binary_crossentropy", X, ONE_HOT - 1, r"y holds the label -1\.0 in row 0"),
    ("mse", X, np.zeros((6, 4)), r"y has shape \(6, 4\), but the model's output has shape \(6, 3\)"),
    ("mse", X, Y, r"y has shape \(6,\), but the model's output has shape \(6, 3\)"),
    (SPARSE, [[1.0, 2.0], [3.0]], Y, "x must be a rectangular array"),
]


@pytest.mark.parametrize(("loss", "x", "y", "message"), BAD_DATA)
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_bad_data(make_model, method, loss, x, y, message):
    model = make_model(loss=loss, metrics=())
    before = model.get_weights()
    with pytest.raises((ValueError, TypeError), match=message):
        getattr(model, method)(x, y)
    for first, second in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "array", [np.array([["a"] * 64] * 6), np.array([[object()] * 64] * 6), X.astype(complex), X.astype("M8[s]")]
)
def test_no_numbers(make_model, array):
    array = array.reshape(6, 8, 8, 1)
    with pytest.raises(TypeError, match=r"x must hold numbers, received an array of dtype .*; convert it"):
        make_model().fit(array, Y)
    with pytest.raises(TypeError, match="x must hold numbers"):
        make_model().predict(array)
    with pytest.raises(TypeError, match="y must hold numbers"):
        make_model().fit(X, array.ravel()[:6])


def test_validation_data_is_checked_first(make_model):
    model = make_model()
    with pytest.raises(ValueError, match="y_val holds the label 7 in row 0"):
        model.fit(X, Y, validation_data=(X, Y + 7))
    with pytest.raises(ValueError, match="x_val and y_val differ in length: x_val has 6 rows, y_val has 5"):
        model.fit(X, Y, validation_data=(X, Y[:5]))
    with pytest.raises(
        ValueError, match=r"validation_data must be a pair \(x_val, y_val\) or a triple .* received ndarray"
    ):
        model.fit(X, Y, validation_data=X)
    assert int(model.optimizer.iterations) == 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"batch_size": 0}, "batch_size must be an integer of at least 1, received 0"),
        ({"batch_size": -3}, "batch_size must be an integer of at least 1, received -3"),
        ({"batch_size": 2.5}, r"batch_size must be an integer of at least 1, received 2\.5"),
        ({"epochs": 0}, "epochs must be an integer of at least 1, received 0"),
        ({"epochs": "3"}, "epochs must be an integer of at least 1, received '3'"),
        ({"initial_epoch": -1}, "initial_epoch must be an integer of at least 0, received -1"),
        ({"validation_split": 1.0}, r"validation_split must be a number between 0 and 1, received 1\.0"),
        ({"validation_split": -0.1}, r"validation_split must be a number between 0 and 1, received -0\.1"),
        ({"validation_split": 0.95}, "validation_split=0.95 of 6 rows leaves 0 to train on and 6 to validate on"),
        ({"verbose": 3}, "verbose must be 'auto', 0, 1 or 2, received 3"),
        ({"validation_freq": 0}, "validation_freq must be an integer of at least 1, received 0"),
        ({"validation_batch_size": 0, "validation_split": 0.5}, "validation_batch_size must be an integer"),
    ],
)
def test_bad_numbers(make_model, option, message):
    model = make_model()
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y, **option)
    assert int(model.optimizer.iterations) == 0


def test_before_compile():
    model = fastcnn.Sequential([fastcnn.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3)])
    for method in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        with pytest.raises(
            ValueError, match=rf"{method} needs a compiled model: call compile\(optimizer, loss\) first"
        ):
            getattr(model, method)(X, Y)
    model.compile("sgd")
    with pytest.raises(ValueError, match="fit needs a loss"):
        model.fit(X, Y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("adm", "mse"), "unknown optimizer 'adm'; did you mean 'adam'"),
        (("adam", "mean_square_error"), "unknown loss 'mean_square_error'; did you mean 'mean_squared_error'"),
        (("adam", "mse", None, ["acuracy"]), "unknown metric 'acuracy'; did you mean 'accuracy'"),
        (("adam", losses.MeanSquaredError(reduction=None)), "has reduction=None, but training needs a single number"),
        (("adam", "mse", None, "accuracy"), r"metrics must be a list, such as \['accuracy'\], received 'accuracy'"),
        ((3, "mse"), "optimizer must be a name or an Optimizer, not 3"),
        (("adam", [3]), "loss must be a name, a Loss or a function"),
        (("adam", "mse", ["accuracy"]), r"received \['accuracy'\]; metrics are passed as metrics=\['accuracy'\]"),
        (("adam", "mse", "2"), "loss_weights must be a number, a list or a dictionary, received '2'"),
        (("adam", "mse", None, None, "mse"), r"weighted_metrics must be a list, such as \['accuracy'\]"),
    ],
)
def test_bad_compile(make_model, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_model().compile(*arguments)


def test_metric_for_other_labels(make_model):
    model = make_model(metrics=["categorical_accuracy"])
    message = (
        "categorical_accuracy takes one-hot labels, but the loss .* takes class numbers; use the metric 'accuracy'"
    )
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)


@pytest.mark.parametrize("method", ["fit", "predict"])
def test_shapes_beyond_memory(method):
    model = fastcnn.Sequential([layers.Flatten(), layers.Dense(2**38)])
    model.compile("sgd", "mse")
    with pytest.raises(MemoryError, match="more than this machine's memory"):
        getattr(model, method)(*([X, Y] if method == "fit" else [X]))


def test_activations_beyond_memory():
    model = fastcnn.Sequential([fastcnn.Input((1,)), layers.Dense(2**16)])
    model.compile("sgd", lambda y_true, y_pred: fastcnn.ops.mean(y_pred, axis=-1))
    with pytest.raises(MemoryError, match="more than this machine's memory; use a smaller batch"):
        model.predict(np.zeros(2**24, "uint8"), batch_size=2**24, verbose=0)
