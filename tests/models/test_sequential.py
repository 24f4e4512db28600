"""Sequential: building, adding and popping, shapes, nesting, configuration, and what it says when misused."""

import json

import numpy as np
import pytest

import fastcnn
from fastcnn import Input, Sequential, layers, models


def mnist_model(**first):
    return [
        layers.Conv2D(32, (3, 3), activation="relu", **first),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]


def assert_is_mnist_model(model):
    assert model.built
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert model.count_params() == 93_322
    assert len(model.layers) == 8
    assert len(model.weights) == 10


def test_input_in_the_list():
    assert_is_mnist_model(Sequential([Input((28, 28, 1)), *mnist_model()]))


def test_input_layer_in_the_list():
    assert_is_mnist_model(Sequential([layers.InputLayer(shape=(28, 28, 1)), *mnist_model()]))


@pytest.mark.parametrize("first", [{"input_shape": (28, 28, 1)}, {"batch_input_shape": (None, 28, 28, 1)}])
def test_shape_on_the_first_layer(first):
    assert_is_mnist_model(Sequential(mnist_model(**first)))


def test_input_dim():
    model = Sequential([layers.Dense(3, input_dim=4)])
    assert model.input_shape == (None, 4)


def test_add():
    model = Sequential()
    for layer in mnist_model(input_shape=(28, 28, 1)):
        model.add(layer)
    assert_is_mnist_model(model)


def test_deferred_build():
    model = Sequential(mnist_model())
    assert not model.built
    assert model.weights == []
    model.build((None, 28, 28, 1))
    assert_is_mnist_model(model)


def test_build_by_data():
    model = Sequential(mnist_model())
    assert model(np.zeros((2, 28, 28, 1))).shape == (2, 10)
    assert_is_mnist_model(model)


def test_build_while_adding():
    model = Sequential([Input((5,))])
    assert not model.built
    model.add(layers.Dense(3))
    assert len(model.weights) == 2
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(2))
    assert len(model.weights) == 4
    assert model.output_shape == (None, 2)


def test_pop():
    model = Sequential([Input((5,)), layers.Dense(3), layers.Dense(2, name="last")])
    kept = model.layers[0].get_weights()
    assert model.pop().name == "last"
    assert model.output_shape == (None, 3)
    np.testing.assert_array_equal(model.get_weights()[0], kept[0])
    model.pop()
    assert not model.built
    with pytest.raises(IndexError, match="has no layers to pop"):
        model.pop()
    model.add(layers.Dense(7))
    assert model.output_shape == (None, 7)


def test_failed_add_changes_nothing():
    model = Sequential([Input((6, 6, 1)), layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match=r"kernel of size \(5, 5\) does not fit into inputs of size \(4, 4\)"):
        model.add(layers.Conv2D(2, 5))
    assert len(model.layers) == 1
    assert model.output_shape == (None, 4, 4, 2)
    model.add(layers.Flatten())
    assert model.output_shape == (None, 32)


def test_too_small_images_are_noticed_at_once():
    with pytest.raises(ValueError, match="layer 'deep'"):
        Sequential([Input((4, 4, 1)), layers.Conv2D(2, 3), layers.Conv2D(2, 3, name="deep")])
    with pytest.raises(ValueError, match="does not fit"):
        Sequential([Input((2, 2, 1)), layers.MaxPooling2D(2), layers.MaxPooling2D(2)])


def test_same_result_as_the_layers_one_by_one():
    model = Sequential([Input((8, 8, 2)), layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4)])
    x = y = np.random.default_rng(0).standard_normal((5, 8, 8, 2))
    for layer in model.layers:
        y = layer(y)
    np.testing.assert_array_equal(model(x), y)


def test_missing_and_surplus_channel_axis():
    model = Sequential([Input((8, 8, 1)), layers.Conv2D(3, 3)])
    x = np.random.default_rng(0).standard_normal((5, 8, 8, 1))
    np.testing.assert_array_equal(model(x[..., 0]), model(x))
    flat = Sequential([Input((8,)), layers.Dense(3)])
    np.testing.assert_array_equal(flat(x[:, 0]), flat(x[:, 0, :, 0]))


@pytest.mark.parametrize("shape", [(5, 8, 9, 1), (5, 9, 8), (5, 8, 8, 3), (8, 8), (5,), (), (1, 5, 8, 8, 1, 1)])
def test_wrong_shape(shape):
    model = Sequential([Input((8, 8, 1)), layers.Conv2D(3, 3)], name="net")
    with pytest.raises(ValueError, match=r"'net' is incompatible.*expected shape=\(None, 8, 8, 1\), found shape="):
        model(np.zeros(shape))


