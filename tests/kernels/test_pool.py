"""Max and average pooling, forward and backward: csrc/max_pool.c and csrc/average_pool.c through their lowerings."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.pool import AveragePool2D, MaxPool2D

KERNELS = {"max_pool2d", "max_pool2d_gradient", "average_pool2d", "average_pool2d_gradient"}

quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Problem:
    """Shapes and geometry of a pooling op."""

    images: int
    size: tuple[int, int]
    channels: int
    pool_size: tuple[int, int]
    strides: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))

    @property
    def geometry(self):
        return {"pool_size": self.pool_size, "strides": self.strides, "padding": self.padding}

    @property
    def x_shape(self):
        return (self.images, *self.size, self.channels)

    @property
    def y_shape(self):
        size = (
            (extent + sum(around) - window) // stride + 1
            for extent, around, window, stride in zip(
                self.size, self.padding, self.pool_size, self.strides, strict=True
            )
        )
        return (self.images, *size, self.channels)


@st.composite
def problems(draw):
    """Geometry along each axis: windows that fit, strides up to beyond the window, padding less than the window."""
    axes = []
    for _ in range(2):
        window = draw(st.integers(1, 4))
        around = (draw(st.integers(0, window - 1)), draw(st.integers(0, window - 1)))
        axes.append((draw(st.integers(window, 9)), window, draw(st.integers(1, 5)), around))
    size, pool_size, strides, padding = zip(*axes, strict=True)
    channels = draw(st.sampled_from([1, 2, 3, 7, 16, 17, 33]))
    return Problem(draw(st.integers(0, 3)), size, channels, pool_size, strides, padding)


CHOSEN = [
    Problem(5, (26, 26), 32, (2, 2), (2, 2)),
    Problem(2, (11, 11), 64, (2, 2), (2, 2)),
    Problem(3, (7, 7), 65, (3, 3), (2, 2), ((1, 1), (1, 1))),
    Problem(2, (56, 56), 48, (3, 3), (2, 2), ((0, 1), (0, 1))),
    Problem(9, (7, 7), 130, (7, 7), (1, 1)),
    Problem(1, (1, 1), 5, (1, 1), (3, 3)),
    Problem(40, (3, 4), 3, (2, 3), (1, 1)),
    Problem(1, (5, 300), 70, (5, 1), (1, 7)),
    Problem(2, (9, 8), 17, (3, 3), (2, 2), ((2, 0), (1, 2))),
    Problem(2, (8, 9), 16, (3, 3), (2, 2), ((0, 0), (0, 1))),
    Problem(1, (5, 7), 16, (2, 2), (2, 2), ((1, 1), (1, 0))),
    Problem(1, (4, 3), 16, (3, 3), (2, 2), ((5, 4), (3, 7))),
    Problem(2, (6, 130), 70, (3, 3), (2, 2), ((0, 1), (0, 1))),
    Problem(1, (5, 4), 4100, (3, 3), (2, 2)),
    Problem(1, (2, 6), 18, (3, 3), (2, 2), ((0, 1), (1, 1))),
]


def draw_ties(seed, *shape):
    """Few different values, so that many windows have more than one maximum."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float32)


def max_pool(lowered, problem, x):
    outputs = [(problem.y_shape, "float32"), (problem.y_shape, "int32")]
    return lowered("max_pool2d", [x], outputs, **problem.geometry)


def max_pool_gradient(lowered, problem, dy, argmax):
    outputs = [(problem.x_shape, "float32")]
    return lowered("max_pool2d_gradient", [dy, argmax], outputs, input_size=problem.size, **problem.geometry)[0]


def average_pool(lowered, problem, x):
    return lowered("average_pool2d", [x], [(problem.y_shape, "float32")], **problem.geometry)[0]


def average_pool_gradient(lowered, problem, dy):
    outputs = [(problem.x_shape, "float32")]
    return lowered("average_pool2d_gradient", [dy], outputs, input_size=problem.size, **problem.geometry)[0]


def check(lowered, problem, seed):
    x, dy = draw_ties(seed, *problem.x_shape), draw_ties(seed + 1, *problem.y_shape)
    sizes = {"input_size": problem.size, **problem.geometry}
    y, argmax = max_pool(lowered, problem, x)
    wanted_y, wanted_argmax = reference.max_pool2d(x, **problem.geometry)
    np.testing.assert_array_equal(y, wanted_y)
    np.testing.assert_array_equal(argmax, wanted_argmax)
    np.testing.assert_array_equal(
        max_pool_gradient(lowered, problem, dy, argmax), reference.max_pool2d_gradient(dy, argmax, **sizes)
    )
    np.testing.assert_allclose(
        average_pool(lowered, problem, x), reference.average_pool2d(x, **problem.geometry), rtol=1e-6, atol=1e-6
    )
    np.testing.assert_allclose(
        average_pool_gradient(lowered, problem, dy), reference.average_pool2d_gradient(dy, **sizes),
        rtol=1e-5, atol=1e-5,
    )  # fmt: skip


@given(problem=problems(), seed=st.integers(0, 2**32 - 1))
@quick
def test_any_geometry(isa, lowered, problem, seed):
    check(lowered, problem, seed)


@pytest.mark.parametrize("problem", CHOSEN)
def test_chosen_geometry(isa, lowered, problem):
    with np.errstate(invalid="ignore", divide="ignore"):  # windows of padding alone
        check(lowered, problem, 0)


