"""Data sets that fetch rows by number: the order of each iteration, batches, and threads that work ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastcnn.utils.ahead import ahead
from fastcnn.utils.dataset import Dataset

SINGLE = 32
"""Rows that are fetched at a time where they are not put into batches."""


def gathered(
    gather: Callable[[NDArray], Any], count: int, batch_size: int | None, seed: int | None, threads: int = 0
) -> Dataset:
    """The rows 0 to `count` of something.

    Args:
        gather: returns the rows with the given numbers, as one element.
        count: number of rows.
        batch_size: rows of an element; None for single ones.
        seed: of the orders, another one for each iteration; None: in order.
        threads: how many fetch ahead; 0: each element is fetched when it is asked for.
    """
    rows = batch_size or SINGLE

    def batches(number: int) -> Iterator[Any]:
        order = np.arange(count)
        if seed is not None:
            np.random.default_rng([seed, number]).shuffle(order)
        parts = (order[start : start + rows] for start in range(0, count, rows))
        return ahead(gather, parts, threads, threads + 1) if threads else map(gather, parts)

    dataset = Dataset(batches, -(-count // rows))
    if batch_size is None:
        dataset = dataset.unbatch()
        dataset._cardinality = count
    else:
        dataset._batch_size = batch_size
    return dataset
