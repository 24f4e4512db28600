"""Callbacks that write files, change the learning rate, or stop on NaN, in real trainings."""

import csv

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, layers, optimizers

X = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
Y = X.sum(axis=1)


def model(rate=0.01):
    made = Sequential([Input((5,)), layers.Dense(1)])
    made.compile(optimizers.SGD(rate), "mse", metrics=["mae"])
    return made


def test_reduce_lr_on_plateau():
    watcher = callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=100, cooldown=1, min_lr=0.002)
    history = model().fit(X, Y, epochs=9, verbose=0, callbacks=[watcher]).history
    # One epoch to begin with, two without improvement, then the cooldown counts as one of the next two.
    expected = [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025, 0.002, 0.002]
    assert np.allclose(history["learning_rate"], expected)
    with pytest.raises(ValueError, match=r"factor >= 1.0"):
        callbacks.ReduceLROnPlateau(factor=1.0)


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    made = model()
    for append in (False, True):
        log = callbacks.CSVLogger(path, append=append)
        history = made.fit(X, Y, epochs=2, verbose=0, validation_split=0.25, callbacks=[log]).history
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row["epoch"] for row in rows] == ["0", "1", "0", "1"]
    assert np.allclose([float(row["val_loss"]) for row in rows[2:]], history["val_loss"])


def test_terminate_on_nan():
    made = model(rate=1e20)
    history = made.fit(X, Y, epochs=5, batch_size=8, verbose=0, callbacks=[callbacks.TerminateOnNaN()]).history
    assert len(history["loss"]) == 1
    with pytest.raises(RuntimeError, match="NaN or Inf loss encountered"):
        model(rate=1e20).fit(X, Y, verbose=0, batch_size=8, callbacks=[callbacks.TerminateOnNaN(raise_error=True)])


def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboardX", reason="event files are written by tensorboardX: pip install tensorboardX")
    board = callbacks.TensorBoard(tmp_path, histogram_freq=1, write_steps_per_second=True, update_freq=2)
    model().fit(X, Y, epochs=2, batch_size=16, verbose=0, validation_split=0.25, callbacks=[board])
    for part, tags in (("train", [b"epoch_loss", b"batch_mae", b"/kernel"]), ("validation", [b"epoch_loss"])):
        (events,) = (tmp_path / part).glob("events.out.tfevents.*")
        written = events.read_bytes()
        assert all(tag in written for tag in tags)
    with pytest.raises(ValueError, match="embeddings are not written"):
        callbacks.TensorBoard(tmp_path, embeddings_freq=1)


def test_tensorboard_costs_nothing_in_batches_unless_asked(tmp_path):
    pytest.importorskip("tensorboardX", reason="event files are written by tensorboardX: pip install tensorboardX")
    from fastcnn.callbacks.callback import overrides

    assert not overrides(callbacks.TensorBoard(tmp_path), "on_train_batch_end")
    assert overrides(callbacks.TensorBoard(tmp_path, update_freq="batch"), "on_train_batch_end")
