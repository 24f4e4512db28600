"""Profiles: the ops of a step as fused, their origins and figures, and a model that is afterwards as it was before."""

import json
import math

import numpy as np
import pytest

import fastcnn
from fastcnn import layers
from fastcnn.profiling.machine import Level, Machine
from fastcnn.profiling.profile import Profile, Row, readable

MACHINE = Machine(2, 100.0, (Level("L2", 1e6, 50.0, 25.0), Level("memory", math.inf, 20.0, 10.0)), "avx512")


@pytest.fixture(autouse=True)
def known_machine(monkeypatch):
    """Limits that are not measured."""
    monkeypatch.setattr("fastcnn.profiling.measure.machine", lambda: MACHINE)


@pytest.fixture
def model():
    model = fastcnn.Sequential(
        [
            fastcnn.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(),
            layers.Dropout(0.5, seed=1, name="drop"),
            layers.Dense(3, activation="softmax", name="classes"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_ops_of_training(model):
    profile = model.profile(16, seconds=0)
    found = {(row.layers, row.op): row for row in profile.rows}
    assert found[("batch",), "gather"].shape == (16, 8, 8, 1)
    fused = found[("conv", "pool"), "conv2d_max_pool"]
    assert fused.shape == (16, 3, 3, 4)
    assert fused.flops == 2 * 9 * 16 * 36 * 4
    assert fused.bytes == 4 * 16 * 64 + 4 * (36 + 4) + 5 * 16 * 36
    assert fused.memory >= 5 * 16 * 36
    for origin, op in [
        (("conv", "pool"), "conv2d_max_pool_weight_gradient"),
        (("drop",), "dropout"),
        (("classes",), "matmul"),
        (("classes", "loss"), "softmax_cross_entropy"),
        (("classes", "loss"), "softmax_cross_entropy_gradient"),
        (("optimizer",), "adam_update"),
        (("accuracy",), "accumulate"),
        (("loss",), "accumulate"),
    ]:
        assert (origin, op) in found
    assert (profile.mode, profile.batch_size) == ("training", 16)
    assert profile.memory["weights"] == 4 * model.count_params()
    assert profile.memory["optimizer"] >= 8 * model.count_params()
    assert profile.memory["activations and workspaces"] < 1e6


def test_ops_of_prediction(model):
    rows = model.profile(1, training=False, seconds=0).rows
    assert [row.op for row in rows] == ["gather", "conv2d_max_pool", "matmul", "softmax"]
    assert rows[1].kernel


def test_prediction_is_profiled_without_compile():
    model = fastcnn.Sequential([fastcnn.Input((4,)), layers.Dense(2)])
    assert model.profile(seconds=0).mode == "prediction"


def test_the_model_is_as_before(model):
    x, y = np.random.default_rng(0).random((16, 8, 8, 1), np.float32), np.arange(16) % 3
    model.train_on_batch(x, y)
    results = [metric.result() for metric in model.metrics]
    variables = [variable.numpy() for variable in (*model.variables, *model.optimizer.variables)]
    model.profile(16, seconds=0)
    for before, variable in zip(variables, (*model.variables, *model.optimizer.variables), strict=True):
        np.testing.assert_array_equal(before, variable.value)
    assert [metric.result() for metric in model.metrics] == results


@pytest.mark.parametrize(("loss", "units"), [("categorical_crossentropy", 3), ("binary_crossentropy", 1), ("mse", 2)])
def test_targets_fit_the_loss(loss, units):
    activation = {"mse": None, "binary_crossentropy": "sigmoid"}.get(loss, "softmax")
    model = fastcnn.Sequential([fastcnn.Input((4,)), layers.Dense(units, activation=activation)])
    model.compile("sgd", loss)
    assert any(row.op == "sgd_update" for row in model.profile(4, seconds=0).rows)


def test_several_inputs_and_outputs():
    left, right = fastcnn.Input((4,), name="left"), fastcnn.Input((3,), name="right")
    joined = layers.Concatenate()([left, right])
    ends = [layers.Dense(2, activation="softmax", name="kind")(joined), layers.Dense(1, name="size")(joined)]
    model = fastcnn.Model([left, right], ends)
    model.compile("sgd", ["sparse_categorical_crossentropy", "mse"])
    rows = model.profile(8, seconds=0).rows
    assert {("kind",), ("size",)} <= {row.layers for row in rows}
    x = [np.zeros((9, 4)), np.zeros((9, 3))]
    assert model.profile(8, training=False, x=x, seconds=0).batch_size == 8


def test_data_of_the_user(model):
    x, y = np.zeros((5, 8, 8)), np.zeros(5, int)
    assert model.profile(4, x=x, y=y, seconds=0).rows[0].shape == (4, 8, 8, 1)
    deferred = fastcnn.Sequential([layers.Flatten(), layers.Dense(2)])
    assert deferred.profile(4, x=x, seconds=0).batch_size == 4


def test_the_rows_are_those_of_the_data(model, monkeypatch):
    """A step out of the pool was last at the end of other data."""
    gathered = []

    def profile_program(program, **others):
        program.run()
        gathered.extend(program.array(tensor).copy() for tensor in program.graph.inputs)

    x, y = np.random.default_rng(0).random((40, 8, 8, 1), np.float32), np.arange(40) % 3
    model.fit(x, y, batch_size=8, verbose=0)
    monkeypatch.setattr("fastcnn.profiling.model.profile_program", profile_program)
    model.profile(8, x=x[8:], y=y[8:])
    np.testing.assert_array_equal(gathered[0], x[8:16])
    np.testing.assert_array_equal(gathered[1], y[8:16])


def test_refused(model):
    with pytest.raises(ValueError, match="batch_size must be an integer of at least 1"):
        model.profile(0)
    with pytest.raises(ValueError, match="training must be True, False or None"):
        model.profile(training="yes")
    with pytest.raises(ValueError, match="seconds must be a number"):
        model.profile(seconds=-1)
    plain = fastcnn.Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match="needs a compiled model"):
        plain.profile(training=True)
    with pytest.raises(ValueError, match="pass x"):
        plain.profile()


def test_limit_between_reading_and_copying():
    level = Level("L2", 1e6, 50.0, 25.0)
    assert level.limit(0.0) == 50
    assert level.limit(0.5) == level.limit(1.0) == 25
    assert 25 < level.limit(0.25) < 50
    assert MACHINE.level_of(1_000_000).name == "L2"
    assert MACHINE.level_of(1_000_001).name == "memory"


def test_table_and_data():
    row = Row(("dense",), "matmul", (32, 10), 1e-3, 9e-4, 50_000_000, 10_000, 1280, 50.0, 0.01, 0.5, 0.2, "L2", "plain")
    profile = Profile("net", "training", 32, (row,), 2e-3, 1e-3, {"weights": 12_345}, MACHINE)
    lines = str(profile).splitlines()
    assert lines[0] == "net: training, batch 32, 2 threads"
    assert lines[1] == "a step takes 2.000 ms (best 1.000): 16,000 rows/s"
    assert lines[2] == "this machine, avx512: 100 GFLOP/s; GB/s read from L2 50, memory 20"
    wanted = ["dense", "matmul", "32x10", "1000.0", "100", "50.00", "50.0", "50%", "0.01", "0.0", "20%", "L2"]
    assert lines[6].split() == [*wanted, "1.28", "kB", "plain"]
    assert "memory: weights 12.3 kB" in lines
    assert "over 100%" not in str(profile)
    assert repr(profile) == str(profile)
    data = json.loads(json.dumps(profile.to_dict()))
    assert data["rows"][0]["kernel"] == "plain"


def test_figures_that_look_impossible_are_explained():
    fast = Row(("conv",), "conv2d", (1, 9), 1e-3, 9e-4, 10, 10, 10, 150.0, 30.0, 1.5, 1.2, "L2", "winograd")
    text = str(Profile("net", "training", 32, (fast,), 2e-3, 1e-3, {}, MACHINE))
    assert "peak over 100%: FLOPs are those of the direct method" in text
    assert "bandwidth over 100%" in text


def test_every_op_says_which_kernel_and_why():
    inputs = fastcnn.Input((16, 16, 3))
    x = layers.MaxPooling2D(2)(layers.Conv2D(8, 3, activation="relu")(inputs))
    x = layers.MaxPooling2D(2, padding="same")(layers.Conv2D(8, 3, padding="same", activation="tanh")(x))
    x = layers.Conv2D(8, 5, padding="same", groups=2)(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same")(layers.BatchNormalization()(x))
    x = layers.Dropout(0.5)(layers.Dense(32, activation="gelu")(layers.Flatten()(x)))
    model = fastcnn.Model(inputs, layers.Dense(4, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for row in model.profile(16, seconds=0).rows:
        assert len(row.kernel.split(":")[-1]) > 5, row
    reasons = [row.kernel for row in model.profile(16, training=False, seconds=0).rows]
    assert any(reason.startswith(("direct: 2 groups", "on planes")) for reason in reasons)


def test_readable():
    assert [readable(size) for size in (0, 999, 12_340, 5_600_000)] == ["0 B", "999 B", "12.3 kB", "5.6 MB"]
