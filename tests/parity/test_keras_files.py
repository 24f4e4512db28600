"""Model files go from Keras to fastcnn and back: layers, weights, what compile set up, the optimizer's state."""

import numpy as np
import pytest

import fastcnn

keras = pytest.importorskip("keras", reason="needs Keras")
pytest.importorskip("h5py", reason="needs h5py")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

X = np.random.default_rng(0).random((12, 8, 8, 3), dtype="float32")
Y = np.random.default_rng(1).integers(0, 3, 12)


def stack(package):
    layers = package.layers
    return package.Sequential(
        [
            package.Input((8, 8, 3)),
            layers.Rescaling(2.0, offset=-1.0),
            layers.RandomFlip("horizontal", seed=1),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer=package.regularizers.L2(1e-3)),
            layers.BatchNormalization(),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.SeparableConv2D(4, 3),
            layers.LeakyReLU(negative_slope=0.2),
            layers.MaxPooling2D(2),
            layers.SpatialDropout2D(0.1),
            layers.Flatten(),
            layers.LayerNormalization(),
            layers.Dense(6, kernel_constraint=package.constraints.MaxNorm(2.0)),
            layers.Activation("gelu"),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )


def graph(package):
    layers = package.layers
    image = package.Input((8, 8, 3), name="image")
    conv = layers.Conv2D(4, 3, padding="same")
    x = conv(image)
    x = layers.Concatenate()([x, layers.ReLU()(x)]) * 0.5
    x = layers.Conv2DTranspose(4, 2, strides=2)(x) + 1.0
    x = layers.GlobalAveragePooling2D()(layers.UpSampling2D(2)(x))
    head = package.Sequential([package.Input((4,)), layers.Dense(3, activation="softmax")], name="head")
    return package.Model(image, head(x), name="graph")


def compiled(package, make):
    model = make(package)
    optimizers = package.optimizers
    model.compile(
        optimizer=optimizers.AdamW(optimizers.schedules.CosineDecay(0.01, 50), weight_decay=0.01, clipnorm=1.0),
        loss=package.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy", package.metrics.SparseTopKCategoricalAccuracy(k=2)],
    )
    model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    return model


def same(ours, theirs):
    np.testing.assert_allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=2e-5, atol=2e-6)
    one = [np.ravel(np.asarray(v.numpy())) for v in ours.optimizer.variables]
    other = [np.ravel(keras.ops.convert_to_numpy(v)) for v in theirs.optimizer.variables]
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    results = [model.evaluate(X, Y, verbose=0, return_dict=True) for model in (ours, theirs)]
    assert results[0].keys() == results[1].keys()
    for name, value in results[0].items():
        assert value == pytest.approx(results[1][name], rel=1e-4)


@pytest.mark.parametrize("make", [stack, graph])
def test_from_keras(tmp_path, make):
    theirs = compiled(keras, make)
    theirs.save(tmp_path / "m.keras")
    ours = fastcnn.models.load_model(tmp_path / "m.keras")
    same(ours, theirs)
    ours.fit(X, Y, verbose=0)


@pytest.mark.parametrize("make", [stack, graph])
def test_to_keras(tmp_path, make):
    ours = compiled(fastcnn, make)
    ours.save(tmp_path / "m.keras")
    theirs = keras.models.load_model(tmp_path / "m.keras")
    same(ours, theirs)
    theirs.fit(X, Y, verbose=0)


def test_weights_of_compiled_models(tmp_path):
    theirs = compiled(keras, stack)
    theirs.save_weights(tmp_path / "w.weights.h5")
    ours = compiled(fastcnn, stack)
    ours.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), rtol=2e-5, atol=2e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_files_of_weights_hold_the_optimizer(tmp_path):
    """Of a compiled model; it is read where the optimizer has as many variables, else left out with a warning."""
    rng = np.random.RandomState(7)
    x, y = rng.normal(size=(12, 5)).astype("float32"), rng.normal(size=(12, 2)).astype("float32")

    def made(package):
        model = package.Sequential([package.Input((5,)), package.layers.Dense(2)])
        model.compile(package.optimizers.Adam(0.1), "mse")
        return model

    for writer, reader in ((fastcnn, keras), (keras, fastcnn)):
        model = made(writer)
        model.fit(x, y, epochs=2, verbose=0, shuffle=False)
        path = tmp_path / f"{writer.__name__}.weights.h5"
        model.save_weights(path)
        other = made(reader)
        with pytest.warns(UserWarning, match="has 2 variables whereas the saved optimizer has 6 variables"):
            other.load_weights(path)
        other.optimizer.build(other.trainable_variables)
        other.load_weights(path)
        assert int(other.optimizer.iterations) == 2
        for one in (model, other):
            one.fit(x, y, epochs=2, verbose=0, shuffle=False)
        for one, another in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(one, another, rtol=1e-4, atol=1e-5)


def two_branches(package):
    """A subclassed model whose attributes stand before and behind "layers" in the alphabet."""

    class Block(package.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.second = package.layers.Dense(4)
            self.first = package.layers.Dense(4)

        def build(self, shape):
            self.second.build(shape)
            self.first.build(shape)

        def call(self, x):
            return self.second(self.first(x))

    class Net(package.Model):
        def __init__(self):
            super().__init__()
            self.stem = package.layers.Dense(4)
            self.blocks = [Block(), Block()]
            self.head = package.layers.Dense(2)

        def call(self, x):
            x = self.stem(x)
            for block in self.blocks:
                x = block(x)
            return self.head(x)

    return Net()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Skipping variable loading")
def test_weights_of_subclassed_models(tmp_path):
    x, y = np.ones((6, 4), "float32"), np.ones((6, 2), "float32")
    for writer, reader in ((fastcnn, keras), (keras, fastcnn)):
        model, other = two_branches(writer), two_branches(reader)
        model.compile("sgd", "mse")
        model.fit(x, y, verbose=0)
        other(x)
        model.save_weights(tmp_path / "a.weights.h5")
        other.load_weights(tmp_path / "a.weights.h5")
        np.testing.assert_allclose(np.asarray(other(x)), np.asarray(model(x)), rtol=1e-4)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_outputs_by_name_have_the_order_of_keras():
    made = []
    for package in (fastcnn, keras):
        x = package.Input((4,))
        ends = {"size": package.layers.Dense(1)(x), "kind": package.layers.Dense(3)(x)}
        made.append(package.Model(x, ends))
    assert [w.shape for w in made[0].weights] == [tuple(w.shape) for w in made[1].weights]
    again = fastcnn.Model.from_config(made[0].get_config())
    assert {name: one.shape for name, one in again(np.ones((2, 4))).items()} == {"size": (2, 1), "kind": (2, 3)}
