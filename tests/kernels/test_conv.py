"""Convolution and its gradients: csrc/conv*.c and csrc/repeat.c through their lowerings."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call

KERNELS = {
    "conv",
    "conv_depthwise",
    "conv_weight_gradient",
    "conv_depthwise_weight_gradient",
    "repeat_elements",
    "sum_repeats",
    "conv_group_weight_gradient",
    "conv_planes",
    "conv_planes_weight_gradient",
}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@pytest.fixture(autouse=True)
def without_winograd(monkeypatch):
    """The kernels of this module, whatever the shape."""
    monkeypatch.setattr("fastcnn._core.winograd.enabled", False)


@dataclass(frozen=True)
class Problem:
    """Shapes and options of a convolution, with arrays drawn for it."""

    images: int
    size: tuple[int, int]
    kernel: tuple[int, int]
    group_channels: int
    group_filters: int
    strides: tuple[int, int] = (1, 1)
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1

    @property
    def geometry(self):
        names = ("strides", "padding", "dilation", "groups")
        return {name: getattr(self, name) for name in names}

    @property
    def out_size(self):
        return tuple(
            (n + sum(p) - (k - 1) * d - 1) // s + 1
            for n, k, s, p, d in zip(self.size, self.kernel, self.strides, self.padding, self.dilation, strict=True)
        )

    def arrays(self, seed=0):
        """x, w, bias, dy."""
        random = np.random.default_rng(seed)
        filters = self.group_filters * self.groups
        shapes = [
            (self.images, *self.size, self.group_channels * self.groups),
            (*self.kernel, self.group_channels, filters),
            (filters,),
            (self.images, *self.out_size, filters),
        ]
        return [random.standard_normal(shape, dtype=np.float32) for shape in shapes]


@st.composite
def problems(draw):
    groups = draw(st.sampled_from([1, 1, 1, 2, 3, 8]))
    border = st.integers(0, 3)
    padding = draw(st.sampled_from([((0, 0), (0, 0)), ((1, 1), (1, 1))]) | st.tuples(*[st.tuples(border, border)] * 2))
    problem = Problem(
        images=draw(st.sampled_from([0, 1, 2, 5])),
        size=draw(st.tuples(st.integers(1, 13), st.integers(1, 13))),
        kernel=draw(st.sampled_from([(1, 1), (3, 3), (2, 2), (5, 5), (1, 4), (3, 1)])),
        group_channels=draw(st.sampled_from([1, 2, 3, 4, 7, 16, 17])),
        group_filters=draw(st.sampled_from([1, 2, 5, 8, 16, 17, 33, 64, 70] if groups == 1 else [1, 2, 5, 17])),
        strides=draw(st.just((1, 1)) | pairs),
        padding=padding,
        dilation=draw(st.just((1, 1)) | pairs),
        groups=groups,
    )
    assume(min(problem.out_size) > 0)
    return problem


def forward(lowered, problem, activation=None, bias=True, seed=0):
    x, w, b, dy = problem.arrays(seed)
    inputs = [x, w, b] if bias else [x, w]
    return lowered("conv2d", inputs, [(dy.shape, "float32")], activation=activation, **problem.geometry)[0]


def weight_gradient(lowered, problem, seed=0):
    x, w, _, dy = problem.arrays(seed)
    attrs = {"kernel_size": problem.kernel, **problem.geometry}
    return lowered("conv2d_weight_gradient", [x, dy], [(w.shape, "float32")], **attrs)[0]


def input_gradient(lowered, problem, seed=0):
    x, w, _, dy = problem.arrays(seed)
    attrs = {"input_size": problem.size, **problem.geometry}
    return lowered("conv2d_input_gradient", [w, dy], [(x.shape, "float32")], **attrs)[0]


def assert_close(actual, expected):
    scale = max(np.abs(expected).max(initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=2e-5 * scale)


def doubles(*arrays):
    return [array.astype(np.float64) for array in arrays]


@st.composite
def depthwise_problems(draw):
    border = st.integers(0, 3)
    problem = Problem(
        images=draw(st.sampled_from([0, 1, 2, 5])),
        size=draw(st.tuples(st.integers(1, 17), st.integers(1, 17))),
        kernel=draw(st.just((3, 3)) | st.sampled_from([(1, 1), (2, 2), (5, 5), (1, 3), (3, 1)])),
        group_channels=1,
        group_filters=draw(st.sampled_from([1, 1, 1, 2, 3, 4, 7])),
        strides=draw(st.sampled_from([(1, 1), (2, 2)]) | pairs),
        padding=draw(st.just(((1, 1), (1, 1))) | st.tuples(*[st.tuples(border, border)] * 2)),
        dilation=draw(st.just((1, 1)) | pairs),
        groups=draw(st.sampled_from([2, 3, 7, 16, 17, 33, 40])),
    )
    assume(min(problem.out_size) > 0)
    return problem


@given(
    problem=problems() | depthwise_problems(),
    activation=st.sampled_from([None, "relu"]),
    bias=st.booleans(),
    seed=st.integers(0, 9),
)
@quick
def test_forward(isa, lowered, problem, activation, bias, seed):
    x, w, b, _ = doubles(*problem.arrays(seed))
    expected = reference.conv2d(x, w, b if bias else None, activation=activation, **problem.geometry)
    assert_close(forward(lowered, problem, activation, bias, seed), expected)


@given(problem=problems() | depthwise_problems(), seed=st.integers(0, 9))
@quick
def test_weight_gradient(isa, lowered, problem, seed):
    x, _, _, dy = doubles(*problem.arrays(seed))
    expected = reference.conv2d_weight_gradient(x, dy, kernel_size=problem.kernel, **problem.geometry)
    assert_close(weight_gradient(lowered, problem, seed), expected)


@given(problem=problems() | depthwise_problems(), seed=st.integers(0, 9))
@quick
def test_input_gradient(isa, lowered, problem, seed):
    _, w, _, dy = doubles(*problem.arrays(seed))
    expected = reference.conv2d_input_gradient(w, dy, input_size=problem.size, **problem.geometry)
    assert_close(input_gradient(lowered, problem, seed), expected)


SAME = ((1, 1), (1, 1))
LARGER = [
    Problem(2, (56, 56), (3, 3), 64, 64, padding=SAME),  # several bands an image
    Problem(3, (14, 14), (3, 3), 256, 256, padding=SAME),  # several shares of the output channels
    Problem(5, (32, 32), (3, 3), 3, 32),  # all taps of a row together
    Problem(3, (21, 23), (3, 3), 1, 1, strides=(2, 2), padding=((0, 1), (0, 1)), groups=40),  # depthwise
    Problem(3, (40, 39), (3, 3), 1, 2, padding=SAME, groups=33),  # depthwise with several filters for each channel
    Problem(3, (11, 13), (3, 3), 4, 4, padding=SAME, groups=37),  # narrow groups side by side
    Problem(3, (9, 8), (3, 3), 8, 8, strides=(2, 1), padding=SAME, groups=6),
    Problem(2, (9, 8), (3, 2), 2, 4, dilation=(2, 1), groups=19),
    Problem(3, (33, 30), (3, 3), 33, 3, padding=SAME),  # few outputs: on planes
    Problem(2, (40, 41), (3, 3), 9, 7, padding=SAME, groups=8),  # groups on planes, several bands an image
    Problem(2, (12, 50), (1, 5), 5, 2, padding=((0, 0), (20, 20)), dilation=(1, 9), groups=3),  # wide borders
    Problem(3, (30, 31), (7, 7), 3, 70, strides=(2, 2), padding=((3, 3), (3, 3))),
]


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_larger_shapes_on_any_number_of_threads(isa, lowered, problem):
    x, w, b, dy = doubles(*problem.arrays())
    expected = [
        reference.conv2d(x, w, b, activation="relu", **problem.geometry),
        reference.conv2d_weight_gradient(x, dy, kernel_size=problem.kernel, **problem.geometry),
        reference.conv2d_input_gradient(w, dy, input_size=problem.size, **problem.geometry),
    ]
    results = []
    before = call.get_num_threads()
    for threads in (1, 2, 3):
        call.set_num_threads(threads)
        results.append(
            [
                forward(lowered, problem, "relu"),
                weight_gradient(lowered, problem),
                input_gradient(lowered, problem),
            ]
        )
    call.set_num_threads(before)
    for actual, wanted in zip(results[0], expected, strict=True):
        assert_close(actual, wanted)
    for others in results[1:]:
        for actual, first in zip(others, results[0], strict=True):
            assert actual.tobytes() == first.tobytes()


@pytest.mark.parametrize("problem", LARGER, ids=str)
def test_a_row_has_the_same_bits_in_any_batch(isa, lowered, problem):
    x, w, b, dy = problem.arrays()
    whole = lowered("conv2d", [x, w, b], [(dy.shape, "float32")], activation=None, **problem.geometry)[0]
    for row in range(problem.images):
        one = [x[row : row + 1], w, b]
        shape = (1, *dy.shape[1:])
        alone = lowered("conv2d", one, [(shape, "float32")], activation=None, **problem.geometry)[0]
        assert alone.tobytes() == whole[row].tobytes()


def test_nan_passes_the_activation(isa, lowered):
    problem = Problem(1, (5, 5), (3, 3), 2, 20)
    x, w, b, dy = problem.arrays()
    x[0, 2, 2, 1] = np.nan
    for activation in (None, "relu"):
        (y,) = lowered("conv2d", [x, w, b], [(dy.shape, "float32")], activation=activation, **problem.geometry)
        assert np.isnan(y).all()
