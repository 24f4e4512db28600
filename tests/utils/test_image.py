"""Images to arrays and back."""

import io
import re

import numpy as np
import pytest

from fastcnn.utils import array_to_img, img_to_array, load_img, save_img

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("data_format", [None, "channels_last", "channels_first"])
def test_round_trip(tmp_path, channels, data_format):
    shape = (channels, 5, 7) if data_format == "channels_first" else (5, 7, channels)
    array = np.random.default_rng(0).integers(0, 256, shape)
    path = tmp_path / "image.png"
    save_img(path, array, data_format=data_format, scale=False)
    image = load_img(path, color_mode={1: "grayscale", 3: "rgb", 4: "rgba"}[channels])
    assert image.size == (7, 5)
    result = img_to_array(image, data_format=data_format)
    assert result.dtype == np.float32
    assert result.flags.c_contiguous
    assert result.flags.writeable
    assert np.array_equal(result, array)


def test_scaling():
    array = np.array([[[-1.0], [0.0], [1.0]]])
    assert np.asarray(array_to_img(array)).tolist() == [[0, 127, 255]]
    assert not np.asarray(array_to_img(np.full((2, 2, 3), 7))).any()
    assert array.min() == -1
    assert array_to_img(np.full((2, 2, 1), 1000), scale=False).mode == "I"


def test_resizing():
    file = io.BytesIO()
    array = np.zeros((10, 20, 3), "uint8")
    array[:, 5:15] = 255
    save_img(file, array, file_format="png")

    def load(**arguments):
        return img_to_array(load_img(io.BytesIO(file.getvalue()), **arguments))

    assert load(target_size=(10, 20)).shape == (10, 20, 3)
    whole = load(target_size=(5, 5), interpolation="bilinear")
    assert whole.shape == (5, 5, 3)
    assert whole.min() < 100
    middle = load(target_size=(5, 5), keep_aspect_ratio=True)
    assert (middle == 255).all()
    tall = load(target_size=(10, 2), keep_aspect_ratio=True)
    assert (tall == 255).all()


def test_modes_and_formats(tmp_path):
    save_img(str(tmp_path / "gray.jpg"), np.zeros((4, 4, 1)))
    assert load_img(str(tmp_path / "gray.jpg")).mode == "RGB"
    with pytest.warns(UserWarning, match="JPEG has no transparency"):
        save_img(tmp_path / "image.jpg", np.zeros((4, 4, 4)))
    assert load_img(tmp_path / "image.jpg", "grayscale").mode == "L"
    for file_format in ("jpg", "JPEG", "PNG", "tif", "bmp"):
        save_img(tmp_path / "image", np.zeros((4, 4, 3)), file_format=file_format)
        assert load_img(tmp_path / "image").size == (4, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_img("a.png", color_mode="gray"), "unknown color_mode 'gray'; did you mean 'grayscale'?"),
        (lambda: load_img("a.png", interpolation="linear"), "did you mean 'bilinear'?"),
        (lambda: load_img("a.png", target_size=(0, 5)), "target_size must be (height, width), both at least 1"),
        (lambda: array_to_img(np.zeros((2, 2))), "three axes height, width, channels, not of shape (2, 2)"),
        (lambda: array_to_img(np.zeros((0, 2, 3))), "not of shape (0, 2, 3)"),
        (lambda: array_to_img(np.zeros((2, 2, 2))), "x must have 1, 3 or 4 channels, not 2"),
        (lambda: array_to_img(np.zeros((2, 2, 3)), "last"), "unknown data_format 'last'"),
        (lambda: save_img("image", np.zeros((2, 2, 3))), "path have a suffix such as .png; path is 'image'"),
        (lambda: save_img(io.BytesIO(), np.zeros((2, 2, 3))), "file_format must be given"),
        (lambda: save_img("image.pngg", np.zeros((2, 2, 3))), "unknown suffix of a path '.pngg'; did you mean '.png'?"),
        (lambda: save_img("image", np.zeros((2, 2, 3)), file_format="pmg"), "unknown file_format 'pmg'; did you mean"),
        (lambda: img_to_array(np.zeros(3)), "not something of shape (3,)"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_without_pillow(run_python):
    program = "import sys; sys.modules['PIL'] = None; from fastcnn import utils; utils.array_to_img([[[1]]])"
    assert "ImportError: reading and writing images needs Pillow: pip install pillow" in run_python(program, fails=True)
