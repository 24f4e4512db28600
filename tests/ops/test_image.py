"""Functions of images in graphs of any batch: the reference of what they record is what they give on arrays."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.reference import run_graph

rng = np.random.default_rng(1)
IMAGES = rng.uniform(0, 1, size=(2, 9, 8, 3)).astype("float32")
CORNERS = np.array([[0, 0], [7, 0], [0, 8], [7, 8]], "float32")
MOVED = CORNERS + rng.normal(size=(2, 4, 2)).astype("float32")
CASES = [
    ("rgb_to_grayscale", (), {}),
    ("rgb_to_hsv", (), {}),
    ("hsv_to_rgb", (), {}),
    ("resize", ((5, 13),), {"interpolation": "bicubic"}),
    ("resize", ((3, 3),), {"interpolation": "lanczos5", "antialias": True}),
    ("resize", ((12, 4),), {"pad_to_aspect_ratio": True, "fill_value": 0.5}),
    ("gaussian_blur", (), {"kernel_size": (5, 3), "sigma": (0.7, 1.3)}),
    ("sobel_edges", (), {}),
    ("extract_patches", ((3, 2),), {"strides": 2, "padding": "same"}),
    ("crop_images", (1, 2), {"target_height": 4, "target_width": 5}),
    ("pad_images", (1, 2), {"target_height": 14, "target_width": 15}),
    ("elastic_transform", (3.0, 1.5), {"seed": 3}),
    ("ssim", (IMAGES[::-1],), {"filter_size": 5}),
]


@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_recorded(name, arguments, options):
    x = Tensor((2 if name == "ssim" else None, 9, 8, 3))
    function = getattr(ops.image, name)
    graph = Graph([x], [function(x, *arguments, **options)])
    (recorded,), _ = run_graph(graph, {x: IMAGES})
    np.testing.assert_allclose(recorded, function(IMAGES, *arguments, **options), rtol=1e-4, atol=1e-5)


def test_an_elastic_image_has_a_seed():
    first, same, other = (ops.image.elastic_transform(IMAGES, 3.0, 1.5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_perspective_moves_points():
    x = np.zeros((1, 9, 8, 1), "float32")
    x[0, 8, 7] = 1
    moved = CORNERS - [0, 1]
    y = ops.image.perspective_transform(x, CORNERS[None], moved[None])
    assert y[0, 7, 7, 0] == pytest.approx(1, abs=1e-5)
    assert y.sum() == pytest.approx(1, abs=1e-4)
