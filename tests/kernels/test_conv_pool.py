"""Convolution + ReLU + 2x2 max-pool and its gradients: csrc/conv_pool*.c through their lowerings."""

from dataclasses import dataclass

import numpy as np
import pytest
from check_pool import assert_maxima
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call

KERNELS = {
    "conv_max_pool",
    "pool_lists",
    "conv_max_pool_weight_gradient",
    "conv_max_pool_first_layer_gradient",
    "conv_max_pool_input_gradient",
    "channel_plane",
    "sort_windows",
    "unpool",
}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALID = ((0, 0), (0, 0))
SAME = ((1, 1), (1, 1))
TOLERANCE = 2e-5  # relative to the largest value


@pytest.fixture(autouse=True)
def without_winograd(monkeypatch):
    """The kernels of this module, whatever the shape."""
    monkeypatch.setattr("fastcnn._core.winograd.enabled", False)


@dataclass(frozen=True)
class Problem:
    """Shapes of a convolution with a pool, with arrays drawn for it."""

    images: int
    size: tuple[int, int]
    kernel: tuple[int, int]
    channels: int
    filters: int
    padding: tuple[tuple[int, int], tuple[int, int]] = VALID

    @property
    def maps_size(self):
        return tuple(n + sum(p) - k + 1 for n, k, p in zip(self.size, self.kernel, self.padding, strict=True))

    @property
    def pooled_shape(self):
        height, width = self.maps_size
        return (self.images, height // 2, width // 2, self.filters)

    def arrays(self, seed=0):
        """x, w, bias, dy, argmax; half of the entries are blocked by the ReLU."""
        random = np.random.default_rng(seed)
        shapes = [
            (self.images, *self.size, self.channels),
            (*self.kernel, self.channels, self.filters),
            (self.filters,),
            self.pooled_shape,
        ]
        argmax = random.integers(0, 8, self.pooled_shape)
        arrays = [random.standard_normal(shape, dtype=np.float32) for shape in shapes]
        return [*arrays, np.minimum(argmax, 4).astype(np.uint8)]


@st.composite
def problems(draw):
    border = st.integers(0, 3)
    problem = Problem(
        images=draw(st.sampled_from([0, 1, 2, 5])),
        size=draw(st.tuples(st.integers(1, 13), st.integers(1, 13))),
        kernel=draw(st.sampled_from([(3, 3), (3, 3), (3, 3), (3, 2), (5, 5), (1, 1), (2, 4)])),
        channels=draw(st.sampled_from([1, 1, 2, 3, 4, 7, 16, 17, 33, 70])),
        filters=draw(st.sampled_from([1, 2, 5, 8, 16, 17, 24, 32, 33, 64, 70])),
        padding=draw(st.sampled_from([VALID, VALID, SAME]) | st.tuples(*[st.tuples(border, border)] * 2)),
    )
    assume(min(problem.maps_size) > 0)
    return problem


def forward(lowered, problem, arrays, activation):
    pooled = problem.pooled_shape
    return lowered(
        "conv2d_max_pool",
        arrays,
        [(pooled, "float32"), (pooled, "uint8")],
        padding=problem.padding,
        activation=activation,
    )


def weight_gradient(lowered, problem, x, dy, argmax):
    shape = (*problem.kernel, problem.channels, problem.filters)
    outputs = [(shape, "float32"), ((problem.filters,), "float32")]
    attrs = {"kernel_size": problem.kernel, "padding": problem.padding}
    return lowered("conv2d_max_pool_weight_gradient", [x, dy, argmax], outputs, **attrs)


def input_gradient(lowered, problem, w, dy, argmax):
    shape = (problem.images, *problem.size, problem.channels)
    attrs = {"input_size": problem.size, "padding": problem.padding}
    return lowered("conv2d_max_pool_input_gradient", [w, dy, argmax], [(shape, "float32")], **attrs)[0]


def everything(lowered, problem):
    """The results of all ops on the arrays of a problem."""
    x, w, b, dy, argmax = problem.arrays()
    return [
        *forward(lowered, problem, [x, w, b], "relu"),
        *weight_gradient(lowered, problem, x, dy, argmax),
        input_gradient(lowered, problem, w, dy, argmax),
    ]


def assert_close(actual, expected):
    scale = max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE * scale)


@given(problem=problems(), activation=st.sampled_from([None, "relu"]), bias=st.booleans(), seed=st.integers(0, 9))
@quick
def test_forward(isa, lowered, problem, activation, bias, seed):
    x, w, b, _, _ = problem.arrays(seed)
    arrays = [x, w, b] if bias else [x, w]
    y, argmax = forward(lowered, problem, arrays, activation)
    if y.size:
        assert_maxima(arrays, problem.padding, activation, y, argmax, TOLERANCE)


