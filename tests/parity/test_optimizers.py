"""Optimizers and schedules against Keras's: ten steps, configurations, values."""

import numpy as np
import pytest

from fastcnn import optimizers
from fastcnn.graph import Variable
from fastcnn.optimizers import schedules

START = [np.array([1, -2, 3, 0.5], "float32"), np.array([[0.5, -1.0], [2.0, 0.1]], "float32")]
SCALES = [np.array([1, 0.5, 2, 0.1], "float32"), np.array([[1.0, 0.2], [3.0, 0.05]], "float32")]
PLAIN = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Lion", "Lamb", "Ftrl"]
CASES = [
    *((name, {"learning_rate": 0.05}) for name in PLAIN),
    *((name, {"learning_rate": 0.05, "weight_decay": 0.1, "clipnorm": 0.5}) for name in PLAIN if name != "Ftrl"),
    *((name, {"learning_rate": 0.05, "global_clipnorm": 1.0}) for name in PLAIN),
    *((name, {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.8}) for name in PLAIN),
    ("Adafactor", {"learning_rate": 0.05}),
    ("Muon", {"learning_rate": 0.05}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05, "warmup_steps": 4, "beta_1": 0.8, "weight_decay": 0.1}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05, "clipnorm": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "clipvalue": 0.4}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.05, "momentum": 0.5, "centered": True, "rho": 0.8}),
    (
        "Ftrl",
        {"learning_rate": 0.05, "l1_regularization_strength": 0.1, "l2_regularization_strength": 0.1, "beta": 0.2},
    ),
]
RATE = {"initial_learning_rate": 0.2}
SCHEDULES = [
    ("ExponentialDecay", {**RATE, "decay_steps": 4, "decay_rate": 0.9}),
    ("ExponentialDecay", {**RATE, "decay_steps": 4, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {**RATE, "decay_steps": 4, "decay_rate": 0.9, "staircase": True}),
    ("PolynomialDecay", {**RATE, "decay_steps": 10, "end_learning_rate": 0.05, "power": 2.0, "cycle": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 10], "values": [0.5, 0.25, 0.1]}),
    ("CosineDecay", {**RATE, "decay_steps": 20, "alpha": 0.1, "warmup_target": 0.3, "warmup_steps": 5}),
    ("CosineDecayRestarts", {**RATE, "first_decay_steps": 6, "t_mul": 1.5, "m_mul": 0.9, "alpha": 0.1}),
]
FAMILY = {"serialize", "deserialize"}
CHECKED = {
    "optimizers": {
        *PLAIN,
        "Adafactor",
        "LossScaleOptimizer",
        "MultiOptimizer",
        "Muon",
        "Optimizer",
        "OptimizerMap",
        "ScheduleFreeAdamW",
        "get",
        *FAMILY,
    },
    "optimizers.schedules": {*(name for name, _ in SCHEDULES), "LearningRateSchedule", *FAMILY},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), CASES)
def test_ten_steps(keras, name, options):
    ours, theirs = getattr(optimizers, name)(**options), getattr(keras.optimizers, name)(**options)
    assert isinstance(ours, optimizers.Optimizer)
    mine = [Variable(value.copy(), f"w{number}") for number, value in enumerate(START)]
    right = [keras.Variable(value, name=f"w{number}") for number, value in enumerate(START)]
    for _ in range(10):
        ours.apply([scale * w.value for scale, w in zip(SCALES, mine, strict=True)], mine)
        theirs.apply([scale * w.value for scale, w in zip(SCALES, right, strict=True)], right)
    for one, other in zip(mine, right, strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=2e-4, atol=2e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "options"), CASES)
def test_configurations(keras, name, options):
    ours, theirs = getattr(optimizers, name)(**options), getattr(keras.optimizers, name)(**options)
    config = ours.get_config()
    for key, value in theirs.get_config().items():
        assert config[key] == (pytest.approx(value) if isinstance(value, float) else value), key
    again = optimizers.deserialize(optimizers.serialize(ours))
    assert type(again) is type(ours)
    assert again.get_config() == config


