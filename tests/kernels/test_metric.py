"""Accuracies and running sums: csrc/metric.c through its lowerings."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastcnn import reference
from fastcnn._core import call
from fastcnn._core.metric import Accumulate, Accuracy, AddToDoubles

KERNELS = {"accuracy_sparse", "accuracy_dense", "binary_accuracy", "accumulate", "add_to_doubles"}

quick = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
shapes = st.tuples(st.sampled_from([0, 1, 2, 7, 33]), st.sampled_from([1, 2, 3, 10, 16, 17, 33, 100, 1001]))
seeds = st.integers(0, 2**32 - 1)


def accuracy(lowered, target, output, sparse):
    return lowered("accuracy", [target, output], [(output.shape[:-1], "float32")], sparse=sparse)[0]


@given(shape=shapes, seed=seeds, special=st.sampled_from([0, np.nan, np.inf, -np.inf]))
@quick
def test_accuracy_with_ties_and_special_values(isa, lowered, shape, seed, special):
    random = np.random.default_rng(seed)
    output = random.integers(-2, 3, shape).astype(np.float32)  # so that many are equal
    output[random.random(shape) < 0.05] = special
    dense = random.integers(0, 3, shape).astype(np.float32)
    labels = np.where(random.random(shape[0]) < 0.5, output.argmax(1), random.integers(0, shape[1], shape[0]))
    for target, sparse in ((dense, False), (labels.astype(np.int32), True)):
        wanted = reference.accuracy(target, output, sparse=sparse)
        np.testing.assert_array_equal(accuracy(lowered, target, output, sparse), wanted)


@given(shape=shapes, seed=seeds, threshold=st.sampled_from([0.5, 0.25]))
@quick
def test_binary_accuracy(isa, lowered, shape, seed, threshold):
    random = np.random.default_rng(seed)
    output, target = random.random(shape, np.float32), random.integers(0, 2, shape).astype(np.float32)
    output[random.random(shape) < 0.2] = threshold
    got = lowered("binary_accuracy", [target, output], [(shape[:1], "float32")], threshold=threshold)[0]
    np.testing.assert_allclose(got, reference.binary_accuracy(target, output, threshold=threshold), rtol=1e-6)


@given(size=st.sampled_from([0, 1, 7, 8, 9, 33, 1000]), seed=seeds)
@quick
def test_accumulate(isa, size, seed):
    values, weights = np.random.default_rng(seed).standard_normal((2, size), dtype=np.float32)
    for given_weights in (None, weights):
        state = np.array([3.5, 40])
        wanted = reference.accumulate(state, values, given_weights)
        call.run(Accumulate(state, values, given_weights))
        np.testing.assert_allclose(state, wanted, rtol=1e-12, atol=1e-12)
    state = np.full(size, 2.5)
    call.run(AddToDoubles(state, values))
    np.testing.assert_array_equal(state, 2.5 + values.astype(np.float64))


def test_accumulate_adds_in_one_order_on_every_instruction_set(isa):
    values = np.random.default_rng(5).standard_normal(1003, dtype=np.float32) * np.float32(1e3)
    state = np.zeros(2)
    call.run(Accumulate(state, values))
    chains = np.zeros(8)
    for i, value in enumerate(values):
        chains[i % 8] += value
    assert state.tolist() == [sum(chains.tolist()), 1003]


def test_accumulate_keeps_nan(isa):
    state = np.zeros(2)
    call.run(Accumulate(state, np.array([1, np.nan], np.float32)), Accumulate(state, np.ones(2, np.float32)))
    assert np.isnan(state[0])
    assert state[1] == 4


def test_bits_do_not_depend_on_threads(isa, lowered, same_bits):
    output = np.random.default_rng(6).standard_normal((3000, 101), dtype=np.float32)
    target = np.random.default_rng(7).integers(0, 2, (3000, 101)).astype(np.float32)
    same_bits(lambda: [accuracy(lowered, target, output, False)])
    same_bits(lambda: lowered("binary_accuracy", [target, output], [((3000,), "float32")], threshold=0.0))


def test_errors_name_the_argument():
    x, y = np.zeros((2, 3), np.float32), np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=r"target must have shape \(2, 3\), received \(2,\)"):
        Accuracy(y, x, y, sparse=False)
    with pytest.raises(ValueError, match=r"state must have shape \(2,\), received \(3,\)"):
        Accumulate(np.zeros(3), y)
    with pytest.raises(ValueError, match=r"weights must have shape \(2,\), received \(2, 3\)"):
        Accumulate(np.zeros(2), y, x)
    with pytest.raises(ValueError, match=r"values must have shape \(3,\), received \(2,\)"):
        AddToDoubles(np.zeros(3), y)
