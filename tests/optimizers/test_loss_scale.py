"""LossScaleOptimizer: a step with a gradient that is not finite is undone, the scale follows Keras's rule."""

import numpy as np
import pytest

from fastcnn import Input, Sequential, layers, models, optimizers
from fastcnn.graph import Variable

X = np.random.default_rng(0).random((16, 4), dtype="float32")
Y = X.sum(axis=1, keepdims=True)


def make(optimizer):
    model = Sequential([Input((4,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer, "mse")
    return model


def state(model):
    return [v.value.copy() for v in [*model.weights, *model.optimizer.inner_optimizer.variables]]


def test_training_is_that_of_the_inner_optimizer():
    plain, scaled = make(optimizers.Adam(0.1)), make(optimizers.LossScaleOptimizer(optimizers.Adam(0.1), 1024.0))
    for model in (plain, scaled):
        model.fit(X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(scaled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert int(scaled.optimizer.iterations) == 6


def test_steps_are_undone():
    model = make(optimizers.LossScaleOptimizer(optimizers.Adam(0.1), 4.0, dynamic_growth_steps=2))
    model.train_on_batch(X, Y)
    before = state(model)
    model.train_on_batch(np.where(X[0, 0] == X, np.inf, X), Y)
    for one, other in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (float(model.optimizer.dynamic_scale), int(model.optimizer.step_counter)) == (2.0, 0)
    for scale in (2.0, 4.0, 4.0, 8.0):
        model.train_on_batch(X, Y)
        assert float(model.optimizer.dynamic_scale) == scale


def test_saved_and_loaded(tmp_path):
    model = make(optimizers.LossScaleOptimizer(optimizers.SGD(0.1, momentum=0.9), 8.0, dynamic_growth_steps=2))
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.fastcnn")
    loaded = models.load_model(tmp_path / "m.fastcnn")
    assert float(loaded.optimizer.dynamic_scale) == float(model.optimizer.dynamic_scale)
    for one in (model, loaded):
        one.fit(X, Y, shuffle=False, epochs=2, verbose=0)
    for one, other in zip(state(loaded), state(model), strict=True):
        np.testing.assert_array_equal(one, other)


def test_arguments():
    with pytest.raises(ValueError, match=r"does not support `clipnorm`. Instead, set `clipnorm` on the `inner_opt"):
        optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0)
    with pytest.raises(ValueError, match="no longer supports `dynamic=False`"):
        optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False)
    with pytest.raises(ValueError, match="does not support arguments: `surprise`"):
        optimizers.LossScaleOptimizer(optimizers.SGD(), surprise=1)
    with pytest.raises(ValueError, match="inner_optimizer must be an Optimizer"):
        optimizers.LossScaleOptimizer("sgd")
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(0.5, loss_scale_factor=3.0))
    assert optimizer.inner_optimizer.loss_scale_factor is None
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_as_in_keras():
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    theirs = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1), 8.0, dynamic_growth_steps=3)
    ours = optimizers.LossScaleOptimizer(optimizers.Adam(0.1), 8.0, dynamic_growth_steps=3)
    one, other = keras.Variable(np.ones(3, "float32")), Variable(np.ones(3, "float32"))
    theirs.build([one])
    weights, held = [one.value], [v.value for v in theirs.variables]
    for step in range(10):
        gradient = np.array([1.0, step, np.nan if step == 5 else -2.0], "float32")
        weights, held = theirs.stateless_apply(held, [gradient], weights)
        ours.apply([gradient], [other])
        assert float(ours.dynamic_scale) == float(held[3])
    np.testing.assert_allclose(other.value, np.asarray(weights[0]), rtol=1e-4)
    assert ours.get_config().keys() == theirs.get_config().keys()
    assert [v.name for v in ours.variables][:5] == [v.name for v in theirs.variables][:5]
