"""Layers that move and colour images at random, bring them to a size, or add noise."""

import json

import numpy as np
import pytest

from fastcnn import Input, Sequential, get_num_threads, layers, set_num_threads
from fastcnn.graph import Graph, Tensor
from fastcnn.graph.recording import recording
from fastcnn.reference import run_graph

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
    ("RandomHue", {"factor": 0.5}),
    ("RandomSaturation", {"factor": (0.3, 0.7)}),
    ("RandomColorDegeneration", {"factor": 0.5}),
    ("RandomColorJitter", {"brightness_factor": 0.2, "contrast_factor": 0.2, "hue_factor": 0.2}),
    ("RandomSharpness", {"factor": 1.0}),
    ("RandomGaussianBlur", {"kernel_size": (5, 3), "sigma": (0.5, 1.0)}),
    ("RandomPosterization", {"factor": (1, 8)}),
    ("RandomInvert", {}),
    ("Solarization", {"addition_factor": 0.3, "threshold_factor": 0.5}),
    ("RandomErasing", {}),
    ("MixUp", {"alpha": 0.5}),
    ("CutMix", {}),
    ("RandomPerspective", {"scale": 0.5}),
    ("RandomElasticTransform", {"factor": (0.8, 1.0), "scale": (0.5, 1.0)}),
    ("GaussianNoise", {"stddev": 0.5}),
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
    if not name.startswith(("Gaussian", "Alpha")):
        assert make(name, arguments)(IMAGES[0], training=True).shape == first.shape[1:]
        of_channels = make(name, {**arguments, "data_format": "channels_first"})(
            np.moveaxis(IMAGES, -1, 1), training=True
        )
        assert np.allclose(np.moveaxis(of_channels, 1, -1), first, atol=1e-3)
        batch = make(name, arguments)({"images": IMAGES, "labels": np.eye(6)}, training=True)
        assert np.array_equal(batch["images"], first)
        assert np.allclose(batch["labels"].sum(axis=1), 1, atol=1e-5)


@PARAMETERS
def test_a_traced_call_is_the_call_as_it_is_written(name, arguments):
    if name.startswith(("Gaussian", "Alpha")):
        return
    traced, written = make(name, arguments), make(name, arguments)
    written.is_traceable = False
    batch = {"images": IMAGES, "labels": np.eye(6)}
    for _ in range(2):
        first, second = traced(dict(batch), training=True), written(dict(batch), training=True)
        assert all(np.array_equal(first[key], second[key]) for key in batch)
    assert any(call is not None for _, call in traced.calls.made.values())


def test_a_changed_layer_is_traced_again():
    layer = layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
    x = np.ones((1, 1, 4, 1))
    assert layer(x).sum() == 2
    layer.width_range = (0.25, 0.25)
    assert layer(x).sum() == 3
    layer.state.assign(np.array([3, 4]))
    assert layer(x).sum() == 3
    assert layer.state.value.tolist() == [3, 5]


@PARAMETERS
def test_random_layers_in_a_model_are_active_in_training_only(name, arguments):
    random = make(name, arguments)
    model = Sequential([Input((9, 8, 3)), layers.Rescaling(1 / 255), random, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(IMAGES, np.zeros(6), epochs=2, batch_size=3, verbose=0)
    assert name == "RandomColorJitter" or random.state.value[1] == 4
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
        (lambda: layers.Resizing(3, 3, "cubic"), "Received: interpolation='cubic'"),
        (lambda: layers.RandomHue(2), r"in the range \[0.0, 1.0\]"),
        (lambda: layers.RandomPosterization(9), r"in the range \[1, 8\]"),
        (lambda: layers.Solarization(1.5), r"Received: addition_factor=1.5"),
        (lambda: layers.AutoContrast(3), "value_range"),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), "must be an odd number"),
        (lambda: layers.RandomErasing(fill_value=[1, 2]), "list of three numbers"),
        (lambda: layers.RandomErasing(scale="a"), "`scale` argument"),
        (lambda: layers.MixUp(alpha=0), "above 0"),
        (lambda: layers.MixUp()({"images": IMAGES, "labels": np.zeros(6)}), "one_hot"),
        (lambda: layers.CutMix(factor=3), r"in the range \[0.0, 1.0\]"),
        (lambda: layers.RandomPerspective(scale=2), r"range \[0,1\]"),
        (lambda: layers.RandomElasticTransform(fill_mode="edge"), "unknown fill_mode 'edge'"),
        (lambda: layers.RandAugment(num_ops=0), "received num_ops=0"),
        (lambda: layers.RandomFlip(bounding_box_format="xyxy"), "does not move bounding boxes"),
        (lambda: layers.RandomFlip()({"images": IMAGES, "bounding_boxes": IMAGES}), "bounding boxes"),
        (lambda: layers.GaussianNoise(-1.0), "stddev"),
        (lambda: layers.GaussianDropout(2.0), "from 0 to 1"),
        (lambda: layers.RandomFlip(seed="a"), "seed must be an integer"),
        (lambda: layers.RandomFlip()(np.zeros((3, 3))), "rank 3"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["RandAugment", "AugMix"])
