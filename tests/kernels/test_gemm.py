"""Matrix products: the kernels of csrc/gemm.c, transpose.c and sum_pieces through their calls, and their lowering."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.gemm import Matmul, PackPanels, StackedMatmul, SumPieces
from fastcnn.plan.lowering import gemm as lowering

KERNELS = {"gemm_blocking", "gemm", "transpose_block", "sum_pieces"}

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
extents = st.one_of(st.integers(0, 20), st.sampled_from([31, 32, 33, 64, 65, 100, 128, 130, 257, 400]))
depths = st.one_of(st.integers(0, 20), st.sampled_from([64, 129, 256, 257, 384, 385, 800, 1600]))
seeds = st.integers(0, 2**32 - 1)
TRANSPOSES = list(itertools.product([False, True], repeat=2))


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def operands(seed, m, n, k, transpose_a=False, transpose_b=False):
    a, b = draw(seed, m, k), draw(seed + 1, k, n)
    return (np.ascontiguousarray(a.T) if transpose_a else a), (np.ascontiguousarray(b.T) if transpose_b else b)


def matmul(a, b, bias=None, **attrs):
    """Run the lowering of one matmul node."""
    inputs = [a, b] if bias is None else [a, b, bias]
    m = a.shape[1] if attrs.get("transpose_a") else a.shape[0]
    n = b.shape[0] if attrs.get("transpose_b") else b.shape[1]
    node = SimpleNamespace(inputs=inputs, attrs=attrs)
    workspace = [np.full(shape, np.nan, dtype) for shape, dtype in lowering.matmul_workspace(node)]
    c = np.full((m, n), np.nan, np.float32)
    call.run(*lowering.matmul(node, inputs, [c], workspace))
    return c


def expected(a, b, *bias, transpose_a=False, transpose_b=False, activation=None):
    wide = (array.astype(np.float64) for array in (a, b, *bias))
    return reference.matmul(*wide, transpose_a=transpose_a, transpose_b=transpose_b, activation=activation)


def check(actual, a, b, *rest, **attrs):
    k = a.shape[0] if attrs.get("transpose_a") else a.shape[1]
    tolerance = 2e-6 * (k + 1) ** 0.5
    np.testing.assert_allclose(actual, expected(a, b, *rest, **attrs), rtol=1e-4, atol=3 * tolerance)


@given(
    m=extents,
    n=extents,
    k=depths,
    transpose_a=st.booleans(),
    transpose_b=st.booleans(),
    with_bias=st.booleans(),
    activation=st.sampled_from([None, "relu"]),
    seed=seeds,
)
@quick
def test_any_shape(isa, m, n, k, transpose_a, transpose_b, with_bias, activation, seed):
    attrs = {"transpose_a": transpose_a, "transpose_b": transpose_b, "activation": activation}
    a, b = operands(seed, m, n, k, transpose_a, transpose_b)
    rest = (draw(seed + 2, n),) if with_bias else ()
    check(matmul(a, b, *rest, **attrs), a, b, *rest, **attrs)


@pytest.mark.parametrize(
    ("m", "n", "k"), [(32, 128, 5408), (32, 10, 128), (1, 128, 5408), (700, 400, 900), (32, 1000, 500), (64, 3, 4000)]
)
@pytest.mark.parametrize(("transpose_a", "transpose_b"), TRANSPOSES)
def test_shapes_of_networks(isa, m, n, k, transpose_a, transpose_b):
    attrs = {"transpose_a": transpose_a, "transpose_b": transpose_b, "activation": "relu"}
    a, b = operands(7, m, n, k, transpose_a, transpose_b)
    bias = draw(9, n)
    check(matmul(a, b, bias, **attrs), a, b, bias, **attrs)


def test_every_tile(isa):
    """Heights and widths below, at and above those of the tiles of all instruction sets."""
    for m, n in itertools.product(range(1, 14), [1, 3, 4, 5, 8, 9, 16, 17, 31, 33, 48, 49, 63, 64, 65, 127, 129]):
        a, b = operands(m * n, m, n, 5)
        check(matmul(a, b), a, b)


@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(("n", "k"), [(128, 5408), (10, 128), (64, 576), (1000, 500), (300, 1), (40, 0)])
def test_bits_of_a_row_do_not_depend_on_the_batch(isa, n, k, transpose_b):
    a, b = operands(3, 1000, n, k, transpose_b=transpose_b)
    bias = draw(4, n)
    whole = matmul(a, b, bias, transpose_b=transpose_b)
    for m in (1, 2, 5, 32, 333):
        rows = matmul(np.ascontiguousarray(a[7 : 7 + m]), b, bias, transpose_b=transpose_b)
        assert rows.tobytes() == whole[7 : 7 + m].tobytes()


def test_packed_panels_give_the_same_bits(isa):
    """b of rows far apart is packed for an a of many rows, and read in place for one of few."""
    a, b = operands(11, 515, 1050, 401)
    whole = matmul(a, b)
    check(whole, a, b)
    assert matmul(a[:7], b).tobytes() == whole[:7].tobytes()


@pytest.mark.parametrize(("m", "n", "k"), [(32, 128, 5408), (300, 520, 400), (5408, 128, 32)])
@pytest.mark.parametrize(("transpose_a", "transpose_b"), TRANSPOSES)
def test_bits_do_not_depend_on_threads(isa, m, n, k, transpose_a, transpose_b):
    a, b = operands(5, m, n, k, transpose_a, transpose_b)
    before = call.get_num_threads()
    results = set()
    for threads in (1, 2, 3):
        call.set_num_threads(threads)
        results.add(matmul(a, b, transpose_a=transpose_a, transpose_b=transpose_b).tobytes())
    call.set_num_threads(before)
    assert len(results) == 1


def test_nan_passes_relu(isa):
    a, b = operands(1, 8, 20, 5)
    a[3, 2] = np.nan
    c = matmul(a, b, activation="relu")
    assert np.isnan(c[3]).all()
    assert not np.isnan(np.delete(c, 3, 0)).any()


def test_neighbours_stay_untouched(isa):
    """Nothing is written beyond C, and nothing read beyond A and B can reach it."""
    for m, n, k in [(5, 10, 7), (13, 67, 9), (40, 129, 33)]:
        memory = np.full(m * n + 64, np.nan, np.float32)
        c = memory[32 : 32 + m * n].reshape(m, n)
        a, b = operands(2, m, n, k)
        call.run(Matmul(a, b, c))
        check(c, a, b)
        assert np.isnan(memory[:32]).all()
        assert np.isnan(memory[-32:]).all()


def test_errors_name_the_argument():
    def zeros(*shape):
        return np.zeros(shape, np.float32)

    with pytest.raises(ValueError, match=r"a and b must agree .* a \(2, 3\) and b \(4, 5\)"):
        Matmul(zeros(2, 3), zeros(4, 5), zeros(2, 5))
    with pytest.raises(ValueError, match=r"c must have shape \(2, 5\), received \(2, 4\)"):
        Matmul(zeros(2, 3), zeros(3, 5), zeros(2, 4))
    with pytest.raises(ValueError, match=r"bias must have shape \(5,\), received \(4,\)"):
        Matmul(zeros(2, 3), zeros(3, 5), zeros(2, 5), bias=zeros(4))
    with pytest.raises(ValueError, match="bias and relu belong to SumPieces"):
        Matmul(zeros(2, 3), zeros(3, 5), zeros(1, 2, 5), relu=True)
    with pytest.raises(ValueError, match="packed must have 0 elements, received 6"):
        Matmul(zeros(2, 3), zeros(3, 5), zeros(2, 5), packed=zeros(6))
    with pytest.raises(ValueError, match="packed must have 0 elements, received 6"):
        PackPanels(zeros(2, 3), zeros(6), 2)
    with pytest.raises(ValueError, match=r"pieces must have shape \(P,\) \+ \(2, 5\)"):
        SumPieces(zeros(2, 5), zeros(2, 5))


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_products_of_a_stack_have_the_bits_of_single_ones(isa, transpose_a, transpose_b):
    a, b = draw(2, 5, *((9, 70) if transpose_a else (70, 9))), draw(3, 5, *((33, 9) if transpose_b else (9, 33)))
    transposed = {"transpose_a": transpose_a, "transpose_b": transpose_b}
    c = np.full((5, 70, 33), np.nan, np.float32)
    call.run(StackedMatmul(a, b, c, **transposed))
    for number in range(5):
        assert c[number].tobytes() == matmul(a[number], b[number], **transposed).tobytes()
    with pytest.raises(ValueError, match="stacks of matrices"):
        StackedMatmul(a, b[:4], c, **transposed)
