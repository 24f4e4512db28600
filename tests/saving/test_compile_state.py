"""A loaded model trains on as the one that was saved would have, bit for bit."""

import json
import zipfile

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers, losses, metrics, models, ops, optimizers, saving, utils
from fastcnn.optimizers import schedules

X = np.random.default_rng(0).standard_normal((48, 8, 8, 1)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 48)


def make():
    return Sequential(
        [
            Input((8, 8, 1)),
            layers.RandomFlip(),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def train(model, epochs=2):
    utils.set_random_seed(7)
    return model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0).history


def bits(model):
    return [variable.value.copy() for variable in [*model.variables, *model.optimizer.variables]]


def assert_same(one, other):
    for a, b in zip(bits(one), bits(other), strict=True):
        np.testing.assert_array_equal(a, b)


OPTIMIZERS = [
    lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    lambda: optimizers.Adam(schedules.CosineDecay(0.01, 20), amsgrad=True, use_ema=True),
    lambda: optimizers.AdamW(0.01, global_clipnorm=1.0, gradient_accumulation_steps=2),
    lambda: optimizers.Nadam(0.01),
    lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
]


@pytest.mark.parametrize("number", range(len(OPTIMIZERS)))
def test_training_goes_on(tmp_path, number):
    model = make()
    model.compile(OPTIMIZERS[number](), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    train(model)
    model.save(tmp_path / "m.fastcnn")
    loaded = models.load_model(tmp_path / "m.fastcnn")
    assert_same(loaded, model)
    assert loaded.get_compile_config() == model.get_compile_config()
    assert train(loaded) == train(model)
    assert_same(loaded, model)


def test_a_rate_that_was_set(tmp_path):
    model = make()
    model.compile("adam", loss="mse")
    model.optimizer.learning_rate = 0.25
    model.save(tmp_path / "m.fastcnn")
    assert float(models.load_model(tmp_path / "m.fastcnn").optimizer.learning_rate) == 0.25


def test_weights_that_do_not_decay_and_frozen_ones(tmp_path):
    model = make()
    optimizer = optimizers.AdamW(0.01, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, loss="sparse_categorical_crossentropy")
    model.layers[1].trainable = False
    train(model, 1)
    model.layers[1].trainable = True
    train(model, 1)  # the slots of the convolution are made now, behind the others
    model.layers[-1].trainable = False
    model.save(tmp_path / "m.fastcnn")
    loaded = models.load_model(tmp_path / "m.fastcnn")
    assert_same(loaded, model)
    train(loaded)
    train(model)
    assert_same(loaded, model)


def test_all_arguments(tmp_path):
    inputs = Input((4,))
    outputs = {"a": layers.Dense(1, name="a")(inputs), "b": layers.Dense(3, name="b")(inputs)}
    model = Model(inputs, outputs)
    model.compile(
        optimizers.SGD(0.1),
        loss={"a": losses.Huber(0.5), "b": "mse"},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": [metrics.MeanAbsoluteError], "b": ["mae", losses.log_cosh]},
        weighted_metrics={"b": [metrics.RootMeanSquaredError(name="rms")]},
    )
    rng = np.random.default_rng(0)
    x, y = rng.random((8, 4)), {"a": rng.random((8, 1)), "b": rng.random((8, 3))}
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.fastcnn")
    loaded = models.load_model(tmp_path / "m.fastcnn")
    assert loaded.evaluate(x, y, verbose=0, return_dict=True) == model.evaluate(x, y, verbose=0, return_dict=True)


def test_not_compiled(tmp_path):
    model = make()
    model.save(tmp_path / "m.fastcnn")
    assert not models.load_model(tmp_path / "m.fastcnn").compiled
    assert model.get_compile_config() == {}
    model.compile("adam", loss="mse")
    model.save(tmp_path / "m.fastcnn")
    assert not models.load_model(tmp_path / "m.fastcnn", compile=False).compiled
    model.save(tmp_path / "n.fastcnn", include_optimizer=False)
    assert int(models.load_model(tmp_path / "n.fastcnn").optimizer.iterations) == 0


def my_loss(y_true, y_pred):
    return ops.mean(ops.square(y_pred - y_true), axis=-1)


class MyMetric(metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(ops.mean(ops.abs(y_pred), axis=-1))


class MyRate(schedules.LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate

    def get_config(self):
        return {"rate": self.rate}


def my_activation(x):
    return ops.maximum(x, 0.0) * 2


CUSTOM = {one.__name__: one for one in (my_loss, MyMetric, MyRate, my_activation)}


def save_custom(path):
    model = Sequential([Input((4,)), layers.Dense(2, activation=my_activation)])
    model.compile(optimizers.SGD(MyRate(0.5)), loss=my_loss, metrics=[MyMetric(name="m"), my_loss])
    model.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    model.save(path)
    return model


def test_custom_objects(tmp_path):
    model = save_custom(tmp_path / "m.fastcnn")
    x, y = np.ones((8, 4)), np.ones((8, 2))
    with pytest.raises(ValueError, match="unknown activation 'my_activation'"):
        models.load_model(tmp_path / "m.fastcnn")
    with pytest.raises(ValueError, match=r"unknown .*; load it with compile=False"):
        models.load_model(tmp_path / "m.fastcnn", {"my_activation": my_activation})
    models.load_model(tmp_path / "m.fastcnn", {"my_activation": my_activation}, compile=False)
    expected = model.evaluate(x, y, verbose=0)
    loaded = models.load_model(tmp_path / "m.fastcnn", CUSTOM)
    assert loaded.evaluate(x, y, verbose=0) == expected
    with saving.custom_object_scope(CUSTOM):
        loaded = models.load_model(tmp_path / "m.fastcnn")
    assert loaded.evaluate(x, y, verbose=0) == expected


def test_registered_objects(tmp_path, monkeypatch):
    monkeypatch.setattr("fastcnn.utils.custom_objects.REGISTERED", {})
    monkeypatch.setattr("fastcnn.utils.custom_objects.NAMES", {})
    for one in CUSTOM.values():
        assert saving.register_keras_serializable("mine")(one) is one
    model = save_custom(tmp_path / "m.fastcnn")
    assert model.get_compile_config()["loss"]["registered_name"] == "mine>my_loss"
    loaded = models.load_model(tmp_path / "m.fastcnn")
    assert loaded.get_compile_config() == model.get_compile_config()


def test_what_has_no_name_is_left_out(tmp_path):
    model = Sequential([Input((4,)), layers.Dense(2)])
    model.compile("sgd", loss=lambda y, p: ops.mean(ops.square(p - y), axis=-1))
    with pytest.warns(UserWarning, match=r"saved without what it is compiled with: .*<lambda>.* names, no code"):
        model.save(tmp_path / "m.fastcnn")
    assert not models.load_model(tmp_path / "m.fastcnn").compiled


class OwnCompile(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.head = layers.Dense(2)

    def call(self, inputs):
        return self.head(inputs)

    def get_config(self):
        return {"name": self.name}

    def compile(self, **kwargs):
        super().compile(optimizer="sgd", loss="mse")


def test_overridden_compile(tmp_path):
    model = OwnCompile()
    model.build((None, 4))
    model.compile()
    model.save(tmp_path / "m.fastcnn")
    with pytest.warns(UserWarning, match="method is custom"):
        assert not models.load_model(tmp_path / "m.fastcnn", {"OwnCompile": OwnCompile}).compiled


def test_safe_mode(tmp_path):
    with pytest.raises(ValueError, match="safe_mode must be True, received False"):
        models.load_model(tmp_path / "m.fastcnn", safe_mode=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config["compile_config"].update(loss="no_loss"), "unknown loss 'no_loss'"),
        (lambda config: config["compile_config"].update(surprise=1), "surprise"),
        (
            lambda config: config["compile_config"]["optimizer"].update(class_name="system"),
            "unknown optimizer 'system'",
        ),
        (
            lambda config: config["compile_config"]["optimizer"].update(module="os", class_name="system"),
            "unknown class",
        ),
        (lambda config: config["compile_config"]["optimizer"]["config"].update(beta_1=7), "beta_1"),
        (lambda config: config["compile_config"]["optimizer"]["config"].update(amsgrad=True), "it lacks optimizer"),
        (lambda config: config["compile_config"]["metrics"][0]["config"].update(num_classes=10**9), "larger than"),
        (lambda config: config["optimizer"].update(weights=["nothing"]), "does not have"),
        (lambda config: config.update(compile_config=[1]), "cannot be compiled"),
        (
            lambda config: config["compile_config"].update(
                loss={"class_name": "__lambda__", "config": {"value": "code"}, "module": "builtins"}
            ),
            "never runs",
        ),
        (
            lambda config: config["compile_config"].update(
                loss={"class_name": "function", "config": "eval", "module": "builtins", "registered_name": "eval"}
            ),
            "unknown function 'eval'",
        ),
    ],
)
def test_hostile_files(tmp_path, change, message):
    model = Sequential([Input((4,)), layers.Dense(2)])
    model.compile("adam", loss="mse", metrics=[metrics.MeanIoU(num_classes=2)])
    path = tmp_path / "m.fastcnn"
    model.optimizer.build(model.trainable_variables)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, "config.json": json.dumps(config)}.items():
            archive.writestr(name, data)
    with pytest.raises(ValueError, match=message) as caught:
        models.load_model(path)
    assert "m.fastcnn" in str(caught.value)


def test_files_of_format_1(tmp_path):
    path = tmp_path / "m.fastcnn"
    model = make()
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if "/states/" not in name}
    config = json.loads(members["config.json"])
    config["format"] = 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, "config.json": json.dumps(config)}.items():
            archive.writestr(name, data)
    np.testing.assert_array_equal(models.load_model(path).predict(X, verbose=0), model.predict(X, verbose=0))
