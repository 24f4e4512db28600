"""Callbacks: the order of hooks, shared logs, hooks that cost nothing, and each callback by itself."""

import gc
import weakref

import pytest

from fastcnn import callbacks
from fastcnn.callbacks.callback import overrides


class Model:
    """As much of a model as callbacks need."""

    def __init__(self):
        self.stop_training = False
        self.history = None
        self.weights = [0]
        self.saved = []

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = weights

    def save_weights(self, path):
        self.saved.append(path)


def run_epochs(callback, values, name="val_loss"):
    """Feed the values of one metric, epoch by epoch; returns the model and the last epoch."""
    model = Model()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = [epoch]
        callback.on_epoch_end(epoch, {name: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return model, epoch


def test_hooks_are_called_with_read_logs():
    calls = []

    class Record(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            calls.append((batch, logs))

    run = callbacks.CallbackList([Record()], steps=2)
    run.on_train_batch_begin(0)
    run.on_train_batch_end(0, lambda: {"loss": 1.0})
    run.on_train_batch_end(1, {"loss": 0.5})
    assert calls == [(0, {"loss": 1.0}), (1, {"loss": 0.5})]


def test_logs_are_not_read_in_vain():
    def fail():
        raise AssertionError("nobody asked for the logs")

    run = callbacks.CallbackList([callbacks.History(), callbacks.EarlyStopping()], steps=2)
    run.on_train_batch_end(0, fail)
    run.on_test_batch_end(0, fail)
    run.on_predict_batch_end(0, fail)


def test_overrides():
    class Old(callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            pass

    assert overrides(Old(), "on_train_batch_end")
    assert not overrides(Old(), "on_train_batch_begin")
    assert not overrides(callbacks.Callback(), "on_epoch_end")
    assert overrides(callbacks.LambdaCallback(on_epoch_end=print), "on_epoch_end")


def test_other_names_of_batch_hooks():
    seen = []

    class Old(callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            seen.append(("end", batch, logs))

    run = callbacks.CallbackList(Old())
    run.on_train_batch_begin(3)
    run.on_train_batch_end(3, {"loss": 1.0})
    assert seen == [("begin", 3), ("end", 3, {"loss": 1.0})]


def test_history_sees_what_others_add():
    model = Model()
    adder = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch))
    run = callbacks.CallbackList([adder], add_history=True, model=model)
    run.on_train_begin()
    run.on_epoch_end(0, {"loss": 2.0})
    run.on_epoch_end(1, {"loss": 1.0})
    assert model.history.history == {"loss": [2.0, 1.0], "extra": [0, 1]}
    assert model.history.epoch == [0, 1]
    assert list(model.history.history) == ["loss", "extra"]


def test_default_callbacks_are_not_added_twice():
    history = callbacks.History()
    run = callbacks.CallbackList([history], add_history=True, add_progbar=True, verbose=0)
    assert [type(callback) for callback in run.callbacks] == [callbacks.History, callbacks.ProgbarLogger]
    assert run.history is history


def test_callbacks_do_not_keep_the_model():
    model = Model()
    run = callbacks.CallbackList(add_history=True, model=model)
    gone = weakref.ref(model)
    gc.disable()
    try:
        del model
        assert gone() is None
        assert run.history.model is None
    finally:
        gc.enable()


def test_not_a_callback():
    with pytest.raises(TypeError, match="callbacks must be Callback objects, received 3 of type int"):
        callbacks.CallbackList([3])


def test_lambda_callback_unknown_hook():
    with pytest.raises(ValueError, match="unknown hook 'on_epoch_ends'; did you mean 'on_epoch_end'"):
        callbacks.LambdaCallback(on_epoch_ends=print)


def test_early_stopping():
    model, epoch = run_epochs(callbacks.EarlyStopping(patience=2), [5, 4, 4.5, 4.2, 4.1, 1])
    assert epoch == 3
    assert model.weights == [3]
    model, epoch = run_epochs(callbacks.EarlyStopping(patience=2, restore_best_weights=True), [5, 4, 4.5, 4.2, 4.1, 1])
    assert model.weights == [1]
    stop = callbacks.EarlyStopping("val_accuracy", patience=1, min_delta=0.1)
    assert run_epochs(stop, [0.1, 0.3, 0.35, 0.9], "val_accuracy")[1] == 2
    assert run_epochs(callbacks.EarlyStopping(baseline=1, patience=2), [5, 4, 3, 2])[1] == 3
    assert run_epochs(callbacks.EarlyStopping(start_from_epoch=3), [1, 2, 3, 4, 5])[1] == 4


def test_missing_metric_warns():
    with pytest.warns(UserWarning, match="'val_loss' is not in the logs, which have: loss"):
        run_epochs(callbacks.EarlyStopping(), [1], "loss")


def test_model_checkpoint():
    model, _ = run_epochs(callbacks.ModelCheckpoint("w-{epoch:02d}-{val_loss:.1f}.npz"), [3, 2])
    assert model.saved == ["w-01-3.0.npz", "w-02-2.0.npz"]
    model, _ = run_epochs(callbacks.ModelCheckpoint("w{epoch}.npz", save_best_only=True), [3, 4, 2])
    assert model.saved == ["w1.npz", "w3.npz"]
    with pytest.raises(KeyError, match=r"callback filepath: .*Reason: .*acc.*; the logs have: epoch, val_loss"):
        run_epochs(callbacks.ModelCheckpoint("{acc}.npz"), [3])


def test_bad_mode():
    with pytest.raises(ValueError, match="unknown mode 'maxx'; did you mean 'max'"):
        callbacks.EarlyStopping(mode="maxx")


@pytest.mark.parametrize(("save_freq", "saves"), [("epoch", 1), (2, 2)])
def test_a_subclass_may_extend_a_hook_of_a_callback_that_saves(tmp_path, save_freq, saves):
    batches, saved = [], []

    class Counting(callbacks.ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(batch)
            super().on_train_batch_end(batch, logs)

        def save(self, *args):
            saved.append(args)

    run = callbacks.CallbackList([Counting(tmp_path / "model.npz", save_freq=save_freq)])
    run.on_epoch_begin(0)
    for batch in range(4):
        run.on_train_batch_end(batch, {})
    run.on_epoch_end(0)
    assert batches == [0, 1, 2, 3]
    assert len(saved) == saves
