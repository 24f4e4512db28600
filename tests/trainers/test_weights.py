"""Weights of samples, classes, losses; metrics with and without them; several outputs; metrics of the user's own."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, losses, metrics, ops, optimizers

RNG = np.random.default_rng(4)
X = RNG.normal(size=(24, 5)).astype("float32")
Y = RNG.integers(0, 3, 24)
W = RNG.uniform(0, 2, 24)
SPARSE = "sparse_categorical_crossentropy"


def classifier(loss=SPARSE, rate=0.1, **options):
    fastcnn.utils.set_random_seed(2)
    model = fastcnn.Sequential([fastcnn.Input((5,)), layers.Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(rate), loss, **options)
    return model


def two_outputs(**options):
    fastcnn.utils.set_random_seed(2)
    inputs = fastcnn.Input((5,))
    first = layers.Dense(3, activation="softmax", name="kind")(inputs)
    second = layers.Dense(1, name="size")(inputs)
    model = fastcnn.Model(inputs, [first, second])
    model.compile(optimizers.SGD(0.1), **options)
    return model


def same_weights(one, other, rtol=1e-5):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)


def test_evaluate_weighs_the_loss_and_weighted_metrics():
    model = classifier(metrics=["accuracy"], weighted_metrics=["accuracy", metrics.Precision(class_id=1, name="p")])
    with pytest.raises(ValueError, match=r"labels of shape \(24,\) must have the shape of the predictions, \(24, 3\)"):
        model.evaluate(X, Y, sample_weight=W, verbose=0)
    model = classifier(metrics=["accuracy"], weighted_metrics=["accuracy", "sparse_categorical_crossentropy"])
    result = model.evaluate(X, Y, sample_weight=W, batch_size=24, verbose=0, return_dict=True)
    probabilities = model.predict(X, verbose=0)
    right = probabilities.argmax(axis=1) == Y
    values = -np.log(probabilities[range(24), Y])
    assert list(result) == ["accuracy", "loss", "sparse_categorical_crossentropy", "weighted_accuracy"]
    assert result["accuracy"] == pytest.approx(right.mean())
    assert result["weighted_accuracy"] == pytest.approx(right @ W / W.sum())
    assert result["loss"] == pytest.approx((values * W).mean(), rel=1e-5)
    assert result["sparse_categorical_crossentropy"] == pytest.approx(values @ W / W.sum(), rel=1e-5)


def test_rows_of_weight_0_do_not_train():
    weight = (np.arange(24) < 10).astype("uint8")
    weighted = classifier(losses.SparseCategoricalCrossentropy(reduction="sum"))
    weighted.train_on_batch(X, Y, sample_weight=weight)
    alone = classifier(losses.SparseCategoricalCrossentropy(reduction="sum"))
    alone.train_on_batch(X[:10], Y[:10])
    same_weights(weighted, alone)


@pytest.mark.parametrize("one_hot", [False, True])
def test_class_weights_are_sample_weights(one_hot):
    by_class = {0: 0.5, 2: 3.0}
    weight = np.array([0.5, 1, 3])[Y]
    loss, y = ("categorical_crossentropy", np.eye(3)[Y]) if one_hot else (SPARSE, Y)
    models = [classifier(loss) for _ in range(3)]
    models[0].fit(X, y, class_weight=by_class, batch_size=7, shuffle=False, verbose=0)
    models[1].fit(X, y, sample_weight=weight, batch_size=7, shuffle=False, verbose=0)
    batches = ((X[i : i + 7], y[i : i + 7]) for i in range(0, 24, 7))
    models[2].fit(batches, class_weight=by_class, verbose=0)
    same_weights(models[0], models[1], rtol=0)
    same_weights(models[0], models[2], rtol=0)
    alone = classifier(loss)
    alone.train_on_batch(X, y, class_weight=by_class)


def test_shuffled_rows_keep_their_weights():
    model = classifier(losses.SparseCategoricalCrossentropy(reduction="sum"), rate=0.0, weighted_metrics=[SPARSE])
    history = model.fit(X, Y, sample_weight=W, batch_size=5, verbose=0).history
    assert history[SPARSE][0] == pytest.approx(model.evaluate(X, Y, sample_weight=W, verbose=0)[1], rel=1e-5)


def test_weights_in_validation():
    model = classifier()
    history = model.fit(X, Y, sample_weight=W, validation_split=0.25, verbose=0).history
    triple = classifier().fit(X[:18], Y[:18], sample_weight=W[:18], validation_data=(X[18:], Y[18:], W[18:]), verbose=0)
    assert set(triple.history) == set(history) == {"loss", "val_loss"}
    expected = model.evaluate(X[18:], Y[18:], sample_weight=W[18:], verbose=0)
    assert history["val_loss"] == pytest.approx([expected])


def test_class_weights_do_not_weigh_the_rows_split_off_for_validation():
    weighted, model = classifier(), classifier()
    split = {"validation_split": 0.25, "verbose": 0, "shuffle": False}
    losses_of = weighted.fit(X, Y, class_weight={0: 3, 1: 1, 2: 5}, **split).history["val_loss"]
    model.fit(X[:18], Y[:18], class_weight={0: 3, 1: 1, 2: 5}, verbose=0, shuffle=False)
    np.testing.assert_allclose(losses_of, [model.evaluate(X[18:], Y[18:], verbose=0)], rtol=1e-6)


def test_several_losses_of_one_output():
    model = classifier(["mse", "mae"], loss_weights=[1, 2], metrics=["mse", "mae"])
    result = model.evaluate(X, np.eye(3)[Y], verbose=0, return_dict=True)
    assert result["loss"] == pytest.approx(result["mse"] + 2 * result["mae"], rel=1e-5)
    assert result["mean_absolute_error_loss"] == pytest.approx(result["mae"], rel=1e-5)
    assert model.metrics_names == ["loss", "mean_squared_error_loss", "mean_absolute_error_loss", "mse", "mae"]


@pytest.mark.parametrize("by_name", [False, True])
def test_several_outputs(by_name):
    parts = [SPARSE, "mse"], [1.0, 0.5], [["accuracy"], ["mae", "mse"]]
    named = [dict(zip(("kind", "size"), part, strict=True)) for part in parts]
    loss, factors, measured = named if by_name else parts
    model = two_outputs(loss=loss, loss_weights=factors, metrics=measured)
    targets = {"kind": Y, "size": X[:, :1]} if by_name else [Y, X[:, 0]]
    weight = {"size": W} if by_name else [None, W]
    result = model.evaluate(X, targets, sample_weight=weight, batch_size=24, verbose=0, return_dict=True)
    kind, size = model.predict(X, verbose=0)
    error = (size - X[:, :1])[:, 0]
    assert result["kind_loss"] == pytest.approx(-np.log(kind[range(24), Y]).mean(), rel=1e-5)
    assert result["size_loss"] == pytest.approx((error**2 * W).mean(), rel=1e-5)
    assert result["loss"] == pytest.approx(result["kind_loss"] + 0.5 * result["size_loss"], rel=1e-5)
    assert result["size_mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)
    assert list(result) == ["kind_accuracy", "kind_loss", "loss", "size_loss", "size_mae", "size_mse"]
    before = result["loss"]
    model.fit(X, targets, sample_weight=weight, epochs=5, verbose=0)
    assert model.evaluate(X, targets, sample_weight=weight, verbose=0)[0] < before


def test_an_output_without_a_loss_needs_no_targets():
    model = two_outputs(loss=[None, "mse"])
    before = model.get_weights()
    model.train_on_batch(X, [None, X[:, 0]])
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    assert np.abs(model.get_weights()[2] - before[2]).max() > 0


def test_several_inputs():
    left, right = fastcnn.Input((2,), name="left"), fastcnn.Input((3,), name="right")
    joined = layers.Concatenate()([left, right])
    model = fastcnn.Model([left, right], layers.Dense(1)(joined))
    model.compile("sgd", "mse")
    whole, parts = X[:, 0], [X[:, :2], X[:, 2:]]
    model.fit(parts, whole, verbose=0)
    named = {"right": parts[1], "left": parts[0]}
    expected = model.predict(parts, verbose=0)
    np.testing.assert_array_equal(model.predict(named, verbose=0), expected)
    assert model.evaluate(named, whole, verbose=0) == pytest.approx(((expected[:, 0] - whole) ** 2).mean(), rel=1e-5)
    with pytest.raises(ValueError, match="x must hold 2 arrays, one for each input, received 1"):
        model.predict([parts[0]], verbose=0)
    with pytest.raises(ValueError, match="x has no 'left'"):
        model.fit({"right": parts[1]}, whole)
    with pytest.raises(ValueError, match=r"x\[0\] and x\[1\] differ in length"):
        model.fit([parts[0], parts[1][:5]], whole)


def test_names_of_metrics():
    model = classifier("mse", metrics=["mse", "accuracy", "mse"], weighted_metrics=["mse", "mae"])
    names = ["loss", "mse", "accuracy", "mse_1", "weighted_mse", "mae"]
    assert model.metrics_names == names
    values = model.evaluate(X, np.eye(3)[Y], verbose=0)
    assert model.metrics_names == names
    assert values[1] == values[3] == pytest.approx(values[4])


class Range(metrics.Metric):
    """A metric in Keras's way: variables written to by ops."""

    def __init__(self, name="range", **kwargs):
        super().__init__(name=name, **kwargs)
        self.most = self.add_weight(name="most")
        self.least = self.add_weight(initializer="ones")
        self.rows = self.add_weight()

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.most.assign(ops.maximum(self.most, ops.max(y_pred)))
        self.least.assign(ops.minimum(self.least, ops.min(y_pred)))
        self.rows.assign_add(y_pred.shape[0])

    def result(self):
        return ops.subtract(self.most, self.least)

    def reset_state(self):
        self.most.assign(0)
        self.least.assign(1)
        self.rows.assign(0)


