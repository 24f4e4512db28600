"""Nodes that run image by image: the same bits as one after another, whatever the number of threads."""

import numpy as np
import pytest

import fastcnn.ops  # noqa: F401  (registers the ops)
from fastcnn._core import call
from fastcnn._core.chain import Chain
from fastcnn._core.channel_norm import ChannelNormalize, ChannelStatistics
from fastcnn.graph import Graph, Tensor, emit
from fastcnn.plan import Program, program
from fastcnn.plan import image_chains as module
from fastcnn.plan.image_chains import FEWEST_IMAGES, image_chains
from fastcnn.reference import run_graph

IMAGES = 17
AROUND = {"strides": (1, 1), "dilation": (1, 1), "padding": ((1, 1), (1, 1))}
PLAIN = {"strides": (1, 1), "dilation": (1, 1), "padding": ((0, 0), (0, 0)), "groups": 1}
NORM = {"epsilon": 1e-3, "activation": "relu"}


@pytest.fixture(autouse=True)
def maps_of_any_size(monkeypatch):
    monkeypatch.setattr(module, "LEAST_BYTES", 0)


def separable_layer(channels=12, outputs=70, height=13, width=15, images=IMAGES, strides=(1, 1)):
    """Normalisation, depthwise and pointwise convolution with statistics, and all gradients: inputs and outputs."""
    depthwise = {**AROUND, "strides": strides, "groups": channels}
    x, statistics = Tensor((images, height, width, channels)), [Tensor((channels,)) for _ in range(4)]
    w, pointwise = Tensor((3, 3, 1, channels)), Tensor((1, 1, channels, outputs))
    a = emit("batch_normalization", x, *statistics, of_batch=True, **NORM)
    d = emit("conv2d", a, w, activation=None, **depthwise)
    y, mean, variance = emit("conv2d_statistics", d, pointwise, **PLAIN)
    dz, dgamma, dbeta, gamma, beta = Tensor(y.shape), *(Tensor((outputs,)) for _ in range(4))
    dy = emit("batch_normalization_input_gradient", dz, y, mean, variance, gamma, beta, dgamma, dbeta, **NORM)
    dd = emit("conv2d_input_gradient", pointwise, dy, input_size=d.shape[1:3], **PLAIN)
    dpointwise = emit("conv2d_weight_gradient", d, dy, kernel_size=(1, 1), **PLAIN)
    da = emit("conv2d_input_gradient", w, dd, input_size=a.shape[1:3], **depthwise)
    dw = emit("conv2d_weight_gradient", a, dd, kernel_size=(3, 3), **depthwise)
    sums = emit("batch_normalization_sums", da, x, *statistics, **NORM)
    inputs = (x, *statistics, w, pointwise, dz, dgamma, dbeta, gamma, beta)
    return inputs, [y, mean, variance, dpointwise, dw, da, *sums], (a, d, dy, dd)


def values_of(inputs):
    rng = np.random.default_rng(0)
    values = {tensor: rng.normal(size=tensor.shape).astype("float32") for tensor in inputs}
    return {t: abs(value) + np.float32(0.1) if len(t.shape) == 1 else value for t, value in values.items()}


def run(inputs, outputs, values):
    made = Program(Graph(inputs, outputs))
    for tensor in inputs:
        made.array(tensor)[...] = values[tensor]
    made.run()
    return made, [made.array(tensor).copy() for tensor in outputs]


def names(made):
    return [type(each).__name__ for each in made.plan.calls]


@pytest.fixture
def num_threads():
    before = call.get_num_threads()
    yield call.set_num_threads
    call.set_num_threads(before)


@pytest.mark.parametrize("shape", [{}, {"channels": 64, "outputs": 64, "height": 16, "width": 16}, {"strides": (2, 2)}])
def test_the_bits_are_those_of_one_node_after_another(monkeypatch, num_threads, shape):
    inputs, outputs, _ = separable_layer(**shape)
    values = values_of(inputs)
    num_threads(2)
    made, found = run(inputs, outputs, values)
    assert names(made).count("Chain") == 2
    assert not {"ChannelNormalize", "DepthwiseConv", "ChannelInputGradient", "ChannelGradientSums"} & set(names(made))
    num_threads(1)
    again = run(inputs, outputs, values)[1]
    monkeypatch.setattr(program, "image_chains", lambda graph: [])
    plain, expected = run(inputs, outputs, values)
    assert "Chain" not in names(plain)
    for one, other, third in zip(found, expected, again, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)
    for one, other in zip(found, run_graph(Graph(inputs, outputs), values)[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-3)


def test_not_a_number_comes_through():
    inputs, outputs, _ = separable_layer()
    values = values_of(inputs)
    values[inputs[0]][3, 5, 5, 2] = np.nan
    found = run(inputs, outputs, values)[1]
    expected = run_graph(Graph(inputs, outputs), values)[0]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.isnan(one), np.isnan(other))


def test_what_only_chains_read_has_no_memory():
    inputs, outputs, (a, d, dy, dd) = separable_layer()
    forward, backward = image_chains(Graph(inputs, outputs))
    assert forward.between == (a, d)
    assert set(backward.between) == {a, d, dy, dd}
    made = Program(Graph(inputs, outputs))
    start = made.arena.memory.ctypes.data
    for tensor in (a, d, dy, dd):
        assert not start <= made.array(tensor).ctypes.data < start + made.arena.memory.nbytes


