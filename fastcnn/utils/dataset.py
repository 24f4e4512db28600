"""`Dataset`: elements one after the other, and what makes other data sets of one, with the names of `tf.data`.

A data set is a recipe: each iteration runs it from the start. Nothing here needs TensorFlow; elements are NumPy arrays,
alone or in tuples and dictionaries.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from fastcnn.utils.ahead import ahead
from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.random import next_seed
from fastcnn.utils.tree import flatten, map_structure

AUTOTUNE = -1
"""As many as it takes: for `num_parallel_calls` and `prefetch`."""
INFINITE, UNKNOWN = -1, -2


class Dataset:
    """Elements, which `fit`, `evaluate`, `predict` and `for` take one after the other.

    It is made by `utils.image_dataset_from_directory` and the like, or by `from_tensor_slices`, `from_tensors`,
    `from_generator`, `range` and `zip`; each method returns another one. Methods, arguments and results are those of
    `tf.data.Dataset`, of which there are those that pipelines of images use; elements are NumPy arrays.

    Args:
        start: returns an iterator over the elements, from the first one on; takes the number of the iteration, on which
            the order may depend.
        cardinality: how many they are; `INFINITE` (-1) or `UNKNOWN` (-2).

    Example:

    >>> from fastcnn.data import Dataset
    >>> dataset = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).map(lambda x, y: (x / 2, y)).batch(2)
    >>> [x.tolist() for x, y in dataset]
    [[0.5, 1.0], [1.5]]
    >>> len(dataset)
    2
    """

    class_names: list[str] | None
    file_paths: list[str]

    def __init__(self, start: Callable[[int], Iterator[Any]], cardinality: int = UNKNOWN) -> None:
        self._start = start
        self._cardinality = cardinality
        self._batch_size: int | None = None
        self._arrays: Any = None
        """The arrays of which the elements are the rows, one after the other, where they are that."""
        self.rounds = 0
        """The number of the next iteration."""

    # Where elements come from.

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """The rows of an array, or of several in a tuple or a dictionary.

        Raises:
            ValueError: they differ in length, or have no rows.
        """
        arrays = as_element(tensors)
        lengths = {len(array) if array.ndim else None for array in flatten(arrays)}
        if len(lengths) != 1 or None in lengths:
            shapes = [array.shape for array in flatten(arrays)]
            raise ValueError(f"tensors must be arrays with the same number of rows, received the shapes {shapes}")
        count = lengths.pop() or 0
        dataset = Dataset(lambda _: (row_of(arrays, row) for row in range(count)), count)
        dataset._arrays = arrays
        return dataset

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """One element."""
        element = as_element(tensors)
        return Dataset(lambda _: iter([element]), 1)

    @staticmethod
    def from_generator(
        generator: Callable[..., Iterable[Any]], *_: Any, args: tuple[Any, ...] = (), **__: Any
    ) -> Dataset:
        """What a function yields that is called for each iteration; types and shapes need not be told."""
        if not callable(generator):
            raise TypeError(f"generator must be a function that returns an iterable, received {generator!r}")
        return Dataset(lambda _: map(as_element, generator(*args)))

    @staticmethod
    def range(*args: int) -> Dataset:
        """Whole numbers, as by Python's `range`."""
        numbers = range(*args)
        return Dataset(lambda _: (np.int64(number) for number in numbers), len(numbers))

    @staticmethod
    def zip(*datasets: Any) -> Dataset:
        """Tuples of an element of each data set (or of each of a tuple of them), as long as there are any."""
        parts = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], (tuple, list)) else datasets
        counts = [part._cardinality for part in parts]
        finite = [count for count in counts if count >= 0]
        cardinality = UNKNOWN if UNKNOWN in counts else min(finite, default=INFINITE)
        return Dataset(lambda number: zipped([part._start(number) for part in parts]), cardinality)

    # Iteration.

    def __iter__(self) -> Iterator[Any]:
        """The elements from the first one on."""
        self.rounds += 1
        return self._start(self.rounds - 1)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The same: elements are NumPy arrays."""
        return iter(self)

    def cardinality(self) -> int:
        """The number of elements; -1 if they do not end, -2 if it is not known."""
        return self._cardinality

    def __len__(self) -> int:
        """The number of elements.

        Raises:
            TypeError: they do not end, or their number is not known.
        """
        if self._cardinality < 0:
            known = "do not end" if self._cardinality == INFINITE else "are of unknown number"
            raise TypeError(f"the elements of this data set {known}")
        return self._cardinality

    def __bool__(self) -> bool:
        """True, whatever the number of elements."""
        return True

    # Other data sets.

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: int | None = None, deterministic: bool | None = None
    ) -> Dataset:
        """What a function returns for each element; the members of a tuple are its arguments.

        Args:
            map_func: It gets arrays, and may use NumPy, `fastcnn.ops` and layers.
            num_parallel_calls: Threads that call it ahead of time. Default None: it is called when an element is asked
                for. `AUTOTUNE`: one thread, so that random layers are called in the same order each time.
            deterministic: Without effect: the order of elements stays.
        """

        def call(element: Any) -> Any:
            return as_element(map_func(*element) if isinstance(element, tuple) else map_func(element))

        if num_parallel_calls is None:
            return self._through(lambda elements: map(call, elements))
        workers = (
            1 if num_parallel_calls == AUTOTUNE else checked_integer(num_parallel_calls, "num_parallel_calls", least=1)
        )
        return Dataset(lambda number: ahead(call, self._start(number), workers, workers + 1), self._cardinality)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The elements for which a function is true; the members of a tuple are its arguments."""

        def keeps(element: Any) -> bool:
            return bool(predicate(*element) if isinstance(element, tuple) else predicate(element))

        return self._through(lambda elements: filter(keeps, elements), UNKNOWN)

    def batch(self, batch_size: int, drop_remainder: bool = False, **_: Any) -> Dataset:
        """So many elements stacked to one; the last may be smaller, unless `drop_remainder`."""
        size = checked_integer(batch_size, "batch_size", least=1)

        def batches(elements: Iterator[Any]) -> Iterator[Any]:
            while members := list(itertools.islice(elements, size)):
                if len(members) == size or not drop_remainder:
                    yield stacked(members)

        count = self._cardinality
        if count >= 0:
            count = count // size if drop_remainder else -(-count // size)
        dataset = self._through(batches, count)
        dataset._batch_size = size
        return dataset

    def unbatch(self) -> Dataset:
        """The rows of all elements."""

        def rows(elements: Iterator[Any]) -> Iterator[Any]:
            return (row_of(element, row) for element in elements for row in range(len(flatten(element)[0])))

        return self._through(rows, INFINITE if self._cardinality == INFINITE else UNKNOWN)

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool | None = None
    ) -> Dataset:
        """The elements in random order: each is drawn from the next `buffer_size`.

        Args:
            buffer_size: Use the number of elements for a perfect shuffle.
            seed: The same seed gives the same orders. Default None: one drawn after `utils.set_random_seed`.
            reshuffle_each_iteration: Whether each iteration has another order. Default True.
        """
        size = checked_integer(buffer_size, "buffer_size", least=1)
        first = next_seed() if seed is None else operator.index(seed)

        def drawn(elements: Iterator[Any], number: int) -> Iterator[Any]:
            random = np.random.default_rng([abs(first), number if reshuffle_each_iteration is not False else 0])
            buffer = list(itertools.islice(elements, size))
            for element in elements:
                place = int(random.integers(size))
                yield buffer[place]
                buffer[place] = element
            random.shuffle(buffer)
            yield from buffer

        def start(number: int) -> Iterator[Any]:
            if self._arrays is None:
                return self._ran(number, lambda elements: drawn(elements, number))
            rows = drawn(iter(range(self._cardinality)), number)  # numbers take less memory than rows
            return (row_of(self._arrays, row) for row in rows)

        return Dataset(start, self._cardinality)

    def repeat(self, count: int | None = None) -> Dataset:
        """The elements so many times; None or -1: without end."""
        if count is None or count == -1:
            return Dataset(lambda number: chained(map(self._start, itertools.count(number << 32))), INFINITE)
        times = operator.index(count)
        cardinality = self._cardinality * times if self._cardinality >= 0 or not times else self._cardinality

        def start(number: int) -> Iterator[Any]:
            return chained(map(self._start, range(number * times, (number + 1) * times)))

        return Dataset(start, cardinality)

    def take(self, count: int) -> Dataset:
        """The first elements; all with -1."""
        count = operator.index(count)
        if count < 0:
            return self
        known = self._cardinality
        left = min(known, count) if known >= 0 else count if known == INFINITE else UNKNOWN
        return self._through(lambda elements: itertools.islice(elements, count), left)

    def skip(self, count: int) -> Dataset:
        """All but the first elements; none with -1."""
        count = operator.index(count)
        if count < 0:
            return Dataset(lambda _: iter(()), 0)
        left = max(self._cardinality - count, 0) if self._cardinality >= 0 else self._cardinality
        return self._through(lambda elements: itertools.islice(elements, count, None), left)

    def concatenate(self, dataset: Dataset) -> Dataset:
        """These elements, then those of another data set."""
        counts = (self._cardinality, dataset._cardinality)
        cardinality = sum(counts) if min(counts) >= 0 else INFINITE if INFINITE in counts else UNKNOWN
        return Dataset(lambda number: chained(part._start(number) for part in (self, dataset)), cardinality)

    def enumerate(self, start: int = 0) -> Dataset:
        """Tuples of a number and an element."""
        return self._through(lambda elements: ((np.int64(n), element) for n, element in enumerate(elements, start)))

    def prefetch(self, buffer_size: int) -> Dataset:
        """The same elements, of which up to `buffer_size` (with `AUTOTUNE` two) are made by a thread ahead of time."""
        size = 2 if buffer_size == AUTOTUNE else operator.index(buffer_size)
        if size < 1:
            return self
        dataset = Dataset(
            lambda number: ahead(lambda element: element, self._start(number), 1, size), self._cardinality
        )
        dataset._batch_size = self._batch_size
        return dataset

    def cache(self, filename: str = "") -> Dataset:
        """The same elements, which the first whole iteration keeps in memory.

        Raises:
            ValueError: `filename` is given: elements are kept in memory only.
        """
        if filename:
            raise ValueError(f"filename must be empty, since elements are kept in memory only; received {filename!r}")
        if self._arrays is not None:  # they are in memory
            return self
        kept: list[list[Any]] = []

        def remembered(elements: Iterator[Any]) -> Iterator[Any]:
            seen = []
            for element in elements:
                seen.append(element)
                yield element
            kept[:] = [seen]

        return Dataset(lambda number: iter(kept[0]) if kept else self._ran(number, remembered), self._cardinality)

    @property
    def element_spec(self) -> Any:
        """Pairs of shape and dtype in the structure of an element; found by making the first one."""
        with closing(iterator_of(self._start(0))) as elements:
            for element in elements:
                return map_structure(lambda array: (np.shape(array), np.asarray(array).dtype.name), element)
        raise ValueError("this data set has no elements")

    # What the methods above share.

    def _through(self, change: Callable[[Iterator[Any]], Iterator[Any]], cardinality: int | None = None) -> Dataset:
        """A data set of what `change` makes of the elements."""
        return Dataset(
            lambda number: self._ran(number, change), self._cardinality if cardinality is None else cardinality
        )

    def _ran(self, number: int, change: Callable[[Iterator[Any]], Iterator[Any]]) -> Iterator[Any]:
        """What `change` makes of the elements, which are let go at its end."""
        with closing(iterator_of(self._start(number))) as elements:
            yield from change(elements)


