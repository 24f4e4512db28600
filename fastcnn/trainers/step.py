"""A step ready to run, and the pool from which `fit`, `evaluate` and `predict` take steps.

A step owns one program for batches of one size. Its first calls gather the rows of the batch from the user's arrays,
so Python sets a cursor and runs: nothing else happens between steps. A program serves one caller at a time; callers
take a step out of the pool, building one if none is free, and give it back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastcnn._core.gather import GatherRows
from fastcnn.plan import Program
from fastcnn.plan.memory import aligned_zeros
from fastcnn.trainers.graphs import StepGraph
from fastcnn.trainers.structure import Token, same_objects

Key = tuple[Any, ...]


class Step:
    """A program over batches of `rows` rows.

    Args:
        made: the graph and its ends.
        key: what the step does, for which shapes.
        token: the objects (weights' memory, layers, ...) that it was built from; it is good as long as they are the
            same ones.
    """

    def __init__(self, made: StepGraph, key: Key, token: Token) -> None:
        self.key = key
        self.token = token
        self.rows = made.feeds[0].static_shape[0]
        self.cursor = np.zeros(1, "int64")
        feeds, self.gathers = {}, []
        for tensor in made.feeds:
            feeds[tensor] = aligned_zeros(tensor.static_shape, tensor.dtype)
            self.gathers.append(GatherRows(None, None, self.cursor, feeds[tensor]))
        self.program = Program(made.graph, feeds, self.gathers)
        self.run_program = self.program.run
        self.prepare = made.prepare
        self.finish = made.finish
        self.outputs = [self.program.array(tensor) for tensor in made.outputs]
        self.structure = made.structure
        self.between = [(metric, [self.program.array(tensor) for tensor in read]) for metric, read in made.between]

    def bind(self, sources: Sequence[np.ndarray], indices: np.ndarray | None = None) -> None:
        """Gather from these arrays, in the order of the indices if there are any."""
        for gather, source in zip(self.gathers, sources, strict=True):
            gather.bind(source, indices)

    def unbind(self) -> None:
        """Let go of the user's arrays."""
        for gather in self.gathers:
            gather.unbind()

    def run(self, start: int) -> None:
        """Run the step on the batch that starts at a row (a position in the indices, if there are any), and update the
        metrics that the program does not update by itself."""
        self.cursor[0] = start
        if self.prepare is not None:
            self.prepare()
        self.run_program()
        if self.finish is not None:
            self.finish()
        for metric, arrays in self.between:
            metric.update_state(*(array.copy() for array in arrays))


class StepPool:
    """Free steps of one model, the most recently used last; the oldest are dropped beyond `capacity`."""

    def __init__(self, capacity: int = 8) -> None:
        self.capacity = capacity
        self.free: list[Step] = []
        self.lock = threading.Lock()

    def acquire(self, key: Key, token: Token, build: Callable[[], StepGraph]) -> Step:
        """A free step with this key, built from these objects, or a new one. Steps of other objects are dropped."""
        with self.lock:
            latest = self.free[-1] if self.free else None
            if latest is not None and latest.token is token and latest.key == key:
                return self.free.pop()
            if not all(step.token is token for step in self.free):
                self.free = [step for step in self.free if same_objects(step.token, token)]
            for index in reversed(range(len(self.free))):
                if self.free[index].key == key:
                    return self.free.pop(index)
        return Step(build(), key, token)

    def release(self, step: Step) -> None:
        """Give a step back."""
        step.unbind()
        with self.lock:
            self.free.append(step)
            if len(self.free) > self.capacity:
                del self.free[: -self.capacity]

    def clear(self) -> None:
        """Drop all steps."""
        with self.lock:
            self.free.clear()

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of a model starts with a pool of its own."""
        return StepPool, (self.capacity,)