class Batches(metrics.Metric):
    """A metric that NumPy updates, so that it cannot be part of a step."""

    def __init__(self):
        super().__init__(name="batches")
        self.seen = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.append(float(np.max(y_pred)))

    def result(self):
        return len(self.seen)

    def reset_state(self):
        self.seen = []


def test_metrics_of_the_users_own():
    model = classifier(metrics=[Range(), Batches()])
    result = model.evaluate(X, Y, batch_size=10, verbose=0, return_dict=True)
    probabilities = model.predict(X, verbose=0)
    assert result["range"] == pytest.approx(np.ptp(probabilities), rel=1e-5)
    assert result["batches"] == 3
    measured, counted = model.metrics[1:]
    assert float(measured.rows) == 24
    np.testing.assert_allclose(counted.seen, [probabilities[i : i + 10].max() for i in (0, 10, 20)], rtol=1e-5)


def test_ignored_class():
    y = np.where(np.arange(24) % 3, Y, 255)
    model = classifier(losses.SparseCategoricalCrossentropy(ignore_class=255))
    kept = y != 255
    assert model.evaluate(X, y, batch_size=24, verbose=0) == pytest.approx(
        model.evaluate(X[kept], Y[kept], verbose=0), rel=1e-5
    )
    with pytest.raises(ValueError, match="y holds the label 254"):
        model.evaluate(X, y - 1, verbose=0)


