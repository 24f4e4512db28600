"""Rounding to bfloat16: csrc/elementwise.c through its driver."""

import numpy as np
import pytest

from fastcnn._core import call
from fastcnn._core.bfloat16 import RoundToBfloat16
from fastcnn.reference.bfloat16 import rounded_to_bfloat16

KERNELS = {"unary_bfloat16"}
SPECIAL = np.array([0, -0.0, 1, np.inf, -np.inf, np.nan, 3.4e38, -3.4e38, 1 + 2**-8, 1 + 3 * 2**-8], np.float32)


def rounded(x):
    y = np.full(x.shape, 77, np.float32)
    call.run(RoundToBfloat16(x, y))
    return y


@pytest.mark.parametrize("shape", [(0,), (1,), (7, 5), (20_001,)])
def test_rounding(isa, shape):
    x = np.random.default_rng(0).standard_normal(shape, np.float32)
    np.testing.assert_array_equal(rounded(x), rounded_to_bfloat16(x))


def test_special_values(isa):
    np.testing.assert_array_equal(rounded(SPECIAL), rounded_to_bfloat16(SPECIAL))
    np.testing.assert_array_equal(np.signbit(rounded(SPECIAL)), np.signbit(SPECIAL))


def test_in_place(isa):
    x = np.random.default_rng(1).standard_normal(1001, np.float32)
    wanted = rounded_to_bfloat16(x)
    call.run(RoundToBfloat16(x, x))
    np.testing.assert_array_equal(x, wanted)
