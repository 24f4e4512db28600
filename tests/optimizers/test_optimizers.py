"""Optimizers: arguments, slots, state, and what `apply` does with arrays."""

import copy

import numpy as np
import pytest

from fastcnn import ops, optimizers
from fastcnn.graph import Variable


def weight(*values, name="kernel"):
    return Variable(np.array(values, "float32"), name)


@pytest.mark.parametrize("name", sorted(set(optimizers.CLASSES) - {"LossScaleOptimizer", "MultiOptimizer"}))
def test_config(name):
    kind = optimizers.CLASSES[name]
    made = kind(learning_rate=0.25, clipvalue=1.0, use_ema=True, name="mine")
    again = kind.from_config(made.get_config())
    assert again.get_config() == made.get_config()
    assert type(optimizers.deserialize(optimizers.serialize(made))) is kind
    assert type(optimizers.get({"class_name": name.lower(), "config": {}})) is kind
    assert type(optimizers.get(name.upper())) is kind


def test_learning_rate_takes_numbers():
    optimizer, one = optimizers.SGD(0.5), weight(1)
    optimizer.learning_rate = 0.25
    optimizer.apply_gradients([(np.ones(1), one)])
    assert one.value[0] == 0.75
    optimizer.learning_rate.assign(0.125)
    optimizer.apply_gradients([(np.ones(1), one)])
    assert one.value[0] == 0.625
    assert float(optimizer.learning_rate) == 0.125
    assert optimizer.learning_rate.numpy() == np.float32(0.125)
    assert optimizer.learning_rate.numpy().shape == ()
    assert optimizer.get_config()["learning_rate"] == 0.125


def test_learning_rate_may_be_a_function():
    rates = iter([0.5, 0.25])
    optimizer, one = optimizers.SGD(lambda: next(rates)), weight(1)
    for expected in (0.5, 0.25):
        optimizer.apply([np.ones(1)], [one])
        assert one.value[0] == expected
    assert [variable.name for variable in optimizer.variables] == ["iteration"]


def test_a_scheduled_rate_cannot_be_set():
    optimizer = optimizers.SGD(optimizers.schedules.InverseTimeDecay(0.5, 1, 1.0))
    assert optimizer.learning_rate == 0.5
    with pytest.raises(TypeError, match="hence its learning rate is not settable"):
        optimizer.learning_rate = 0.5
    again = optimizers.SGD.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()


def test_slots_are_kept_and_added():
    first, second = weight(1, 1, 1), Variable(np.ones((2, 2), "float32"), "other/bias")
    optimizer = optimizers.Adam()
    assert not optimizer.built
    optimizer.apply([np.ones(3)], [first])
    momentum = optimizer.slots(first)[0].value.copy()
    optimizer.build([first, second])
    np.testing.assert_array_equal(optimizer.slots(first)[0].value, momentum)
    assert [variable.shape for variable in optimizer.variables] == [(1,), (1,), (3,), (3,), (2, 2), (2, 2)]
    assert [variable.name for variable in optimizer.variables[4:]] == ["other_bias_momentum", "other_bias_velocity"]
    assert all(slot.value.ctypes.data % 64 == 0 for slot in optimizer.variables[2:])


def test_a_copy_has_slots_of_its_own():
    optimizer, one = optimizers.Adam(0.1, use_ema=True), weight(1)
    optimizer.apply([np.ones(1)], [one])
    twin, other = copy.deepcopy((optimizer, one))
    twin.apply([np.ones(1)], [other])
    assert int(optimizer.iterations) == 1
    assert optimizer.slots(one)[0].value[0] == np.float32(0.1)
    assert twin.slots(other)[0].value[0] == pytest.approx(0.19)


def test_state_can_be_saved():
    optimizer, one, store = optimizers.Nadam(0.1), weight(1), {}
    optimizer.apply([np.ones(1)], [one])
    optimizer.save_own_variables(store)
    again, other = optimizers.Nadam(0.1), weight(*one.value)
    again.build([other])
    again.load_own_variables(store)
    for pair in ((optimizer, one), (again, other)):
        pair[0].apply([np.ones(1)], [pair[1]])
    assert one.value == other.value
    with pytest.raises(ValueError, match="has 2 variables, the store has 5"):
        optimizers.SGD(0.1).load_own_variables(store)


def test_missing_gradients():
    weights = [weight(1), weight(1)]
    optimizers.SGD(1.0).apply([None, np.ones(1)], weights)
    assert [one.value[0] for one in weights] == [1, 0]
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizers.SGD().apply([None, None], weights)
    with pytest.raises(ValueError, match="1 gradients for 2 variables"):
        optimizers.SGD().apply([np.ones(1)], weights)
    with pytest.raises(ValueError, match="must already be built"):
        optimizers.SGD().apply([np.ones(1)])


