"""Folders of images as data sets: which files, labels and parts, their pixels, and what goes wrong."""

import re
import threading

import numpy as np
import pytest

import fastcnn
from fastcnn import layers
from fastcnn.utils import image_dataset_from_directory
from fastcnn.utils.image_file import Layout, read_image

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
NUMBERS = {"ant": range(7), "bee": range(7, 11), "cat": range(11, 16)}


def picture(number, size=(9, 6)):
    """An image whose pixels tell its number."""
    width, height = size
    pixels = np.add.outer(np.arange(height), np.arange(width))[..., None] + np.array([number, 2 * number, 100])
    return Image.fromarray(pixels.astype("uint8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folders of three classes: files of all kinds, one of them deeper, and what is no image."""
    root = tmp_path_factory.mktemp("images")
    for name, numbers in NUMBERS.items():
        (root / name / "deeper").mkdir(parents=True)
        for number in numbers:
            suffix = ("png", "BMP", "gif", "jpg")[number % 4]
            place = "deeper/" if number % 5 == 4 else ""
            picture(number).save(
                root / name / f"{place}{number:02d}.{suffix}", **({"quality": 100} if suffix == "jpg" else {})
            )
        (root / name / "notes.txt").write_text("no image")
    (root / ".hidden").mkdir()
    return root


def load(folder, **options):
    options = {"image_size": (6, 9), "shuffle": False, "verbose": False, **options}
    return image_dataset_from_directory(folder, **options)


def number_of(path):
    return int(re.search(r"(\d+)\.\w+$", path).group(1))


def everything(dataset):
    """All images and labels."""
    images, labels = zip(*dataset, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_files_labels_and_pixels(folder, capsys):
    dataset = load(folder, batch_size=5, verbose=True)
    assert capsys.readouterr().out == "Found 16 files belonging to 3 classes.\n"
    assert dataset.class_names == ["ant", "bee", "cat"]
    assert len(dataset) == dataset.cardinality() == 4
    images, labels = everything(dataset)
    assert images.dtype == np.float32
    assert labels.dtype == np.int32
    assert [len(batch) for batch, _ in dataset] == [5, 5, 5, 1]
    for path, image, label in zip(dataset.file_paths, images, labels, strict=True):
        number = number_of(path)
        assert path.startswith(str(folder / dataset.class_names[label]))
        assert number in NUMBERS[dataset.class_names[label]]
        tolerance = 0 if path.endswith(("png", "BMP")) else 6
        np.testing.assert_allclose(image, np.asarray(picture(number)), atol=tolerance)
    again = everything(dataset)
    assert np.array_equal(again[0], images)


def test_labels(folder):
    one_hot = everything(load(folder, label_mode="categorical"))[1]
    assert one_hot.dtype == np.float32
    assert np.array_equal(one_hot.argmax(1), everything(load(folder))[1])
    dataset = load(folder, label_mode="binary", class_names=["cat", "ant"])
    assert dataset.class_names == ["cat", "ant"]
    labels = everything(dataset)[1]
    assert labels.dtype == np.float32
    assert np.array_equal(labels, [[0]] * 5 + [[1]] * 7)
    for dataset in (load(folder, labels=None), load(folder, label_mode=None)):
        assert dataset.class_names is None
        assert [batch.shape for batch in dataset] == [(16, 6, 9, 3)]
    given = load(folder, labels=[*range(15), 3])
    assert given.class_names == [str(number) for number in range(15)]
    assert everything(given)[1].tolist() == [*range(15), 3]


def test_shuffled_by_the_seed(folder):
    ordered = load(folder)
    first, second, other = (load(folder, shuffle=True, seed=seed) for seed in (4, 4, 5))
    paths = np.array(ordered.file_paths)
    np.random.RandomState(4).shuffle(paths)
    assert first.file_paths == second.file_paths == paths.tolist()
    assert other.file_paths != first.file_paths
    rounds = [[everything(dataset) for _ in range(2)] for dataset in (first, second)]
    for one, two in zip(*rounds, strict=True):
        assert np.array_equal(one[0], two[0])
        assert np.array_equal(one[1], two[1])
    assert not np.array_equal(rounds[0][0][1], rounds[0][1][1])
    images, labels = rounds[0][1]
    for image, label in zip(images, labels, strict=True):
        assert int(image[0, 0, 0].round()) in np.add.outer(list(NUMBERS.values())[label], range(-3, 4))
    fastcnn.utils.set_random_seed(8)
    drawn = load(folder, shuffle=True).file_paths
    fastcnn.utils.set_random_seed(8)
    assert load(folder, shuffle=True).file_paths == drawn


def test_split(folder, capsys):
    options = {"validation_split": 0.3, "seed": 3, "shuffle": True}
    both = load(folder, subset="both", verbose=True, **options)
    assert capsys.readouterr().out.splitlines()[1:] == ["Using 12 files for training.", "Using 4 files for validation."]
    parts = [load(folder, subset=subset, **options) for subset in ("training", "validation")]
    assert [part.file_paths for part in both] == [part.file_paths for part in parts]
    assert [len(part.file_paths) for part in parts] == [12, 4]
    whole = load(folder, shuffle=True, seed=3).file_paths
    assert parts[0].file_paths + parts[1].file_paths == whole
    validation = both[1]
    assert np.array_equal(everything(validation)[0], everything(validation)[0])  # in order


def test_single_images_and_layouts(folder):
    single = load(folder, batch_size=None)
    assert len(single) == 16
    images = [image for image, label in single]
    assert {image.shape for image in images} == {(6, 9, 3)}
    batched = everything(load(folder))[0]
    assert np.array_equal(images, batched)
    first = everything(load(folder, data_format="channels_first"))[0]
    assert first.flags.c_contiguous
    assert np.array_equal(first.transpose(0, 2, 3, 1), batched)
    assert everything(load(folder, color_mode="grayscale"))[0].shape == (16, 6, 9, 1)
    alpha = everything(load(folder, color_mode="rgba"))[0]
    assert np.array_equal(alpha[..., :3], batched)
    assert (alpha[..., 3] == 255).all()
    assert everything(load(folder, image_size=5))[0].shape == (16, 5, 5, 3)


@pytest.mark.parametrize(
    "interpolation", ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
)
def test_resizing(tmp_path, interpolation):
    Image.new("RGB", (20, 10), (10, 200, 30)).save(tmp_path / "a.png")
    y = np.full((7, 12, 3), np.nan, "float32")
    read_image(str(tmp_path / "a.png"), Layout((7, 12), 3, interpolation, "stretch"), y)
    np.testing.assert_allclose(y, np.broadcast_to([10, 200, 30], y.shape), rtol=1e-5)
    read_image(str(tmp_path / "a.png"), Layout((7, 12), 3, interpolation, "pad"), y)
    np.testing.assert_allclose(y[:6], np.broadcast_to([10, 200, 30], (6, 12, 3)), rtol=1e-5)
    assert not y[6:].any()
    halves = np.zeros((10, 20, 3), "uint8")
    halves[:, 5:15] = 9
    Image.fromarray(halves).save(tmp_path / "b.png")
    y = np.full((5, 5, 3), np.nan, "float32")
    read_image(str(tmp_path / "b.png"), Layout((5, 5), 3, interpolation, "crop"), y)
    np.testing.assert_allclose(y, 9, rtol=1e-5)


def test_bilinear_values(tmp_path):
    Image.fromarray(np.array([[0, 100], [200, 40]], "uint8")).save(tmp_path / "a.png")
    y = np.empty((4, 1, 1), "float32")
    read_image(str(tmp_path / "a.png"), Layout((4, 1), 1, "bilinear", "stretch"), y)
    np.testing.assert_allclose(y.ravel(), [50, 67.5, 102.5, 120])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_modes(tmp_path, mode, channels):
    suffix = "tif" if mode in ("CMYK", "PA") else "png"
    gray = np.random.default_rng(0).integers(0, 256, (5, 7), dtype=np.uint8)
    image = Image.fromarray(gray).convert(mode) if mode != "I;16" else Image.fromarray(gray.astype("uint16") * 256 + 99)
    if suffix == "tif":
        image, suffix = image.convert("RGB"), "jpg"
    image.save(tmp_path / f"a.{suffix}", **({"quality": 100} if suffix == "jpg" else {}))
    y = np.empty((5, 7, channels), "float32")
    read_image(str(tmp_path / f"a.{suffix}"), Layout((5, 7), channels, "bilinear", "stretch"), y)
    expected = gray if mode != "1" else np.asarray(image.convert("L"))
    for channel in range(min(channels, 3)):
        np.testing.assert_allclose(y[..., channel], expected, atol=3 if suffix == "jpg" else 0)
    if channels == 4:
        assert (y[..., 3] == 255).all()


def test_interlaced_optimized_and_transparent_png(tmp_path):
    image = picture(3, (40, 30))
    image.save(tmp_path / "a.png", optimize=True)
    image.convert("P").save(tmp_path / "b.png", transparency=0)
    image.save(tmp_path / "c.png", transparency=(3, 6, 100))
    for name in "abc":
        y = np.empty((30, 40, 3), "float32")
        read_image(str(tmp_path / f"{name}.png"), Layout((30, 40), 3, "bilinear", "stretch"), y)
        with Image.open(tmp_path / f"{name}.png") as opened:
            assert np.array_equal(y, np.asarray(opened.convert("RGB")))


def test_a_model_trains(folder):
    train, validation = load(folder, validation_split=0.25, subset="both", shuffle=True, seed=1, batch_size=4)
    model = fastcnn.Sequential([layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, epochs=2, validation_data=validation, verbose=0)
    assert len(history.history["val_accuracy"]) == 2
    assert model.predict(validation, verbose=0).shape == (4, 3)
    assert len(model.evaluate(train, verbose=0)) == 2


def broken_file(root, name, content):
    (root / "class").mkdir()
    path = root / "class" / name
    path.write_bytes(content)
    picture(1).save(root / "class" / "good.png")
    return path


def png_bytes(tmp_path, size=(50, 40)):
    picture(2, size).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "whole.png").unlink()
    return content


DAMAGE = {
    "cut.png": lambda content: content[: len(content) // 2],
    "header.png": lambda content: content[:20],
    "text.jpg": lambda content: b"<html>not found</html>",
    "empty.jpg": lambda content: b"",
    "bytes.png": lambda content: content[:60] + bytes(20) + content[80:],
    "tiff.png": lambda content: b"II*\0" + bytes(100),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_broken_files_are_named(tmp_path, name):
    path = broken_file(tmp_path, name, DAMAGE[name](png_bytes(tmp_path)))
    before = threading.active_count()
    with pytest.raises(ValueError, match=re.escape(str(path)) + " is (damaged|no image)"):
        list(load(tmp_path))
    assert threading.active_count() == before


def test_large_images_are_refused(tmp_path, monkeypatch):
    path = broken_file(tmp_path, "large.png", png_bytes(tmp_path))
    picture(2, (50, 40)).save(tmp_path / "class" / "other.jpg")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1999)
    with pytest.raises(ValueError, match=re.escape(str(path)) + r".*50x40 pixels, more than the limit of 1999"):
        list(load(tmp_path, batch_size=1))
    path.unlink()
    with pytest.raises(ValueError, match=r"other\.jpg cannot be used"):
        list(load(tmp_path, batch_size=1))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert len(everything(load(tmp_path))[1]) == 2


def test_a_file_that_is_gone(tmp_path):
    path = broken_file(tmp_path, "a.png", png_bytes(tmp_path))
    dataset = load(tmp_path)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(str(path))):
        list(dataset)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "given"}, "`labels` argument should be a list/tuple of integer labels"),
        ({"labels": [1, 2]}, "len(labels) is 2 while we found 16 files"),
        ({"labels": [0.5] * 16}, "`labels` must be integers"),
        ({"labels": [7] * 16, "label_mode": "categorical"}, "`labels` must be from 0 to 0"),
        ({"labels": [1] * 16, "class_names": ["ant"]}, "`class_names` can only be given with `labels='inferred'`"),
        ({"labels": None, "class_names": ["ant"]}, "`class_names` can only be given"),
        ({"class_names": ["dog"]}, "Expected: ['ant', 'bee', 'cat']"),
        ({"label_mode": "one-hot"}, "`label_mode` argument must be one of"),
        ({"label_mode": "binary"}, "there must be exactly 2 class_names"),
        ({"color_mode": "gray"}, "unknown color_mode 'gray'; did you mean 'grayscale'?"),
        ({"image_size": (1, 2, 3)}, "Expected a tuple of 2 integers"),
        ({"image_size": (0, 3)}, "image_size must be an integer of at least 1, received 0"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1"),
        ({"interpolation": "linear"}, "did you mean 'bilinear'?"),
        ({"validation_split": 2}, "`validation_split` must be between 0 and 1, received: 2"),
        ({"validation_split": 0.2}, "If `subset` is set, `validation_split` must be set"),
        ({"subset": "training"}, "If `subset` is set, `validation_split` must be set"),
        ({"subset": "test", "validation_split": 0.2}, "unknown subset 'test'"),
        ({"subset": "training", "validation_split": 0.2, "shuffle": True}, "you must provide a `seed`"),
        ({"subset": "both", "validation_split": 0.01}, "leaves none for validation"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "Only one of"),
        ({"data_format": "first"}, "unknown data_format 'first'"),
        ({"format": "torch"}, "unknown format 'torch'"),
    ],
)
def test_bad_arguments(folder, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        load(folder, **options)


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(ValueError, match="No images found in directory"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere", labels=None)


def test_links_are_followed_on_demand(tmp_path, folder):
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "link").symlink_to(folder / "ant", target_is_directory=True)
    picture(1).save(tmp_path / "class" / "a.png")
    assert len(load(tmp_path).file_paths) == 1
    assert len(load(tmp_path, follow_links=True).file_paths) == 8


def test_without_pillow(run_python, folder):
    program = (
        "import sys; sys.modules['PIL'] = None; from fastcnn import utils; "
        f"utils.image_dataset_from_directory({str(folder)!r})"
    )
    assert "ImportError: reading and writing images needs Pillow: pip install pillow" in run_python(program, fails=True)
