"""Writing a file so that it is there completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_path(path: str | os.PathLike[str], overwrite: bool) -> Iterator[Path]:
    """A temporary path in the same folder, which takes the name `path` when the block ends without an error.

    Raises:
        FileExistsError: the file exists and `overwrite` is False.
        FileNotFoundError: there is no such folder.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise FileExistsError(f"{str(target)!r} exists already; pass overwrite=True to replace it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(target.parent)!r} to write {target.name!r} to; make it first")
    temporary = target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
