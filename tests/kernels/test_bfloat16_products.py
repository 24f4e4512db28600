"""Kernels that multiply bfloat16, csrc/*_bfloat16.c, through their lowerings; skipped where the processor has none."""

from types import SimpleNamespace

import numpy as np
import pytest

from fastcnn import reference
from fastcnn._core import bfloat16, call, kernels
from fastcnn._core.gemm_bfloat16 import Bfloat16Matmul
from fastcnn._core.sparse_product import Bfloat16SparseTransposed
from fastcnn.graph import OPS
from fastcnn.plan.lowering import LOWERINGS
from fastcnn.reference.bfloat16 import rounded_to_bfloat16

KERNELS = {
    "gemm_bfloat16", "gemm_rounding_bfloat16", "row_pairs", "column_pairs", "turned_pairs", "sparse_product_bfloat16",
    "window_pairs", "image_pair_planes",
    "conv_max_pool_weight_gradient_bfloat16", "pool_entries", "channel_plane_bfloat16",
    "conv_max_pool_list_gradient_bfloat16", "pair_windows", "pack_taps", "conv_max_pool_input_gradient_bfloat16",
    "winograd_weights_bfloat16", "winograd_input_bfloat16", "winograd_output_bfloat16", "winograd_output_pool_bfloat16",
    "winograd_fused_bfloat16",
}  # fmt: skip
WINOGRAD_ERROR = 0.05
"""Of the largest output: that of F(4x4, 3x3) in bfloat16."""


@pytest.fixture(autouse=True)
def _native():
    if not bfloat16.multiplies_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape, np.float32)


def outputs_of(op, inputs, attrs):
    wide = [array.astype("float64") if array.dtype == np.float32 else array for array in inputs]
    expected = OPS[op].reference(*wide, bfloat16=True, **attrs)
    return expected if isinstance(expected, tuple) else (expected,)


def check(lowered, op, inputs, error=2e-6, **attrs):
    """Hold an op to its reference; `error` is of the largest value."""
    expected = outputs_of(op, inputs, attrs)
    specs = [(right.shape, "float32" if right.dtype == np.float64 else right.dtype.name) for right in expected]
    results = lowered(op, inputs, specs, bfloat16=True, **attrs)
    for result, right in zip(results, expected, strict=True):
        if result.dtype == np.float32:
            scale = max(np.abs(right).max(initial=0), 1e-3)
            np.testing.assert_allclose(result, right, rtol=0, atol=error * scale)
    return results


