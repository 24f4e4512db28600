"""Callbacks against Keras's: the same histories, files and calls from the same training."""

import csv

import numpy as np
import pytest

import fastcnn

RNG = np.random.RandomState(5)
X = RNG.normal(size=(24, 6)).astype("float32")
Y = (X[:, :1] - 2 * X[:, 1:2] + 0.1 * RNG.normal(size=(24, 1))).astype("float32")
VALIDATION = (X[::-1] * 1.5, Y)


def noting(name, events):
    """A function that notes its calls: numbers, and the names of what it is told."""

    def note(*arguments, **more):
        told = [*arguments, *more.values()]
        events.append((name, *(sorted(one) if isinstance(one, dict) else one for one in told if one is not None)))

    return note


def hooks(package, folder, events):
    """A callback with every hook."""
    names = [
        f"on_{phase}_{when}"
        for phase in ("train", "epoch", "train_batch", "test", "test_batch", "predict", "predict_batch")
        for when in ("begin", "end")
    ]
    callback = type(
        "Hooks", (package.callbacks.Callback,), {name: staticmethod(noting(name, events)) for name in names}
    )
    return [callback()]


def some_hooks(package, folder, events):
    names = ("on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin")
    return [package.callbacks.LambdaCallback(**{name: noting(name, events) for name in names})]


CASES = {
    "Callback": hooks,
    "LambdaCallback": some_hooks,
    "EarlyStopping": lambda p, folder, _: [
        p.callbacks.EarlyStopping("val_loss", patience=1, min_delta=0.3, restore_best_weights=True)
    ],
    "EarlyStopping, baseline": lambda p, folder, _: [
        p.callbacks.EarlyStopping("loss", patience=2, baseline=0.01, start_from_epoch=1)
    ],
    "ReduceLROnPlateau": lambda p, folder, _: [
        p.callbacks.ReduceLROnPlateau("val_loss", factor=0.3, patience=1, min_delta=0.5, cooldown=1, min_lr=0.001)
    ],
    "LearningRateScheduler": lambda p, folder, _: [
        p.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.7 if epoch > 1 else rate)
    ],
    "TerminateOnNaN": lambda p, folder, _: [
        p.callbacks.LearningRateScheduler(lambda epoch: [0.01, 1e30, 0.01, 0.01, 0.01][epoch]),
        p.callbacks.TerminateOnNaN(),
    ],
    "CSVLogger": lambda p, folder, _: [p.callbacks.CSVLogger(str(folder / "log.csv"), separator=";")],
    "ModelCheckpoint": lambda p, folder, _: [
        p.callbacks.ModelCheckpoint(
            str(folder / "{epoch:02d}-{val_loss:.1f}.weights.h5"), save_best_only=True, save_weights_only=True
        )
    ],
    "SwapEMAWeights": lambda p, folder, _: [p.callbacks.SwapEMAWeights(swap_on_epoch=True)],
    "History": lambda p, folder, _: [p.callbacks.History()],
    "BackupAndRestore": lambda p, folder, _: [p.callbacks.BackupAndRestore(str(folder / "backup"))],
    "ProgbarLogger": lambda p, folder, _: [p.callbacks.ProgbarLogger()],
}
CHECKED = {"callbacks": {name for name in CASES if "," not in name}}


def trained(package, weights, make, folder):
    """What a training leaves behind: history, calls of hooks, files, weights."""
    folder.mkdir()
    layers = package.layers
    model = package.Sequential([package.Input((6,)), layers.Dense(5, activation="tanh"), layers.Dense(1)])
    if weights is not None:
        model.set_weights(weights)
    start = [np.array(weight) for weight in model.get_weights()]
    optimizer = package.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.8)
    model.compile(optimizer, loss="mse", metrics=["mae"])
    events = []
    callbacks = make(package, folder, events)
    history = model.fit(
        X, Y, epochs=5, batch_size=8, shuffle=False, verbose=0, callbacks=callbacks, validation_data=VALIDATION
    )
    model.predict(X, batch_size=12, verbose=0, callbacks=callbacks[:1])
    files = sorted(path.name for path in folder.iterdir())
    rows = list(csv.reader((folder / "log.csv").read_text().splitlines(), delimiter=";")) if "log.csv" in files else []
    return start, history.history, events, files, rows, model.get_weights()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_training(keras, case, tmp_path):
    start, history, events, files, rows, weights = trained(keras, None, CASES[case], tmp_path / "keras")
    _, ours, our_events, our_files, our_rows, our_weights = trained(fastcnn, start, CASES[case], tmp_path / "fastcnn")
    assert list(ours) == list(history)
    for name, values in history.items():
        np.testing.assert_allclose(ours[name], values, rtol=2e-4, atol=1e-5, err_msg=name)
    assert our_events == events
    assert our_files == files
    assert [row[:1] for row in our_rows] == [row[:1] for row in rows]
    assert our_rows[:1] == rows[:1]
    for one, other in zip(our_weights, weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
