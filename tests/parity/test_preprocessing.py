"""`Normalization`, `Discretization` and `CategoryEncoding` against Keras's."""

import numpy as np
import pytest
from layer_parity import plain

from fastcnn import layers

X = np.random.default_rng(1).normal(3, 2, size=(50, 4, 3)).astype("float32")
PARTS = [X[:7], X[7:30], X[30:]]
NORMALIZATIONS = [
    {},
    {"axis": None},
    {"axis": 1},
    {"axis": (1, 2)},
    {"axis": (2, -2), "invert": True},
    {"axis": -1, "mean": [1.0, 2.0, 3.0], "variance": [0.5, 0.0, 4.0]},
    {"axis": (1, 2), "mean": [1.0, 2.0, 3.0], "variance": [0.5, 1.0, 4.0]},
    {"axis": None, "mean": 1.5, "variance": 2.0, "invert": True},
]
CHECKED = {"layers": {"Normalization", "Discretization", "CategoryEncoding"}}


@pytest.mark.parametrize("arguments", NORMALIZATIONS)
@pytest.mark.parametrize("data", [X, PARTS])
def test_normalization(keras, arguments, data):
    ours, theirs = layers.Normalization(**arguments, name="n"), keras.layers.Normalization(**arguments, name="n")
    for layer in (ours, theirs):
        if "mean" in arguments:
            layer.build((None, 4, 3))
        else:
            layer.adapt(data if layer is ours else X)  # Keras takes a list only where TensorFlow is installed
    np.testing.assert_allclose(ours(X), np.asarray(theirs(X)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ours.mean, np.asarray(theirs.mean), rtol=1e-4)
    np.testing.assert_allclose(ours.variance, np.asarray(theirs.variance), rtol=1e-4)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    mine, keras_config = plain(ours.get_config()), plain(theirs.get_config())
    assert {k: v for k, v in mine.items() if k != "dtype"} == {k: v for k, v in keras_config.items() if k != "dtype"}


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("data", [X, PARTS])
def test_discretization(keras, mode, data):
    arguments = {"num_bins": 5, "epsilon": 0.03, "output_mode": mode, "name": "d"}
    ours, theirs = layers.Discretization(**arguments), keras.layers.Discretization(**arguments)
    ours.adapt(data)
    for part in data if isinstance(data, list) else [data]:  # `adapt`, which needs TensorFlow
        theirs.update_state(part)
    theirs.finalize_state()
    np.testing.assert_allclose(ours.bin_boundaries, theirs.bin_boundaries, rtol=1e-5)
    mine, other = ours(X[:, 0]), np.asarray(theirs(X[:, 0]))
    assert mine.dtype == other.dtype
    np.testing.assert_array_equal(mine, other)
    assert set(ours.get_config()) >= set(theirs.get_config())


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("numbers", [[3, 2, 0, 1], [[0, 1], [0, 0], [1, 2], [3, 1]], [[2], [3]]])
def test_category_encoding(keras, mode, numbers):
    ours, theirs = (module.CategoryEncoding(4, mode, name="c") for module in (layers, keras.layers))
    numbers = np.array(numbers)
    np.testing.assert_array_equal(ours(numbers), np.asarray(theirs(numbers)))
    assert ours.compute_output_shape(numbers.shape) == theirs.compute_output_shape(numbers.shape)
    assert set(ours.get_config()) == set(theirs.get_config())
