"""What users of Keras write beside the tutorials' straight path."""

import pickle

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, layers, metrics, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 6)).astype("float32")
Y = RNG.integers(0, 3, 20)


def classifier(**options):
    model = Sequential([layers.Dense(3, activation="softmax", input_shape=(6,))])
    model.compile("adam", "sparse_categorical_crossentropy", **options)
    return model


class LowRank(layers.Layer):
    """A dense layer whose weights are the product of two smaller ones: an op of variables alone."""

    def build(self, input_shape):
        self.a = self.add_weight(shape=(6, 2), name="a")
        self.b = self.add_weight(shape=(2, 3), name="b")
        super().build(input_shape)

    def call(self, inputs):
        return ops.softmax(ops.matmul(inputs, ops.matmul(self.a, self.b)))


def test_ops_of_weights_alone_are_trained_and_follow_the_weights():
    model = Sequential([layers.Input((6,)), LowRank()])
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert all((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))
    first = model.predict(X, verbose=0)
    model.set_weights([2 * weight for weight in model.get_weights()])
    assert (model.predict(X, verbose=0) != first).any()


class Doubled(LowRank):
    """Arithmetic on a weight by an operator."""

    def call(self, inputs):
        return ops.matmul(inputs, ops.matmul(2 * self.a, self.b))


def test_operators_on_weights_follow_the_weights():
    model = Sequential([layers.Input((6,)), Doubled()])
    before = model.predict(X, verbose=0)
    model.set_weights([3 * weight for weight in model.get_weights()])
    assert np.allclose(model.predict(X, verbose=0), 9 * before, rtol=1e-5)


def test_a_refused_fit_leaves_a_deferred_model_unbuilt():
    model = Sequential([layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="differ in length"):
        model.fit(X[:, :4], Y[:5], verbose=0)
    assert not model.built
    model.fit(X, Y, verbose=0)
    assert model.input_shape == (None, 6)


def test_a_list_of_one_array_is_that_array():
    model = classifier()
    model.fit([X], [Y], verbose=0)
    assert np.array_equal(model.predict([X], verbose=0), model.predict(X, verbose=0))


def test_a_masked_array_is_refused():
    with pytest.raises(TypeError, match=r"x is a masked array; pass x.filled"):
        classifier().fit(np.ma.masked_less(X, 0), Y, verbose=0)


def test_a_frozen_model_is_measured_and_left_as_it_is():
    model = classifier()
    model.trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    assert model.fit(X, Y, verbose=0).history["loss"][0] > 0
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("metric", ["mse", "binary_accuracy", metrics.Accuracy()])
def test_metrics_of_values_beside_a_sparse_loss_say_what_to_use(metric):
    with pytest.raises(ValueError, match=r"compares values, but the loss .* use the metric 'accuracy'"):
        classifier(metrics=[metric]).fit(X, Y, verbose=0)


def test_accuracy_with_one_class():
    model = Sequential([layers.Dense(1, activation="softmax", input_shape=(6,))])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert model.fit(X, 0 * Y, verbose=0).history["accuracy"] == [1.0]


def test_the_learning_rate_is_a_number():
    model = classifier()
    model.optimizer.learning_rate = model.optimizer.learning_rate * 0.5
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0005)
    assert model.optimizer.learning_rate < 0.001
    assert np.array_equal(2 * model.weights[0], 2 * model.get_weights()[0])
    assert np.array_equal(model.weights[0][1], model.get_weights()[0][1])


def test_a_schedule_may_take_the_epoch_alone():
    model = classifier()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_a_checkpoint_of_weights_only(tmp_path):
    path = tmp_path / "best.weights.npz"
    saved = callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=True, save_weights_only=True)
    classifier().fit(X, Y, verbose=0, callbacks=[saved])
    assert path.exists()


def test_early_stopping_remembers_the_best_epoch():
    stop = callbacks.EarlyStopping(monitor="loss", patience=2)
    classifier().fit(X, Y, epochs=4, verbose=0, callbacks=[stop])
    assert (stop.best_epoch, stop.monitor, stop.wait) == (3, "loss", 0)


def test_a_trained_model_can_be_pickled():
    model = classifier()
    model.fit(X, Y, verbose=0)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_built_model_gives_an_outer_model_its_shape():
    outer = Sequential([classifier(), layers.Dense(2)])
    assert outer.output_shape == (None, 2)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        classifier().save_weights(tmp_path / "nowhere" / "a.weights.npz")


def test_a_train_step_of_the_user_is_refused_not_ignored():
    class Own(Sequential):
        def train_step(self, data):
            return {}

    model = Own([Input((2,)), layers.Dense(1)])
    with pytest.raises(TypeError, match="Own defines train_step, which fastcnn does not call"):
        model.compile("sgd", "mse")
    assert not model.compiled
