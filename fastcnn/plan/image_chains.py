"""Chains of nodes that run image by image, so that what passes between them stays in a core's L2 cache.

A chain is a run of nodes of which each reads maps that those before it make, image i of its own from image i of theirs
alone: normalisation and convolution, a convolution's gradients and those of the normalisation before it. What needs
all images first, such as the statistics of a batch, ends it. Its calls become one, at the place of the last node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn._core.chain import Chain
from fastcnn.graph import Graph, Node, Tensor
from fastcnn.plan.lowering import LOWERINGS

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


@dataclass(frozen=True)
class ImageChain:
    """Nodes in order, and the maps that they alone read."""

    nodes: tuple[Node, ...]
    between: tuple[Tensor, ...]


def image_chains(graph: Graph) -> list[ImageChain]:
    """All chains of a graph, each of two nodes or more."""
    found: list[list[Node]] = [[]]
    for node in graph.nodes:
        chain = found[-1]
        if is_member(node):
            if not continues(chain, node):
                found.append(chain := [])
            chain.append(node)
        elif node.op.in_place or any(tensor.node in chain for tensor in node.inputs):
            found.append([])
    readers: dict[Tensor, set[Node]] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers.setdefault(tensor, set()).add(node)
    kept = set(graph.outputs)
    chains = []
    for nodes in found:
        made = [tensor for node in nodes for tensor in maps_made(node)]
        between = tuple(t for t in made if t not in kept and readers.get(t, set()) <= set(nodes))
        if len(nodes) > 1:
            chains.append(ImageChain(tuple(nodes), between))
    return chains


def maps_read(node: Node) -> list[Tensor]:
    """The inputs that are maps."""
    return [node.inputs[index] for index in BY_IMAGE[node.op.name][0]]


def maps_made(node: Node) -> list[Tensor]:
    """The outputs that are maps."""
    return [node.outputs[index] for index in BY_IMAGE[node.op.name][1]]


def continues(chain: Sequence[Node], node: Node) -> bool:
    """Whether a node may be the next of a chain: it reads the same maps or those made there, and nothing else of it."""
    known = {tensor for member in chain for tensor in (*maps_read(member), *maps_made(member))}
    made = {tensor for member in chain for tensor in member.outputs}
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
    if not all(0 < 4 * t.size // images <= IMAGE_BYTES for t in maps):
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


def join_images(chain: ImageChain, calls: Mapping[Node, list[Call]], arrays: Mapping[Tensor, Any]) -> None:
    """Make one call of those of a chain that go image by image. `calls` are those of each node, changed in place: what
    comes before stays with its node, all else goes to the last."""
    images = maps_read(chain.nodes[0])[0].static_shape[0]
    together: list[Call] = []
    later: list[Call] = []
    for node in chain.nodes:
        before, by_image, behind = split(calls[node], images)
        calls[node][:] = before
        together += by_image
        later += behind
    joined = Chain(together, [arrays[tensor] for tensor in chain.between])
    joined.kernel = "image by image: " + ", ".join(call.kernel for call in together)
    calls[chain.nodes[-1]] += [joined, *later]
