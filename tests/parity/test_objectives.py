"""Losses, with their gradients, and metrics against Keras's numbers; in a graph too, and so in a compiled step."""

import json

import numpy as np
import pytest
from objectives import GOLDEN, LOSS_CASES, METRIC_CASES, data_of, keras_loss, metric_result, name_of

import fastcnn
from fastcnn import losses, metrics, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.graph.recording import recording
from fastcnn.passes import differentiate
from fastcnn.plan import Program
from fastcnn.trainers.tracing import traced_update

KERAS = json.loads(GOLDEN.read_text())


def tensors(arrays):
    return [Tensor(a.shape, "int32" if a.dtype.kind == "i" else "float32") for a in arrays]


def run(graph, arrays):
    program = Program(graph)
    for tensor, array in zip(graph.inputs, arrays, strict=True):
        program.array(tensor)[...] = array
    program.run()
    return [program.array(output).copy() for output in graph.outputs]


def close(got, wanted):
    wanted = np.asarray(wanted)
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-3)
    np.testing.assert_allclose(np.ravel(got), wanted, rtol=5e-5, atol=5e-6 * scale)


@pytest.mark.parametrize("case", LOSS_CASES, ids=name_of)
def test_loss(case):
    value, gradient = KERAS[f"loss {name_of(case)}"]
    arrays = [array for array in data_of(case) if array is not None]
    loss = getattr(losses, case[0])(**case[2])
    close(loss(*arrays), value)
    again = losses.deserialize(losses.serialize(loss))
    close(again(*arrays), value)
    inputs = tensors(arrays)
    with recording():
        result = loss(*inputs)
        total = result if result.size == 1 else ops.sum(result)
    if total.ndim:
        total = ops.reshape(total, ())
    (dy,) = differentiate(total, inputs[1:2])
    result, slope = run(Graph(inputs, [result, dy]), arrays)
    close(result, value)
    close(slope, gradient)


@pytest.mark.parametrize("case", METRIC_CASES, ids=name_of)
def test_metric(case):
    wanted = KERAS[f"metric {name_of(case)}"]
    for got, right in zip(metric_result(fastcnn, case), wanted, strict=True):
        close(got, right)


@pytest.mark.parametrize("case", METRIC_CASES, ids=name_of)
def test_metric_in_a_graph(case):
    arrays = [array for array in data_of(case) if array is not None]
    metric = getattr(metrics, case[0])(**case[2])
    inputs = tensors(arrays)
    updates = traced_update(metric, inputs)
    assert updates is not None
    run(Graph(inputs, updates), arrays)
    close(metric.result(), KERAS[f"metric {name_of(case)}"][1])
    assert metrics.deserialize(metrics.serialize(metric)).get_config() == metric.get_config()
    metric.reset_state()
    assert not any(variable.value.any() for variable in metric.variables)


@pytest.mark.filterwarnings("ignore")  # Keras's own
@pytest.mark.parametrize("case", LOSS_CASES, ids=name_of)
def test_the_numbers_are_those_of_keras_losses(keras, case):
    for got, stored in zip(keras_loss(keras, case), KERAS[f"loss {name_of(case)}"], strict=True):
        np.testing.assert_allclose(got, stored, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", METRIC_CASES, ids=name_of)
def test_the_numbers_are_those_of_keras_metrics(keras, case):
    for got, stored in zip(metric_result(keras, case), KERAS[f"metric {name_of(case)}"], strict=True):
        np.testing.assert_allclose(got, stored, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_configurations_have_what_those_of_keras_have(keras):
    for family, cases in (("losses", LOSS_CASES), ("metrics", METRIC_CASES)):
        for name, _, arguments, _ in cases:
            ours, theirs = (
                getattr(getattr(package, family), name)(**arguments, name="n").get_config()
                for package in (fastcnn, keras)
            )
            unlike = {"dtype", "fn", "label_weights"}  # int for IoU; a function; an array
            assert {key: ours[key] for key in theirs if key not in unlike} == {
                key: value for key, value in theirs.items() if key not in unlike
            }, name
