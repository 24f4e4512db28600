"""Layers that move and colour images at random, bring them to a size, or add noise."""

import json

import numpy as np
import pytest

from fastcnn import Input, Sequential, layers

IMAGES = np.random.default_rng(1).uniform(0, 255, size=(6, 9, 8, 3)).astype("float32")
RANDOM = [
    ("RandomFlip", {}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": (-0.1, 0.3), "fill_mode": "wrap"}),
    ("RandomZoom", {"height_factor": 0.3}),
    ("RandomShear", {"x_factor": 0.3, "y_factor": [0.1, 0.2], "fill_mode": "constant"}),
    ("RandomCrop", {"height": 5, "width": 4}),
    ("RandomBrightness", {"factor": 0.3}),
    ("RandomContrast", {"factor": 0.5}),
    ("RandomGrayscale", {"factor": 0.5}),
    ("GaussianNoise", {"stddev": 3.0}),
    ("GaussianDropout", {"rate": 0.3}),
    ("AlphaDropout", {"rate": 0.3}),
]
PARAMETERS = pytest.mark.parametrize(("name", "arguments"), RANDOM)


def make(name, arguments, seed=5):
    return getattr(layers, name)(**arguments, seed=seed)


@PARAMETERS
def test_random_layers(name, arguments):
    layer = make(name, arguments)
    first, second = layer(IMAGES, training=True), layer(IMAGES, training=True)
    assert first.shape == second.shape == layer.compute_output_shape(IMAGES.shape)
    assert not np.array_equal(first, second)
    assert np.array_equal(make(name, arguments)(IMAGES, training=True), first)
    assert not np.array_equal(make(name, arguments, seed=6)(IMAGES, training=True), first)
    different = {first[row].tobytes() != first[0].tobytes() for row in range(1, 6)}
    assert True in different
    quiet = layer(IMAGES, training=False)
    assert np.array_equal(quiet, IMAGES) or name == "RandomCrop"
    copy = layers.deserialize(json.loads(json.dumps(layers.serialize(layer))))
    assert json.dumps(copy.get_config()) == json.dumps(layer.get_config())
    single = make(name, arguments)(IMAGES[0], training=True) if name.startswith("Random") else None
    assert single is None or single.shape == first.shape[1:]


@PARAMETERS
def test_random_layers_in_a_model_are_active_in_training_only(name, arguments):
    random = make(name, arguments)
    model = Sequential([Input((9, 8, 3)), layers.Rescaling(1 / 255), random, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(IMAGES, np.zeros(6), epochs=2, batch_size=3, verbose=0)
    assert random.state.value[1] == 4
    assert np.array_equal(model.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0))


def test_directly_called_image_layers_are_active():
    assert not np.array_equal(layers.RandomRotation(0.2)(IMAGES), IMAGES)
    assert np.array_equal(layers.GaussianNoise(1.0)(IMAGES), IMAGES)


def test_flips():
    flipped = layers.RandomFlip("horizontal", seed=3)(np.repeat(IMAGES[:1], 64, axis=0))
    kept = [np.array_equal(image, IMAGES[0]) for image in flipped]
    turned = [np.array_equal(image, IMAGES[0, :, ::-1]) for image in flipped]
    assert all(a != b for a, b in zip(kept, turned, strict=True))
    assert 16 < sum(kept) < 48


def test_crops_are_parts():
    part = layers.RandomCrop(5, 4, seed=2)(IMAGES)
    for image, whole in zip(part, IMAGES, strict=True):
        places = [(i, j) for i in range(5) for j in range(5) if np.array_equal(whole[i : i + 5, j : j + 4], image)]
        assert len(places) == 1


def test_sizes():
    assert np.array_equal(layers.Resizing(9, 8)(IMAGES), IMAGES)
    assert np.array_equal(layers.Resizing(3, 4, "nearest")(IMAGES), IMAGES[:, 1::3, 1::2])
    assert np.array_equal(layers.CenterCrop(3, 4)(IMAGES), IMAGES[:, 3:6, 2:6])
    assert layers.Resizing(20, 10, crop_to_aspect_ratio=True)(IMAGES).shape == (6, 20, 10, 3)
    assert np.allclose(layers.Rescaling([1.0, 2.0, 3.0], offset=-1.0)(IMAGES), IMAGES * [1, 2, 3] - 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.RandomFlip("diagonal"), "unknown mode 'diagonal'"),
        (lambda: layers.RandomRotation(2.0), r"in the range \[-1.0, 1.0\]"),
        (lambda: layers.RandomRotation("a"), "Received: factor='a'"),
        (lambda: layers.RandomRotation(0.1, fill_mode="edge"), "unknown fill_mode 'edge'"),
        (lambda: layers.RandomZoom(0.1, interpolation="cubic"), "unknown interpolation 'cubic'"),
        (lambda: layers.RandomShear(-0.1), "x_factor"),
        (lambda: layers.RandomBrightness(0.1, value_range=3), "value_range"),
        (lambda: layers.RandomContrast(3), r"in the range \[0.0, 1.0\]"),
        (lambda: layers.RandomGrayscale(2), "between 0 and 1"),
        (lambda: layers.RandomCrop(0, 3), "received height=0"),
        (lambda: layers.Resizing(3, 3, "cubic"), "received interpolation='cubic'"),
        (lambda: layers.GaussianNoise(-1.0), "stddev"),
        (lambda: layers.GaussianDropout(2.0), "between 0 and 1"),
        (lambda: layers.RandomFlip(seed="a"), "seed must be an integer"),
        (lambda: layers.RandomFlip()(np.zeros((3, 3))), "min_ndim=3"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
