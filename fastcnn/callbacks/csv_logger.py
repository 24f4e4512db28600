"""The results of epochs in a CSV file."""

from __future__ import annotations

import csv
import os
from typing import IO, Any

from fastcnn.callbacks.callback import Callback, Logs
from fastcnn.utils.arguments import checked_path


class CSVLogger(Callback):
    """Writes a row for each epoch: its number, from 0, and all values of the logs by name.

    Args:
        filename: The file.
        separator: What stands between values. Default `","`.
        append: Whether rows are added to a file that exists. Default False: it is replaced.

    Example:

    >>> import os, tempfile
    >>> from pathlib import Path
    >>> from fastcnn import callbacks
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = callbacks.CSVLogger(os.path.join(folder, "log.csv"))
    ...     log.on_train_begin()
    ...     log.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
    ...     log.on_train_end()
    ...     Path(folder, "log.csv").read_text().split()
    ['epoch,loss,val_loss', '0,0.5,0.75']
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = checked_path(filename, "filename")
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(f"separator must be one character, received separator={separator!r}")
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self.file: IO[str] | None = None
        self.writer: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        self.close()
        self.keys = None
        self.file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a row; before the first one, the names of the columns, if the file has none yet."""
        logs = logs or {}
        assert self.file is not None
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            self.writer = csv.writer(self.file, delimiter=self.sep, lineterminator="\n")
            if self.file.tell() == 0:
                self.writer.writerow(["epoch", *self.keys])
        self.writer.writerow([epoch, *(logs.get(key, "NA") for key in self.keys)])
        self.file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file, if it is open."""
        if self.file is not None:
            self.file.close()
        self.file = self.writer = None
