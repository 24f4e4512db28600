"""Keras's model files: written and read here; with Keras itself in tests/parity/test_keras_files.py."""

import json
import zipfile

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers, models, ops

pytest.importorskip("h5py", reason="Keras's model files need the package h5py")
X = np.random.default_rng(0).random((16, 6, 6, 2), dtype="float32")
Y = np.random.default_rng(1).integers(0, 3, 16)


def make():
    image = Input((6, 6, 2), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    x = layers.BatchNormalization()(x) * 2.0 + x
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return Model(image, Sequential([Input((4,)), layers.Dense(3, activation="softmax")], name="head")(x))


def test_there_and_back(tmp_path):
    model = make()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    for one, other in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.value, other.value)
    assert not models.load_model(tmp_path / "m.keras", compile=False).compiled
    model.save(tmp_path / "n.keras", include_optimizer=False)
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer 'adam"):
        models.load_model(tmp_path / "n.keras")


def test_what_cannot_be_written(tmp_path):
    image = Input((6, 6, 2))
    with pytest.raises(ValueError, match="Keras's files have no name here"):
        Model(image, ops.adaptive_max_pool(image, 2)).save(tmp_path / "m.keras")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda members: members.pop("model.weights.h5"), "it has no member model.weights.h5"),
        (lambda members: members.pop("config.json"), "it has no member config.json"),
        (lambda members: members.update({"config.json": b"[1]"}), "is that of no model"),
        (lambda members: members.update({"model.weights.h5": b"x" * 3000}), "no HDF5 file"),
        (
            lambda members: members.update(
                {"config.json": members["config.json"].replace(b'"filters": 4', b'"filters": 40000')}
            ),
            "larger than all weights",
        ),
        (
            lambda members: members.update(
                {"config.json": members["config.json"].replace(b'"lora_rank"', b'"x"').replace(b'"Conv2D"', b'"Popen"')}
            ),
            "unknown layer 'Popen'",
        ),
    ],
)
def test_hostile_files(tmp_path, change, message):
    path = tmp_path / "m.keras"
    make().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert json.loads(members["metadata.json"])["keras_version"]
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ValueError, match=message) as caught:
        models.load_model(path)
    assert "m.keras" in str(caught.value)
