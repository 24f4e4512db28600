"""Download of one file: with a time-out, retries, a progress bar, checks of length and checksum, and an atomic rename.

The bytes go to a hidden file beside the destination, which is renamed once all is checked and removed if anything goes
wrong, Ctrl-C included: the destination either is complete or is not touched.
"""

import contextlib
import hashlib
import math
import os
import secrets
import sys
import time
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from fastcnn.utils import progbar

CHUNK = 1 << 18
MEGABYTE = 1_000_000
# Checksum algorithms, by the number of hexadecimal digits.
ALGORITHMS = {32: "md5", 64: "sha256"}
# Answers of a server that may be different in a moment: time-out, too early, too many requests.
PASSING_STATUS = (408, 425, 429)


class DownloadError(OSError):
    """A file could not be downloaded; the message says from where, what was expected and received, and what to do."""


class TruncatedError(Exception):
    """The connection ended before the whole body had come."""


class AlteredError(Exception):
    """The body is not the expected one."""


def algorithm_of(checksum: str) -> str:
    """`"md5"` or `"sha256"`, by the checksum's length."""
    digits = set(checksum.lower()) <= set("0123456789abcdef")
    if not digits or len(checksum) not in ALGORITHMS:
        raise ValueError(f"a checksum must be a SHA-256 (64 hexadecimal digits) or MD5 (32), not {checksum!r}")
    return ALGORITHMS[len(checksum)]


def checksum_of(path: Path, algorithm: str) -> str:
    """Checksum of a file, in hexadecimal."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_passing(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in PASSING_STATUS
    return isinstance(error, (TruncatedError, URLError, TimeoutError, ConnectionError, HTTPException))


def receive(url: str, partial: Path, checksum: str | None, size: int | None, timeout: float, verbose: int) -> None:
    """One attempt: the body of `url` into the new file `partial`, checked."""
    digest = hashlib.new(algorithm_of(checksum), usedforsecurity=False) if checksum else None
    received = 0
    with urlopen(Request(url, headers={"User-Agent": "fastcnn"}), timeout=timeout) as response:
        length = response.headers.get("Content-Length", "")
        announced = int(length) if length.isdecimal() else None
        total = size if size is not None else announced
        if None not in (size, announced) and size != announced:
            raise AlteredError(f"the server announces {announced} bytes")
        bar = progbar.Progbar(math.ceil(total / MEGABYTE) if total else None, verbose=verbose, unit_name="MB")
        with partial.open("xb") as file:
            while chunk := response.read(CHUNK):
                received += len(chunk)
                if size is not None and received > size:
                    raise AlteredError(f"more than {size} bytes came")
                if digest:
                    digest.update(chunk)
                file.write(chunk)
                bar.update(received // MEGABYTE, finalize=False)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and received != total:
        raise TruncatedError(f"the connection ended after {received} of {total} bytes")
    if digest and digest.hexdigest() != checksum:
        raise AlteredError(f"{received} bytes with the {digest.name.upper()} checksum {digest.hexdigest()} came")
    bar.update(math.ceil(received / MEGABYTE), finalize=True)


def describe(checksum: str | None, size: int | None) -> str:
    """What was expected, as a sentence; empty if nothing is known."""
    parts = [f"{size} bytes"] if size is not None else []
    if checksum:
        parts.append(f"the {algorithm_of(checksum).upper()} checksum {checksum}")
    return f" Expected: {' with '.join(parts)}." if parts else ""


def explain(error: Exception) -> str:
    """What went wrong, in a few words."""
    return str(error) or type(error).__name__


def advise(error: Exception, path: Path) -> str:
    """What the user can do about it."""
    if isinstance(error, AlteredError):
        return f"It was altered on the way or has changed at its source; put the right file at {path} yourself."
    if isinstance(error, HTTPError) or is_passing(error):
        return f"Check the network connection and call again, or put the file at {path} yourself."
    return "Set FASTCNN_HOME to a folder that can be written to and has enough space."


def download(
    url: str,
    path: Path,
    *,
    checksum: str | None = None,
    size: int | None = None,
    timeout: float = 30.0,
    attempts: int = 3,
    pause: float = 1.0,
    verbose: int = 1,
) -> None:
    """Download `url` to `path`, replacing what is there only when all has come and is right.

    Args:
        url: http or https address.
        path: File to make; its folder is made if need be.
        checksum: SHA-256 or MD5 that the file must have, in hexadecimal. Default None: not checked.
        size: Bytes that the file must have. Default None: as many as the server announces.
        timeout: Seconds without an answer after which an attempt is given up. Default 30.
        attempts: Attempts in all; passing faults (time-outs, broken connections, errors within the server) are tried
            again. Default 3.
        pause: Seconds before the second attempt; doubled for each further one. Default 1.
        verbose: 0 silent, 1 the address and a progress bar. Default 1.

    Raises:
        ValueError: `url` is no http address, or `checksum` is none.
        DownloadError: The file could not be had; `path` is as it was before.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"url must begin with http:// or https://; it is {url!r}")
    checksum = checksum.lower() if checksum else None
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    if verbose:
        progbar.write(sys.stdout, f"Downloading data from {url}\n")
    for attempt in range(1, attempts + 1):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            receive(url, partial, checksum, size, timeout, verbose)
            os.replace(partial, path)
            return
        except Exception as error:
            if isinstance(error, HTTPError):
                error.close()
            if verbose:
                progbar.write(sys.stdout, "\n")
            if attempt == attempts or not is_passing(error):
                problem = f"could not download {url} to {path}: {explain(error)}, at attempt {attempt} of {attempts}."
                raise DownloadError(f"{problem}{describe(checksum, size)} {advise(error, path)}") from error
            wait = pause * 2 ** (attempt - 1)
            if verbose:
                progbar.write(sys.stdout, f"{explain(error)}; trying again in {wait:g} s\n")
            time.sleep(wait)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink()
