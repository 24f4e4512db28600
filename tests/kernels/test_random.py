"""Random numbers by counter: csrc/random.c through its lowerings."""

import numpy as np
import pytest

from fastcnn import reference

KERNELS = {"random_numbers", "random_log_gamma"}


def numbers(lowered, rows, count, state, normal, salt=0):
    x = np.zeros((rows, 1), "float32")
    attributes = {"count": count, "normal": normal, "salt": salt}
    (y,) = lowered("random_numbers", [x, np.array(state)], [((rows, count), "float32")], **attributes)
    expected = reference.random_numbers(x, np.array(state), **attributes)
    return y, expected


@pytest.mark.parametrize(("rows", "count"), [(0, 3), (1, 1), (5, 7), (3, 5000)])
def test_uniform_is_the_reference_bit_by_bit(isa, lowered, rows, count):
    y, expected = numbers(lowered, rows, count, [2**40 + 5, 3], normal=False, salt=2)
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("count", [1, 33, 9000])
def test_normal(isa, lowered, count):
    y, expected = numbers(lowered, 2, count, [7, 0], normal=True)
    np.testing.assert_allclose(y, expected, rtol=3e-6, atol=1e-6)


def test_draws_differ_by_seed_step_and_salt(isa, lowered):
    draws = [
        numbers(lowered, 1, 100, [*state], False, salt)[0]
        for *state, salt in ((1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1))
    ]
    assert len({draw.tobytes() for draw in draws}) == 4


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 700])
def test_log_gamma(isa, lowered, size):
    alpha = np.resize(np.array([1e-6, 0.2, 1.0, 3.5], "float32"), size)
    (y,) = lowered("random_log_gamma", [alpha, np.array([3, 1])], [((size,), "float32")], salt=2)
    expected = reference.random_log_gamma(alpha.astype("float64"), np.array([3, 1]), salt=2)
    np.testing.assert_allclose(y, expected, rtol=2e-5, atol=2e-5)


def test_log_gamma_of_no_distribution(isa, lowered):
    alpha = np.array([0, -1, np.nan, 1], "float32")
    (y,) = lowered("random_log_gamma", [alpha, np.array([3, 1])], [((4,), "float32")], salt=0)
    assert np.isnan(y).tolist() == [True, True, True, False]


def test_gamma_has_its_moments(isa, lowered):
    alpha = np.full(20000, 2.5, "float32")
    (y,) = lowered("random_log_gamma", [alpha, np.array([3, 1])], [((20000,), "float32")], salt=0)
    assert abs(np.exp(y).mean() - 2.5) < 0.05
    assert abs(np.exp(y).var() - 2.5) < 0.1


@pytest.mark.parametrize("rows", [0, 1, 2, 300])
def test_permutation(isa, lowered, rows):
    x, state = np.zeros((rows, 1), "float32"), np.array([5, 6])
    (y,) = lowered("random_permutation", [x, state], [((rows,), "int32")], salt=1)
    assert np.array_equal(y, reference.random_permutation(x, state, salt=1))
    assert np.array_equal(np.sort(y), np.arange(rows))