def test_crossentropy_is_the_one_that_fits():
    for y in (Y, np.eye(3)[Y]):
        model = classifier("crossentropy")
        assert model.evaluate(X, y, verbose=0) == pytest.approx(classifier().evaluate(X, Y, verbose=0), rel=1e-5)


BAD = [
    ({"sample_weight": W[:5]}, "x and sample_weight differ in length: x has 24 rows, sample_weight has 5"),
    ({"class_weight": [1, 2]}, "class_weight must be a dictionary"),
    ({"class_weight": {"a": 1}}, "class_weight must have class numbers from 0 on as keys, received 'a'"),
    ({"class_weight": {0: 1}, "sample_weight": W}, "class_weight and sample_weight cannot be given at the same time"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_bad_weights(options, message):
    with pytest.raises(ValueError, match=message):
        classifier().fit(X, Y, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": {"kind": SPARSE, "other": "mse"}}, "loss names 'other', but the outputs"),
        ({"loss": [SPARSE]}, "loss must be a list of 2, one for each output"),
        ({"loss": "mse", "loss_weights": [1, 2, 3]}, "loss_weights must be a list of 2"),
        ({"loss": "mse", "metrics": ["mae", "mae", "mae"]}, "metrics must be a list of 2"),
    ],
)
def test_bad_outputs(options, message):
    with pytest.raises(ValueError, match=message):
        two_outputs(**options).fit(X, [np.eye(3)[Y], Y], verbose=0)
