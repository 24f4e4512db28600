"""Any object to its configuration and back, and the names by which the user's own are found."""

import numpy as np
import pytest

from fastcnn import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
    saving,
    utils,
)


@pytest.mark.parametrize(
    "value",
    [
        None,
        1.5,
        "name",
        [1, "a", None],
        {"a": {"b": [True]}},
        b"bytes",
        slice(1, None, 2),
        Ellipsis,
        activations.relu,
        losses.mean_squared_error,
    ],
)
def test_plain_values_and_functions(value):
    assert saving.deserialize_keras_object(saving.serialize_keras_object(value)) == value


@pytest.mark.parametrize(
    ("value", "module"),
    [
        (layers.Dense(3, kernel_regularizer="l2"), "keras.layers"),
        (losses.Huber(0.5), "keras.losses"),
        (metrics.BinaryAccuracy(threshold=0.25), "keras.metrics"),
        (optimizers.Adam(optimizers.schedules.CosineDecay(0.5, 7)), "keras.optimizers"),
        (optimizers.schedules.CosineDecay(0.5, 7), "keras.optimizers.schedules"),
        (initializers.RandomUniform(seed=4), "keras.initializers"),
        (regularizers.L1L2(0.5, 0.25), "keras.regularizers"),
        (constraints.MaxNorm(3), "keras.constraints"),
    ],
)
def test_objects(value, module):
    config = saving.serialize_keras_object(value)
    assert (config["module"], config["class_name"], config["registered_name"]) == (module, type(value).__name__, None)
    copy = saving.deserialize_keras_object(config)
    assert type(copy) is type(value)
    assert copy.get_config() == value.get_config()


def test_arrays():
    array = np.arange(6, dtype="int16").reshape(2, 3)
    copy = saving.deserialize_keras_object(saving.serialize_keras_object(array))
    assert copy.dtype == "int16"
    np.testing.assert_array_equal(copy, array)
    assert saving.serialize_keras_object(np.float32(1.5)) == 1.5


class Mine:
    def __init__(self, value):
        self.value = value

    def get_config(self):
        return {"value": self.value}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_scopes_and_registry(monkeypatch):
    monkeypatch.setattr("fastcnn.utils.custom_objects.REGISTERED", {})
    monkeypatch.setattr("fastcnn.utils.custom_objects.NAMES", {})
    config = saving.serialize_keras_object(Mine(3))
    with pytest.raises(ValueError, match="unknown class 'Mine'"):
        saving.deserialize_keras_object(config)
    assert saving.deserialize_keras_object(config, custom_objects={"Mine": Mine}).value == 3
    with saving.CustomObjectScope({"Mine": Mine}):
        assert saving.deserialize_keras_object(config).value == 3
        with saving.custom_object_scope({"other": 1}):
            assert saving.get_registered_object("Mine") is Mine
        assert saving.get_registered_object("other") is None
    assert saving.get_registered_object("Mine") is None
    saving.register_keras_serializable("package", "Name")(Mine)
    assert saving.get_registered_name(Mine) == "package>Name"
    assert saving.get_custom_objects() == {"package>Name": Mine}
    assert saving.deserialize_keras_object(saving.serialize_keras_object(Mine(4))).value == 4
    with pytest.raises(ValueError, match="does not have a get_config"):
        saving.register_keras_serializable()(int)


def test_names_of_ones_own_are_found_everywhere():
    def double(x):
        return x * 2

    class Half(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 0.5, "float32")

    with saving.custom_object_scope({"double": double, "Half": Half}):
        layer = layers.Dense(1, activation="double", kernel_initializer="Half")
        assert losses.get("double").fn is double
        assert metrics.get("double").fn is double
    np.testing.assert_array_equal(layer(np.ones((1, 2))), [[2.0]])
    config = layer.get_config()
    with pytest.raises(ValueError, match="unknown activation 'double'"):
        layers.Dense.from_config(config)
    with saving.custom_object_scope({"double": double, "Half": Half}):
        layers.Dense.from_config(config)


def test_errors():
    with pytest.raises(ValueError, match="cannot be saved: a configuration holds names, no code"):
        saving.serialize_keras_object(lambda x: x)
    with pytest.raises(TypeError, match="Cannot serialize object"):
        saving.serialize_keras_object(object())
    with pytest.raises(TypeError, match="Could not parse config"):
        saving.deserialize_keras_object(object())
    with pytest.raises(ValueError, match="safe_mode must be True"):
        saving.deserialize_keras_object({}, safe_mode=False)
    with pytest.raises(TypeError, match="custom_objects must be a dictionary"):
        saving.custom_object_scope([1])


def test_the_same_names_under_utils():
    for name in ("CustomObjectScope", "get_registered_name", "serialize_keras_object", "deserialize_keras_object"):
        assert getattr(utils, name) is getattr(saving, name)
        assert name in dir(utils)