@pytest.mark.parametrize(("transpose_a", "transpose_b"), [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize(
    ("m", "k", "n"),
    [
        (1, 1, 1),
        (3, 7, 5),
        (6, 2, 64),
        (32, 500, 130),
        (7, 33, 65),
        (32, 128, 700),
        (3, 401, 1100),
        (130, 31, 16),
        (0, 3, 4),
        (2, 0, 3),
    ],
)
def test_matmul(lowered, m, k, n, transpose_a, transpose_b):
    a = normal(k, m) if transpose_a else normal(m, k)
    b = normal(n, k) if transpose_b else normal(k, n)
    check(lowered, "matmul", [a, b], transpose_a=transpose_a, transpose_b=transpose_b, activation=None)


def test_matmul_with_bias_and_relu(lowered):
    for k in (20, 3000):
        attrs = {"transpose_a": False, "transpose_b": False, "activation": "relu"}
        check(lowered, "matmul", [normal(9, k), normal(k, 70), normal(70)], **attrs)


def test_a_row_has_the_same_bits_in_any_batch(lowered):
    x, w = normal(40, 900), normal(900, 100)
    attrs = {"transpose_a": False, "transpose_b": False, "activation": None, "bfloat16": True}
    (whole,) = lowered("matmul", [x, w], [((40, 100), "float32")], **attrs)
    for rows in (slice(0, 1), slice(7, 20)):
        part = x[rows]
        (alone,) = lowered("matmul", [part, w], [((len(part), 100), "float32")], **attrs)
        np.testing.assert_array_equal(alone, whole[rows])


@pytest.mark.parametrize("density", [0, 0.3, 1])
@pytest.mark.parametrize(("m", "k", "n"), [(32, 128, 2304), (1, 33, 65), (5, 300, 130), (64, 64, 577), (33, 7, 15)])
def test_skipping_zeros_has_the_bits_of_the_dense_product(m, k, n, density):
    a, b = normal(m, k) * (np.random.default_rng(0).random((m, k)) < density).astype(np.float32), normal(n, k)
    dense, sparse = np.full((m, n), 77, np.float32), np.full((m, n), 77, np.float32)
    call.run(Bfloat16Matmul(a, b, dense, transpose_b=True), Bfloat16SparseTransposed(a, b, sparse))
    np.testing.assert_array_equal(sparse, dense)


def test_nan_in_the_sparse_operand_comes_through():
    a, b, c = np.zeros((3, 40), np.float32), normal(70, 40), np.zeros((3, 70), np.float32)
    a[1, 7] = np.nan
    call.run(Bfloat16SparseTransposed(a, b, c))
    assert np.isnan(c[1]).all()
    assert not np.isnan(c[[0, 2]]).any()


def test_sparse_operands_must_fit():
    with pytest.raises(ValueError, match="columns"):
        Bfloat16SparseTransposed(normal(4, 40), normal(70, 41), np.zeros((4, 70), np.float32))


@pytest.mark.parametrize(("m", "k", "n"), [(32, 40, 70), (5, 33, 17), (1, 6, 128), (64, 300, 64)])
def test_matmul_update(lowered, m, k, n):
    x, dy, w = normal(m, k), normal(m, n), normal(k, n)
    numbers = [np.array([0.5], np.float32), np.array([0])]
    expected = w - 0.5 * rounded_to_bfloat16(x).T @ rounded_to_bfloat16(dy)
    inputs = [x, dy, w, *numbers]
    calls = LOWERINGS["matmul_sgd_update"].calls(node_of(inputs, {"bfloat16": True}), inputs, [w], [])
    call.run(*calls)
    np.testing.assert_allclose(w, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def node_of(inputs, attrs):
    return SimpleNamespace(
        inputs=[SimpleNamespace(shape=array.shape) for array in inputs],
        outputs=[SimpleNamespace(shape=())],
        attrs=attrs,
    )


SHAPES = [
    (3, 9, 9, 3, 32),
    (4, 16, 12, 32, 64),
    (5, 12, 13, 33, 70),
    (1, 8, 8, 1, 5),
    (3, 10, 17, 4, 20),
    (2, 5, 27, 2, 33),
    (2, 31, 20, 20, 16),
    (2, 4, 5, 17, 130),
    (5, 12, 13, 30, 70),
    (9, 40, 9, 56, 20),
    (1, 4, 8002, 24, 3),
    (1, 4, 8010, 24, 1),
]
PADDINGS = [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((0, 1), (1, 0))]


def pooled(images, height, width, outputs, padding):
    size = [(side + sum(border) - 2) // 2 for side, border in zip((height, width), padding, strict=True)]
    dy = normal(images, *size, outputs)
    positions = np.random.default_rng(1).integers(0, 5, dy.shape).astype("uint8")
    return dy, positions


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("images", "height", "width", "channels", "outputs"), SHAPES)
def test_pool_gradients(lowered, images, height, width, channels, outputs, padding):
    dy, positions = pooled(images, height, width, outputs, padding)
    x, w = normal(images, height, width, channels), normal(3, 3, channels, outputs)
    check(lowered, "conv2d_max_pool_weight_gradient", [x, dy, positions], kernel_size=(3, 3), padding=padding)
    size = (height, width)
    check(lowered, "conv2d_max_pool_input_gradient", [w, dy, positions], input_size=size, padding=padding)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("images", "height", "width", "channels", "outputs"), SHAPES)
def test_pooled_convolution(lowered, images, height, width, channels, outputs, padding):
    x, w, bias = normal(images, height, width, channels), normal(3, 3, channels, outputs), normal(outputs)
    check(lowered, "conv2d_max_pool", [x, w, bias], WINOGRAD_ERROR, padding=padding, activation="relu")


def test_pooled_convolution_of_another_kernel_size_rounds_operands(lowered):
    x, w, bias = normal(3, 12, 13, 5), normal(5, 5, 5, 20), normal(20)
    check(lowered, "conv2d_max_pool", [x, w, bias], padding=((2, 2), (2, 2)), activation="relu")


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("height", "width", "channels", "outputs"), [(14, 13, 32, 64), (9, 6, 65, 40), (5, 5, 64, 70)])
def test_convolution(lowered, height, width, channels, outputs, padding):
    attrs = {"padding": padding, "strides": (1, 1), "dilation": (1, 1), "groups": 1}
    x, w, bias = normal(3, height, width, channels), normal(3, 3, channels, outputs), normal(outputs)
    (y,) = check(lowered, "conv2d", [x, w, bias], WINOGRAD_ERROR, activation="relu", **attrs)
    dy = normal(*y.shape)
    check(lowered, "conv2d_input_gradient", [w, dy], WINOGRAD_ERROR, input_size=(height, width), **attrs)


def test_winograd_error_is_that_of_its_points(lowered):
    """The mean error: 1.2 % of the outputs' for these points, twice as much for 0, 1, -1, 2, -2."""
    x, w = normal(4, 18, 18, 64), normal(3, 3, 64, 64)
    attrs = {"padding": PADDINGS[0], "strides": (1, 1), "dilation": (1, 1), "groups": 1, "activation": None}
    right = reference.conv2d(rounded_to_bfloat16(x), rounded_to_bfloat16(w), **attrs)
    (y,) = lowered("conv2d", [x, w], [(right.shape, "float32")], bfloat16=True, **attrs)
    error = np.sqrt(np.mean((y - right) ** 2) / np.mean(right**2))
    assert 0.002 < error < 0.015


@pytest.mark.parametrize("channels", [30, 33])
def test_same_bits_on_any_number_of_threads(lowered, same_bits, channels):
    x, w = normal(5, 12, 13, channels), normal(3, 3, channels, 70)
    dy, positions = pooled(5, 12, 13, 70, PADDINGS[1])
    attrs = {"padding": PADDINGS[1], "bfloat16": True}

    def everything():
        dw, db = lowered(
            "conv2d_max_pool_weight_gradient",
            [x, dy, positions],
            [(w.shape, "float32"), ((70,), "float32")],
            kernel_size=(3, 3),
            **attrs,
        )
        specs = [(x.shape, "float32")]
        (dx,) = lowered("conv2d_max_pool_input_gradient", [w, dy, positions], specs, input_size=(12, 13), **attrs)
        y, argmax = lowered(
            "conv2d_max_pool", [x, w], [(dy.shape, "float32"), (dy.shape, "uint8")], activation=None, **attrs
        )
        plain = {"transpose_a": False, "transpose_b": False, "activation": None, "bfloat16": True}
        (c,) = lowered("matmul", [normal(40, 900), normal(900, 100)], [((40, 100), "float32")], **plain)
        back = np.zeros((40, 900), np.float32)
        call.run(Bfloat16SparseTransposed(np.maximum(normal(40, 100), 0), normal(900, 100), back))
        return [dw, db, dx, y, argmax, c, back]

    same_bits(everything)


@pytest.mark.parametrize("switch", ["enabled", "isa"])
def test_without_the_kernels_operands_are_rounded(lowered, monkeypatch, switch):
    """The switch, and an instruction set that has none: the float32 kernels give the same up to the order of sums."""
    if switch == "enabled":
        monkeypatch.setattr(bfloat16, "enabled", False)
    else:
        before = kernels.isa()
        kernels.select("generic")
    try:
        assert not bfloat16.multiplies_bfloat16()
        dy, positions = pooled(3, 9, 9, 32, PADDINGS[0])
        x = normal(3, 9, 9, 16)
        check(lowered, "conv2d_max_pool_weight_gradient", [x, dy, positions], kernel_size=(3, 3), padding=PADDINGS[0])
        attrs = {"transpose_a": False, "transpose_b": True, "activation": None}
        check(lowered, "matmul", [normal(5, 40), normal(80, 40)], **attrs)
    finally:
        if switch == "isa":
            kernels.select(before)
