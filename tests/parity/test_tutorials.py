"""Models as Keras's examples build them, by one program for both packages: layers, predictions, histories, and files in
both directions."""

import numpy as np
import pytest

import fastcnn

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own
RNG = np.random.RandomState(0)
DIGITS, LABELS = RNG.rand(16, 28, 28, 1).astype("float32"), RNG.randint(0, 4, 16)
WORDS, TITLES = RNG.randint(0, 50, (16, 60)), RNG.randint(0, 40, (16, 20))


def mnist_convnet(k):
    layers = k.layers
    return k.Sequential(
        [
            k.Input(shape=(28, 28, 1)),
            layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.0),
            layers.Dense(4, activation="softmax"),
        ]
    )


def siamese(k):
    layers = k.layers
    digit = layers.Input((28, 28, 1))
    embedding = k.Model(digit, layers.Dense(6, activation="tanh")(layers.Flatten()(digit)), name="embedding")
    left, right = layers.Input((28, 28, 1)), layers.Input((28, 28, 1))
    squares = k.ops.sum(k.ops.square(embedding(left) - embedding(right)), axis=1, keepdims=True)
    distance = k.ops.sqrt(k.ops.maximum(squares, k.config.epsilon()))
    return k.Model([left, right], layers.Dense(1, activation="sigmoid")(distance))


def super_resolution(k):
    arguments = {"activation": "relu", "kernel_initializer": "orthogonal", "padding": "same"}
    inputs = k.Input(shape=(None, None, 1))
    x = k.layers.Conv2D(8, 5, **arguments)(inputs)
    x = k.layers.Conv2D(4, 3, **arguments)(x)
    return k.Model(inputs, k.ops.depth_to_space(x, 2))


def text_classification(k):
    layers = k.layers
    inputs = k.Input(shape=(None,), dtype="int64")
    x = layers.Dropout(0.0)(layers.Embedding(50, 8)(inputs))
    x = layers.Conv1D(8, 7, padding="valid", activation="relu", strides=3)(x)
    x = layers.GlobalMaxPooling1D()(x)
    return k.Model(inputs, layers.Dense(1, activation="sigmoid", name="predictions")(x))


def tickets(k):
    layers = k.layers
    title, image = k.Input(shape=(20,), name="title"), k.Input(shape=(28, 28, 1), name="image")
    x = layers.GlobalAveragePooling1D()(layers.Embedding(40, 8)(title))
    x = layers.concatenate([x, layers.Flatten()(layers.Conv2D(4, 5, strides=4)(image))])
    ends = {"priority": layers.Dense(1, name="priority")(x), "department": layers.Dense(4, name="department")(x)}
    return k.Model(inputs=[title, image], outputs=ends)


def of_tickets(k):
    return {
        "loss": {
            "priority": k.losses.MeanSquaredError(),
            "department": k.losses.SparseCategoricalCrossentropy(from_logits=True),
        },
        "loss_weights": {"priority": 1.0, "department": 0.2},
        "metrics": {"department": ["accuracy"]},
    }


SPARSE = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
BINARY = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
TUTORIALS = {
    "mnist_convnet": (mnist_convnet, DIGITS, LABELS, lambda k: SPARSE),
    "siamese": (siamese, [DIGITS, DIGITS[::-1].copy()], (LABELS % 2).astype("float32"), lambda k: BINARY),
    "super_resolution": (super_resolution, DIGITS[:, ::2, ::2], DIGITS, lambda k: {"loss": "mse"}),
    "text_classification": (text_classification, WORDS, (LABELS % 2).astype("float32"), lambda k: BINARY),
    "tickets": (
        tickets,
        {"title": TITLES, "image": DIGITS},
        {"priority": RNG.rand(16, 1).astype("float32"), "department": LABELS},
        of_tickets,
    ),
}


def outputs(model, x):
    return [np.asarray(one) for one in fastcnn.tree.flatten(model.predict(x, verbose=0))]


@pytest.mark.parametrize("name", TUTORIALS)
def test_tutorial(keras, name, tmp_path):
    make, x, y, options = TUTORIALS[name]
    models = {}
    for package in (fastcnn, keras):
        package.utils.clear_session()
        models[package] = make(package)
    ours, theirs = models[fastcnn], models[keras]
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    theirs.set_weights(ours.get_weights())
    histories = []
    for package, model in models.items():
        model.compile(optimizer=package.optimizers.SGD(0.05), **options(package))
        histories.append(model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history)
    assert list(histories[0]) == list(histories[1])
    for key, values in histories[1].items():
        np.testing.assert_allclose(histories[0][key], values, rtol=1e-3, err_msg=key)
    right = outputs(theirs, x)
    ours.save(tmp_path / "ours.keras")
    theirs.save(tmp_path / "theirs.keras")
    read = fastcnn.models.load_model(tmp_path / "theirs.keras"), keras.models.load_model(tmp_path / "ours.keras")
    for model in (ours, *read):
        for got, wanted in zip(outputs(model, x), right, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=2e-3, atol=1e-4)
