"""Training and evaluation: what is learned, returned, logged and printed, and what makes prepared steps stale."""

import numpy as np
import pytest

import fastcnn
from fastcnn import callbacks, layers, losses, metrics, ops, optimizers


def test_learns_and_returns_history(make_model, data):
    x, y = data
    model = make_model(optimizer=optimizers.Adam(0.01))
    history = model.fit(x, y, epochs=30, batch_size=16, validation_split=0.2, verbose=0)
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(len(values) == 30 for values in history.history.values())
    assert history.history["accuracy"][-1] > 0.9
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    assert history.epoch == list(range(30))
    assert model.history is history
    loss, accuracy = model.evaluate(x[32:], y[32:], verbose=0)
    assert [accuracy, loss] == [history.history["val_accuracy"][-1], history.history["val_loss"][-1]]


def test_evaluate_agrees_with_predict(make_model, data):
    x, y = data
    model = make_model()
    probabilities = model.predict(x, verbose=0)
    result = model.evaluate(x, y, batch_size=7, verbose=0, return_dict=True)
    assert list(result) == ["accuracy", "loss"]
    assert result["loss"] == pytest.approx(-np.log(probabilities[range(40), y]).mean(), rel=1e-5)
    assert result["accuracy"] == pytest.approx((probabilities.argmax(axis=1) == y).mean())
    assert model.evaluate(x, y, verbose=0) == pytest.approx([result["loss"], result["accuracy"]])
    assert model.metrics_names == ["loss", "accuracy"]


def test_steps_without_a_batch_size_make_the_batches(make_model, data):
    x, y = data
    model = make_model()
    rows = []
    count = callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: rows.append(len(logs["outputs"])))
    model.predict(x, steps=3, verbose=0, callbacks=[count])
    assert rows == [14, 14, 12]
    one, other = make_model(), make_model()
    other.set_weights(one.get_weights())
    one.fit(x, y, steps_per_epoch=3, shuffle=False, verbose=0)
    other.fit(x, y, batch_size=14, shuffle=False, verbose=0)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_loss_alone_is_a_number(make_model, data):
    model = make_model(metrics=())
    assert isinstance(model.evaluate(*data, verbose=0), float)
    assert isinstance(model.train_on_batch(*data), float)


def test_same_seed_same_training(make_model, data):
    results = []
    for _ in range(2):
        model = make_model(dropout=0.3)
        model.fit(*data, epochs=2, batch_size=16, verbose=0)
        results.append(model.get_weights())
    for first, second in zip(*results, strict=True):
        np.testing.assert_array_equal(first, second)


def test_shuffle_changes_the_order(make_model, data):
    shuffled, ordered, again = make_model(), make_model(), make_model()
    shuffled.fit(*data, batch_size=8, verbose=0)
    ordered.fit(*data, batch_size=8, verbose=0, shuffle=False)
    for start in range(0, 40, 8):
        again.train_on_batch(data[0][start : start + 8], data[1][start : start + 8])
    np.testing.assert_array_equal(ordered.get_weights()[0], again.get_weights()[0])
    assert np.abs(shuffled.get_weights()[0] - ordered.get_weights()[0]).max() > 0


def test_dropout_draws_anew_each_step(make_model, data):
    model = make_model(optimizer=optimizers.SGD(0.0), dropout=0.5)
    losses_seen = []
    for _ in range(3):
        losses_seen.append(model.train_on_batch(*data)[0])
    assert len(set(losses_seen)) == 3
    first = model.test_on_batch(*data)
    assert model.test_on_batch(*data) == first


def test_batch_methods_see_their_batch_alone(make_model, data):
    x, y = data
    model = make_model()
    first = model.test_on_batch(x[:10], y[:10])
    assert model.test_on_batch(x[10:], y[10:]) == pytest.approx(model.evaluate(x[10:], y[10:], verbose=0))
    assert model.test_on_batch(x[:10], y[:10]) == first
    assert model.train_on_batch(x[:10], y[:10]) == pytest.approx(first)
    assert list(model.test_on_batch(x, y, return_dict=True)) == ["accuracy", "loss"]


