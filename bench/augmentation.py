"""Augmentation: images per second of RandomFlip, RandomRotation, RandomZoom and RandomContrast, one after the other, on
batches of RGB images; and what they add to a training step when they stand in the model.

    python bench/augmentation.py [--torch PYTHON] [--tensorflow PYTHON] [--jax PYTHON] [--seconds S] [--rounds R]

Each option names a Python that has the framework: torchvision's transforms (on whole batches, which all get the same
change, and image by image) for the first, Keras's layers (compiled) for the others. Every contestant runs in a process
of its own, in turn; the best of all turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {32: 256, 224: 32}
"""Batch sizes by the height and width of images."""
STEPS = 60
MARK = "images per second: "


def best_rate(action: Callable[[], Any], images: int, seconds: float) -> float:
    """Images per second of the fastest run within some seconds."""
    action()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        before = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - before)
    return images / best


def pictures(size: int, batch: int) -> np.ndarray:
    """Random images from 0 to 255."""
    return np.random.default_rng(0).uniform(0, 255, (batch, size, size, 3)).astype("float32")


def augmentation(layers: Any) -> list[Any]:
    """The four layers, of fastcnn or Keras."""
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.2),
        layers.RandomContrast(0.2),
    ]


def step_rates(package: Any, seconds: float) -> dict[str, float]:
    """Images per second of `fit` on the CIFAR-10 network, with and without augmentation in the model."""
    x, y = pictures(32, 32 * STEPS), np.random.default_rng(1).integers(0, 10, 32 * STEPS)
    rates = {}
    for name, before in (("fit", []), ("fit, augmented", augmentation(package.layers))):
        layers = package.layers
        model = package.Sequential(
            [
                package.Input((32, 32, 3)),
                *before,
                layers.Rescaling(1 / 255),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Conv2D(64, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(128, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy")
        rates[name] = best_rate(
            lambda model=model: model.fit(x, y, batch_size=32, epochs=1, verbose=0), len(x), 2 * seconds
        )
    return rates


def fastcnn_rates(seconds: float) -> dict[str, float]:
    """fastcnn's layers called on batches, and in a model."""
    import fastcnn

    rates = {}
    for size, batch in SIZES.items():
        x, steps = pictures(size, batch), augmentation(fastcnn.layers)

        def run(x: Any = x, steps: Any = steps) -> Any:
            for step in steps:
                x = step(x, training=True)
            return x

        rates[str(size)] = best_rate(run, batch, seconds)
    return rates | step_rates(fastcnn, seconds)


def keras_rates(seconds: float) -> dict[str, float]:
    """Keras's layers, compiled as its backend does it, and in a model."""
    import keras

    rates = {}
    for size, batch in SIZES.items():
        x = pictures(size, batch)
        model = keras.Sequential([keras.Input((size, size, 3)), *augmentation(keras.layers)])
        if keras.backend.backend() == "jax":
            import jax

            values = [[variable.value for variable in group] for group in
                      (model.trainable_variables, model.non_trainable_variables)]  # fmt: skip
            compiled = jax.jit(lambda values, x, model=model: model.stateless_call(*values, x, training=True))

            def run(values: Any = values, x: Any = x, compiled: Any = compiled) -> Any:
                result, values[1] = compiled(values, x)
                return result.block_until_ready()

        else:
            import tensorflow as tf

            fed = tf.constant(x)
            run = tf.function(lambda model=model, fed=fed: model(fed, training=True))
        rates[str(size)] = best_rate(run, batch, seconds)
    return rates | step_rates(keras, seconds)


def torch_rates(seconds: float, one_by_one: bool) -> dict[str, float]:
    """torchvision's transforms on batches, or on each image of them."""
    import torch

    library = torch.library.Library("torchvision", "DEF")  # builds for another torch lack the compiled operators, which
    for name in ("nms", "qnms"):  # these transforms do not use
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision.transforms import v2

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    smooth = v2.InterpolationMode.BILINEAR
    steps = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomRotation(36, interpolation=smooth),
            v2.RandomAffine(0, scale=(0.8, 1.2), interpolation=smooth),
            v2.ColorJitter(contrast=0.2),
        ]
    )
    rates = {}
    for size, batch in SIZES.items():
        x = torch.from_numpy(pictures(size, batch)).permute(0, 3, 1, 2).contiguous() / 255
        action = (lambda x=x: torch.stack([steps(image) for image in x])) if one_by_one else (lambda x=x: steps(x))
        rates[str(size)] = best_rate(action, batch, seconds)
    return rates


WORKERS: dict[str, Callable[[float], dict[str, float]]] = {
    "fastcnn": fastcnn_rates,
    "Keras on TensorFlow": keras_rates,
    "Keras on JAX": keras_rates,
    "torchvision, batches": lambda seconds: torch_rates(seconds, False),
    "torchvision, image by image": lambda seconds: torch_rates(seconds, True),
}


def contestants(arguments: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Name, Python and Keras's backend of all that were named."""
    yield "fastcnn", sys.executable, ""
    if arguments.tensorflow:
        yield "Keras on TensorFlow", arguments.tensorflow, "tensorflow"
    if arguments.jax:
        yield "Keras on JAX", arguments.jax, "jax"
    if arguments.torch:
        yield "torchvision, batches", arguments.torch, ""
        yield "torchvision, image by image", arguments.torch, ""


def measured(name: str, python: str, backend: str, seconds: float) -> dict[str, float]:
    """The rates of one turn, from a process of its own."""
    threads = os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [python, str(Path(__file__).resolve()), "--worker", name, "--seconds", str(seconds)]
    output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(output.rpartition(MARK)[2])


def main() -> None:
    """Run all turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--torch", "--tensorflow", "--jax", "--worker"):
        parser.add_argument(option)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.worker:
        print(MARK + json.dumps(WORKERS[arguments.worker](arguments.seconds)))
        return
    best: dict[str, dict[str, float]] = {}
    for _ in range(arguments.rounds):
        for name, python, backend in contestants(arguments):
            rates = measured(name, python, backend, arguments.seconds)
            row = best.setdefault(name, {})
            row.update({key: max(rate, row.get(key, 0.0)) for key, rate in rates.items()})
    columns = list(best["fastcnn"])
    print(f"{'images per second':28}" + "".join(f"{column:>16}" for column in columns))
    for name, row in best.items():
        print(f"{name:28}" + "".join(f"{row[c]:16,.0f}" if c in row else f"{'-':>16}" for c in columns), flush=True)


if __name__ == "__main__":
    main()
