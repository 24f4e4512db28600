"""Training that goes on after its process was killed."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.callbacks.intervals import Intervals
from fastcnn.utils.arguments import checked_path

FILE = "training_state.zip"


class BackupAndRestore(Callback):
    """Saves the state of training again and again, so that `fit` goes on there when a program is started anew after it
    was broken off: the weights end with the same bits as those of a program that ran through.

    Saved are the weights, moving statistics, the optimizer's variables and learning rate, the seeds of random layers
    and of the shuffling, the sums of metrics, and what `EarlyStopping`, `ReduceLROnPlateau`, `ModelCheckpoint` and
    `SwapEMAWeights` keep; of callbacks of your own what their `backup_state` returns. The program that is started anew
    must make the same model, compile it alike, and pass the same data. Batches from an iterable are taken again, and
    left out, up to the place where training goes on: they must come in the same order. A file takes its name when it is
    complete, so a program may be killed at any time.

    Args:
        backup_dir: A folder, which nothing else uses; made if need be.
        save_freq: `"epoch"`: the state is saved at the end of each epoch; an integer: each time after so many batches.
        double_checkpoint: Whether the state before is kept too, and taken where the last one cannot be read. Default
            False.
        delete_checkpoint: Whether the files are deleted when training is over. Default True.

    Raises:
        ValueError: `backup_dir` is empty, or `save_freq` is something else; in `fit`, if the model is not built, or the
            files are of another model.

    It acts behind all other callbacks, wherever it stands in the list. `History` holds the epochs of this process.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> from fastcnn import Input, Sequential, callbacks, layers
    >>> model = Sequential([Input((2,)), layers.Dense(1)])
    >>> model.compile("sgd", loss="mse")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     backup = callbacks.BackupAndRestore(folder + "/backup")
    ...     history = model.fit(np.zeros((8, 2)), np.zeros(8), epochs=2, verbose=0, callbacks=[backup])
    """

    goes_last = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        self.backup_dir = checked_path(backup_dir, "backup_dir")
        self.save_freq = save_freq
        self.intervals = Intervals(save_freq)
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.path = Path(self.backup_dir, FILE)
        self.previous = Path(self.backup_dir, f"{FILE}.bkp")
        self.current_epoch = 0
        self.within_epoch = False
        self.postponed = False
        if self.intervals.every is None:
            self.idle = (BackupAndRestore.on_train_batch_end,)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Bring the model to the state that was saved, if there is one."""
        if not self.model.built:
            raise ValueError(
                "To use the BackupAndRestore callback, you model must be built before you call `fit()`. "
                f"Model {self.model} is unbuilt. You can build it beforehand by calling it on a batch of data."
            )
        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        self.remove_unfinished()
        self.restore()
        self.within_epoch = self.model.progress.skip > 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """In an epoch that was begun before, undo what other callbacks do at the start of one: it is done already."""
        self.current_epoch = epoch
        if self.within_epoch:
            self.within_epoch = False
            self.restore()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save the state, where it is time; behind the last batch of an epoch this is left to the end of the epoch."""
        if self.intervals.is_due(batch):
            self.postponed = batch + 1 == self.params.get("steps")
            if not self.postponed:
                self.save(self.current_epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save the state, where it is time."""
        if self.intervals.every is None or self.postponed:
            self.postponed = False
            self.save(epoch + 1, 0)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Delete the files."""
        if self.delete_checkpoint:
            self.remove_unfinished()
            for path in (self.path, self.previous):
                path.unlink(missing_ok=True)
            with suppress(OSError):  # something else is in it
                os.rmdir(self.backup_dir)

    def save(self, epoch: int, done: int) -> None:
        """Write the state: after so many batches of an epoch."""
        from fastcnn.saving.training_state import save_training_state

        save_training_state(self.model, self.path, epoch, done, self.previous if self.double_checkpoint else None)

    def restore(self) -> None:
        """Read the last state; where it is damaged or missing, the one before, if it is kept."""
        from fastcnn.saving.training_state import load_training_state

        if self.path.exists():
            try:
                load_training_state(self.model, self.path)
                return
            except ValueError as error:
                if not self.previous.exists():
                    raise ValueError(f"{error}; delete {self.backup_dir!r} to train from the start") from error
                warnings.warn(f"{error}; going on from {str(self.previous)!r}", stacklevel=2)
        if self.previous.exists():
            load_training_state(self.model, self.previous)

    def remove_unfinished(self) -> None:
        """Delete what was being written when a process was killed."""
        for path in Path(self.backup_dir).glob(f".{FILE}.*.tmp"):
            path.unlink(missing_ok=True)

    def backup_state(self) -> dict[str, int]:
        """How many batches have passed since the last time."""
        return {"passed": self.intervals.passed, "last": self.intervals.last}

    def restore_state(self, state: dict[str, int]) -> None:
        """Go on counting."""
        self.intervals.passed, self.intervals.last = state["passed"], state["last"]
