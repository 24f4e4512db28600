"""Products and sums of tensors by the letters of their axes: `einsum`, as few matrix products."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

from fastcnn.ops.dispatch import apply, together
from fastcnn.ops.linear import matmul
from fastcnn.ops.math import multiply
from fastcnn.ops.matrix import diagonal
from fastcnn.ops.reduction import sum
from fastcnn.ops.shape import reshape, transpose


def einsum(subscripts: str, *operands: Any) -> Any:
    """Multiply tensors along axes of the same letter, and sum over the letters that the result does not have.

    Args:
        subscripts: Letters for the axes of each operand, separated by commas; then `->` and those of the result. "..."
            stands for further axes. Without `->` the result has the letters that occur once, in alphabetical order.
        operands: float32, one for each group of letters.

    Returns:
        float32 of the lengths of the letters of the result.

    Raises:
        ValueError: letters that fit neither each other nor the shapes.

    Source: as `keras.ops.einsum`; from left to right, two operands at a time, each pair as matrix products.

    Example:

    >>> from fastcnn import ops
    >>> ops.einsum("ij,kj->ik", [[1, 2], [3, 4]], [[1, 1]])
    array([[3.],
           [7.]], dtype=float32)
    """
    tensors = together(*operands)
    groups, result = parsed(subscripts.replace(" ", ""), [len(tensor.shape) for tensor in tensors])
    check_lengths(subscripts, groups, tensors)
    tensor, letters = without_repeats(tensors[0], groups[0])
    for number in range(1, len(tensors)):
        other, its = without_repeats(tensors[number], groups[number])
        needed = set(result).union(*groups[number + 1 :])
        if other.shape[:1] == (None,) and tensor.shape[:1] != (None,):
            tensor, letters, other, its = other, its, tensor, letters
        tensor, letters = pair(tensor, letters, other, its, needed)
    tensor, letters = summed(tensor, letters, set(result))
    return tensor if letters == result else transpose(tensor, [letters.index(letter) for letter in result])


def parsed(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with letters for "...", too."""
    left, arrow, result = subscripts.partition("->")
    groups = left.split(",")
    if len(groups) != len(ranks):
        raise ValueError(f"einsum: {subscripts!r} is for {len(groups)} operands, received {len(ranks)}")
    spare = [letter for letter in string.ascii_letters if letter not in subscripts]
    dots = [rank - len(group.replace("...", "")) for group, rank in zip(groups, ranks, strict=True)]
    longest = max((count for count, group in zip(dots, groups, strict=True) if "..." in group), default=0)
    names = "".join(spare[:longest])
    for number, (group, count) in enumerate(zip(groups, dots, strict=True)):
        if count < 0 or (count and "..." not in group):
            raise ValueError(f"einsum: {group!r} of {subscripts!r} does not fit an operand of {ranks[number]} axes")
        groups[number] = group.replace("...", names[longest - count :])
    if arrow:
        result = result.replace("...", names)
    else:
        seen = "".join(groups)
        result = names + "".join(sorted(letter for letter in set(seen) - set(names) if seen.count(letter) == 1))
    letters = set("".join(groups))
    if not letters <= set(string.ascii_letters) or not set(result) <= letters or len(set(result)) < len(result):
        raise ValueError(f"einsum: the result {result!r} of {subscripts!r} must have letters of operands, once each")
    return groups, result


def check_lengths(subscripts: str, groups: Sequence[str], tensors: Sequence[Any]) -> None:
    """Axes of one letter must have one length, or 1."""
    lengths: dict[str, Any] = {}
    for group, tensor in zip(groups, tensors, strict=True):
        for letter, length in zip(group, tensor.shape, strict=True):
            known = lengths.setdefault(letter, length)
            if known == 1:
                lengths[letter] = length
            elif length not in (known, 1):
                raise ValueError(f"einsum: {letter!r} of {subscripts!r} has the lengths {known} and {length}")


def without_repeats(tensor: Any, letters: str) -> tuple[Any, str]:
    """An operand with a letter twice as its diagonal."""
    for letter in dict.fromkeys(letters):
        while letters.count(letter) > 1:
            first, second = letters.index(letter), letters.rindex(letter)
            tensor = diagonal(tensor, 0, first, second)
            letters = letters[:first] + letters[first + 1 : second] + letters[second + 1 :] + letter
    return tensor, letters


def summed(tensor: Any, letters: str, needed: set[str]) -> tuple[Any, str]:
    """An operand without the letters that nothing else needs."""
    gone = [axis for axis, letter in enumerate(letters) if letter not in needed]
    if gone:
        tensor = sum(tensor, axis=gone)
        letters = "".join(letter for letter in letters if letter in needed)
    return tensor, letters


def pair(a: Any, of_a: str, b: Any, of_b: str, needed: set[str]) -> tuple[Any, str]:
    """The product of two operands, summed over the letters that only they have."""
    a, of_a = summed(a, of_a, needed | set(of_b))
    b, of_b = summed(b, of_b, needed | set(of_a))
    lengths: dict[str, Any] = {}
    for letters, tensor in ((of_b, b), (of_a, a)):
        for letter, length in zip(letters, tensor.shape, strict=True):
            if letter not in lengths or lengths[letter] == 1:
                lengths[letter] = length
    repeated = {letter for letter in set(of_a) & set(of_b) if length_of(a, of_a, letter) != length_of(b, of_b, letter)}
    both = [letter for letter in of_a if letter in of_b and letter in needed]
    inner = [letter for letter in of_a if letter in of_b and letter not in needed]
    rows = [letter for letter in of_a if letter not in of_b]
    stays_first = both and None in (lengths[letter] for letter in rows)  # the unknown batch cannot go behind others
    if repeated or not inner or stays_first:
        return broadcast_product(a, of_a, b, of_b, needed)
    columns = [letter for letter in of_b if letter not in of_a]

    def grouped(tensor: Any, letters: str, *groups: list[str]) -> Any:
        order = [letters.index(letter) for group in groups for letter in group]
        return reshape(transpose(tensor, order), [joined(group, lengths) for group in groups])

    if both:
        product = apply(
            "stacked_matmul",
            grouped(a, of_a, both, rows, inner),
            grouped(b, of_b, both, inner, columns),
            transpose_a=False,
            transpose_b=False,
        )
    else:
        product = matmul(grouped(a, of_a, rows, inner), grouped(b, of_b, inner, columns))
    result = "".join(both + rows + columns)
    return reshape(product, [joined([letter], lengths) for letter in result]), result


def length_of(tensor: Any, letters: str, letter: str) -> Any:
    """The length of the axis of a letter."""
    return tensor.shape[letters.index(letter)]


def joined(letters: list[str], lengths: dict[str, Any]) -> int:
    """The length of the axes of these letters as one; -1 with the unknown batch among them."""
    known = [lengths[letter] for letter in letters]
    return -1 if None in known else math.prod(known)


def broadcast_product(a: Any, of_a: str, b: Any, of_b: str, needed: set[str]) -> tuple[Any, str]:
    """The product element by element, where there is nothing to sum over in pairs, or an axis is repeated."""
    letters = of_a + "".join(letter for letter in of_b if letter not in of_a)

    def spread(tensor: Any, its: str) -> Any:
        order = sorted(range(len(its)), key=lambda axis: letters.index(its[axis]))
        its = "".join(its[axis] for axis in order)
        moved = transpose(tensor, order)
        shape = [moved.shape[its.index(letter)] if letter in its else 1 for letter in letters]
        return reshape(moved, [-1 if length is None else length for length in shape])

    return summed(multiply(spread(a, of_a), spread(b, of_b)), letters, needed)
