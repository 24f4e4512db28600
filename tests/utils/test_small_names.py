"""The small names that Keras has under utils and config."""

import logging

import numpy as np
import pytest

import fastcnn
from fastcnn import Input, Sequential, config, layers, utils


def test_pack_and_unpack():
    assert utils.unpack_x_y_sample_weight(1) == (1, None, None)
    assert utils.unpack_x_y_sample_weight([1]) == (1, None, None)
    assert utils.unpack_x_y_sample_weight((1, 2, 3)) == (1, 2, 3)
    with pytest.raises(ValueError, match="Data is expected to be in format"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))
    assert utils.pack_x_y_sample_weight(1) == 1
    assert utils.pack_x_y_sample_weight([1]) == ([1],)
    assert utils.pack_x_y_sample_weight(1, 2) == (1, 2)
    assert utils.pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)


def test_symbolic_tensors():
    a = Input((3,))
    b = layers.Dense(2)(a)
    assert utils.is_keras_tensor(b)
    assert not utils.is_keras_tensor(np.zeros(2))
    assert [one.key for one in utils.get_source_inputs(b)] == [a.key]
    with pytest.raises(ValueError, match="tensor must be a symbolic tensor"):
        utils.get_source_inputs(np.zeros(2))


def test_dtypes():
    expected = {float: "float32", int: "int32", bool: "bool", np.uint8: "uint8", "int64": "int64", None: "float32"}
    for dtype, name in expected.items():
        assert utils.standardize_dtype(dtype) == name
    assert utils.standardize_dtype(np.dtype("float16")) == "float16"
    for wrong in ("float33", 3, []):
        with pytest.raises(ValueError, match="Invalid dtype"):
            utils.standardize_dtype(wrong)


def test_clear_session():
    layers.Conv2D(1, 1)
    utils.clear_session()
    assert layers.Conv2D(1, 1).name == "conv2d"


def test_interactive_logging(capsys, caplog):
    model = Sequential([Input((2,)), layers.Dense(1)])
    assert config.is_interactive_logging_enabled()
    config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, "fastcnn"):
            model.predict(np.ones((2, 2)))
    finally:
        utils.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert "1/1" in caplog.text


def test_limits():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((32, 2)), np.ones(32)
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    try:
        assert (config.max_epochs(), config.max_steps_per_epoch()) == (2, 3)
        with pytest.warns(UserWarning, match="Limiting") as caught:
            history = model.fit(x, y, epochs=5, batch_size=4, verbose=0)
        assert {str(one.message) for one in caught} >= {"Limiting epochs to 2", "Limiting steps_per_epoch to 3"}
    finally:
        config.set_max_epochs(None)
        config.set_max_steps_per_epoch(None)
    assert history.epoch == [0, 1]
    assert int(model.optimizer.iterations) == 6
    for setter in (config.set_max_epochs, config.set_max_steps_per_epoch):
        with pytest.raises(ValueError, match="must be None or an integer from 1 on, received 0"):
            setter(0)


def test_settings_without_effect():
    config.disable_traceback_filtering()
    assert not config.is_traceback_filtering_enabled()
    config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled()
    assert not config.is_nnx_enabled()
    config.set_backend("fastcnn")
    with pytest.raises(ValueError, match="backend must be 'fastcnn'"):
        config.set_backend("jax")
    with pytest.raises(ValueError, match="never runs code"):
        config.enable_unsafe_deserialization()
    assert set(config.__all__) <= set(dir(fastcnn.config))
