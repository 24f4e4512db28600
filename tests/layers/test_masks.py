"""Masks: where they come from, which layers hand them on, and what heeds them."""

import gc

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, losses, metrics, ops
from fastcnn.graph import Tensor, masks
from fastcnn.graph.masks import mask_of, set_mask

WORDS = np.array([[3, 1, 0], [2, 0, 0]])
COUNTS = [[1, 1, 0], [1, 0, 0]]


def embedded():
    return layers.Embedding(5, 2, mask_zero=True)(WORDS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dense(3),
        lambda: layers.Dropout(0.5),
        lambda: layers.Activation("relu"),
        lambda: layers.LayerNormalization(),
        lambda: layers.TimeDistributed(layers.Dense(2)),
        lambda: layers.Lambda(lambda x: x * 2, mask=lambda x, mask: mask),
    ],
)
def test_layers_hand_masks_on(make):
    np.testing.assert_array_equal(mask_of(make()(embedded())), COUNTS)


def test_ops_and_pooled_steps_have_none():
    x = embedded()
    assert mask_of(ops.multiply(x, 2)) is None
    assert mask_of(layers.GlobalAveragePooling1D()(x)) is None
    assert mask_of(layers.Dot(axes=2)([x, x])) is None
    assert mask_of(layers.Embedding(5, 2)(WORDS)) is None


def test_masks_of_several_tensors():
    x, y = embedded(), layers.Masking(mask_value=1.0)(np.array([[[1.0, 1.0]] * 3, [[1.0, 2.0]] * 3]))
    np.testing.assert_array_equal(mask_of(layers.Add()([x, y])), [[1, 1, 0], [1, 1, 1]])
    np.testing.assert_array_equal(mask_of(layers.Concatenate(axis=1)([x, y])), [[1, 1, 0, 0, 0, 0], [1, 0, 0, 1, 1, 1]])
    assert mask_of(layers.Add()([x, np.zeros((2, 3, 2))])) is None
    with pytest.raises(ValueError, match="`mask` should be a list"):
        layers.Add().compute_mask([x, y], mask_of(x))
    with pytest.raises(ValueError, match="same length"):
        layers.Add().compute_mask([x, y], [mask_of(x)])


def test_a_layer_gets_the_masks_it_has_parameters_for():
    class Both(layers.Layer):
        supports_masking = True

        def call(self, left, right, left_mask=None, right_mask=None):
            return left * ops.expand_dims(left_mask, -1) + (right if right_mask is None else right * 0)

    x = embedded()
    np.testing.assert_array_equal(Both()(x, np.zeros((2, 3, 2)))[:, 2], 0)


def test_losses_and_metrics_of_masked_predictions():
    predictions = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float32")[..., None]
    set_mask(predictions, np.array(COUNTS))
    targets = np.zeros((2, 3, 1))
    assert losses.MeanSquaredError()(targets, predictions) == pytest.approx((1 + 4 + 16) / 3)
    assert losses.MeanSquaredError(reduction="sum")(targets, predictions) == pytest.approx(21)
    weights = np.array([1.0, 2.0])[:, None] * np.ones((2, 3))
    assert losses.MeanSquaredError()(targets, predictions, weights) == pytest.approx((1 + 4 + 32) / 3)
    metric = metrics.MeanSquaredError()
    metric.update_state(targets, predictions)
    assert metric.result() == pytest.approx(7)


def test_calls_of_models_agree_with_their_steps():
    model = fastcnn.Sequential([layers.Embedding(5, 2, mask_zero=True), layers.GlobalAveragePooling1D()])
    np.testing.assert_allclose(model(WORDS), model.predict(WORDS, verbose=0))
    np.testing.assert_allclose(model(WORDS)[1], model.layers[0](WORDS)[1, 0])
    pooled = fastcnn.Sequential([fastcnn.Input((3, 2)), layers.GlobalAveragePooling1D()])
    x = embedded()
    expected = [x[0, :2].mean(axis=0), x[1, 0]]
    np.testing.assert_allclose(pooled(x), expected, rtol=1e-6)
    np.testing.assert_allclose(pooled(np.array(x), mask=np.array(COUNTS)), expected, rtol=1e-6)


def test_masks_of_arrays_die_with_them():
    gc.collect()
    before = len(masks._of_arrays)
    x = embedded()
    assert len(masks._of_arrays) == before + 1
    del x
    assert len(masks._of_arrays) == before


def test_a_model_with_masks_is_saved(tmp_path):
    words = fastcnn.Input((3,))
    x = layers.Embedding(5, 2, mask_zero=True)(words)
    model = fastcnn.Model(words, layers.GlobalAveragePooling1D()(x))
    model.save(tmp_path / "model.fastcnn")
    loaded = fastcnn.models.load_model(tmp_path / "model.fastcnn")
    np.testing.assert_array_equal(loaded(WORDS), model(WORDS))
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in model.layers]


def test_a_tensor_without_a_mask():
    assert mask_of(Tensor((2, 3))) is None
