"""Images moved and coloured: csrc/warp.c and colour.c through their lowerings."""

import numpy as np
import pytest

from fastcnn import reference

KERNELS = {"warp_row", "warp_row_at", "homography", "rgb_to_hsv", "hsv_to_rgb", "scale_shift_clip"}
FILL_MODES = pytest.mark.parametrize("fill_mode", ["constant", "reflect", "wrap", "nearest"])
KINDS = pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
SHAPES = [(0, 3, 3, 1), (1, 1, 1, 1), (3, 9, 17, 3), (2, 64, 3, 5), (1, 5, 70, 1), (2, 3, 33, 3), (1, 7, 40, 4)]


def in_64ths(rng, scale, shape):
    """Multiples of 1/64, so that coordinates are exact and no rounding decides between neighbours."""
    return np.round(rng.normal(scale=scale, size=shape) * 64).astype("float32") / 64


@KINDS
@FILL_MODES
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("near", [True, False])
def test_affine_transform(isa, lowered, interpolation, fill_mode, shape, near):
    rng = np.random.default_rng(2)
    x = rng.normal(size=shape).astype("float32")
    maps = in_64ths(rng, 2, (shape[0], 8))
    if near:
        maps = maps / 64 + np.array([1, 0, 0, 0, 1, 0, 0, 0], "float32")
        maps = np.round(maps * 64).astype("float32") / 64
    attributes = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": 0.25}
    (y,) = lowered("affine_transform", [x, maps], [(shape, "float32")], **attributes)
    np.testing.assert_allclose(y, reference.affine_transform(x, maps, **attributes), rtol=1e-5, atol=1e-6)


@KINDS
@FILL_MODES
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(1, 1), (4, 16), (3, 67)])
def test_warp_at(isa, lowered, interpolation, fill_mode, shape, size):
    rng = np.random.default_rng(3)
    x = rng.normal(size=shape).astype("float32")
    down, across = (in_64ths(rng, length, (shape[0], *size)) for length in shape[1:3])
    attributes = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": 0.25}
    (y,) = lowered("warp_at", [x, down, across], [((shape[0], *size, shape[3]), "float32")], **attributes)
    np.testing.assert_allclose(y, reference.warp_at(x, down, across, **attributes), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_perspective(isa, lowered, shape):
    rng = np.random.default_rng(4)
    rows, columns = np.meshgrid(np.arange(shape[1]), np.arange(shape[2]), indexing="ij")
    x = np.repeat((rows + 2 * columns)[None, :, :, None], shape[3], axis=3).repeat(shape[0], axis=0).astype("float32")
    maps = np.array([1, 0, 0, 0, 1, 0, 0, 0]) + rng.normal(scale=0.01, size=(shape[0], 8))
    attributes = {"interpolation": "bilinear", "fill_mode": "nearest", "fill_value": 0.25}
    (y,) = lowered("perspective_warp", [x, maps.astype("float32")], [(shape, "float32")], **attributes)
    np.testing.assert_allclose(y, reference.perspective_warp(x, maps, **attributes), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("images", [0, 1, 5])
def test_homography(isa, lowered, images):
    rng = np.random.default_rng(5)
    square = np.array([[0, 0], [9, 0], [0, 7], [9, 7]], "float32")
    start, end = (square + rng.normal(size=(images, 4, 2)).astype("float32") for _ in range(2))
    (y,) = lowered("homography", [start, end], [((images, 8), "float32")])
    expected = reference.homography(start.astype("float64"), end.astype("float64"))
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


def test_maps_that_lead_nowhere_stay_inside(isa, lowered):
    x = np.ones((1, 4, 4, 1), "float32")
    for number in (np.nan, np.inf, -np.inf, 1e30):
        for op in ("affine_transform", "perspective_warp"):
            maps = np.full((1, 8), number, "float32")
            (y,) = lowered(op, [x, maps], [(x.shape, "float32")], interpolation="bilinear", fill_mode="reflect",
                           fill_value=0.0)  # fmt: skip
            assert np.array_equal(y, x)


@pytest.mark.parametrize("pixels", [0, 1, 15, 16, 17, 5000])
def test_colours(isa, lowered, pixels):
    x = np.random.default_rng(6).uniform(size=(pixels, 3)).astype("float32")
    x[::3, 1] = x[::3, 0]
    x[::7] = 0
    (hsv,) = lowered("rgb_to_hsv", [x], [(x.shape, "float32")])
    np.testing.assert_allclose(hsv, reference.rgb_to_hsv(x), rtol=1e-5, atol=1e-6)
    (back,) = lowered("hsv_to_rgb", [hsv], [(x.shape, "float32")])
    np.testing.assert_allclose(back, x, rtol=1e-5, atol=1e-6)


def test_missing_colours_stay_missing(isa, lowered):
    x = np.full((9, 3), 0.5, "float32")
    x[[0, 1, 2], [0, 1, 2]] = np.nan
    for op in ("rgb_to_hsv", "hsv_to_rgb"):
        (y,) = lowered(op, [x], [(x.shape, "float32")])
        assert np.isnan(y[:3]).all()
        assert not np.isnan(y[3:]).any()


@pytest.mark.parametrize("shape", [(0, 3, 3), (1, 1, 1), (2, 100, 3), (3, 33, 8), (2, 5, 9), (1, 7, 50), (2, 9000, 3)])
def test_scale_shift_clip(isa, lowered, shape):
    rng = np.random.default_rng(7)
    x, scale, shift = (rng.normal(size=size).astype("float32") for size in (shape, shape[::2], shape[::2]))
    if x.size:
        x[0, 0, 0] = np.nan
    (y,) = lowered("scale_shift_clip", [x, scale, shift], [(shape, "float32")], low=-0.5, high=1.5)
    expected = reference.scale_shift_clip(x, scale, shift, low=-0.5, high=1.5)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
