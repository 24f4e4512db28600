"""SwapEMAWeights evaluates the averages and trains the weights; RemoteMonitor posts results."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest

from fastcnn import Input, Sequential, callbacks, layers, optimizers

X = np.random.default_rng(0).random((32, 4), dtype="float32")
Y = X.sum(axis=1, keepdims=True)


def make(use_ema=True):
    model = Sequential([Input((4,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizers.SGD(0.1, use_ema=use_ema, ema_momentum=0.5), loss="mse")
    return model


class Watch(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append([self.model.get_weights()[0].copy(), self.model.optimizer._averages[0].numpy().copy()])


def fit(model, *more, **kwargs):
    return model.fit(X, Y, epochs=3, shuffle=False, verbose=0, callbacks=list(more), **kwargs)


def test_validation_sees_the_averages():
    plain, swapped, watch = make(), make(), Watch()
    fit(plain, watch)
    history = fit(swapped, callbacks.SwapEMAWeights(), validation_data=(X, Y)).history
    np.testing.assert_array_equal(swapped.get_weights()[0], plain.get_weights()[0])
    judge = make(use_ema=False)
    judge.set_weights(swapped.get_weights())
    assert history["val_loss"][-1] == judge.evaluate(X, Y, verbose=0)
    weights, average = watch.seen[-1]
    assert not np.array_equal(weights, average)
    np.testing.assert_array_equal(plain.get_weights()[0], average)


@pytest.mark.parametrize("stop", [None, callbacks.EarlyStopping("loss", min_delta=1e9)])
def test_swap_on_epoch(stop):
    watch, inner, model = Watch(), Watch(), make()
    fit(make(), watch)
    fit(model, callbacks.SwapEMAWeights(swap_on_epoch=True), inner, *([stop] if stop else []))
    for (weights, average), (swapped, held) in zip(watch.seen, inner.seen, strict=False):
        np.testing.assert_array_equal(swapped, average)
        np.testing.assert_array_equal(held, weights)
    np.testing.assert_array_equal(model.get_weights()[0], inner.seen[-1][0])


def test_evaluate_and_predict():
    model = make()
    model.optimizer.build(model.trainable_variables)
    model.set_weights([np.ones((4, 1)), np.ones(1)])
    swap = callbacks.SwapEMAWeights()
    assert not model.predict(X, verbose=0, callbacks=[swap]).any()
    assert model.predict(X, verbose=0).all()
    assert model.evaluate(X, Y, verbose=0, callbacks=[swap]) > model.evaluate(X, Y, verbose=0) + 1


def test_without_averages():
    with pytest.raises(ValueError, match="must be used when `use_ema=True` is set on the optimizer"):
        fit(make(use_ema=False), callbacks.SwapEMAWeights(), validation_data=(X, Y))


@pytest.fixture
def server():
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, self.headers, body))
            self.send_response(404 if "none" in self.path else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


def test_remote_monitor(server):
    root, received = server
    logs = {"loss": np.float32(0.5), "odd": np.ones(2)}
    callbacks.RemoteMonitor(root).on_epoch_end(3, logs)
    callbacks.RemoteMonitor(root, "/none", headers={"X-Key": "1"}, send_as_json=True).on_epoch_end(4, logs)
    (path, _, form), (other_path, headers, text) = received
    assert (path, other_path) == ("/publish/epoch/end/", "/none")
    assert json.loads(parse_qs(form)["data"][0]) == {"epoch": 3, "loss": 0.5, "odd": [1, 1]}
    assert json.loads(text)["epoch"] == 4
    assert (headers["X-Key"], headers["Content-Type"]) == ("1", "application/json")


def test_remote_monitor_without_a_server():
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor root server at http://127.0.0.1:9"):
        callbacks.RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0, {})
    with pytest.raises(ValueError, match="root must be an http or https address"):
        callbacks.RemoteMonitor("file:///etc")
