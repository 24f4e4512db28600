"""Gradients of ops against PyTorch's, where it is installed: what training differentiates most."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan import Program

rng = np.random.default_rng(12)


def normal(*shape):
    return rng.normal(size=shape).astype("float32")


def positive(*shape):
    return rng.uniform(0.3, 2, size=shape).astype("float32")


X, Y, POSITIVE, IMAGE, KERNEL = normal(3, 4), normal(3, 4), positive(3, 4), normal(2, 3, 7, 6), normal(5, 3, 3, 2)
FIRST = {"data_format": "channels_first"}
MOVED = KERNEL.transpose(2, 3, 1, 0).copy()  # as fastcnn has kernels
# Name, operands, what PyTorch computes of them (torch, functional, operands).
ELEMENT_WISE = [
    *((name, (X,), name) for name in ("abs", "cos", "cosh", "erf", "exp", "expm1", "sigmoid", "sin", "sinh", "square")),
    *((name, (X,), name) for name in ("tan", "tanh", "sinc")),
    *((name, (POSITIVE,), name) for name in ("log", "log10", "log1p", "log2", "reciprocal", "rsqrt", "sqrt")),
    *((name, (X / 4,), name) for name in ("arccos", "arcsin", "arctan", "arctanh", "arcsinh", "erfinv")),
    *((name, (X, Y), name) for name in ("add", "arctan2", "hypot", "logaddexp", "logaddexp2", "multiply")),
    *((name, (X, Y), name) for name in ("maximum", "minimum")),
    ("divide", (X, POSITIVE), "divide"),
    ("power", (POSITIVE, Y), "pow"),
]  # fmt: skip
ACTIVATIONS = [
    "celu",
    "elu",
    "hard_tanh",
    "leaky_relu",
    "mish",
    "relu",
    "relu6",
    "selu",
    "silu",
    "softplus",
    "softsign",
]
OTHERS = [
    *((f"{name}", (X,), lambda t, f, x, name=name: getattr(f, name.replace("hard_", "hard"))(x)) for name in ACTIVATIONS
      if name not in ("leaky_relu",)),
    ("leaky_relu", (X,), lambda t, f, x: f.leaky_relu(x, 0.2)),
    ("gelu", (X,), lambda t, f, x: f.gelu(x, approximate="tanh")),
    ("softmax", (X,), lambda t, f, x: t.softmax(x, -1)),
    ("log_softmax", (X,), lambda t, f, x: t.log_softmax(x, -1)),
    ("logsumexp", (X,), lambda t, f, x: t.logsumexp(x, (0, 1))),
    ("cumsum", (X,), lambda t, f, x: t.cumsum(x.reshape(-1), 0)),
    ("cumprod", (X,), lambda t, f, x: t.cumprod(x.reshape(-1), 0)),
    ("prod", (X,), lambda t, f, x: t.prod(x)),
    ("var", (X,), lambda t, f, x: t.var(x, correction=0)),
    ("median", (X[:, :3].copy(),), lambda t, f, x: t.median(x)),
    ("norm", (X,), lambda t, f, x: t.linalg.vector_norm(x)),
    ("cdist", (X, Y), lambda t, f, x, y: t.cdist(x, y)),
    ("matmul", (normal(2, 3, 4), normal(2, 4, 5)), lambda t, f, x, y: x @ y),
    ("kron", (X, Y), lambda t, f, x, y: t.kron(x, y)),
    ("dot_product_attention", (normal(2, 5, 2, 4), normal(2, 6, 2, 4), normal(2, 6, 2, 4)), lambda t, f, q, k, v:
     f.scaled_dot_product_attention(*(a.transpose(1, 2) for a in (q, k, v))).transpose(1, 2)),
    ("layer_normalization", (X, normal(4), normal(4)), lambda t, f, x, g, b: f.layer_norm(x, (4,), g, b, 1e-7)),
]  # fmt: skip
IMAGES = [
    ("conv", (IMAGE, MOVED), {**FIRST, "strides": 2}, lambda f, x, w: f.conv2d(x, w.permute(3, 2, 0, 1), stride=2)),
    ("conv", (IMAGE, MOVED), {**FIRST, "dilation_rate": 2}, lambda f, x, w:
     f.conv2d(x, w.permute(3, 2, 0, 1), dilation=2)),
    ("max_pool", (IMAGE,), {**FIRST, "pool_size": 3, "strides": 2}, lambda f, x: f.max_pool2d(x, 3, 2)),
    ("average_pool", (IMAGE,), {**FIRST, "pool_size": 2, "strides": 2}, lambda f, x: f.avg_pool2d(x, 2, 2)),
    ("unfold", (IMAGE,), {"kernel_size": 3, "padding": 1}, lambda f, x: f.unfold(x, 3, padding=1)),
    ("fold", (normal(2, 27, 30),), {"output_size": (7, 8), "kernel_size": 3}, lambda f, x: f.fold(x, (7, 8), 3)),
    ("depth_to_space", (normal(2, 8, 3, 3),), {**FIRST, "block_size": 2}, lambda f, x: f.pixel_shuffle(x, 2)),
]  # fmt: skip


def check(torch, name, operands, options, function):
    """Both gradients of the output times a fixed array."""
    inputs = [torch.tensor(operand, requires_grad=True) for operand in operands]
    output = function(*inputs)
    probe = normal(*output.shape)
    (output * torch.tensor(probe)).sum().backward()
    symbols = [Tensor(operand.shape) for operand in operands]
    result = getattr(ops, name)(*symbols, **options)
    gradients = differentiate(ops.sum(ops.multiply(result, probe)), symbols)
    program = Program(Graph(symbols, [result, *gradients]), dict(zip(symbols, operands, strict=True)))
    program.run()
    np.testing.assert_allclose(program.array(result), output.detach().numpy(), rtol=1e-4, atol=1e-5)
    for gradient, right in zip(gradients, inputs, strict=True):
        np.testing.assert_allclose(program.array(gradient), right.grad.numpy(), rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="gradients are compared with PyTorch's: pip install torch")


@pytest.mark.parametrize(("name", "operands", "theirs"), ELEMENT_WISE)
def test_element_wise(torch, name, operands, theirs):
    check(torch, name, operands, {}, getattr(torch, theirs))


@pytest.mark.parametrize(("name", "operands", "function"), OTHERS)
def test_functions(torch, name, operands, function):
    check(torch, name, operands, {}, lambda *inputs: function(torch, torch.nn.functional, *inputs))


@pytest.mark.parametrize(("name", "operands", "options", "function"), IMAGES)
def test_images(torch, name, operands, options, function):
    check(torch, name, operands, options, lambda *inputs: function(torch.nn.functional, *inputs))