@pytest.mark.parametrize("channels", [3, 40])
def test_nan_wins_and_the_first_of_them(isa, lowered, channels):
    x = draw_ties(1, 1, 4, 4, channels)
    x[0, 0, 1], x[0, 1, 0], x[0, 2, 2], x[0, 3, 3] = np.nan, np.nan, np.inf, np.nan
    problem = Problem(1, (4, 4), channels, (2, 2), (2, 2))
    y, argmax = max_pool(lowered, problem, x)
    wanted_y, wanted_argmax = reference.max_pool2d(x, **problem.geometry)
    np.testing.assert_array_equal(y, wanted_y)
    np.testing.assert_array_equal(argmax, wanted_argmax)


def test_a_window_of_nothing_but_minus_infinity_points_into_the_image(isa, lowered):
    problem = Problem(1, (3, 3), 2, (3, 3), (3, 3), ((1, 1), (1, 1)))
    y, argmax = max_pool(lowered, problem, np.full((1, 3, 3, 2), -np.inf, np.float32))
    assert (y == -np.inf).all()
    assert argmax[0, 0, 0].tolist() == [4, 4]


@pytest.mark.parametrize("problem", CHOSEN)
def test_max_pool_without_argmax(isa, problem):
    x, y = draw_ties(3, *problem.x_shape), np.empty(problem.y_shape, np.float32)
    for with_nan in (False, True):
        if with_nan and x.size:
            x.flat[:: max(1, x.size // 5)] = np.nan
        call.run(MaxPool2D(x, y, **problem.geometry))
        np.testing.assert_array_equal(y, reference.max_pool2d(x, **problem.geometry)[0])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("size", "padding"), [((7, 8), ((0, 0), (0, 1))), ((8, 7), ((0, 1), (0, 0)))])
def test_one_odd_value_anywhere(isa, lowered, size, padding, value):
    problem = Problem(1, size, 17, (3, 3), (2, 2), padding)
    for place in np.ndindex(size):
        x = draw_ties(5, *problem.x_shape)
        x[(0, *place)] = value
        x[0, 0, 0, 3] = -np.inf
        y, argmax = max_pool(lowered, problem, x)
        wanted_y, wanted_argmax = reference.max_pool2d(x, **problem.geometry)
        np.testing.assert_array_equal(y, wanted_y)
        np.testing.assert_array_equal(argmax, wanted_argmax)


@given(
    images=st.integers(0, 3),
    length=st.integers(1, 9),
    windows=st.integers(1, 11),
    channels=st.sampled_from([1, 7, 16, 33]),
)
@quick
def test_windows_spread_evenly(isa, lowered, images, length, windows, channels):
    x, dy = draw_ties(1, images, length, channels), draw_ties(2, images, windows, channels)
    shape = dy.shape
    y, argmax = lowered("adaptive_max_pool", [x], [(shape, "float32"), (shape, "int32")], windows=windows)
    wanted_y, wanted_argmax = reference.adaptive_max_pool(x, windows=windows)
    np.testing.assert_array_equal(y, wanted_y)
    np.testing.assert_array_equal(argmax, wanted_argmax)
    (dx,) = lowered("adaptive_max_pool_gradient", [dy, argmax], [(x.shape, "float32")], length=length)
    np.testing.assert_array_equal(dx, reference.adaptive_max_pool_gradient(dy, argmax, length=length))
    (y,) = lowered("adaptive_average_pool", [x], [(shape, "float32")], windows=windows)
    np.testing.assert_allclose(y, reference.adaptive_average_pool(x, windows=windows), rtol=1e-6, atol=1e-6)
    (dx,) = lowered("adaptive_average_pool_gradient", [dy], [(x.shape, "float32")], length=length)
    np.testing.assert_allclose(dx, reference.adaptive_average_pool_gradient(dy, length=length), rtol=1e-5, atol=1e-5)


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    for problem in (Problem(9, (28, 28), 40, (3, 3), (2, 2)), Problem(1, (90, 90), 40, (2, 2), (2, 2))):
        random = np.random.default_rng(4)
        x = random.standard_normal(problem.x_shape, dtype=np.float32)
        dy = random.standard_normal(problem.y_shape, dtype=np.float32)
        _, argmax = same_bits(lambda p=problem, x=x: max_pool(lowered, p, x))
        same_bits(lambda p=problem, dy=dy, argmax=argmax: [max_pool_gradient(lowered, p, dy, argmax)])
        same_bits(lambda p=problem, x=x: [average_pool(lowered, p, x)])
        same_bits(lambda p=problem, dy=dy: [average_pool_gradient(lowered, p, dy)])


def test_errors_name_the_argument():
    x, y = np.zeros((1, 4, 4, 2), np.float32), np.zeros((1, 2, 2, 2), np.float32)
    geometry = {"pool_size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
    with pytest.raises(ValueError, match=r"pool_size 5 exceeds the height of the padded input, 4"):
        AveragePool2D(x, y, **{**geometry, "pool_size": (5, 5)})
    with pytest.raises(ValueError, match=r"strides must be positive"):
        AveragePool2D(x, y, **{**geometry, "strides": (2, 0)})
    with pytest.raises(ValueError, match=r"y must have shape \(1, 3, 3, 2\), received \(1, 2, 2, 2\)"):
        MaxPool2D(x, y, **{**geometry, "strides": (1, 1)})