@given(problem=problems(), seed=st.integers(0, 9))
@quick
def test_weight_gradient(isa, lowered, problem, seed):
    x, _, _, dy, argmax = problem.arrays(seed)
    expected = reference.conv2d_max_pool_weight_gradient(
        x.astype(float), dy.astype(float), argmax, kernel_size=problem.kernel, padding=problem.padding
    )
    for actual, right in zip(weight_gradient(lowered, problem, x, dy, argmax), expected, strict=True):
        assert_close(actual, right)


@given(problem=problems(), seed=st.integers(0, 9))
@quick
def test_input_gradient(isa, lowered, problem, seed):
    _, w, _, dy, argmax = problem.arrays(seed)
    expected = reference.conv2d_max_pool_input_gradient(
        w.astype(float), dy.astype(float), argmax, input_size=problem.size, padding=problem.padding
    )
    assert_close(input_gradient(lowered, problem, w, dy, argmax), expected)


LARGER = [
    Problem(32, (28, 28), (3, 3), 1, 32),
    Problem(9, (32, 32), (3, 3), 3, 32, padding=SAME),
    Problem(33, (13, 13), (3, 3), 32, 64),  # several images in one list
    Problem(3, (30, 31), (3, 3), 70, 100, padding=SAME),  # several bands an image
    Problem(2, (9, 9), (3, 3), 130, 300),  # several shares of the output channels
]


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_on_any_number_of_threads(isa, lowered, problem):
    x, w, b, dy, argmax = problem.arrays()
    results = []
    before = call.get_num_threads()
    for threads in (1, 2, 3):
        call.set_num_threads(threads)
        results.append(everything(lowered, problem))
    call.set_num_threads(before)
    y, position, dw, db, dx = results[0]
    padding = problem.padding
    assert_maxima([x, w, b], padding, "relu", y, position, TOLERANCE)
    x, w, dy = (array.astype(float) for array in (x, w, dy))
    size = {"padding": padding, "kernel_size": problem.kernel}
    expected_dw, expected_db = reference.conv2d_max_pool_weight_gradient(x, dy, argmax, **size)
    assert_close(dw, expected_dw)
    assert_close(db, expected_db)
    size = {"padding": padding, "input_size": problem.size}
    assert_close(dx, reference.conv2d_max_pool_input_gradient(w, dy, argmax, **size))
    for others in results[1:]:
        for actual, first in zip(others, results[0], strict=True):
            assert actual.tobytes() == first.tobytes()


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_a_row_has_the_same_bits_in_any_batch(isa, lowered, problem):
    x, w, b, _, _ = problem.arrays()
    y, argmax = forward(lowered, problem, [x, w, b], "relu")
    for row in range(min(problem.images, 3)):
        alone = Problem(1, problem.size, problem.kernel, problem.channels, problem.filters, problem.padding)
        one_y, one_argmax = forward(lowered, alone, [x[row : row + 1], w, b], "relu")
        assert one_y.tobytes() == y[row].tobytes()
        assert one_argmax.tobytes() == argmax[row].tobytes()


@pytest.mark.parametrize("channels", [1, 5])
def test_the_first_nan_of_a_window_is_its_maximum(isa, lowered, channels):
    problem = Problem(1, (4, 4), (3, 3), channels, 20)
    w = np.zeros((3, 3, channels, 20), np.float32)
    w[1, 1] = 1
    for position in range(4):
        x = np.random.default_rng(0).standard_normal((1, 4, 4, channels), dtype=np.float32)
        x[0, 1 + position // 2, 1 + position % 2, 0] = np.nan
        x[0, 2, 2, 0] = np.nan
        w[0, 0] = w[0, 1] = w[2] = 0
        y, argmax = forward(lowered, problem, [x, w], "relu")
        wanted = reference.conv2d_max_pool(x, w, padding=VALID, activation="relu")
        np.testing.assert_array_equal(y, wanted[0])
        np.testing.assert_array_equal(argmax, wanted[1])


@pytest.mark.parametrize("channels", [1, 3])
def test_infinities_stay_infinite(isa, lowered, channels):
    problem = Problem(1, (8, 10), (3, 3), channels, 20)
    x, w, b, _, _ = problem.arrays()
    x[0, 3, 4, 0] = np.inf
    y, _ = forward(lowered, problem, [x, w, b], "relu")
    with np.errstate(invalid="ignore"):
        wanted, _ = reference.conv2d_max_pool(x, w, b, padding=VALID, activation="relu")
    np.testing.assert_array_equal(np.isinf(y), np.isinf(wanted))
    np.testing.assert_array_equal(np.isnan(y), np.isnan(wanted))
