"""`PyDataset`: a data set that gives its batches by number, several of them at a time."""

from __future__ import annotations

import itertools
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fastcnn.utils.ahead import ahead
from fastcnn.utils.arguments import checked_integer

_dataset: Any = None


class PyDataset:
    """Base class of data sets that compute their batches; subclass it to write your own.

    Args:
        workers: How many batches are computed at a time. Threads do it, beside the training; one computes each batch
            when it is needed.
        use_multiprocessing: Whether processes do it instead of threads: for code that holds Python's lock. The data set
            is sent to each of them once.
        max_queue_size: How many batches may wait to be used.

    Subclasses define `__getitem__(index)`, which returns `(inputs, targets)` or `(inputs, targets, sample_weights)`,
    and `__len__`, the number of batches; or, without an end, `num_batches` as None.

    Example:

    >>> import numpy as np
    >>> from fastcnn import utils
    >>> class Squares(utils.PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         x = np.arange(3.0) + 3 * index
    ...         return x, x**2
    >>> [y.tolist() for _, y in Squares()]
    [[0.0, 1.0, 4.0], [9.0, 16.0, 25.0]]
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = checked_integer(workers, "workers", least=0)
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = checked_integer(max_queue_size, "max_queue_size", least=0)

    def __getitem__(self, index: int) -> Any:
        """The batch number `index`."""
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(index)")

    @property
    def num_batches(self) -> int | None:
        """The number of batches; None if there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} defines neither __len__ nor num_batches")

    def __iter__(self) -> Iterator[Any]:
        """The batches in order."""
        count = self.num_batches
        return (self[index] for index in (itertools.count() if count is None else range(count)))

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


def batches_of(dataset: PyDataset, shuffled: np.random.Generator | None = None, skip: int = 0) -> Iterator[Any]:
    """The batches of one round but for the first ones, in order or shuffled by a generator, computed ahead by the
    workers that the data set asks for."""
    count = dataset.num_batches
    numbers: Iterable[int] = itertools.count(skip) if count is None else range(skip, count)
    if shuffled is not None and count is not None:
        numbers = shuffled.permutation(count).tolist()[skip:]
    if not hasattr(dataset, "workers"):
        warnings.warn(
            f"the constructor of {type(dataset).__name__} should call super().__init__(**kwargs), which takes workers, "
            "use_multiprocessing and max_queue_size",
            stacklevel=2,
        )
    workers = getattr(dataset, "workers", 1)
    queue = getattr(dataset, "max_queue_size", 10)
    if workers > 0 and getattr(dataset, "use_multiprocessing", False):
        yield from by_processes(dataset, iter(numbers), workers, queue)
    elif workers > 1:
        yield from ahead(dataset.__getitem__, numbers, workers, queue)
    else:
        for number in numbers:
            yield dataset[number]


def by_processes(dataset: PyDataset, numbers: Iterator[int], workers: int, queue: int) -> Iterator[Any]:
    """The batches with these numbers, in this order, of which up to `queue` are computed before they are asked for."""
    # Imported when used: it brings multiprocessing, sockets and logging, a fifth of the time of `import fastcnn`.
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(workers, initializer=keep, initargs=(dataset,))
    try:
        waiting = deque(pool.submit(kept_batch, number) for number in itertools.islice(numbers, max(queue, 1)))
        while waiting:
            batch = waiting.popleft().result()
            waiting.extend(pool.submit(kept_batch, number) for number in itertools.islice(numbers, 1))
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)


def keep(dataset: PyDataset) -> None:
    """Keep the data set in a process of the pool, which ends when the pool does, not with Ctrl-C."""
    import signal  # not needed in processes without such workers

    global _dataset
    _dataset = dataset
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def kept_batch(number: int) -> Any:
    """A batch of the data set that this process keeps."""
    return _dataset[number]
