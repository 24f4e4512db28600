"""Image layers against Keras's, with random ranges of one point, so that both must give the same image."""

import numpy as np
import pytest
from layer_parity import plain

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
    ("Rescaling", {"scale": 0.1, "offset": 2.0}),
    ("Resizing", {"height": 5, "width": 13}),
    ("Resizing", {"height": 12, "width": 4, "interpolation": "nearest"}),
    ("Resizing", {"height": 12, "width": 4, "crop_to_aspect_ratio": True}),
    ("CenterCrop", {"height": 4, "width": 5}),
    ("CenterCrop", {"height": 12, "width": 5}),
]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_same_images(keras, name, arguments):
    ours = getattr(layers, name)(**arguments, name="layer")
    theirs = getattr(keras.layers, name)(**arguments, name="layer")
    active = {"training": True} if name.startswith("Random") else {}
    np.testing.assert_allclose(ours(IMAGES, **active), np.asarray(theirs(IMAGES, **active)), rtol=1e-4, atol=2e-2)
    ignored = {"data_format", "bounding_box_format", "antialias", "pad_to_aspect_ratio", "fill_mode", "fill_value"}
    mine, keras_config = plain(ours.get_config()), plain(theirs.get_config())
    for key in set(mine) & set(keras_config) - {"seed"}:
        assert mine[key] == keras_config[key], key
    assert set(keras_config) - ignored - {
        "bounding_box_format",
        "antialias",
        "pad_to_aspect_ratio",
        "fill_mode",
        "fill_value",
    } <= set(mine)


@pytest.mark.parametrize("name", ["GaussianNoise", "GaussianDropout", "AlphaDropout"])
def test_same_distribution(keras, name):
    x = np.random.default_rng(2).normal(size=(1, 200_000)).astype("float32")
    ours = getattr(layers, name)(0.3)(x, training=True)
    theirs = np.asarray(getattr(keras.layers, name)(0.3)(x, training=True))
    assert abs(ours.mean() - theirs.mean()) < 0.01
    assert abs(ours.std() - theirs.std()) < 0.01
    assert np.allclose(
        np.quantile(ours, [0.01, 0.2, 0.5, 0.8, 0.99]), np.quantile(theirs, [0.01, 0.2, 0.5, 0.8, 0.99]), atol=0.04
    )
