"""Contestants with Keras's API: fastcnn, and Keras 3 on TensorFlow or JAX, each by `model.fit`."""

import importlib
import os
from typing import Any

import numpy as np
from programs import Program, compiled


def framework(variant: str) -> tuple[Any, str]:
    """The module to build models with, and its version."""
    name, *policy = variant.split()
    if name == "fastcnn":
        fastcnn = importlib.import_module("fastcnn")
        fastcnn.config.set_dtype_policy(*(policy or ["float32"]))
        return fastcnn, f"fastcnn {fastcnn.__version__}"
    os.environ["KERAS_BACKEND"] = variant
    import keras

    backend = __import__(variant)
    if variant == "tensorflow":
        threads = int(os.environ["OMP_NUM_THREADS"])
        backend.config.threading.set_intra_op_parallelism_threads(threads)
        backend.config.threading.set_inter_op_parallelism_threads(threads)
    return keras, f"Keras {keras.__version__} on {variant} {backend.__version__}"


class Contestant:
    """A compiled model, trained by `fit` on slices of arrays in memory."""

    def __init__(self, program: Program, variant: str, x: np.ndarray, y: np.ndarray) -> None:
        keras, self.version = framework(variant)
        keras.utils.set_random_seed(1)
        self.x, self.batch_size = x, program.batch_size
        self.y = keras.utils.to_categorical(y, 10) if program.one_hot else y
        self.model = compiled(keras, program)

    def train(self, start: int, stop: int) -> None:
        """One shuffled pass."""
        self.model.fit(self.x[start:stop], self.y[start:stop], batch_size=self.batch_size, epochs=1, verbose=0)

    def classes(self, images: np.ndarray) -> np.ndarray:
        """Predicted class numbers."""
        return np.argmax(self.model.predict(images, verbose=0), axis=-1)
