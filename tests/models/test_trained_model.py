"""What models do besides being trained, after they were: summary, files, frozen layers, weights set from outside."""

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers, models


def make():
    model = Sequential(
        [
            Input((10, 10, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.random((40, 10, 10, 1), dtype=np.float32), rng.integers(0, 3, 40)


@pytest.fixture
def model(data):
    model = make()
    model.fit(*data, batch_size=16, verbose=0)
    return model


def test_summary_counts_the_optimizer(model):
    texts = []
    model.summary(print_fn=texts.append)
    weights = 40 + 195
    assert f" Total params: {3 * weights + 2:,} (" in texts[0]
    assert f" Trainable params: {weights:,} (" in texts[0]
    assert f" Optimizer params: {2 * weights + 2:,} (" in texts[0]


@pytest.mark.parametrize("name", ["model.weights.npz", "model.weights.h5", "model.fastcnn"])
def test_files(model, data, tmp_path, name):
    if name.endswith("h5"):
        pytest.importorskip("h5py", reason="needs h5py")
    x, y = data
    expected = model.predict(x, verbose=0)
    path = tmp_path / name
    if name.endswith("fastcnn"):
        model.save(path)
        again = models.load_model(path)
    else:
        model.save_weights(path)
        model.fit(x, y, verbose=0)
        assert not np.array_equal(model.predict(x, verbose=0), expected)
        again = model
        again.load_weights(path)
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)


def test_set_weights(model, data):
    x, _ = data
    other = make()
    other.predict(x, verbose=0)
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))


def test_call_and_predict_agree(model, data):
    x, _ = data
    np.testing.assert_allclose(model(x), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model(x[..., 0]), model.predict(x[..., 0], verbose=0), rtol=1e-5, atol=1e-6)


def test_frozen_layer(model, data):
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(*data, verbose=0)
    same = [np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)]
    assert same == [True, True, False, False]


def test_pop_and_add(model, data):
    x, y = data
    kept = model.layers[0].get_weights()
    model.pop()
    model.add(layers.Dense(5, activation="softmax"))
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], kept[0])
    assert model.predict(x, verbose=0).shape == (40, 5)
    model.fit(x, y + 2, verbose=0)


def test_users_model(data):
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.flat = layers.Flatten()
            self.heads = [layers.Dense(8, activation="relu"), layers.Dropout(0.5), layers.Dense(3)]

        def call(self, inputs):
            x = self.flat(inputs)
            for layer in self.heads:
                x = layer(x)
            return x

    net = Net()
    net.compile("sgd", loss="mse")
    x, _ = data
    net.fit(x, np.zeros((40, 3)), verbose=0)
    assert len(net.trainable_weights) == 4
    assert net.predict(x, verbose=0).shape == (40, 3)
