"""Masks that travel between layers, against Keras's: outputs, histories with losses and metrics weighted by masks, and
weights after training."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers

RNG = np.random.RandomState(4)
WORDS = RNG.randint(1, 12, (24, 7))
for row, length in zip(WORDS, RNG.randint(2, 8, 24), strict=True):
    row[length:] = 0
STEPS = np.where(WORDS[..., None] == 0, 0, RNG.normal(size=(24, 7, 3))).astype("float32")
LABELS = RNG.randint(0, 3, 24)
TAGS = RNG.randint(0, 4, (24, 7))
WEIGHTS = RNG.uniform(0.3, 2, 24).astype("float32")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
CHECKED = {"layers": {"Masking"}}


def text(package, *between, classes=3):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    for make in between:
        x = make(package.layers)(x)
    x = package.layers.GlobalAveragePooling1D()(x)
    return package.Model(words, package.layers.Dense(classes, activation="softmax")(x))


def tagger(package):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    x = package.layers.Dense(5, activation="relu")(x)
    return package.Model(words, package.layers.Dense(4, activation="softmax")(x))


def transformer(package):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    y = package.layers.MultiHeadAttention(2, 3)(x, x)
    x = package.layers.LayerNormalization()(package.layers.Add()([x, y]))
    return package.Model(words, package.layers.Dense(4, activation="softmax")(x))


def grouped(package):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    x = package.layers.GroupQueryAttention(3, 4, 2)(x, x)
    return package.Model(words, package.layers.Dense(4, activation="softmax")(x))


def attention(package):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    y = package.layers.Attention()([x, x])
    x = package.layers.Concatenate()([x, y])
    return package.Model(words, package.layers.Dense(4, activation="softmax")(x))


def sequential(package):
    return package.Sequential(
        [
            package.Input((7, 3)),
            package.layers.Masking(),
            package.layers.Dense(4, activation="tanh"),
            package.layers.BatchNormalization(momentum=0.5),
            package.layers.TimeDistributed(package.layers.Dense(4, activation="softmax")),
        ]
    )


def operators(package):
    words = package.Input((7,))
    x = package.layers.Embedding(12, 4, mask_zero=True, name="words")(words)
    return package.Model(words, package.layers.Dense(4, activation="softmax")(x * 2.0))


def subclassed(package):
    class Squeezed(package.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            counts = package.ops.expand_dims(package.ops.cast(mask, "float32"), -1)
            powers = package.ops.exp(inputs) * counts
            return powers / package.ops.sum(powers, axis=1, keepdims=True)

    class Half(package.layers.Layer):
        def call(self, inputs):
            return package.ops.split(inputs, [3], axis=1)[0]

        def compute_mask(self, inputs, mask=None):
            return None if mask is None else package.ops.split(mask, [3], axis=1)[0]

    return text(package, lambda _: Squeezed(), lambda _: Half())


FIT = {
    "mean": (text, WORDS, LABELS, {}),
    "dropped": (lambda p: text(p, lambda k: k.Dropout(0.0), lambda k: k.Dense(3, "relu")), WORDS, LABELS, {}),
    "destroyed": (lambda p: text(p, lambda k: k.Conv1D(3, 3, activation="relu")), WORDS, LABELS, {}),
    "tags": (tagger, WORDS, TAGS, {}),
    "weighted tags": (tagger, WORDS, TAGS, {"sample_weight": WEIGHTS[:, None] * np.ones((24, 7), "float32")}),
    "transformer": (transformer, WORDS, TAGS, {}),
    "grouped": (grouped, WORDS, TAGS, {}),
    "attention": (attention, WORDS, TAGS, {}),
    "masking": (sequential, STEPS, TAGS, {}),
    "operators": (operators, WORDS, TAGS, {}),
    "own layers": (subclassed, WORDS, LABELS, {}),
}


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize("case", FIT)
def test_training(keras, case):
    make, x, y, options = FIT[case]
    models = [make(package) for package in (fastcnn, keras)]
    assert [w.shape for w in models[0].weights] == [tuple(w.shape) for w in models[1].weights]
    start = [RNG.normal(scale=0.5, size=w.shape).astype("float32") for w in models[0].weights]
    start = [np.abs(v) if "var" in w.name else v for w, v in zip(models[0].weights, start, strict=True)]
    results = []
    for package, model in zip((fastcnn, keras), models, strict=True):
        model.set_weights(start)
        model.compile(package.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0, **options).history
        ends = [model.predict(x, verbose=0), model(x), *model.evaluate(x, y, verbose=0)]
        results.append((history, [np.asarray(end) for end in ends], model.get_weights()))
    (ours, ends, weights), (theirs, right, expected) = results
    assert ours.keys() == theirs.keys()
    for name in ("loss",):  # on JAX, Keras forgets masks between the loss and the metrics of a training step
        np.testing.assert_allclose(ours[name], theirs[name], rtol=2e-4, err_msg=name)
    for got, wanted in zip(ends + weights, right + expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("make", [text, tagger, attention])
def test_layers_of_models(keras, make):
    keras.utils.clear_session()
    fastcnn.utils.clear_session()
    ours, theirs = make(fastcnn), make(keras)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]


def test_layers_with_arguments(keras):
    numbers = np.abs(RNG.normal(size=(4, 7, 3))).astype("float32")
    mask = RNG.uniform(size=(4, 7)) < 0.6
    for package in (layers, keras.layers):
        layer = package.BatchNormalization(momentum=0.5)
        outputs = [np.asarray(layer(numbers, mask=mask, training=True)), *map(np.asarray, layer.get_weights())]
        outputs.append(np.asarray(package.Masking(mask_value=2.0)(np.where(numbers > 1, 2, numbers))))
        if package is layers:
            ours = outputs
    for got, wanted in zip(ours, outputs, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_layer_that_takes_no_masks_says_so():
    with pytest.warns(UserWarning, match="was passed an input with a mask attached to it"):
        text(fastcnn, lambda k: k.Conv1D(3, 3))
