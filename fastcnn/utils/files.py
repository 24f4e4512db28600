"""Files of the user's choice from the network, kept in the cache, and archives unpacked."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastcnn.utils import cache
from fastcnn.utils.arguments import checked_path

ALGORITHMS = ("auto", "md5", "sha256")
ARCHIVES = ("tar", "zip")


def get_file(
    fname: str | os.PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the network, downloaded unless it is in the cache.

    Args:
        fname: Name for the file in the cache. Default None: the last part of the address.
        origin: http or https address.
        untar: Old way to say `extract=True, archive_format="tar"`.
        md5_hash: Old way to say `file_hash`.
        file_hash: SHA-256 or MD5 checksum, in hexadecimal. A cached file that has another is downloaded anew. Default
            None: not checked.
        cache_subdir: Folder within the cache folder, or an absolute path. Default `"datasets"`.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"` (default): seen from the checksum's length.
        extract: Whether to unpack an archive: into the folder `fname`, or `fname_extracted` without the suffix if it
            has one. Members that would lie outside of the folder are refused. Default False.
        archive_format: `"tar"` (also compressed), `"zip"`, a list of them, or `"auto"` (default): both. None: not
            unpacked.
        cache_dir: Cache folder. Default None: `$FASTCNN_HOME`, else `$KERAS_HOME`, else the user's cache.
        force_download: Download even if the file is there. Default False.

    Returns:
        Path of the file, or of the folder with what was unpacked.

    Raises:
        ValueError: No `origin`, one that is no http address, an `fname` with folders, an unknown algorithm or
            format, or a file that is no such archive.
        DownloadError: The file could not be had, or has another checksum; the cache is as it was before.

    Example:

    >>> from fastcnn import utils
    >>> path = utils.get_file(origin="https://example.org/images.npz")  # doctest: +SKIP
    """
    from fastcnn.utils.download import algorithm_of, checksum_of, download  # urllib takes long to import

    if not origin or not isinstance(origin, str):
        raise ValueError("origin must be the address of the file, such as 'https://example.org/images.npz'")
    name = checked_path(fname, "fname") if fname is not None else unquote(Path(urlsplit(origin).path).name)
    if not name or name in (".", "..") or name != Path(name).name:
        raise ValueError(f"fname must be a file's name without folders, not {name!r}; use cache_subdir for a folder")
    if hash_algorithm not in ALGORITHMS:
        raise ValueError(f"hash_algorithm must be one of {ALGORITHMS}, not {hash_algorithm!r}")
    checksum = file_hash if file_hash is not None or md5_hash is None else md5_hash
    if checksum is not None and hash_algorithm not in ("auto", algorithm_of(checksum)):
        raise ValueError(f"file_hash {checksum!r} is no checksum by hash_algorithm={hash_algorithm!r}")
    formats = wanted_formats("tar" if untar else archive_format) if extract or untar else []
    folder = (Path(cache_dir).expanduser() if cache_dir is not None else cache.homes()[0]) / cache_subdir
    path, target = folder / name, folder / name
    if extract or untar:
        if fname is not None and "." in name:
            target = folder / f"{name[: name.find('.')]}_extracted"
        else:
            path = folder / f"{name}_archive"
    usable = path.is_file() and not force_download
    if usable and checksum is not None:
        usable = checksum_of(path, algorithm_of(checksum)) == checksum.lower()
    if not usable:
        download(origin, path, checksum=checksum)
    if formats and not (usable and target.is_dir()):
        unpack(path, target, formats)
    return str(target)


def wanted_formats(archive_format: str | Sequence[str] | None) -> list[str]:
    """The formats to try.

    Raises:
        ValueError: one is unknown.
    """
    if archive_format is None:
        return []
    if isinstance(archive_format, str):
        archive_format = ARCHIVES if archive_format == "auto" else (archive_format,)
    for one in archive_format:
        if one not in ARCHIVES:
            raise ValueError(f"archive_format must be 'auto' or one of {ARCHIVES}, not {one!r}")
    return list(archive_format)


def unpack(path: Path, target: Path, formats: Sequence[str]) -> None:
    """Unpack an archive into a folder, which takes its name once all is there.

    Raises:
        ValueError: it is no archive of these formats, is damaged, or has members that would lie outside of the folder.
    """
    import tarfile  # rarely needed, and slow to import
    import zipfile
    import zlib

    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        inside = Path(place) / "content"
        inside.mkdir()
        try:
            if "tar" in formats and tarfile.is_tarfile(path):
                with tarfile.open(path) as archive:
                    check_members(path, [member.name for member in archive.getmembers()])
                    if hasattr(tarfile, "data_filter"):
                        archive.extractall(inside, filter="data")
                    else:  # Python before 3.10.12 and 3.11.4: files and folders only, since links may lead outside
                        plain = [member for member in archive.getmembers() if member.isfile() or member.isdir()]
                        archive.extractall(inside, members=plain)
            elif "zip" in formats and zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as zipped:
                    check_members(path, zipped.namelist())
                    zipped.extractall(inside)
            else:
                raise ValueError(f"{path} is no archive of the format {' or '.join(formats)}")
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{path} cannot be unpacked: {error}") from error
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(inside, target)


def check_members(path: Path, names: Sequence[str]) -> None:
    """Refuse archives with members that would lie outside of the folder they are unpacked to.

    Raises:
        ValueError: there is one.
    """
    for name in names:
        if os.path.isabs(name) or ".." in Path(name).parts:
            raise ValueError(f"{path} cannot be unpacked: its member {name!r} would lie outside of the folder")
