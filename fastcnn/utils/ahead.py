"""Results computed by threads before they are asked for: what data sets, their workers and `prefetch` share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

PATIENCE = 5.0
"""Seconds to wait for a thread that is in the middle of something when nobody wants its result any more."""


def ahead(call: Callable[[Any], Any], items: Iterable[Any], workers: int = 1, waiting: int = 1) -> Iterator[Any]:
    """`map(call, items)`, in order, computed by threads.

    The threads start with the first result that is asked for and end with the iterator. An error of the items or of a
    call comes in the place of the result.

    Args:
        call: takes one item.
        items: drawn one at a time, by the threads.
        workers: number of threads, which is the number of calls at a time.
        waiting: how many results may be begun before they are asked for.
    """
    crew = Crew(call, items, waiting)
    threads = [threading.Thread(target=crew.work, daemon=True) for _ in range(max(workers, 1))]
    try:
        for thread in threads:
            thread.start()
        while True:
            try:
                result = crew.next_result()
            except IndexError:
                return
            yield result
    finally:
        crew.stop(threads)


class Crew:
    """What the threads of one `ahead` share."""

    def __init__(self, call: Callable[[Any], Any], items: Iterable[Any], waiting: int) -> None:
        self.call = call
        self.items = iter(items)
        self.waiting = max(waiting, 1)
        self.drawing = threading.Lock()
        self.change = threading.Condition()
        self.results: dict[int, tuple[Any, BaseException | None]] = {}
        self.drawn = 0
        self.taken = 0
        self.end = False
        """No more items are drawn."""

    def work(self) -> None:
        """What a thread does."""
        while True:
            with self.drawing:
                with self.change:
                    self.change.wait_for(lambda: self.end or self.drawn - self.taken < self.waiting)
                    if self.end:
                        return
                number = self.drawn
                error: BaseException | None = None
                try:
                    item = next(self.items)
                except StopIteration:
                    self.finish()
                    return
                except BaseException as raised:
                    error = raised
                with self.change:
                    self.drawn += 1
            result = None
            if error is None:
                try:
                    result = self.call(item)
                except BaseException as raised:
                    error = raised
            item = None
            if error is not None:
                self.finish()
            with self.change:
                self.results[number] = result, error
                self.change.notify_all()
            del result, error

    def finish(self) -> None:
        """Draw no more items."""
        with self.change:
            self.end = True
            self.change.notify_all()

    def next_result(self) -> Any:
        """The next result; IndexError after the last."""
        with self.change:
            self.change.wait_for(lambda: self.taken in self.results or (self.end and self.taken >= self.drawn))
            if self.taken not in self.results:
                raise IndexError
            result, error = self.results.pop(self.taken)
            self.taken += 1
            self.change.notify_all()
        if error is not None:
            raise error
        return result

    def stop(self, threads: list[threading.Thread]) -> None:
        """Let the threads end, and close the items."""
        self.finish()
        for thread in threads:
            if thread.ident is not None:
                thread.join(PATIENCE)
        if not any(thread.is_alive() for thread in threads):
            close = getattr(self.items, "close", None)
            if close is not None:
                close()