def test_cheap_maps_are_made_again_where_another_chain_needs_them():
    inputs, outputs, (a, d, _, _) = separable_layer()
    forward, backward = image_chains(Graph(inputs, outputs))
    assert forward.all_nodes() == [a.node, d.node, outputs[0].node]
    names = [node.op.name for node in backward.nodes]
    assert names == [
        "batch_normalization_input_gradient",
        "conv2d_input_gradient",
        "conv2d_weight_gradient",
        "conv2d_input_gradient",
        "conv2d_weight_gradient",
        "batch_normalization_sums",
    ]
    assert backward.again[backward.nodes[2]] == (a.node, d.node)
    assert backward.all_nodes() == [*backward.nodes[:2], a.node, d.node, *backward.nodes[2:]]


def test_a_map_that_is_given_out_is_written_once():
    inputs, outputs, (a, d, dy, dd) = separable_layer()
    forward, backward = image_chains(Graph(inputs, [*outputs, a, dd]))
    assert forward.between == (d,)
    assert set(backward.between) == {d, dy}
    assert backward.again[backward.nodes[2]] == (d.node,)


def test_a_view_of_what_comes_behind_a_chain_does_not_end_it():
    x, w, v = Tensor((IMAGES, 16, 16, 16)), Tensor((1, 1, 16, 16)), Tensor((1, 1, 16, 16))
    y = emit("conv2d", x, w, activation=None, **PLAIN)
    dw = emit("reshape", emit("conv2d_weight_gradient", x, y, kernel_size=(1, 1), **PLAIN), shape=(16, 16))
    z = emit("conv2d", y, v, activation=None, **PLAIN)
    (chain,) = image_chains(Graph((x, w, v), [dw, z]))
    assert len(chain.nodes) == 3
    late = emit("conv2d", y, emit("reshape", dw, shape=(1, 1, 16, 16)), activation=None, **PLAIN)
    (chain,) = image_chains(Graph((x, w, v), [late]))
    assert len(chain.nodes) == 2


def test_the_last_of_a_chain_does_not_take_memory_that_there_is_none_of():
    x, w, statistics = Tensor((IMAGES, 16, 16, 16)), Tensor((1, 1, 16, 16)), [Tensor((16,)) for _ in range(4)]
    y = emit("conv2d", x, w, activation=None, **PLAIN)
    z = emit("batch_normalization", y, *statistics, of_batch=False, **NORM)
    inputs = (x, w, *statistics)
    values = values_of(inputs)
    made, (found,) = run(inputs, [z], values)
    assert names(made).count("Chain") == 1
    np.testing.assert_allclose(found, run_graph(Graph(inputs, [z]), values)[0][0], rtol=1e-4, atol=1e-4)


def test_few_images_are_no_chain():
    inputs, outputs, _ = separable_layer(images=FEWEST_IMAGES - 1)
    assert image_chains(Graph(inputs, outputs)) == []


def test_maps_that_the_caches_hold_are_no_chain(monkeypatch):
    inputs, outputs, _ = separable_layer()
    monkeypatch.undo()
    assert image_chains(Graph(inputs, outputs)) == []


def test_large_images_are_no_chain():
    inputs, outputs, _ = separable_layer(channels=64, height=33, width=32)
    assert image_chains(Graph(inputs, outputs)) == []


def test_rounded_operands_are_no_part_of_a_chain():
    x, w, second = Tensor((IMAGES, 16, 16, 16)), Tensor((1, 1, 16, 16)), Tensor((1, 1, 16, 16))
    for bfloat16, chains in ((False, 1), (True, 0)):
        options = {**PLAIN, "activation": "relu", "bfloat16": bfloat16}
        y = emit("conv2d", emit("conv2d", x, w, **options), second, **options)
        assert len(image_chains(Graph((x, w, second), [y]))) == chains


def test_a_sum_over_all_images_ends_a_chain():
    x, w = Tensor((IMAGES, 16, 16, 16)), Tensor((1, 1, 16, 16))
    y, mean, variance = emit("conv2d_statistics", x, w, **PLAIN)
    gamma, beta = Tensor((16,)), Tensor((16,))
    z = emit("batch_normalization", y, mean, variance, gamma, beta, of_batch=True, **NORM)
    u = emit("conv2d", z, w, activation=None, **PLAIN)
    (chain,) = image_chains(Graph((x, w, gamma, beta), [u]))
    assert [node.op.name for node in chain.nodes] == ["batch_normalization", "conv2d"]


def test_calls_that_do_not_go_by_image_make_no_chain():
    x, k = np.zeros((4, 16, 16, 8), np.float32), np.zeros((5, 8), np.float32)
    normalize = ChannelNormalize(x, k, np.empty_like(x), relu=False)
    assert Chain([normalize, normalize], []).tasks == 4
    for other in (x[:3], x[0]):
        with pytest.raises(ValueError, match="over as many images"):
            Chain([normalize, ChannelNormalize(other, k, np.empty_like(other), relu=False)], [])
    with pytest.raises(ValueError, match="go image by image"):
        Chain([ChannelStatistics(x, np.empty((4, 2, 8), np.float32))], [])
