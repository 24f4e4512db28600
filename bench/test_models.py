"""One training step of each of the models that are compared, called as `train_on_batch`: what `fit` repeats."""

import numpy as np
import pytest

import fastcnn
from fastcnn.benchmarks.programs import PROGRAMS, compiled


@pytest.mark.parametrize("name", PROGRAMS)
def test_training_step(benchmark, speed, name):
    program = PROGRAMS[name]
    rng = np.random.default_rng(0)
    x = rng.random((program.batch_size, *program.input_shape), np.float32)
    y = rng.integers(0, 10, program.batch_size)
    model = compiled(fastcnn, program)
    benchmark(model.train_on_batch, x, np.eye(10, dtype=np.float32)[y] if program.one_hot else y)
    if benchmark.stats is not None:
        seconds = benchmark.stats.stats.min
        speed(**{"us": seconds * 1e6, "images/s": program.batch_size / seconds})