def test_single_sample():
    model = Sequential([Input((8, 8, 1)), layers.Conv2D(3, 3)])
    with pytest.raises(ValueError, match="a single sample needs a batch axis"):
        model(np.zeros((8, 8, 1)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sequential([3]), "Only instances of Layer can be added to a Sequential model. Received: 3"),
        (lambda: Sequential([layers.Dense]), "Only instances of Layer"),
        (lambda: Sequential([layers.Dense(2, name="a"), layers.Dense(2, name="a")]), "Name 'a' is already the name"),
        (lambda: Sequential([Input((3,)), layers.Dense(2), Input((2,))]), "an Input can only be the first"),
        (lambda: Sequential().build((None, 3)), "cannot be built because it has no layers"),
        (lambda: Sequential()(np.zeros((2, 3))), "has no layers"),
        (lambda: Sequential([layers.Dense(2)]).build(), "has no Input; call build"),
        (lambda: Sequential([Input((3,)), layers.Dense(2)]).build((None, 4)), "already been configured to use input"),
        (lambda: Sequential([layers.Dense(2)]).count_params(), "isn't built"),
        (lambda: Sequential([layers.Dense(2)]).save_weights("x.weights.npz"), "has not yet been built"),
        (lambda: Sequential([layers.Dense(2)]).load_weights("x.weights.npz"), "has not yet been built"),
        (lambda: Sequential([layers.Dense(2)]).save("x.fastcnn"), "has not yet been built"),
        (
            lambda: Sequential([layers.Dense(2, name="a")]).get_layer("b"),
            r"No such layer: b. Existing layers are: \['a'",
        ),
        (lambda: Sequential([layers.Dense(2)]).get_layer(index=1), "only has 1 layers"),
        (lambda: Sequential([layers.Dense(2)]).get_layer(), "either a layer name or an index"),
    ],
)
def test_misuse(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("attribute", ["input_shape", "output_shape"])
def test_shapes_before_building(attribute):
    with pytest.raises(AttributeError, match=r"has no defined .* shape yet; put an Input in front"):
        getattr(Sequential([layers.Dense(2)]), attribute)


def test_get_layer():
    model = Sequential([Input((3,)), layers.Dense(2, name="a"), layers.Dense(2, name="b")])
    assert model.get_layer("b") is model.get_layer(index=1) is model.layers[1]
    assert model.get_layer(index=-1).name == "b"


def test_nesting():
    features = Sequential([layers.Conv2D(4, 3), layers.Flatten()])
    model = Sequential([Input((8, 8, 1)), features, layers.Dense(2)])
    assert features.built
    assert features.output_shape == (None, 144)
    assert model.count_params() == 40 + 290
    assert [weight.shape for weight in model.weights] == [(3, 3, 1, 4), (4,), (144, 2), (2,)]
    assert model(np.zeros((3, 8, 8, 1))).shape == (3, 2)
    model.layers[0].trainable = False
    assert len(model.trainable_weights) == 2


def test_training_reaches_nested_dropout():
    inner = Sequential([layers.Dropout(0.5)])
    model = Sequential([Input((100,)), inner])
    x = np.ones((4, 100))
    np.testing.assert_array_equal(model(x), x)
    assert 0 in model(x, training=True)


def test_compute_output_shape():
    assert Sequential(mnist_model()).compute_output_shape((None, 32, 32, 3)) == (None, 10)


def test_weights_of_model():
    model, other = (Sequential([Input((5,)), layers.Dense(3), layers.Dense(2)]) for _ in range(2))
    other.set_weights(model.get_weights())
    x = np.random.default_rng(0).standard_normal((4, 5))
    np.testing.assert_array_equal(model(x), other(x))
    with pytest.raises(ValueError, match="expecting 4 weights"):
        model.set_weights(model.get_weights()[:3])


def test_configuration():
    model = Sequential([*mnist_model(input_shape=(28, 28, 1)), layers.Dropout(0.25, seed=1)], name="digits")
    copy = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    assert copy.name == "digits"
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    assert copy.input_shape == model.input_shape
    assert copy.count_params() == model.count_params()
    again = models.model_from_json(model.to_json())
    assert again.get_config() == copy.get_config()
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])


def test_configuration_of_another_kind():
    with pytest.raises(ValueError, match="the JSON holds a layer, not a model"):
        models.model_from_json(json.dumps(layers.serialize(layers.Dense(3))))
    with pytest.raises(ValueError, match="with the keys 'name' and 'layers'"):
        Sequential.from_config({"name": "x"})


def test_repeatable_with_a_seed():
    values = []
    for _ in range(2):
        fastcnn.utils.set_random_seed(3)
        values.append(Sequential([Input((5,)), layers.Dense(3)]).get_weights()[0])
    np.testing.assert_array_equal(*values)


def test_asking_for_shapes_changes_none():
    model = Sequential([Input((8, 8, 1)), layers.MaxPooling2D(2), layers.Activation("relu")])
    assert model.compute_output_shape((None, 6, 6, 3)) == (None, 3, 3, 3)
    assert model.output_shape == (None, 4, 4, 1)
    texts = []
    model.summary(print_fn=texts.append)
    assert "(None, 3, 3, 3)" not in texts[0]
