"""Data sets and what makes others of them, as in tf.data."""

import threading
import tracemalloc
from itertools import islice

import numpy as np
import pytest

import fastcnn
from fastcnn import layers
from fastcnn.data import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset


def numbers(count=10):
    return Dataset.range(count)


def values(dataset):
    return [np.asarray(element).tolist() for element in dataset]


def test_sources():
    dataset = Dataset.from_tensor_slices({"x": np.arange(6).reshape(3, 2), "y": [7, 8, 9]})
    assert [(row["x"].tolist(), int(row["y"])) for row in dataset] == [([0, 1], 7), ([2, 3], 8), ([4, 5], 9)]
    assert values(Dataset.from_tensors([1, 2])) == [[1, 2]]
    assert values(Dataset.range(2, 9, 3)) == [2, 5, 8]
    generated = Dataset.from_generator(lambda n: ((i, [i]) for i in range(n)), output_types="int32", args=(2,))
    assert [(int(a), b.tolist()) for a, b in generated] == [(0, [0]), (1, [1])]
    assert [tuple(map(int, pair)) for pair in Dataset.zip((numbers(3), numbers(2)))] == [(0, 0), (1, 1)]


CASES = {
    "map": (lambda d: d.map(lambda n: n * 2), [0, 2, 4, 6, 8]),
    "map ahead": (lambda d: d.map(lambda n: n * 2, num_parallel_calls=3), [0, 2, 4, 6, 8]),
    "map autotuned": (lambda d: d.map(lambda n: n * 2, AUTOTUNE, deterministic=False), [0, 2, 4, 6, 8]),
    "filter": (lambda d: d.filter(lambda n: n % 2 == 0), [0, 2, 4]),
    "batch": (lambda d: d.batch(2), [[0, 1], [2, 3], [4]]),
    "whole batches": (lambda d: d.batch(2, drop_remainder=True), [[0, 1], [2, 3]]),
    "unbatch": (lambda d: d.batch(2).unbatch(), [0, 1, 2, 3, 4]),
    "take": (lambda d: d.take(2), [0, 1]),
    "take all": (lambda d: d.take(-1), [0, 1, 2, 3, 4]),
    "take too many": (lambda d: d.take(9), [0, 1, 2, 3, 4]),
    "skip": (lambda d: d.skip(3), [3, 4]),
    "skip all": (lambda d: d.skip(-1), []),
    "repeat": (lambda d: d.take(2).repeat(2), [0, 1, 0, 1]),
    "concatenate": (lambda d: d.take(1).concatenate(d.skip(4)), [0, 4]),
    "prefetch": (lambda d: d.prefetch(AUTOTUNE), [0, 1, 2, 3, 4]),
    "prefetch nothing": (lambda d: d.prefetch(0), [0, 1, 2, 3, 4]),
    "cache": (lambda d: d.cache(), [0, 1, 2, 3, 4]),
    "numpy": (lambda d: d, [0, 1, 2, 3, 4]),
}


@pytest.mark.parametrize("case", CASES)
def test_elements_each_time(case):
    change, expected = CASES[case]
    dataset = change(numbers(5))
    assert values(dataset) == expected
    assert values(dataset.as_numpy_iterator()) == expected
    known = dataset.cardinality()
    assert known in (len(expected), UNKNOWN_CARDINALITY)
    if known >= 0:
        assert len(dataset) == len(expected)
    else:
        with pytest.raises(TypeError, match="unknown number"):
            len(dataset)


def test_without_end():
    endless = numbers(2).repeat()
    assert endless.cardinality() == INFINITE_CARDINALITY
    assert values(islice(endless, 5)) == [0, 1, 0, 1, 0]
    assert len(endless.take(3)) == 3
    with pytest.raises(TypeError, match="do not end"):
        len(endless)
    assert endless  # a data set is true whatever its length


def test_tuples_are_arguments():
    dataset = Dataset.from_tensor_slices((np.arange(4.0), np.arange(4))).map(lambda x, y: {"x": x, "y": [y, y]})
    assert [element["y"].tolist() for element in dataset] == [[n, n] for n in range(4)]
    assert dataset.element_spec == {"x": ((), "float64"), "y": ((2,), "int64")}
    pairs = Dataset.zip(numbers(4), numbers(4)).filter(lambda a, b: a + b > 4)
    assert [tuple(map(int, pair)) for pair in pairs] == [(3, 3)]


