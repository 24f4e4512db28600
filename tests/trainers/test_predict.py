"""Prediction: the same bits for a row in any batch and any thread, all kinds of arrays, no rows at all."""

import copy
import threading

import numpy as np
import pytest

import fastcnn
from fastcnn import callbacks


@pytest.mark.parametrize("batch_size", [1, 3, 7, 32, 40, 1000])
def test_batch_size_makes_no_difference(make_model, data, batch_size):
    model = make_model()
    expected = model.predict(data[0], batch_size=13, verbose=0)
    np.testing.assert_array_equal(model.predict(data[0], batch_size=batch_size, verbose=0), expected)
    np.testing.assert_array_equal(model.predict_on_batch(data[0][:5]), expected[:5])


def test_agrees_with_the_call(make_model, data):
    model = make_model()
    np.testing.assert_allclose(model.predict(data[0], verbose=0), model(data[0]), rtol=1e-5, atol=1e-6)


def test_no_rows(make_model):
    model = make_model()
    assert model.predict(np.zeros((0, 8, 8, 1)), verbose=0).shape == (0, 3)
    assert model.predict_on_batch(np.zeros((0, 8, 8))).shape == (0, 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.astype("float64"),
        lambda x: x.astype(">f4"),
        lambda x: x.astype(">f8"),
        lambda x: x.astype(np.longdouble),
        lambda x: x.tolist(),
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(x, 2, axis=2)[:, :, ::2],
        lambda x: x[..., 0],
        lambda x: np.lib.stride_tricks.as_strided(x, x.shape, x.strides, writeable=False),
        lambda x: x[::-1][::-1],
    ],
)
def test_kinds_of_arrays(make_model, data, change):
    model = make_model()
    expected = model.predict(data[0], verbose=0)
    np.testing.assert_array_equal(model.predict(change(data[0]), verbose=0), expected)


@pytest.mark.parametrize("dtype", ["float16", "uint8", "int8", "uint16", "int32", "int64", "bool"])
def test_element_types(make_model, data, dtype):
    model = make_model()
    x = (data[0] * 3).clip(0).astype(dtype)
    expected = model.predict(x.astype("float32"), verbose=0)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)


def test_from_eight_threads(make_model, data):
    model = make_model()
    x = data[0]
    expected = model.predict(x, verbose=0)
    wrong = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20):
            rows = rng.integers(0, 40, rng.integers(1, 40))
            if not np.array_equal(model.predict(x[rows], batch_size=8, verbose=0), expected[rows]):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(model.step_pool.free) <= model.step_pool.capacity


def test_the_pool_lets_go_of_the_data(make_model, data):
    model = make_model()
    x = data[0].copy()
    model.predict(x, verbose=0)
    model.fit(*data, verbose=0)
    assert model.step_pool.free
    assert all(gather.source is None for step in model.step_pool.free for gather in step.gathers)


def test_callbacks(make_model, data):
    outputs = []
    record = callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"].copy()))
    result = make_model().predict(data[0], batch_size=16, verbose=0, callbacks=[record])
    np.testing.assert_array_equal(np.concatenate(outputs), result)


def test_without_compile(data):
    model = fastcnn.Sequential([fastcnn.layers.Flatten(), fastcnn.layers.Dense(2)])
    assert model.predict(data[0], verbose=0).shape == (40, 2)


def test_layers_added_later(make_model, data):
    model = make_model()
    model.predict(data[0], verbose=0)
    model.add(fastcnn.layers.Dense(2))
    assert model.predict(data[0], verbose=0).shape == (40, 2)
    model.pop()
    assert model.predict(data[0], verbose=0).shape == (40, 3)


def test_copies_are_independent(make_model, data):
    model = make_model()
    model.fit(*data, verbose=0)
    expected = model.predict(data[0], verbose=0)
    twin = copy.deepcopy(model)
    np.testing.assert_array_equal(twin.predict(data[0], verbose=0), expected)
    twin.fit(*data, verbose=0)
    np.testing.assert_array_equal(model.predict(data[0], verbose=0), expected)
