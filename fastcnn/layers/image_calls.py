"""A layer of images called on arrays: what does not depend on pixels (random numbers, maps, factors) is one program,
the rest runs op by op into memory that is used again.

The ops on a few numbers would cost more than the pass over the pixels, each by itself. A call is traced once for each
shape and computes the same bits as the layer's own code.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fastcnn.graph import Graph, Node, Tensor
from fastcnn.graph.recording import recording
from fastcnn.passes.advance_seeds import RANDOM_OPS, random_states
from fastcnn.plan import Program
from fastcnn.plan.eager import run_node
from fastcnn.plan.recycling import empty

Arrays = dict[str, np.ndarray]
Transform = Callable[[dict[str, Any]], dict[str, Any]]
FEW = 1 << 15
"""Tensors of more elements than this are no part of the program, whose memory stays."""
CAPACITY = 8


class TracedCall:
    """A call for arrays of fixed shapes.

    Args:
        transform: from a batch of tensors by name to another.
        shapes: the shape of each.

    Raises:
        Exception: whatever `transform` raises where it meets symbolic tensors.
    """

    def __init__(self, transform: Transform, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.inputs = {name: Tensor(shape, name=name) for name, shape in shapes.items()}
        effects: list[Tensor] = []
        with recording(effects):
            self.outputs = transform(dict(self.inputs))
        if effects or not all(isinstance(output, Tensor) for output in self.outputs.values()):
            raise TypeError("the call writes to variables, or returns something else than tensors")
        graph = Graph(self.inputs.values(), self.outputs.values())
        self.states: list[Any] = [tensor.variable for tensor in random_states(graph)]
        self.memory = [state.value for state in self.states]
        self.nodes = list(of_pixels(graph))
        computed = {output for node in self.nodes for output in node.outputs}
        read = dict.fromkeys([*(t for node in self.nodes for t in node.inputs), *graph.outputs])
        self.few = [tensor for tensor in read if tensor.node is not None and tensor not in computed]
        self.leaves = [tensor for tensor in read if tensor.node is None and tensor.kind != "input"]
        feeds = {tensor: np.empty(tensor.static_shape, tensor.dtype) for tensor in self.inputs.values()}
        self.program = Program(Graph(feeds, self.few), feeds)
        last = {tensor: number for number, node in enumerate(self.nodes) for tensor in node.inputs}
        self.done: list[list[Tensor]] = [[] for _ in self.nodes]
        for tensor, number in last.items():
            if tensor in computed and tensor not in graph.outputs:
                self.done[number].append(tensor)
        self.lock = threading.Lock()

    def is_current(self) -> bool:
        """Whether the states still lie where they did."""
        return all(state.value is array for state, array in zip(self.states, self.memory, strict=True))

    def run(self, batch: Arrays) -> Arrays:
        """The outputs as new arrays; the states are advanced."""
        with self.lock:
            self.program.run()
            arrays = {tensor: self.program.array(tensor).copy() for tensor in self.few}
            for state in self.states:
                state.value[1] += 1
        for tensor in self.leaves:
            arrays[tensor] = tensor.value if tensor.variable is None else tensor.variable.value
        for name, tensor in self.inputs.items():
            arrays[tensor] = batch[name]
        for node, done in zip(self.nodes, self.done, strict=True):
            results = run_node(node, [arrays[tensor] for tensor in node.inputs], empty)
            arrays.update(zip(node.outputs, results, strict=True))
            for tensor in done:
                del arrays[tensor]
        return {name: arrays[tensor] for name, tensor in self.outputs.items()}


def of_pixels(graph: Graph) -> list[Node]:
    """The nodes that depend on the values of inputs, or that make more than a few numbers."""
    found, made = [], set(graph.inputs)
    for node in graph.nodes:
        read = node.inputs[1:] if node.op.name in RANDOM_OPS else node.inputs
        if any(tensor in made for tensor in read) or any(tensor.size > FEW for tensor in node.outputs):
            found.append(node)
            made.update(node.outputs)
    return found


class Calls:
    """The traced calls of one layer, by shapes."""

    def __init__(self) -> None:
        self.made: dict[Any, tuple[list[Any], TracedCall | None]] = {}

    def run(self, layer: Any, batch: Arrays) -> Arrays | None:
        """The outputs of `layer.transform_batch`; None where it cannot be traced, and has to run as it is written."""
        key = tuple((name, array.shape) for name, array in batch.items())
        marks = marks_of(layer)
        before, call = self.made.get(key, ([], None))
        same = len(before) == len(marks) and all(one is other for one, other in zip(before, marks, strict=True))
        if not same or (call is not None and not call.is_current()):
            try:
                call = TracedCall(layer.transform_batch, {name: array.shape for name, array in batch.items()})
            except Exception:  # code that needs values; what is wrong with it shows when it runs as it is written
                call = None
            while len(self.made) >= CAPACITY:
                del self.made[next(iter(self.made))]
            self.made[key] = marks, call
        return None if call is None else call.run(batch)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of a layer starts without them."""
        return Calls, ()


def marks_of(layer: Any) -> list[Any]:
    """When the layer and those inside of it were last changed."""
    return [layer._changed, *(mark for _, inner in layer.sublayers() for mark in marks_of(inner))]
