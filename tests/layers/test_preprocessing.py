"""Layers that are adapted to data: `Normalization`, `Discretization`; and `CategoryEncoding`."""

import json

import numpy as np
import pytest

from fastcnn import Input, Sequential, layers, models, utils

X = np.random.default_rng(1).normal(3, 2, size=(50, 4, 3)).astype("float32")


class Batches(utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[10 * index : 10 * index + 10], np.zeros(10)


@pytest.mark.parametrize("data", [X, Batches(), list(np.split(X, [7, 30])), ((part, 0) for part in np.split(X, 5))])
def test_adapt(data):
    layer = layers.Normalization()
    layer.adapt(data)
    y = layer(X)
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(0, 1)), 1, atol=1e-5)
    assert [weight.name for weight in layer.weights] == ["mean", "variance", "count"]
    back = layers.Normalization(invert=True)
    back.adapt(X)
    np.testing.assert_allclose(back(y), X, atol=1e-4)


def test_axes():
    for axis in (None, 0, (1, -1), (0, 1, 2)):
        layer = layers.Normalization(axis=axis)
        layer.adapt(X)
        kept = () if axis is None else tuple(a % 3 for a in np.atleast_1d(axis))
        others = tuple(a for a in range(3) if a not in kept)
        right = X - X.mean(axis=others, keepdims=True)
        right = right / np.maximum(X.std(axis=others, keepdims=True), 1e-7) if others else right
        np.testing.assert_allclose(layer(X), right, atol=1e-4)


def test_in_a_saved_model(tmp_path):
    layer = layers.Normalization()
    layer.adapt(X)
    model = Sequential([Input((4, 3)), layer, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, 0, 0], verbose=0)
    np.testing.assert_allclose(layer.mean.ravel(), X.mean(axis=(0, 1)), rtol=1e-5)
    before = model.predict(X, verbose=0)
    model.save(tmp_path / "model.fastcnn")
    assert np.array_equal(models.load_model(tmp_path / "model.fastcnn").predict(X, verbose=0), before)
    layer.adapt(2 * X)
    assert not np.array_equal(model.predict(X, verbose=0), before)


def test_discretization():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(np.arange(1000.0))
    counts = np.bincount(layer(np.arange(1000.0)))
    assert len(counts) == 4
    assert counts.min() > 200
    copy = layers.deserialize(json.loads(json.dumps(layers.serialize(layer))))
    assert copy.bin_boundaries == layer.bin_boundaries
    parts = layers.Discretization(num_bins=4)
    parts.adapt([np.arange(500.0), np.arange(500.0, 1000.0), np.full(10, 1e9)], steps=2)
    np.testing.assert_allclose(parts.bin_boundaries, layer.bin_boundaries, atol=30)
    one_hot = layers.Discretization([0.0, 1.0], output_mode="one_hot")
    assert one_hot([[-1.0], [0.5], [2.0]]).tolist() == np.eye(3).tolist()
    model = Sequential([Input((3,)), layers.Discretization([0.0, 1.0], output_mode="count")])
    assert model.predict(np.array([[-1.0, 0.5, 0.7]]), verbose=0).tolist() == [[1, 2, 0]]


def test_category_encoding():
    numbers = [[0, 1], [0, 0], [3, 1]]
    count = layers.CategoryEncoding(4, "count")
    assert count(numbers).tolist() == [[1, 1, 0, 0], [2, 0, 0, 0], [0, 1, 0, 1]]
    weighted = count(numbers, count_weights=np.full((3, 2), 0.5))
    assert weighted.tolist() == [[0.5, 0.5, 0, 0], [1, 0, 0, 0], [0, 0.5, 0, 0.5]]
    assert layers.CategoryEncoding(3, "one_hot")([[2], [0]]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert layers.CategoryEncoding(3, "one_hot").compute_output_shape((None, 5)) == (None, 5, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Normalization(mean=1.0), "both `mean` and `variance`"),
        (lambda: layers.Normalization(mean=[1.0], variance=1.0), "same shape"),
        (lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]), "rank of `mean`"),
        (lambda: layers.Normalization(axis=3)(X), "range"),
        (lambda: layers.Normalization(axis=0).build((None, 3)), "known shape"),
        (lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(X), "do not fit the axes"),
        (lambda: layers.Normalization().adapt([]), "no batches"),
        (lambda: layers.Normalization().adapt([X, X[..., :2]]), "incompatible shape"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(X), "without a given"),
        (lambda: layers.Discretization(), "either `num_bins` or `bin_boundaries`"),
        (lambda: layers.Discretization([1.0], 2), "should not be set"),
        (lambda: layers.Discretization(num_bins=-1), "num_bins=-1"),
        (lambda: layers.Discretization([1.0], output_mode="bits"), "output_mode"),
        (lambda: layers.Discretization([1.0]).adapt(X), "use `num_bins`"),
        (lambda: layers.Discretization(num_bins=2)(X), "call `adapt"),
        (lambda: layers.CategoryEncoding(), "num_tokens must be a positive integer"),
        (lambda: layers.CategoryEncoding(0), "num_tokens=0"),
        (lambda: layers.CategoryEncoding(3, "bits"), "output_mode"),
        (lambda: layers.CategoryEncoding(3, sparse=True), "sparse"),
        (lambda: layers.CategoryEncoding(3)([[1]], count_weights=[[1.0]]), "count_weights"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("data", [3, "abc", [1.0, 2.0], {"x": X}])
def test_no_data(data):
    with pytest.raises(TypeError, match="adapt"):
        layers.Normalization().adapt(data)
