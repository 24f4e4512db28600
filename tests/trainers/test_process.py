"""Training in a living process: memory stays flat, forks work, Ctrl-C stops within a step, idle threads sleep."""

import ctypes
import gc
import multiprocessing
import os
import sys
import time

import numpy as np
import pytest

import fastcnn
from fastcnn import layers

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def resident():
    """Bytes of memory that the process holds, without what glibc keeps of freed memory."""
    getattr(ctypes.CDLL(None), "malloc_trim", lambda padding: 0)(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(action, times):
    """By how many bytes the process grows when something, done a few times before, is done again and again."""
    for _ in range(max(times // 4, 3)):
        action()
    before = resident()
    for _ in range(times):
        action()
    return resident() - before


@linux
def test_memory_is_flat_over_calls(make_model, data):
    x, y = data
    model = make_model()
    assert growth(lambda: model.predict(x, verbose=0), 300) < 2**20
    assert growth(lambda: model.train_on_batch(x, y), 300) < 2**20
    sizes = iter(np.random.default_rng(0).integers(1, 40, 10_000))
    assert growth(lambda: model.predict(x[: next(sizes)], verbose=0), 200) < 2**21


@linux
def test_memory_is_flat_over_models(data):
    def build_fit_and_drop():
        model = fastcnn.Sequential([layers.Flatten(), layers.Dense(4096, activation="relu"), layers.Dense(3)])
        model.compile("adam", "mse")
        model.fit(data[0], np.zeros((40, 3)), verbose=0)

    one_model = 3 * 4 * 4096 * (64 + 1 + 3 + 1)  # weights and the two slots of each
    gc.disable()
    try:
        assert growth(build_fit_and_drop, 30) < 2 * one_model
    finally:
        gc.enable()


def in_child(model, x, y, results):
    """Predict, train and predict in a forked child."""
    first = model.predict(x, verbose=0)
    model.fit(x, y, epochs=2, verbose=0)
    results.put((first, model.predict(x, verbose=0)))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="the system has no fork")
def test_fork_after_training(data):
    fastcnn.utils.set_random_seed(5)
    model = fastcnn.Sequential([layers.Conv2D(32, 3, activation="relu"), layers.Flatten(), layers.Dense(3)])
    model.compile("adam", "mse")
    x, y = np.repeat(data[0], 4, axis=1), np.zeros((40, 3))
    model.fit(x, y, verbose=0)
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    expected = model.predict(x, verbose=0)
    child = context.Process(target=in_child, args=(model, x, y, results))
    child.start()
    first, second = results.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0
    np.testing.assert_array_equal(first, expected)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    assert np.abs(second - first).max() > 0


INTERRUPT = """
import os, signal, threading
import numpy as np, fastcnn
from fastcnn import callbacks, layers
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let background jobs ignore it
model = fastcnn.Sequential([layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(1)])
model.compile("adam", "mse")
x, y = np.random.default_rng(0).normal(size=(6400, 16)), np.zeros(6400)
model.fit(x, y, verbose=0)

def press_control_c(epoch, logs):
    if epoch == 1:
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

try:
    model.fit(x, y, epochs=10**9, verbose=0, callbacks=[callbacks.LambdaCallback(on_epoch_begin=press_control_c)])
except KeyboardInterrupt:
    print("interrupted")
steps = int(model.optimizer.iterations)
assert steps >= 400
assert np.isfinite(model.predict(x, verbose=0)).all()
model.fit(x, y, verbose=0)
assert int(model.optimizer.iterations) == steps + 200
print("usable")
"""


def test_interrupt(run_python):
    assert run_python(INTERRUPT).split() == ["interrupted", "usable"]


def test_no_thread_is_busy_after_training(make_model, data):
    model = fastcnn.Sequential([layers.Conv2D(32, 3, activation="relu"), layers.Flatten(), layers.Dense(3)])
    model.compile("adam", "mse")
    model.fit(np.repeat(data[0], 4, axis=1), np.zeros((40, 3)), verbose=0)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - before < 0.1
