"""The graphs of training, testing and prediction, from a model and what it is compiled with.

training:   x, y -> forward -> loss -> backward -> updates of the weights, sums of loss and metrics
testing:    x, y -> forward -> loss -> sums of loss and metrics
prediction: x -> forward -> output
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.graph.recording import recording
from fastcnn.layers.added_losses import AddedLoss, collecting_losses
from fastcnn.ops.dispatch import as_tensor, floats
from fastcnn.passes import advance_seeds, bind_batch, differentiate, fuse_forward, fuse_updates
from fastcnn.trainers.compiled import Compiled


@dataclass(frozen=True)
class StepGraph:
    """A graph with names for its ends. `y` is None in prediction, `output` where nobody reads it."""

    graph: Graph
    x: Tensor
    y: Tensor | None
    output: Tensor | None


def forward_graph(model: Any, x_shape: tuple[int, ...], training: bool) -> Graph:
    """The model from input to output, for a batch of the shape given.

    Raises:
        TypeError: the model returns something else than one tensor.
    """
    graph, _ = traced(model, x_shape, training)
    return Graph(graph.inputs, graph.outputs[:1])


def traced(model: Any, x_shape: tuple[int, ...], training: bool) -> tuple[Graph, list[AddedLoss]]:
    """The forward graph, and what the layers add to the loss, whose tensors are further outputs of the graph. The model
    is traced with an unknown batch size, which is filled in then: no layer can depend on it.

    Raises:
        TypeError: the model returns something else than one tensor.
    """
    x = Tensor((None, *x_shape[1:]), name="x")
    with recording(), collecting_losses() as added:
        output = model(x, training=training)
        tensors = [as_tensor(floats(loss.tensor)) for loss in added]
    if isinstance(output, list) and len(output) == 1:
        output = output[0]
    if not isinstance(output, Tensor):
        raise TypeError(f"the model's call must return one tensor made by fastcnn.ops, it returned {output!r}")
    graph = bind_batch(Graph([x], [output, *tensors]), x_shape[0])
    return graph, [AddedLoss(tensor, loss.function) for tensor, loss in zip(graph.outputs[1:], added, strict=True)]


def prediction_graph(model: Any, x_shape: tuple[int, ...]) -> StepGraph:
    """The forward graph, for a batch of the shape given."""
    graph = fuse_forward(forward_graph(model, x_shape, training=False))
    return StepGraph(graph, graph.inputs[0], None, graph.outputs[0])


def supervised_graph(
    model: Any, compiled: Compiled, x_shape: tuple[int, ...], y_shape: tuple[int, ...], y_dtype: str, training: bool
) -> StepGraph:
    """The graph of a training or testing step, for batches of the shapes given."""
    loss_object = compiled.loss
    assert loss_object is not None
    graph, added = traced(model, x_shape, training)
    x, output = graph.inputs[0], graph.outputs[0]
    y = Tensor(y_shape, y_dtype, name="y")
    with recording():
        values = loss_object.call(y, output)
        loss = loss_object.reduce(values)
        penalty = total_penalty(model, added)
        if penalty is not None:
            loss, values = ops.add(loss, penalty), ops.add(values, penalty)
        measured = [metric.values(y, output) for metric in compiled.means]
    graph = fuse_forward(Graph([x, y], [loss, values, output, *measured]))
    loss, values, output, *measured = graph.outputs

    results: list[Tensor] = []
    variables = model.trainable_variables if training else []
    if variables:
        results += compiled.optimizer.apply(differentiate(loss, [v.tensor for v in variables]), variables)
        results += constrained(variables)
    tracked = values if loss_object.reduction != "sum" and values.ndim else broadcast(loss, x_shape[0])
    states = [compiled.loss_tracker.state, *(metric.state for metric in compiled.means)]
    for state, quantity in zip(states, [tracked, *measured], strict=True):
        results.append(ops.accumulate(state.tensor, for_each_sample(quantity)))
    read_output = [output] if compiled.others else []
    graph = Graph([x, y], [*results, *read_output])
    if training:
        graph = fuse_updates(advance_seeds(graph))
    return StepGraph(graph, x, y, graph.outputs[len(results)] if read_output else None)


def total_penalty(model: Any, added: list[AddedLoss]) -> Tensor | None:
    """The sum of what layers add to the loss, and of the penalties of weights; None where there are none."""
    penalties = [ops.sum(loss.function(loss.tensor)) for loss in added]
    penalties += [ops.sum(v.regularizer(v)) for v in model.trainable_variables if v.regularizer is not None]
    return functools.reduce(ops.add, penalties) if penalties else None


def constrained(variables: list[Variable]) -> list[Tensor]:
    """The allowed values of the variables that have constraints, assigned behind the updates."""
    with recording():
        return [ops.assign(v, v.constraint(v)) for v in variables if v.constraint is not None]


def broadcast(loss: Tensor, rows: int) -> Tensor:
    """The loss of a batch once for each of its rows, so that batches of all sizes are weighted by their rows."""
    return ops.broadcast_to(ops.reshape(loss, (1,)), (rows,))


def for_each_sample(values: Tensor) -> Tensor:
    """One value for each sample: the mean over all other dimensions."""
    return values if values.ndim == 1 else ops.mean(values, axis=tuple(range(1, values.ndim)))
