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
