"""Open sizes: dimensions besides the batch that are None while a model is put together, those of images of any size.

Shape rules need numbers. So what a call makes of open sizes is found by two trials, with two sizes in their place:
where the results differ, the output's size is open, too. The trials leave nothing behind; each use of a model, on
arrays or in a step, records its nodes anew, for the sizes that are there then.
"""

from __future__ import annotations

from collections.abc import Callable

from fastcnn.graph.tensor import Shape, Tensor

TRIALS = 96, 160
"""Multiples of 32, so that five halvings and as many doublings lead back to where they began."""


def is_open(shape: Shape) -> bool:
    """Whether a dimension besides the batch is unknown.

    Example:

    >>> is_open((None, None, None, 3)), is_open((None, 28, 28, 1))
    (True, False)
    """
    return None in shape[1:]


def closed(shape: Shape, size: int) -> Shape:
    """The shape with a size in the place of each that is open.

    Example:

    >>> closed((None, None, 3), 96)
    (None, 96, 3)
    """
    return (*shape[:1], *(size if known is None else known for known in shape[1:]))


def stand_in(tensor: Tensor, size: int) -> Tensor:
    """A tensor of the same shape without a past, as calls take it in a trial with that size."""
    twin = Tensor(closed(tensor.shape, size), tensor.dtype)
    twin.mask = stand_in(tensor.mask, size) if isinstance(tensor.mask, Tensor) else tensor.mask
    return twin


def opened(one: Shape, other: Shape) -> Shape:
    """The shape that two trials have in common, open where they differ.

    Raises:
        ValueError: they differ in the number of dimensions.

    Example:

    >>> opened((None, 94, 94, 8), (None, 158, 158, 8))
    (None, None, None, 8)
    """
    if len(one) != len(other):
        raise ValueError(f"the number of dimensions depends on sizes that are not known yet: {one} or {other}")
    return tuple(size if size == same else None for size, same in zip(one, other, strict=True))


def in_trials(rule: Callable[[Shape], Shape], shape: Shape) -> Shape:
    """What a rule for known sizes makes of a shape that may be open.

    Example:

    >>> in_trials(lambda shape: (shape[0], shape[1] // 2, 8), (None, None, 3))
    (None, None, 8)
    """
    if not is_open(shape):
        return rule(shape)
    one, other = (rule(closed(shape, size)) for size in TRIALS)
    return opened(one, other)


def accepts(wanted: Shape, given: Shape) -> bool:
    """Whether a shape fits one that may be open. The batch is not compared.

    Example:

    >>> accepts((None, None, None, 3), (32, 48, 64, 3)), accepts((None, None, None, 3), (32, 48, 64, 1))
    (True, False)
    """
    return wanted[1:] == given[1:] or (
        len(wanted) == len(given)
        and all(size is None or size == own for size, own in zip(wanted[1:], given[1:], strict=True))
    )


def fitted(wanted: Shape, given: Shape) -> Shape | None:
    """The shape in which an array fits: a last dimension of size 1 may be missing or too many. None if it does not.

    Example:

    >>> fitted((None, 28, 28, 1), (100, 28, 28))
    (100, 28, 28, 1)
    """
    if accepts(wanted, given):
        return given
    if wanted[-1:] == (1,) and accepts(wanted, (*given, 1)):
        return (*given, 1)
    return given[:-1] if given[-1:] == (1,) and accepts(wanted, given[:-1]) else None
