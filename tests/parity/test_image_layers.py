"""Image layers against Keras's, with random ranges of one point, so that both must give the same image."""

import numpy as np
import pytest
from layer_parity import plain

import fastcnn
from fastcnn import layers

IMAGES = np.random.default_rng(1).uniform(0, 255, size=(3, 9, 8, 3)).astype("float32")
CASES = [
    ("RandomRotation", {"factor": (0.1, 0.1)}),
    ("RandomRotation", {"factor": (-0.3, -0.3), "fill_mode": "constant", "fill_value": 7.0}),
    ("RandomRotation", {"factor": (0.05, 0.05), "fill_mode": "nearest", "interpolation": "nearest"}),
    ("RandomTranslation", {"height_factor": (0.2, 0.2), "width_factor": (-0.3, -0.3)}),
    ("RandomTranslation", {"height_factor": (0.2, 0.2), "width_factor": (0.1, 0.1), "fill_mode": "wrap"}),
    ("RandomZoom", {"height_factor": (0.3, 0.3)}),
    ("RandomZoom", {"height_factor": (-0.3, -0.3), "width_factor": (0.2, 0.2), "fill_mode": "constant"}),
    ("RandomBrightness", {"factor": (0.3, 0.3)}),
    ("RandomContrast", {"factor": (0.0, 0.0)}),
    ("RandomGrayscale", {"factor": 1.0}),
    ("RandomHue", {"factor": (1.0, 1.0)}),
    ("RandomSaturation", {"factor": (0.3, 0.3)}),
    ("RandomSaturation", {"factor": (0.8, 0.8)}),
    ("RandomColorDegeneration", {"factor": (0.4, 0.4)}),
    (
        "RandomColorJitter",
        {
            "brightness_factor": (0.1, 0.1),
            "contrast_factor": (0.0, 0.0),
            "saturation_factor": (0.6, 0.6),
            "hue_factor": (1.0, 1.0),
        },
    ),
    ("RandomSharpness", {"factor": (0.2, 0.2)}),
    ("RandomSharpness", {"factor": (0.9, 0.9), "value_range": (20, 200)}),
    ("RandomGaussianBlur", {"factor": (1.0, 1.0), "kernel_size": (5, 3), "sigma": (0.7, 0.7)}),
    ("RandomPosterization", {"factor": (3, 3)}),
    ("RandomInvert", {"factor": (1.0, 1.0)}),
    ("RandomInvert", {"factor": (0.0, 0.0)}),
    ("Solarization", {}),
    ("Solarization", {"value_range": (0, 256)}),
    ("AutoContrast", {}),
    ("AutoContrast", {"value_range": (-20, 300)}),
    ("Equalization", {}),
    ("Equalization", {"bins": 64}),
    ("RandomErasing", {"factor": (1.0, 1.0), "scale": (1.0, 1.0), "fill_value": 300.0}),
    ("RandomErasing", {"factor": (0.0, 0.0)}),
    ("RandomPerspective", {"scale": 0.0}),
    ("RandomElasticTransform", {"scale": 0.0}),
    ("Rescaling", {"scale": 0.1, "offset": 2.0}),
    ("Resizing", {"height": 5, "width": 3, "interpolation": "bicubic", "antialias": True}),
    ("Resizing", {"height": 12, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 3.0}),
    ("Resizing", {"height": 5, "width": 13}),
    ("Resizing", {"height": 12, "width": 4, "interpolation": "nearest"}),
    ("Resizing", {"height": 12, "width": 4, "crop_to_aspect_ratio": True}),
    ("CenterCrop", {"height": 4, "width": 5}),
    ("CenterCrop", {"height": 12, "width": 5}),
]
CHECKED = {"layers": {*(name for name, *_ in CASES), "GaussianNoise", "GaussianDropout", "AlphaDropout"}}


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_same_images(keras, name, arguments):
    ours = getattr(layers, name)(**arguments, name="layer")
    theirs = getattr(keras.layers, name)(**arguments, name="layer")
    active = {} if name in ("Rescaling", "Resizing", "CenterCrop") else {"training": True}
    near = 1.01 if name == "Equalization" else 2e-2  # XLA divides by a rounded reciprocal: halves fall to either side
    np.testing.assert_allclose(ours(IMAGES, **active), np.asarray(theirs(IMAGES, **active)), rtol=1e-4, atol=near)
    np.testing.assert_allclose(ours(IMAGES[0], **active), np.asarray(theirs(IMAGES[0], **active)), rtol=1e-4, atol=near)
    mine, keras_config = plain(ours.get_config()), plain(theirs.get_config())
    assert mine.keys() - {"seed"} == keras_config.keys() - {"bounding_box_format", "seed"}
    for key in mine.keys() - {"seed", "dtype"}:
        assert mine[key] == keras_config[key], key


