"""`fastcnn predict`: images of all kinds, and what is wrong with models and images."""

import sys

import numpy as np
import pytest

from fastcnn import layers
from fastcnn.cli import main

image_module = pytest.importorskip("PIL.Image")


@pytest.fixture
def picture(tmp_path):
    """A function that writes an image file of one colour."""

    def make(name, mode, colour, size=(6, 4)):
        path = tmp_path / name
        image_module.new("RGB" if mode == "P" else mode, size, colour).convert(mode).save(path)
        return path

    return make


def predict(capsys, *arguments):
    assert main(["predict", *map(str, arguments)]) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    return output


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("mode", "name", "dark", "light"),
    [
        ("L", "gray.png", 0, 255),
        ("L", "gray.jpg", 0, 255),
        ("RGB", "colour.png", (0, 0, 0), (255, 255, 255)),
        ("RGBA", "transparent.png", (0, 0, 0, 0), (255, 255, 255, 255)),
        ("P", "palette.gif", (0, 0, 0), (255, 255, 255)),
        ("1", "bits.png", 0, 1),
    ],
)
def test_kinds_of_images(mode, name, dark, light, channels, brightness_model, picture, capsys):
    model = brightness_model(channels)
    shown = [picture(f"{number}{name}", mode, colour) for number, colour in enumerate((dark, light))]
    first, second = predict(capsys, model, *shown).splitlines()
    assert first.startswith(f"{shown[0]}: 0 (")
    assert second.startswith(f"{shown[1]}: 1 (")


def test_transparency_counts_where_the_model_takes_it(brightness_model, picture, capsys):
    clear = picture("clear.png", "RGBA", (150, 150, 150, 0))
    opaque = picture("opaque.png", "RGB", (150, 150, 150))
    first, second = predict(capsys, brightness_model(channels=4), clear, opaque).splitlines()
    assert first.startswith(f"{clear}: 0 (")
    assert second.startswith(f"{opaque}: 1 (")
    assert ": 0 (" in predict(capsys, brightness_model(channels=4), clear, "--invert")


def test_gray_of_16_bits(brightness_model, picture, capsys):
    dim = picture("dim.png", "I;16", 20_000)
    bright = picture("bright.png", "I;16", 60_000)
    first, second = predict(capsys, brightness_model(), dim, bright).splitlines()
    assert first.startswith(f"{dim}: 0 (")
    assert second.startswith(f"{bright}: 1 (")


def test_size_is_made_to_fit(brightness_model, picture, capsys):
    assert ": 1 (" in predict(capsys, brightness_model(), picture("large.png", "L", 200, size=(640, 480)))


def test_invert(brightness_model, picture, capsys):
    assert ": 0 (" in predict(capsys, brightness_model(), picture("light.png", "L", 255), "--invert")


def test_top_classes(brightness_model, picture, capsys):
    path = picture("half.png", "L", 127)
    chance = 1 / (1 + np.exp(24 * (0.5 - 127 / 255)))
    expected = f"{path}: 0 ({1 - chance:.2%}), 1 ({chance:.2%})\n"
    assert predict(capsys, brightness_model(), path, "--top", 2) == expected
    assert predict(capsys, brightness_model(), path, "--top", 5) == expected


def test_logits(brightness_model, picture, capsys):
    path = picture("half.png", "L", 127)
    with_softmax = predict(capsys, brightness_model(), path)
    assert predict(capsys, brightness_model(activation=None), path) == with_softmax


def test_unreadable_images_are_reported_and_left_out(brightness_model, picture, tmp_path, capsys):
    text = tmp_path / "notes.txt"
    text.write_text("no image")
    cut = picture("cut.png", "L", 255, size=(60, 40))
    cut.write_bytes(cut.read_bytes()[:50])
    missing, good = tmp_path / "missing.png", picture("good.png", "L", 255)
    assert main(["predict", *map(str, (brightness_model(), text, tmp_path, cut, missing, good))]) == 2
    output, errors = capsys.readouterr()
    assert output.startswith(f"{good}: 1 (")
    assert output.count("\n") == 1
    assert errors.splitlines() == [
        f"fastcnn predict: '{text}' cannot be read: it is no image, or a damaged one",
        f"fastcnn predict: '{tmp_path}' cannot be read: Is a directory",
        f"fastcnn predict: '{cut}' cannot be read: it is no image, or a damaged one",
        f"fastcnn predict: there is no file '{missing}'",
    ]


def test_missing_model(refused, tmp_path):
    assert "there is no file" in refused("predict", tmp_path / "none.fastcnn", "image.png")


def test_no_traceback(run_command):
    assert run_command("predict", "none.fastcnn", "a.png") == (
        2, "", "fastcnn predict: there is no file 'none.fastcnn'\n",
    )  # fmt: skip


def test_no_model_file(refused, tmp_path):
    path = tmp_path / "text.fastcnn"
    path.write_text("no model")
    assert str(path) in refused("predict", path, "image.png")


def test_model_that_takes_no_images(refused, saved):
    path = saved(layers.Input((5,)), layers.Dense(3))
    assert "takes inputs of shape (None, 5), not images" in refused("predict", path, "image.png")


def test_model_with_two_channels(refused, saved):
    path = saved(layers.Input((4, 4, 2)), layers.Flatten(), layers.Dense(3))
    assert "takes inputs of shape (None, 4, 4, 2), not images" in refused("predict", path, "image.png")


@pytest.mark.parametrize("top", [[layers.Conv2D(2, 3)], [layers.Flatten(), layers.Dense(1)]])
def test_model_that_tells_no_classes(top, refused, saved):
    path = saved(layers.Input((4, 4, 1)), *top)
    assert "not classes: (None, 2 or more)" in refused("predict", path, "image.png")


def test_without_pillow(refused, brightness_model, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert 'needs Pillow: pip install "fastcnn[images]"' in refused("predict", brightness_model(), "image.png")
