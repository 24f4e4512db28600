"""Models copied layer by layer."""

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers
from fastcnn.models import clone_model


def functional():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    x = layers.Add(name="plus")([shared(a), shared(b)])
    inner = Sequential([Input((3,)), layers.Dense(2, name="deep")], name="inner")
    return Model({"a": a, "b": b}, [inner(x), x + 1.0], name="whole")


X = {"a": np.ones((2, 4), "float32"), "b": np.zeros((2, 4), "float32")}


def test_functional():
    model = functional()
    copy = clone_model(model)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    assert copy.name == "whole"
    assert all(one is not other for one, other in zip(copy.weights, model.weights, strict=True))
    copy.set_weights(model.get_weights())
    for one, other in zip(copy(X), model(X), strict=True):
        np.testing.assert_array_equal(one, other)


def test_sequential():
    model = Sequential([Input((4,), name="x"), layers.Dense(3), layers.Dense(2)], name="stack")
    copy = clone_model(model)
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(copy(X["a"]), model(X["a"]))
    assert (copy.name, copy.input_shape) == ("stack", (None, 4))
    assert not clone_model(Sequential([layers.Dense(2)])).built
    other = clone_model(model, input_tensors=[Input((4,), name="y")])
    assert other.output_shape == (None, 2)


def test_functions():
    seen = []

    def clone(layer):
        seen.append(layer.name)
        return type(layer).from_config({**layer.get_config(), "name": layer.name + "_new"})

    assert clone_model(functional(), clone_function=clone).get_layer("shared_new").units == 3
    assert len(seen) == len(set(seen)) == 4
    seen.clear()
    clone_model(functional(), clone_function=clone, recursive=True)
    assert "deep" in seen
    assert "inner" not in seen

    def call(layer, *args, **kwargs):
        result = layer(*args, **kwargs)
        return layers.Dropout(0.5)(result) if isinstance(layer, layers.Dense) else result

    copy = clone_model(functional(), call_function=call)
    assert sum(isinstance(layer, layers.Dropout) for layer in copy.layers) == 2


class Net(Model):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units, self.head = units, layers.Dense(units)

    def call(self, inputs):
        return self.head(inputs)

    def get_config(self):
        return {"units": self.units, "name": self.name}


def test_subclass():
    net = Net(3)
    net.build((None, 4))
    copy = clone_model(net)
    copy.set_weights(net.get_weights())
    np.testing.assert_array_equal(copy(X["a"]), net(X["a"]))
    for name in ("clone_function", "input_tensors", "call_function"):
        with pytest.raises(ValueError, match=f"Argument `{name}` is only supported for Sequential"):
            clone_model(net, **{name: len})
    with pytest.raises(ValueError, match="not supported with Sequential models"):
        clone_model(Sequential([layers.Dense(2)]), call_function=len)
    with pytest.raises(ValueError, match="input_tensors must be 2 tensors made by Input"):
        clone_model(functional(), input_tensors=[Input((4,))])
