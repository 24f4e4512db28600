"""Random numbers by counter and warped images: csrc/random.c and affine.c through their lowerings."""

import numpy as np
import pytest

from fastcnn import reference

KERNELS = {"random_numbers", "warp_row"}


def numbers(lowered, rows, count, state, normal, salt=0):
    x = np.zeros((rows, 1), "float32")
    attributes = {"count": count, "normal": normal, "salt": salt}
    (y,) = lowered("random_numbers", [x, np.array(state)], [((rows, count), "float32")], **attributes)
    expected = reference.random_numbers(x, np.array(state), **attributes)
    return y, expected


@pytest.mark.parametrize(("rows", "count"), [(0, 3), (1, 1), (5, 7), (3, 5000)])
def test_uniform_is_the_reference_bit_by_bit(isa, lowered, rows, count):
    y, expected = numbers(lowered, rows, count, [2**40 + 5, 3], normal=False, salt=2)
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("count", [1, 33, 9000])
def test_normal(isa, lowered, count):
    y, expected = numbers(lowered, 2, count, [7, 0], normal=True)
    np.testing.assert_allclose(y, expected, rtol=3e-6, atol=1e-6)


def test_draws_differ_by_seed_step_and_salt(isa, lowered):
    draws = [
        numbers(lowered, 1, 100, [*state], False, salt)[0]
        for *state, salt in ((1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1))
    ]
    assert len({draw.tobytes() for draw in draws}) == 4


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("fill_mode", ["constant", "reflect", "wrap", "nearest"])
@pytest.mark.parametrize("shape", [(0, 3, 3, 1), (1, 1, 1, 1), (3, 9, 17, 3), (2, 64, 3, 5)])
def test_affine_transform(isa, lowered, interpolation, fill_mode, shape):
    rng = np.random.default_rng(2)
    x = rng.normal(size=shape).astype("float32")
    # Multiples of 1/64, so that coordinates are exact and no rounding decides between neighbours.
    maps = np.round(rng.normal(scale=2, size=(shape[0], 8)) * 64).astype("float32") / 64
    attributes = {"interpolation": interpolation, "fill_mode": fill_mode, "fill_value": 0.25}
    (y,) = lowered("affine_transform", [x, maps], [(shape, "float32")], **attributes)
    np.testing.assert_allclose(y, reference.affine_transform(x, maps, **attributes), rtol=1e-5, atol=1e-6)


def test_maps_that_lead_nowhere_stay_inside(isa, lowered):
    x = np.ones((1, 4, 4, 1), "float32")
    for number in (np.nan, np.inf, -np.inf, 1e30):
        maps = np.full((1, 8), number, "float32")
        (y,) = lowered("affine_transform", [x, maps], [(x.shape, "float32")], interpolation="bilinear",
                       fill_mode="reflect", fill_value=0.0)  # fmt: skip
        assert y.shape == x.shape
