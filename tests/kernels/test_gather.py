"""Rows fetched and converted: csrc/gather.c through GatherRows."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn._core import call
from fastcnn._core.gather import ELEMENT_TYPES, GatherRows

KERNELS = {"convert_to_float32", "convert_to_int32"}

quick = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def numbers(dtype, seed, *shape):
    """Numbers over the whole range of a dtype."""
    random = np.random.default_rng(seed)
    if dtype == "bool":
        return random.random(shape) < 0.5
    if np.dtype(dtype).kind == "f":
        return (random.standard_normal(shape) * 1000).astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def gather(source, indices, start, rows, shape, dtype):
    out = np.full((rows, *shape), 77, dtype)
    call.run(GatherRows(source, indices, np.array([start], np.int64), out))
    return out


@pytest.mark.parametrize("dtype", ELEMENT_TYPES)
@given(rows=st.integers(0, 9), shape=st.lists(st.sampled_from([1, 2, 3, 17, 65]), max_size=2), data=st.data())
@quick
def test_to_float32(isa, dtype, rows, shape, data):
    source = numbers(dtype, 1, 20, *shape)
    start = data.draw(st.integers(0, 20 - rows))
    indices = np.random.default_rng(2).permutation(20)
    got = gather(source, indices, start, rows, shape, np.float32)
    np.testing.assert_array_equal(got, source[indices[start : start + rows]].astype(np.float32))
    got = gather(source, None, start, rows, shape, np.float32)
    np.testing.assert_array_equal(got, source[start : start + rows].astype(np.float32))


@pytest.mark.parametrize("dtype", ELEMENT_TYPES)
@given(rows=st.integers(0, 20), shape=st.sampled_from([(), (1,), (37,)]))
@quick
def test_to_int32(isa, dtype, rows, shape):
    source = numbers(dtype, 3, 20, *shape)
    if source.dtype.kind in "iu" and source.itemsize >= 4:
        source %= source.dtype.type(2**30)  # larger ones have no int32
    indices = np.random.default_rng(4).permutation(20)
    got = gather(source, indices, 0, rows, shape, np.int32)
    np.testing.assert_array_equal(got, source[indices[:rows]].astype(np.int32))


STRIDED = {
    "every second row": lambda x: x[::2],
    "backwards": lambda x: x[::-1],
    "flipped": lambda x: x[:, :, ::-1],
    "upside down": lambda x: x[:, ::-1],
    "part": lambda x: x[:, 1:6, 2:-1],
    "every second": lambda x: x[:, ::2, ::3],
    "channels moved": lambda x: x.transpose(0, 2, 3, 1),
    "transposed": lambda x: x.transpose(0, 3, 2, 1),
    "rows from the end": lambda x: x.transpose(3, 0, 1, 2),
    "one channel": lambda x: x[:, :, :, 1],
    "one element": lambda x: x[:, 1, 1, 3],
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
    "in Fortran's order": np.asfortranarray,
    "new axes": lambda x: x[:, None, :, None, ::-1],
    "unaligned": lambda x: np.frombuffer(b"x" + x.tobytes(), x.dtype, offset=1).reshape(x.shape)[:, ::-1],
}


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16", "int32", "float64"])
@pytest.mark.parametrize("change", STRIDED.values(), ids=STRIDED)
def test_any_strides(isa, dtype, change):
    for shape in ((20, 7, 9, 5), (9, 3, 40, 33), (6, 2, 2, 1100), (7, 1100, 2, 6)):
        source = change(numbers(dtype, 11, *shape))
        indices = np.random.default_rng(12).permutation(len(source))[:5]
        got = gather(source, indices, 0, len(indices), source.shape[1:], np.float32)
        np.testing.assert_array_equal(got, source[indices].astype(np.float32))


def test_every_float16(isa):
    source = np.arange(2**16, dtype=np.uint16).view(np.float16)
    with np.errstate(invalid="ignore"):
        wanted = source.astype(np.float32)
    np.testing.assert_array_equal(gather(source, None, 0, 2**16, (), np.float32), wanted)


def test_special_values(isa):
    source = np.array([[np.nan, np.inf, -np.inf, 1e300, -0.0]])
    got = gather(source, None, 0, 1, (5,), np.float32)
    np.testing.assert_array_equal(got, np.array([[np.nan, np.inf, -np.inf, np.inf, -0.0]], np.float32))


def test_bind_points_a_prepared_plan_at_other_arrays(isa):
    cursor, out = np.zeros(1, np.int64), np.empty((2, 6), np.float32)
    first = numbers("uint8", 5, 10, 2, 3)
    row = GatherRows(first, None, cursor, out)
    plan = call.Plan([row])
    plan.run()
    np.testing.assert_array_equal(out, first[:2].reshape(2, 6))
    second = numbers("float64", 6, 4, 6)
    row.bind(second, np.array([3, 1, 0], np.int64))
    cursor[0] = 1
    plan.run()
    np.testing.assert_array_equal(out, second[[1, 0]].astype(np.float32))
    row.bind(numbers("int16", 7, 4, 6), np.array([2, 2, 2], np.int64))  # which the call alone keeps alive
    plan.run()
    np.testing.assert_array_equal(out, numbers("int16", 7, 4, 6)[[2, 2]].astype(np.float32))


def test_read_only_sources(isa):
    source = numbers("float32", 8, 5, 3)
    source.flags.writeable = False
    np.testing.assert_array_equal(gather(source, None, 1, 2, (3,), np.float32), source[1:3])


def test_bits_do_not_depend_on_threads(isa, same_bits):
    source, indices = numbers("uint8", 9, 300, 28, 28), np.random.default_rng(10).permutation(300)
    same_bits(lambda: [gather(source, indices, 0, 256, (28, 28), np.float32)])


def test_errors_name_the_argument():
    cursor, out = np.zeros(1, np.int64), np.zeros((2, 3), np.float32)
    source = np.zeros((5, 3), np.float32)
    with pytest.raises(ValueError, match=r"source must have rows of 3 elements.*received rows of shape \(4,\)"):
        GatherRows(np.zeros((5, 4)), None, cursor, out)
    with pytest.raises(TypeError, match=r"source must have one of the dtypes.*native byte order.*>f4"):
        GatherRows(source.astype(">f4"), None, cursor, out)
    with pytest.raises(TypeError, match="source must have one of the dtypes"):
        GatherRows(source.astype(object), None, cursor, out)
    with pytest.raises(TypeError, match="out must be an array of float32 or int32, received one of float64"):
        GatherRows(source, None, cursor, np.zeros((2, 3)))
    with pytest.raises(TypeError, match="int64"):
        GatherRows(source, np.zeros(5, np.int32), cursor, out)
    with pytest.raises(ValueError, match="source must have at most 9 axes, or be contiguous, received 11 axes"):
        GatherRows(
            np.zeros((4,) * 11, np.uint8)[(slice(None, None, 2),) * 11], None, cursor, np.zeros((1, 2**10), "f4")
        )
    assert gather(np.ones((2,) * 11, np.uint8), None, 0, 1, (2**10,), np.float32).all()
