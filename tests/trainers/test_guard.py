"""What trains and what evaluates a model do not get into each other's way."""

import copy
import threading

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, layers

X = np.random.default_rng(0).random((32, 4), dtype="float32")
Y = np.random.default_rng(1).integers(0, 2, 32)


def make():
    model = Sequential([Input((4,)), layers.Dense(2, activation="softmax", kernel_initializer="ones")])
    model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class AfterBatch(callbacks.Callback):
    def __init__(self, action):
        super().__init__()
        self.action = action
        self.results = []

    def on_train_batch_end(self, batch, logs=None):
        self.results.append(self.action(self.model))


def test_evaluate_within_fit_leaves_the_metrics_alone():
    def evaluate(model):
        return model.evaluate(X[:8], Y[:8], verbose=0)

    inner = AfterBatch(evaluate)
    one, other = make(), make()
    history = one.fit(X, Y, epochs=2, batch_size=8, shuffle=False, verbose=0, callbacks=[inner]).history
    assert history == other.fit(X, Y, epochs=2, batch_size=8, shuffle=False, verbose=0).history
    assert inner.results[-1] == other.evaluate(X[:8], Y[:8], verbose=0)


@pytest.mark.parametrize("method", ["evaluate", "fit", "test_on_batch", "train_on_batch"])
def test_another_thread_gets_an_error(method):
    caught = []

    def call(model):
        with pytest.raises(RuntimeError, match=f"{method} while another thread trains or evaluates the same model"):
            getattr(model, method)(X, Y, **({} if "batch" in method else {"verbose": 0}))
        model.predict(X, verbose=0)
        copy.deepcopy(model).evaluate(X, Y, verbose=0)
        caught.append(True)

    def from_a_thread(model):
        thread = threading.Thread(target=call, args=(model,))
        thread.start()
        thread.join()

    model, other = make(), make()
    history = model.fit(X, Y, shuffle=False, verbose=0, callbacks=[AfterBatch(from_a_thread)]).history
    assert caught == [True]
    assert history == other.fit(X, Y, shuffle=False, verbose=0).history
    model.evaluate(X, Y, verbose=0)


def test_free_again_after_an_error():
    def fail(model):
        raise KeyError

    model = make()
    with pytest.raises(KeyError):
        model.fit(X, Y, verbose=0, callbacks=[AfterBatch(fail)])
    assert model.progress is None
    thread = threading.Thread(target=model.evaluate, args=(X, Y), kwargs={"verbose": 0})
    thread.start()
    thread.join()