@pytest.mark.parametrize(
    ("loss", "metric", "shape"),
    [
        ("sparse_categorical_crossentropy", metrics.SparseCategoricalAccuracy, (40, 1)),
        ("categorical_crossentropy", metrics.CategoricalAccuracy, (40, 3)),
        ("mse", metrics.CategoricalAccuracy, (40, 3)),
        ("binary_crossentropy", metrics.CategoricalAccuracy, (40, 3)),
    ],
)
def test_accuracy_is_resolved(make_model, data, loss, metric, shape):
    x, y = data
    y = y[:, None] if shape == (40, 1) else np.eye(3)[y]
    for name in ("accuracy", "acc"):
        model = make_model(loss=loss, metrics=[name, "mae"] if loss == "mse" else [name])
        result = model.evaluate(x, y, verbose=0, return_dict=True)
        assert type(model.metrics[1]) is metric
        assert name in result


def test_binary_classification(data):
    x, y = data
    model = fastcnn.Sequential([layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y > 0, epochs=30, verbose=0)
    assert type(model.metrics[1]) is metrics.BinaryAccuracy
    assert history.history["accuracy"][-1] > 0.9


def test_deferred_model_is_built_from_data(data):
    model = fastcnn.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(*data, verbose=0)
    assert model.input_shape == (None, 8, 8, 1)


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
def test_reductions(make_model, data, reduction):
    x, y = data
    model = make_model(loss=losses.SparseCategoricalCrossentropy(reduction=reduction), metrics=())
    probabilities = model.predict(x, verbose=0)
    values = -np.log(probabilities[range(40), y])
    batches = [values[:32], values[32:]]
    expected = values.mean()
    if reduction == "sum":
        expected = sum(batch.sum() * len(batch) for batch in batches) / 40
    assert model.evaluate(x, y, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_own_loss_and_metrics(make_model, data):
    x, y = data

    def own_loss(y_true, y_pred):
        return ops.sparse_categorical_crossentropy(y_true, y_pred)

    def first_probability(y_true, y_pred):
        return ops.matmul(y_pred, np.array([[1], [0], [0]]))

    class Rows(metrics.Metric):
        rows = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.rows += len(y_true)

        def result(self):
            return self.rows

        def reset_state(self):
            self.rows = 0

    model = make_model(loss=own_loss, metrics=[first_probability, Rows(name="rows")])
    known = make_model(metrics=())
    result = model.evaluate(x, y, verbose=0, return_dict=True)
    assert result["loss"] == pytest.approx(known.evaluate(x, y, verbose=0))
    assert result["rows"] == 40
    assert result["first_probability"] == pytest.approx(model.predict(x, verbose=0)[:, 0].mean(), rel=1e-5)
    model.fit(x, y, verbose=0)
    known.fit(x, y, verbose=0)
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(known.evaluate(x, y, verbose=0), rel=0.1)


def test_learning_rate_takes_effect_between_steps(make_model, data):
    model = make_model(optimizer=optimizers.SGD(0.1))
    model.train_on_batch(*data)
    before = model.get_weights()
    model.optimizer.learning_rate = 0
    model.train_on_batch(*data)
    for first, second in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert int(model.optimizer.iterations) == 2


def test_compiling_anew_takes_effect(make_model, data):
    model = make_model()
    recompile = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: model.compile("sgd", "mse"))
    model.fit(*data, verbose=0, callbacks=[recompile])
    target = np.eye(3)[data[1]]
    expected = np.mean((model.predict(data[0], verbose=0) - target) ** 2)
    assert model.evaluate(data[0], target, verbose=0) == pytest.approx(expected, rel=1e-5)
    model.fit(data[0], target, verbose=0)
    assert int(model.optimizer.iterations) == 2


def test_frozen_layers_keep_their_weights(make_model, data):
    model = make_model()
    model.train_on_batch(*data)
    model.layers[0].trainable = False
    before = [weight.copy() for weight in model.layers[0].get_weights()]
    dense = model.layers[3].get_weights()[0]
    model.train_on_batch(*data)
    for first, second in zip(before, model.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert np.abs(model.layers[3].get_weights()[0] - dense).max() > 0
    model.layers[0].trainable = True
    model.train_on_batch(*data)
    assert np.abs(model.layers[0].get_weights()[0] - before[0]).max() > 0


def test_layers_shared_by_two_models(make_model, data):
    x, y = data
    first = make_model()
    second = fastcnn.Sequential([*first.layers[:-1], layers.Dense(3, activation="softmax")])
    second.compile("sgd", "sparse_categorical_crossentropy")
    before = first.predict(x, verbose=0)
    second.fit(x, y, epochs=3, verbose=0)
    after = first.predict(x, verbose=0)
    np.testing.assert_array_equal(after, np.concatenate([first.predict(row[None], verbose=0) for row in x]))
    assert np.abs(after - before).max() > 0
    first.fit(x, y, verbose=0)
    second.fit(x, y, verbose=0)


def test_weights_lie_in_one_aligned_block(make_model, data):
    model = make_model()
    model.fit(*data, verbose=0)
    addresses = [variable.value.ctypes.data for variable in model.trainable_variables]
    assert all(address % 64 == 0 for address in addresses)
    size = sum(-(-variable.value.nbytes // 64) * 64 for variable in model.trainable_variables)
    assert addresses[-1] - addresses[0] < size


def test_loaded_weights_take_effect(make_model, data):
    x, y = data
    model, other = make_model(), make_model()
    other.fit(x, y, epochs=2, verbose=0)
    model.predict(x, verbose=0)
    model.set_weights(other.get_weights())
    np.testing.assert_array_equal(model.predict(x, verbose=0), other.predict(x, verbose=0))


def test_order_of_callbacks(make_model, data):
    seen = []
    names = [name for name in dir(callbacks.Callback) if name.startswith("on_") and "on_batch" not in name]

    def hook(name):
        return lambda *args, **kwargs: seen.append(name)

    log = {name: hook(name) for name in names}
    make_model().fit(
        *data, batch_size=16, epochs=2, verbose=0, validation_split=0.2, callbacks=[callbacks.LambdaCallback(**log)]
    )
    epoch = [
        "on_epoch_begin",
        *["on_train_batch_begin", "on_train_batch_end"] * 2,
        "on_test_begin",
        "on_test_batch_begin",
        "on_test_batch_end",
        "on_test_end",
        "on_epoch_end",
    ]
    assert seen == ["on_train_begin", *epoch, *epoch, "on_train_end"]


def test_logs_of_batches_are_those_of_the_epoch_so_far(make_model, data):
    seen = []
    record = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    history = make_model().fit(*data, batch_size=16, verbose=0, callbacks=[record])
    assert len(seen) == 3
    assert seen[-1] == history.history["loss"][0]


def test_stop_training(make_model, data):
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model = make_model()
    history = model.fit(*data, batch_size=8, epochs=5, verbose=0, callbacks=[Stop()])
    assert history.epoch == [0]
    assert int(model.optimizer.iterations) == 2
    assert model.fit(*data, epochs=2, verbose=0).epoch == [0, 1]


def test_epochs_and_validation_frequency(make_model, data):
    model = make_model()
    history = model.fit(*data, epochs=5, initial_epoch=2, verbose=0, validation_data=data, validation_freq=2)
    assert history.epoch == [2, 3, 4]
    assert len(history.history["val_loss"]) == 1
    history = model.fit(*data, epochs=3, verbose=0, validation_data=data, validation_freq=[1, 3])
    assert len(history.history["val_loss"]) == 2


def test_callbacks_with_real_training(make_model, data, tmp_path):
    model = make_model()
    history = model.fit(
        *data,
        epochs=4,
        verbose=0,
        validation_split=0.2,
        callbacks=[
            callbacks.ModelCheckpoint(tmp_path / "{epoch}.npz"),
            callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
            callbacks.EarlyStopping(patience=10, restore_best_weights=True),
        ],
    )
    np.testing.assert_allclose(history.history["learning_rate"], 0.001 / 2.0 ** np.arange(1, 5), rtol=1e-6)
    best = int(np.argmin(history.history["val_loss"])) + 1
    other = make_model()
    other.load_weights(tmp_path / f"{best}.npz")
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])


def test_plain_lines(make_model, data, capsys):
    make_model().fit(*data, epochs=2, batch_size=8, validation_split=0.2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2"
    assert lines[2] == "Epoch 2/2"
    assert lines[1].startswith("4/4 - ")
    names = [part.split(":")[0] for part in lines[3].split(" - ") if ":" in part]
    assert names == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_silence(make_model, data, capsys):
    model = make_model()
    model.fit(*data, verbose=0)
    model.evaluate(*data, verbose=0)
    model.predict(data[0], verbose=0)
    assert capsys.readouterr().out == ""
    model.evaluate(*data, verbose=2)
    model.predict(data[0])
    assert len(capsys.readouterr().out.splitlines()) == 2
