"""PyTorch's DataLoader and tf.data's pipelines go straight into fit, evaluate and predict."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers

X = np.random.default_rng(0).normal(size=(22, 8, 8, 1)).astype("float32")
Y = np.arange(22) % 3


def torch_loader():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(data, batch_size=5)


def tensorflow_pipeline():
    tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    return tensorflow.data.Dataset.from_tensor_slices((X, Y)).batch(5).prefetch(tensorflow.data.AUTOTUNE)


def classifier():
    fastcnn.utils.set_random_seed(2)
    model = fastcnn.Sequential(
        [fastcnn.Input((8, 8, 1)), layers.Conv2D(2, 3, activation="relu"), layers.Flatten(), layers.Dense(3)]
    )
    model.compile("adam", fastcnn.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@pytest.mark.parametrize("source", [torch_loader, tensorflow_pipeline])
def test_as_from_arrays(source):
    batches = source()
    ours, theirs = classifier(), classifier()
    history = ours.fit(batches, epochs=2, validation_data=batches, verbose=0)
    expected = theirs.fit(X, Y, batch_size=5, epochs=2, validation_data=(X, Y), shuffle=False, verbose=0)
    assert history.params["steps"] == 5
    assert history.history == expected.history
    assert ours.evaluate(batches, verbose=0) == theirs.evaluate(X, Y, batch_size=5, verbose=0)
    np.testing.assert_array_equal(ours.predict(batches, verbose=0), theirs.predict(X, verbose=0))


def test_split_of_a_torch_dataset():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    left, right = fastcnn.utils.split_dataset(data, 0.5)
    np.testing.assert_array_equal(np.stack([x for x, _ in [*left, *right]]), X)
