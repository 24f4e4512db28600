"""The base of layers: names, building, weights, training, layers inside of layers."""

import numpy as np
import pytest

from fastcnn import Input, layers, ops, utils
from fastcnn.layers.layer import Layer
from fastcnn.layers.naming import snake_case


class Block(Layer):
    """Two layers and a list of them."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(4)
        self.others = [layers.Dropout(0.5, seed=1), layers.Dense(3)]

    def call(self, inputs):
        x = self.first(inputs)
        for layer in self.others:
            x = layer(x)
        return x


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Conv2D", "conv2d"),
        ("MaxPooling2D", "max_pooling2d"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ("InputLayer", "input_layer"),
        ("BatchNormalization", "batch_normalization"),
    ],
)
def test_snake_case(class_name, name):
    assert snake_case(class_name) == name


def test_names_count_up():
    class Sharpen(Layer):
        pass

    assert [Sharpen().name, Sharpen().name, Sharpen(name="x").name, Sharpen().name] == [
        "sharpen",
        "sharpen_1",
        "x",
        "sharpen_2",
    ]


def test_build_on_first_call():
    layer = layers.Dense(3)
    assert not layer.built
    assert layer.weights == []
    with pytest.raises(ValueError, match=r"count_params on layer 'dense\w*', but the layer isn't built"):
        layer.count_params()
    layer(np.zeros((2, 4)))
    assert layer.built
    assert [(weight.name, weight.shape) for weight in layer.weights] == [("kernel", (4, 3)), ("bias", (3,))]
    assert layer.count_params() == 15


def test_second_build():
    layer = layers.Dense(3)
    layer.build((None, 4))
    with pytest.raises(ValueError, match="is built already, for inputs of shape"):
        layer.build((None, 5))


def test_build_without_marking():
    """A user's build need not call super().build() to mark the layer as built."""

    class Bias(Layer):
        def build(self, input_shape):
            assert input_shape == (None, 4)
            self.b = self.add_weight((input_shape[-1],), "ones", name="b")

        def call(self, inputs):
            return ops.add_bias(inputs, self.b)

    layer = Bias()
    np.testing.assert_array_equal(layer(np.zeros((3, 4))), np.ones((3, 4)))
    assert layer.built


def test_symbolic_call():
    y = layers.Conv2D(8, 3)(Input((28, 28, 1)))
    assert y.shape == (None, 26, 26, 8)
    assert layers.Dense(2)(Input((5,), batch_size=7)).shape == (7, 2)


def test_set_weights():
    layer = layers.Dense(3)
    with pytest.raises(ValueError, match="expecting 0 weights; it is not built yet"):
        layer.set_weights([np.zeros((4, 3)), np.zeros(3)])
    layer.build((None, 4))
    kernel = np.arange(12.0).reshape(4, 3)
    layer.set_weights([kernel, [1, 2, 3]])
    values = layer.get_weights()
    np.testing.assert_array_equal(values[0], kernel)
    np.testing.assert_array_equal(values[1], [1, 2, 3])
    assert all(value.dtype == np.float32 for value in values)
    with pytest.raises(ValueError, match="with a weight list of length 1, but the layer was expecting 2"):
        layer.set_weights([kernel])
    with pytest.raises(ValueError, match=r"shape \(4, 3\) is not compatible with provided weight shape \(3, 4\)"):
        layer.set_weights([kernel.T, [0, 0, 0]])
    with pytest.raises(TypeError, match="needs numbers"):
        layer.set_weights([kernel, np.array(["a", "b", "c"])])
    np.testing.assert_array_equal(layer.get_weights()[1], [1, 2, 3])


def test_weights_are_copies():
    layer = layers.Dense(3)
    layer.build((None, 4))
    layer.get_weights()[1][...] = 5
    np.testing.assert_array_equal(layer.bias.numpy(), [0, 0, 0])


def test_add_weight():
    layer = Layer()
    number = layer.add_weight(name="number", initializer="ones")
    fixed = layer.add_weight((2,), "zeros", trainable=False, name="fixed")
    kernel = layer.add_weight((2, 3))
    assert number.shape == ()
    assert number.value == 1
    assert layer.weights == [number, kernel, fixed]
    assert layer.trainable_weights == [number, kernel]
    assert layer.non_trainable_weights == [fixed]
    with pytest.raises(ValueError, match="must be known"):
        layer.add_weight((None, 3))
    with pytest.raises(ValueError, match="pass name='kernel' by keyword"):
        layer.add_weight("kernel")
    with pytest.raises(ValueError, match=r"returned an array of shape \(4,\) instead of \(3,\)"):
        layer.add_weight((3,), lambda shape, dtype=None: np.zeros(4))


