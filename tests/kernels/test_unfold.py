"""Windows laid side by side in the channels, and their sum: csrc/copy.c through the lowerings of unfold and fold."""

import numpy as np
import pytest

from fastcnn import reference

KERNELS = {"add_matrix"}
GEOMETRIES = [
    {"taps": 1, "stride": 1, "dilation": 1, "padding": (0, 0), "groups": 1},
    {"taps": 3, "stride": 1, "dilation": 1, "padding": (1, 1), "groups": 1},
    {"taps": 3, "stride": 2, "dilation": 1, "padding": (0, 1), "groups": 2},
    {"taps": 2, "stride": 3, "dilation": 2, "padding": (4, 3), "groups": 17},
]


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
@pytest.mark.parametrize("pixels", [(), (3,), (40, 41)])
def test_unfold_and_fold(isa, lowered, same_bits, geometry, pixels):
    x = np.random.default_rng(0).standard_normal((2, 7, *pixels, 34), np.float32)
    y = reference.unfold(x, **geometry)
    assert np.array_equal(same_bits(lambda: lowered("unfold", [x], [(y.shape, "float32")], **geometry))[0], y)
    dx = reference.fold(y, length=7, **geometry)
    (result,) = same_bits(lambda: lowered("fold", [y], [(x.shape, "float32")], length=7, **geometry))
    np.testing.assert_allclose(result, dx, rtol=1e-6, atol=1e-6)
