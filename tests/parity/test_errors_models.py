"""Wrong arguments of models, of their files, and of serialization."""

import zipfile

import numpy as np
import pytest
from errors import check_refused, check_words, each, small_model, zeros

import fastcnn

X = np.random.default_rng(0).random((8, 4), dtype="float32")

ROWS = [
    # Sequential
    (lambda k: k.Sequential([3]), "3"),
    (lambda k: k.Sequential().add("a"), "a"),
    (lambda k: k.Sequential().add(k.layers.Dense), "Dense"),
    (lambda k: k.Sequential([k.layers.Dense(1, name="a"), k.layers.Dense(1, name="a")]), "name", "'a'"),
    (lambda k: added_input(k), "Input"),
    (lambda k: k.Sequential().build((None, 3)), "layers"),
    (lambda k: k.Sequential([k.Input((3,)), k.layers.Dense(2)]).build((None, 4)), "(None, 3)", "(None, 4)"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).input_shape, AttributeError, "input shape"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).output_shape, AttributeError, "output shape"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).inputs, AttributeError, "input"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).outputs, AttributeError, "output"),
    (lambda k: setattr(k.Sequential(), "layers", []), AttributeError, "layers"),
    (lambda k: k.Sequential([k.Input((2, 2, 1)), k.layers.Conv2D(1, 3)]), "kernel", "3"),
    (lambda k: k.Sequential([k.Input((4,)), k.layers.Conv2D(1, 3)]), "ndim=4", "(None, 4)"),
    (lambda k: k.Sequential([k.layers.Dense(2)], name="a/b"), "name", "a/b"),
    (lambda k: k.Sequential([k.layers.Dense(2)], foo=3), TypeError, "foo"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).count_params(), "count_params", "build"),
    (lambda k: k.Sequential.from_config({"foo": 3}), "foo"),
    # functional models
    (lambda k: k.Model(k.Input((3,)), k.Input((3,))), "input"),
    (lambda k: k.Model(k.Input((3,)), k.layers.Dense(1)(k.Input((3,)))), "input"),
    (lambda k: k.Model([], []), "inputs"),
    (lambda k: k.Model(k.Input((3,)), []), "outputs"),
    (lambda k: k.Model([3], [4]), "inputs", "3"),
    (lambda k: same_names(k), "name", "same"),
    (lambda k: same_inputs(k), "name", "same"),
    (lambda k: inner_input(k), "Input"),
    (lambda k: setattr(functional(k), "layers", []), AttributeError, "layers"),
    (lambda k: functional(k)(zeros(2, 5)), "5", "4"),
    (lambda k: functional(k)(zeros(2, 3, 4, 5)), "(2, 3, 4, 5)"),
    (lambda k: functional(k)([zeros(2, 4)] * 2), "2"),
    (lambda k: functional(k)(k.Input((5,))), "5", "4"),
    (lambda k: k.Model.from_config({"foo": 3}), "foo"),
    # layers and weights of a model
    (lambda k: small_model(k).get_layer("foo"), "foo"),
    (lambda k: small_model(k).get_layer(), "name", "index"),
    (lambda k: small_model(k).get_layer(name="a", index=0), "name", "index"),
    (lambda k: small_model(k).get_layer(index=5), "5", "1"),
    (lambda k: small_model(k).set_weights([zeros(4, 1)]), "1", "2"),
    (lambda k: small_model(k).set_weights([zeros(4, 2), zeros(1)]), "(4, 2)", "(4, 1)"),
    (lambda k: small_model(k).weights[0].assign(zeros(3, 1)), "(3, 1)", "(4, 1)"),
    (lambda k: k.Model()(X), NotImplementedError, "call"),
    (lambda k: small_model(k).summary(layer_range=["a"]), "layer_range", "a"),
    (lambda k: small_model(k).summary(layer_range=["a", 3]), "layer_range", "3"),
    (lambda k: small_model(k).summary(layer_range=["zzz", "yyy"]), "layer_range", "zzz"),
    # cloning
    (lambda k: k.models.clone_model(small_model(k), input_tensors=[k.Input((4,))] * 2), "input_tensors"),
    (lambda k: k.models.clone_model(small_model(k), input_tensors="a"), "input_tensors", "a"),
    (lambda k: k.models.clone_model(small_model(k), call_function=lambda layer, x: layer(x)), "call_function"),
    (lambda k: k.models.clone_model(own(k), clone_function=lambda layer: layer), "clone_function"),
    (lambda k: k.models.clone_model(own(k), input_tensors=[k.Input((4,))]), "input_tensors"),
    # serialization
    (lambda k: k.layers.deserialize({"class_name": "Foo", "config": {}}), TypeError, "Foo"),
    (lambda k: k.layers.deserialize({"class_name": "Dense", "config": 3}), TypeError, "3"),
    (lambda k: k.saving.deserialize_keras_object(3.5j), TypeError, "3.5j"),
    (lambda k: k.saving.serialize_keras_object(object()), TypeError, "object"),
    (lambda k: k.saving.register_keras_serializable()(type("Plain", (), {})), "get_config"),
    (lambda k: k.models.model_from_json("{"), "line 1"),
    # files
    (lambda k: k.models.load_model("/nowhere/a.keras"), "/nowhere/a.keras"),
    (lambda k: k.models.load_model("/nowhere/a.txt"), "/nowhere/a.txt"),
    (lambda k: small_model(k).save("/tmp/a.txt"), "/tmp/a.txt"),
    (lambda k: small_model(k).save("/tmp/a"), "/tmp/a"),
    (lambda k: small_model(k).save_weights("/tmp/a.txt"), "/tmp/a.txt"),
    (lambda k: small_model(k).load_weights("/nowhere/a.weights.h5"), OSError, "/nowhere/a.weights.h5"),
    (lambda k: small_model(k).load_weights("/nowhere/a.txt"), "/nowhere/a.txt"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).save_weights("/tmp/a.weights.h5"), "build"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).load_weights("/nowhere/a.weights.h5"), "build"),
]

