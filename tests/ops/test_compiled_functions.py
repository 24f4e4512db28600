"""The examples of the public functions as compiled programs, and their gradients against finite differences."""

import function_examples
import numpy as np
import numpy_examples
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan import Program
from fastcnn.reference import run_graph
from fastcnn.utils import tree

WITHOUT_STEP = {"assign", "assign_add", "accumulate", "increment", "dropout", "convert_to_numpy", "nonzero", "dtype"}
"""Functions that write, draw, or are about arrays."""
CONSTANTS = {"stop_gradient", "categorical_crossentropy", "random_log_gamma"}
"""Functions through which no gradient passes, by definition, or to the targets."""
STEP = 1e-6


def is_operand(leaf):
    return isinstance(leaf, np.ndarray) and leaf.dtype == np.float32 and leaf.size > 0


EXAMPLES = [
    example
    for example in (*function_examples.EXAMPLES, *numpy_examples.EXAMPLES)
    if example[0] not in WITHOUT_STEP and any(map(is_operand, tree.flatten([example[1], example[2]])))
]


def traced(example):
    """The outputs of a function of symbols, and the symbols with their values."""
    name, arguments, options, expected = example
    feeds = {}

    def symbol(leaf):
        if not is_operand(leaf):
            return leaf
        tensor = Tensor(leaf.shape)
        feeds[tensor] = np.ascontiguousarray(leaf)
        return tensor

    arguments, options = tree.map_structure(symbol, arguments), tree.map_structure(symbol, options)
    outputs = getattr(ops, name)(*arguments, **options)
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    expected = expected if isinstance(expected, tuple) and len(outputs) > 1 else (expected,)
    pairs = [pair for pair in zip(outputs, expected, strict=True) if isinstance(pair[0], Tensor)]
    return [output for output, _ in pairs], [right for _, right in pairs], feeds


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[0])
def test_compiled(example):
    outputs, expected, feeds = traced(example)
    program = Program(Graph(feeds, outputs), feeds)
    program.run()
    for output, right in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(program.array(output), right, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e[0] not in CONSTANTS], ids=lambda example: example[0])
def test_gradient(example):
    """Of the sum of all finite results, each times a number of its own."""
    outputs, expected, feeds = traced(example)
    numbers = np.random.default_rng(1)
    loss = 0
    for output, right in zip(outputs, expected, strict=True):
        if output.dtype == "float32":
            weight = numbers.uniform(0.5, 1, size=output.shape).astype("float32")
            known = ops.where(np.isfinite(np.asarray(right, "float32")), output, 0)
            loss = ops.add(loss, ops.sum(ops.multiply(known, weight)))
    if not isinstance(loss, Tensor):
        return
    gradients = differentiate(loss, list(feeds))
    wide = {tensor: value.astype("float64") for tensor, value in feeds.items()}
    known = [gradient for gradient in gradients if gradient is not None]
    with np.errstate(all="ignore"):
        results = iter(run_graph(Graph(feeds, known), wide)[0])
        for tensor, gradient in zip(feeds, gradients, strict=True):
            slope = np.zeros(tensor.shape) if gradient is None else next(results)
            for index in list(np.ndindex(tensor.shape))[::7]:
                if np.isfinite(feeds[tensor][index]):
                    difference = central(loss, wide, tensor, index)
                    assert slope[index] == pytest.approx(difference, rel=1e-3, abs=1e-4)


def central(loss, feeds, tensor, index):
    """The slope of a loss along one element, by its values on both sides."""
    values = []
    for step in (STEP, -STEP):
        moved = feeds[tensor].copy()
        moved[index] += step
        values.append(run_graph(Graph(feeds, [loss]), {**feeds, tensor: moved})[0][0])
    return float(values[0] - values[1]) / (2 * STEP)
