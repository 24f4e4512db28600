"""Every op definition: shape rule and reference agree, gradients are those of the reference, batches can be bound."""

import numpy as np

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn.graph import OPS, Graph, Tensor
from fastcnn.passes import bind_batch
from fastcnn.reference import run_graph

STEP = 1e-6


def results_of(case, inputs):
    results = OPS[case.op].reference(*inputs, **case.attrs)
    return results if isinstance(results, tuple) else (results,)


def is_float(array):
    return array.dtype.kind == "f"


def test_every_op_is_in_the_table(cases):
    assert {case.op for case in cases} == set(OPS)


def test_reference_gives_the_declared_shapes_and_dtypes(case):
    for tensor, result in zip(case.node().outputs, results_of(case, case.in_float32()), strict=True):
        assert result.shape == tensor.shape
        assert result.dtype == tensor.dtype


def test_reference_keeps_float64(case):
    if any(map(is_float, case.inputs)):
        for result in results_of(case, case.inputs):
            assert not is_float(result) or result.dtype == np.float64


def test_reference_leaves_its_inputs_alone(case):
    before = [value.copy() for value in case.inputs]
    results_of(case, case.inputs)
    for value, old in zip(case.inputs, before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_shape_rule_with_unknown_batch(case):
    for known, unknown in zip(case.node().outputs, case.node(batch_known=False).outputs, strict=True):
        assert unknown.shape == known.shape or unknown.shape == (None, *known.shape[1:])


def test_flops_are_a_whole_number(case):
    flops = case.node().flops
    assert isinstance(flops, int)
    assert flops >= 0


def gradient_graph(case, node):
    """A graph of the gradients of a node's inputs, given those of its float outputs; both sets of tensors."""
    outer = [Tensor(tensor.shape) if tensor.dtype == "float32" else None for tensor in node.outputs]
    gradients = node.op.gradient(node, *outer)
    assert tuple(i for i, gradient in enumerate(gradients) if gradient is not None) == case.gradient
    inputs = [*node.inputs, *(tensor for tensor in outer if tensor is not None)]
    return Graph(inputs, [gradients[i] for i in case.gradient])


def outer_gradients(case):
    rng = np.random.default_rng(1)
    return [rng.normal(size=result.shape) for result in results_of(case, case.inputs) if is_float(result)]


def finite_differences(case, index, outer):
    """Gradient of sum(output * outer gradient) by the change of one element of an input after the other."""

    def value(inputs):
        results = filter(is_float, results_of(case, inputs))
        return sum((result * dy).sum() for result, dy in zip(results, outer, strict=True))

    gradient = np.zeros(case.inputs[index].shape)
    for position in np.ndindex(gradient.shape):
        ends = []
        for step in (STEP, -STEP):
            inputs = [array.copy() for array in case.inputs]
            inputs[index][position] += step
            ends.append(value(inputs))
        gradient[position] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient


def test_gradient_is_that_of_the_reference(case):
    if case.gradient:
        graph = gradient_graph(case, case.node())
        outer = outer_gradients(case)
        gradients, _ = run_graph(graph, dict(zip(graph.inputs, [*case.inputs, *outer], strict=True)))
        for index, gradient in zip(case.gradient, gradients, strict=True):
            expected = finite_differences(case, index, outer)
            assert gradient.shape == expected.shape
            np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7 * max(np.abs(expected).max(), 1))


def test_gradient_of_an_unknown_batch_can_be_bound(case):
    if case.gradient and case.batched:
        graph = gradient_graph(case, case.node(batch_known=False))
        batch = len(case.inputs[case.batched[0]])
        bound = bind_batch(graph, batch)
        known = gradient_graph(case, case.node())
        assert [tensor.shape for tensor in bound.outputs] == [tensor.shape for tensor in known.outputs]
        values = [*case.inputs, *outer_gradients(case)]
        for one, other in zip(
            run_graph(bound, dict(zip(bound.inputs, values, strict=True)))[0],
            run_graph(known, dict(zip(known.inputs, values, strict=True)))[0],
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)
