"""Activation functions by kind; `parameters` are the numbers a, b, c of csrc/activation.c."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fastcnn.reference.elementwise import erf

Parameters = tuple[float, float, float]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def tanh_cubic(x: np.ndarray) -> np.ndarray:
    """The hyperbolic tangent that stands for the error function."""
    return np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def mish_slope(x: np.ndarray) -> np.ndarray:
    """Derivative of x tanh(softplus(x))."""
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2) * sigmoid(x)


def gelu_tanh_slope(x: np.ndarray) -> np.ndarray:
    """Derivative of the gelu that is made of a hyperbolic tangent."""
    t = tanh_cubic(x)
    return (1 + t) / 2 + x / 2 * (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)


Function = Callable[[np.ndarray, float, float, float], np.ndarray]

FUNCTIONS: dict[str, Function] = {
    "rectify": lambda x, a, b, c: np.where(x > c, np.minimum(x, b), a * (x - c)),
    "elu": lambda x, a, b, c: b * np.where(x > 0, x, a * np.expm1(np.minimum(x, 0) / c)),
    "gelu": lambda x, a, b, c: x / 2 * (1 + erf(x / np.sqrt(2))),
    "gelu_tanh": lambda x, a, b, c: x / 2 * (1 + tanh_cubic(x)),
    "silu": lambda x, a, b, c: x * sigmoid(x),
    "mish": lambda x, a, b, c: x * np.tanh(softplus(x)),
    "softplus": lambda x, a, b, c: softplus(x),
    "softsign": lambda x, a, b, c: x / (1 + np.abs(x)),
    "hard_sigmoid": lambda x, a, b, c: np.clip(a * x + b, 0, 1),
    "hard_silu": lambda x, a, b, c: x * np.clip(a * x + b, 0, 1),
}
SLOPES: dict[str, Function] = {
    "rectify": lambda x, a, b, c: np.where(x > c, x < b, a),
    "elu": lambda x, a, b, c: b * np.where(x > 0, 1, a / c * np.exp(np.minimum(x, 0) / c)),
    "gelu": lambda x, a, b, c: (1 + erf(x / np.sqrt(2))) / 2 + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
    "gelu_tanh": lambda x, a, b, c: gelu_tanh_slope(x),
    "silu": lambda x, a, b, c: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    "mish": lambda x, a, b, c: mish_slope(x),
    "softplus": lambda x, a, b, c: sigmoid(x),
    "softsign": lambda x, a, b, c: 1 / (1 + np.abs(x)) ** 2,
    "hard_sigmoid": lambda x, a, b, c: np.where((a * x + b > 0) & (a * x + b < 1), a, 0),
    "hard_silu": lambda x, a, b, c: np.clip(a * x + b, 0, 1) + x * np.where((a * x + b > 0) & (a * x + b < 1), a, 0),
}


def activation(x: np.ndarray, *, kind: str, parameters: Parameters) -> np.ndarray:
    """The function of x."""
    return FUNCTIONS[kind](x, *parameters).astype(x.dtype)


def activation_gradient(dy: np.ndarray, x: np.ndarray, *, kind: str, parameters: Parameters) -> np.ndarray:
    """dy times the slope of the function at x."""
    return (dy * SLOPES[kind](x, *parameters)).astype(x.dtype)