OURS = [
    # Keras takes these, or breaks somewhere inside
    (lambda k: k.Sequential(3), TypeError, "layers", "3"),
    (lambda k: twice_the_input(k), "inputs"),
    (lambda k: k.models.clone_model(small_model(k), foo=3), TypeError, "foo"),
    (lambda k: k.models.clone_model(small_model(k), clone_function=3), "clone_function", "3"),
    (lambda k: k.models.clone_model(functional(k), clone_function=3), "clone_function", "3"),
    (lambda k: k.models.clone_model(functional(k), call_function=3), "call_function", "3"),
    (lambda k: k.layers.deserialize({"class_name": "Dense", "config": {"units": -1}}), "units", "-1"),
    (lambda k: k.Sequential([k.layers.Dense(2)]).add(None), "None"),
    (lambda k: k.Model(3), "outputs", "3"),
    (lambda k: k.Model(inputs=k.Input((3,))), "outputs"),
    (lambda k: k.Model(k.Input((3,)), "a"), "outputs", "a"),
    (lambda k: small_model(k).get_layer(index="a"), "index", "a"),
    (lambda k: small_model(k).set_weights(3), "3"),
    (lambda k: small_model(k).set_weights(["a", "b"]), "(4, 1)"),
    (lambda k: small_model(k).weights[0].assign("a"), "a"),
    (lambda k: k.Sequential().pop(), IndexError, "layers"),
    (lambda k: k.models.clone_model(3), "model", "3"),
    (lambda k: small_model(k).summary(line_length="a"), "line_length", "a"),
    (lambda k: small_model(k).summary(positions="a"), "positions", "a"),
    (lambda k: k.layers.deserialize(3), TypeError, "3"),
    (lambda k: k.layers.deserialize({"class_name": "Dense", "config": {"foo": 3}}), "foo"),
    (lambda k: k.layers.deserialize({"class_name": 3, "config": {}}), "3"),
    (lambda k: k.layers.Dense.from_config({"foo": 3}), TypeError, "units"),
    (lambda k: k.models.model_from_json("[]"), TypeError, "[]"),
    (lambda k: k.models.model_from_json('{"class_name": "Sequential", "config": {"layers": [3]}}'), "3"),
    (lambda k: k.models.load_model(3), "3"),
    (lambda k: k.models.load_model(None), "None"),
    (lambda k: small_model(k).load_weights(3), "3"),
    (lambda k: small_model(k).save(None), "None"),
    (lambda k: small_model(k).save("/nowhere/a.keras"), OSError, "/nowhere"),
    (lambda k: small_model(k).save_weights("/nowhere/a.weights.h5"), OSError, "/nowhere"),
    (lambda k: k.saving.CustomObjectScope(3), TypeError, "custom_objects", "3"),
]


def added_input(k):
    model = k.Sequential([k.Input((3,))])
    model.add(k.Input((4,)))


def functional(k):
    inputs = k.Input((4,))
    return k.Model(inputs, k.layers.Dense(1)(inputs))


def same_names(k):
    inputs = k.Input((4,))
    return k.Model(inputs, k.layers.Dense(1, name="same")(k.layers.Dense(4, name="same")(inputs)))


def same_inputs(k):
    inputs = [k.Input((4,), name="same"), k.Input((4,), name="same")]
    return k.Model(inputs, k.layers.Add()(inputs))


def twice_the_input(k):
    inputs = k.Input((4,))
    return k.Model([inputs, inputs], k.layers.Dense(1)(inputs))


def inner_input(k):
    hidden = k.layers.Dense(3)(k.Input((4,)))
    return k.Model([hidden, 3], k.layers.Dense(1)(hidden))


def own(k):
    class Mine(k.Model):
        def call(self, x):
            return x

    return Mine()


@each(ROWS + OURS)
def test_refused(row):
    check_words(row, fastcnn)


@each(ROWS)
def test_keras_refuses(row, keras):
    check_refused(row, keras)


def stored(name, path):
    """A file of a small model."""
    model = small_model(fastcnn)
    save = model.save_weights if ".weights." in name else model.save
    save(path / name)
    return path / name


@pytest.mark.parametrize("name", ["a.keras", "a.fastcnn", "a.weights.npz", "a.weights.h5"])
@pytest.mark.parametrize("damage", ["empty", "short", "text", "flipped", "folder"])
def test_damaged_files(name, damage, tmp_path):
    """A damaged file is an error that names it, and the weights of the model stay as they were."""
    if "h5" in name or "keras" in name:
        pytest.importorskip("h5py", reason="Keras's files need h5py")
    path = stored(name, tmp_path)
    data = path.read_bytes()
    changed = bytearray(data)
    for place in range(64, len(data), 97):
        changed[place] ^= 0x5A
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_bytes(
            {"empty": b"", "short": data[: len(data) // 2], "text": b"a" * 999, "flipped": changed}[damage]
        )
    model = small_model(fastcnn)
    before = model.get_weights()
    with pytest.raises((ValueError, OSError), match="a\\."):
        model.load_weights(path) if ".weights." in name else fastcnn.models.load_model(path)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_archive_without_members(tmp_path):
    """A zip file of something else says what is missing."""
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ValueError, match=r"a\.keras"):
        fastcnn.models.load_model(path)
