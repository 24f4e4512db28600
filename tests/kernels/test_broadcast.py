"""Arrays repeated and their axes put in another order: csrc/copy.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn._core.broadcast import BroadcastTo, Transpose

KERNELS = {"copy_matrix"}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def numbered(*shape):
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


def transpose(lowered, x, axes):
    return lowered("transpose", [x], [([x.shape[axis] for axis in axes], "float32")], axes=axes)[0]


def broadcast(lowered, x, shape):
    return lowered("broadcast_to", [x], [(shape, "float32")], shape=shape)[0]


@given(data=st.data(), shape=st.lists(st.sampled_from([0, 1, 2, 3, 5, 17, 33]), max_size=4))
@quick
def test_transpose(isa, lowered, data, shape):
    axes = tuple(data.draw(st.permutations(range(len(shape)))))
    x = numbered(*shape)
    np.testing.assert_array_equal(transpose(lowered, x, axes), x.transpose(axes))


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((300, 1100), (1, 0)), ((1100, 300), (1, 0)), ((2, 3, 70, 90), (0, 3, 1, 2)), ((2, 70, 90, 3), (0, 3, 1, 2)),
     ((5, 6, 7, 8, 9), (4, 2, 0, 3, 1)), ((20, 30, 128), (1, 0, 2)), ((40_000,), (0,))],
)  # fmt: skip
def test_transpose_of_chosen_shapes(isa, lowered, same_bits, shape, axes):
    x = numbered(*shape)
    (y,) = same_bits(lambda: [transpose(lowered, x, axes)])
    np.testing.assert_array_equal(y, x.transpose(axes))


@given(data=st.data(), shape=st.lists(st.sampled_from([0, 1, 2, 3, 5, 17, 33]), max_size=4))
@quick
def test_broadcast_to(isa, lowered, data, shape):
    kept = [extent if data.draw(st.booleans()) else 1 for extent in shape]
    x = numbered(*kept[data.draw(st.integers(0, len(kept))) :])
    np.testing.assert_array_equal(broadcast(lowered, x, shape), np.broadcast_to(x, shape))


@pytest.mark.parametrize(
    ("shape", "target"),
    [((), (50_000,)), ((1,), (300, 400)), ((400,), (300, 400)), ((300, 1), (300, 400)), ((8, 1, 1, 64), (8, 9, 9, 64))],
)
def test_broadcast_to_chosen_shapes(isa, lowered, same_bits, shape, target):
    x = numbered(*shape)
    (y,) = same_bits(lambda: [broadcast(lowered, x, target)])
    np.testing.assert_array_equal(y, np.broadcast_to(x, target))


def test_errors_name_the_argument():
    x = np.zeros((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"axes must be the numbers 0 to 1 in some order, received \(0, 0\)"):
        Transpose(x, x, axes=(0, 0))
    with pytest.raises(ValueError, match=r"y must have shape \(3, 2\), received \(2, 3\)"):
        Transpose(x, x, axes=(1, 0))
    with pytest.raises(ValueError, match=r"x of shape \(2, 3\) does not broadcast to shape \(3,\)"):
        BroadcastTo(x, np.zeros(3, np.float32))
