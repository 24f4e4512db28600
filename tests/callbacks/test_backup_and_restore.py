"""A training that was killed and started anew ends with the same bits as one that ran through."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, data, layers, losses, utils

PROGRAM = Path(__file__).with_name("killed.py")


def start(kind, folder, kill_at, save_freq):
    command = [sys.executable, PROGRAM, kind, folder, kill_at, save_freq]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process, code):
    output, errors = process.communicate()
    assert process.returncode == code, errors
    return output


@pytest.mark.parametrize(
    ("kind", "save_freq", "kill_at", "first_epoch"),
    [
        ("schedule", "3", "2.3", 2),
        ("callbacks", "2", "3.3", 3),
        ("generator", "3", "1.3", 1),
        ("double", "epoch", "saving", 2),
    ],
)
def test_killed(tmp_path, kind, save_freq, kill_at, first_epoch):
    through = start(kind, tmp_path / "other", "never", save_freq)
    finished(start(kind, tmp_path / "backup", kill_at, save_freq), -9)
    again = finished(start(kind, tmp_path / "backup", "never", save_freq), 0)
    epoch, bits = again.split(maxsplit=1)
    assert int(epoch) == first_epoch
    assert bits == finished(through, 0).split(maxsplit=1)[1]
    assert bits.endswith("False\n")  # the folder is gone


class BrokenOffError(RuntimeError):
    pass


class Break(callbacks.Callback):
    def __init__(self, epoch, batch=0):
        super().__init__()
        self.at = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise BrokenOffError


X = np.random.default_rng(0).random((40, 6), dtype="float32")
Y = np.random.default_rng(1).integers(0, 3, 40)


def make(metrics=("accuracy",)):
    utils.set_random_seed(1)
    model = Sequential([Input((6,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(3)])
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True), metrics=list(metrics))
    return model


def fit(model, backup, *more, **kwargs):
    return model.fit(X, Y, **{"epochs": 4, "batch_size": 8, "verbose": 0, "callbacks": [backup, *more], **kwargs})


def fit_until_broken(model, backup, epoch, batch=0, *more, **kwargs):
    with pytest.raises(BrokenOffError):
        fit(model, backup, Break(epoch, batch), *more, **kwargs)


def weights_after(model, backup, *more, **kwargs):
    fit(model, backup, *more, **kwargs)
    return [variable.value.copy() for variable in [*model.variables, *model.optimizer.variables]]


def assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("at", [(0, 3), (1, 0), (1, 4), (3, 4)])
@pytest.mark.parametrize("save_freq", ["epoch", 1, 2, 5, 7])
def test_same_bits_from_every_place(tmp_path, save_freq, at):
    expected = weights_after(make(), callbacks.BackupAndRestore(tmp_path / "a"))
    fit_until_broken(make(), callbacks.BackupAndRestore(tmp_path / "b", save_freq), *at)
    assert_equal(weights_after(make(), callbacks.BackupAndRestore(tmp_path / "b", save_freq)), expected)


class Shuffled(utils.PyDataset):
    def __len__(self):
        return 6

    def __getitem__(self, index):
        return X[index * 6 : index * 6 + 6], Y[index * 6 : index * 6 + 6]


class Unequal:
    def __iter__(self):
        yield from ((X[start : start + rows], Y[start : start + rows]) for start, rows in ((0, 20), (20, 20), (8, 8)))


def pipeline():
    return data.Dataset.from_tensor_slices((X, Y)).shuffle(40, seed=3).batch(14).prefetch(1)


@pytest.mark.parametrize("source", [Shuffled, Unequal, pipeline])
@pytest.mark.parametrize("limit", [None, 3])
def test_batches_that_are_given(tmp_path, source, limit):
    def train(folder, *more):
        model = make()
        model.fit(
            source(),
            epochs=4,
            steps_per_epoch=limit,
            verbose=0,
            callbacks=[callbacks.BackupAndRestore(tmp_path / folder, 1), *more],
        )
        return [variable.value.copy() for variable in [*model.variables, *model.optimizer.variables]]

    expected = train("a")
    with pytest.raises(BrokenOffError):
        train("b", Break(2, 1))
    assert_equal(train("b"), expected)


def test_states_of_callbacks_and_their_order(tmp_path):
    class Counter(callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.count = np.zeros(2)

        def on_epoch_end(self, epoch, logs=None):
            self.count += epoch + 1

        def backup_state(self):
            return {"count": self.count}

        def restore_state(self, state):
            self.count = state["count"]

    first, second = Counter(), Counter()
    fit_until_broken(make(), callbacks.BackupAndRestore(tmp_path), 2, 1, first)
    fit(make(), callbacks.BackupAndRestore(tmp_path), second)
    np.testing.assert_array_equal(second.count, [10, 10])


def test_stopped_before_it_was_killed(tmp_path):
    class StopAndDie(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

        def on_train_end(self, logs=None):
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        fit(make(), callbacks.BackupAndRestore(tmp_path), StopAndDie())
    assert fit(make(), callbacks.BackupAndRestore(tmp_path)).epoch == []


def test_metrics_of_an_epoch_that_was_broken_off(tmp_path):
    expected = fit(make(), callbacks.BackupAndRestore(tmp_path / "a")).history["accuracy"]
    fit_until_broken(make(), callbacks.BackupAndRestore(tmp_path / "b", 1), 2, 3)
    assert fit(make(), callbacks.BackupAndRestore(tmp_path / "b", 1)).history["accuracy"] == expected[2:]


def test_double_checkpoint(tmp_path):
    expected = weights_after(make(), callbacks.BackupAndRestore(tmp_path / "a"))
    fit_until_broken(make(), callbacks.BackupAndRestore(tmp_path / "b", double_checkpoint=True), 3, 2)
    latest = tmp_path / "b" / "training_state.zip"
    assert sorted(path.name for path in latest.parent.iterdir()) == [latest.name, f"{latest.name}.bkp"]
    latest.write_bytes(latest.read_bytes()[:-100])
    with pytest.warns(UserWarning, match="going on from"):
        actual = weights_after(make(), callbacks.BackupAndRestore(tmp_path / "b", double_checkpoint=True))
    assert_equal(actual, expected)


def test_files(tmp_path):
    folder = tmp_path / "deep" / "backup"
    fit(make(), callbacks.BackupAndRestore(folder, delete_checkpoint=False))
    assert [path.name for path in folder.iterdir()] == ["training_state.zip"]
    (folder / ".training_state.zip.0123.tmp").write_text("killed")
    (folder / "notes.txt").write_text("mine")
    assert fit(make(), callbacks.BackupAndRestore(folder)).epoch == []
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_errors(tmp_path):
    with pytest.raises(ValueError, match="backup_dir must be a path, not empty"):
        callbacks.BackupAndRestore("")
    for wrong in ("batch", 0, True, 1.5):
        with pytest.raises(ValueError, match="Invalid value for argument `save_freq`"):
            callbacks.BackupAndRestore(tmp_path, save_freq=wrong)
    model = Sequential([layers.Dense(3)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="you model must be built"):
        model.fit(iter([(X, X[:, :3])]), verbose=0, callbacks=[callbacks.BackupAndRestore(tmp_path)])
    fit_until_broken(make(), callbacks.BackupAndRestore(tmp_path, 2), 1, 3)
    with pytest.raises(ValueError, match=r"an epoch had 5 batches when the state was saved .* now it has 3"):
        fit(make(), callbacks.BackupAndRestore(tmp_path, 2), batch_size=16)
    with pytest.raises(ValueError, match="the metrics are others"):
        fit(make(()), callbacks.BackupAndRestore(tmp_path, 2))
    other = Sequential([Input((6,)), layers.Dense(3)])
    other.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match="to train from the start"):
        fit(other, callbacks.BackupAndRestore(tmp_path, 2))
    (tmp_path / "training_state.zip").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"damaged.*delete .* to train from the start"):
        fit(make(), callbacks.BackupAndRestore(tmp_path, 2))
