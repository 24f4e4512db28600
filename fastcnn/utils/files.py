"""Files of the user's choice from the network, kept in the cache."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastcnn.utils import cache


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    *,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the network, downloaded unless it is in the cache.

    Args:
        fname: Name for the file in the cache. Default None: the last part of the address.
        origin: http or https address.
        file_hash: SHA-256 or MD5 checksum, in hexadecimal. A cached file that has another is downloaded anew. Default
            None: not checked.
        cache_subdir: Folder within the cache folder. Default `"datasets"`.
        cache_dir: Cache folder. Default None: `$FASTCNN_HOME`, else `$KERAS_HOME`, else the user's cache.
        force_download: Download even if the file is there. Default False.

    Returns:
        Path of the file.

    Raises:
        ValueError: No `origin`, one that is no http address, or an `fname` with folders.
        DownloadError: The file could not be had, or has another checksum; the cache is as it was before.

    Example:

    >>> from fastcnn import utils
    >>> path = utils.get_file(origin="https://example.org/images.npz")  # doctest: +SKIP
    """
    from fastcnn.utils.download import algorithm_of, checksum_of, download  # urllib takes long to import

    if not origin:
        raise ValueError("origin must be the address of the file, such as 'https://example.org/images.npz'")
    name = fname if fname is not None else unquote(Path(urlsplit(origin).path).name)
    if not name or name in (".", "..") or name != Path(name).name:
        raise ValueError(f"fname must be a file's name without folders, not {name!r}; use cache_subdir for a folder")
    home = Path(cache_dir).expanduser() if cache_dir is not None else cache.homes()[0]
    path = home / cache_subdir / name
    usable = path.is_file() and not force_download
    if usable and file_hash is not None:
        usable = checksum_of(path, algorithm_of(file_hash)) == file_hash.lower()
    if not usable:
        download(origin, path, checksum=file_hash)
    return str(path)
