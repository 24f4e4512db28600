"""The calls between a functional model's inputs and outputs, in the order in which they run and are listed.

The order is Keras's: by depth (the longest way to an output), and where that is equal, by the first visit of a walk
from the outputs. Weight files and `get_weights` depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastcnn.graph import SymbolicCall, SymbolicTensor
from fastcnn.utils import tree


def arguments_of(call: SymbolicCall) -> list[SymbolicTensor]:
    """The symbolic tensors among the arguments of a call."""
    return [leaf for leaf in tree.flatten((call.args, call.kwargs)) if isinstance(leaf, SymbolicTensor)]


def is_keras_tensor(x: Any) -> bool:
    """Whether x is a symbolic tensor of a functional model: what `Input` returned, or what layers and ops made of it.

    Example:

    >>> import fastcnn
    >>> fastcnn.utils.is_keras_tensor(fastcnn.Input((3,))), fastcnn.utils.is_keras_tensor([1.0])
    (True, False)
    """
    return isinstance(x, SymbolicTensor)


def get_source_inputs(tensor: SymbolicTensor) -> list[SymbolicTensor]:
    """The inputs, as `Input` returned them, that a symbolic tensor is made from.

    Example:

    >>> import fastcnn
    >>> a, b = fastcnn.Input((3,)), fastcnn.Input((3,))
    >>> [one.shape for one in fastcnn.utils.get_source_inputs(a + b)]
    [(None, 3), (None, 3)]
    """
    if not isinstance(tensor, SymbolicTensor):
        raise ValueError(f"tensor must be a symbolic tensor, such as Input returns, received {tensor!r}")
    found: dict[Any, SymbolicTensor] = {}
    waiting = [tensor]
    while waiting:
        one = waiting.pop()
        arguments = arguments_of(one.source)
        waiting += reversed(arguments)
        if not arguments:
            found.setdefault(one.key, one)
    return list(found.values())


def calls_between(inputs: Sequence[SymbolicTensor], outputs: Sequence[SymbolicTensor]) -> list[SymbolicCall]:
    """The calls that lead from the inputs to the outputs, those of the inputs included, deepest first.

    Raises:
        ValueError: an output needs something that is not among the inputs.
    """
    ends = {tensor.key for tensor in inputs}
    starts = {tensor.source for tensor in inputs}
    post_order, visits = walk(outputs, ends)
    missing = [call for call in post_order if call not in starts and not arguments_of(call)]
    if missing:
        name = getattr(missing[0].target, "name", missing[0].target)
        raise ValueError(f"Output is not connected to `inputs`: it also needs {name!r}, which is not among them")
    depths: dict[SymbolicCall, int] = {}
    target_depths: dict[Any, int] = {}
    for call in reversed(post_order):
        target = id(call if isinstance(call.target, str) else call.target)
        depth = max(depths.get(call, 0), target_depths.get(target, 0))
        depths[call] = target_depths[target] = depth
        for tensor in () if call in starts else arguments_of(call):
            depths[tensor.source] = max(depths.get(tensor.source, 0), depth + 1)
    for tensor in inputs:
        depths.setdefault(tensor.source, 0)
        visits.setdefault(tensor.source, -1)
    return sorted(depths, key=lambda call: (-depths[call], visits[call]))


def walk(
    outputs: Sequence[SymbolicTensor], ends: set[tuple[SymbolicCall, int]]
) -> tuple[list[SymbolicCall], dict[SymbolicCall, int]]:
    """All calls that the outputs need, each behind those that it needs, and the order in which they were first met.
    A loop, not a recursion: networks may be deeper than Python's stack."""
    post_order: list[SymbolicCall] = []
    visits: dict[SymbolicCall, int] = {}
    waiting = [(tensor, False) for tensor in reversed(outputs)]
    while waiting:
        tensor, seen = waiting.pop()
        call = tensor.source
        if seen:
            post_order.append(call)
        elif call not in visits:
            visits[call] = len(visits)
            waiting.append((tensor, True))
            if tensor.key not in ends:
                waiting += [(argument, False) for argument in reversed(arguments_of(call))]
    return post_order, visits
