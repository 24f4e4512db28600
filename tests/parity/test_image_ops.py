"""`fastcnn.ops.image` against `keras.ops.image`, call by call."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan.program import Program

rng = np.random.default_rng(1)
IMAGES = rng.uniform(0, 1, size=(2, 9, 8, 3)).astype("float32")
OTHERS = rng.uniform(0, 1, size=(2, 9, 8, 3)).astype("float32")
MAPS = (np.array([1, 0, 0.4, 0, 1, -0.7, 0, 0]) + rng.normal(scale=0.2, size=(2, 8)) * [1, 1, 1, 1, 1, 1, 0, 0]).astype(
    "float32"
)
CORNERS = np.array([[0, 0], [7, 0], [0, 8], [7, 8]], "float32")
MOVED = CORNERS + rng.normal(size=(2, 4, 2)).astype("float32")
PLACES = rng.uniform(-4, 12, size=(2, 5, 6)).astype("float32")
VOLUMES = rng.uniform(size=(2, 6, 7, 8, 2)).astype("float32")
KINDS = ("bilinear", "bicubic", "lanczos3", "lanczos5")
CASES = [
    ("rgb_to_grayscale", (IMAGES,), {}),
    ("rgb_to_grayscale", (IMAGES[0],), {}),
    ("rgb_to_grayscale", (IMAGES[..., :1],), {}),
    ("rgb_to_hsv", (IMAGES,), {}),
    ("rgb_to_hsv", (IMAGES[0],), {}),
    ("hsv_to_rgb", (IMAGES,), {}),
    *(("resize", (IMAGES, (5, 13)), {"interpolation": kind, "antialias": a}) for kind in KINDS for a in (False, True)),
    ("resize", (IMAGES, (20, 3)), {"interpolation": "lanczos5", "antialias": True}),
    ("resize", (IMAGES[0], (4, 6)), {"interpolation": "nearest"}),
    ("resize", (IMAGES, (4, 12)), {"crop_to_aspect_ratio": True}),
    ("resize", (IMAGES, (4, 12)), {"pad_to_aspect_ratio": True, "fill_value": 0.5}),
    ("resize", (IMAGES, (12, 4)), {"pad_to_aspect_ratio": True}),
    *(
        ("affine_transform", (IMAGES, MAPS), {"interpolation": kind, "fill_mode": mode, "fill_value": 0.3})
        for kind in ("nearest", "bilinear")
        for mode in ("constant", "nearest", "wrap", "reflect")
    ),
    ("affine_transform", (IMAGES[0], MAPS[0]), {}),
    ("perspective_transform", (IMAGES, MOVED, np.repeat(CORNERS[None], 2, axis=0)), {}),
    ("perspective_transform", (IMAGES[0], CORNERS, MOVED[0]), {"fill_value": 0.4}),
    *(
        ("map_coordinates", (IMAGES[0, :, :, 0], PLACES, order), {"fill_mode": mode, "fill_value": 0.3})
        for order in (0, 1)
        for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
    ),
    ("gaussian_blur", (IMAGES,), {"kernel_size": (5, 3), "sigma": (0.7, 1.3), "data_format": "channels_last"}),
    ("sobel_edges", (IMAGES,), {}),
    ("ssim", (IMAGES, OTHERS), {"filter_size": 5}),
    ("ssim", (IMAGES[0], OTHERS[0]), {"filter_size": 5, "max_val": 2.0}),
    ("extract_patches", (IMAGES, (3, 2)), {}),
    ("extract_patches", (IMAGES, 3), {"strides": 2, "padding": "same"}),
    ("extract_patches", (IMAGES[0], (3, 2)), {"strides": 1, "dilation_rate": 2}),
    ("extract_patches_3d", (VOLUMES, 3), {"strides": 2, "padding": "same"}),
    ("extract_patches", (VOLUMES, (3, 2, 2)), {}),
    ("crop_images", (IMAGES, 1, 2), {"target_height": 4, "target_width": 5}),
    ("pad_images", (IMAGES, 1, 2), {"target_height": 14, "target_width": 15}),
    ("scale_and_translate", (IMAGES, (2, 12, 5, 3)), {"scale": np.array([1.3, 0.7], "float32"), "method": "cubic",
     "translation": np.array([0.2, -0.4], "float32"), "spatial_dims": (1, 2)}),
]  # fmt: skip
CHECKED = {"ops.image": {name for name, *_ in CASES}}


@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_same_values(keras, name, arguments, options):
    ours = getattr(ops.image, name)(*arguments, **options)
    theirs = np.asarray(getattr(keras.ops.image, name)(*arguments, **options))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


CHANNELS_FIRST = [case for case in CASES if case[0] in ("resize", "affine_transform", "perspective_transform", "ssim",
                  "rgb_to_hsv", "hsv_to_rgb", "rgb_to_grayscale", "extract_patches", "crop_images")]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "options"), CHANNELS_FIRST)
def test_channels_first(name, arguments, options):
    first = [np.moveaxis(x, -1, -3) if x is arguments[0] or name == "ssim" else x for x in arguments]
    if arguments[0].ndim == 5:
        return
    ours = getattr(ops.image, name)(*first, **options, data_format="channels_first")
    right = getattr(ops.image, name)(*arguments, **options)
    np.testing.assert_allclose(ours if name == "ssim" else np.moveaxis(ours, -3, -1), right, rtol=1e-5, atol=1e-6)


WRONG = [
    ("resize", (IMAGES, (4, 4)), {"interpolation": "area"}),
    ("resize", (IMAGES, (4, 4)), {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}),
    ("resize", (IMAGES[0, 0], (4, 4)), {}),
    ("resize", (IMAGES, (4, 4)), {"fill_mode": "wrap"}),
    ("affine_transform", (IMAGES, MAPS), {"interpolation": "cubic"}),
    ("affine_transform", (IMAGES, MAPS), {"fill_mode": "edge"}),
    ("affine_transform", (IMAGES, MAPS[None]), {}),
    ("perspective_transform", (IMAGES, MOVED[:, :3], MOVED[:, :3]), {}),
    ("map_coordinates", (IMAGES, PLACES, 1), {}),
    ("map_coordinates", (IMAGES[0, :, :, 0], PLACES, 3), {}),
    ("rgb_to_grayscale", (IMAGES[..., :2],), {}),
    ("crop_images", (IMAGES, 1), {}),
]


MOVING = [
    ("resize", (IMAGES,), {"size": (5, 9), "interpolation": kind, "antialias": kind == "bicubic"})
    for kind in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
] + [
    *(
        ("affine_transform", (IMAGES, MAPS), {"interpolation": kind, "fill_mode": mode, "fill_value": 0.3})
        for kind in ("nearest", "bilinear")
        for mode in ("constant", "reflect", "wrap", "nearest")
    ),
    ("perspective_transform", (IMAGES, MOVED, np.repeat(CORNERS[None], 2, axis=0)), {"fill_value": 0.4}),
    ("map_coordinates", (IMAGES[0, :, :, 0], rng.uniform(-1, 8, size=(2, 6))), {"order": 1, "fill_mode": "reflect"}),
    ("crop_images", (IMAGES,), {"top_cropping": 1, "left_cropping": 2, "target_height": 3, "target_width": 2}),
    ("pad_images", (IMAGES,), {"top_padding": 1, "left_padding": 2, "bottom_padding": 0, "right_padding": 3}),
    ("extract_patches", (IMAGES,), {"size": (3, 2), "strides": (1, 2), "padding": "same"}),
    ("scale_and_translate", (IMAGES,), {"output_shape": (2, 6, 5, 3), "scale": np.array([1.2, 0.7], "float32"),
      "translation": np.array([0.3, -0.4], "float32"), "spatial_dims": (1, 2), "method": "linear"}),
    ("gaussian_blur", (IMAGES,), {"kernel_size": (3, 3), "sigma": (1.0, 0.7), "data_format": "channels_last"}),
    ("rgb_to_hsv", (IMAGES,), {}),
    ("hsv_to_rgb", (IMAGES,), {}),
    ("sobel_edges", (IMAGES,), {}),
    ("rgb_to_grayscale", (IMAGES,), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "options"), MOVING)
def test_gradients(keras, name, arguments, options):
    import jax

    x, rest = arguments[0].astype("float32"), [np.asarray(one, "float32") for one in arguments[1:]]
    theirs = getattr(keras.ops.image, name)
    probe = rng.normal(size=np.shape(theirs(x, *rest, **options))).astype("float32")
    right = jax.grad(lambda x: (theirs(x, *rest, **options) * probe).sum())(x)
    symbol = Tensor(x.shape)
    loss = ops.sum(ops.multiply(getattr(ops.image, name)(symbol, *rest, **options), probe))
    (gradient,) = differentiate(loss, [symbol])
    program = Program(Graph([symbol], [gradient]), {symbol: x})
    program.run()
    np.testing.assert_allclose(program.array(gradient), right, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "arguments", "options"), WRONG)
def test_same_errors(keras, name, arguments, options):
    with pytest.raises(ValueError, match=r"\w"):
        getattr(keras.ops.image, name)(*arguments, **options)
    with pytest.raises(ValueError, match=r"\w"):
        getattr(ops.image, name)(*arguments, **options)
