"""Winograd's algorithm for 3x3 convolutions with steps of 2: csrc/winograd_strided.c through its drivers."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import fastcnn
from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.winograd_strided import (
    StridedWeights,
    StridedWinograd,
    StridedWinogradInputGradient,
    strided_weights_shape,
    strided_winograd_serves,
)
from fastcnn._core.winograd_strided_gradient import (
    StridedGradientSum,
    StridedWeightGradient,
    strided_gradient_serves,
    strided_sums_shape,
)

KERNELS = {
    "winograd_strided_weights",
    "winograd_strided_input",
    "winograd_strided_rows",
    "winograd_strided_output",
    "winograd_strided_taps",
}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
STEPS = {"strides": (2, 2), "dilation": (1, 1), "groups": 1}
SAME = ((0, 1), (0, 1))
TOLERANCE = 4e-5  # relative to the largest value


@dataclass(frozen=True)
class Problem:
    """Shapes of a 3x3 convolution with steps of 2, with arrays drawn for it."""

    images: int
    size: tuple[int, int]
    channels: int
    filters: int
    padding: tuple[tuple[int, int], tuple[int, int]] = SAME

    @property
    def maps_size(self):
        return tuple((n + sum(p) - 3) // 2 + 1 for n, p in zip(self.size, self.padding, strict=True))

    @property
    def top_left(self):
        return tuple(before for before, _ in self.padding)

    def arrays(self, seed=0):
        """x, w, bias, dy."""
        random = np.random.default_rng(seed)
        shapes = [
            (self.images, *self.size, self.channels),
            (3, 3, self.channels, self.filters),
            (self.filters,),
            (self.images, *self.maps_size, self.filters),
        ]
        return [random.standard_normal(shape, dtype=np.float32) for shape in shapes]


@st.composite
def problems(draw):
    border = st.integers(0, 3)
    problem = Problem(
        images=draw(st.sampled_from([0, 1, 2, 5])),
        size=draw(st.tuples(st.integers(1, 21), st.integers(1, 21))),
        channels=draw(st.sampled_from([1, 3, 7, 16, 17, 33])),
        filters=draw(st.sampled_from([1, 5, 16, 17, 64, 70, 130])),
        padding=draw(st.sampled_from([SAME, ((1, 1), (1, 1))]) | st.tuples(*[st.tuples(border, border)] * 2)),
    )
    assume(min(problem.size[i] + sum(problem.padding[i]) for i in (0, 1)) >= 3)
    return problem


def filled(shape):
    return np.full(shape, 77, np.float32)


def forward(problem, x, w, bias=None, **options):
    y = filled((len(x), *problem.maps_size, problem.filters))
    u = filled(strided_weights_shape(problem.channels, problem.filters))
    last = StridedWinograd(x, u, y, bias, padding=problem.top_left, **options)
    call.run(StridedWeights(w, u), last)
    return (y, last.pieces, last.weights) if options.get("statistics") else y


def input_gradient(problem, w, dy):
    dx = filled((len(dy), *problem.size, problem.channels))
    u = filled(strided_weights_shape(problem.filters, problem.channels))
    call.run(
        StridedWeights(w, u, turned=True),
        StridedWinogradInputGradient(dy, u, dx, padding=problem.top_left),
    )
    return dx


def weight_gradient(problem, x, dy):
    dw = filled((3, 3, problem.channels, problem.filters))
    partials = filled(strided_sums_shape(x.shape, dy.shape))
    call.run(StridedWeightGradient(x, dy, partials, padding=problem.top_left), StridedGradientSum(partials, dw))
    return dw


def doubles(*arrays):
    return [array.astype(np.float64) for array in arrays]


def assert_close(actual, expected):
    scale = max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE * scale)


def assert_all_close(problem, arrays, y, dx, dw):
    x, w, b, dy = doubles(*arrays)
    geometry = {"padding": problem.padding, **STEPS}
    assert_close(y, reference.conv2d(x, w, b, activation="relu", **geometry))
    assert_close(dx, reference.conv2d_input_gradient(w, dy, input_size=problem.size, **geometry))
    assert_close(dw, reference.conv2d_weight_gradient(x, dy, kernel_size=(3, 3), **geometry))


@given(problem=problems(), seed=st.integers(0, 9))
@quick
def test_all_three_equal_the_reference(isa, problem, seed):
    x, w, b, dy = arrays = problem.arrays(seed)
    y, dx, dw = (
        forward(problem, x, w, b, relu=True),
        input_gradient(problem, w, dy),
        weight_gradient(problem, x, dy),
    )
    assert_all_close(problem, arrays, y, dx, dw)
    assert_close(
        forward(problem, x, w), reference.conv2d(*doubles(x, w), activation=None, padding=problem.padding, **STEPS)
    )


LARGER = [
    Problem(3, (33, 30), 64, 64),
    Problem(3, (16, 16), 96, 200),  # several shares of channels
    Problem(70, (8, 8), 32, 64),  # blocks of many images, several pieces
]


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_on_any_number_of_threads(isa, same_bits, problem):
    x, w, b, dy = arrays = problem.arrays()
    results = same_bits(
        lambda: [
            forward(problem, x, w, b, relu=True),
            input_gradient(problem, w, dy),
            weight_gradient(problem, x, dy),
        ]
    )
    assert_all_close(problem, arrays, *results)


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_a_row_has_the_same_bits_in_any_batch(isa, problem):
    x, w, b, _ = problem.arrays()
    whole = forward(problem, x, w, b)
    for row in range(min(problem.images, 4)):
        assert forward(problem, x[row : row + 1], w, b).tobytes() == whole[row].tobytes()


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_statistics(isa, problem):
    x, w, b, _ = problem.arrays()
    y, pieces, weights = forward(problem, x, w, b, statistics=True)
    pixels = y.reshape(-1, problem.filters).astype(np.float64)
    assert weights.sum() == len(pixels)
    mean = (pieces[:, 0] * weights[:, None]).sum(axis=0) / len(pixels)
    np.testing.assert_allclose(mean, pixels.mean(axis=0), atol=1e-4)
    squares = pieces[:, 1].sum(axis=0) + (weights[:, None] * (pieces[:, 0] - mean) ** 2).sum(axis=0)
    np.testing.assert_allclose(squares / len(pixels), pixels.var(axis=0), rtol=1e-4)


def test_nan_passes_the_activation(isa):
    problem = Problem(1, (6, 6), 2, 20)
    x, w, b, _ = problem.arrays()
    x[0, 2, 2, 1] = np.nan
    assert np.isnan(forward(problem, x, w, b, relu=True)).any(axis=(1, 2)).all()


def test_which_convolutions_it_serves():
    steps = {"kernel_size": (3, 3), **STEPS}
    assert strided_winograd_serves(32, 64, (8, 8), **steps)
    assert strided_gradient_serves((32, 16, 16, 32), (32, 8, 8, 64), **steps)
    for other in (
        {"strides": (1, 1)},
        {"strides": (2, 1)},
        {"dilation": (2, 2)},
        {"groups": 2},
        {"kernel_size": (5, 5)},
    ):
        assert not strided_winograd_serves(32, 64, (8, 8), **{**steps, **other})
        assert not strided_gradient_serves((32, 16, 16, 32), (32, 8, 8, 64), **{**steps, **other})
    assert not strided_winograd_serves(3, 32, (16, 16), **steps)  # transforms cost more than they save
    assert not strided_winograd_serves(32, 64, (1, 1), **steps)  # a tile would be nearly empty
    assert not strided_gradient_serves((32, 32, 32, 3), (32, 16, 16, 32), **steps)


def test_winograd_can_be_switched_off():
    fastcnn.config.set_winograd(False)
    try:
        assert not strided_winograd_serves(32, 64, (8, 8), kernel_size=(3, 3), **STEPS)
    finally:
        fastcnn.config.set_winograd(True)
