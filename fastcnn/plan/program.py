"""A program: a graph of static shapes made ready to run, again and again, in memory planned once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastcnn._core.call import Call, Plan
from fastcnn.graph import Graph, Node, Tensor
from fastcnn.plan.chains import chained, join
from fastcnn.plan.image_chains import image_chains, join_images
from fastcnn.plan.lowering import LOWERINGS
from fastcnn.plan.lowering.optimizer import merge_updates
from fastcnn.plan.memory import Arena, Lifetime, aligned_zeros, place


def bytes_of(shape: tuple[int, ...], dtype: str) -> int:
    """Size of an array."""
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize


@dataclass(frozen=True)
class Part:
    """The calls of a node, or of the prologue (None), and the bytes of their temporary arrays.

    A part `does` the work of its node; where nodes run image by image, the part of the last does that of all, and what
    passes `between` them stays in the cache.
    """

    node: Node | None
    calls: list[Call]
    workspace: int
    does: tuple[Node, ...] = ()
    between: tuple[Tensor, ...] = ()

    @property
    def reads(self) -> list[Tensor]:
        """What comes from elsewhere, each tensor once."""
        made = {tensor for node in self.does for tensor in node.outputs}
        read = dict.fromkeys(tensor for node in self.does for tensor in node.inputs)
        return [tensor for tensor in read if tensor not in made and tensor not in self.between]

    @property
    def writes(self) -> list[Tensor]:
        """What is written to memory of its own."""
        return [tensor for node in self.does for tensor in node.outputs if tensor not in self.between]


class Program:
    """All calls of a graph, prepared: one `run` computes its outputs and its in-place updates.

    Args:
        graph: the graph; every dimension is known.
        feeds: memory for some of the graph's inputs; the others get memory of their own.
        prologue: calls to run first, such as those that gather a batch into the inputs.

    One `run` at a time: a program owns its intermediate memory.
    """

    def __init__(
        self, graph: Graph, feeds: Mapping[Tensor, np.ndarray] | None = None, prologue: Sequence[Call] = ()
    ) -> None:
        self.graph = graph
        self.arrays: dict[Tensor, np.ndarray] = dict(feeds or {})
        for tensor in graph.inputs:
            if tensor not in self.arrays:
                self.arrays[tensor] = aligned_zeros(tensor.static_shape, tensor.dtype)
        for node in graph.nodes:
            for tensor in node.inputs:
                self.use_leaf(tensor)
        for tensor in graph.outputs:
            self.use_leaf(tensor)
        pairs, chains = chained(graph), image_chains(graph)
        between = {tensor for chain in chains for tensor in chain.between}
        again = {maker: chain.nodes[-1] for chain in chains for makers in chain.again.values() for maker in makers}
        workspaces = self.allocate([*pairs.items(), *(chain.nodes for chain in chains)], again, between)
        self.parts = [Part(None, list(prologue), 0)]
        work: dict[Node, tuple[Any, Any]] = {node: ((), ()) for chain in chains for node in chain.nodes}
        work |= {chain.nodes[-1]: (chain.nodes, chain.between) for chain in chains}
        for node, workspace in zip(graph.nodes, workspaces, strict=True):
            if not node.op.is_view:
                outputs: list[Any] = [self.arrays.get(t) for t in node.outputs]  # None: optional, and nothing reads it
                calls = LOWERINGS[node.op.name].calls(node, [self.arrays[t] for t in node.inputs], outputs, workspace)
                does, inside = work.get(node, ((node,), ()))
                self.parts.append(Part(node, calls, sum(array.nbytes for array in workspace), does, inside))
        calls_of = {part.node: part.calls for part in self.parts if part.node is not None}
        join(pairs, calls_of)
        join_images(chains, calls_of, self.arrays)
        merge_updates([part.calls for part in self.parts])
        self.plan = Plan([call for part in self.parts for call in part.calls])
        self.run = self.plan.run

    def array(self, tensor: Tensor) -> np.ndarray:
        """The memory of an input (to be written before a run) or of an output (to be read after it)."""
        return self.arrays[tensor]

    def use_leaf(self, tensor: Tensor) -> None:
        """Take the memory of a variable or of a constant as it is."""
        if tensor.node is None and tensor not in self.arrays:
            if tensor.variable is not None:
                self.arrays[tensor] = tensor.variable.value
            elif tensor.value is not None:
                self.arrays[tensor] = np.asarray(tensor.value, order="C")
            else:
                raise ValueError(f"{tensor!r} is not an input of the graph that reads it")

    def allocate(
        self, together: Sequence[Sequence[Node]], again: Mapping[Node, Node], between: Set[Tensor]
    ) -> list[list[np.ndarray]]:
        """Give every intermediate tensor its array; returns the workspace arrays of each node. Nodes that run
        `together` do so at the place of the last, and some run `again` at the place of another: what they read lasts
        until then. The tensors `between` are never written: they get addresses that no other array has, and the system
        gives these no memory."""
        owners = memory_owners(self.graph)
        last_use = last_uses(self.graph, owners)
        steps = {node: step for step, node in enumerate(self.graph.nodes)}
        spans = {node: (steps[nodes[0]], steps[nodes[-1]]) for nodes in together for node in nodes}
        for node, last in again.items():
            spans[node] = (spans[node][0], steps[last])
        for node, (_, end) in spans.items():
            for tensor in (*node.inputs, *node.outputs):
                owner = owners.get(tensor, tensor)
                last_use[owner] = max(last_use.get(owner, end), end)
        take_over(self.graph, owners, last_use, between)
        tensors, lifetimes = [], []
        for tensor in between:
            self.arrays[tensor] = aligned_zeros(tensor.static_shape, tensor.dtype)
        for step, node in enumerate(self.graph.nodes):
            for index, tensor in enumerate(node.outputs):
                left_out = index in node.op.optional and tensor not in last_use
                if owners[tensor] is tensor and tensor not in between and not left_out:
                    tensors.append(tensor)
                    size = bytes_of(tensor.static_shape, tensor.dtype)
                    lifetimes.append(Lifetime(size, step, last_use.get(tensor, step)))
        workspaces = [
            [] if node.op.is_view else list(LOWERINGS[node.op.name].workspace(node)) for node in self.graph.nodes
        ]
        for step, (node, specs) in enumerate(zip(self.graph.nodes, workspaces, strict=True)):
            # One step longer than needed: so that neighbours may run at the same time.
            start, end = spans.get(node, (step, step))
            lifetimes += [Lifetime(bytes_of(shape, dtype), start, end + 1) for shape, dtype in specs]
        offsets, total = place(lifetimes)
        self.arena = Arena(total)
        for tensor, offset in zip(tensors, offsets, strict=False):
            self.arrays[tensor] = self.arena.array(offset, tensor.static_shape, tensor.dtype)
        for node in self.graph.nodes:
            for tensor in node.outputs:
                if owners[tensor] is not tensor:
                    self.arrays[tensor] = self.arrays[owners[tensor]].reshape(tensor.static_shape)
        rest = iter(offsets[len(tensors) :])
        return [[self.arena.array(next(rest), shape, dtype) for shape, dtype in specs] for specs in workspaces]


def memory_owners(graph: Graph) -> dict[Tensor, Tensor]:
    """For each tensor the one whose memory it is: another one for views and in-place updates."""
    owners: dict[Tensor, Tensor] = {}

    def owner(tensor: Tensor) -> Tensor:
        return owners.get(tensor, tensor)

    for node in graph.nodes:
        for index, tensor in enumerate(node.outputs):
            source = shared_input(node, index)
            owners[tensor] = tensor if source is None else owner(source)
    return owners


def take_over(graph: Graph, owners: dict[Tensor, Tensor], last_use: dict[Tensor, int], unwritten: Set[Tensor]) -> None:
    """Let outputs take the memory of inputs that are needed no longer, where their op allows it and they have any."""
    for step, node in enumerate(graph.nodes):
        for tensor in node.outputs:
            owners[tensor] = owners.get(owners[tensor], owners[tensor])
        output = node.outputs[0]
        if not node.op.overwrites or owners[output] is not output or output in unwritten:
            continue
        spec = (output.size, output.dtype)
        for source in (owners.get(node.inputs[index], node.inputs[index]) for index in node.op.overwrites):
            readers = [tensor for tensor in node.inputs if owners.get(tensor, tensor) is source]
            whole = all((tensor.size, tensor.dtype) == spec for tensor in (source, *readers))
            if source.node is not None and source not in unwritten and last_use[source] == step and whole:
                owners[output] = source
                last_use[source] = last_use.get(output, step)
                break


def shared_input(node: Node, index: int) -> Tensor | None:
    """The input whose memory is output number `index`; None where the output has memory of its own."""
    if node.op.is_view:
        return node.inputs[0]
    return node.inputs[node.op.in_place[index]] if node.op.in_place else None


def last_uses(graph: Graph, owners: Mapping[Tensor, Tensor]) -> dict[Tensor, int]:
    """The last step that needs the memory of each tensor; outputs of the graph are needed to the end."""
    last: dict[Tensor, int] = {}
    for step, node in enumerate(graph.nodes):
        for tensor in node.inputs:
            last[owners.get(tensor, tensor)] = step
    for tensor in graph.outputs:
        last[owners.get(tensor, tensor)] = len(graph.nodes)
    return last
