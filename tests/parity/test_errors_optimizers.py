"""Wrong arguments of optimizers, schedules and callbacks."""

import numpy as np
from errors import check_refused, check_words, each, small_model, zeros

import fastcnn

ROWS = [
    # optimizers
    (lambda k: k.optimizers.get("foo"), "foo"),
    (lambda k: k.optimizers.get(3), "3"),
    (lambda k: k.optimizers.get([1]), "[1]"),
    (lambda k: k.optimizers.SGD(foo=1), "foo"),
    (lambda k: k.optimizers.Adam(foo=1), "foo"),
    (lambda k: k.optimizers.Adam("a"), "learning_rate", "a"),
    (lambda k: k.optimizers.SGD([0.1]), "learning_rate", "[0.1]"),
    (lambda k: k.optimizers.Adam(None), "learning_rate", "None"),
    (lambda k: k.optimizers.SGD(momentum=-0.1), "momentum", "-0.1"),
    (lambda k: k.optimizers.SGD(momentum=1.5), "momentum", "1.5"),
    (lambda k: k.optimizers.SGD(momentum="a"), "momentum", "a"),
    (lambda k: k.optimizers.SGD(momentum=None), "momentum", "None"),
    (lambda k: k.optimizers.AdamW(weight_decay=None), "weight_decay", "None"),
    (lambda k: k.optimizers.Lion(beta_1=0.0), "beta_1", "0"),
    (lambda k: k.optimizers.Lion(beta_1=1.5), "beta_1", "1.5"),
    (lambda k: k.optimizers.Ftrl(initial_accumulator_value=-0.1), "initial_accumulator_value", "-0.1"),
    (lambda k: k.optimizers.Ftrl(learning_rate_power=0.5), "learning_rate_power", "0.5"),
    (lambda k: k.optimizers.Ftrl(l1_regularization_strength=-1.0), "l1_regularization_strength", "-1.0"),
    (lambda k: k.optimizers.Ftrl(l2_regularization_strength=-1.0), "l2_regularization_strength", "-1.0"),
    (lambda k: k.optimizers.Ftrl(l2_shrinkage_regularization_strength=-1.0), "l2_shrinkage", "-1.0"),
    (lambda k: k.optimizers.SGD(gradient_accumulation_steps=1), "gradient_accumulation_steps", "1"),
    (lambda k: k.optimizers.SGD(gradient_accumulation_steps=-2), "gradient_accumulation_steps", "-2"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_momentum=1.5), "ema_momentum", "1.5"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_momentum=-0.5), "ema_momentum", "-0.5"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_overwrite_frequency=-1), "ema_overwrite_frequency", "-1"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_overwrite_frequency=2.5), "ema_overwrite_frequency", "2.5"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_overwrite_frequency="a"), "ema_overwrite_frequency", "a"),
    (lambda k: k.optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "clipnorm", "clipvalue"),
    (lambda k: k.optimizers.SGD(clipnorm=1.0, global_clipnorm=1.0), "clipnorm", "global_clipnorm"),
    (lambda k: k.optimizers.SGD(clipvalue=1.0, global_clipnorm=1.0), "clipvalue", "global_clipnorm"),
    (lambda k: k.optimizers.SGD(name="a/b"), "name", "a/b"),
    (lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), dynamic=False), "dynamic"),
    (lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), clipnorm=1.0), "clipnorm", "inner_optimizer"),
    (
        lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), weight_decay=1.0),
        "weight_decay",
        "inner_optimizer",
    ),
    (lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), foo=1.0), "foo"),
    (lambda k: setattr(with_schedule(k), "learning_rate", 0.1), TypeError, "LearningRateSchedule", "learning_rate"),
    (lambda k: k.optimizers.Optimizer(0.1).update_step(zeros(1), zeros(1), 0.1), NotImplementedError, "update_step"),
    # schedules
    (lambda k: k.optimizers.schedules.ExponentialDecay(0.1, 0, 0.9), "decay_steps", "0"),
    (lambda k: k.optimizers.schedules.ExponentialDecay(0.1, -5, 0.9), "decay_steps", "-5"),
    (lambda k: k.optimizers.schedules.PolynomialDecay(0.1, 0), "decay_steps", "0"),
    (lambda k: k.optimizers.schedules.InverseTimeDecay(0.1, 0, 0.5), "decay_steps", "0"),
    (lambda k: k.optimizers.schedules.CosineDecay(0.1, 0), "decay_steps", "0"),
    (lambda k: k.optimizers.schedules.CosineDecay(0.1, -1), "decay_steps", "-1"),
    (lambda k: k.optimizers.schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps", "0"),
    (lambda k: k.optimizers.schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]), "boundaries", "[1, 2]", "values"),
    (lambda k: k.optimizers.schedules.PiecewiseConstantDecay([], []), "boundaries", "[]", "values"),
    (lambda k: k.optimizers.schedules.LearningRateSchedule()(0), NotImplementedError, "__call__"),
    (lambda k: k.optimizers.schedules.LearningRateSchedule().get_config(), NotImplementedError, "get_config"),
    # callbacks
    (lambda k: k.callbacks.BackupAndRestore(""), "backup_dir"),
    (lambda k: k.callbacks.BackupAndRestore(None), "backup_dir"),
    (lambda k: k.callbacks.BackupAndRestore("a", save_freq="foo"), "save_freq", "foo"),
    (lambda k: k.callbacks.BackupAndRestore("a", save_freq=2.5), "save_freq", "2.5"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", save_freq="foo"), "save_freq", "foo"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", save_freq=2.5), "save_freq", "2.5"),
    (lambda k: k.callbacks.ModelCheckpoint("a.txt", save_weights_only=True), "filepath", "a.txt"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", save_weights_only=True), "filepath", "a.keras"),
    (lambda k: k.callbacks.ModelCheckpoint("a.txt"), "filepath", "a.txt"),
    (lambda k: k.callbacks.ModelCheckpoint("a"), "filepath=a"),
    (lambda k: k.callbacks.ReduceLROnPlateau(factor=1.0), "factor", "1.0"),
    (lambda k: k.callbacks.ReduceLROnPlateau(factor=2), "factor", "2"),
    (lambda k: fit(k, k.callbacks.EarlyStopping(monitor="foo_bar", mode="auto")), "monitor", "foo_bar"),
    (lambda k: fit(k, k.callbacks.LearningRateScheduler(lambda epoch: "a")), "schedule", "a"),
    (lambda k: fit(k, k.callbacks.LearningRateScheduler(lambda epoch: None)), "schedule", "None"),
    (lambda k: fit(k, k.callbacks.LearningRateScheduler(lambda epoch: 3)), "schedule", "3"),
    (lambda k: fit(k, k.callbacks.SwapEMAWeights(swap_on_epoch=True)), "use_ema"),
    (lambda k: fit(k, raising(k, "on_train_begin")), KeyError, "on_train_begin"),
    (lambda k: fit(k, raising(k, "on_epoch_end")), KeyError, "on_epoch_end"),
    (lambda k: fit(k, raising(k, "on_train_batch_begin")), KeyError, "on_train_batch_begin"),
    (lambda k: fit(k, raising(k, "on_train_batch_end")), KeyError, "on_train_batch_end"),
    (lambda k: fit(k, k.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: [][3])), IndexError, "range"),
    (lambda k: fit(k, k.callbacks.ModelCheckpoint("{foo}.keras")), KeyError, "foo"),
    (lambda k: fit(k, k.callbacks.TerminateOnNaN(raise_error=True), nan=True), RuntimeError, "NaN", "batch 0"),
]

