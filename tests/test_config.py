"""fastcnn.config: Keras's settings that have one value here, and the switch of Winograd's algorithm."""

import numpy as np
import pytest

from fastcnn import Sequential, config, layers

SETTINGS = ["floatx", "epsilon", "image_data_format"]


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_accept_their_one_value(name):
    value = getattr(config, name)()
    getattr(config, f"set_{name}")(value)
    assert getattr(config, name)() == value


@pytest.mark.parametrize("name", SETTINGS)
def test_other_values_are_errors(name):
    with pytest.raises(ValueError, match="the only value that fastcnn has; received 'other'"):
        getattr(config, f"set_{name}")("other")


@pytest.mark.parametrize("name", SETTINGS)
def test_values_are_those_of_keras(name):
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    assert getattr(config, name)() == getattr(keras.config, name)()


@pytest.fixture
def winograd():
    """Puts the switch back."""
    before = config.winograd()
    yield
    config.set_winograd(before)


def test_programs_prepared_after_the_switch_obey(winograd):
    x = np.random.default_rng(0).standard_normal((2, 12, 12, 32), np.float32)
    model = Sequential([layers.Input((12, 12, 32)), layers.Conv2D(32, 3)])
    config.set_winograd(False)
    direct = model.predict(x, verbose=0)
    config.set_winograd(True)
    fast = Sequential([layers.Input((12, 12, 32)), layers.Conv2D(32, 3)])
    fast.set_weights(model.get_weights())
    fast = fast.predict(x, verbose=0)
    assert (fast != direct).any()
    np.testing.assert_allclose(fast, direct, rtol=0, atol=1e-4)


def test_a_model_that_has_been_used_obeys_the_switch(winograd):
    x = np.random.default_rng(0).standard_normal((2, 12, 12, 32), np.float32)
    model = Sequential([layers.Input((12, 12, 32)), layers.Conv2D(32, 3)])
    model.compile("sgd", "mse")
    config.set_winograd(True)
    fast, called = model.predict(x, verbose=0), model(x)
    config.set_winograd(False)
    assert (model.predict(x, verbose=0) != fast).any()
    assert (model(x) != called).any()
    assert not any("winograd" in row.kernel for row in model.profile(2, training=True, seconds=0).rows)
    config.set_winograd(True)
    np.testing.assert_array_equal(model.predict(x, verbose=0), fast)


@pytest.mark.parametrize(("value", "enabled"), [(None, "True"), ("1", "True"), ("0", "False")])
def test_the_environment_switches_it_off(run_python, value, enabled):
    assert run_python("import fastcnn; print(fastcnn.config.winograd())", FASTCNN_WINOGRAD=value) == f"{enabled}\n"


def test_the_switch_takes_booleans_only(winograd):
    with pytest.raises(ValueError, match="enabled must be True or False, received 'no'"):
        config.set_winograd("no")
