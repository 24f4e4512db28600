"""Updates of weights: the kernels of csrc/optimizer.c, alone and fused with the product that is the gradient."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.gemm import Matmul
from fastcnn._core.gemm_update import MatmulAdamUpdate
from fastcnn._core.optimizer import AdamUpdate, SgdUpdate
from fastcnn.graph import Tensor
from fastcnn.plan.lowering import gemm, optimizer

KERNELS = {"sgd_update", "momentum_update", "adam_update"}

quick = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.one_of(
    st.tuples(st.sampled_from([0, 1, 3, 15, 16, 17, 63, 8191, 8192, 20000])),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
seeds = st.integers(0, 2**32 - 1)
LR = np.array([0.01], np.float32)
ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
SLOTS = {"sgd_update": 0, "momentum_update": 1, "adam_update": 2}
OPTIONS = [
    ("sgd_update", {}),
    ("momentum_update", {"momentum": 0.9, "nesterov": False}),
    ("momentum_update", {"momentum": 0.9, "nesterov": True}),
    ("adam_update", ADAM),
]


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def state(seed, shape, slots):
    """Weights and slots; the last slot of Adam is a mean of squares."""
    arrays = [draw(seed + i, *shape) for i in range(1 + slots)]
    return arrays if slots < 2 else [*arrays[:2], np.square(arrays[2])]


def rates(name, iteration=4):
    return [LR, np.array([iteration], np.int64)] if name == "adam_update" else [LR]


def lower(family, name, inputs, attrs, written):
    node = SimpleNamespace(attrs=attrs, inputs=[Tensor(array.shape, array.dtype.name) for array in inputs])
    call.run(*getattr(family, name)(node, inputs, written, []))


def expected(name, inputs, attrs):
    """The new values, by the reference in double precision."""
    wide = [array.astype(np.float64) if array.dtype == np.float32 else array for array in inputs]
    return getattr(reference, name)(*wide, **attrs)


@pytest.mark.parametrize(("name", "attrs"), OPTIONS)
@given(shape=shapes, seed=seeds, iteration=st.sampled_from([0, 1, 10**6]))
@quick
def test_update(isa, name, attrs, shape, seed, iteration):
    w, *slots = state(seed, shape, SLOTS[name])
    g = draw(seed + 9, *shape)
    inputs = [w, g, *slots, *rates(name, iteration)]
    wanted = expected(name, inputs, attrs)
    lower(optimizer, name, inputs, attrs, [w, *slots])
    for array, value in zip([w, *slots], wanted, strict=True):
        np.testing.assert_allclose(array, value, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize(("name", "attrs"), OPTIONS)
@given(
    batch=st.sampled_from([0, 1, 5, 32, 400, 1000]),
    rows=st.sampled_from([1, 5, 6, 64, 131]),
    columns=st.sampled_from([1, 10, 64, 100, 130]),
    seed=seeds,
)
@quick
def test_fused_update_has_the_bits_of_product_and_update(isa, name, attrs, batch, rows, columns, seed):
    x, dy = draw(seed, batch, rows), draw(seed + 1, batch, columns)
    separate = state(seed + 2, (rows, columns), SLOTS[name])
    fused = [array.copy() for array in separate]
    g = np.full((rows, columns), np.nan, np.float32)
    call.run(Matmul(x, dy, g, transpose_a=True))
    w, *slots = separate
    lower(optimizer, name, [w, g, *slots, *rates(name)], attrs, separate)
    lower(gemm, "matmul_" + name, [x, dy, *fused, *rates(name)], attrs, fused)
    for one, other in zip(separate, fused, strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("rows", [5408, 37])
def test_bits_do_not_depend_on_threads(isa, rows):
    x, dy = draw(1, 32, rows), draw(2, 32, 128)
    before = call.get_num_threads()
    results = set()
    for threads in (1, 2):
        call.set_num_threads(threads)
        arrays = state(3, (rows, 128), 2)
        lower(gemm, "matmul_adam_update", [x, dy, *arrays, *rates("adam_update")], ADAM, arrays)
        lower(optimizer, "adam_update", [arrays[0], arrays[1] * 1, *arrays[1:], *rates("adam_update")], ADAM, arrays)
        results.add(b"".join(array.tobytes() for array in arrays))
    call.set_num_threads(before)
    assert len(results) == 1


def test_increment():
    counter = np.array([5, 2**40], np.int64)
    lower(optimizer, "increment", [counter], {}, [counter])
    assert counter.tolist() == [5, 2**40 + 1]


def test_errors_name_the_argument():
    def zeros(*shape):
        return np.zeros(shape, np.float32)

    iteration = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match=r"g must have the shape of w, \(3, 4\), received \(3, 5\)"):
        SgdUpdate(zeros(3, 4), zeros(3, 5), LR)
    with pytest.raises(ValueError, match="lr must have one element"):
        SgdUpdate(zeros(3, 4), zeros(3, 4), zeros(2))
    with pytest.raises(ValueError, match="iteration must have one element"):
        AdamUpdate(*[zeros(3)] * 4, LR, np.zeros(2, np.int64), **ADAM)
    with pytest.raises(ValueError, match=r"w must have shape \(4, 5\), received \(5, 4\)"):
        MatmulAdamUpdate(zeros(2, 4), zeros(2, 5), *[zeros(5, 4)] * 3, LR, iteration, **ADAM)
