"""pad_sequences, normalize, and windows over series."""

import re

import numpy as np
import pytest

from fastcnn.utils import normalize, pad_sequences, timeseries_dataset_from_array

SEQUENCES = [[1], [], [2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0, 0, 1], [0, 0, 0], [0, 2, 3], [4, 5, 6]]),
        ({"padding": "post", "value": -1}, [[1, -1, -1], [-1, -1, -1], [2, 3, -1], [4, 5, 6]]),
        ({"maxlen": 2}, [[0, 1], [0, 0], [2, 3], [5, 6]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [0, 0], [2, 3], [4, 5]]),
        ({"maxlen": 0}, [[], [], [], []]),
        (
            {"maxlen": 4, "dtype": "float32", "value": 0.5},
            [[0.5] * 3 + [1], [0.5] * 4, [0.5, 0.5, 2, 3], [0.5, 4, 5, 6]],
        ),
    ],
)
def test_pad_sequences(options, expected):
    result = pad_sequences(SEQUENCES, **options)
    assert result.dtype == options.get("dtype", "int32")
    assert result.tolist() == expected


def test_pad_vectors_and_strings():
    rows = pad_sequences([[[1, 2]], [[3, 4], [5, 6]]])
    assert rows.tolist() == [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]
    words = pad_sequences([["a"], ["b", "c"]], dtype=object, value="-", padding="post")
    assert words.tolist() == [["a", "-"], ["b", "c"]]


@pytest.mark.parametrize(
    ("sequences", "options", "message"),
    [
        (iter([[1]]), {}, "`sequences` must be iterable"),
        ([1, 2], {}, "Found non-iterable: 1"),
        ([[[1, 2]], [[1]]], {}, "sequence at position 1 is different from expected shape (2,)"),
        ([[1]], {"padding": "left"}, "unknown padding 'left'"),
        ([[1]], {"truncating": "left"}, "unknown truncating 'left'"),
        ([["a"]], {"value": "-"}, "You should set `dtype=object`"),
    ],
)
def test_pad_errors(sequences, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        pad_sequences(sequences, **options)


@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_normalize(order, axis):
    x = np.random.default_rng(0).normal(size=(4, 5))
    x[2] = 0
    x[:, 3] = 0
    result = normalize(x, axis, order)
    lengths = np.linalg.norm(result, order, axis)
    np.testing.assert_allclose(lengths, np.linalg.norm(x, order, axis) > 0)
    assert not np.shares_memory(result, x)


def windows(*arguments, **options):
    return [tuple(map(np.ndarray.tolist, element)) for element in timeseries_dataset_from_array(*arguments, **options)]


def test_windows():
    data = np.arange(99)
    (batch,) = timeseries_dataset_from_array(data, None, sequence_length=10, sampling_rate=2, sequence_stride=3)
    assert batch.dtype == data.dtype
    assert len(batch) == 27
    assert batch[1].tolist() == [3, 5, 7, 9, 11, 13, 15, 17, 19, 21]
    assert batch[-1].tolist() == [78, 80, 82, 84, 86, 88, 90, 92, 94, 96]
    assert windows(np.arange(5), np.arange(5) * 10, 3, batch_size=2) == [
        ([[0, 1, 2], [1, 2, 3]], [0, 10]),
        ([[2, 3, 4]], [20]),
    ]
    # As many as there are targets, and between the two indices.
    assert windows(np.arange(9), np.arange(2), 3) == [([[0, 1, 2], [1, 2, 3]], [0, 1])]
    assert windows(np.arange(9), np.arange(9), 3, start_index=4, end_index=8) == [([[4, 5, 6], [5, 6, 7]], [4, 5])]
    single = timeseries_dataset_from_array(np.zeros((9, 4)), None, 3, batch_size=None)
    assert len(single) == 7
    assert {window.shape for window in single} == {(3, 4)}
    assert len(timeseries_dataset_from_array(np.arange(3), None, 9)) == 0


def test_shuffled_windows():
    def order(seed):
        dataset = timeseries_dataset_from_array(np.arange(40), np.arange(40), 3, shuffle=True, seed=seed, batch_size=8)
        return [[int(y) for _, targets in dataset for y in targets] for _ in range(2)]

    first, second = order(5)
    assert sorted(first) == sorted(second) == [*range(38)]
    assert first != second
    assert order(5) == [first, second]
    assert order(6) != [first, second]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_index": -1}, "`start_index` must be 0 or greater"),
        ({"start_index": 9}, "`start_index` must be 0 or greater and lower than the length"),
        ({"end_index": 9}, "`end_index` must be higher than 0 and lower than the length"),
        ({"start_index": 4, "end_index": 3}, "`end_index` must be higher than `start_index`"),
        ({"sampling_rate": 0}, "`sampling_rate` must be higher than 0"),
        ({"sampling_rate": 9}, "`sampling_rate` must be higher than 0 and lower than"),
        ({"sequence_stride": 0}, "`sequence_stride` must be higher than 0"),
        ({"sequence_length": 0}, "sequence_length must be an integer of at least 1"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1"),
        ({"format": "torch"}, "unknown format 'torch'"),
    ],
)
def test_window_errors(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        timeseries_dataset_from_array(np.arange(9), None, **{"sequence_length": 3, **options})
