"""Workers of a `PyDataset`: errors reach the user, Ctrl-C ends all of them, nothing stays behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, utils

PACKAGE_PARENT = Path(fastcnn.__file__).parents[1]
WORKERS = [{"workers": 1}, {"workers": 3}, {"workers": 2, "use_multiprocessing": True}]


class Rows(utils.PyDataset):
    def __init__(self, count=20, broken=None, **options):
        super().__init__(**options)
        self.count, self.broken = count, broken

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index == self.broken:
            raise OSError(f"batch {index} is gone")
        return np.full((2, 3), index, "float32"), np.zeros((2, 1), "float32")


@pytest.fixture
def model():
    model = fastcnn.Sequential([fastcnn.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture(autouse=True)
def nothing_stays():
    threads = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= threads
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("options", WORKERS)
def test_errors_reach_the_user(model, options):
    with pytest.raises(OSError, match="batch 7 is gone"):
        model.fit(Rows(broken=7, **options), shuffle=False, verbose=0)


@pytest.mark.parametrize("options", WORKERS)
def test_epochs_that_end_early(model, options):
    class Stop(fastcnn.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 3

    model.fit(Rows(**options), epochs=3, verbose=0, callbacks=[Stop()])
    assert int(model.optimizer.iterations) == 4
    model.fit(Rows(**options), epochs=2, steps_per_epoch=3, verbose=0)
    assert model.predict(Rows(**options), steps=2, verbose=0).shape == (4, 1)


def test_endless_data_sets(model):
    class Endless(Rows):
        num_batches = None

    for options in WORKERS:
        model.fit(Endless(**options), steps_per_epoch=30, epochs=2, verbose=0)
    with pytest.raises(OSError, match="batch 25 is gone"):
        model.fit(Endless(broken=25, workers=2), verbose=0)


def test_constructors_that_call_no_other(model):
    class Forgetful(Rows):
        def __init__(self):
            self.count, self.broken = 3, None

    with pytest.warns(UserWarning, match=r"Forgetful should call super\(\).__init__"):
        model.fit(Forgetful(), verbose=0)


PROGRAM = """
import signal, sys, time
import numpy as np
import fastcnn
from fastcnn import layers, utils
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let background jobs ignore it

class Slow(utils.PyDataset):
    def __len__(self):
        return 1000
    def __getitem__(self, index):
        time.sleep(0.05)
        return np.zeros((2, 3), "float32"), np.zeros((2, 1), "float32")

model = fastcnn.Sequential([fastcnn.Input((3,)), layers.Dense(1)])
model.compile("sgd", "mse")
class Started(fastcnn.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        print("started", flush=True)
model.fit(Slow(workers=2, use_multiprocessing=sys.argv[1] == "processes"), verbose=0, callbacks=[Started()])
"""


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_ctrl_c_ends_the_program(kind):
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, kind],
        cwd=PACKAGE_PARENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout.readline() == "started\n"
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does
    begun = time.monotonic()
    _, errors = program.communicate(timeout=60)
    assert time.monotonic() - begun < 30
    assert errors.count("KeyboardInterrupt\n") == 1
    with pytest.raises(ProcessLookupError):
        os.killpg(program.pid, 0)
