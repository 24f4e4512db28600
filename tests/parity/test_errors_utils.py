"""Wrong arguments of the utilities, of data from folders and arrays, and of nested structures."""

from importlib.util import find_spec

import numpy as np
import pytest
from errors import check_refused, check_words, each, zeros

import fastcnn

pytest.importorskip("PIL", reason="image files need Pillow")

ROWS = [
    # arrays and sequences
    (lambda k: k.utils.pad_sequences(3), "sequences"),
    (lambda k: k.utils.pad_sequences([1, 2]), "1"),
    (lambda k: k.utils.pad_sequences([[1], [1, 2]], padding="foo"), "padding", "foo"),
    (lambda k: k.utils.pad_sequences([[1], [1, 2]], maxlen=1, truncating="foo"), "truncating", "foo"),
    (lambda k: k.utils.pad_sequences([[[1, 2]], [[1]]]), "1"),
    (lambda k: k.utils.pad_sequences([[1], [1, 2]], value="a"), "value", "int32"),
    (lambda k: k.utils.unpack_x_y_sample_weight((1, 2, 3, 4)), "4"),
    (lambda k: k.utils.pad_sequences(None), "sequences"),
    (lambda k: k.utils.split_dataset(3), TypeError, "dataset", "3"),
    (lambda k: k.utils.split_dataset([]), "empty"),
    (lambda k: k.utils.split_dataset([zeros(3), zeros(4)], left_size=0.5), "3", "4"),
    (lambda k: k.utils.split_dataset([zeros(8)]), "left_size", "right_size"),
    (lambda k: k.utils.split_dataset(zeros(8)), "left_size", "right_size"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size=1.5), "left_size", "1.5"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size=-1), "left_size", "-1"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size=0), "left_size", "0"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size="a"), TypeError, "left_size"),
    (lambda k: k.utils.split_dataset(zeros(8), right_size=9), "right_size", "9"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size=0.7, right_size=0.7), "left_size", "right_size"),
    (lambda k: k.utils.split_dataset(zeros(8), left_size=6, right_size=6), "left_size", "right_size"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, start_index=-1), "start_index", "-1"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, start_index=9), "start_index", "9"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, end_index=9), "end_index", "9"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, end_index=-1), "end_index", "-1"),
    (
        lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, start_index=4, end_index=3),
        "end_index",
        "3",
        "start_index",
    ),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, sampling_rate=0), "sampling_rate", "0"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, sampling_rate=9), "sampling_rate", "9"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, sequence_stride=0), "sequence_stride", "0"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, sequence_stride=9), "sequence_stride", "9"),
    # images
    (lambda k: k.utils.load_img(3), TypeError, "path"),
    (lambda k: k.utils.load_img("/nowhere/a.png"), OSError, "/nowhere/a.png"),
    (lambda k: k.utils.array_to_img(zeros(4, 4)), "(4, 4)"),
    (lambda k: k.utils.array_to_img(zeros(4, 4, 7)), "7"),
    (lambda k: k.utils.array_to_img(zeros(4, 4, 3), data_format="foo"), "data_format", "foo"),
    (lambda k: k.utils.img_to_array(zeros(2)), "(2,)"),
    (lambda k: k.utils.img_to_array(zeros(4, 4), data_format="foo"), "data_format", "foo"),
    (lambda k: k.preprocessing.image.smart_resize(zeros(4, 4, 3), (1, 2, 3)), "size", "(1, 2, 3)"),
    (lambda k: k.preprocessing.image.smart_resize(zeros(4, 4), (2, 2)), "(4, 4)"),
    (lambda k: k.preprocessing.image.smart_resize(zeros(4, 4, 3), (2, 2), foo=3), TypeError, "foo"),
    # others
    (lambda k: k.utils.get_file("a"), "origin"),
    (lambda k: k.utils.get_file(fname="a/b", origin="http://localhost:1/a"), "fname", "a/b"),
    (lambda k: k.utils.set_random_seed(None), "seed", "None"),
    (lambda k: k.utils.model_to_dot(k.Sequential([k.layers.Dense(1)])), "build"),
    (lambda k: k.utils.plot_model(k.Sequential([k.layers.Dense(1)]), "/tmp/a.png"), "build"),
    # nested structures
    (lambda k: k.tree.map_structure(3, [1]), TypeError, "func", "3"),
    (lambda k: k.tree.map_structure(lambda x: x), "structure"),
    (lambda k: k.tree.map_structure(lambda x, y: x, [1, 2], [1]), "1"),
    (lambda k: k.tree.map_structure_up_to([1], 3, [1]), TypeError, "func", "3"),
    (lambda k: k.tree.assert_same_structure([1], [1, 2]), "2"),
    (lambda k: k.tree.assert_same_structure([1], {"a": 1}), "a"),
    (lambda k: k.tree.assert_same_structure({"b": 1}, {"a": 1}), "a", "b"),
    (lambda k: k.tree.assert_same_paths([1], [1, 2]), "1"),
    (lambda k: k.tree.pack_sequence_as([1, 2], [1]), "1"),
    (lambda k: k.tree.pack_sequence_as([1, 2], [1, 2, 3]), "3"),
    (lambda k: k.tree.pack_sequence_as(1, [1, 2]), "2"),
    (lambda k: k.tree.traverse(3, [1]), TypeError, "func", "3"),
]

