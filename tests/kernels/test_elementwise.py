"""Element-wise ops of one and of two arrays: csrc/elementwise.c and simd_math.h through their lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.broadcast import BINARY_OPS, Binary
from fastcnn._core.elementwise import GRADIENT_OPS, UNARY_OPS, Unary

KERNELS = {
    "unary_relu", "unary_sigmoid", "unary_tanh", "unary_exp", "unary_log", "unary_square", "unary_sqrt",
    "unary_negative", "unary_abs", "unary_log1p", "unary_expm1", "unary_floor", "unary_ceil", "unary_round",
    "unary_sign", "unary_isnan", "unary_isfinite", "unary_sin", "unary_cos",
    "unary_arctan", "unary_erf",
    "binary_not_equal", "binary_masked", "binary_power",
    "relu_gradient", "sigmoid_gradient", "tanh_gradient", "binary_add", "binary_subtract", "binary_multiply",
    "binary_divide", "binary_maximum", "binary_minimum", "binary_equal", "binary_greater", "binary_greater_equal",
}  # fmt: skip

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
SPECIAL = np.array(
    [0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e30, -1e30, 1e-30, -1e-30, 87, -87, 200, -200], np.float32
)
ULPS = {"sigmoid": 2.5, "tanh": 2, "exp": 1.5, "log": 1.5, "log1p": 3, "expm1": 3.5}

# Arguments that cover each function's ranges and the seams between them.
RANGES = {
    "exp": [(-87, 88.7), (-1, 1), (-1e-3, 1e-3)],
    "log": [(1e-37, 1e-30), (0.5, 2), (0.999, 1.001), (1, 1e6), (1e30, 3e38)],
    "sigmoid": [(-86, 86), (-1, 1)],
    "tanh": [(-12, 12), (0.6, 0.65), (-1e-3, 1e-3)],
    "log1p": [(-0.999, 3), (-1e-3, 1e-3), (1e-8, 1e-6), (1, 1e6)],
    "expm1": [(-20, 20), (-1e-3, 1e-3), (1e-8, 1e-6), (80, 88)],
}
EXACT = [op for op in BINARY_OPS if op != "power"]


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def apply(lowered, op, *inputs):
    shape = np.broadcast_shapes(*(array.shape for array in inputs))
    return lowered(op, list(inputs), [(shape, "float32")])[0]


@pytest.mark.parametrize("op", UNARY_OPS)
@given(shape=st.lists(st.integers(0, 40), max_size=3), seed=seeds)
@quick
def test_unary(isa, lowered, op, shape, seed):
    x = draw(seed, *shape)
    x = np.abs(x) if op in ("log", "sqrt", "log1p") else x
    wanted = getattr(reference, op)(x.astype(np.float64))
    np.testing.assert_allclose(apply(lowered, op, x), wanted, rtol=4e-7, atol=1e-30)


@pytest.mark.parametrize("op", [op for op in UNARY_OPS if op not in ("sin", "cos")])
def test_unary_of_special_values(isa, lowered, op):
    with np.errstate(all="ignore"):
        wanted = getattr(reference, op)(SPECIAL)
        np.testing.assert_allclose(apply(lowered, op, SPECIAL), wanted, rtol=4e-7, atol=1.2e-38)


@pytest.mark.parametrize("op", ["sin", "cos"])
def test_angles(isa, lowered, op):
    for size, error in ((10, 1.5e-7), (1e4, 1e-6)):
        x = np.linspace(-size, size, 100_003).astype(np.float32)
        np.testing.assert_allclose(apply(lowered, op, x), getattr(np, op)(x.astype(np.float64)), rtol=0, atol=error)
    assert np.isnan(apply(lowered, op, np.array([np.inf, -np.inf, np.nan], np.float32))).all()


@pytest.mark.parametrize("op", ULPS)
def test_accuracy_in_units_of_the_last_place(isa, lowered, op):
    for low, high in RANGES[op]:
        x = np.linspace(low, high, 100_003).astype(np.float32)
        wanted = getattr(reference, op)(x.astype(np.float64))
        ulp = np.spacing(np.abs(wanted).astype(np.float32)).astype(np.float64)
        error = np.abs(apply(lowered, op, x) - wanted) / ulp
        assert error.max() <= ULPS[op], f"at {x[error.argmax()]}"


@pytest.mark.parametrize("op", UNARY_OPS)
def test_unary_in_place(isa, op):
    x = np.abs(draw(3, 1001))
    y = np.empty_like(x)
    call.run(Unary(x, y, op=op))
    call.run(Unary(x, x, op=op))
    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("op", GRADIENT_OPS)
@given(size=st.sampled_from([0, 1, 7, 16, 65, 1000]), seed=seeds)
@quick
def test_unary_gradient(isa, lowered, op, size, seed):
    dy, y = draw(seed, size), getattr(reference, op)(draw(seed + 1, size))
    wanted = getattr(reference, f"{op}_gradient")(dy.astype(np.float64), y.astype(np.float64))
    np.testing.assert_allclose(apply(lowered, f"{op}_gradient", dy, y), wanted, rtol=1e-6, atol=1e-30)


def test_relu_gradient_stops_where_the_output_is_zero_or_nan(isa, lowered):
    y = np.array([1, 0, -0.0, np.nan, np.inf], np.float32)
    dy = np.array([2, np.nan, np.inf, 5, np.nan], np.float32)
    np.testing.assert_array_equal(apply(lowered, "relu_gradient", dy, y), np.array([2, 0, 0, 0, np.nan], np.float32))


@st.composite
def broadcast_shapes(draw_value):
    """Two shapes that broadcast: axes of one of them or of both may be 1 or, in front, missing."""
    full = draw_value(st.lists(st.sampled_from([1, 2, 3, 5, 17, 33]), max_size=4))
    shapes = []
    for _ in range(2):
        kept = [extent if draw_value(st.booleans()) else 1 for extent in full]
        shapes.append(kept[draw_value(st.integers(0, len(kept))) :])
    return shapes


@pytest.mark.parametrize("op", EXACT)
@given(shapes=broadcast_shapes(), seed=seeds)
@quick
def test_binary_broadcasts(isa, lowered, op, shapes, seed):
    a, b = (np.round(draw(seed + i, *shape), 1) for i, shape in enumerate(shapes))
    np.testing.assert_array_equal(apply(lowered, op, a, b), getattr(reference, op)(a, b))


@pytest.mark.parametrize("op", EXACT)
@pytest.mark.parametrize(
    "shapes",
    [((0, 3), (3,)), ((0,), (1,)), ((40_001,), (40_001,)), ((40_001,), ()), ((), ()), ((3, 20_000), (20_000,)),
     ((900, 33), (900, 1)), ((7, 1, 5000), (1, 9, 1)), ((2, 1, 3, 1, 2), (1, 3, 1, 2, 1))],
)  # fmt: skip
def test_binary_of_chosen_shapes(isa, lowered, op, shapes):
    a, b = (draw(i, *shape) for i, shape in enumerate(shapes))
    np.testing.assert_array_equal(apply(lowered, op, a, b), getattr(reference, op)(a, b))


@pytest.mark.parametrize("op", BINARY_OPS)
def test_binary_of_special_values(isa, lowered, op):
    a, b = SPECIAL[:, None], SPECIAL[None, :]
    with np.errstate(all="ignore"):
        wanted = getattr(reference, op)(a, b)
    rtol = 4e-5 if op == "power" else 0  # of 1e30: its logarithm times the exponent is near 88
    np.testing.assert_allclose(apply(lowered, op, np.ascontiguousarray(a), b), wanted, rtol=rtol, atol=1.2e-38)


@given(shapes=broadcast_shapes(), seed=seeds)
@quick
def test_power(isa, lowered, shapes, seed):
    base, exponent = (np.round(3 * draw(seed + i, *shape)) / 2 for i, shape in enumerate(shapes))
    wanted = reference.power(base.astype(np.float64), exponent.astype(np.float64))
    np.testing.assert_allclose(apply(lowered, "power", base, exponent), wanted, rtol=2e-6, atol=1e-30)


def test_small_whole_powers_are_exact_where_they_are_floats(isa, lowered):
    base, exponent = np.meshgrid(np.arange(-9, 10, dtype=np.float32), np.arange(8, dtype=np.float32))
    np.testing.assert_array_equal(apply(lowered, "power", base, exponent), base.astype(np.float64) ** exponent)
    twos = np.array([0.5, -2, 4], np.float32)
    np.testing.assert_array_equal(apply(lowered, "power", twos, np.full(3, -3, np.float32)), [8, -0.125, 1 / 64])


def test_whole_numbers_next_to_the_bounds(isa, lowered):
    edges = np.array([0.5, 1.5, 2.5, 2**22 + 0.5, 2**23 - 0.5, 2**23 + 1, 2**24 - 1, 2**31, 1e20], np.float32)
    edges = np.concatenate([edges, -edges, np.nextafter(edges, 0), -np.nextafter(edges, 0), [0.0, -0.0]])
    for op in ("floor", "ceil", "round"):
        got = apply(lowered, op, edges.astype(np.float32))
        np.testing.assert_array_equal(got, getattr(np, op)(edges.astype(np.float32)))


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    a, b = draw(1, 64, 33, 129), draw(2, 33, 1)
    same_bits(lambda: [apply(lowered, "sigmoid", a)])
    same_bits(lambda: [apply(lowered, "tanh_gradient", a, a)])
    same_bits(lambda: [apply(lowered, "divide", a, b)])


def test_errors_name_the_argument():
    x = np.zeros((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"y must have shape \(2, 3\), received \(3,\)"):
        Unary(x, np.zeros(3, np.float32), op="relu")
    with pytest.raises(ValueError, match=r"op must be one of .*received 'gelu'"):
        Unary(x, x, op="gelu")
    with pytest.raises(ValueError, match=r"b of shape \(2,\) does not broadcast to shape \(2, 3\)"):
        Binary(x, np.zeros(2, np.float32), x, op="add")
    with pytest.raises(TypeError, match="float32"):
        Unary(np.zeros(3), np.zeros(3, np.float32), op="relu")
