"""Cross-entropies and their gradients: csrc/loss.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.loss import SoftmaxCrossEntropy, SoftmaxCrossEntropyGradient

KERNELS = {
    "softmax_cross_entropy_sparse", "softmax_cross_entropy_dense", "softmax_cross_entropy_gradient_sparse",
    "softmax_cross_entropy_gradient_dense", "cross_entropy_sparse", "cross_entropy_dense",
    "cross_entropy_gradient_sparse", "cross_entropy_gradient_dense",
}  # fmt: skip

quick = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.tuples(st.sampled_from([0, 1, 2, 7, 33]), st.sampled_from([1, 2, 3, 10, 16, 17, 33, 100, 1001]))
seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(["sparse", "one-hot", "weights"])


def draw(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def target_of(kind, seed, shape):
    labels = np.random.default_rng(seed).integers(0, shape[1], shape[0], dtype=np.int32)
    if kind == "sparse":
        return labels
    if kind == "one-hot":
        return np.eye(shape[1], dtype=np.float32)[labels]
    return np.abs(draw(seed, *shape))


def float64(*arrays):
    return [array.astype(np.float64) if array.dtype == np.float32 else array for array in arrays]


def softmax_cross_entropy(lowered, target, logits, sparse):
    outputs = [(logits.shape[:1], "float32"), (logits.shape, "float32")]
    return lowered("softmax_cross_entropy", [target, logits], outputs, sparse=sparse)


def cross_entropy(lowered, target, probabilities, sparse):
    return lowered("cross_entropy", [target, probabilities], [(probabilities.shape[:1], "float32")], sparse=sparse)[0]


def gradient(lowered, op, target, probabilities, dloss, sparse):
    outputs = [(probabilities.shape, "float32")]
    return lowered(f"{op}_gradient", [target, probabilities, dloss], outputs, sparse=sparse)[0]


@given(shape=shapes, kind=kinds, scale=st.sampled_from([0.1, 1, 30]), seed=seeds)
@quick
def test_softmax_cross_entropy(isa, lowered, shape, kind, scale, seed):
    sparse = kind == "sparse"
    target, logits = target_of(kind, seed, shape), draw(seed + 1, *shape) * np.float32(scale)
    loss, probabilities = softmax_cross_entropy(lowered, target, logits, sparse)
    wanted = reference.softmax_cross_entropy(*float64(target, logits), sparse=sparse)
    np.testing.assert_allclose(loss, wanted[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(probabilities, wanted[1], rtol=1e-5, atol=1e-30)


@given(shape=shapes, kind=kinds, seed=seeds)
@quick
def test_softmax_cross_entropy_gradient(isa, lowered, shape, kind, seed):
    sparse = kind == "sparse"
    target, probabilities = target_of(kind, seed, shape), reference.softmax(draw(seed + 1, *shape))
    dloss = draw(seed + 2, shape[0])
    got = gradient(lowered, "softmax_cross_entropy", target, probabilities, dloss, sparse)
    wanted = reference.softmax_cross_entropy_gradient(*float64(target, probabilities, dloss), sparse=sparse)
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def probabilities_of(seed, shape, exact):
    """Rows that sum to 1, or, not exact, to anything, with some probabilities beyond the bounds of clipping."""
    p = reference.softmax(draw(seed, *shape))
    if exact:
        return p
    p = p * np.float32(1.5)
    p[np.random.default_rng(seed).random(shape) < 0.1] = 0
    return p + np.float32(1e-30)


@given(shape=shapes, kind=kinds, exact=st.booleans(), seed=seeds)
@quick
def test_cross_entropy(isa, lowered, shape, kind, exact, seed):
    sparse = kind == "sparse"
    target, probabilities = target_of(kind, seed, shape), probabilities_of(seed + 1, shape, exact)
    wanted = reference.cross_entropy(*float64(target, probabilities), sparse=sparse)
    np.testing.assert_allclose(cross_entropy(lowered, target, probabilities, sparse), wanted, rtol=1e-5, atol=1e-6)


@given(shape=shapes, kind=kinds, exact=st.booleans(), seed=seeds)
@quick
def test_cross_entropy_gradient(isa, lowered, shape, kind, exact, seed):
    sparse = kind == "sparse"
    target, probabilities = target_of(kind, seed, shape), probabilities_of(seed + 1, shape, exact)
    dloss = draw(seed + 2, shape[0])
    got = gradient(lowered, "cross_entropy", target, probabilities, dloss, sparse)
    wanted = reference.cross_entropy_gradient(*float64(target, probabilities, dloss), sparse=sparse)
    scale = np.abs(wanted).max(axis=1, keepdims=True, initial=1)
    np.testing.assert_allclose(got / scale, wanted / scale, rtol=1e-4, atol=1e-5)


def test_certain_and_impossible_classes_are_clipped(isa, lowered):
    probabilities = np.array([[0, 1], [1, 0]], np.float32)
    target = np.array([0, 0], np.int32)
    loss = cross_entropy(lowered, target, probabilities, True)
    np.testing.assert_allclose(loss, [-np.log(1e-7), 1e-7], rtol=1e-5, atol=3e-8)
    ones = np.ones(2, np.float32)
    np.testing.assert_array_equal(gradient(lowered, "cross_entropy", target, probabilities, ones, True), 0)


@pytest.mark.parametrize("label", [-1, 3, 2**31 - 1, -(2**31)])
def test_a_label_out_of_range_gives_nan_and_reads_nothing(isa, lowered, label):
    target = np.array([1, label, 2], np.int32)
    x, dloss = np.full((3, 3), 0.25, np.float32), np.ones(3, np.float32)
    for loss in (softmax_cross_entropy(lowered, target, x, True)[0], cross_entropy(lowered, target, x, True)):
        assert np.isnan(loss).tolist() == [False, True, False]
    for op in ("softmax_cross_entropy", "cross_entropy"):
        dx = gradient(lowered, op, target, x, dloss, True)
        assert np.isnan(dx).all(axis=1).tolist() == [False, True, False]


def test_nan_reaches_the_loss_of_its_row_only(isa, lowered):
    x = np.full((3, 20), 0.05, np.float32)
    x[1, 19] = np.nan
    target = np.full(3, 19, np.int32)
    for loss in (softmax_cross_entropy(lowered, target, x, True)[0], cross_entropy(lowered, target, x, True)):
        assert np.isnan(loss).tolist() == [False, True, False]


def test_gradient_in_the_place_of_the_probabilities(isa):
    probabilities, dloss = reference.softmax(draw(1, 5, 37)), draw(2, 5)
    for kind in ("sparse", "weights"):
        target, out, place = target_of(kind, 3, (5, 37)), np.empty((5, 37), np.float32), probabilities.copy()
        call.run(SoftmaxCrossEntropyGradient(target, probabilities, dloss, out, sparse=kind == "sparse"))
        call.run(SoftmaxCrossEntropyGradient(target, place, dloss, place, sparse=kind == "sparse"))
        np.testing.assert_array_equal(place, out)


def test_bits_depend_on_neither_threads_nor_batch(isa, lowered, same_bits):
    shape = (1000, 101)
    logits, dloss = draw(7, *shape), draw(8, 1000)
    for kind in ("sparse", "weights"):
        sparse, target = kind == "sparse", target_of(kind, 9, shape)
        loss, probabilities = same_bits(lambda t=target, s=sparse: softmax_cross_entropy(lowered, t, logits, s))
        for op in ("softmax_cross_entropy", "cross_entropy"):
            same_bits(lambda t=target, s=sparse, o=op, p=probabilities: [gradient(lowered, o, t, p, dloss, s)])
        same_bits(lambda t=target, s=sparse, p=probabilities: [cross_entropy(lowered, t, p, s)])
        part = softmax_cross_entropy(lowered, target[5:6].copy(), logits[5:6].copy(), sparse)
        np.testing.assert_array_equal(part[0], loss[5:6])


def test_errors_name_the_argument():
    x, loss = np.zeros((2, 3), np.float32), np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=r"target must have shape \(2,\), received \(3,\)"):
        SoftmaxCrossEntropy(np.zeros(3, np.int32), x, loss, x, sparse=True)
    with pytest.raises(TypeError, match="int32"):
        SoftmaxCrossEntropy(np.zeros(2, np.int64), x, loss, x, sparse=True)
    with pytest.raises(ValueError, match=r"loss must have shape \(2,\), received \(3,\)"):
        SoftmaxCrossEntropy(x, x, np.zeros(3, np.float32), x, sparse=False)
