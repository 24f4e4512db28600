"""The functions of `fastcnn.ops` against those of `keras.ops`: signatures, values and gradients, for every example."""

import inspect

import function_examples
import numpy as np
import numpy_examples
import pytest
from test_compiled_functions import is_operand

from fastcnn import ops
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan import Program
from fastcnn.utils import tree

OURS_ONLY = {
    "accumulate", "accuracy", "add_bias", "assign", "assign_add", "binary_accuracy", "dropout", "increment", "mish",
    "random_log_gamma", "random_normal", "random_permutation", "random_uniform",
}  # fmt: skip
"""Functions that `keras.ops` does not have."""
DIFFERENT = {
    "categorical_crossentropy": "the target has no gradient",
    "is_tensor": "an array is a tensor, too",
    "nonzero": "of arrays only",
    "sparsemax": "its rows sum to 1; those of Keras 3.15 do not",
}
WITHOUT_GRADIENT = {"convert_to_numpy": "of arrays", "segment_prod": "JAX has none"}
EXAMPLES = [
    example
    for example in (*function_examples.EXAMPLES, *numpy_examples.EXAMPLES)
    if example[0] not in OURS_ONLY and "bias" not in example[2] and example[2].get("padding") != "causal"
]
"""Without convolutions with what those of Keras's do not take."""
CHECKED = {"ops": {name for name, *_ in EXAMPLES} - set(DIFFERENT)}


def test_signatures(keras):
    """The same parameters in the same order with the same defaults; ours may have more behind them."""
    for name in sorted(CHECKED["ops"]):
        ours = list(inspect.signature(getattr(ops, name)).parameters.values())
        theirs = list(inspect.signature(getattr(keras.ops, name)).parameters.values())
        theirs = [p for p in theirs if p.kind is not p.VAR_KEYWORD]
        ours = [p for p in ours if p.kind is not p.VAR_KEYWORD]
        same = [(p.name, p.default) for p in ours[: len(theirs)]]
        assert same == [(p.name, p.default) for p in theirs], name


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("example", [e for e in EXAMPLES if e[0] in CHECKED["ops"]], ids=lambda example: example[0])
def test_as_keras(keras, example):
    import jax

    name, arguments, options, _ = example
    feeds = {}

    def symbol(leaf):
        if not is_operand(leaf):
            return leaf
        tensor = Tensor(leaf.shape)
        feeds[tensor] = np.ascontiguousarray(leaf)
        return tensor

    structure = tree.map_structure(symbol, [arguments, options])
    place = {tensor: number for number, tensor in enumerate(feeds)}

    def run(arrays):
        filled = tree.map_structure(lambda leaf: arrays[place[leaf]] if isinstance(leaf, Tensor) else leaf, structure)
        outputs = getattr(keras.ops, name)(*filled[0], **filled[1])
        return outputs if isinstance(outputs, (tuple, list)) else [outputs]

    theirs = [np.asarray(output) for output in run(list(feeds.values()))]
    outputs = getattr(ops, name)(*arguments, **options)
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    for output, right in zip(outputs, theirs, strict=True):
        assert np.shape(output) == right.shape
        if right.dtype.kind != "U":
            np.testing.assert_allclose(output, right.astype("float32"), rtol=3e-5, atol=3e-6)
    if name in WITHOUT_GRADIENT or not feeds:
        return
    symbolic = getattr(ops, name)(*structure[0], **structure[1])
    symbolic = symbolic if isinstance(symbolic, (tuple, list)) else [symbolic]
    probes = [
        np.random.default_rng(2).normal(size=right.shape).astype("float32") if right.dtype.kind == "f" else None
        for right in theirs
    ]
    finite = [np.isfinite(right) if probe is not None else None for right, probe in zip(theirs, probes, strict=True)]
    chosen = [
        number
        for number, (probe, one) in enumerate(zip(probes, symbolic, strict=True))
        if probe is not None and isinstance(one, Tensor)
    ]
    if not chosen:
        return
    total = 0
    for number in chosen:
        known = ops.where(finite[number], symbolic[number], 0)
        total = ops.add(total, ops.sum(ops.multiply(known, probes[number])))
    gradients = differentiate(total, list(feeds))
    known = [gradient for gradient in gradients if gradient is not None]
    program = Program(Graph(feeds, known), feeds)
    program.run()

    def loss(arrays):
        outputs = run(arrays)
        return sum((jax.numpy.where(finite[n], outputs[n], 0) * probes[n]).sum() for n in chosen)

    for gradient, right, value in zip(gradients, jax.grad(loss)(list(feeds.values())), feeds.values(), strict=True):
        ours = np.zeros(value.shape) if gradient is None else program.array(gradient)
        mask = np.isfinite(right)
        np.testing.assert_allclose(ours[mask], np.asarray(right)[mask], rtol=1e-3, atol=1e-4)
