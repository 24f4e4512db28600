"""The graphs of training, testing and prediction, from a model and what it is compiled with.

training:   x, y, weights -> forward -> loss -> backward -> updates of the weights, sums of losses and metrics
testing:    x, y, weights -> forward -> loss -> sums of losses and metrics
prediction: x -> forward -> outputs
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastcnn import ops
from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.graph.origin import made_by
from fastcnn.graph.recording import recording
from fastcnn.layers.added_losses import AddedLoss, collecting_losses
from fastcnn.losses.loss import MEANS
from fastcnn.metrics import Metric
from fastcnn.ops.dispatch import as_tensor, floats
from fastcnn.optimizers import Optimizer
from fastcnn.passes import advance_seeds, bind_batch, differentiate, fuse_forward, fuse_updates
from fastcnn.trainers.compiled import Head
from fastcnn.trainers.tracing import traced_update
from fastcnn.utils import tree

Shape = tuple[int, ...]


@dataclass(frozen=True)
class StepGraph:
    """A graph with names for its ends."""

    graph: Graph
    feeds: list[Tensor]
    """What a step gathers: the inputs, the targets, the sample weights."""
    outputs: list[Tensor]
    """The model's outputs, in prediction."""
    structure: Any = 0
    """The structure of the outputs, their numbers being its leaves."""
    between: list[tuple[Metric, list[Tensor]]] = field(default_factory=list)
    """Metrics that are updated after each step, and what with: targets, outputs and perhaps weights."""
    prepare: Callable[[], None] | None = None
    """To be called before each run: sets the learning rate, where that follows a schedule."""
    finish: Callable[[], None] | None = None
    """To be called after each run."""


