"""Sequences brought to one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.lookup import lookup

SIDES = {"pre": True, "post": False}


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> NDArray:
    """Sequences of different lengths as the rows of one array.

    Args:
        sequences: List of sequences, whose members have one shape.
        maxlen: Length of the rows. Default None: that of the longest sequence.
        dtype: dtype of the result. Default int32; `object` for strings of any length.
        padding: `"pre"` (default) or `"post"`: where short sequences are filled up.
        truncating: `"pre"` (default) or `"post"`: where long sequences are cut.
        value: What fills them up. Default 0.

    Returns:
        Array of shape `(len(sequences), maxlen, ...)`.

    Raises:
        ValueError: `sequences` holds something else, shapes differ, or an argument is unknown.

    Example:

    >>> from fastcnn import utils
    >>> utils.pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
    array([[0, 1],
           [2, 3],
           [5, 6]], dtype=int32)
    """
    before, from_end = lookup("padding", padding, SIDES), lookup("truncating", truncating, SIDES)
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`sequences` must be iterable, and have a length. Received: {type(sequences)}")
    for member in sequences:
        if not hasattr(member, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {member}")
    if isinstance(value, str) and dtype is not object and np.dtype(dtype).kind not in "USO":
        raise ValueError(
            f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}\nYou should set `dtype=object` for "
            "variable length strings."
        )
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise ValueError(f"dtype must be the name of a type of elements, received dtype={dtype!r}") from None
    maxlen = None if maxlen is None else checked_integer(maxlen, "maxlen", least=0)
    length = max(map(len, sequences), default=0) if maxlen is None else maxlen
    shape = next((np.asarray(member).shape[1:] for member in sequences if len(member)), ())
    rows = np.full((len(sequences), length, *shape), value, dtype)
    for number, member in enumerate(sequences):
        if not len(member) or not length:
            continue
        kept = np.asarray(member[-length:] if from_end else member[:length], dtype)
        if kept.shape[1:] != shape:
            raise ValueError(
                f"Shape of sample {kept.shape[1:]} of sequence at position {number} is different from expected shape "
                f"{shape}"
            )
        rows[number, slice(-len(kept), None) if before else slice(len(kept))] = kept
    return rows
