"""Galleries of images."""

import re

import numpy as np
import pytest

from fastcnn.visualization import plot_image_gallery

IMAGES = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 3))


@pytest.fixture
def pyplot(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("agg")
    from matplotlib import pyplot

    yield pyplot
    assert not pyplot.get_fignums()


def test_saved_and_shown(tmp_path, pyplot, monkeypatch):
    options = {"y_true": [0, 1, 0, 1, 1], "y_pred": np.zeros(5, int), "label_map": {0: "cat", 1: "dog"}}
    plot_image_gallery(IMAGES, path=tmp_path / "a.png", **options)
    assert pyplot.imread(tmp_path / "a.png").std() > 0
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append([axis.get_title() for axis in pyplot.gcf().axes]))
    plot_image_gallery(IMAGES[..., :1].transpose(0, 3, 1, 2), cols=5, data_format="channels_first", **options)
    assert shown == [["Label: cat  Pred: cat", "Label: dog  Pred: cat"] * 2 + ["Label: dog  Pred: cat"]]
    plot_image_gallery(IMAGES, show=False)
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": IMAGES[0]}, "received one of shape (8, 8, 3)"),
        ({"images": IMAGES, "path": "a.png", "show": True}, "received both"),
        ({"images": IMAGES, "y_true": [0]}, "a `label_map` must also be provided"),
    ],
)
def test_errors(pyplot, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plot_image_gallery(**arguments)


def test_without_matplotlib(run_python):
    program = (
        "import sys; sys.modules['matplotlib'] = None; import numpy as np; from fastcnn import visualization; "
        "visualization.plot_image_gallery(np.zeros((1, 2, 2, 3)))"
    )
    assert "plot_image_gallery needs matplotlib: pip install matplotlib" in run_python(program, fails=True)
