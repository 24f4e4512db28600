"""Winograd's algorithm for 3x3 convolutions: csrc/winograd.c through its driver, and the lowerings that choose it."""

from dataclasses import dataclass

import numpy as np
import pytest
from check_pool import PLAIN, assert_maxima
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.winograd import Winograd, WinogradMapGradient, WinogradWeights, tile_size, weights_shape

KERNELS = {
    "winograd_weights",
    "winograd_input",
    "winograd_output",
    "winograd_output_pool",
    "winograd_output_whole",
}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALID = ((0, 0), (0, 0))
SAME = ((1, 1), (1, 1))
TOLERANCE = 4e-5  # relative to the largest value
sizes = st.sampled_from([2, 3, 4])


@dataclass(frozen=True)
class Problem:
    """Shapes of a 3x3 convolution, with arrays drawn for it."""

    images: int
    size: tuple[int, int]
    channels: int
    filters: int
    padding: tuple[tuple[int, int], tuple[int, int]] = VALID

    @property
    def maps_size(self):
        return tuple(n + sum(p) - 2 for n, p in zip(self.size, self.padding, strict=True))

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
        size=draw(st.tuples(st.integers(1, 13), st.integers(1, 13))),
        channels=draw(st.sampled_from([1, 3, 4, 7, 16, 17, 33])),
        filters=draw(st.sampled_from([1, 2, 5, 8, 16, 17, 33, 64, 70, 130])),
        padding=draw(st.sampled_from([VALID, SAME]) | st.tuples(*[st.tuples(border, border)] * 2)),
    )
    assume(min(problem.maps_size) > 0)
    return problem


def filled(shape, dtype="float32"):
    return np.full(shape, 77, dtype)


def forward(size, problem, x, w, bias=None, *, relu=False):
    y = filled((len(x), *problem.maps_size, problem.filters))
    u = filled(weights_shape(size, problem.channels, problem.filters))
    top_left = tuple(before for before, _ in problem.padding)
    call.run(WinogradWeights(w, u), Winograd(x, u, y, bias, padding=top_left, relu=relu))
    return y


