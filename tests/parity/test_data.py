"""Data helpers against Keras's: signatures, files and their order, arrays, images. Where TensorFlow is installed too,
folders of images pixel by pixel."""

import inspect
import itertools

import numpy as np
import pytest

import fastcnn

NAMES = [
    "utils.PyDataset",
    "utils.Progbar",
    "utils.array_to_img",
    "utils.get_file",
    "utils.image_dataset_from_directory",
    "utils.img_to_array",
    "utils.load_img",
    "utils.model_to_dot",
    "utils.normalize",
    "utils.pad_sequences",
    "utils.plot_model",
    "utils.save_img",
    "utils.set_random_seed",
    "utils.split_dataset",
    "utils.timeseries_dataset_from_array",
    "utils.to_categorical",
    "datasets.cifar10.load_data",
    "datasets.cifar100.load_data",
    "preprocessing.image_dataset_from_directory",
    "preprocessing.timeseries_dataset_from_array",
    "preprocessing.image.smart_resize",
    "preprocessing.sequence.pad_sequences",
    "visualization.plot_image_gallery",
]


def found(package, name):
    for part in name.split("."):
        package = getattr(package, part)
    return package


CHECKED = {"utils": {"image_dataset_from_directory"}}


@pytest.mark.parametrize("name", NAMES)
def test_signatures(keras, name):
    ours, theirs = (inspect.signature(found(package, name)) for package in (fastcnn, keras))
    wanted = [
        (parameter.name, parameter.default)
        for parameter in theirs.parameters.values()
        if parameter.kind.name != "VAR_KEYWORD"
    ]
    got = [
        (parameter.name, parameter.default)
        for parameter in ours.parameters.values()
        if parameter.kind.name != "VAR_KEYWORD"
    ]
    assert got == wanted


