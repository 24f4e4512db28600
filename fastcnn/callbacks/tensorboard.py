"""The course of training as event files, which TensorBoard shows. The package tensorboardX writes them."""

from __future__ import annotations

import os
import time
from typing import Any

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.utils.arguments import checked_path


class TensorBoard(Callback):
    """Writes event files: results of training into `log_dir/train`, those of validation into `log_dir/validation`.

    Args:
        log_dir: The folder; `tensorboard --logdir` takes it. Default `"logs"`.
        histogram_freq: Write histograms of all weights after every so many epochs. Default 0: never.
        write_graph: Accepted for Keras's sake; graphs are not written.
        write_images: Accepted for Keras's sake; weights are not shown as pictures.
        write_steps_per_second: Whether the speed of training is written after each epoch. Default False.
        update_freq: `"epoch"`, or a number of batches after which the results are written too, or `"batch"`.
        profile_batch: Accepted for Keras's sake; see `model.profile`.
        embeddings_freq: 0 only.
        embeddings_metadata: None only.

    Raises:
        ImportError: tensorboardX is not installed.
        ValueError: An argument asks for what is not there.

    Example:

    >>> from fastcnn import callbacks
    >>> board = callbacks.TensorBoard("runs/first", histogram_freq=1)  # doctest: +SKIP
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: None = None,
    ) -> None:
        super().__init__()
        if embeddings_freq or embeddings_metadata is not None:
            raise ValueError("TensorBoard: embeddings are not written here; leave embeddings_freq at 0")
        if update_freq not in ("epoch", "batch") and not isinstance(update_freq, int):
            raise ValueError(f"update_freq must be 'epoch', 'batch' or an integer, received {update_freq!r}")
        self.log_dir = checked_path(log_dir, "log_dir")
        self.histogram_freq = histogram_freq
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        if update_freq == "epoch":
            self.idle = (TensorBoard.on_train_batch_end,)
        self.writer_class = import_writer()
        self.writers: dict[str, Any] = {}
        self.step_before = 0
        self.started = 0.0

    def writer(self, name: str) -> Any:
        """The event file of a part of the results, opened when it is first needed."""
        if name not in self.writers:
            self.writers[name] = self.writer_class(os.path.join(self.log_dir, name))
        return self.writers[name]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the clock."""
        self.started, self.step_before = time.perf_counter(), self.step()

    def step(self) -> int:
        """The number of batches trained on so far."""
        return int(self.model.optimizer.iterations)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write the results so far, where it is time."""
        step = self.step()
        if self.update_freq != "epoch" and step % int(self.update_freq) == 0:
            for name, value in (logs or {}).items():
                self.writer("train").add_scalar(f"batch_{name}", value, step)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the results of the epoch."""
        for name, value in (logs or {}).items():
            validation = name.startswith("val_")
            tag = f"epoch_{name.removeprefix('val_')}"
            self.writer("validation" if validation else "train").add_scalar(tag, value, epoch)
        if self.write_steps_per_second:
            speed = (self.step() - self.step_before) / (time.perf_counter() - self.started)
            self.writer("train").add_scalar("epoch_steps_per_second", speed, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for layer in self.model.layers:
                for weight in layer.weights:
                    self.writer("train").add_histogram(f"{layer.name}/{weight.name}", weight.numpy(), epoch)
        for writer in self.writers.values():
            writer.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the files."""
        for writer in self.writers.values():
            writer.close()
        self.writers.clear()


def import_writer() -> Any:
    """The class that writes event files.

    Raises:
        ImportError: the package tensorboardX is not installed.
    """
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise ImportError("the callback TensorBoard needs the package tensorboardX: pip install tensorboardX") from None
    return SummaryWriter
