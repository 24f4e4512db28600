"""What the commands and the command line share: errors, and types of arguments."""

import argparse
from collections.abc import Callable


class CommandError(Exception):
    """Something that the user can mend; its text, one line, says what and how."""


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A type of argument: a whole number from `least` to `most`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, received {text!r}")
        return int(text)

    return parse
