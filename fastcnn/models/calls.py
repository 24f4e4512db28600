"""`model(x)` on an array as one program instead of layer by layer: made at the first call, kept while the model stays
as it is.

A program computes what tracing has seen, so it takes the place only of calls that tracing can see through: a call that
cannot be traced, or that sets attributes, changes variables or adds losses, runs as it is written, each time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastcnn.graph import Graph, Tensor
from fastcnn.graph.masks import mask_of
from fastcnn.graph.recording import recording
from fastcnn.passes import fuse_forward
from fastcnn.passes.advance_seeds import random_states
from fastcnn.trainers.graphs import StepGraph
from fastcnn.trainers.step import StepPool
from fastcnn.trainers.structure import Token

Key = tuple[tuple[int, ...], bool | None]
NEVER: tuple[Token, bool] = [], False


class Calls:
    """The programs of one model's calls, by the shape of the input and by `training`."""

    def __init__(self) -> None:
        self.pool = StepPool()
        self.seen: dict[Key, tuple[Token, bool]] = {}
        """Calls made before: what the model consisted of then, and whether a program can take their place."""

    def run(self, model: Any, x: np.ndarray, training: bool | None) -> np.ndarray | None:
        """The output as a new array; None where the call has to be made as it is written."""
        key = x.shape, training
        token = model.structure().call_token
        seen, is_traceable = self.seen.get(key, NEVER)
        if seen is not token or not is_traceable:
            return None
        try:
            step = self.pool.acquire(key, token, lambda: call_graph(model, x.shape, training))
        except Exception:  # whatever the user's code does when it meets symbolic tensors
            self.seen[key] = token, False
            return None
        try:
            step.bind((x,))
            step.run(0)
            return step.outputs[0].copy()
        finally:
            self.pool.release(step)

    def observe(self, model: Any, x: np.ndarray, training: bool | None, call: Any) -> Any:
        """Make a call as it is written; where it changes nothing, a program takes its place at once, so that the first
        call gives the bits of all later ones."""
        key = x.shape, training
        token = model.structure().call_token
        seen, is_traceable = self.seen.get(key, NEVER)
        if seen is token and not is_traceable:
            return call()
        states = [(variable, variable.numpy()) for variable in model.non_trainable_variables]
        was_built = model.built
        outputs = call()
        if not was_built:
            token = model.structure().call_token
        is_pure = (
            mask_of(outputs) is None
            and not model.added_losses()
            and all(np.array_equal(variable.value, before, equal_nan=True) for variable, before in states)
        )
        if len(self.seen) >= self.pool.capacity:  # so many shapes that none is worth a program
            self.seen.clear()
        if model.structure().call_token is not token:
            return outputs
        self.seen[key] = token, is_pure
        computed = self.run(model, x, training) if is_pure else None
        return outputs if computed is None else computed

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of a model starts without programs."""
        return Calls, ()


def call_graph(model: Any, x_shape: tuple[int, ...], training: bool | None) -> StepGraph:
    """The graph of a call on an array of just this shape.

    Raises:
        TypeError: the call does not return one tensor, or writes to variables.
    """
    x = Tensor(x_shape, name="x")
    effects: list[Tensor] = []
    with recording(effects):
        output = model(x, training=training)
    if effects or not isinstance(output, Tensor):
        raise TypeError(f"the call returned {output!r}, and writes to variables {len(effects)} times")
    graph = fuse_forward(Graph([x], [output]), fixed_weights=True)
    if random_states(graph):
        raise TypeError("the call draws random numbers, others each time")
    return StepGraph(graph, list(graph.inputs), list(graph.outputs))
