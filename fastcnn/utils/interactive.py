"""Whether progress is written to the terminal, or handed to Python's logging."""

from __future__ import annotations

STATE = {"interactive": True}


def enable_interactive_logging() -> None:
    """Let progress be written to the standard output, as it is at import."""
    STATE["interactive"] = True


def disable_interactive_logging() -> None:
    """Let progress go to the logger `"fastcnn"` of Python's logging, at level INFO, in place of the standard output.

    Example:

    >>> from fastcnn import utils
    >>> utils.disable_interactive_logging()
    >>> utils.is_interactive_logging_enabled()
    False
    >>> utils.enable_interactive_logging()
    """
    STATE["interactive"] = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress is written to the standard output."""
    return STATE["interactive"]
