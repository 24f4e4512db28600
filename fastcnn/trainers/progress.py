"""Where a call of `fit` stands: what another process needs, besides the model's variables, to go on from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.trainers.compiled import Compiled


class Progress:
    """The place of a running `fit`, by epoch and batch. Callbacks find it as `model.progress`.

    Args:
        batches: where the batches come from.
        compiled: has the metrics.
        callbacks: the callbacks of the run.
        epoch: the first epoch.
    """

    def __init__(self, batches: Any, compiled: Compiled, callbacks: Sequence[Any], epoch: int) -> None:
        self.batches, self.compiled, self.callbacks = batches, compiled, callbacks
        self.epoch = epoch
        self.skip = 0
        self.waiting: list[list[np.ndarray]] | None = None

    def state(self, epoch: int, done: int) -> dict[str, Any]:
        """The place after so many batches of an epoch (0: before the first one), as JSON can hold it."""
        return {"epoch": epoch, "batch": done, "data": self.batches.state(done)}

    def metric_values(self) -> list[list[np.ndarray]]:
        """What the metrics have summed up in this epoch."""
        return [[variable.value for variable in metric.variables] for metric in self.compiled.all_metrics]

    def restore(self, state: dict[str, Any], metric_values: list[list[np.ndarray]]) -> None:
        """Go on from a place.

        Raises:
            ValueError: within an epoch, there are other batches now than there were.
        """
        self.epoch, self.skip = state["epoch"], state["batch"]
        steps = state["data"]["steps"]
        if self.batches.steps is None:
            self.batches.steps = steps  # of a source that does not know its length
        if self.skip and steps is not None and steps != self.batches.steps:
            raise ValueError(
                f"an epoch had {steps} batches when the state was saved in the middle of one, now it has "
                f"{self.batches.steps}; pass the same data, batch_size and steps_per_epoch"
            )
        self.batches.restore(state["data"])
        self.waiting = metric_values if self.skip else None

    def take_skip(self) -> int:
        """How many batches of the epoch that begins were run before."""
        skip, self.skip = self.skip, 0
        return skip

    def restore_metrics(self) -> None:
        """Give the metrics what they had summed up: when the first batch is there, for which they are made.

        Raises:
            ValueError: there are other metrics now.
        """
        values, self.waiting = self.waiting or [], None
        metrics = self.compiled.all_metrics
        shapes = [[variable.value.shape for variable in metric.variables] for metric in metrics]
        if [[value.shape for value in own] for own in values] != shapes:
            raise ValueError("the metrics are others than those of the saved state; compile the model as it was")
        for metric, own in zip(metrics, values, strict=True):
            for variable, value in zip(metric.variables, own, strict=True):
                variable.assign(value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies of a model stand nowhere."""
        return type(None), ()
