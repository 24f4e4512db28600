"""Functions between the tensors of functional models in `.keras` files: written here and read by Keras, and the other
way, with the same outputs; the operations of both have the same names and classes."""

import numpy as np
import pytest

import fastcnn
from fastcnn.ops.recorded import RECORDED

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
RNG = np.random.default_rng(8)
X, V = RNG.uniform(0.1, 0.9, size=(4, 8, 6, 3)).astype("float32"), RNG.uniform(0.1, 2, size=(4, 8)).astype("float32")
KERNEL = RNG.normal(size=(3, 3, 3, 4)).astype("float32")
MAPS = (np.array([1, 0, 0.4, 0, 1, -0.7, 0, 0]) * np.ones((4, 1))).astype("float32")
CALLS = {
    "index": lambda o, x, v: [x[:, 1:, ::2], x[:, 1], x[..., 0], v[:, None], x[:, -1:, :2]],
    "operators": lambda o, x, v: [2.0 * x, 1 - x, x / 255.0, x**2, -x, v // 2, v % 2, abs(v - 1), x @ o.ones((3, 2))],
    "comparisons": lambda o, x, v: [o.where(x > 0.5, x, 0.0), o.where(v >= 1, 1.0, v), o.not_equal(v, 0) * v],
    "means": lambda o, x, v: [
        o.mean(x, axis=(1, 2)), o.sum(x, axis=-1, keepdims=True), o.max(x, axis=1), o.min(x, 2), o.var(x, axis=1),
        o.std(x, axis=(1, 2), keepdims=True), o.prod(v, axis=1), o.cumsum(v, axis=1), o.any(x > 0.89, axis=-1) * 1.0,
    ],
    "shapes": lambda o, x, v: [
        o.reshape(x, (-1, 48, 3)), o.transpose(x, (0, 2, 1, 3)), o.expand_dims(v, -1), o.swapaxes(x, 1, 2),
        o.squeeze(o.expand_dims(v, -1), -1), o.moveaxis(x, 1, 2), o.flip(x, axis=1), o.roll(x, 2, axis=1),
        o.repeat(x, 2, axis=1), o.tile(x, (1, 2, 2, 1)), o.pad(x, [[0, 0], [1, 1], [2, 0], [0, 0]]),
        o.pad(v, [[0, 0], [1, 2]], constant_values=3.0),
    ],
    "several": lambda o, x, v: [
        o.concatenate([x, x * 2], axis=-1), o.stack([v, v], axis=1), *o.split(x, 2, axis=1), o.add(x, x),
        o.take(x, [0, 2], axis=1), o.matmul(x, o.transpose(x, (0, 1, 3, 2))), o.maximum(v, 1.0),
    ],
    "elements": lambda o, x, v: [
        o.log(x + 1), o.sqrt(v), o.exp(v), o.square(x), o.clip(x, 0.2, 0.7), o.abs(x), o.sin(v), o.rsqrt(v),
        o.cast(x, "float32"), o.floor(v), o.sign(v), o.round(v), o.stop_gradient(v), o.erf(v), o.log1p(v),
    ],
    "activations": lambda o, x, v: [
        o.relu(x), o.softmax(x), o.softmax(x, axis=1), o.leaky_relu(x, negative_slope=0.1), o.gelu(x),
        o.gelu(x, approximate=False), o.silu(x), o.sigmoid(v), o.elu(x), o.selu(x), o.softplus(x), o.relu6(v),
        o.log_softmax(v), o.tanh(v), o.hard_sigmoid(v), o.hard_silu(v), o.celu(v), o.squareplus(v),
    ],
    "vectors": lambda o, x, v: [
        o.normalize(v, axis=-1), o.logsumexp(v, axis=1), o.one_hot(o.argmax(v, axis=-1), 8),
        o.sqrt(o.maximum(o.sum(o.square(v), axis=1, keepdims=True), 1e-7)), o.logical_and(v > 0.5, v < 1) * 1.0,
    ],
    "images": lambda o, x, v: [
        o.max_pool(x, 2, 2), o.average_pool(x, 2, 2, "same"), o.depth_to_space(o.concatenate([x] * 4, -1), 2),
        o.space_to_depth(x, 2), o.image.resize(x, (16, 12)), o.image.resize(x, (5, 4), interpolation="nearest"),
        o.image.rgb_to_grayscale(x), o.image.extract_patches(x, (2, 2)), o.image.rgb_to_hsv(x),
        o.conv(x, KERNEL, padding="same"), o.multiply(x, np.array([1, 2, 3], "float32")),
    ],
}  # fmt: skip


def model(package, case):
    package.utils.clear_session()
    inputs = [package.Input((8, 6, 3), batch_size=None), package.Input((8,))]
    return package.Model(inputs, CALLS[case](package.ops, *inputs), name="model")


@pytest.mark.parametrize("case", CALLS)
def test_both_ways(keras, case, tmp_path):
    ours, theirs = model(fastcnn, case), model(keras, case)
    kinds = [getattr(one, "kind", type(one).__name__) for one in ours.operations]
    assert kinds == [type(one).__name__ for one in theirs._operations]
    assert [one.name for one in ours.operations] == [one.name for one in theirs._operations]
    right = [np.asarray(one) for one in theirs([X, V])]
    ours.save(tmp_path / "ours.keras")
    theirs.save(tmp_path / "theirs.keras")
    ours.save(tmp_path / "ours.fastcnn")
    read = [
        keras.models.load_model(tmp_path / "ours.keras"),
        *(fastcnn.models.load_model(tmp_path / name) for name in ("theirs.keras", "ours.keras", "ours.fastcnn")),
        fastcnn.models.clone_model(ours),
    ]
    for one in (ours, *read):
        for got, wanted in zip(one([X, V]), right, strict=True):
            np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-4, atol=1e-5)


def test_classes_are_those_of_keras(keras):
    import importlib

    for name, function in RECORDED.items():
        assert hasattr(importlib.import_module(function.module), function.keras_class), name


def test_a_model_with_masks(keras, tmp_path):
    words = np.array([[3, 1, 0], [2, 0, 0]])
    made = []
    for package in (fastcnn, keras):
        inputs = package.Input((3,))
        x = package.layers.Embedding(5, 2, mask_zero=True)(inputs)
        made.append(package.Model(inputs, package.layers.GlobalAveragePooling1D()(x)))
    made[1].set_weights(made[0].get_weights())
    made[0].save(tmp_path / "ours.keras")
    made[1].save(tmp_path / "theirs.keras")
    for one in (keras.models.load_model(tmp_path / "ours.keras"), fastcnn.models.load_model(tmp_path / "theirs.keras")):
        np.testing.assert_allclose(np.asarray(one(words)), made[0](words), rtol=1e-5)