def test_weights_excluded_from_decay():
    kernel, bias, other = weight(1), weight(1, name="bias"), weight(1)
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[other], var_names=["bias"])
    optimizer.apply([np.zeros(1)] * 3, [kernel, bias, other])
    assert [one.value[0] for one in (kernel, bias, other)] == [0.5, 1, 1]
    with pytest.raises(ValueError, match="can only be configured before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_names=["kernel"])


def test_averages_take_the_place_of_weights_in_the_end():
    optimizer, one = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5), weight(4)
    for _ in range(2):
        optimizer.apply([np.ones(1)], [one])
    assert one.value[0] == 2
    optimizer.finalize_variable_values([one])
    assert one.value[0] == 2.5


class Falling(optimizers.Optimizer):
    """Gradient descent with momentum, as a user would write it."""

    def build(self, variables):
        super().build(variables)
        self.speeds = self.add_optimizer_variables(variables, "speed")

    def update_step(self, gradient, variable, learning_rate):
        speed = self.speeds[self._get_variable_index(variable)]
        self.assign(speed, ops.subtract(ops.multiply(speed, 0.5), ops.multiply(gradient, learning_rate)))
        self.assign_add(variable, speed)


@pytest.mark.parametrize(
    "options", [{}, {"clipvalue": 0.5}, {"clipnorm": 1.0}, {"weight_decay": 0.1, "loss_scale_factor": 4.0}]
)
def test_an_optimizer_of_the_users_own(options):
    mine, own = Falling(0.1, **options), Variable(np.array([[1, -2], [3, 0.5]], "float32"), "kernel")
    known, other = optimizers.SGD(0.1, momentum=0.5, **options), Variable(own.value.copy(), "kernel")
    for _ in range(3):
        for optimizer, one in ((mine, own), (known, other)):
            optimizer.apply([one.value * 3], [one])
    np.testing.assert_allclose(own.value, other.value, rtol=1e-6)
    assert [variable.name for variable in mine.variables] == ["iteration", "learning_rate", "kernel_speed"]
    with pytest.raises(ValueError, match="Unknown variable"):
        mine.apply([np.ones(1)], [weight(1)])


def test_an_optimizer_of_the_users_own_accumulates():
    optimizer, one, other, alone = Falling(0.1, gradient_accumulation_steps=2), weight(1), weight(1), Falling(0.1)
    for gradient in (1.0, 3.0, -1.0, 2.0):
        optimizer.apply([np.full(1, gradient)], [one])
    for gradient in (2.0, 0.5):
        alone.apply([np.full(1, gradient)], [other])
    np.testing.assert_array_equal(one.value, other.value)


def test_an_optimizer_that_changes_gradients_of_another():
    class Signs(optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(np.sign(gradient), variable, learning_rate)

    one = weight(1, 1)
    Signs(0.5).apply([np.array([3, -7])], [one])
    np.testing.assert_array_equal(one.value, [0.5, 1.5])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.SGD(-1), "learning_rate must be a number that is not negative, .* received -1"),
        (lambda: optimizers.SGD("fast"), "learning_rate must be a number that is not negative, .* received 'fast'"),
        (lambda: optimizers.SGD(float("nan")), "learning_rate must be a number .* received nan"),
        (lambda: optimizers.SGD(momentum=1.5), r"`momentum` must be a float between \[0, 1\]. Received: momentum=1.5"),
        (lambda: optimizers.SGD(speed=1), r"Argument\(s\) not recognized: \{'speed': 1\}"),
        (lambda: optimizers.Adam(beta_1=1.0), r"beta_1 must be a number from 0 .* received 1\.0"),
        (lambda: optimizers.Adam(epsilon=-1e-7), "`epsilon` needs to be positive or zero. Received: epsilon=-1e-07"),
        (lambda: optimizers.AdamW(weight_decay=None), "`weight_decay` must be a float. Received: weight_decay=None"),
        (lambda: optimizers.Lion(beta_1=0.0), "degenerates to SignSGD. Received: beta_1=0.0"),
        (lambda: optimizers.Ftrl(learning_rate_power=1.0), "`learning_rate_power` needs to be negative or zero"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1.0), "`l1_regularization_strength` needs to be positive"),
        (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "Only one of `clipnorm`, `clipvalue` and `global_clip"),
        (
            lambda: optimizers.SGD(gradient_accumulation_steps=1),
            "`gradient_accumulation_steps` must be an integer >= 2",
        ),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum=2), r"`ema_momentum` must be in the range \[0, 1\]"),
        (lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=1.5), "`ema_overwrite_frequency` must be an int"),
        (lambda: optimizers.get("adm"), "unknown optimizer 'adm'; did you mean 'adam'"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_get():
    optimizer = optimizers.Adam(0.1)
    assert optimizers.get(optimizer) is optimizer
    assert optimizers.get(None) is None
    assert isinstance(optimizers.get("SGD"), optimizers.SGD)
    assert isinstance(optimizers.get(optimizers.SGD), optimizers.SGD)
    with pytest.raises(ValueError, match="optimizer must be a name or an Optimizer, not 3"):
        optimizers.get(3)
