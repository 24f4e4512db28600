import json
import pickle

import numpy as np
import pytest

import fastcnn
from fastcnn import Input, Model, Sequential, layers, ops
from fastcnn.models import Functional, load_model, model_from_json

X = np.random.default_rng(1).standard_normal((20, 8, 8, 3)).astype("float32")
Y = np.random.default_rng(2).integers(0, 3, 20)


def residual():
    """A shared layer, an op between tensors, operators with numbers."""
    image = Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    shared = layers.Conv2D(4, 3, padding="same", name="shared")
    y = shared(x) + shared(ops.relu(x)) * 0.5
    return Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(y)))


def two_inputs():
    """The order of its layers is Keras's, by `keras.Model` of Keras 3.15 for the same calls."""
    image, vector = Input((8, 8, 3), name="image"), Input((5,), name="vector")
    x = layers.Conv2D(4, 3, padding="same", name="c1")(image)
    y = layers.Conv2D(4, 1, name="c2")(image)
    y = layers.Conv2D(4, 3, padding="same", name="c3")(y)
    shared = layers.Dense(4, name="shared")
    v = shared(layers.Dense(4, name="d0")(vector))
    w = shared(v)
    flatten = layers.Flatten(name="flatten")
    first = ops.add(layers.Dense(4, name="d1")(ops.add(flatten(x), flatten(y))), w)
    return Model({"vector": vector, "image": image}, [first, layers.Dense(2, name="d2")(v)])


def test_layers_and_weights_are_in_kerass_order():
    model = two_inputs()
    names = [layer.name for layer in model.layers if not layer.name.startswith("add")]
    assert names == ["image", "c2", "c1", "c3", "vector", "flatten", "d0", "shared", "d1", "d2"]
    assert [weight.shape[-1] for weight in model.weights] == [4] * 12 + [2, 2]
    config = model.get_config()
    assert config["input_layers"] == {"vector": ["vector", 0, 0], "image": ["image", 0, 0]}
    assert config["output_layers"][1] == ["d2", 0, 0]


def test_several_inputs_and_outputs():
    model = two_inputs()
    vector = np.ones((20, 5), "float32")
    first, second = model({"image": X, "vector": vector})
    assert first.shape == (20, 4)
    assert second.shape == (20, 2)
    assert np.array_equal(model([vector, X])[0], first)
    with pytest.raises(ValueError, match=r"takes the inputs \['vector', 'image'\]"):
        model({"image": X})
    with pytest.raises(ValueError, match=r"expects 2 input\(s\), but it received 1"):
        model(X)


def test_training_reaches_shared_layers():
    model = residual()
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    losses = model.fit(X, Y, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    assert np.allclose(model.predict(X, verbose=0), model(X), atol=1e-6)


@pytest.mark.parametrize("make", [residual, two_inputs])
def test_configuration_goes_through_json(make):
    model = make()
    copy = model_from_json(model.to_json())
    assert type(copy) is Functional
    assert json.loads(copy.to_json()) == json.loads(model.to_json())


def test_files_and_pickles(tmp_path):
    model = residual()
    expected = model.predict(X, verbose=0)
    model.save(tmp_path / "m.fastcnn")
    for copy in (load_model(tmp_path / "m.fastcnn"), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(copy.predict(X, verbose=0), expected)


def test_part_of_a_model():
    model = Sequential([Input((4,)), layers.Dense(3, name="hidden"), layers.Dense(2)])
    part = Model(model.inputs, model.get_layer("hidden").output)
    assert np.array_equal(part(np.ones((2, 4))), model.layers[0](np.ones((2, 4))))
    head = Model(model.layers[1].input, model.output)
    assert head.input_shape == (None, 3)
    assert head(np.ones((2, 3))).shape == (2, 2)


def test_a_model_in_a_model():
    inner = Sequential([Input((4,)), layers.Dense(3), layers.Dropout(0.5)])
    x = Input((4,))
    model = Model(x, inner(x, training=True))
    assert (model(np.ones((50, 4))) == 0).mean() > 0.2
    assert inner in model.layers
    assert len(model.trainable_weights) == 2


def test_a_subclass_that_hands_on_inputs_and_outputs():
    class Scaled(fastcnn.Model):
        def __init__(self, factor):
            x = Input((4,))
            super().__init__(inputs=x, outputs=layers.Dense(2)(x) * factor)
            self.factor = factor

    model = Scaled(2.0)
    assert isinstance(model, Functional)
    assert np.allclose(model(np.ones((1, 4))), 2 * model.layers[1](np.ones((1, 4))))


def test_summary_tells_connections(capsys):
    residual().summary(line_length=108)
    text = capsys.readouterr().out
    assert "Connected to" in text
    assert "shared[0][0]" in text
    Model(x := Input((4,)), layers.Dense(2)(x)).summary()
    assert "Connected to" not in capsys.readouterr().out


def test_bad_ends_are_refused():
    x, y = Input((4,)), Input((4,), name="other")
    with pytest.raises(ValueError, match="Output is not connected to `inputs`: it also needs 'other'"):
        Model(x, ops.add(x, y))
    with pytest.raises(ValueError, match="All `inputs` values must be KerasTensors"):
        Model(np.zeros(3), x)
    with pytest.raises(ValueError, match="all inputs must be different"):
        Model([x, x], layers.Dense(1)(x))
    with pytest.raises(ValueError, match="The name 'a' is used 2 times"):
        Model(x, layers.Dense(1, name="a")(layers.Dense(1, name="a")(x)))
    with pytest.raises(AttributeError, match="has never been called in a model"):
        _ = layers.Dense(1).output


def test_damaged_configurations_are_refused():
    config = residual().get_config()
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["nowhere", 0, 0]
    with pytest.raises(ValueError, match="is called on tensors that no layer gives"):
        Functional.from_config(config)
    with pytest.raises(ValueError, match="damaged"):
        Functional.from_config({"layers": []})


def test_a_deep_model():
    tensor = x = Input((2,))
    for _ in range(1500):
        tensor = tensor + 1.0
    assert np.array_equal(Model(x, tensor)(np.zeros((1, 2))), [[1500.0, 1500.0]])
