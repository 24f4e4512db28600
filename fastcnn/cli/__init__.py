"""The command `fastcnn`: `info`, `train`, `predict`, `profile` and `bench`.

A command is a module with a function that describes its arguments and one that runs it and returns the exit code.
What the user can mend is raised as a `CommandError` and printed as one line; the exit code is 2 then, as for wrong
arguments.
"""

import argparse
import sys
from collections.abc import Sequence

import fastcnn
from fastcnn.cli import bench, info, predict, profile, train
from fastcnn.cli.arguments import CommandError

__all__ = ["main"]

COMMANDS = {"info": info, "train": train, "predict": predict, "profile": profile, "bench": bench}
INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C has ended."""


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(prog="fastcnn", description="Train and run convolutional networks on the CPU.")
    top.add_argument("--version", action="version", version=f"fastcnn {fastcnn.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0]
        command = commands.add_parser(
            name,
            help=summary[0].lower() + summary[1:].rstrip("."),
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The arguments, without the program's name. Default: those that the process was given.

    Returns:
        The exit code: 0, 2 where the user has to mend something, 130 after Ctrl-C.

    Raises:
        SystemExit: The arguments are wrong (2), or ask for help or the version (0).

    Example:

    >>> from fastcnn import cli
    >>> cli.main(["info"])
    fastcnn ...
    0
    """
    parsed = parser().parse_args(arguments)
    try:
        return parsed.run(parsed)
    except CommandError as error:
        print(f"fastcnn {parsed.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nfastcnn {parsed.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
