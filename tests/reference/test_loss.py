"""Cross-entropy at its edges: clipping, rows that are no probabilities, large logits; and Keras's values."""

import numpy as np

from fastcnn import reference

TARGET = np.array([0, 1], "int32")


def test_certain_and_wrong_is_clipped():
    p = np.array([[1.0, 0.0], [1.0, 0.0]])
    losses = reference.cross_entropy(TARGET, p, sparse=True)
    np.testing.assert_allclose(losses, [1e-7, -np.log(1e-7)], rtol=1e-6)
    gradient = reference.cross_entropy_gradient(TARGET, p, np.ones(2), sparse=True)
    assert not gradient.any()


def test_rows_are_scaled_to_probabilities():
    p = np.array([[1.0, 3.0], [2.0, 2.0]])
    for target, sparse in ((np.eye(2), False), (TARGET, True)):
        losses = reference.cross_entropy(target, p, sparse=sparse)
        np.testing.assert_allclose(losses, -np.log([0.25, 0.5]))


def test_large_logits_do_not_overflow():
    logits = np.array([[1e4, 0.0], [1e4, 0.0]], "float32")
    losses, p = reference.softmax_cross_entropy(TARGET, logits, sparse=True)
    np.testing.assert_array_equal(losses, [0, 1e4])
    np.testing.assert_array_equal(p, [[1, 0], [1, 0]])


def test_sparse_and_one_hot_agree():
    logits = np.random.default_rng(0).normal(size=(2, 2))
    dense = np.eye(2)
    for one, other in zip(
        reference.softmax_cross_entropy(TARGET, logits, sparse=True),
        reference.softmax_cross_entropy(dense, logits, sparse=False),
        strict=True,
    ):
        np.testing.assert_allclose(one, other)


def test_nan_is_not_hidden():
    x = np.array([[np.nan, 1.0], [0.0, 1.0]])
    assert np.isnan(reference.softmax(x)).tolist() == [[True, True], [False, False]]
    assert np.isnan(reference.cross_entropy(TARGET, x, sparse=True)).tolist() == [True, False]
    assert np.isnan(reference.relu(x)).tolist() == [[True, False], [False, False]]