@pytest.mark.parametrize("name", ["Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout"])
def test_same_distribution(keras, name):
    x = np.random.default_rng(2).normal(size=(1, 200_000)).astype("float32")
    ours = getattr(layers, name)(0.3, seed=1)(x, training=True)
    theirs = np.asarray(getattr(keras.layers, name)(0.3, seed=1)(x, training=True))
    assert abs(ours.mean() - theirs.mean()) < 0.01
    assert abs(ours.std() - theirs.std()) < 0.01
    assert np.allclose(
        np.quantile(ours, [0.01, 0.2, 0.5, 0.8, 0.99]), np.quantile(theirs, [0.01, 0.2, 0.5, 0.8, 0.99]), atol=0.04
    )


ONE = np.random.default_rng(3).uniform(0, 255, size=(12, 10, 3)).astype("float32")
MANY = np.repeat(ONE[None], 2000, axis=0)
DISTRIBUTIONS = [
    ("RandomHue", {"factor": 0.5}),
    ("RandomSaturation", {"factor": (0.2, 0.7)}),
    ("RandomColorDegeneration", {"factor": 0.5}),
    ("RandomColorJitter", {"brightness_factor": 0.3, "contrast_factor": 0.3, "saturation_factor": 0.4}),
    ("RandomSharpness", {"factor": 1.0}),
    ("RandomGaussianBlur", {"sigma": (0.8, 0.8)}),
    ("RandomPosterization", {"factor": 5}),
    ("RandomInvert", {"factor": 0.8}),
    ("Solarization", {"addition_factor": (0.1, 0.4), "threshold_factor": (0.2, 0.7)}),
    ("RandomErasing", {"fill_value": 0.0}),
    ("RandomErasing", {"factor": 0.5, "scale": (0.1, 0.5)}),
    ("RandomPerspective", {"scale": 0.4, "factor": (0.2, 0.9)}),
    ("RandomContrast", {"factor": 0.4}),
    ("RandomShear", {"x_factor": 0.3, "y_factor": 0.2}),
    ("RandomFlip", {"mode": "vertical"}),
    ("RandomFlip", {"mode": "horizontal"}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomZoom", {"height_factor": (-0.3, 0.2), "width_factor": (-0.1, 0.4)}),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.3}),
    ("RandomBrightness", {"factor": 0.4}),
]


@pytest.mark.parametrize(("name", "arguments"), DISTRIBUTIONS)
def test_same_distribution_of_images(keras, name, arguments):
    ours = getattr(layers, name)(**arguments, seed=3)(MANY, training=True)
    theirs = np.asarray(getattr(keras.layers, name)(**arguments, seed=3)(MANY, training=True))
    for measure in (
        lambda x: x.mean(axis=(1, 2, 3)),
        lambda x: x.std(axis=(1, 2, 3)),
        lambda x: np.abs(x - ONE).mean(axis=(1, 2, 3)),
        lambda x: x[:, 2, 3, 1],
    ):
        mine, other = np.sort(measure(ours)), np.sort(measure(theirs))
        spread = max(mine.std(), other.std(), 1.0)
        assert abs(mine.mean() - other.mean()) < 0.12 * spread
        assert np.abs(mine - other).mean() < 0.15 * spread


@pytest.mark.parametrize(("rank", "rate"), [(1, 0.3), (2, 0.5), (3, 0.2)])
def test_same_share_of_whole_maps_is_dropped(keras, rank, rate):
    x = np.ones((400, *[3] * rank, 8), "float32")
    kept = []
    for package in (fastcnn, keras):
        y = np.asarray(getattr(package.layers, f"SpatialDropout{rank}D")(rate, seed=2)(x, training=True))
        maps = y.reshape(400, -1, 8)
        assert (maps == maps[:, :1]).all()
        np.testing.assert_allclose(maps.max(), 1 / (1 - rate), rtol=1e-6)
        kept.append((maps[:, 0] > 0).mean())
    assert abs(kept[0] - (1 - rate)) < 0.03
    assert abs(kept[0] - kept[1]) < 0.04


@pytest.mark.filterwarnings("ignore:.*int64")
@pytest.mark.parametrize(("name", "arguments"), [("MixUp", {"alpha": 0.4}), ("CutMix", {"factor": (0.7, 0.7)})])
def test_same_distribution_of_mixes(keras, name, arguments):
    images = np.random.default_rng(4).uniform(0, 255, size=(3000, 8, 8, 1)).astype("float32")
    labels = np.random.default_rng(5).normal(size=(3000, 2)).astype("float32")
    ours = getattr(layers, name)(**arguments, seed=3)({"images": images, "labels": labels}, training=True)
    theirs = getattr(keras.layers, name)(**arguments, seed=3)({"images": images, "labels": labels}, training=True)
    for key, value in (("images", images), ("labels", labels)):
        axes = tuple(range(1, value.ndim))
        mine, other = (np.sort(np.abs(np.asarray(x[key]) - value).mean(axis=axes)) for x in (ours, theirs))
        assert np.abs(mine - other).mean() < 0.1 * other.std()
    config, keras_config = (plain(getattr(m, name)(**arguments).get_config()) for m in (layers, keras.layers))
    assert {key: config[key] for key in arguments} == {key: keras_config[key] for key in arguments}
    assert config.keys() == keras_config.keys()


@pytest.mark.parametrize("name", ["RandAugment", "AugMix", "RandomElasticTransform"])
def test_same_configs_and_like_results(keras, name):
    ours, theirs = getattr(layers, name)(name="layer"), getattr(keras.layers, name)(name="layer")
    mine, keras_config = plain(ours.get_config()), plain(theirs.get_config())
    assert mine.keys() == keras_config.keys()
    for key in mine.keys() - {"seed", "dtype"}:
        assert mine[key] == keras_config[key], key
    moved = [
        np.mean([np.abs(np.asarray(layer(MANY[:40], training=True)) - ONE).mean() for _ in range(25)])
        for layer in (ours, theirs)
    ]
    assert 0.6 < moved[0] / moved[1] < 1.6


WRONG = [
    ("RandomHue", {"factor": 2.0}),
    ("RandomHue", {"factor": "a"}),
    ("RandomSaturation", {"factor": 1.5}),
    ("RandomSaturation", {"factor": 0.5, "value_range": 3}),
    ("RandomSharpness", {"factor": -0.5}),
    ("RandomPosterization", {"factor": 9}),
    ("RandomPosterization", {"factor": 3, "value_range": (1, 2, 3)}),
    ("RandomGaussianBlur", {"kernel_size": 4}),
    ("RandomGaussianBlur", {"factor": 2.0}),
    ("RandomErasing", {"factor": -0.2}),
    ("RandomErasing", {"scale": 1.2}),
    ("Solarization", {"addition_factor": 1.2}),
    ("AutoContrast", {"value_range": 3}),
    ("CutMix", {"factor": 1.5}),
    ("RandomPerspective", {"scale": 1.5}),
    ("RandomElasticTransform", {"scale": 1.5}),
    ("RandAugment", {"factor": 1.5}),
    ("AugMix", {"factor": 1.5}),
    ("Resizing", {"height": 3, "width": 3, "data_format": "last"}),
]


@pytest.mark.parametrize(("name", "arguments"), WRONG)
def test_same_errors(keras, name, arguments):
    for package in (keras, fastcnn):
        with pytest.raises(ValueError, match=r"\w"):
            getattr(package.layers, name)(**arguments)
