"""Show op by op where the time of a model's steps goes, and how near that is to what this machine can do.

The steps are those of training, as the model was compiled when it was saved, else with Adam and the loss that fits its
output; or with --predict those of prediction. Inputs are random. The file is only read.
"""

import argparse
from pathlib import Path

import numpy as np

import fastcnn
from fastcnn.cli.arguments import CommandError, whole_number
from fastcnn.models import Model, load_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fastcnn profile`."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="a model file, NAME.fastcnn or NAME.keras")
    number = whole_number(1, 1_000_000)
    parser.add_argument("--batch-size", type=number, default=32, metavar="N", help="rows of a batch; default: 32")
    shape_help = "of one row, for models whose input leaves sizes open: --input-shape 64 64 3"
    parser.add_argument("--input-shape", type=number, nargs="+", metavar="N", help=shape_help)
    parser.add_argument("--predict", action="store_true", help="profile prediction instead of training")
    parser.add_argument("--threads", type=whole_number(1, 1024), metavar="N", help="default: see fastcnn info")


def fitting_loss(model: Model) -> str:
    """The loss of class numbers where the output looks like probabilities of classes, else the squared error."""
    activation = getattr(model.layers[-1], "activation", None)
    is_softmax = getattr(activation, "__name__", "") == "softmax"
    return "sparse_categorical_crossentropy" if is_softmax else "mse"


def run(arguments: argparse.Namespace) -> int:
    """Print the profile."""
    try:
        model = load_model(arguments.model)
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from None
    if arguments.threads:
        fastcnn.set_num_threads(arguments.threads)
    if not (arguments.predict or model.compiled):
        model.compile("adam", fitting_loss(model))
    shape = arguments.input_shape
    x = np.random.default_rng(0).random((arguments.batch_size, *shape), np.float32) if shape else None
    try:
        print(model.profile(arguments.batch_size, training=not arguments.predict, x=x))
    except ValueError as error:
        remedy = "" if shape else " by --input-shape"
        text = str(error).replace(": pass x", f": give them{remedy}")
        raise CommandError(f"{str(arguments.model)!r} cannot be profiled: {text}") from None
    return 0
