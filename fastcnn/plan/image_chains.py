"""Chains of nodes that run image by image, so that what passes between them stays in a core's L2 cache.

A chain is a run of nodes of which each reads maps that those before it make, image i of its own from image i of theirs
alone: normalisation and convolution, a convolution's gradients and those of the normalisation before it. What needs
all images first, such as the statistics of a batch, ends it. Its calls become one, at the place of the last node.

Where the backward chain of a layer needs a map that its forward chain made cheaply, from one that it reads anyway, it
makes the map again: to write it and to read it costs more. Then nothing but chains reads it, and it needs no memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn._core.chain import Chain
from fastcnn.graph import Graph, Node, Tensor
from fastcnn.plan.lowering import LOWERINGS
from fastcnn.plan.lowering.conv_depthwise import is_depthwise

BY_IMAGE: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "batch_normalization": ((0,), (0,)),
    "batch_normalization_input_gradient": ((0, 1), (0,)),
    "batch_normalization_sums": ((0, 1), ()),
    "conv2d": ((0,), (0,)),
    "conv2d_input_gradient": ((1,), (0,)),
    "conv2d_statistics": ((0,), (0,)),
    "conv2d_weight_gradient": ((0, 1), ()),
}
"""Ops that may be part of a chain: which inputs and which outputs are maps of which image i concerns image i alone."""

FEWEST_IMAGES = 16
"""In a chain: as many tasks, enough for several threads to share evenly."""

IMAGE_BYTES = 256 * 1024
"""The largest image of a map: a few of them fit into an L2 cache."""

LEAST_BYTES = 6 << 20
"""The least that the largest map of a node takes: smaller ones stay in the caches anyway, and weights then stay in use
from image to image."""


@dataclass(frozen=True)
class ImageChain:
    """Nodes in order; the maps that they alone read; and earlier nodes that run again, before which node."""

    nodes: tuple[Node, ...]
    between: tuple[Tensor, ...]
    again: Mapping[Node, tuple[Node, ...]]

    def all_nodes(self) -> list[Node]:
        """What an image goes through."""
        return [each for node in self.nodes for each in (*self.again.get(node, ()), node)]


def image_chains(graph: Graph) -> list[ImageChain]:
    """All chains of a graph, each of two nodes or more."""
    found: list[list[Node]] = [[]]
    made: set[Tensor] = set()  # by the last of them, views included
    for node in graph.nodes:
        if is_member(node):
            if not continues(found[-1], made, node):
                found.append([])
                made.clear()
            found[-1].append(node)
            made.update(node.outputs)
        elif node.op.in_place or (not node.op.is_view and made & set(node.inputs)):
            found.append([])
            made.clear()
        elif made & set(node.inputs):
            made.update(node.outputs)
    return with_repetitions(graph, [nodes for nodes in found if len(nodes) > 1])


def with_repetitions(graph: Graph, groups: Sequence[Sequence[Node]]) -> list[ImageChain]:
    """The chains of these nodes: with what passes between them, and what they make again."""
    readers: dict[Tensor, set[Node]] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers.setdefault(tensor, set()).add(node)
    place = {node: (number, index) for number, nodes in enumerate(groups) for index, node in enumerate(nodes)}
    between: list[dict[Tensor, None]] = [{} for _ in groups]
    again: list[dict[Node, int]] = [{} for _ in groups]  # nodes, and before which member they run
    unwritten: set[Tensor] = set()
    for number, nodes in enumerate(groups):
        for tensor in (tensor for node in nodes for tensor in maps_made(node)):
            others = readers.get(tensor, set()) - set(nodes)
            makers = makers_of(tensor, unwritten) if others else []
            if tensor in graph.outputs or (others and not makers):
                continue
            if not all(node in place and tensor in maps_read(node) for node in others):
                continue
            unwritten.add(tensor)
            between[number][tensor] = None
            for chain, index in (place[reader] for reader in others):
                for maker in makers:
                    again[chain][maker] = min(index, again[chain].get(maker, index))
                    between[chain].update(dict.fromkeys(maps_made(maker)))
    return [
        ImageChain(tuple(nodes), tuple(inside), first_again(nodes, makers))
        for nodes, inside, makers in zip(groups, between, again, strict=True)
    ]


def makers_of(tensor: Tensor, unwritten: Set[Tensor]) -> list[Node]:
    """The nodes that make a map again from what has memory, in order; none where that is not cheap."""
    node = tensor.node
    if node is None or not is_cheap(node):
        return []
    makers = []
    for source in maps_read(node):
        if source in unwritten:
            before = makers_of(source, unwritten)
            if not before:
                return []
            makers += before
    return [*makers, node]


def is_cheap(node: Node) -> bool:
    """Whether making a node's map again costs less than to write it and to read it."""
    return node.op.name == "batch_normalization" or (
        node.op.name == "conv2d" and is_depthwise(node, node.inputs[0].static_shape[3])
    )