def test_policies(name):
    cls = getattr(layers, name)
    first, same, other = (cls(seed=seed) for seed in (5, 5, 6))
    results = [first(IMAGES, training=True) for _ in range(4)]
    assert all(np.array_equal(result, same(IMAGES, training=True)) for result in results)
    assert not all(np.array_equal(result, other(IMAGES, training=True)) for result in results)
    assert len({result.tobytes() for result in results}) > 1
    assert all(result.min() >= 0 and result.max() <= 255 for result in results)
    assert np.array_equal(first(IMAGES, training=False), IMAGES)
    model = Sequential([Input((9, 8, 3)), cls(seed=5), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(IMAGES / 255, np.zeros(6), epochs=2, batch_size=3, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()


def test_a_policy_in_a_step_takes_one_result():
    policy = layers.RandAugment(num_ops=1, seed=3)
    seen = []
    for _ in range(12):
        x = Tensor((None, 9, 8, 3))
        with recording():
            graph = Graph([x], [policy(x, training=True)])
        (recorded,), _ = run_graph(graph, {x: IMAGES})
        (pick,) = policy.uniform_of_batch((0.0, 11.0))
        change = policy.changes[int(pick.item())]
        expected = change(IMAGES, training=True)
        if hasattr(change, "state"):
            change.state.value[1] -= 1
        np.testing.assert_allclose(recorded, expected, rtol=1e-3, atol=0.5)
        policy.state.value[1] += 1
        seen.append(int(pick.item()))
    assert len(set(seen)) > 3


def test_mixed_labels_are_the_shares_of_images():
    images = np.arange(1.0, 7.0).reshape(6, 1, 1, 1) * np.ones((6, 20, 20, 1))
    for cls in (layers.MixUp, layers.CutMix):
        batch = cls(seed=4)({"images": images, "labels": np.eye(6)})
        shown = batch["labels"] @ np.arange(1.0, 7.0)
        tolerance = 1e-4 if cls is layers.MixUp else 0.6  # a box has whole pixels
        assert np.allclose(batch["images"].mean(axis=(1, 2, 3)), shown, atol=tolerance)


def test_erased_boxes():
    erase = layers.RandomErasing((1.0, 1.0), scale=(0.25, 0.25), fill_value=7, seed=1)
    erased = erase(np.zeros((50, 8, 10, 1))) == 7
    assert (erased.any(axis=(2, 3)).sum(axis=1) == 4).all()
    assert (erased.any(axis=(1, 3)).sum(axis=1) == 5).all()
    some = layers.RandomErasing((0.5, 0.5), fill_value=7, seed=1)(np.zeros((400, 8, 8, 1))) == 7
    assert 120 < some.any(axis=(1, 2, 3)).sum() < 280


def test_always_active():
    assert not np.array_equal(layers.AutoContrast()(IMAGES, training=False), IMAGES)
    assert np.array_equal(layers.Equalization()(IMAGES, training=False), IMAGES)
    flat = np.full((1, 4, 4, 1), 9.0, "float32")
    assert np.array_equal(layers.AutoContrast()(flat), flat)
    assert np.array_equal(layers.Equalization()(flat), flat)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_bits_for_any_number_of_threads(threads):
    images = np.random.default_rng(1).uniform(0, 255, size=(9, 40, 33, 3)).astype("float32")
    before = get_num_threads()
    results = []
    for count in (1, threads):
        set_num_threads(count)
        for name, arguments in RANDOM:
            results.append(make(name, arguments)(images, training=True))
    set_num_threads(before)
    half = len(results) // 2
    assert all(np.array_equal(a, b) for a, b in zip(results[:half], results[half:], strict=True))