@dataclass(frozen=True)
class Forward:
    """A model from inputs to outputs, what its layers add to the loss, and what they write to variables."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    structure: Any
    added: list[AddedLoss]
    effects: list[Tensor]


def packed(structure: Any, leaves: Sequence[Any]) -> Any:
    """A structure whose leaves are numbers, with leaves in their place."""
    return tree.map_structure(lambda number: leaves[number], structure)


def forward(model: Any, shapes: Sequence[Shape], structure: Any, training: bool) -> Forward:
    """The model traced for batches of the shapes given. It is traced with an unknown batch size, which is filled in
    then: no layer can depend on it.

    Raises:
        TypeError: the model returns something else than tensors.
    """
    inputs = [Tensor((None, *shape[1:]), name=f"x{number or ''}") for number, shape in enumerate(shapes)]
    effects: list[Tensor] = []
    with recording(effects), collecting_losses() as added:
        result = model(packed(structure, inputs), training=training)
        tensors = [as_tensor(floats(loss.tensor)) for loss in added]
    if isinstance(result, (list, tuple)) and len(result) == 1:
        result = result[0]
    outputs = tree.flatten(result)
    if not outputs or not all(isinstance(output, Tensor) for output in outputs):
        raise TypeError(f"the model's call must return tensors made by fastcnn.ops, it returned {result!r}")
    masks = masks_of(outputs)
    graph = bind_batch(Graph(inputs, [*outputs, *masks, *tensors, *effects]), shapes[0][0])
    counter = iter(range(len(outputs)))
    of_outputs, rest = graph.outputs[: len(outputs)], graph.outputs[len(outputs) :]
    carry_masks(outputs, of_outputs, rest)
    of_added = rest[len(masks) :]
    return Forward(
        list(graph.inputs),
        list(of_outputs),
        tree.map_structure(lambda _: next(counter), result),
        [AddedLoss(tensor, loss.function) for tensor, loss in zip(of_added, added, strict=False)],
        list(of_added[len(added) :]),
    )


def masks_of(outputs: Sequence[Tensor]) -> list[Tensor]:
    """The masks of the outputs that have some."""
    return [as_tensor(output.mask) for output in outputs if output.mask is not None]


def carry_masks(outputs: Sequence[Tensor], replayed: Sequence[Tensor], masks: Sequence[Tensor]) -> None:
    """Let outputs of a graph that was made anew have their masks, which are the first of others."""
    rest = iter(masks)
    for output, new in zip(outputs, replayed, strict=True):
        if output.mask is not None:
            new.mask = next(rest)


def prediction_graph(model: Any, shapes: Sequence[Shape], structure: Any) -> StepGraph:
    """The forward graph, for batches of the shapes given."""
    made = forward(model, shapes, structure, training=False)
    graph = advance_seeds(fuse_forward(Graph(made.inputs, made.outputs), fixed_weights=True))
    return StepGraph(graph, list(graph.inputs), list(graph.outputs[: len(made.outputs)]), made.structure)


def supervised_graph(
    model: Any,
    compiled: Any,
    shapes: Sequence[Shape],
    structure: Any,
    targets: Sequence[tuple[Shape, str] | None],
    weights: Sequence[Shape],
    weight_of: Sequence[int | None],
    training: bool,
) -> StepGraph:
    """The graph of a training or testing step.

    Args:
        model: the model.
        compiled: what it is compiled with, resolved.
        shapes: shapes of the inputs, with the batch.
        structure: the structure in which the model takes them.
        targets: shape and dtype of the targets of each output; None where there are none.
        weights: shapes of the sample weights.
        weight_of: for each output the number of its sample weights; None where it has none.
        training: whether the weights of the model are updated.
    """
    made = forward(model, shapes, structure, training)
    ys = [None if spec is None else Tensor(*spec, name="y") for spec in targets]
    ws = [Tensor(shape, name="sample_weight") for shape in weights]
    own_weights = [None if number is None else ws[number] for number in weight_of]
    feeds = [*made.inputs, *(y for y in ys if y is not None), *ws]
    rows = shapes[0][0]
    with recording(), made_by("loss"):
        terms, parts, rowwise = [], [], []
        for head, y, output, weight in zip(compiled.heads, ys, made.outputs, own_weights, strict=True):
            for loss, factor in zip(head.losses, head.loss_weights, strict=True):
                values, used = loss.weighted(y, output, weight)
                term = loss.reduce(values, used)
                parts.append(term)
                terms.append(term if factor == 1 else ops.multiply(term, factor))
                if loss.reduction in MEANS and factor == 1 and values.ndim:
                    rowwise.append(values)
        penalty = total_penalty(model, made.added)
        total = functools.reduce(ops.add, terms if penalty is None else [*terms, penalty])
        alone = len(terms) == len(rowwise) == 1 and penalty is None
        tracked = for_each_sample(rowwise[0]) if alone else total  # the same mean, with less to do
    masks = masks_of(made.outputs)
    ends = [total, tracked, *parts, *made.outputs, *masks, *made.effects]
    graph = fuse_forward(Graph(feeds, ends), fixed_weights=not training)
    total, tracked, *rest = graph.outputs
    parts, rest = rest[: len(parts)], rest[len(parts) :]
    outputs, rest = rest[: len(made.outputs)], rest[len(made.outputs) :]
    carry_masks(made.outputs, outputs, rest)
    effects = rest[len(masks) :]

    results: list[Tensor] = list(effects)
    variables = model.trainable_variables if training else []
    if variables:
        optimizer = compiled.optimizer
        gradients = differentiate(optimizer.scale_loss(total), [variable.tensor for variable in variables])
        with made_by("optimizer"):
            results += optimizer.apply(gradients, variables)
            results += constrained(variables)
    several = parts if any(head.trackers for head in compiled.heads) else []
    for tracker, value in zip(compiled.trackers, [tracked, *several], strict=True):
        with made_by(tracker.name):
            results.append(ops.accumulate(tracker.state.tensor, value if value.ndim == 1 else repeated(value, rows)))
    updates, between = metric_updates(compiled.heads, ys, outputs, own_weights)
    results += updates
    read = [tensor for _, arguments in between for tensor in arguments]
    graph = Graph(feeds, [*results, *read])
    graph = advance_seeds(graph)
    if training:
        graph = fuse_updates(graph)
    replayed = dict(zip(read, graph.outputs[len(results) :], strict=False))
    between = [(metric, [replayed[tensor] for tensor in arguments]) for metric, arguments in between]
    prepare = compiled.optimizer.prepare_step if variables else None
    acts_behind = variables and type(compiled.optimizer).finish_step is not Optimizer.finish_step
    return StepGraph(graph, feeds, [], 0, between, prepare, compiled.optimizer.finish_step if acts_behind else None)


def metric_updates(
    heads: Sequence[Head], ys: Sequence[Tensor | None], outputs: Sequence[Tensor], weights: Sequence[Tensor | None]
) -> tuple[list[Tensor], list[tuple[Metric, list[Tensor]]]]:
    """The updates of the metrics' variables; and the metrics that must be updated between steps, and with what."""
    updates: list[Tensor] = []
    between: list[tuple[Metric, list[Tensor]]] = []
    for head, y, output, weight in zip(heads, ys, outputs, weights, strict=True):
        for metric in (*head.metrics, *head.weighted_metrics):
            weigh = weight is not None and any(metric is one for one in head.weighted_metrics)
            arguments = [y, output, weight] if weigh else [y, output]
            with made_by(metric.name):
                traced = traced_update(metric, arguments)
            if traced is None:
                between.append((metric, arguments))  # type: ignore[arg-type]
            else:
                updates += traced
    return updates, between


def total_penalty(model: Any, added: list[AddedLoss]) -> Tensor | None:
    """The sum of what layers add to the loss, and of the penalties of weights; None where there are none."""
    penalties = [ops.sum(loss.function(loss.tensor)) for loss in added]
    penalties += [ops.sum(v.regularizer(v)) for v in model.trainable_variables if v.regularizer is not None]
    return functools.reduce(ops.add, penalties) if penalties else None


def constrained(variables: list[Variable]) -> list[Tensor]:
    """The allowed values of the variables that have constraints, assigned behind the updates."""
    with recording():
        return [ops.assign(v, v.constraint(v)) for v in variables if v.constraint is not None]


def repeated(loss: Tensor, rows: int) -> Tensor:
    """The loss of a batch once for each of its rows, so that batches of all sizes are weighted by their rows."""
    return ops.broadcast_to(ops.reshape(loss, (1,)), (rows,))


def for_each_sample(values: Tensor) -> Tensor:
    """One value for each sample: the mean over all other dimensions."""
    return values if values.ndim == 1 else ops.mean(values, axis=tuple(range(1, values.ndim)))