def test_the_same_namespaces(keras):
    for name in ("preprocessing", "preprocessing.image", "preprocessing.sequence"):
        theirs = {one for one in dir(found(keras, name)) if not one.startswith("_")} - {"text_dataset_from_directory"}
        assert theirs <= set(dir(found(fastcnn, name)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of all kinds at all depths, whose names try the order."""
    root = tmp_path_factory.mktemp("images")
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    names = [
        "b/10.png",
        "b/9.png",
        "b/A.PNG",
        "b/z/1.jpg",
        "b/_.gif",
        "B/1.bmp",
        "a/x.jpeg",
        "a/x y.png",
        "a/é.png",
        "a/n.txt",
    ]
    random = np.random.default_rng(0)
    for number, name in enumerate([*names, *(f"c/{number}.png" for number in range(7))]):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size = (20 + number, 31 - number, 3)
        pixels = np.kron(random.integers(0, 256, (5, 5, 3), dtype=np.uint8), np.ones((8, 8, 1), "uint8"))[
            : size[0], : size[1]
        ]
        if path.suffix != ".txt":
            image.fromarray(pixels).save(path)
    (root / ".git").mkdir()
    (root / "link").symlink_to(root / "c", target_is_directory=True)
    return root


@pytest.mark.parametrize("labels", ["inferred", None, list(range(16))])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("subset", [None, "training", "validation"])
def test_files_labels_and_parts(keras, folder, labels, shuffle, follow_links, subset):
    from keras.src.utils import dataset_utils

    from fastcnn.utils.image_dataset import SUFFIXES

    if isinstance(labels, list) and follow_links:
        labels = list(range(23))
    split = None if subset is None else 0.3
    paths, numbers, names = dataset_utils.index_directory(
        str(folder), labels, SUFFIXES, shuffle=shuffle, seed=3, follow_links=follow_links, verbose=False
    )
    paths, numbers = dataset_utils.get_training_or_validation_split(paths, numbers, split, subset)
    ours = fastcnn.utils.image_dataset_from_directory(
        str(folder),
        labels,
        shuffle=shuffle,
        seed=3,
        follow_links=follow_links,
        validation_split=split,
        subset=subset,
        image_size=(2, 2),
        verbose=False,
    )
    assert ours.file_paths == paths
    assert ours.class_names == names
    if labels is not None and not shuffle:
        assert np.array_equal(np.concatenate([y for _, y in ours]), np.array(numbers))


@pytest.mark.parametrize(
    "options", [{}, {"class_names": ["c", "a"]}, {"label_mode": "categorical"}, {"label_mode": None}]
)
@pytest.mark.parametrize(
    "interpolation", ["bilinear", "nearest", "bicubic", "area", "lanczos3", "gaussian", "mitchellcubic"]
)
@pytest.mark.parametrize("fit", [{}, {"pad_to_aspect_ratio": True}, {"crop_to_aspect_ratio": True}])
def test_pixels_of_folders(folder, options, interpolation, fit):
    pytest.importorskip("tensorflow", reason="Keras reads folders of images by TensorFlow: pip install tensorflow-cpu")
    keras = pytest.importorskip("keras", reason="the parity tests compare with Keras: pip install keras")
    if fit.get("crop_to_aspect_ratio") and interpolation in ("gaussian", "mitchellcubic"):
        pytest.skip("Keras does not cut with this method")
    arguments = {"batch_size": 5, "image_size": (24, 18), "shuffle": False, "verbose": False}
    arguments |= {"interpolation": interpolation}
    ours, theirs = (
        package.utils.image_dataset_from_directory(str(folder), **arguments, **options, **fit)
        for package in (fastcnn, keras)
    )
    assert len(ours) == len(theirs)
    assert ours.file_paths == theirs.file_paths
    difference = 0.0
    paths = iter(ours.file_paths)
    for one, other in zip(ours, theirs, strict=True):
        x, y = one if isinstance(one, tuple) else (one, None)
        x2, y2 = other if isinstance(other, tuple) else (other, None)
        assert x.shape == x2.shape
        if y is not None:
            assert y.dtype.name == y2.dtype.name
            assert np.array_equal(y, y2)
        for image, image2, path in zip(x, np.asarray(x2, "float32"), paths, strict=False):
            # TensorFlow's tables for bicubic have 1,024 steps, and its decoder of JPEG is a faster one.
            tolerance = 12 if path.endswith(("jpg", "jpeg")) else 0.25 if interpolation == "bicubic" else 1e-3
            np.testing.assert_allclose(image, image2, atol=tolerance)
            difference = max(difference, np.abs(image - image2).max())
    assert difference < 12


@pytest.mark.parametrize("maxlen", [None, 1, 2, 6])
@pytest.mark.parametrize(("padding", "truncating"), list(itertools.product(["pre", "post"], repeat=2)))
def test_pad_sequences(keras, maxlen, padding, truncating):
    for sequences, dtype, value in (
        ([[1], [], [2, 3, 4]], "int32", -1),
        ([[[1.5, 2]], [[3, 4], [5, 6]]], "float32", 0.5),
    ):
        options = {"maxlen": maxlen, "padding": padding, "truncating": truncating, "dtype": dtype, "value": value}
        ours, theirs = (package.utils.pad_sequences(sequences, **options) for package in (fastcnn, keras))
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
def test_normalize(keras, order):
    x = np.random.default_rng(1).normal(size=(3, 4, 5))
    x[1] = 0
    np.testing.assert_allclose(fastcnn.utils.normalize(x, -1, order), keras.utils.normalize(x, -1, order))


@pytest.mark.parametrize("shape", [(6,), (6, 1), (2, 3), (2, 3, 1), ()])
def test_to_categorical(keras, shape):
    x = np.random.default_rng(1).integers(0, 4, shape)
    for classes in (None, 6):
        ours, theirs = (package.utils.to_categorical(x, classes) for package in (fastcnn, keras))
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "1", "I;16"])
@pytest.mark.parametrize("color_mode", ["rgb", "rgba", "grayscale"])
def test_image_files(keras, tmp_path, mode, color_mode):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    gray = np.random.default_rng(2).integers(0, 256, (13, 17), dtype=np.uint8)
    made = image.fromarray(gray.astype("uint16") * 257) if mode == "I;16" else image.fromarray(gray).convert(mode)
    made.save(tmp_path / "a.png")
    for options in (
        {},
        {"target_size": (9, 11)},
        {"target_size": (9, 30), "interpolation": "bilinear", "keep_aspect_ratio": True},
        {"target_size": (9, 3), "interpolation": "lanczos", "keep_aspect_ratio": True},
    ):
        ours, theirs = (
            package.utils.load_img(tmp_path / "a.png", color_mode, **options) for package in (fastcnn, keras)
        )
        assert ours.mode == theirs.mode
        for data_format in (None, "channels_last", "channels_first"):
            one, other = (package.utils.img_to_array(ours, data_format) for package in (fastcnn, keras))
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)
    if ours.mode != "I;16":
        for scale in (True, False):
            array = fastcnn.utils.img_to_array(ours)
            one, other = (package.utils.array_to_img(array, scale=scale) for package in (fastcnn, keras))
            assert one.mode == other.mode
            assert np.array_equal(np.asarray(one), np.asarray(other))
            for package in (fastcnn, keras):
                package.utils.save_img(tmp_path / f"{package.__name__}.png", array, scale=scale)
            one, other = (np.asarray(image.open(tmp_path / f"{name}.png")) for name in ("fastcnn", "keras"))
            assert np.array_equal(one, other)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(5, 5), (20, 8), (7, 30), (1, 9)])
@pytest.mark.parametrize("shape", [(10, 21, 3), (2, 17, 9, 1)])
def test_smart_resize(keras, shape, size, interpolation):
    x = np.random.default_rng(3).uniform(0, 255, shape).astype("float32")
    ours, theirs = (package.preprocessing.image.smart_resize(x, size, interpolation) for package in (fastcnn, keras))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
