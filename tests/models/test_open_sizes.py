"""Models whose inputs have None for sizes: one model, images of any size."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, ops


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def segmenter() -> fastcnn.Model:
    """A small U-Net."""
    image = fastcnn.Input((None, None, 3))
    fine = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    coarse = layers.Conv2D(8, 3, padding="same", activation="relu")(layers.MaxPooling2D()(fine))
    merged = layers.concatenate([layers.UpSampling2D()(coarse), fine])
    return fastcnn.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(merged))


def fixed_twin(model: fastcnn.Model, *shape: int) -> fastcnn.Model:
    """The same model and weights, for one size."""
    image = fastcnn.Input(shape)
    return fastcnn.Model(image, model(image))


def test_shapes_stay_open() -> None:
    model = segmenter()
    assert model.input_shape == (None, None, None, 3)
    assert model.output_shape == (None, None, None, 1)
    assert [layer.output.shape[-1] for layer in model.layers] == [3, 4, 4, 8, 8, 12, 1]
    assert model.compute_output_shape((None, 32, 48, 3)) == (None, 32, 48, 1)
    assert model.compute_output_shape((None, None, None, 3)) == (None, None, None, 1)
    model.predict(images(1, 8, 8, 3), verbose=0)
    lines: list[str] = []
    model.summary(line_length=120, print_fn=lines.append)
    assert "(None, None, None, 12)" in lines[0]
    assert "(None, 8, 8" not in lines[0]


@pytest.mark.parametrize("size", [(8, 12), (16, 16)])
def test_any_size_as_if_the_model_were_made_for_it(size: tuple[int, int]) -> None:
    model = segmenter()
    x = images(3, *size, 3)
    wanted = fixed_twin(model, *size, 3).predict(x, verbose=0)
    assert np.array_equal(model.predict(x, verbose=0), wanted)
    np.testing.assert_allclose(model(x), wanted, rtol=1e-6)


def test_training_on_batches_of_many_sizes() -> None:
    model = segmenter()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    sizes = [8, 12, 16, 8]

    def batches():
        for size in sizes:
            x = images(2, size, size + 4, 3)
            yield x, (x[..., :1] > 0.5).astype("float32")

    before = [weight.copy() for weight in model.get_weights()]
    history = model.fit(batches(), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all((now != was).any() for now, was in zip(model.get_weights(), before, strict=True))
    assert len(model.evaluate(batches(), verbose=0)) == 2


def test_a_stack_with_global_pooling(tmp_path) -> None:
    model = fastcnn.Sequential(
        [
            fastcnn.Input((None, None, 1)),
            layers.Conv2D(4, 3, strides=2),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    assert [layer.output.shape for layer in model.layers][:2] == [(None, None, None, 4)] * 2
    assert model.predict(images(2, 9, 14), verbose=0).shape == (2, 2)
    model.save(tmp_path / "open.fastcnn")
    again = fastcnn.models.load_model(tmp_path / "open.fastcnn")
    assert again.input_shape == (None, None, None, 1)
    assert np.array_equal(again.predict(images(2, 30, 7, 1), verbose=0), model.predict(images(2, 30, 7, 1), verbose=0))


def test_sequences_of_any_length() -> None:
    model = fastcnn.Sequential(
        [
            fastcnn.Input((None,), dtype="int32"),
            layers.Embedding(10, 4),
            layers.Conv1D(3, 3, padding="causal"),
        ]
    )
    assert model.output_shape == (None, None, 3)
    assert model.predict(np.ones((2, 7), "int64"), verbose=0).shape == (2, 7, 3)
    assert model.get_config()["layers"][0]["config"]["dtype"] == "int32"


def test_ops_and_operators_on_open_tensors() -> None:
    image = fastcnn.Input((None, None, 3))
    centred = image * 2 - ops.mean(image, axis=(1, 2), keepdims=True)
    assert centred.shape == (None, None, None, 3)
    x = images(2, 5, 6, 3)
    got = fastcnn.Model(image, ops.relu(centred)).predict(x, verbose=0)
    np.testing.assert_allclose(got, np.maximum(2 * x - x.mean((1, 2), keepdims=True), 0), rtol=1e-5, atol=1e-6)


def test_a_subclass_built_for_open_sizes() -> None:
    class Mean(fastcnn.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv = layers.Conv2D(2, 3)
            self.pool = layers.GlobalMaxPooling2D()

        def call(self, inputs):
            return self.pool(self.conv(inputs))

    model = Mean()
    model.build((None, None, None, 3))
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert "(None, None, None, 2)" in lines[0]
    assert model.predict(images(1, 5, 9, 3), verbose=0).shape == (1, 2)
    assert model(images(1, 9, 5, 3)).shape == (1, 2)


def test_errors() -> None:
    model = fastcnn.Sequential([fastcnn.Input((None, None, 3)), layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match="the last dimension holds 3 channels, not 1"):
        model.predict(images(1, 8, 8, 1), verbose=0)
    with pytest.raises(ValueError, match=r"does not fit into inputs of size \(2, 8\)"):
        model.predict(images(1, 2, 8, 3), verbose=0)
    with pytest.raises(ValueError, match=r"expected shape=\(None, None, None, 3\)"):
        model(images(1, 8, 8, 1))
    with pytest.raises(ValueError, match="pass x"):
        model.profile()
    with pytest.raises(ValueError, match=r"must be known and positive\. Received an input of shape \(None, None\)"):
        fastcnn.Sequential([fastcnn.Input((None, None, 3)), layers.Flatten(), layers.Dense(2)])
