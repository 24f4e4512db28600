"""Products that skip zeros: csrc/sparse_product.c gives the bits of the dense product."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn._core import call
from fastcnn._core.gemm import Matmul, matmul_pieces
from fastcnn._core.gemm_update import MatmulUpdate
from fastcnn._core.sparse_product import SparseMatmul, SparseMatmulTransposed, sparse_serves
from fastcnn._core.update_rule import OPTIONS
from fastcnn.ops.update import RULES

KERNELS = {"sparse_product"}

quick = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.sampled_from([1, 2, 5, 16, 31, 64, 65, 100, 130])


def half_zero(rows, columns, seed=0, density=0.5):
    """A matrix of which a part is zero, the first row wholly."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, columns)) * (rng.random((rows, columns)) < density)
    values[:1] = 0
    return values.astype(np.float32)


@given(m=sizes, n=sizes, k=st.sampled_from([1, 40, 400, 800, 1000]), density=st.sampled_from([0, 0.3, 1]))
@quick
def test_pieces_have_the_bits_of_the_dense_product(isa, m, n, k, density):
    a, b = half_zero(m, k, density=density), half_zero(k, n, 1, 1)
    shape = (matmul_pieces(m, n, k), m, n)
    dense, sparse = np.full(shape, 77, np.float32), np.full(shape, 77, np.float32)
    call.run(Matmul(a, b, dense if len(dense) > 1 else dense[0]))
    call.run(SparseMatmul(a, b, sparse))
    np.testing.assert_array_equal(sparse, dense)


@given(m=sizes, n=st.sampled_from([1, 40, 128, 300, 577]), k=sizes, density=st.sampled_from([0, 0.3, 1]))
@quick
def test_transposed_product_has_the_bits_of_the_dense_one(isa, m, n, k, density):
    a, b = half_zero(m, k, density=density), half_zero(n, k, 1, 1)
    dense, sparse = np.full((m, n), 77, np.float32), np.full((m, n), 77, np.float32)
    call.run(Matmul(a, b, dense, transpose_b=True))
    call.run(SparseMatmulTransposed(a, b, sparse))
    np.testing.assert_array_equal(sparse, dense)


def test_sparse_serves_wide_products_only():
    assert sparse_serves(32, 128, 5408, False)
    assert sparse_serves(32, 5408, 128, True)
    assert not sparse_serves(32, 10, 5408, False)
    assert not sparse_serves(32, 5408, 10, True)
    assert not sparse_serves(32, 128, 128, False)


def test_nan_in_the_sparse_operand_comes_through(isa):
    a, b = half_zero(3, 400), half_zero(400, 128, 1, 1)
    a[1, 70] = np.nan
    pieces = np.zeros((matmul_pieces(3, 128, 400), 3, 128), np.float32)
    call.run(SparseMatmul(a, b, pieces))
    assert np.isnan(pieces.sum(axis=0)[1]).all()
    assert not np.isnan(pieces[:, [0, 2]]).any()


@pytest.mark.parametrize("rows", [1, 32, 33])
@pytest.mark.parametrize("shape", [(300, 128), (70, 65), (20, 10)])
@pytest.mark.parametrize("rule", ["sgd", "momentum", "adam", "nadam"])
def test_updates_have_the_bits_of_the_dense_ones(isa, rule, shape, rows):
    x, dy = half_zero(rows, shape[0]), half_zero(rows, shape[1], 1, 1)
    state = np.full(1, 0.4, np.float32) if rule == "nadam" else None
    values = {"momentum": 0.9, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    options = {name: values[name] for name in OPTIONS[rule]}

    def updated(sparse):
        w, *slots = (np.abs(half_zero(*shape, 2 + i, 1)) for i in range(1 + len(RULES[rule].slots)))
        numbers = np.full(1, 0.1, np.float32), np.zeros(1, np.int64), state
        call.run(MatmulUpdate(rule, x, dy, w, slots, *numbers, sparse=sparse, clip=0.7, **options))
        return [w, *slots]

    for sparse, dense in zip(updated(True), updated(False), strict=True):
        np.testing.assert_array_equal(sparse, dense)


def test_same_bits_on_any_number_of_threads(isa, same_bits):
    a, b = half_zero(32, 2000), half_zero(2000, 128, 1, 1)
    dy, w = half_zero(32, 128, 2), half_zero(2000, 128, 3, 1)

    def results():
        pieces = np.zeros((matmul_pieces(32, 128, 2000), 32, 128), np.float32)
        dx = np.zeros((32, 2000), np.float32)
        call.run(SparseMatmul(a, b, pieces), SparseMatmulTransposed(dy, w, dx))
        return [pieces, dx]

    same_bits(results)


def test_wrong_shapes_are_refused():
    a, b = half_zero(4, 40), half_zero(40, 128)
    with pytest.raises(ValueError, match="pieces"):
        SparseMatmul(a, b, np.zeros((2, 4, 128), np.float32))
    with pytest.raises(ValueError, match="shape"):
        SparseMatmulTransposed(a, b, np.zeros((4, 128), np.float32))