def test_shuffle():
    shuffled = numbers(20).shuffle(20, seed=5)
    first, second = values(shuffled), values(shuffled)
    assert sorted(first) == sorted(second) == [*range(20)]
    assert first != second != [*range(20)]
    again = numbers(20).shuffle(20, seed=5)
    assert [values(again), values(again)] == [first, second]
    fixed = numbers(20).shuffle(20, seed=5, reshuffle_each_iteration=False)
    assert values(fixed) == values(fixed) == first
    peeked = numbers(20).shuffle(20, seed=5)
    assert values(peeked.take(3)) == first[:3]
    assert values(peeked.batch(20).prefetch(1)) == [first]
    repeated = values(peeked.repeat(2))
    assert repeated == first + second
    near = values(numbers(100).shuffle(3, seed=1))
    assert all(number < place + 3 for place, number in enumerate(near))
    fastcnn.utils.set_random_seed(3)
    one = values(numbers(20).shuffle(20))
    fastcnn.utils.set_random_seed(3)
    assert values(numbers(20).shuffle(20)) == one


def test_cache_keeps_whole_iterations():
    calls = []
    dataset = numbers(4).map(lambda n: calls.append(int(n)) or n).cache()
    assert values(dataset.take(2)) == [0, 1]
    assert values(dataset) == values(dataset) == [0, 1, 2, 3]
    assert calls == [0, 1, 0, 1, 2, 3]


def test_threads_end_with_the_iteration():
    before = threading.active_count()
    dataset = numbers(100).map(lambda n: n, num_parallel_calls=2).batch(2).prefetch(3).repeat()
    for _ in dataset.take(3):
        pass
    assert threading.active_count() == before
    iterator = iter(dataset)
    next(iterator)
    assert threading.active_count() > before
    del iterator
    assert threading.active_count() == before


def test_errors_of_functions_arrive():
    def broken(number):
        raise OSError("no such image")

    for calls in (None, 2, AUTOTUNE):
        with pytest.raises(OSError, match="no such image"):
            list(numbers(3).map(broken, calls).batch(2).prefetch(1))


def test_models_train_evaluate_and_predict():
    x = np.random.default_rng(0).normal(size=(10, 4)).astype("float32")
    y = np.arange(10) % 3
    results = []
    for source in (None, Dataset.from_tensor_slices((x, y)).batch(4).prefetch(1)):
        fastcnn.utils.set_random_seed(1)
        model = fastcnn.Sequential([fastcnn.Input((4,)), layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        if source is None:
            model.fit(x, y, batch_size=4, shuffle=False, epochs=2, verbose=0)
            results.append(
                [*model.get_weights(), model.evaluate(x, y, batch_size=4, verbose=0), model.predict(x, verbose=0)]
            )
        else:
            history = model.fit(source, epochs=2, verbose=0, validation_data=source)
            assert history.params["steps"] == 3
            results.append([*model.get_weights(), model.evaluate(source, verbose=0), model.predict(source, verbose=0)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Dataset.from_tensor_slices((np.zeros(2), np.zeros(3))), ValueError, r"shapes \[\(2,\), \(3,\)\]"),
        (lambda: Dataset.from_tensor_slices(3), ValueError, "same number of rows"),
        (lambda: Dataset.from_tensor_slices([object()]), TypeError, "elements must be arrays"),
        (lambda: Dataset.from_generator([1]), TypeError, "generator must be a function"),
        (lambda: numbers().batch(0), ValueError, "batch_size must be an integer of at least 1, received 0"),
        (lambda: numbers().map(abs, num_parallel_calls=0), ValueError, "num_parallel_calls must be"),
        (lambda: numbers().shuffle(0), ValueError, "buffer_size must be"),
        (lambda: numbers().cache("file"), ValueError, "in memory only; received 'file'"),
        (lambda: numbers(0).element_spec, ValueError, "no elements"),
        (lambda: list(Dataset.from_generator(lambda: [[1], [1, 2]]).batch(2)), ValueError, "must have one shape"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_shuffling_the_rows_of_arrays_keeps_no_rows():
    x, y = np.zeros((20_000, 4), "uint8"), np.zeros(20_000, "uint8")
    dataset = Dataset.from_tensor_slices((x, y)).cache().shuffle(20_000).batch(32)
    tracemalloc.start()
    try:
        assert sum(len(labels) for _, labels in dataset) == 20_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2e6  # numbers of rows: 40 bytes each; rows would be 300


def test_a_cache_of_rows_has_the_rows():
    cached = Dataset.from_tensor_slices(np.arange(5)).cache()
    assert values(cached) == values(cached) == [0, 1, 2, 3, 4]
    assert values(cached.map(lambda x: x + 1).cache()) == [1, 2, 3, 4, 5]
