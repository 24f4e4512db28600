"""Functions of single elements, and of pairs of elements with NumPy broadcasting.

Invalid operands give what IEEE arithmetic gives (log(0) is -inf, sqrt(-1) is NaN), without a warning. A NaN operand
gives NaN, but comparisons give 0.
"""

from __future__ import annotations

import numpy as np


def relu(x: np.ndarray) -> np.ndarray:
    """The larger of x and 0."""
    return np.maximum(x, 0)


def relu_gradient(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dy where y = relu(x) is positive."""
    return np.where(y > 0, dy, 0).astype(dy.dtype)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), in a form in which no exponential overflows."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1).astype(x.dtype) / (1 + e)


def sigmoid_gradient(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dy y (1 - y), for y = sigmoid(x)."""
    return dy * y * (1 - y)


def tanh(x: np.ndarray) -> np.ndarray:
    """The hyperbolic tangent."""
    return np.tanh(x)


def tanh_gradient(dy: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dy (1 - y^2), for y = tanh(x)."""
    return dy * (1 - y * y)


@np.errstate(all="ignore")
def exp(x: np.ndarray) -> np.ndarray:
    """e to the power of x."""
    return np.exp(x)


@np.errstate(all="ignore")
def log(x: np.ndarray) -> np.ndarray:
    """The natural logarithm."""
    return np.log(x)


@np.errstate(all="ignore")
def square(x: np.ndarray) -> np.ndarray:
    """x times x."""
    return x * x


@np.errstate(all="ignore")
def sqrt(x: np.ndarray) -> np.ndarray:
    """The square root."""
    return np.sqrt(x)


def negative(x: np.ndarray) -> np.ndarray:
    """Minus x."""
    return -x


def abs(x: np.ndarray) -> np.ndarray:
    """x without its sign."""
    return np.abs(x)


@np.errstate(all="ignore")
def log1p(x: np.ndarray) -> np.ndarray:
    """log(1 + x), exact for small x."""
    return np.log1p(x)


@np.errstate(all="ignore")
def expm1(x: np.ndarray) -> np.ndarray:
    """exp(x) - 1, exact for small x."""
    return np.expm1(x)


def floor(x: np.ndarray) -> np.ndarray:
    """The next whole number not above x."""
    return np.floor(x)


def ceil(x: np.ndarray) -> np.ndarray:
    """The next whole number not below x."""
    return np.ceil(x)


def round(x: np.ndarray) -> np.ndarray:
    """The nearest whole number, the even one of two."""
    return np.round(x)


def sign(x: np.ndarray) -> np.ndarray:
    """-1, 0 or 1; NaN where x is."""
    return np.sign(x)


def isnan(x: np.ndarray) -> np.ndarray:
    """1 where x is NaN, else 0."""
    return np.isnan(x).astype(x.dtype)


def isfinite(x: np.ndarray) -> np.ndarray:
    """1 where x is neither infinite nor NaN, else 0."""
    return np.isfinite(x).astype(x.dtype)


@np.errstate(all="ignore")
def add(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a + b."""
    return a + b


@np.errstate(all="ignore")
def subtract(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b."""
    return a - b


@np.errstate(all="ignore")
def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a times b."""
    return a * b


@np.errstate(all="ignore")
def divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b."""
    return a / b


def maximum(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The larger of a and b."""
    return np.maximum(a, b)


def minimum(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The smaller of a and b."""
    return np.minimum(a, b)


def equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where a is b, else 0."""
    return (a == b).astype(np.result_type(a, b))


def greater(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where a is larger than b, else 0."""
    return (a > b).astype(np.result_type(a, b))


def greater_equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where a is at least b, else 0."""
    return (a >= b).astype(np.result_type(a, b))


def not_equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where a is not b, else 0."""
    return (a != b).astype(np.result_type(a, b))


def masked(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """b where a is not 0, else 0: also where b is infinite or NaN."""
    return np.where(a != 0, b, 0).astype(np.result_type(a, b))


@np.errstate(all="ignore")
def power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a to the power b."""
    return np.power(a, b)


def sin(x: np.ndarray) -> np.ndarray:
    """Sine, of radians."""
    return np.sin(x)


def cos(x: np.ndarray) -> np.ndarray:
    """Cosine, of radians."""
    return np.cos(x)


def arctan(x: np.ndarray) -> np.ndarray:
    """The angle in radians whose tangent is x."""
    return np.arctan(x)


def erf(x: np.ndarray) -> np.ndarray:
    """The error function."""
    from math import erf as of_number

    return np.vectorize(of_number, otypes=["float64"])(x).astype(x.dtype)