OURS = [
    # Keras takes these, or breaks somewhere inside
    (lambda k: k.utils.to_categorical([-1], 3), "-1"),
    (lambda k: k.utils.to_categorical([3], 3), "3"),
    (lambda k: k.utils.to_categorical([0.5], 3), "0.5"),
    (lambda k: k.utils.to_categorical([np.nan], 3), "nan"),
    (lambda k: k.utils.to_categorical(["a"], 3), TypeError, "<U1"),
    (lambda k: k.utils.to_categorical([0], "a"), "num_classes", "a"),
    (lambda k: k.utils.to_categorical([0], -1), "num_classes", "-1"),
    (lambda k: k.utils.to_categorical([]), "num_classes"),
    (lambda k: k.utils.normalize(zeros(2, 2), axis=5), "axis", "5"),
    (lambda k: k.utils.normalize(zeros(2, 2), order="a"), "order", "a"),
    (lambda k: k.utils.pad_sequences([[1], [2]], maxlen=-1), "maxlen", "-1"),
    (lambda k: k.utils.pad_sequences([[1], [2]], maxlen="a"), "maxlen", "a"),
    (lambda k: k.utils.pad_sequences([[1], [2]], dtype="foo"), "dtype", "foo"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 0), "sequence_length", "0"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, "a"), "sequence_length", "a"),
    (lambda k: k.utils.timeseries_dataset_from_array(zeros(8), None, 2, batch_size=0), "batch_size", "0"),
    (lambda k: k.utils.timeseries_dataset_from_array(3, None, 2), "data", "3"),
    (lambda k: k.utils.load_img(__file__), "test_errors_utils.py"),
    (lambda k: k.utils.array_to_img("a"), "a"),
    (lambda k: k.utils.save_img("/nowhere/a.png", zeros(4, 4, 3)), OSError, "/nowhere"),
    (lambda k: k.utils.save_img("/tmp/a.foo", zeros(4, 4, 3)), "foo"),
    (lambda k: k.utils.image_dataset_from_directory("/nowhere"), OSError, "/nowhere"),
    (lambda k: k.utils.get_file("a", "http://localhost:1/a", hash_algorithm="foo", file_hash="0"), "foo"),
    (lambda k: k.utils.get_file(3, 4), "origin"),
    (lambda k: k.utils.Progbar("a"), "target", "a"),
    (lambda k: k.config.set_max_epochs("a"), "a"),
]


@each(ROWS + OURS)
def test_refused(row):
    check_words(row, fastcnn)


@each(ROWS)
def test_keras_refuses(row, keras):
    check_refused(row, keras)


FOLDERS = [
    ({"labels": 3}, "labels", "3"),
    ({"labels": [0, 1], "class_names": ["a", "b"]}, "class_names", "inferred"),
    ({"label_mode": "foo"}, "label_mode", "foo"),
    ({"color_mode": "foo"}, "color_mode", "foo"),
    ({"image_size": "a"}, "image_size", "a"),
    ({"interpolation": 3}, "interpolation", "3"),
    ({"image_size": (3, 3, 3)}, "image_size", "(3, 3, 3)"),
    ({"interpolation": "foo"}, "interpolation", "foo"),
    ({"label_mode": "binary"}, "binary", "2"),
    ({"validation_split": 2.0, "subset": "training", "seed": 1}, "validation_split", "2.0"),
    ({"validation_split": 0.2}, "subset", "None"),
    ({"subset": "training"}, "validation_split"),
    ({"validation_split": 0.2, "subset": "foo", "seed": 1}, "subset", "foo"),
    ({"validation_split": 0.2, "subset": "training"}, "seed", "validation_split"),
    ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "crop_to_aspect_ratio", "pad_to_aspect_ratio"),
    ({"labels": [0]}, "labels", "1", "3"),
    ({"class_names": ["a", "z", "y"]}, "class_names", "z"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three classes of one image each."""
    path = tmp_path_factory.mktemp("images")
    for name in "abc":
        (path / name).mkdir()
        fastcnn.utils.save_img(path / name / "x.png", zeros(4, 4, 3))
    return path


@pytest.mark.parametrize(("arguments", "words"), [(row[0], row[1:]) for row in FOLDERS])
def test_folder(folder, arguments, words):
    check_words(
        (lambda k: list(k.utils.image_dataset_from_directory(folder, verbose=False, **arguments)), *words), fastcnn
    )


@pytest.mark.parametrize("arguments", [row[0] for row in FOLDERS])
def test_folder_in_keras(folder, arguments, keras):
    kind = "grain" if find_spec("grain") else "tf"
    if kind == "tf" and not find_spec("tensorflow"):
        pytest.skip("Keras reads folders by grain or TensorFlow: pip install grain")
    call = keras.utils.image_dataset_from_directory
    check_refused((lambda k: list(call(folder, verbose=False, format=kind, **arguments)),), keras)
