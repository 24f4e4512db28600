"""Compare the speed of training with other frameworks on this machine.

Every model is trained by fastcnn and by those of PyTorch (both memory formats), Keras on TensorFlow, Keras on JAX and
plain JAX that are installed in this Python, or in the Pythons that options name:

    fastcnn bench --torch venv-torch/bin/python --jax venv-jax/bin/python

Each runs in a process of its own. All of them take turns at a model, so that whatever slows the machine down meets all,
and are tested on the test set at the end. The data sets are the real ones where the cache folder has them (nothing is
downloaded), else synthetic images of the same shapes. With --steps 0 a turn is an epoch; all models take hours then.
"""

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import fastcnn
from fastcnn.benchmarks.compare import Effort, compete, table
from fastcnn.benchmarks.contestants import CONTESTANTS
from fastcnn.benchmarks.plot import SUFFIXES, draw
from fastcnn.benchmarks.process import available
from fastcnn.benchmarks.programs import PROGRAMS
from fastcnn.cli.arguments import CommandError, whole_number

PYTHONS = tuple(dict.fromkeys(contestant.option for contestant in CONTESTANTS.values()))
MANY = 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fastcnn bench`."""
    for option in PYTHONS:
        help_text = f"the Python that has {option}; default: this one"
        parser.add_argument(f"--{option}", metavar="PYTHON", default=sys.executable, help=help_text)
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS), help="default: all")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), help="default: all")
    number = whole_number(1, MANY)
    parser.add_argument("--rounds", type=number, default=3, metavar="N", help="turns of each framework; default: 3")
    steps_help = "steps of a turn, 0 for an epoch; default: 100"
    parser.add_argument("--steps", type=whole_number(0, MANY), default=100, metavar="N", help=steps_help)
    parser.add_argument("--images", type=number, metavar="N", help="train on the first N images; default: all")
    parser.add_argument("--threads", type=whole_number(1, 1024), metavar="N", help="default: see fastcnn info")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw them there: .png or .svg")


def check_output(json_file: Path | None, picture: Path | None) -> None:
    """Find out before the run what would prevent the writing after it."""
    for option, path in (("--json", json_file), ("--plot", picture)):
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise CommandError(f"{option}: {str(path)!r} must be a file in a folder that exists")
    if picture is not None and picture.suffix not in SUFFIXES:
        raise CommandError(f"--plot must end in {' or '.join(SUFFIXES)}, received {str(picture)!r}")
    if picture is not None and find_spec("matplotlib") is None:
        raise CommandError('--plot needs matplotlib: pip install "fastcnn[plot]"')


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, write."""
    check_output(arguments.json, arguments.plot)
    threads = arguments.threads or fastcnn.get_num_threads()
    effort = Effort(arguments.rounds, arguments.steps or None, arguments.images, threads)
    pythons = available({option: getattr(arguments, option) for option in PYTHONS}, arguments.only)
    if not pythons:
        raise CommandError("no framework is left to run; --fastcnn, --torch, ... name the Pythons that have them")
    results = {}
    for name in arguments.programs:
        results[name] = compete(name, pythons, effort)
        print(table(name, results[name], effort), flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=1))
    print("; ".join(sorted({row["version"] for result in results.values() for row in result["rows"].values()})))
    if arguments.plot:
        draw(results, arguments.plot)
    return 0
