"""Attention, dense layers by equations, and spectral normalisation against Keras's."""

import numpy as np
import pytest
from layer_parity import compare_layer, plain

from fastcnn import layers

QUERY, VALUE = (3, 5, 4), (3, 7, 4)
rng = np.random.default_rng(9)
CASES = [
    ("Attention", {}, QUERY, VALUE),
    ("Attention", {"use_scale": True}, QUERY, VALUE, VALUE),
    ("Attention", {"score_mode": "concat", "use_scale": True}, QUERY, VALUE),
    ("Attention", {"score_mode": "concat"}, QUERY, VALUE),
    ("AdditiveAttention", {}, QUERY, VALUE),
    ("AdditiveAttention", {"use_scale": False}, QUERY, VALUE, VALUE),
    ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 6, "bias_axes": "c"}, (3, 4)),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 6), "bias_axes": "d"}, QUERY),
    ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 6, "bias_axes": "y"}, (2, 3, 5, 4)),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "de"}, QUERY),
    ("EinsumDense", {"equation": "abcd,cde->abe", "output_shape": (None, 6), "bias_axes": "e"}, (3, 5, 2, 4)),
    ("EinsumDense", {"equation": "abc,bd->adc", "output_shape": (6, None)}, QUERY),
]  # fmt: skip
HEADS = {"num_heads": 2, "key_dim": 3}
ATTENTION = [
    ({}, (QUERY, VALUE), {}),
    ({"value_dim": 3, "output_shape": 6, "use_bias": False}, (QUERY, VALUE, VALUE), {}),
    ({"use_gate": True}, (QUERY, QUERY), {"use_causal_mask": True}),
    ({"sliding_window": 2}, (QUERY, QUERY), {}),
    ({}, (QUERY, VALUE), {"attention_mask": rng.uniform(size=(3, 5, 7)) < 0.7}),
    ({"attention_axes": (1, 2)}, ((2, 3, 4, 6), (2, 3, 4, 6)), {}),
    ({"attention_axes": 2}, ((2, 3, 4, 6), (2, 3, 4, 6)), {}),
]
GROUPED = [
    ({"num_key_value_heads": 2}, {}),
    ({"num_key_value_heads": 1, "use_bias": False}, {"use_causal_mask": True}),
    ({"num_key_value_heads": 4, "use_gate": True, "sliding_window": 3}, {}),
    ({"num_key_value_heads": 2}, {"attention_mask": rng.uniform(size=(3, 5, 5)) < 0.7}),
]
CHECKED = {
    "layers": {
        *(name for name, *_ in CASES),
        "GroupQueryAttention",
        "MultiHeadAttention",
        "SpectralNormalization",
        "Wrapper",
    },
}


@pytest.mark.parametrize(("name", "arguments", "shapes"), [(name, args, shapes) for name, args, *shapes in CASES])
def test_layer(keras, name, arguments, shapes):
    compare_layer(keras, name, arguments, *shapes, shape_rule=name != "EinsumDense")  # Keras's forgets known lengths


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_kernels_of_equations_have_their_own_fans(keras):
    arguments = {"equation": "abcd,cde->abe", "output_shape": (None, 60), "kernel_initializer": "he_normal"}
    deviations = []
    for package in (layers, keras.layers):
        layer = package.EinsumDense(**arguments)
        layer.build((None, 5, 20, 30))
        deviations.append(np.std(layer.get_weights()[0]))
    assert deviations[0] == pytest.approx(deviations[1], rel=0.02)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_masks(keras, name):
    query, value = (rng.normal(size=shape).astype("float32") for shape in (QUERY, VALUE))
    masks = [rng.uniform(size=shape[:2]) < 0.7 for shape in (QUERY, VALUE)]
    ours, theirs = getattr(layers, name)(use_scale=False), getattr(keras.layers, name)(use_scale=False)
    for mask in (masks, [None, masks[1]]):
        given = {"return_attention_scores": True, "use_causal_mask": True}
        results = ours([query, value], mask=mask, **given)
        right = theirs([query, value], mask=[None if m is None else keras.ops.array(m) for m in mask], **given)
        for one, other in zip(results, right, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("arguments", "shapes", "given"), ATTENTION)
def test_several_heads(keras, arguments, shapes, given):
    ours = layers.MultiHeadAttention(**HEADS, **arguments, name="layer")
    theirs = keras.layers.MultiHeadAttention(**HEADS, **arguments, name="layer")
    inputs = [rng.normal(size=shape).astype("float32") for shape in shapes]
    theirs(*inputs)
    ours(*inputs)
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    ours.set_weights([rng.normal(size=w.shape) for w in ours.weights])
    theirs.set_weights(ours.get_weights())
    results = ours(*inputs, return_attention_scores=True, **given)
    right = theirs(*inputs, return_attention_scores=True, **given)
    for one, other in zip(results, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert plain(ours.get_config()) == plain(theirs.get_config())
    assert ours.compute_output_shape(*shapes) == tuple(theirs.compute_output_shape(*shapes))


@pytest.mark.parametrize(("arguments", "given"), GROUPED)
def test_heads_in_groups(keras, arguments, given):
    query, value = (rng.normal(size=QUERY).astype("float32") for _ in range(2))
    made = [package.GroupQueryAttention(3, 4, **arguments, name="layer") for package in (layers, keras.layers)]
    ours, theirs = made
    for layer in made:
        layer(query, value)
    assert [(w.name, w.shape) for w in ours.weights] == [(w.name, tuple(w.shape)) for w in theirs.weights]
    theirs.set_weights(ours.get_weights())
    for more in ({}, {"return_attention_scores": True}):
        results, right = (layer(query, value, **given, **more) for layer in made)
        for one, other in zip(results, right, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert plain(ours.get_config()) == plain(theirs.get_config())
    assert ours.compute_output_shape(QUERY, QUERY) == tuple(theirs.compute_output_shape(QUERY, QUERY))
    assert layers.deserialize(layers.serialize(ours)).key_heads == arguments["num_key_value_heads"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's own variables
@pytest.mark.parametrize("kind", ["Dense", "Conv2D"])
def test_spectral_normalization(keras, kind):
    x = rng.normal(size=(3, 6) if kind == "Dense" else (2, 6, 5, 3)).astype("float32")
    made = []
    for package in (layers, keras.layers):
        inner = package.Dense(4) if kind == "Dense" else package.Conv2D(4, 3)
        made.append(package.SpectralNormalization(inner, power_iterations=2, name="layer"))
        made[-1](x)
        assert isinstance(made[-1], package.Wrapper)
    ours, theirs = made
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    theirs.set_weights(ours.get_weights())
    for training in (True, True, False):
        np.testing.assert_allclose(ours(x, training=training), theirs(x, training=training), rtol=1e-4, atol=1e-5)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert ours.get_config()["power_iterations"] == 2
    assert layers.deserialize(layers.serialize(ours)).layer.name == ours.layer.name
