"""The calls of Keras's tutorial "Image classification from scratch", on two small classes of pictures: what it does
with `keras` and `tensorflow.data` runs with `fastcnn` and `fastcnn.data`."""

import importlib.util
import os
import shutil

import numpy as np
import pytest

import fastcnn as keras
from fastcnn import data as tf_data
from fastcnn import layers

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
SIZE = (36, 36)
FORMAT = "keras" if importlib.util.find_spec("h5py") else "fastcnn"  # Keras's files hold HDF5


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Photographs of cats, which are bright above, and of dogs, which are bright below; among them broken ones."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name, bright in (("Cat", slice(0, 20)), ("Dog", slice(20, 40))):
        os.makedirs(f"PetImages/{name}")
        for number in range(24):
            pixels = random.normal(90, 20, (40, 50, 3))
            pixels[bright] += 90
            Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(f"PetImages/{name}/{number}.jpg")
        with open(f"PetImages/{name}/broken.jpg", "wb") as file:
            file.write(b"GIF9")


def remove_broken():
    skipped = 0
    for name in ("Cat", "Dog"):
        for file_name in os.listdir(os.path.join("PetImages", name)):
            path = os.path.join("PetImages", name, file_name)
            with open(path, "rb") as file:
                is_jfif = b"JFIF" in file.peek(10)
            if not is_jfif:
                skipped += 1
                os.remove(path)
    return skipped


augmentation_layers = [layers.RandomFlip("horizontal", seed=1), layers.RandomRotation(0.02, seed=2)]


def augmented(images):
    for layer in augmentation_layers:
        images = layer(images)
    return images


def make_model(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    before = x
    for size in [8, 16]:
        x = layers.Activation("relu")(x)
        x = layers.SeparableConv2D(size, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.SeparableConv2D(size, 3, padding="same")(x)
        x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        residual = layers.Conv2D(size, 1, strides=2, padding="same")(before)
        x = layers.add([x, residual])
        before = x
    x = layers.GlobalMaxPooling2D()(layers.SeparableConv2D(16, 3, padding="same")(x))
    x = layers.Dropout(0.25)(layers.Flatten()(before))
    return keras.Model(inputs, layers.Dense(1 if num_classes == 2 else num_classes, activation=None)(x))


def test_the_program(pictures, capsys):
    keras.utils.set_random_seed(3)
    assert remove_broken() == 2
    train, validation = keras.utils.image_dataset_from_directory(
        "PetImages", validation_split=0.25, subset="both", seed=1337, image_size=SIZE, batch_size=8
    )
    assert "Found 48 files belonging to 2 classes.\nUsing 36 files for training." in capsys.readouterr().out
    for images, labels in train.take(1):
        assert np.array(images[0]).astype("uint8").shape == (*SIZE, 3)
        assert int(labels[0]) in (0, 1)
        assert np.abs(augmented(images) - images).max() > 1
    train = train.map(lambda image, label: (augmented(image), label), num_parallel_calls=tf_data.AUTOTUNE)
    train, validation = train.prefetch(tf_data.AUTOTUNE), validation.prefetch(tf_data.AUTOTUNE)

    model = make_model(input_shape=(*SIZE, 3), num_classes=2)
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(name="acc")],
    )
    saving = [keras.callbacks.ModelCheckpoint(f"save_at_{{epoch}}.{FORMAT}")]
    history = model.fit(train, epochs=8, callbacks=saving, validation_data=validation, verbose=0)
    assert history.history["acc"][-1] > 0.9
    assert os.path.exists(f"save_at_8.{FORMAT}")

    image = keras.utils.load_img("PetImages/Cat/6.jpg", target_size=SIZE)
    array = keras.ops.expand_dims(keras.utils.img_to_array(image), 0)
    score = float(keras.ops.sigmoid(model.predict(array, verbose=0)[0][0]))
    assert 0 <= score <= 1


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_picture_of_the_model(tmp_path, monkeypatch):
    pytest.importorskip("pydot", reason="pydot is not installed")
    monkeypatch.chdir(tmp_path)
    keras.utils.plot_model(make_model((*SIZE, 3), 2), show_shapes=True)
    assert os.path.getsize("model.png") > 10_000


def test_calls_of_the_flower_tutorial(pictures):
    """As TensorFlow's tutorial on loading images does: its pipelines, with arrays in the place of tensors."""
    remove_broken()
    options = {"validation_split": 0.25, "seed": 123, "image_size": SIZE, "batch_size": 8, "verbose": False}
    train = keras.utils.image_dataset_from_directory("PetImages", subset="training", **options)
    validation = keras.utils.image_dataset_from_directory("PetImages", subset="validation", **options)
    names = train.class_names
    assert names == ["Cat", "Dog"]
    for image_batch, labels_batch in train:
        assert (image_batch.shape, labels_batch.shape) == ((8, *SIZE, 3), (8,))
        break
    rescale = layers.Rescaling(1.0 / 255)
    normalized = train.map(lambda x, y: (rescale(x), y))
    images, _ = next(iter(normalized))
    assert 0 <= np.min(images[0]) < np.max(images[0]) <= 1
    train = train.cache().shuffle(1000).prefetch(buffer_size=tf_data.AUTOTUNE)
    validation = validation.cache().prefetch(buffer_size=tf_data.AUTOTUNE)
    model = keras.Sequential(
        [
            layers.Rescaling(1.0 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(len(names)),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = model.fit(train, validation_data=validation, epochs=3, verbose=0)
    assert set(history.history) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    batched = train.unbatch().batch(4).take(3)
    assert model.predict(batched, verbose=0).shape == (12, 2)
