"""Train a network on the MNIST digits that come with the package, and save it.

10,000 images of handwritten digits, two convolutions with pooling, one hidden dense layer; the 2,000 test images tell
how well the network does. The model file is for `fastcnn predict`, and for `fastcnn.models.load_model`.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np

import fastcnn
from fastcnn import layers
from fastcnn._core.kernels import isa
from fastcnn.cli.arguments import CommandError, whole_number
from fastcnn.datasets import mnist_small
from fastcnn.models import Sequential

BATCH_SIZE = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fastcnn train`."""
    parser.add_argument("--epochs", type=whole_number(1, 10_000), default=5, metavar="N", help="default: 5")
    parser.add_argument(
        "--seed", type=whole_number(0, 2**32 - 1), default=1, metavar="N", help="of all random numbers; default: 1"
    )
    parser.add_argument("--threads", type=whole_number(1, 1024), metavar="N", help="default: see fastcnn info")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("mnist.fastcnn"),
        metavar="FILE",
        help="the model file, replaced if there is one; default: mnist.fastcnn",
    )
    parser.add_argument(
        "--sample", type=Path, metavar="FOLDER", help="also write a test image of each digit there (needs Pillow)"
    )


def check_output(path: Path) -> None:
    """Find out before the training what would prevent the saving after it."""
    if path.suffix != ".fastcnn":
        raise CommandError(f"--output must end in .fastcnn, received {str(path)!r}")
    if path.is_dir():
        raise CommandError(f"--output must be a file, {str(path)!r} is a folder")
    if not path.parent.is_dir():
        raise CommandError(f"--output: there is no folder {str(path.parent)!r}")
    if not os.access(path.parent, os.W_OK):
        raise CommandError(f"--output: the folder {str(path.parent)!r} cannot be written to")


def write_sample(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write the first image of each digit as `digit-0.png` to `digit-9.png`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for digit in range(10):
            image = images[np.argmax(labels == digit), :, :, None]
            fastcnn.utils.save_img(folder / f"digit-{digit}.png", image, scale=False)
    except ImportError:
        raise CommandError('--sample needs Pillow: pip install "fastcnn[images]"') from None
    except OSError as error:
        raise CommandError(f"--sample: {error}") from None


def network() -> Sequential:
    """The network for images of 28x28 gray pixels and ten classes."""
    return Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="mnist",
    )


def scaled(images: np.ndarray) -> np.ndarray:
    """Pixels 0 to 255 as 0 to 1, as `fastcnn predict` gives them to the model."""
    return images.astype("float32") / 255


def run(arguments: argparse.Namespace) -> int:
    """Train, evaluate, save."""
    check_output(arguments.output)
    (x_train, y_train), (x_test, y_test) = mnist_small.load_data()
    if arguments.sample:
        write_sample(arguments.sample, x_test, y_test)
    if arguments.threads:
        fastcnn.set_num_threads(arguments.threads)
    fastcnn.utils.set_random_seed(arguments.seed)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    print(f"Training on {len(x_train):,} images of MNIST, threads: {fastcnn.get_num_threads()}, {isa()}")
    start = time.perf_counter()
    model.fit(scaled(x_train), y_train, batch_size=BATCH_SIZE, epochs=arguments.epochs, verbose=1)
    seconds = time.perf_counter() - start
    _, accuracy = model.evaluate(scaled(x_test), y_test, verbose=0)
    try:
        model.save(arguments.output)
    except OSError as error:
        raise CommandError(f"--output: {error}") from None
    print(f"Saved: {arguments.output}")
    images = arguments.sample / "digit-*.png" if arguments.sample else "IMAGE..."
    print(f"Predict with: fastcnn predict {arguments.output} {images}")
    print(f"Test accuracy: {accuracy:.4f} after {seconds:.1f} s of training")
    return 0
