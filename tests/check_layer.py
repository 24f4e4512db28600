"""One check that every layer passes: shapes, configuration, reference, gradients, files, threads, batch splits.

`check_layer(make, input_shape)` is called by the tests of each layer, with a function that makes a new layer.
"""

import json

import numpy as np

from fastcnn import Input, Model, Sequential, get_num_threads, layers, ops, passes, set_num_threads
from fastcnn.graph import Graph, Tensor
from fastcnn.models import load_model
from fastcnn.plan.program import Program
from fastcnn.reference.run import run_graph

BATCH = 6
STEP = 1e-6
"""Step of the central differences, in float64."""


def check_layer(make, input_shape, *, folder, training=False, custom_objects=None, scale=1.0):
    """Take a layer through all checks.

    Args:
        make: makes a new layer, each time with the same arguments.
        input_shape: the shape of one sample.
        folder: a folder for files.
        training: the argument of the calls of the layer.
        custom_objects: the layer's class by name, if it is not the package's.
        scale: of the inputs, which are standard normal.
    """
    x = (scale * np.random.default_rng(7).standard_normal((BATCH, *input_shape))).astype(np.float32)
    check_shapes(make(), x, training)
    check_config(make(), custom_objects)
    check_reference(make(), x, training)
    check_gradients(make(), x, training)
    check_files(make, x, folder, custom_objects)
    check_threads(make(), x, training)
    if not training:
        check_batches(make(), x)


def check_shapes(layer, x, training):
    """The shape rule, the graph and the arrays agree; so do the counts of weights."""
    expected = layer.compute_output_shape((None, *x.shape[1:]))
    symbolic = layer(Tensor((None, *x.shape[1:])), training=training)
    assert symbolic.shape == expected
    assert symbolic.dtype == "float32"
    for batch in (0, 1, BATCH):
        y = layer(x[:batch], training=training)
        assert y.shape == (batch, *expected[1:])
        assert y.dtype == np.float32
    assert layer.built
    assert layer.count_params() == sum(weight.size for weight in layer.get_weights())


def check_config(layer, custom_objects):
    """A layer made from the configuration, after a trip through JSON, has the same configuration."""
    config = json.loads(json.dumps(layers.serialize(layer)))
    copy = layers.deserialize(config, custom_objects)
    assert type(copy) is type(layer)
    assert json.loads(json.dumps(layers.serialize(copy))) == config


def check_reference(layer, x, training):
    """The kernels give what the NumPy twins give, and a program the very bits of the call on arrays."""
    symbol = Tensor((None, *x.shape[1:]))
    graph = passes.bind_batch(Graph([symbol], [layer(symbol, training=training)]), BATCH)
    (expected,), _ = run_graph(graph, {graph.inputs[0]: x})
    y = layer(x, training=training)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5 * max(1.0, np.abs(expected).max()))
    if training and layer.variables != layer.weights:
        return  # the call has drawn: a program would draw anew
    # A model predicts by a fused program, with its weights as they are.
    fused = passes.fuse_forward(graph, fixed_weights=True) if isinstance(layer, Model) and not training else graph
    program = Program(fused)
    program.array(fused.inputs[0])[...] = x
    program.run()
    np.testing.assert_array_equal(program.array(fused.outputs[0]), y)


def gradient_graph(layer, x, training):
    """The graph of a weighted sum of the layer's outputs and of its gradients; the sum's weights are constants."""
    symbol = Tensor(x.shape)
    y = layer(symbol, training=training)
    factors = np.random.default_rng(8).standard_normal(y.shape).astype(np.float32)
    loss = ops.sum(ops.multiply(y, factors))
    wanted = [symbol, *(weight.tensor for weight in layer.trainable_weights)]
    gradients = passes.differentiate(loss, wanted)
    assert None not in gradients
    return Graph([symbol], [loss, *gradients]), wanted


def check_gradients(layer, x, training):
    """Gradients of inputs and weights: the reference in float64 against differences, the kernels against both."""
    graph, wanted = gradient_graph(layer, x, training)
    rng = np.random.default_rng(9)
    values = {tensor: (x if tensor.variable is None else tensor.variable.value).astype(np.float64) for tensor in wanted}
    (_, *gradients), _ = run_graph(graph, values)
    loss = Graph(graph.inputs, graph.outputs[:1])
    for tensor, gradient in zip(wanted, gradients, strict=True):
        assert gradient.shape == values[tensor].shape
        for _ in range(4):
            direction = rng.standard_normal(gradient.shape)
            ends = []
            for sign in (1, -1):
                moved = {**values, tensor: values[tensor] + sign * STEP * direction}
                ends.append(run_graph(loss, moved)[0][0].item())
            slope = (ends[0] - ends[1]) / (2 * STEP)
            np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=1e-5, atol=1e-6)
    program = Program(graph)
    program.array(graph.inputs[0])[...] = x
    program.run()
    for output, expected in zip(graph.outputs[1:], gradients, strict=True):
        tolerance = 2e-5 * max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(program.array(output), expected, rtol=1e-4, atol=tolerance)


def check_files(make, x, folder, custom_objects):
    """Weights and models come back from files as the same bits."""
    model = Sequential([Input(x.shape[1:]), make()])
    expected = model(x)
    weights = folder / "layer.weights.npz"
    model.save_weights(weights)
    other = Sequential([Input(x.shape[1:]), make()])
    other.set_weights([np.full(weight.shape, 0.5, np.float32) for weight in other.get_weights()])
    other.load_weights(weights)
    np.testing.assert_array_equal(other(x), expected)
    whole = folder / "layer.fastcnn"
    model.save(whole)
    loaded = load_model(whole, custom_objects)
    np.testing.assert_array_equal(loaded(x), expected)
    assert [weight.name for weight in loaded.weights] == [weight.name for weight in model.weights]


def check_threads(layer, x, training):
    """Outputs and gradients are the same bits for 1 and 2 threads."""
    graph, _ = gradient_graph(layer, x, training)
    before = get_num_threads()
    results = []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            program = Program(graph)
            program.array(graph.inputs[0])[...] = x
            program.run()
            results.append([program.array(output).copy() for output in graph.outputs])
    finally:
        set_num_threads(before)
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


def check_batches(layer, x):
    """A row gives the same bits in any batch."""
    y = layer(x)
    for split in (1, 2, BATCH - 1):
        np.testing.assert_array_equal(np.concatenate([layer(x[:split]), layer(x[split:])]), y)
