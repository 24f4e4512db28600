"""The graphs of training, testing and prediction, from a model and what it is compiled with.

training:   x, y -> forward -> loss -> backward -> updates of the weights, sums of loss and metrics
testing:    x, y -> forward -> loss -> sums of loss and metrics
prediction: x -> forward -> output
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import advance_seeds, differentiate, fuse_forward, fuse_updates
from fastcnn.trainers.compiled import Compiled


@dataclass(frozen=True)
class StepGraph:
    """A graph with names for its ends. `y` is None in prediction, `output` where nobody reads it."""

    graph: Graph
    x: Tensor
    y: Tensor | None
    output: Tensor | None


def forward(model: Any, x: Tensor, training: bool) -> Tensor:
    """The model's output for a symbolic input.

    Raises:
        TypeError: the model returns something else than one tensor.
    """
    output = model(x, training=training)
    if not isinstance(output, Tensor):
        raise TypeError(f"the model's call must return one tensor made by fastcnn.ops, it returned {output!r}")
    return output


def prediction_graph(model: Any, x_shape: tuple[int, ...]) -> StepGraph:
    """The forward graph, for a batch of the shape given."""
    x = Tensor(x_shape, name="x")
    graph = fuse_forward(Graph([x], [forward(model, x, training=False)]))
    return StepGraph(graph, x, None, graph.outputs[0])


def supervised_graph(
    model: Any, compiled: Compiled, x_shape: tuple[int, ...], y_shape: tuple[int, ...], y_dtype: str, training: bool
) -> StepGraph:
    """The graph of a training or testing step, for batches of the shapes given."""
    loss_object = compiled.loss
    assert loss_object is not None
    x, y = Tensor(x_shape, name="x"), Tensor(y_shape, y_dtype, name="y")
    output = forward(model, x, training)
    values = loss_object.call(y, output)
    loss = loss_object.reduce(values)
    measured = [metric.values(y, output) for metric in compiled.means]
    graph = fuse_forward(Graph([x, y], [loss, values, output, *measured]))
    loss, values, output, *measured = graph.outputs

    results: list[Tensor] = []
    if training:
        variables = model.trainable_variables
        results += compiled.optimizer.apply(differentiate(loss, [v.tensor for v in variables]), variables)
    tracked = values if loss_object.reduction != "sum" and values.ndim else broadcast(loss, x_shape[0])
    states = [compiled.loss_tracker.state, *(metric.state for metric in compiled.means)]
    for state, quantity in zip(states, [tracked, *measured], strict=True):
        results.append(ops.accumulate(state.tensor, for_each_sample(quantity)))
    read_output = [output] if compiled.others else []
    graph = Graph([x, y], [*results, *read_output])
    if training:
        graph = fuse_updates(advance_seeds(graph))
    return StepGraph(graph, x, y, graph.outputs[len(results)] if read_output else None)


def broadcast(loss: Tensor, rows: int) -> Tensor:
    """The loss of a batch once for each of its rows, so that batches of all sizes are weighted by their rows."""
    return ops.broadcast_to(ops.reshape(loss, (1,)), (rows,))


def for_each_sample(values: Tensor) -> Tensor:
    """One value for each sample: the mean over all other dimensions."""
    return values if values.ndim == 1 else ops.mean(values, axis=tuple(range(1, values.ndim)))
