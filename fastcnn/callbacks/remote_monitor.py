"""The results of epochs, sent to a server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping

import numpy as np

from fastcnn.callbacks.callback import Callback, Logs

TIMEOUT = 10.0
"""Seconds that a server may take."""


class RemoteMonitor(Callback):
    """Sends the number and the results of each epoch to a server, by HTTP POST. Where it cannot be reached, there is a
    warning, and training goes on.

    Args:
        root: The server's address. Default `"http://localhost:9000"`.
        path: Where the results are sent there. Default `"/publish/epoch/end/"`.
        field: The field of the form that holds the results, as JSON. Default `"data"`.
        headers: Further headers, by name.
        send_as_json: Whether the results are sent as JSON by themselves, not in a form. Default False.

    Raises:
        ValueError: `root` is no http address.

    Example:

    >>> from fastcnn import callbacks
    >>> monitor = callbacks.RemoteMonitor("http://localhost:9000")
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not isinstance(root, str) or not root.startswith(("http://", "https://")):
            raise ValueError(f"root must be an http or https address, received root={root!r}")
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Send the results."""
        from urllib.error import HTTPError  # urllib takes long to import
        from urllib.parse import urlencode
        from urllib.request import Request, urlopen

        results = {"epoch": epoch, **{name: np.asarray(value).tolist() for name, value in (logs or {}).items()}}
        text = json.dumps(results)
        body = text if self.send_as_json else urlencode({self.field: text})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        request = Request(self.root + self.path, body.encode(), {"Content-Type": kind, **(self.headers or {})})
        try:
            with urlopen(request, timeout=TIMEOUT):
                pass
        except HTTPError as answer:  # reached, though it does not like what it got
            answer.close()
        except OSError:
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root}", stacklevel=2)