def test_layers_inside():
    block = Block()
    assert block(np.zeros((2, 5))).shape == (2, 3)
    assert [weight.shape for weight in block.weights] == [(5, 4), (4,), (4, 3), (3,)]
    assert block.count_params() == 39
    assert [variable.name for variable in block.variables][-1] == "seed_generator_state"
    assert len(block.variables) == 5


def test_trainable():
    block = Block()
    block.build((None, 5))
    block(np.zeros((1, 5)))
    assert len(block.trainable_weights) == 4
    block.first.trainable = False
    assert block.trainable_weights == block.others[1].weights
    assert block.non_trainable_weights == block.first.weights
    assert not any(weight.trainable for weight in block.first.weights)
    block.trainable = False
    assert block.trainable_weights == []
    assert len(block.non_trainable_weights) == 4
    block.trainable = True
    assert len(block.trainable_weights) == 4


def test_layer_that_is_frozen_from_the_start():
    layer = layers.Dense(3, trainable=False)
    layer.build((None, 4))
    assert layer.trainable_weights == []
    assert not layer.kernel.trainable
    layer.trainable = True
    assert layer.trainable_weights == layer.weights


def test_training_reaches_the_layers_inside():
    block = Block()
    x = np.ones((50, 5))
    still = block(x)
    np.testing.assert_array_equal(block(x), still)
    np.testing.assert_array_equal(block(x, training=False), still)
    assert not np.array_equal(block(x, training=True), still)


def test_dropout_draws_anew_each_time():
    x = np.ones((1, 1000))
    layer, twin = layers.Dropout(0.5, seed=5), layers.Dropout(0.5, seed=5)
    first, second = layer(x, training=True), layer(x, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(twin(x, training=True), first)
    np.testing.assert_array_equal(twin(x, training=True), second)
    assert set(np.unique(first)) == {0, 2}
    assert 400 < np.count_nonzero(first) < 600
    np.testing.assert_array_equal(layer(x), x)


def test_dropout_follows_the_global_seed():
    x = np.ones((1, 1000))
    results = []
    for seed in (1, 1, 2):
        utils.set_random_seed(seed)
        results.append(layers.Dropout(0.5)(x, training=True))
    np.testing.assert_array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])


def test_errors_name_the_layer_once():
    class Broken(Layer):
        def call(self, inputs):
            raise ValueError("no way")

    class Outer(Layer):
        def __init__(self):
            super().__init__()
            self.inner = Broken(name="inner")

        def call(self, inputs):
            return self.inner(inputs)

    with pytest.raises(ValueError, match=r"^no way \(in layer 'inner' of type Broken, input shape \(1, 2\)\)$"):
        Outer()(np.zeros((1, 2)))


def test_layer_without_call():
    with pytest.raises(NotImplementedError, match=r"Layer must define call\(self, inputs\)"):
        Layer()(np.zeros((1, 2)))


def test_users_activation():
    layer = layers.Dense(3, activation=lambda x: ops.multiply(x, 2.0), kernel_initializer="ones")
    np.testing.assert_array_equal(layer(np.ones((1, 2))), [[4, 4, 4]])
    with pytest.raises(ValueError, match="cannot be saved"):
        layer.get_config()


def test_repr():
    assert repr(layers.Dense(3, name="head")) == "<Dense name=head, built=False>"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"class_name": "Dens", "config": {"units": 3}}, "unknown layer 'Dens'; did you mean 'Dense'"),
        ({"class_name": "Dense", "config": {"unit": 3}}, "does not fit the layer Dense"),
        ({"class_name": "Dense", "config": {}}, "does not fit the layer Dense"),
        ({"class_name": "Dense"}, "must be a dictionary such as"),
        ("Dense", "must be a dictionary such as"),
        ({"class_name": ["Dense"], "config": {}}, "must be a name"),
    ],
)
def test_bad_configuration(config, message):
    with pytest.raises((ValueError, TypeError), match=message):
        layers.deserialize(config)