def first_again(nodes: Sequence[Node], makers: Mapping[Node, int]) -> dict[Node, tuple[Node, ...]]:
    """For the nodes of a chain the earlier ones that run again before each."""
    return {
        node: tuple(sorted((maker for maker, at in makers.items() if at == index), key=lambda maker: maker.serial))
        for index, node in enumerate(nodes)
    }


def maps_read(node: Node) -> list[Tensor]:
    """The inputs that are maps."""
    return [node.inputs[index] for index in BY_IMAGE[node.op.name][0]]


def maps_made(node: Node) -> list[Tensor]:
    """The outputs that are maps."""
    return [node.outputs[index] for index in BY_IMAGE[node.op.name][1]]


def continues(chain: Sequence[Node], made: Set[Tensor], node: Node) -> bool:
    """Whether a node may be the next of a chain: it reads the same maps or those made there, and nothing else of it."""
    known = {tensor for member in chain for tensor in (*maps_read(member), *maps_made(member))}
    maps = set(maps_read(node))
    return bool(maps & known) and made & set(node.inputs) <= maps & known


def is_member(node: Node) -> bool:
    """Whether a node can be part of a chain: its maps are of many small images, and its calls go image by image."""
    if node.op.name not in BY_IMAGE:
        return False
    maps = [*maps_read(node), *maps_made(node)]
    images: Any = maps[0].shape[0]
    if any(len(t.shape) != 4 or t.shape[0] != images or t.dtype != "float32" for t in maps) or images < FEWEST_IMAGES:
        return False
    sizes = [4 * t.size for t in maps]
    if not all(0 < size // images <= IMAGE_BYTES for size in sizes) or max(sizes) < LEAST_BYTES:
        return False
    lowering = LOWERINGS[node.op.name]
    inputs, outputs = ([np.empty(t.static_shape, t.dtype) for t in tensors] for tensors in (node.inputs, node.outputs))
    workspace = [np.empty(shape, dtype) for shape, dtype in lowering.workspace(node)]
    before, by_image, behind = split(lowering.calls(node, inputs, outputs, workspace), images)
    arrays = [inputs[index] for index in BY_IMAGE[node.op.name][0]]
    arrays += [outputs[index] for index in BY_IMAGE[node.op.name][1]]
    apart = [array for call in (*before, *behind) for array in (*call.reads, *call.writes)]
    return bool(by_image) and not any(np.may_share_memory(one, other) for one in apart for other in arrays)


def split(calls: Sequence[Call], images: int) -> tuple[list[Call], list[Call], list[Call]]:
    """A node's calls: those before the first that goes image by image, from that one to the last such, and the rest.
    None are in the middle where some there do not go by image."""
    places = [index for index, call in enumerate(calls) if call.images == images]
    first, end = (places[0], places[-1] + 1) if places else (0, 0)
    middle = list(calls[first:end])
    if len(places) != len(middle):
        return list(calls), [], []
    return list(calls[:first]), middle, list(calls[end:])


def join_images(chains: Sequence[ImageChain], calls: Mapping[Node, list[Call]], arrays: Mapping[Tensor, Any]) -> None:
    """Make one call of those of each chain that go image by image. `calls` are those of each node, changed in place:
    what comes before stays with its node, all else goes to the last."""
    parts = {node: split(calls[node], maps_read(node)[0].static_shape[0]) for chain in chains for node in chain.nodes}
    for chain in chains:
        together = [call for node in chain.all_nodes() for call in parts[node][1]]
        for node in chain.nodes:
            calls[node][:] = parts[node][0]
        joined = Chain(together, [arrays[tensor] for tensor in chain.between])
        joined.kernel = "image by image: " + ", ".join(call.kernel for call in together)
        calls[chain.nodes[-1]] += [joined, *(call for node in chain.nodes for call in parts[node][2])]
