"""Where the data sets' files come from (the cache folders, else the network), and the error for a broken one."""

from pathlib import Path
from typing import NamedTuple

from fastcnn.utils import cache


class Remote(NamedTuple):
    """A public file and what it must be."""

    url: str
    size: int
    sha256: str


def obtain(name: str, remote: Remote) -> Path:
    """The file `name` (relative to a cache folder) from the cache, else downloaded into it."""
    found = cache.find(name)
    if found is not None:
        return found
    from fastcnn.utils.download import download  # urllib takes long to import

    path = cache.homes()[0] / name
    download(remote.url, path, checksum=remote.sha256, size=remote.size)
    return path


def broken(path: Path, problem: str) -> ValueError:
    """The error for a file whose content is not what it should be."""
    return ValueError(f"{path} cannot be used: {problem}. Delete it, and it will be downloaded again when needed")
