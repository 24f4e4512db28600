"""The folders in which downloaded files are kept, laid out as Keras lays out its own (`datasets/mnist.npz`, ...).

`FASTCNN_HOME`, else `KERAS_HOME`, names the one folder to use. Without them files go to the user's cache
(`$XDG_CACHE_HOME/fastcnn` or `~/.cache/fastcnn`), and are also found in `~/.keras`, where Keras may have put them.
"""

import os
from pathlib import Path


def homes() -> list[Path]:
    """Folders to look for files in, in this order; downloads go to the first."""
    for variable in ("FASTCNN_HOME", "KERAS_HOME"):
        if os.environ.get(variable):
            return [Path(os.environ[variable]).expanduser()]
    user = Path(os.path.expanduser("~"))
    if not user.is_absolute():
        raise RuntimeError("this user has no home folder: set FASTCNN_HOME to a folder for data sets")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or user / ".cache")
    return [cache / "fastcnn", user / ".keras"]


def find(*names: str) -> Path | None:
    """The first of the files or folders `names` (relative to a cache folder) that there is in any cache folder."""
    for home in homes():
        for name in names:
            if os.path.exists(home / name):
                return home / name
    return None
