"""Fixtures of the kernel tests: ops run through their lowering."""

from types import SimpleNamespace

import numpy as np
import pytest

from fastcnn._core import call
from fastcnn.plan.lowering import LOWERINGS


@pytest.fixture
def lowered():
    """Run an op on arrays as a program does: lowered(name, inputs, outputs as (shape, dtype), **attrs) -> arrays."""

    def run(name, inputs, outputs, **attrs):
        node = SimpleNamespace(
            inputs=[SimpleNamespace(shape=array.shape) for array in inputs],
            outputs=[SimpleNamespace(shape=shape) for shape, _ in outputs],
            attrs=attrs,
        )
        results = [np.full(shape, 77, dtype) for shape, dtype in outputs]
        workspace = [np.full(shape, 77, dtype) for shape, dtype in LOWERINGS[name].workspace(node)]
        call.run(*LOWERINGS[name].calls(node, inputs, results, workspace))
        return results

    return run


@pytest.fixture
def same_bits():
    """Assert that a function gives arrays of the same bits on one and on two threads; returns them."""

    def check(function):
        before = call.get_num_threads()
        results = []
        try:
            for threads in (1, 2):
                call.set_num_threads(threads)
                results.append(function())
        finally:
            call.set_num_threads(before)
        assert [array.tobytes() for array in results[0]] == [array.tobytes() for array in results[1]]
        return results[0]

    return check