OURS = [
    # Keras takes these, or breaks somewhere inside
    (lambda k: k.optimizers.Ftrl(learning_rate_power=None), "learning_rate_power", "None"),
    (lambda k: k.callbacks.RemoteMonitor(root=None), "root", "None"),
    (lambda k: k.callbacks.TensorBoard(log_dir=None), "log_dir", "None"),
    (lambda k: k.optimizers.deserialize({"class_name": "Foo", "config": {}}), "Foo"),
    (lambda k: k.optimizers.schedules.deserialize({"class_name": "Foo", "config": {}}), "Foo"),
    (lambda k: trained(k).optimizer.exclude_from_weight_decay(var_names=["bias"]), "built"),
    (lambda k: k.optimizers.SGD(-0.1), "learning_rate", "-0.1"),
    (lambda k: k.optimizers.SGD(float("nan")), "learning_rate", "nan"),
    (lambda k: k.optimizers.Adam(beta_1=1.5), "beta_1", "1.5"),
    (lambda k: k.optimizers.Adam(beta_2="a"), "beta_2", "a"),
    (lambda k: k.optimizers.Adam(epsilon="a"), "epsilon", "a"),
    (lambda k: k.optimizers.Adam(epsilon=-1.0), "epsilon", "-1"),
    (lambda k: k.optimizers.Adam(weight_decay="a"), "weight_decay", "a"),
    (lambda k: k.optimizers.Adam(clipnorm="a"), "clipnorm", "a"),
    (lambda k: k.optimizers.Adam(clipnorm=-1.0), "clipnorm", "-1"),
    (lambda k: k.optimizers.Adam(clipvalue=-1.0), "clipvalue", "-1"),
    (lambda k: k.optimizers.Adam(global_clipnorm=float("nan")), "global_clipnorm", "nan"),
    (lambda k: k.optimizers.SGD(gradient_accumulation_steps=2.5), "gradient_accumulation_steps", "2.5"),
    (lambda k: k.optimizers.SGD(gradient_accumulation_steps="a"), "gradient_accumulation_steps", "a"),
    (lambda k: k.optimizers.SGD(use_ema=True, ema_momentum="a"), "ema_momentum", "a"),
    (lambda k: k.optimizers.SGD(loss_scale_factor="a"), "loss_scale_factor", "a"),
    (lambda k: k.optimizers.RMSprop(rho="a"), "rho", "a"),
    (lambda k: k.optimizers.RMSprop(rho=2.0), "rho", "2.0"),
    (lambda k: k.optimizers.RMSprop(momentum="a"), "momentum", "a"),
    (lambda k: k.optimizers.Adagrad(initial_accumulator_value="a"), "initial_accumulator_value", "a"),
    (lambda k: k.optimizers.Adadelta(rho="a"), "rho", "a"),
    (lambda k: k.optimizers.Adamax(beta_1="a"), "beta_1", "a"),
    (lambda k: k.optimizers.Nadam(beta_2=None), "beta_2", "None"),
    (lambda k: k.optimizers.Adafactor(clip_threshold="a"), "clip_threshold", "a"),
    (lambda k: k.optimizers.Muon(momentum="a"), "momentum", "a"),
    (lambda k: k.optimizers.Lamb(beta_1=-0.5), "beta_1", "-0.5"),
    (lambda k: k.optimizers.Ftrl(beta="a"), "beta", "a"),
    (lambda k: k.optimizers.LossScaleOptimizer(3), "inner_optimizer", "3"),
    (lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), initial_scale="a"), "initial_scale", "a"),
    (
        lambda k: k.optimizers.LossScaleOptimizer(k.optimizers.SGD(), dynamic_growth_steps=0),
        "dynamic_growth_steps",
        "0",
    ),
    (lambda k: setattr(k.optimizers.SGD(), "learning_rate", "a"), "learning_rate", "a"),
    (lambda k: fit_with(k, k.optimizers.SGD(lambda: "a")), "learning_rate", "a"),
    (lambda k: fit_with(k, k.optimizers.SGD(bad_schedule(k))), "learning_rate", "None"),
    (lambda k: k.optimizers.deserialize({"class_name": "SGD", "config": {"foo": 3}}), "foo"),
    (lambda k: k.optimizers.deserialize(3), TypeError, "3"),
    (lambda k: k.optimizers.schedules.ExponentialDecay("a", 10, 0.9), "initial_learning_rate", "a"),
    (lambda k: k.optimizers.schedules.ExponentialDecay(0.1, "a", 0.9), "decay_steps", "a"),
    (lambda k: k.optimizers.schedules.ExponentialDecay(0.1, 10, "a"), "decay_rate", "a"),
    (lambda k: k.optimizers.schedules.PolynomialDecay(0.1, 10, "a"), "end_learning_rate", "a"),
    (lambda k: k.optimizers.schedules.PolynomialDecay(0.1, 10, power="a"), "power", "a"),
    (lambda k: k.optimizers.schedules.CosineDecay("a", 10), "initial_learning_rate", "a"),
    (lambda k: k.optimizers.schedules.CosineDecay(0.1, 10, alpha="a"), "alpha", "a"),
    (lambda k: k.optimizers.schedules.CosineDecay(0.1, 10, warmup_steps="a"), "warmup_steps", "a"),
    (lambda k: k.optimizers.schedules.CosineDecayRestarts(0.1, 10, t_mul="a"), "t_mul", "a"),
    (lambda k: k.optimizers.schedules.PiecewiseConstantDecay(3, [0.1]), "boundaries", "3"),
    (lambda k: k.optimizers.schedules.PiecewiseConstantDecay(["a"], [0.1, 0.2]), "boundaries", "a"),
    (lambda k: k.callbacks.EarlyStopping(mode="foo"), "mode", "foo"),
    (lambda k: k.callbacks.EarlyStopping(patience=-1), "patience", "-1"),
    (lambda k: k.callbacks.EarlyStopping(patience="a"), "patience", "a"),
    (lambda k: k.callbacks.EarlyStopping(min_delta="a"), "min_delta", "a"),
    (lambda k: k.callbacks.EarlyStopping(monitor=3), "monitor", "3"),
    (lambda k: k.callbacks.EarlyStopping(baseline="a"), "baseline", "a"),
    (lambda k: k.callbacks.EarlyStopping(start_from_epoch="a"), "start_from_epoch", "a"),
    (lambda k: k.callbacks.ReduceLROnPlateau(factor="a"), "factor", "a"),
    (lambda k: k.callbacks.ReduceLROnPlateau(factor=-0.5), "factor", "-0.5"),
    (lambda k: k.callbacks.ReduceLROnPlateau(patience="a"), "patience", "a"),
    (lambda k: k.callbacks.ReduceLROnPlateau(mode="foo"), "mode", "foo"),
    (lambda k: k.callbacks.ReduceLROnPlateau(cooldown="a"), "cooldown", "a"),
    (lambda k: k.callbacks.ReduceLROnPlateau(min_lr="a"), "min_lr", "a"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", mode="foo"), "mode", "foo"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", save_freq=0), "save_freq", "0"),
    (lambda k: k.callbacks.ModelCheckpoint(3), "filepath", "3"),
    (lambda k: k.callbacks.ModelCheckpoint("a.keras", initial_value_threshold="a"), "initial_value_threshold", "a"),
    (lambda k: k.callbacks.BackupAndRestore("a", save_freq=0), "save_freq", "0"),
    (lambda k: k.callbacks.LearningRateScheduler(3), "schedule", "3"),
    (lambda k: k.callbacks.CSVLogger(3), "filename", "3"),
    (lambda k: k.callbacks.CSVLogger("a", separator=3), "separator", "3"),
    (lambda k: fit(k, k.callbacks.CSVLogger("/nowhere/a.csv")), OSError, "/nowhere"),
    (lambda k: k.callbacks.LambdaCallback(on_epoch_begin=3), "on_epoch_begin", "3"),
    (lambda k: k.callbacks.LambdaCallback(on_foo=lambda: 3), "on_foo"),
    (lambda k: k.callbacks.TensorBoard(update_freq="foo"), "update_freq", "foo"),
    (lambda k: fit(k, 3), TypeError, "callbacks", "3"),
    (lambda k: fit(k, k.callbacks.History), TypeError, "callbacks", "History"),
]


def raising(k, hook):
    """A callback whose hook raises a KeyError of its own name."""

    def fail(self, *args, **kwargs):
        raise KeyError(hook)

    return type("Raising", (k.callbacks.Callback,), {hook: fail})()


def fit(k, callback, nan=False):
    x = np.full((8, 4), np.nan if nan else 0.5, "float32")
    small_model(k).fit(x, zeros(8, 1), verbose=0, batch_size=4, callbacks=[callback])


def fit_with(k, optimizer):
    small_model(k, optimizer=optimizer).fit(zeros(8, 4), zeros(8, 1), verbose=0)


def trained(k):
    model = small_model(k, optimizer=k.optimizers.SGD(0.1, momentum=0.5))
    model.train_on_batch(zeros(8, 4), zeros(8, 1))
    return model


def with_schedule(k):
    return k.optimizers.SGD(k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))


def bad_schedule(k):
    class Bad(k.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return None

    return Bad()


@each(ROWS + OURS)
def test_refused(row):
    check_words(row, fastcnn)


@each(ROWS)
def test_keras_refuses(row, keras):
    check_refused(row, keras)
