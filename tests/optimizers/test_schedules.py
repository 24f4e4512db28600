"""Learning-rate schedules against Keras's values, their configurations and errors, and how a step follows them."""

import os

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, optimizers
from fastcnn.optimizers import schedules

STEPS = [0, 1, 3, 5, 7, 10, 11, 24, 100]
# Name, arguments, and Keras's values at STEPS.
CASES = [
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 10, "decay_rate": 0.5},
        [0.2, 0.1866066, 0.1624505, 0.1414214, 0.1231144, 0.1, 0.0933033, 0.03789291, 0.0001953125],
    ),
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 4, "decay_rate": 0.9, "staircase": True},
        [0.2, 0.2, 0.2, 0.18, 0.18, 0.162, 0.162, 0.1062882, 0.01435795],
    ),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 10, "decay_rate": 0.5},
        [0.2, 0.1904762, 0.173913, 0.16, 0.1481481, 0.1333333, 0.1290323, 0.09090909, 0.03333334],
    ),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 4, "decay_rate": 0.9, "staircase": True},
        [0.2, 0.2, 0.2, 0.1052632, 0.1052632, 0.07142857, 0.07142857, 0.03125, 0.008510638],
    ),
    (
        "PolynomialDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 10},
        [0.2, 0.18001, 0.14003, 0.10005, 0.06007, 0.0001, 0.0001, 0.0001, 0.0001],
    ),
    (
        "PolynomialDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 10, "end_learning_rate": 0.05, "power": 2.0, "cycle": True},
        [0.2, 0.1715, 0.1235, 0.08750001, 0.0635, 0.05, 0.080375, 0.056, 0.05],
    ),
    (
        "PiecewiseConstantDecay",
        {"boundaries": [3, 10], "values": [0.5, 0.25, 0.1]},
        [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.1, 0.1, 0.1],
    ),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.2, "decay_steps": 20, "alpha": 0.1},
        [0.2, 0.198892, 0.1901906, 0.1736396, 0.1508591, 0.11, 0.09592089, 0.02, 0.02],
    ),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 20, "warmup_target": 0.3, "warmup_steps": 5},
        [0.01, 0.068, 0.184, 0.3, 0.2926585, 0.256066, 0.2381678, 0.001846746, 0.0],
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.2, "first_decay_steps": 6, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
        [0.2, 0.1879423, 0.11, 0.03205771, 0.1596579, 0.1045027, 0.07949732, 0.0488, 0.05335634],
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.2, "first_decay_steps": 6, "t_mul": 1.0},
        [0.2, 0.1866025, 0.09999999, 0.01339746, 0.1866025, 0.05000001, 0.01339745, 0.2, 0.05000016],
    ),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_names_are_kept(name, arguments, expected):
    assert getattr(schedules, name)(**arguments, name="mine").get_config()["name"] == "mine"


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_values(name, arguments, expected):
    schedule = getattr(schedules, name)(**arguments)
    np.testing.assert_allclose([schedule(step) for step in STEPS], expected, rtol=1e-5, atol=1e-7)
    again = schedules.deserialize(schedules.serialize(schedule))
    assert type(again) is type(schedule)
    assert again.get_config() == schedule.get_config()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_keras_itself(name, arguments, expected):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="Keras is not installed: parity of schedules is not checked")
    theirs, ours = getattr(keras.optimizers.schedules, name)(**arguments), getattr(schedules, name)(**arguments)
    np.testing.assert_allclose([ours(s) for s in STEPS], [float(theirs(s)) for s in STEPS], rtol=1e-5, atol=1e-7)
    assert ours.get_config() == theirs.get_config()
    assert schedules.serialize(ours) == keras.optimizers.schedules.serialize(theirs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "`decay_steps` must be > 0. Received: decay_steps=0"),
        (lambda: schedules.CosineDecayRestarts(0.1, -1), "`first_decay_steps` must be > 0"),
        (lambda: schedules.PiecewiseConstantDecay([1], [0.1]), "should be 1 less than the length of values"),
        (lambda: schedules.deserialize({"class_name": "CosinDecay", "config": {}}), "did you mean 'CosineDecay'"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


class Halving(schedules.LearningRateSchedule):
    """A schedule of a user, with a note of what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, step):
        self.asked.append(step)
        return 0.5**step

    def get_config(self):
        return {}


def test_the_base_says_what_to_define():
    with pytest.raises(NotImplementedError, match=r"must override `__call__\(self, step\)`"):
        schedules.LearningRateSchedule()(0)
    with pytest.raises(NotImplementedError, match=r"must override `get_config\(\)`"):
        schedules.LearningRateSchedule().get_config()


def test_training_follows_a_schedule():
    schedule = Halving()
    model = fastcnn.Sequential([fastcnn.Input((1,)), layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    model.compile(optimizers.SGD(schedule), loss=lambda y, prediction: prediction)
    model.fit(np.ones((6, 1)), np.zeros(6), batch_size=2, epochs=1, verbose=0)
    assert schedule.asked == [0, 1, 2]
    np.testing.assert_allclose(model.get_weights()[0], [[-1.75]])
    config = optimizers.serialize(model.optimizer)
    assert config["config"]["learning_rate"]["class_name"] == "Halving"
    again = optimizers.deserialize(config, {"Halving": Halving})
    assert isinstance(again.get_config()["learning_rate"], dict)