@pytest.mark.parametrize("name", PLAIN)
def test_names(keras, name):
    assert type(optimizers.get(name)).__name__ == name
    if name != "Lamb":  # which Keras does not know by name
        assert type(keras.optimizers.get(name)).__name__ == name


@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_schedule(keras, name, options):
    ours, theirs = getattr(schedules, name)(**options), getattr(keras.optimizers.schedules, name)(**options)
    assert isinstance(ours, schedules.LearningRateSchedule)
    for step in (0, 1, 3, 5, 7, 10, 11, 24, 100):
        assert float(ours(step)) == pytest.approx(float(theirs(step)), rel=2e-5, abs=1e-7)
    assert ours.get_config() == theirs.get_config()
    again = schedules.deserialize(schedules.serialize(ours))
    assert again.get_config() == ours.get_config()


def network(package):
    layers = package.layers
    return package.Sequential(
        [package.Input((5,)), layers.Dense(4, activation="tanh", name="body"), layers.Dense(2, name="head")]
    )


def by_path(package):
    kinds = package.optimizers
    return kinds.MultiOptimizer(kinds.OptimizerMap(kinds.Adam(0.05), {".*head/kernel": kinds.SGD(0.3, momentum=0.9)}))


COMPOSED = {
    "loss scale": lambda p: p.optimizers.LossScaleOptimizer(p.optimizers.Adam(0.05), 8.0, dynamic_growth_steps=3),
    "several": by_path,
    "schedule-free": lambda p: p.optimizers.ScheduleFreeAdamW(0.05, warmup_steps=3),
    "schedule-free, accumulated": lambda p: p.optimizers.ScheduleFreeAdamW(0.05, gradient_accumulation_steps=2),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", COMPOSED)
def test_compiled_steps(keras, kind, tmp_path):
    import fastcnn

    rng = np.random.RandomState(5)
    x, y = rng.normal(size=(40, 5)).astype("float32"), rng.normal(size=(40, 2)).astype("float32")
    ours, theirs = network(fastcnn), network(keras)
    theirs.set_weights(ours.get_weights())
    for package, model in ((fastcnn, ours), (keras, theirs)):
        model.compile(COMPOSED[kind](package), "mse")
        model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-4)
    if kind == "loss scale":
        assert float(ours.optimizer.dynamic_scale) == float(theirs.optimizer.dynamic_scale) == 64
    assert len(ours.optimizer.variables) == len(theirs.optimizer.variables)
    again = optimizers.deserialize(optimizers.serialize(ours.optimizer))
    assert again.get_config() == ours.optimizer.get_config()
    keras.optimizers.deserialize(optimizers.serialize(ours.optimizer))
    ours.save(tmp_path / "ours.keras")
    theirs.save(tmp_path / "theirs.keras")
    ours.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0)
    for path in ("ours.keras", "theirs.keras"):
        loaded = fastcnn.models.load_model(tmp_path / path)
        loaded.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0)
        for one, other in zip(loaded.get_weights(), ours.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=5e-3, atol=5e-4)


def test_several_optimizers_are_checked():
    kinds = optimizers
    with pytest.raises(TypeError, match="default_optimizer must be"):
        kinds.OptimizerMap("sgd")
    by_path = kinds.OptimizerMap(kinds.SGD(), {"a.*": kinds.SGD(), "ab": kinds.Adam(), ".b.*": kinds.SGD()})
    assert type(by_path["ab"]) is kinds.Adam
    with pytest.raises(ValueError, match="Multiple optimizers assigned"):
        by_path["abc"]
    with pytest.raises(ValueError, match="already exists"):
        by_path["ab"] = kinds.SGD()
    with pytest.raises(ValueError, match="cannot be LossScaleOptimizer"):
        by_path["c"] = kinds.LossScaleOptimizer(kinds.SGD())
    with pytest.raises(AttributeError, match="Learning rate cannot be"):
        kinds.MultiOptimizer(by_path).learning_rate = 1
    with pytest.raises(ValueError, match="is not an Optimizer instance"):
        kinds.MultiOptimizer(lambda variable: None).build([Variable(np.zeros(2, "float32"))])
