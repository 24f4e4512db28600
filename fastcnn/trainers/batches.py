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
from fastcnn.utils.dataset import Dataset
from fastcnn.utils.packing import unpack_x_y_sample_weight
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
        seed: says in which order the rows come in each round; None: they stay in order.
    """

    def __init__(self, model: Any, mode: str, data: Any, rows: int, limit: int | None, seed: int | None) -> None:
        self.model, self.limit, self.seed = model, limit, seed
        samples = data.rows
        self.order = None if seed is None else np.arange(samples)
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
        self.rounds = 0
        self.position = 0
        self.steps: int | None = limit or len(self.batches)

    def epoch(self, skip: int = 0) -> Iterable[tuple[Step, int]]:
        """The steps of an epoch, but for the first ones, which were run before."""
        if self.limit is not None:
            return self.next_steps(self.limit - skip)
        self.begin_round()
        return self.batches[skip:] if skip else self.batches

    def begin_round(self) -> None:
        """Let the rows come in the order of the next round."""
        self.rounds += 1
        if self.order is not None and self.seed is not None:
            self.order[...] = np.arange(len(self.order))
            round_generator(self.seed, self.rounds).shuffle(self.order)

    def next_steps(self, count: int) -> Iterator[tuple[Step, int]]:
        """Some batches, up to the end of a round."""
        if self.position == 0:
            self.begin_round()
        if count > len(self.batches) - self.position:
            warnings.warn(OUT_OF_DATA, stacklevel=3)
        stop = min(self.position + count, len(self.batches))
        for number in range(self.position, stop):
            self.position = (number + 1) % len(self.batches)
            yield self.batches[number]

    def state(self, done: int) -> dict[str, Any]:
        """Where to go on after so many batches of an epoch; 0 when it is over."""
        started = done if self.limit is None else self.position
        position = 0 if self.limit is None else self.position
        return {"seed": self.seed, "rounds": self.rounds - bool(started), "position": position, "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if self.seed is not None and state["seed"] is not None:
            self.seed = state["seed"]
        self.rounds, self.position = state["rounds"], state["position"]
        if self.position:
            self.begin_round()

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
        seed: says in which order the batches of a `PyDataset` come in each round; None: they stay in order.
        class_weight: a weight for the samples of each class.
    """

    def __init__(
        self, model: Any, mode: str, source: Any, limit: int | None, seed: int | None = None, class_weight: Any = None
    ) -> None:
        self.model, self.mode, self.source, self.limit = model, mode, source, limit
        self.seed, self.class_weight = seed, class_weight
        self.token: Any = None
        self.held: dict[Any, Step] = {}
        self.iterator: Iterator[Any] | None = None
        self.first = source.rounds if isinstance(source, Dataset) else 0
        self.rounds = 0
        self.taken = 0
        self.steps = limit or length_of(source)

    def epoch(self, skip: int = 0) -> Iterator[tuple[Step, int]]:
        """The steps of an epoch, but for the first ones, which were run before."""
        dataset = self.source if isinstance(self.source, PyDataset) else None
        if dataset is not None:
            dataset.on_epoch_begin()
        again = self.iterator is None or self.limit is None
        if again:
            self.iterator = self.started(skip if self.limit is None else self.taken)
        number = skip
        while True:
            count = None if self.limit is None else self.limit - skip
            for batch in itertools.islice(self.iterator, count):  # type: ignore[arg-type]
                number += 1
                self.taken += 1
                yield self.bound(batch), 0
            if number or again:
                break
            self.iterator, again = self.started(0), True  # the last epoch ended just where the source did
        if number == 0 and self.rounds == 1:
            raise ValueError(f"x must yield at least one batch, received a {type(self.source).__name__} that has none")
        if number < (self.limit or 1):
            warnings.warn(OUT_OF_DATA, stacklevel=2)
            self.iterator, self.taken = None, 0
        if self.limit is None:
            self.steps = self.steps or number
        if dataset is not None:
            dataset.on_epoch_end()

    def started(self, skip: int) -> Iterator[Any]:
        """The batches of a new round, but for the first ones."""
        self.rounds += 1
        self.taken = skip
        if isinstance(self.source, PyDataset):
            shuffled = None if self.seed is None else round_generator(self.seed, self.rounds)
            return batches_of(self.source, shuffled, skip)
        iterator = iter(self.source)
        next(itertools.islice(iterator, skip, skip), None)
        return iterator

    def state(self, done: int) -> dict[str, Any]:
        """Where to go on after so many batches of an epoch; 0 when it is over."""
        started = done if self.limit is None else self.taken
        return {"seed": self.seed, "rounds": self.rounds - bool(started), "position": started, "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there: the source is started anew, and what was taken from it before is taken again."""
        if self.seed is not None and state["seed"] is not None:
            self.seed = state["seed"]
        self.rounds, self.taken, self.iterator = state["rounds"], state["position"], None
        if isinstance(self.source, Dataset):
            self.source.rounds = self.first + self.rounds

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


def round_generator(seed: int, number: int) -> np.random.Generator:
    """The generator that shuffles a round: a function of the seed and the number of the round alone, so that training
    which was broken off can go on with the same orders."""
    return np.random.default_rng([seed, number])


def unpacked(batch: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of a batch; None for what it has not.

    Raises:
        ValueError: it has more parts.
    """
    is_whole = isinstance(batch, list) and not 1 <= len(batch) <= 3
    return (batch, None, None) if is_whole else unpack_x_y_sample_weight(batch)


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
