"""Where batches come from: arrays, cut into batches by index, or an iterable that yields batches.

Both give, for each epoch, steps bound to their data and the row that each starts at.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fastcnn.trainers.step import Step
from fastcnn.utils.py_dataset import PyDataset, batches_of

OUT_OF_DATA = (
    "Your input ran out of data; interrupting training. Make sure that your dataset or generator can generate at least "
    "`steps_per_epoch * epochs` batches. You may need to use the `.repeat()` function when building your dataset."
)


class ArrayBatches:
    """Batches of arrays.

    Args:
        model: makes and takes back the steps.
        mode: "train", "test" or "predict".
        data: the arrays, checked.
        rows: rows of a batch.
        limit: steps of an epoch; None: as many as there are batches. Epochs go on where the last one stopped.
        generator: shuffles the rows before each round; None: they stay in order.
    """

    def __init__(
        self, model: Any, mode: str, data: Any, rows: int, limit: int | None, generator: np.random.Generator | None
    ) -> None:
        self.model, self.limit, self.generator = model, limit, generator
        samples = data.rows
        self.order = None if generator is None else np.arange(samples)
        token = model.structure().token
        self.held: list[Step] = []
        try:
            self.held += [model.step(mode, data, rows, token)] if samples >= rows else []
            self.held += [model.step(mode, data, samples % rows, token)] if samples % rows else []
            for step in self.held:
                step.bind(data.sources, self.order)
        except BaseException:
            self.close()
            raise
        self.batches = [
            (self.held[0] if start + rows <= samples else self.held[-1], start) for start in range(0, samples, rows)
        ]
        self.position = 0
        self.steps: int | None = limit or len(self.batches)

    def epoch(self) -> Iterable[tuple[Step, int]]:
        """The steps of an epoch."""
        return self.whole_round() if self.limit is None else self.next_steps(self.limit)

    def whole_round(self) -> list[tuple[Step, int]]:
        """All batches, the rows in a new order."""
        if self.generator is not None:
            self.generator.shuffle(self.order)  # type: ignore[arg-type]
        return self.batches

    def next_steps(self, count: int) -> Iterator[tuple[Step, int]]:
        """Some batches, up to the end of a round."""
        if self.position == 0:
            self.whole_round()
        if count > len(self.batches) - self.position:
            warnings.warn(OUT_OF_DATA, stacklevel=3)
        stop = min(self.position + count, len(self.batches))
        for number in range(self.position, stop):
            self.position = (number + 1) % len(self.batches)
            yield self.batches[number]

    def close(self) -> None:
        """Give the steps back."""
        for step in self.held:
            self.model.step_pool.release(step)


class GivenBatches:
    """Batches that an iterable yields: x, or (x, y), or (x, y, sample_weight).

    Args:
        model: makes and takes back the steps.
        mode: "train", "test" or "predict".
        source: the iterable.
        limit: steps of an epoch; None: up to the end of the source, which is started anew for each epoch.
        shuffle: whether a `PyDataset` is read in a random order.
        class_weight: a weight for the samples of each class.
    """

    def __init__(
        self, model: Any, mode: str, source: Any, limit: int | None, shuffle: bool = False, class_weight: Any = None
    ) -> None:
        self.model, self.mode, self.source, self.limit = model, mode, source, limit
        self.shuffle, self.class_weight = shuffle, class_weight
        self.token: Any = None
        self.held: dict[Any, Step] = {}
        self.iterator: Iterator[Any] | None = None
        self.steps = limit or length_of(source)

    def epoch(self) -> Iterator[tuple[Step, int]]:
        """The steps of an epoch."""
        dataset = self.source if isinstance(self.source, PyDataset) else None
        if dataset is not None:
            dataset.on_epoch_begin()
        again = self.iterator is None or self.limit is None
        if again:
            self.iterator = self.started()
        number = 0
        while True:
            for batch in itertools.islice(self.iterator, self.limit):  # type: ignore[arg-type]
                number += 1
                yield self.bound(batch), 0
            if number or again:
                break
            self.iterator, again = self.started(), True  # the last epoch ended just where the source did
        if number < (self.limit or 1):
            warnings.warn(OUT_OF_DATA, stacklevel=2)
            self.iterator = None
        if self.limit is None:
            self.steps = self.steps or number
        if dataset is not None:
            dataset.on_epoch_end()

    def started(self) -> Iterator[Any]:
        """The batches from the first one on."""
        return iter(batches_of(self.source, self.shuffle) if isinstance(self.source, PyDataset) else self.source)

    def bound(self, batch: Any) -> Step:
        """A step that reads this batch."""
        x, y, weight = unpacked(batch)
        if self.mode == "predict":
            data = self.model.input_data(x)
        else:
            data = self.model.supervised_data(x, y, weight, self.class_weight)
        if self.token is None:
            if self.mode == "train":
                self.model.hold_weights()
            self.token = self.model.structure().token
        key = data.key
        if key not in self.held:
            self.held[key] = self.model.step(self.mode, data, data.rows, self.token)
        self.held[key].bind(data.sources)
        return self.held[key]

    def close(self) -> None:
        """Give the steps back; let workers that make further batches end."""
        if self.iterator is not None and self.iterator is not self.source and hasattr(self.iterator, "close"):
            self.iterator.close()
        for step in self.held.values():
            self.model.step_pool.release(step)


def unpacked(batch: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of a batch; None for what it has not.

    Raises:
        ValueError: it has more parts.
    """
    if isinstance(batch, list) and 1 <= len(batch) <= 3:
        batch = tuple(batch)
    if not isinstance(batch, tuple):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ValueError(
            "a batch must be (inputs,), (inputs, targets) or (inputs, targets, sample_weights), received a tuple of "
            f"length {len(batch)}"
        )
    return (*batch, None, None)[:3]


def yields_batches(x: Any) -> bool:
    """Whether x is no array and no structure of arrays, but something to be iterated over."""
    if isinstance(x, PyDataset):
        return True
    if isinstance(x, (list, tuple, dict, str, bytes)) or hasattr(x, "__array__") or x is None:
        return False
    return hasattr(x, "__iter__")


def length_of(source: Any) -> int | None:
    """The number of batches; None where it is not known."""
    if isinstance(source, PyDataset):
        return source.num_batches
    try:
        return len(source) or None
    except TypeError:
        return None
