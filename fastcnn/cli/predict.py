"""Say what images show, by a model that was trained before.

Each image is converted to the size and the channels (gray, RGB or RGBA) of the model's input, and its pixels to 0 to 1,
with which the model must have been trained. The model's output must be one number for each class. Printed are, for each
image, the class and its probability; outputs that are not probabilities are taken as logits. Digits of MNIST are white
on black: use --invert for dark digits on light paper.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from fastcnn.cli.arguments import CommandError, whole_number
from fastcnn.models import Model, load_model
from fastcnn.utils.image import img_to_array, load_img, pillow

COLOR_MODES = {1: "grayscale", 3: "rgb", 4: "rgba"}
"""Channels of a model's input, and what an image is converted to for them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fastcnn predict`."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="a model file, NAME.fastcnn or NAME.keras")
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE", help="image files")
    parser.add_argument(
        "--top",
        type=whole_number(1, 1_000_000),
        default=1,
        metavar="N",
        help="the N likeliest classes; default: 1",
    )
    parser.add_argument("--invert", action="store_true", help="take light as dark and dark as light")


def read_model(path: Path) -> tuple[Model, tuple[int, int, int]]:
    """The model of a file, if it takes images and tells classes, and height, width and channels of its images."""
    try:
        model = load_model(path)
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from None
    sizes = [size for size in model.input_shape[1:] if size is not None]
    if len(model.input_shape) != 4 or len(sizes) != 3 or sizes[2] not in COLOR_MODES:
        raise CommandError(
            f"{str(path)!r} takes inputs of shape {model.input_shape}, not images: (None, height, width, 1, 3 or 4)"
        )
    if len(model.output_shape) != 2 or (model.output_shape[1] or 0) < 2:
        raise CommandError(f"{str(path)!r} has outputs of shape {model.output_shape}, not classes: (None, 2 or more)")
    height, width, channels = sizes
    return model, (height, width, channels)


def read_image(path: Path, height: int, width: int, channels: int) -> np.ndarray:
    """An image file as float32 (height, width, channels), 0 to 1."""
    try:
        image = load_img(path, COLOR_MODES[channels], (height, width), interpolation="bilinear")
        array = img_to_array(image)
    except FileNotFoundError:
        raise CommandError(f"there is no file {str(path)!r}") from None
    except Exception as error:  # Pillow raises many kinds for damaged files
        reason = getattr(error, "strerror", None) or "it is no image, or a damaged one"
        raise CommandError(f"{str(path)!r} cannot be read: {reason}") from None
    deep = image.mode.startswith("I")  # gray of 16 bits
    return array / (65535 if deep else 255)


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """A model's outputs (classes,), through softmax if they are not probabilities."""
    if outputs.min() >= 0 and abs(outputs.sum() - 1) < 1e-3:
        return outputs
    powers = np.exp(outputs - outputs.max())
    return powers / powers.sum()


def line(path: Path, chances: np.ndarray, top: int) -> str:
    """What is printed for an image: its likeliest classes, each with its probability."""
    best = np.argsort(-chances, kind="stable")[:top]
    return f"{path}: " + ", ".join(f"{number} ({chances[number]:.2%})" for number in best)


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each image; images that cannot be read are reported and left out."""
    model, image_shape = read_model(arguments.model)
    try:
        pillow()
    except ImportError:
        raise CommandError('reading images needs Pillow: pip install "fastcnn[images]"') from None
    failed = False
    for path in arguments.images:
        try:
            pixels = read_image(path, *image_shape)
        except CommandError as error:
            print(f"fastcnn predict: {error}", file=sys.stderr)
            failed = True
            continue
        if arguments.invert:
            pixels[..., :3] = 1 - pixels[..., :3]  # not the opacity
        outputs = model.predict(pixels[None], verbose=0)
        print(line(path, probabilities(outputs[0]), arguments.top))
    return 2 if failed else 0
