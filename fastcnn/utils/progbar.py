"""The progress bar of `fit`, `evaluate`, `predict` and downloads, as Keras users know it.

On a terminal (or in a notebook) one line is drawn over and over; elsewhere a plain line is written when the bar is
finished, so that a log file holds no control characters.
"""

import math
import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.interactive import is_interactive_logging_enabled

BOLD, GREEN, WHITE, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


def is_live(stream: Any) -> bool:
    """Whether a line can be drawn over: a terminal, a notebook or PyCharm's console."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ


def write(stream: Any, text: str) -> None:
    """Write and flush; where the stream's encoding lacks the bar's character, a `=` takes its place."""
    if not is_interactive_logging_enabled():
        import logging

        if text.strip():
            logging.getLogger("fastcnn").info(text.strip())
        return
    if stream is None:  # a program without a console
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(text.replace("━", "=").encode(encoding, "replace").decode(encoding))
    stream.flush()


def format_remaining(seconds: float) -> str:
    """`1:02:03`, `2:03` or `3s`."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    if seconds > 60:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole}s"


def format_per_unit(seconds: float, unit: str) -> str:
    """`2s/step`, `2ms/step` or `2us/step`."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"


class Progbar:
    """Shows how far a loop is, how long it takes, and the metrics so far.

    Args:
        target: Number of steps, or None if unknown.
        width: Characters of the bar. Default 20.
        verbose: 0 silent, 1 a live bar (a plain line at the end where the output is no terminal), 2 a plain line at
            the end. Default 1.
        interval: Least time between two drawings, in seconds. Default 0.05.
        stateful_metrics: Names of metrics shown as given; all others are averaged over the steps. Default none.
        stateless_metrics: The reverse: names of the metrics to average, all others being shown as given. Only one of
            the two may be given.
        unit_name: What a step is called. Default `"step"`.

    Raises:
        ValueError: Both `stateful_metrics` and `stateless_metrics` are given.

    Example:

    >>> from fastcnn import utils
    >>> bar = utils.Progbar(100, stateful_metrics=["loss"])
    >>> for step in range(100):
    ...     bar.update(step + 1, [("loss", 1 / (step + 1))])
    100/100 - 0s - ...s/step - loss: 0.0100
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("only one of stateful_metrics and stateless_metrics may be given")
        self.target = None if target is None else checked_integer(target, "target", least=0)
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = None if stateless_metrics is not None else set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._live = verbose == 1 and is_live(sys.stdout)
        self._sums: dict[str, list[Any]] = {}  # name: [sum, number of steps], in order of first appearance
        self._current = 0
        self._start = time.perf_counter()
        self._after_first_step: float | None = None
        self._last_drawn = -math.inf
        self._drawn_length = 0

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Take over a step's values, and draw the bar if the last drawing is old enough.

        Args:
            current: Steps done.
            values: Pairs `(name, value)` of this step.
            finalize: Whether the loop is done. Default None: when `current` reaches the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        steps = max(current - self._current, 1)
        for name, value in values or ():
            if finalize or not self._averages(name):
                self._sums[name] = [value, 1]
            else:
                total = self._sums.setdefault(name, [0.0, 0])
                total[0] += value * steps
                total[1] += steps
        self._current = current
        now = time.perf_counter()
        step_time = self._step_time(current, now)
        if self._live:
            if finalize or now - self._last_drawn >= self.interval:
                self._draw(current, now, step_time, finalize)
        elif self.verbose and finalize:
            done = self._count(current).strip()
            parts = [done, f"{now - self._start:.0f}s", format_per_unit(step_time, self.unit_name), *self._metrics()]
            write(sys.stdout, " - ".join(parts) + "\n")

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """`update` by `n` more steps."""
        self.update(self._current + n, values)

    def _averages(self, name: str) -> bool:
        if self.stateful_metrics is not None:
            return name not in self.stateful_metrics
        return name in (self.stateless_metrics or ())

    def _step_time(self, current: int, now: float) -> float:
        """Seconds per step; the first step, which may include preparations, counts only while it is alone."""
        if not current:
            return 0.0
        if self._after_first_step is not None and current > 1:
            return (now - self._after_first_step) / (current - 1)
        if current == 1:
            self._after_first_step = now
        return (now - self._start) / current

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _metrics(self) -> list[str]:
        texts = []
        for name, (total, steps) in self._sums.items():
            value = float(np.mean(total)) / steps
            texts.append(f"{name}: {value:.4f}" if abs(value) > 1e-3 else f"{name}: {value:.4e}")
        return texts

    def _draw(self, current: int, now: float, step_time: float, finalize: bool) -> None:
        """Draw over the last drawing; a line longer than the terminal is cut until the bar is finished."""
        count = self._count(current)
        bar_width = 0
        line = count
        if self.target:
            bar_width = self.width
            full = min(int(self.width * current / self.target), self.width)
            green = f"{GREEN}{'━' * full}{PLAIN}" if full else ""
            line = f"{BOLD}{count}{PLAIN} {green}{WHITE}{'━' * (self.width - full)}{PLAIN}"
        if self.target and not finalize:
            elapsed = format_remaining(step_time * (self.target - current))
        else:
            elapsed = f"{now - self._start:.0f}s"
        details = " - ".join([f" {format_per_unit(step_time, self.unit_name)}", *self._metrics()])
        length = len(count) + (1 + bar_width if bar_width else 0) + 1 + len(elapsed)
        if not finalize:
            import shutil  # not imported before it is needed

            details = details[: max(shutil.get_terminal_size().columns - 1 - length, 0)]
        length += len(details)
        padding = " " * (self._drawn_length - length)
        end = "\n" if finalize else ""
        write(sys.stdout, f"\r{line} {BOLD}{elapsed}{PLAIN}{details}{padding}{end}")
        self._drawn_length = length
        self._last_drawn = now
