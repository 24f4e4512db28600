"""What a model has taken is freed with the last reference to it, not when garbage is collected."""

import copy
import gc
import tracemalloc
import weakref
from contextlib import contextmanager

import numpy as np
import pytest

import fastcnn
from fastcnn import callbacks, layers, losses, metrics, ops
from fastcnn.models import clone_model, load_model, model_from_json

LOSS = "sparse_categorical_crossentropy"


@contextmanager
def no_garbage():
    """Within this context nothing of the package may be left to the collector."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield
        gc.collect()
        left = sorted({name_of(thing) for thing in gc.garbage if name_of(thing).startswith("fastcnn.")})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left


def name_of(thing):
    """Where an object comes from: a function's own name, or its class."""
    named = thing if hasattr(thing, "__qualname__") and hasattr(thing, "__module__") else type(thing)
    return f"{named.__module__}.{named.__qualname__}"


def stack():
    return [
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(3, activation="softmax"),
    ]


class Subclassed(fastcnn.Model):
    def __init__(self):
        super().__init__()
        self.stack = stack()

    def call(self, inputs, training=False):
        for layer in self.stack:
            inputs = layer(inputs)
        return inputs


def functional():
    image = fastcnn.Input((8, 8, 1))
    x = image
    for layer in stack():
        x = layer(x)
    return fastcnn.Model(image, x * 0.5 + ops.softmax(x) * 0.5)


MODELS = {
    "sequential": lambda: fastcnn.Sequential([fastcnn.Input((8, 8, 1)), *stack()]),
    "without input": lambda: fastcnn.Sequential(stack()),
    "functional": functional,
    "subclassed": Subclassed,
}


@pytest.fixture(params=MODELS)
def make(request):
    """A function that makes a compiled model of one kind."""

    def compiled():
        model = MODELS[request.param]()
        model.compile("adam", LOSS, metrics=["accuracy"])
        return model

    return compiled


def use(model, x, y):
    """Every way to run a model."""
    model.fit(x, y, validation_split=0.2, epochs=2, verbose=0)
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    model.train_on_batch(x, y)
    model.test_on_batch(x, y)
    model.predict_on_batch(x)
    model(x)
    model(x, training=True)


def memory_of(model):
    """Weak references to the blocks of memory that a model has: of variables, of the optimizer, of free steps."""
    arrays = [variable.value for variable in (*model.variables, *model.optimizer.variables)]
    arrays += [step.program.arena.memory for step in (*model.step_pool.free, *model._calls.pool.free)]
    return [weakref.ref(array if array.base is None else array.base) for array in arrays]


def test_memory_ends_with_the_model(make, data):
    model = make()
    use(model, *data)
    memory = memory_of(model)
    assert len(memory) > 20
    assert all(block() is not None for block in memory)
    gc.collect()
    gc.disable()
    try:
        del model
        assert not [block() for block in memory if block() is not None]
    finally:
        gc.enable()


def test_no_garbage(make, data):
    with no_garbage():
        use(make(), *data)


def test_no_garbage_of_a_model_that_is_only_built():
    with no_garbage():
        model = functional()
        model.summary(print_fn=len)
        model_from_json(model.to_json())
        clone_model(model)
        copy.deepcopy(model)


def test_no_garbage_of_saving(make, data, tmp_path):
    x, y = data
    with no_garbage():
        model = make()
        model.fit(x, y, verbose=0)
        model.save_weights(tmp_path / "weights.npz")
        model.load_weights(tmp_path / "weights.npz")
        if not isinstance(model, Subclassed):
            model.save(tmp_path / "model.fastcnn")
            load_model(tmp_path / "model.fastcnn").fit(x, y, verbose=0)
            twin = clone_model(model)
            twin.compile("sgd", LOSS)
            twin.fit(x, y, verbose=0)


def test_no_garbage_of_callbacks(data, tmp_path, make_model):
    x, y = data
    with no_garbage():
        run = [
            callbacks.ModelCheckpoint(tmp_path / "model.npz", save_freq=2),
            callbacks.BackupAndRestore(tmp_path / "backup", save_freq=2),
            callbacks.EarlyStopping(restore_best_weights=True),
            callbacks.ReduceLROnPlateau(),
            callbacks.LearningRateScheduler(lambda epoch: 0.01),
            callbacks.CSVLogger(tmp_path / "log.csv"),
        ]
        make_model().fit(x, y, epochs=2, validation_data=(x, y), callbacks=run, verbose=0)


def test_no_garbage_of_other_ways_to_train(data, make_model):
    x, y = data
    with no_garbage():
        model = make_model()
        model.compile(
            fastcnn.optimizers.AdamW(fastcnn.optimizers.schedules.CosineDecay(0.1, 100), global_clipnorm=1.0),
            lambda labels, outputs: ops.mean(ops.square(outputs), axis=-1),
            metrics=[lambda labels, outputs: ops.mean(outputs)],
        )
        model.fit(((x[start : start + 8], y[start : start + 8]) for start in range(0, 40, 8)), verbose=0)
        model.fit(fastcnn.data.Dataset.from_tensor_slices((x, y)).shuffle(40).batch(8).prefetch(2), verbose=0)
        model.profile(seconds=0)
        with pytest.raises(ValueError, match="differ in length"):
            model.fit(x, y[:3], verbose=0)


def test_no_garbage_of_ops_layers_losses_and_metrics(data):
    x, y = data
    with no_garbage():
        layers.Conv2D(4, 3)(ops.exp(x))
        outputs = ops.softmax(layers.Dense(3)(layers.Flatten()(x)))
        losses.SparseCategoricalCrossentropy()(y, outputs)
        metric = metrics.SparseCategoricalAccuracy()
        metric.update_state(y, outputs)
        metric.result()


def test_parts_outlive_the_model(data):
    """What shares layers with a model that is gone works as before."""
    model = functional()
    part = fastcnn.Model(model.input, model.layers[1].output)
    output, expected = model.output, model(data[0])
    features = part(data[0])
    del model
    np.testing.assert_array_equal(part(data[0]), features)
    np.testing.assert_array_equal(fastcnn.Model(part.input, output)(data[0]), expected)


def bytes_of_arrays():
    """Bytes of all arrays that were made since tracemalloc was started and still live."""
    snapshot = tracemalloc.take_snapshot()
    arrays = snapshot.filter_traces([tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)])
    return sum(trace.size for trace in arrays.traces)


def test_memory_is_flat_over_models(data, make_model):
    gc.disable()
    tracemalloc.start()
    try:
        make_model().fit(*data, verbose=0)
        before = bytes_of_arrays()
        for _ in range(20):
            make_model().fit(*data, verbose=0)
        assert bytes_of_arrays() <= before
    finally:
        tracemalloc.stop()
        gc.enable()
