"""Batches from generators, iterables and `PyDataset`: the same training as from arrays; epochs, steps, workers."""

import threading

import numpy as np
import pytest

import fastcnn
from fastcnn import callbacks, layers, optimizers, utils

RNG = np.random.default_rng(4)
X = RNG.normal(size=(22, 5)).astype("float32")
Y = RNG.integers(0, 3, 22)
W = RNG.uniform(0, 2, 22)
CUTS = range(0, 22, 5)


def classifier():
    fastcnn.utils.set_random_seed(2)
    model = fastcnn.Sequential([fastcnn.Input((5,)), layers.Dense(3, activation="softmax")])
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches(*arrays):
    return [tuple(array[start : start + 5] for array in arrays) for start in CUTS]


class Foreign:
    """An array of another library."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


class Loader:
    """As PyTorch's DataLoader: it can be iterated over anew, and yields lists."""

    def __init__(self, *arrays, length=True):
        self.arrays = arrays
        if length:
            self.__class__ = LoaderOfKnownLength

    def __iter__(self):
        return ([Foreign(array) for array in batch] for batch in batches(*self.arrays))


class LoaderOfKnownLength(Loader):
    def __len__(self):
        return len(CUTS)


class Dataset(utils.PyDataset):
    def __init__(self, *arrays, **options):
        super().__init__(**options)
        self.batches, self.events, self.threads = batches(*arrays), [], set()

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        self.threads.add(threading.current_thread())
        return self.batches[index]

    def on_epoch_begin(self):
        self.events.append("begin")

    def on_epoch_end(self):
        self.events.append("end")


SOURCES = {
    "generator": lambda *arrays: (batch for _ in range(2) for batch in batches(*arrays)),
    "iterator": lambda *arrays: iter(2 * batches(*arrays)),
    "loader": Loader,
    "loader without length": lambda *arrays: Loader(*arrays, length=False),
    "dataset": Dataset,
    "threads": lambda *arrays: Dataset(*arrays, workers=3, max_queue_size=2),
    "processes": lambda *arrays: Dataset(*arrays, workers=1, use_multiprocessing=True),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("weighted", [False, True])
def test_trains_as_from_arrays(source, weighted):
    arrays = (X, Y, W) if weighted else (X, Y)
    ours, theirs = classifier(), classifier()
    weight = W if weighted else None
    expected = theirs.fit(X, Y, sample_weight=weight, batch_size=5, epochs=2, shuffle=False, verbose=0)
    steps = 5 if source in ("generator", "iterator") else None
    history = ours.fit(SOURCES[source](*arrays), epochs=2, steps_per_epoch=steps, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert history.history == expected.history
    once = SOURCES[source](*arrays)
    assert ours.evaluate(once, steps=5, verbose=0) == theirs.evaluate(
        X, Y, sample_weight=weight, batch_size=5, verbose=0
    )
    once = SOURCES[source](*arrays)
    np.testing.assert_array_equal(ours.predict(once, steps=5, verbose=0), theirs.predict(X, verbose=0))


def test_a_generator_is_used_up():
    model = classifier()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit((batch for batch in batches(X, Y)), epochs=2, verbose=0)
    assert len(history.epoch) == 2
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit((batch for batch in batches(X, Y)), steps_per_epoch=7, verbose=0)


def test_steps_of_arrays_go_on_in_the_next_epoch():
    ours, theirs = classifier(), classifier()
    ours.fit(X[:20], Y[:20], batch_size=5, epochs=4, steps_per_epoch=2, shuffle=False, verbose=0)
    theirs.fit(X[:20], Y[:20], batch_size=5, epochs=2, shuffle=False, verbose=0)
    for one, two in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    other = classifier()
    with pytest.warns(UserWarning, match="ran out of data"):
        other.fit(X, Y, batch_size=5, steps_per_epoch=3, epochs=2, shuffle=False, verbose=0)
    assert int(other.optimizer.iterations) == 5
    with pytest.warns(UserWarning, match="ran out of data"):
        classifier().fit(X, Y, batch_size=5, steps_per_epoch=9, verbose=0)


def test_validation_from_batches():
    model = classifier()
    history = model.fit(
        X, Y, epochs=3, validation_data=Loader(X, Y), validation_steps=2, validation_freq=[1, 3], verbose=0
    ).history
    assert len(history["val_loss"]) == 2
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X[:10], Y[:10], verbose=0)[0])


def test_datasets_are_told_of_epochs_and_shuffled():
    dataset = Dataset(X, Y, workers=2)
    seen = []
    record = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    classifier().fit(dataset, epochs=2, verbose=0, callbacks=[record])
    assert dataset.events == ["begin", "end"] * 2
    assert seen == [*range(5), *range(5)]
    assert threading.main_thread() not in dataset.threads
    ordered, shuffled = classifier(), classifier()
    ordered.fit(Dataset(X, Y), shuffle=False, verbose=0)
    shuffled.fit(Dataset(X, Y), verbose=0)
    assert np.abs(ordered.get_weights()[0] - shuffled.get_weights()[0]).max() > 0


def test_errors_of_workers_arrive():
    class Broken(Dataset):
        def __getitem__(self, index):
            raise OSError("no such batch")

    for workers in (1, 2):
        with pytest.raises(OSError, match="no such batch"):
            classifier().fit(Broken(X, Y, workers=workers), verbose=0)


def test_models_are_built_from_the_first_batch():
    model = fastcnn.Sequential([layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(iter(batches(X, Y)), verbose=0)
    assert model.input_shape == (None, 5)


def test_progress_of_unknown_length(capsys):
    classifier().fit(Loader(X, Y, length=False), epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" - ")[0] for line in lines] == ["Epoch 1/2", "5/5", "Epoch 2/2", "5/5"]


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (iter([]), {"y": Y}, "y cannot be given beside x of type list_iterator, whose batches hold it"),
        (iter([]), {"sample_weight": W}, "sample_weight cannot be given beside x"),
        (iter([]), {"validation_split": 0.5}, "validation_split cannot be given beside x"),
        (iter([(1, 2, 3, 4)]), {}, r"Data is expected to be in format.* found: a tuple of length 4"),
        (iter([X]), {}, "y is missing"),
        (iter([(X, Y[:3])]), {}, "x and y differ in length: x has 22 rows, y has 3"),
        (X, {"y": Y, "steps_per_epoch": 0}, "steps_per_epoch must be an integer of at least 1, received 0"),
        (X, {"y": Y, "validation_steps": -1}, "validation_steps must be an integer of at least 1, received -1"),
        (X, {"y": Y, "validation_data": (X, Y, W, W)}, "validation_data must be a pair .* received tuple of length 4"),
    ],
)
def test_bad_sources(x, options, message):
    with pytest.raises(ValueError, match=message):
        classifier().fit(x, verbose=0, **options)


def test_a_dataset_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="defines no __getitem__"):
        utils.PyDataset()[0]
    with pytest.raises(NotImplementedError, match="neither __len__ nor num_batches"):
        iter(utils.PyDataset())
