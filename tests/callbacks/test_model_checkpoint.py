"""Whole models and weights saved while training goes on."""

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, layers, models, ops

X = np.random.default_rng(0).random((32, 4), dtype="float32")
Y = X.sum(axis=1, keepdims=True)


def make(**kwargs):
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("adam", loss="mse", **kwargs)
    return model


def fit(callback, epochs=3, **kwargs):
    model = make()
    model.fit(X, Y, epochs=epochs, batch_size=8, verbose=0, callbacks=[callback], **kwargs)
    return model


def test_whole_models(tmp_path):
    model = fit(callbacks.ModelCheckpoint(tmp_path / "deep" / "m{epoch:02d}-{loss:.1f}.fastcnn"))
    files = sorted((tmp_path / "deep").iterdir())
    assert [path.name[:3] for path in files] == ["m01", "m02", "m03"]
    loaded = models.load_model(files[-1])
    assert int(loaded.optimizer.iterations) == 12
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    np.testing.assert_array_equal(loaded.optimizer.variables[2].value, model.optimizer.variables[2].value)


def test_batches(tmp_path):
    fit(callbacks.ModelCheckpoint(tmp_path / "{epoch}-{batch}.npz", save_freq=3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1-3.npz", "2-2.npz", "3-1.npz", "3-4.npz"]


def test_threshold_and_what_is_said(tmp_path, capsys):
    path = tmp_path / "w.npz"
    fit(callbacks.ModelCheckpoint(path, "loss", 1, save_best_only=True, initial_value_threshold=0.0), epochs=1)
    assert not path.exists()
    assert "Epoch 1: loss did not improve from 0.00000" in capsys.readouterr().out
    fit(callbacks.ModelCheckpoint(path, "loss", 1, save_best_only=True), epochs=1)
    text = capsys.readouterr().out
    assert "Epoch 1: loss improved from None to" in text
    assert f"finished saving model to {path}" in text
    with pytest.warns(UserWarning, match="Can save best model only with val_loss available"):
        fit(callbacks.ModelCheckpoint(tmp_path / "v.npz", save_best_only=True), epochs=1)
    assert (tmp_path / "v.npz").exists()


def test_errors(tmp_path):
    for path, only in (("a.h5", True), ("a.fastcnn", True), ("a.weights.h5", False), ("a", False)):
        with pytest.raises(ValueError, match=r"filepath provided must end in .* Received: filepath=a"):
            callbacks.ModelCheckpoint(path, save_weights_only=only)
    with pytest.raises(ValueError, match="Invalid value for argument `save_freq`"):
        callbacks.ModelCheckpoint("a.npz", save_freq="batch")
    with pytest.raises(KeyError, match=r"Failed to format this callback filepath: .*\{acc\}"):
        fit(callbacks.ModelCheckpoint(tmp_path / "{acc}.npz"))
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(OSError, match="non-directory filepath"):
        fit(callbacks.ModelCheckpoint(tmp_path / "folder.npz"))


@pytest.mark.parametrize(
    ("metric", "name", "mode"),
    [
        ("f1_score", "f1_score", "max"),
        ("mean_absolute_error", "mean_absolute_error", "min"),
        ("r2_score", "r2_score", "max"),
        ("cosine_similarity", "val_cosine_similarity", "max"),
    ],
)
def test_directions(metric, name, mode):
    stop = callbacks.EarlyStopping(name, patience=10)
    model = make(metrics=[metric])
    model.fit(X, Y, verbose=0, callbacks=[stop], validation_split=0.5)
    assert stop.watch.mode == mode


def test_a_direction_that_is_not_known():
    def odd(y_true, y_pred):
        return ops.mean(y_pred, axis=-1)

    model = make(metrics=[odd])
    with pytest.raises(ValueError, match=r"maximized or minimized. Pass mode='max'"):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping("odd")])
    model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping("odd", mode="max")])
