"""Every op through its lowering, on every instruction set, against its reference; and no op without a lowering."""

import numpy as np

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn.graph import OPS, Node, Tensor
from fastcnn.plan.eager import run_node
from fastcnn.plan.lowering import LOWERINGS


def test_every_op_but_views_has_a_lowering():
    assert set(LOWERINGS) == {name for name, op in OPS.items() if not op.is_view}


def check(case, inputs):
    """Run a case's op on other inputs, by kernels in float32 and by the reference in float64."""
    node = Node(OPS[case.op], [Tensor(array.shape, array.dtype.name) for array in inputs], case.attrs)
    wide = [array.astype("float64") if array.dtype == np.float32 else array for array in inputs]
    expected = OPS[case.op].reference(*wide, **case.attrs)
    results = run_node(node, [array.copy() for array in inputs])
    for result, right in zip(results, expected if isinstance(expected, tuple) else (expected,), strict=True):
        if result.dtype.kind == "f":
            scale = np.abs(right).max(initial=1e-3)
            np.testing.assert_allclose(result, right, rtol=1e-5, atol=case.error * scale, strict=False)
        elif case.error < 1e-3:  # else near ties may be broken otherwise: tests/check_pool.py
            np.testing.assert_array_equal(result, right)
        assert result.shape == right.shape


def test_kernels_compute_what_the_reference_does(case, isa):
    check(case, case.in_float32())


def test_kernels_take_an_empty_batch(case):
    if case.batched:
        check(case, [array[:0] if i in case.batched else array for i, array in enumerate(case.in_float32())])