def forward_pooled(size, problem, x, w, bias=None, *, relu=False):
    height, width = problem.maps_size
    y = filled((len(x), height // 2, width // 2, problem.filters))
    argmax = filled(y.shape, "uint8")
    u = filled(weights_shape(size, problem.channels, problem.filters))
    top_left = tuple(before for before, _ in problem.padding)
    call.run(WinogradWeights(w, u), Winograd(x, u, y, bias, argmax, padding=top_left, relu=relu))
    return y, argmax


def input_gradient(size, problem, w, dy):
    dx = filled((len(dy), *problem.size, problem.channels))
    u = filled(weights_shape(size, problem.filters, problem.channels))
    border = tuple(2 - before for before, _ in problem.padding)
    call.run(WinogradWeights(w, u, transposed=True, flipped=True), Winograd(dy, u, dx, padding=border))
    return dx


def map_gradient(size, problem, w, dy):
    dx = filled((len(dy), *problem.size, problem.channels))
    u = filled(weights_shape(size, problem.filters, problem.channels))
    top_left = tuple(before for before, _ in problem.padding)
    call.run(WinogradWeights(w, u, transposed=True), WinogradMapGradient(dy, u, dx, padding=top_left))
    return dx


def doubles(*arrays):
    return [array.astype(np.float64) for array in arrays]


def assert_close(actual, expected):
    scale = max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE * scale)


@given(problem=problems(), size=sizes, relu=st.booleans(), bias=st.booleans(), seed=st.integers(0, 9))
@quick
def test_forward(isa, problem, size, relu, bias, seed):
    x, w, b, _ = problem.arrays(seed)
    b = b if bias else None
    wide = doubles(x, w) + ([b.astype(np.float64)] if bias else [])
    activation = "relu" if relu else None
    expected = reference.conv2d(*wide, padding=problem.padding, activation=activation, **PLAIN)
    assert_close(forward(size, problem, x, w, b, relu=relu), expected)


@given(problem=problems(), size=st.sampled_from([2, 4]), relu=st.booleans(), seed=st.integers(0, 9))
@quick
def test_forward_with_a_pool(isa, problem, size, relu, seed):
    assume(min(problem.maps_size) > 1)
    x, w, b, _ = problem.arrays(seed)
    y, argmax = forward_pooled(size, problem, x, w, b, relu=relu)
    if y.size:
        assert_maxima([x, w, b], problem.padding, "relu" if relu else None, y, argmax, TOLERANCE)


@given(problem=problems(), size=sizes, seed=st.integers(0, 9))
@quick
def test_input_gradient(isa, problem, size, seed):
    _, w, _, dy = problem.arrays(seed)
    expected = reference.conv2d_input_gradient(
        *doubles(w, dy), input_size=problem.size, padding=problem.padding, **PLAIN
    )
    assert_close(input_gradient(size, problem, w, dy), expected)


@given(
    maps=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from([VALID, SAME, ((0, 2), (1, 0))]),
    images=st.sampled_from([0, 1, 2, 5]),
    channels=st.sampled_from([1, 7, 16, 17, 70]),
    filters=st.sampled_from([1, 5, 16, 33]),
    seed=st.integers(0, 9),
)
@quick
def test_input_gradient_of_maps_of_one_tile(isa, maps, padding, images, channels, filters, seed):
    image = tuple(n + 2 - sum(border) for n, border in zip(maps, padding, strict=True))
    problem = Problem(images, image, channels, filters, padding)
    _, w, _, dy = problem.arrays(seed)
    expected = reference.conv2d_input_gradient(*doubles(w, dy), input_size=image, padding=padding, **PLAIN)
    for size in (3, 4) if max(maps) <= 3 else (4,):
        assert_close(map_gradient(size, problem, w, dy), expected)


LARGER = [
    Problem(3, (21, 23), 64, 64, SAME),
    Problem(3, (10, 10), 96, 200, SAME),  # several shares of the output channels
    Problem(33, (5, 5), 32, 64),  # blocks of many images
]


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_on_any_number_of_threads(isa, same_bits, problem, size):
    x, w, b, dy = problem.arrays()
    y, dx = same_bits(lambda: [forward(size, problem, x, w, b, relu=True), input_gradient(size, problem, w, dy)])
    wide = doubles(x, w, b)
    assert_close(y, reference.conv2d(*wide, padding=problem.padding, activation="relu", **PLAIN))
    gradient = reference.conv2d_input_gradient(
        *doubles(w, dy), input_size=problem.size, padding=problem.padding, **PLAIN
    )
    assert_close(dx, gradient)


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_with_a_pool_on_any_number_of_threads(isa, same_bits, problem, size):
    x, w, b, _ = problem.arrays()
    y, argmax = same_bits(lambda: forward_pooled(size, problem, x, w, b, relu=True))
    assert_maxima([x, w, b], problem.padding, "relu", y, argmax, TOLERANCE)


def test_maps_of_one_tile_on_any_number_of_threads(isa, same_bits):
    problem = Problem(65, (5, 5), 70, 33)
    _, w, _, dy = problem.arrays()
    (dx,) = same_bits(lambda: [map_gradient(3, problem, w, dy)])
    assert_close(dx, reference.conv2d_input_gradient(*doubles(w, dy), input_size=(5, 5), padding=VALID, **PLAIN))
    assert map_gradient(3, problem, w, dy[7:8]).tobytes() == dx[7].tobytes()


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_a_row_has_the_same_bits_in_any_batch(isa, problem, size):
    x, w, b, _ = problem.arrays()
    whole = forward(size, problem, x, w, b)
    for row in range(min(problem.images, 4)):
        assert forward(size, problem, x[row : row + 1], w, b).tobytes() == whole[row].tobytes()


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_a_pooled_row_has_the_same_bits_in_any_batch(isa, problem, size):
    x, w, b, _ = problem.arrays()
    pooled, argmax = forward_pooled(size, problem, x, w, b)
    for row in range(min(problem.images, 4)):
        one, position = forward_pooled(size, problem, x[row : row + 1], w, b)
        assert one.tobytes() == pooled[row].tobytes()
        assert position.tobytes() == argmax[row].tobytes()


@pytest.mark.parametrize(("size", "bound"), [(4, 1e-4), (3, 1e-4), (2, 1e-5)])
def test_error_with_many_channels(isa, size, bound):
    problem = Problem(1, (6, 6), 512, 16)
    x, w, _, _ = problem.arrays()
    expected = reference.conv2d(*doubles(x, w), padding=VALID, activation=None, **PLAIN)
    error = np.abs(forward(size, problem, x, w) - expected).max() / np.abs(expected).max()
    assert error < bound


def test_nan_passes_the_activation(isa):
    problem = Problem(1, (5, 5), 2, 20)
    x, w, b, _ = problem.arrays()
    x[0, 2, 2, 1] = np.nan
    assert np.isnan(forward(4, problem, x, w, b, relu=True)).all()
    y, argmax = forward_pooled(4, problem, x, w, b, relu=True)
    assert np.isnan(y).all()
    assert (argmax == 0).all()


CHOSEN = Problem(2, (12, 12), 32, 48, SAME)


def test_lowerings_choose_it(isa, lowered):
    x, w, b, dy = CHOSEN.arrays()
    options = {"padding": CHOSEN.padding, **PLAIN}
    (y,) = lowered("conv2d", [x, w, b], [(dy.shape, "float32")], activation="relu", **options)
    assert y.tobytes() == forward(4, CHOSEN, x, w, b, relu=True).tobytes()
    (dx,) = lowered("conv2d_input_gradient", [w, dy], [(x.shape, "float32")], input_size=CHOSEN.size, **options)
    assert dx.tobytes() == input_gradient(4, CHOSEN, w, dy).tobytes()
    pooled = (2, 6, 6, 48)
    y, argmax = lowered(
        "conv2d_max_pool",
        [x, w, b],
        [(pooled, "float32"), (pooled, "uint8")],
        padding=CHOSEN.padding,
        activation="relu",
    )
    wanted = forward_pooled(4, CHOSEN, x, w, b, relu=True)
    assert (y.tobytes(), argmax.tobytes()) == (wanted[0].tobytes(), wanted[1].tobytes())


def test_the_lowering_takes_maps_of_one_tile_whole(isa, lowered):
    problem = Problem(9, (5, 5), 32, 48)
    _, w, _, dy = problem.arrays()
    shape = (9, 5, 5, 32)
    (dx,) = lowered("conv2d_input_gradient", [w, dy], [(shape, "float32")], input_size=(5, 5), padding=VALID, **PLAIN)
    assert dx.tobytes() == map_gradient(3, problem, w, dy).tobytes()


@pytest.mark.parametrize(
    "other",
    [
        {"kernel_size": (5, 5)},
        {"kernel_size": (3, 1)},
        {"strides": (2, 1)},
        {"dilation": (1, 2)},
        {"groups": 4},
        {"channels": 3},
        {"outputs": 1},
        {"y_size": (28, 1)},
        {"y_size": (0, 28)},
    ],
    ids=str,
)
def test_the_rule_leaves_out_what_would_not_be_faster(other):
    options = {"channels": 64, "outputs": 64, "y_size": (28, 28), "kernel_size": (3, 3)}
    assert tile_size(**options) == 4
    assert tile_size(**options | other) == 0


def test_the_rule_takes_the_size_that_wastes_less(isa):
    assert tile_size(64, 64, (12, 12), kernel_size=(3, 3)) == 4
    assert tile_size(64, 64, (6, 6), kernel_size=(3, 3)) == 3
    assert tile_size(64, 64, (6, 6), kernel_size=(3, 3), pool=True) == 2