def iterator_of(iterator: Iterator[Any]) -> Any:
    """An iterator that can be closed, which closes those that it runs on."""
    return iterator if hasattr(iterator, "close") else (element for element in iterator)


def chained(iterators: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """The elements of one after the other."""
    for iterator in iterators:
        yield from iterator


def zipped(parts: list[Iterator[Any]]) -> Iterator[Any]:
    """The tuples of `Dataset.zip`."""
    iterators = [iterator_of(part) for part in parts]
    try:
        yield from zip(*iterators, strict=False)
    finally:
        for iterator in iterators:
            iterator.close()


def row_of(element: Any, row: Any) -> Any:
    """A row, or some, of every array."""
    return map_structure(lambda array: array[row], element)


def as_element(value: Any) -> Any:
    """Arrays in the structure of a value; a list is an array written out."""
    if isinstance(value, dict):
        return {key: as_element(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return tuple(as_element(member) for member in value)
    array = np.asarray(value)
    if array.dtype == object:
        raise TypeError(f"elements must be arrays, tuples or dictionaries of them, received {type(value).__name__}")
    return array


def stacked(members: list[Any]) -> Any:
    """One element of several that have one structure.

    Raises:
        ValueError: they differ in shape.
    """
    first = members[0]
    if isinstance(first, dict):
        return {key: stacked([member[key] for member in members]) for key in first}
    if isinstance(first, tuple):
        return tuple(stacked(list(column)) for column in zip(*members, strict=True))
    shapes = {np.shape(member) for member in members}
    if len(shapes) > 1:
        raise ValueError(f"elements of a batch must have one shape, received {sorted(shapes)}")
    return np.stack(members)
