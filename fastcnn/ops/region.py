"""Boxes of tensors: cut out (`slice`), placed among zeros (`place`), joined (`concatenate`). The ops; see `arrange` for
the functions.

Attributes hold no batch size: a size of -1 takes the whole axis, a length of -1 is that of x.
"""

from __future__ import annotations

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, emit, register
from fastcnn.graph.op import Gradients, Spec
from fastcnn.ops.checks import expect
from fastcnn.ops.shape import any_batch

Numbers = tuple[int, ...]


@register
class Slice(Op):
    """x[start], x[start + step], ...: `size` elements along each axis."""

    name = "slice"
    reference = staticmethod(reference.slice)

    def infer(self, x: Tensor, *, start: Numbers, step: Numbers, size: Numbers) -> list[Spec]:
        expect(self.name, "x", x)
        if not len(start) == len(step) == len(size) == x.ndim:
            raise ValueError(f"slice: start, step and size must have a number for each axis of x, shape {x.shape}")
        shape = []
        for length, first, by, count in zip(x.shape, start, step, size, strict=True):
            whole = count == -1
            if length is None and not (whole and first == 0 and by == 1):
                raise ValueError(f"slice: the batch of x, shape {x.shape}, cannot be cut while its size is unknown")
            if length is not None:
                count = length if whole else count
                last = first + (count - 1) * by
                if by == 0 or count < 0 or (count > 0 and not (0 <= first < length and 0 <= last < length)):
                    raise ValueError(
                        f"slice: {count} elements from {first} on by steps of {by} are outside of an axis of length "
                        f"{length} (x has shape {x.shape})"
                    )
            shape.append(None if length is None else count)
        return [(tuple(shape), "float32")]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        attrs = node.attrs
        return [emit("place", dy, shape=any_batch_of(node, attrs["size"]), start=attrs["start"], step=attrs["step"])]


@register
class Place(Op):
    """Zeros, with x as the box that starts at `start` and goes on by `step`."""

    name = "place"
    reference = staticmethod(reference.place)

    def infer(self, x: Tensor, *, shape: Numbers, start: Numbers, step: Numbers) -> list[Spec]:
        expect(self.name, "x", x)
        if not len(shape) == len(start) == len(step) == x.ndim:
            raise ValueError(f"place: shape, start and step must have a number for each axis of x, shape {x.shape}")
        lengths = tuple(have if want == -1 else want for want, have in zip(shape, x.shape, strict=True))
        for length, first, by, count in zip(lengths, start, step, x.shape, strict=True):
            if count:
                last = first + (count - 1) * by
                if length is None or not (0 <= first < length and 0 <= last < length):
                    raise ValueError(f"place: x of shape {x.shape} does not lie inside of {lengths} from {start} on")
        return [(lengths, "float32")]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        (x,) = node.inputs
        attrs = node.attrs
        size = tuple(-1 if want == -1 else have for want, have in zip(attrs["shape"], x.shape, strict=True))
        return [emit("slice", dy, start=attrs["start"], step=attrs["step"], size=size)]


@register
class Concatenate(Op):
    """Tensors one behind the other along an axis."""

    name = "concatenate"
    reference = staticmethod(reference.concatenate)

    def infer(self, *xs: Tensor, axis: int) -> list[Spec]:
        first = xs[0]
        total = 0
        for x in xs:
            expect(self.name, "x", x)
            others = [length for index, length in enumerate(x.shape) if index != axis]
            if x.ndim != first.ndim or others != [n for index, n in enumerate(first.shape) if index != axis]:
                raise ValueError(
                    "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis "
                    f"{axis}. Received shapes: {[x.shape for x in xs]}"
                )
            length = x.shape[axis]
            if length is None:
                raise ValueError("concatenate: batches cannot be joined while their size is unknown; use another axis")
            total += length
        return [((*first.shape[:axis], total, *first.shape[axis + 1 :]), "float32")]

    def flops(self, node: Node) -> int:
        return 0

    def gradient(self, node: Node, dy: Tensor) -> Gradients:
        axis, first, gradients = node.attrs["axis"], 0, []
        for x in node.inputs:
            length = x.shape[axis]
            start = tuple(first if index == axis else 0 for index in range(x.ndim))
            size = tuple(length if index == axis else -1 for index in range(x.ndim))
            gradients.append(emit("slice", dy, start=start, step=(1,) * x.ndim, size=size))
            first += length or 0
        return gradients


def any_batch_of(node: Node, size: Numbers) -> Numbers:
    """The shape of a slice's input as an attribute: -1 for a first axis that is taken whole."""
    shape = node.inputs[0].shape
    return any_batch(shape) if size[:1] == (-1,) else shape  # type: ignore[return-value]
