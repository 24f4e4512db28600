"""Model files: the model comes back, and a file of unknown origin can neither run code nor eat memory."""

import json
import tracemalloc
import zipfile

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers, models


def make():
    return Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2),
            Sequential([layers.Flatten(), layers.Dropout(0.5), layers.Dense(5, activation="tanh")], name="top"),
            layers.Dense(2, activation="softmax"),
        ],
        name="small",
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.fastcnn"


def test_round_trip(path, tmp_path):
    model = make()
    model.save(path)
    loaded = models.load_model(str(path))
    x = np.random.default_rng(0).standard_normal((3, 8, 8, 2))
    np.testing.assert_array_equal(loaded(x), model(x))
    assert loaded.name == "small"
    assert loaded.get_config() == model.get_config()
    assert loaded.input_shape == model.input_shape
    assert list(tmp_path.iterdir()) == [path]


def test_deferred_model(path):
    model = Sequential([layers.Dense(3)])
    model(np.zeros((2, 4)))
    model.save(path)
    assert models.load_model(path).input_shape == (None, 4)


def test_frozen_layers_stay_frozen(path):
    model = make()
    model.layers[0].trainable = False
    model.save(path)
    assert len(models.load_model(path).trainable_weights) == 4


class Net(Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.head = layers.Dense(units)

    def call(self, inputs):
        return self.head(inputs)

    def get_config(self):
        return {"units": self.units, "name": self.name}


def test_users_model(path):
    net = Net(3)
    net.build((None, 4))
    net.save(path)
    with pytest.raises(ValueError, match="unknown layer 'Net'"):
        models.load_model(path)
    loaded = models.load_model(path, custom_objects={"Net": Net})
    np.testing.assert_array_equal(loaded(np.ones((1, 4))), net(np.ones((1, 4))))


def test_overwrite_and_endings(path, tmp_path):
    make().save(path)
    make().save(path)
    with pytest.raises(FileExistsError, match="exists already"):
        make().save(path, overwrite=False)
    with pytest.raises(ValueError, match=r"must end in .fastcnn, or in .keras"):
        make().save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match="must end in"):
        models.load_model(tmp_path / "model.h5")
    with pytest.raises(FileNotFoundError, match=r"nothing\.fastcnn"):
        models.load_model(tmp_path / "nothing.fastcnn")


def test_cut_short(path):
    make().save(path)
    content = path.read_bytes()
    for length in (0, 10, len(content) // 3, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model\.fastcnn"):
            models.load_model(path)


def test_no_model_at_all(path):
    path.write_bytes(b"something else" * 100)
    with pytest.raises(ValueError, match=r"model\.fastcnn"):
        models.load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ValueError, match="has no member config"):
        models.load_model(path)


def rewritten(path, change, compression=zipfile.ZIP_STORED):
    """Save a model, change its configuration and its members, and write all that."""
    make().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members.pop("config.json"))
    replaced = change(config, members)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("config.json", json.dumps(config) if replaced is None else replaced)
        for name, data in members.items():
            archive.writestr(name, data)


def set_layer(config, index, **arguments):
    config["model"]["config"]["layers"][index]["config"].update(arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config, members: "{", "its configuration is damaged"),
        (lambda config, members: "[" * 100_000, "its configuration is damaged"),
        (lambda config, members: "[1]", "is of format"),
        (
            lambda config, members: config.update(format=3),
            "is of format 3; this version of fastcnn reads formats 1 to 2",
        ),
        (lambda config, members: config.update(model={}), "must be a dictionary such as"),
        (
            lambda config, members: config.update(model=layers.serialize(layers.Dense(3))),
            "it holds a Dense, not a model",
        ),
        (lambda config, members: config["model"].update(class_name="os.system"), "unknown layer 'os.system'"),
        (lambda config, members: set_layer(config, 1, filters=-4), "filters must be a positive integer"),
        (lambda config, members: set_layer(config, 1, activation="eval"), "unknown activation 'eval'"),
        (lambda config, members: set_layer(config, 1, kernel_initializer="no"), "unknown initializer"),
        (lambda config, members: set_layer(config, 1, kernel_size=[9, 99]), "model.fastcnn.*layer"),
        (lambda config, members: set_layer(config, 1, surprise=1), "Unrecognized keyword"),
        (lambda config, members: set_layer(config, 1, name=["x"]), "name must be a string"),
        (lambda config, members: set_layer(config, 4, units=2**40), "larger than all weights that the file holds"),
        (lambda config, members: set_layer(config, 4, units=3), "is of another architecture"),
        (lambda config, members: set_layer(config, 0, batch_shape=[None, 12, 12, 2]), "incompatible with the model"),
        (lambda config, members: set_layer(config, 0, batch_shape=["a"]), "batch_shape must be a tuple"),
        (lambda config, members: members.pop("layers/dense/vars/1.npy") and None, "it lacks layers/dense/vars/1"),
        (lambda config, members: members.update({"surplus.npy": b""}), "it has besides surplus"),
    ],
)
def test_hostile_files(path, change, message):
    rewritten(path, change)
    with pytest.raises(ValueError, match=message) as caught:
        models.load_model(path)
    assert "model.fastcnn" in str(caught.value)


def test_compressed_members_are_refused(path):
    rewritten(path, lambda config, members: members.update({"bomb.npy": b"\0" * 10**7}), zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="is compressed"):
        models.load_model(path)


def test_memory_is_bounded_by_the_file(path):
    """A small file that asks for a large model must not get the memory for it."""

    def enlarge(config, members):
        config["model"]["config"]["layers"] += [
            layers.serialize(layers.Dense(3000, name=f"large_{number}")) for number in range(10)
        ]

    rewritten(path, enlarge)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="larger than all weights that the file holds"):
            models.load_model(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10**7


def test_failed_save_leaves_nothing(path, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("fastcnn.saving.model_file.write_array", fail)
    with pytest.raises(OSError, match="disk full"):
        make().save(path)
    assert list(tmp_path.iterdir()) == []


def test_loading_holds_one_array_of_the_file_at_a_time(tmp_path):
    model = Sequential([Input((256,)), *(layers.Dense(256) for _ in range(8))])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 256)), np.ones((4, 256)), verbose=0)
    model.save(tmp_path / "model.fastcnn")
    weights = sum(weight.value.nbytes for weight in model.weights)
    tracemalloc.start()
    try:
        loaded = models.load_model(tmp_path / "model.fastcnn")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3.5 * weights  # the model with Adam's two slots: 3
    np.testing.assert_array_equal(
        loaded.predict(np.ones((2, 256)), verbose=0), model.predict(np.ones((2, 256)), verbose=0)
    )
