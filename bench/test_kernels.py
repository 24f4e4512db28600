"""Every op that has kernels, prepared once and run again and again: GFLOP/s and GB/s beside the FMA peak of this run.

FLOPs are those that the op states: a fused convolution and pooling counts, in its gradients, the products that the pool
lets through. Bytes are those of all inputs and outputs, each once; what an op changes in place counts twice. Beside
them stands the bandwidth of a copy that takes as much memory, measured right after the op.
"""

import numpy as np
import pytest
from shapes import CASES

from fastcnn.graph import OPS, Graph, Node, Tensor
from fastcnn.plan import Program
from fastcnn.plan.lowering import LOWERINGS
from fastcnn.profiling.machine import bandwidths


def values(kind, shape):
    """An array of a case."""
    rng = np.random.default_rng(0)
    match kind:
        case "normal":
            return rng.standard_normal(shape, np.float32)
        case "positive":
            return rng.uniform(0.01, 1, shape).astype(np.float32)
        case "zero":
            return np.zeros(shape, np.float32)
        case "peaked":
            maps = np.minimum(rng.standard_normal(shape, np.float32), np.float32(-0.01))
            maps[:, 0, 0] = 0
            return maps
        case "ascending":
            return np.linspace(0, 1, shape[0], dtype=np.float32)
        case "window":
            return rng.integers(0, 4, shape, np.int32)
        case "labels":
            return rng.integers(0, 10, shape, np.int32)
        case "pooled":
            return rng.integers(0, 5, shape, np.uint8)
        case "state":
            return np.zeros(shape, np.float64)
        case "counter":
            return np.zeros(shape, np.int64)
    raise ValueError(f"no values of kind {kind!r}")


def prepared(case):
    """A case as a node, and as a program of this node alone."""
    arrays = [values(*one) for one in case.inputs]
    inputs = [Tensor(array.shape, array.dtype.name) for array in arrays]
    node = Node(OPS[case.op], inputs, case.attributes)
    program = Program(Graph(inputs, node.outputs))
    for tensor, array in zip(inputs, arrays, strict=True):
        program.array(tensor)[...] = array
    return node, program


def test_every_op_is_measured():
    assert {case.op for case in CASES} == set(LOWERINGS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_op(benchmark, speed, peak, case):
    node, program = prepared(case)
    benchmark(program.run)
    if benchmark.stats is not None:
        nanoseconds = benchmark.stats.stats.min * 1e9
        tensors = (*node.inputs, *node.outputs)
        moved = sum(tensor.size * np.dtype(tensor.dtype).itemsize for tensor in tensors)
        gflops = node.flops / nanoseconds
        memory = {program.array(tensor).ctypes.data: program.array(tensor).nbytes for tensor in tensors}
        _, copy = bandwidths(max(sum(memory.values()), 1 << 12))
        speed(
            **{
                "us": nanoseconds / 1e3,
                "GFLOP/s": gflops,
                "% of peak": 100 * gflops / peak,
                "GB/s": moved / nanoseconds,
                "% of copy": 100 * moved / nanoseconds / copy,
            }
        )
