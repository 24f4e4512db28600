"""Repeated calls of a model on arrays become programs, and act as the calls that they stand for."""

import copy
import threading

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, ops

X = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype("float32")


def network():
    return fastcnn.Sequential(
        [
            fastcnn.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5, seed=1),
            layers.Dense(3, activation="softmax"),
        ]
    )


def as_written(model, x):
    """What the call gives layer by layer."""
    return layers.Layer.__call__(model, x)


def programs(model):
    return len(model._calls.pool.free)


class Net(fastcnn.Model):
    """A model of the user's own, whose call is given."""

    def __init__(self, call):
        super().__init__()
        self.blocks = [layers.Dense(4), layers.Dense(4)]
        self.scale = 2.0
        self.function = call

    def call(self, inputs):
        return self.function(self, inputs)


def through_blocks(model, x):
    for block in model.blocks:
        x = block(x)
    return ops.multiply(x, model.scale)


@pytest.fixture
def net():
    model = Net(through_blocks)
    for _ in range(3):
        model(np.ones((2, 4), "float32"))
    assert programs(model) == 1
    return model


def check(model, x):
    for _ in range(3):
        np.testing.assert_allclose(model(x), as_written(model, x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "bool", ">f4", "longdouble"])
def test_gives_what_the_layers_give(dtype):
    check(network(), (10 * X).astype(dtype))


@pytest.mark.parametrize("x", [X[..., 0], X[:, ::-1], X[:0], X.tolist()], ids=["rank", "strides", "no rows", "list"])
def test_inputs_of_other_kinds(x):
    check(network(), x)


def test_all_calls_are_one_program():
    model = network()
    first = model(X)
    for _ in range(3):
        assert np.array_equal(model(X), first)
        assert programs(model) == 1


def test_outputs_are_new_arrays():
    model = network()
    outputs = [model(X) for _ in range(4)]
    expected = outputs[-1].copy()
    outputs[2][...] = 0
    np.testing.assert_array_equal(model(X), expected)
    np.testing.assert_array_equal(outputs[3], expected)


def test_weights_are_read_when_called():
    model = network()
    check(model, X)
    model.set_weights([2 * weight for weight in model.get_weights()])
    check(model, X)
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.ones((3, 3)))  # moves the weights to other memory
    check(model, X)


def test_layers_may_change(net):
    x = np.ones((2, 4), "float32")
    net.blocks[0] = layers.Dense(4)
    check(net, x)
    third = layers.Dense(4)
    check(net, x)
    net.blocks.append(third)
    check(net, x)
    del net.blocks[1:]
    check(net, x)


def test_attributes_may_change(net):
    x = np.ones((2, 4), "float32")
    before = net(x)
    net.scale = 4.0
    for _ in range(3):
        np.testing.assert_allclose(net(x), 2 * before, rtol=1e-6)


def test_python_that_sets_attributes_runs_each_time():
    def counting(model, x):
        model.count = getattr(model, "count", 0) + 1
        return ops.multiply(through_blocks(model, x), model.count)

    model = Net(counting)
    x = np.ones((2, 4), "float32")
    counted = [model(x) / model.count for _ in range(5)]
    for outputs in counted[1:]:
        np.testing.assert_allclose(outputs, counted[0], rtol=1e-6)


def test_python_that_changes_variables_runs_each_time():
    class Counter(layers.Layer):
        def build(self, input_shape):
            self.count = self.add_weight((), "zeros", trainable=False, name="count")

        def call(self, inputs):
            self.count.value[...] += 1
            return inputs

    model = fastcnn.Sequential([fastcnn.Input((4,)), Counter()])
    before = float(model.layers[0].count.value)
    for _ in range(5):
        model(np.ones((2, 4), "float32"))
    assert model.layers[0].count.value == before + 5


def test_added_losses_are_those_of_the_last_call():
    dense = layers.Dense(4, activity_regularizer="l2")
    model = fastcnn.Sequential([fastcnn.Input((4,)), dense])
    for scale in (1, 2, 3):
        outputs = model(np.full((2, 4), scale, "float32"))
        assert model.losses[0] == pytest.approx(0.01 * np.square(outputs).sum() / 2, rel=1e-5)


def test_python_that_cannot_be_traced_runs_each_time():
    class Untraced(Net):
        def build(self, input_shape):
            """Building would trace the call, too."""

    model = Untraced(lambda model, x: through_blocks(model, x) if np.asarray(x).sum() > 0 else ops.multiply(x, 0.0))
    for sign in (1, -1, 1, -1):
        x = np.full((2, 4), sign, "float32")
        assert np.any(model(x)) == (sign > 0)
    assert programs(model) == 0


def test_several_outputs():
    model = Net(lambda model, x: (x, model.blocks[0](x)))
    for _ in range(3):
        assert len(model(np.ones((2, 4), "float32"))) == 2


def test_training_calls_draw_anew():
    model = network()
    assert len({model(X, training=True).tobytes() for _ in range(4)}) == 4
    check(model, X)


def test_inside_of_another_model():
    inner = network()
    outer = fastcnn.Sequential([fastcnn.Input((8, 8, 1)), inner, layers.Dense(2)])
    check(inner, X)
    check(outer, X)
    outer.compile("sgd", "mse")
    outer.fit(X, np.zeros((3, 2)), verbose=0)
    np.testing.assert_allclose(outer.predict(X, verbose=0), outer(X), rtol=1e-5, atol=1e-6)


def test_errors_are_those_of_the_first_call(net):
    with pytest.raises(ValueError, match="expected shape"):
        net(np.ones((2, 5), "float32"))
    with pytest.raises(TypeError, match="must be numbers"):
        net(np.array([["a"] * 4]))


def test_many_shapes_keep_few_programs():
    model = network()
    for _ in range(3):
        for rows in range(1, 30):
            model(np.ones((rows, 8, 8, 1), "float32"))
    assert programs(model) <= model._calls.pool.capacity
    assert len(model._calls.seen) <= model._calls.pool.capacity


def test_from_several_threads():
    model = network()
    inputs = [X + number for number in range(4)]
    expected = [as_written(model, x) for x in inputs]
    wrong = []

    def work(x, y):
        for _ in range(50):
            if not np.allclose(model(x), y, rtol=1e-5, atol=1e-6):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, expected, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_copies_are_independent(net):
    x = np.ones((2, 4), "float32")
    expected = net(x)
    twin = copy.deepcopy(net)
    net.set_weights([0 * weight for weight in net.get_weights()])
    assert not net(x).any()
    for _ in range(3):
        np.testing.assert_allclose(twin(x), expected, rtol=1e-6)
