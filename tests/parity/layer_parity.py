"""One comparison of a layer of fastcnn with Keras's of the same name and arguments: weights, outputs, gradients,
shapes, configuration."""

import numpy as np

from fastcnn import layers, ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan.program import Program

KERAS_ONLY = {"dtype", "lora_rank", "lora_alpha", "quantization_config", "synchronized", "use_lora"}
"""Parts of Keras's configurations that have no meaning here."""


def compare_layer(keras, name, arguments, *shapes, training=False, values=None, tolerance=2e-5, shape_rule=True):
    """Take both layers through one call on the same inputs with the same weights.

    Args:
        keras: the package.
        name: the layers' class.
        arguments: of the constructor; strings and numbers, or functions of `keras` or `fastcnn` that give them.
        shapes: of the inputs; the layer is called on a list where there are several.
        training: the argument of the call.
        values: the inputs, if not normally distributed.
        shape_rule: whether to compare what is said about the shape of the output, too.
    """
    import fastcnn

    numbers = np.random.default_rng(5)
    xs = values or [numbers.normal(size=shape).astype("float32") for shape in shapes]
    ours = getattr(layers, name)(**resolved(fastcnn, arguments), name="layer")
    theirs = getattr(keras.layers, name)(**resolved(keras, arguments), name="layer")
    together = xs if len(xs) > 1 else xs[0]
    theirs(together)
    ours(together)
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.trainable for w in ours.weights] == [w.trainable for w in theirs.weights]
    weights = [numbers.uniform(0.1, 1, size=w.shape).astype("float32") for w in ours.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    expected, expected_gradients = keras_gradients(theirs, together, training)
    got, gradients = our_gradients(ours, together, training, keras_probe(expected))
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    for gradient, right in zip(gradients, expected_gradients, strict=True):
        scale = max(1.0, float(np.abs(right).max(initial=0)))
        np.testing.assert_allclose(gradient, right, rtol=10 * tolerance, atol=10 * tolerance * scale)
    unknown = [(None, *x.shape[1:]) for x in xs]
    shape = unknown if len(xs) > 1 else unknown[0]
    if shape_rule:
        assert ours.compute_output_shape(shape) == tuple(theirs.compute_output_shape(shape))
    assert plain(ours.get_config()) == plain(theirs.get_config())


def resolved(package, arguments):
    """Arguments, of which functions are called with the package."""
    return {key: value(package) if callable(value) else value for key, value in arguments.items()}


def keras_probe(output):
    """A fixed array of the shape of the output, to be its gradient."""
    return np.random.default_rng(6).normal(size=output.shape).astype("float32")


def keras_gradients(layer, x, training):
    """Keras's output, and the gradients of its product with the probe: of the trainable weights, then of the inputs."""
    import jax

    trainable = [v.value for v in layer.trainable_variables]
    fixed = [v.value for v in layer.non_trainable_variables]

    def run(trainable, x):
        kwargs = {"training": training} if layer._call_has_training_arg else {}
        return layer.stateless_call(trainable, fixed, x, **kwargs)[0]

    output = np.asarray(run(trainable, x))
    probe = keras_probe(output)
    by_weight, by_input = jax.grad(lambda w, x: (run(w, x) * probe).sum(), argnums=(0, 1))(trainable, x)
    by_input = by_input if isinstance(x, list) else [by_input]
    return output, [np.asarray(gradient) for gradient in (*by_weight, *by_input)]


def our_gradients(layer, x, training, probe):
    """The same, by the compiled core."""
    xs = x if isinstance(x, list) else [x]
    symbols = [Tensor(one.shape) for one in xs]
    output = layer(symbols if isinstance(x, list) else symbols[0], training=training)
    loss = ops.sum(ops.multiply(output, probe))
    wanted = [v.tensor for v in layer.trainable_weights] + symbols
    gradients = differentiate(loss, wanted)
    known = [gradient for gradient in gradients if gradient is not None]
    program = Program(Graph(symbols, [output, *known]), dict(zip(symbols, xs, strict=True)))
    program.run()
    values = iter(known)
    arrays = [
        np.zeros(tensor.static_shape, "float32") if gradient is None else program.array(next(values)).copy()
        for tensor, gradient in zip(wanted, gradients, strict=True)
    ]
    return program.array(output).copy(), arrays


def plain(config):
    """A configuration without what only Keras has, and without the packages' names."""
    if isinstance(config, dict):
        return {
            key: plain(value)
            for key, value in config.items()
            if key not in KERAS_ONLY and key not in ("module", "registered_name", "build_config", "shared_object_id")
        }
    if isinstance(config, (list, tuple)):
        return [plain(value) for value in config]
    if isinstance(config, float):
        return round(config, 7)
    return config
