import numpy as np
import pytest

from fastcnn.graph import Graph, Tensor, Variable
from fastcnn.ops.arrange import getitem
from fastcnn.reference import run_graph

X = np.random.default_rng(4).normal(size=(3, 5, 4)).astype("float32")
INDICES = [
    1,
    -1,
    (slice(None), 2),
    (slice(1, 3), slice(None, None, -2)),
    (..., slice(1, None, 2)),
    (0, ..., 3),
    (slice(None), None, -2, None),
    slice(2, 1),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_as_numpy(index):
    assert np.array_equal(getitem(X, index), X[index])
    symbol = Tensor(X.shape)
    (value,), _ = run_graph(Graph([symbol], [symbol[index]]), {symbol: X})
    assert np.array_equal(value, X[index])
    assert np.array_equal(Variable(X)[index], X[index])


def test_rows_of_any_batch():
    x = Tensor((None, 5, 4))
    assert x[:, 1, ::2].shape == (None, 2)
    assert x[..., None].shape == (None, 5, 4, 1)


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (3, IndexError, "index 3 is out of range for an axis of length 3"),
        ((0, 0, 0, 0), IndexError, "too many indices"),
        (np.array([0, 1]), TypeError, "fastcnn.ops.take"),
        (1.5, TypeError, "integers, slices, None"),
    ],
)
def test_bad_indices(index, error, message):
    with pytest.raises(error, match=message):
        getitem(X, index)
    with pytest.raises(IndexError, match="the batch cannot be cut"):
        Tensor((None, 3))[:2]
