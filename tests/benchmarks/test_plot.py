"""The picture of speed."""

import pytest

from fastcnn.benchmarks.contestants import CONTESTANTS
from fastcnn.benchmarks.plot import COLOURS, TITLES, draw
from fastcnn.benchmarks.programs import PROGRAMS


def test_everything_that_is_compared_can_be_drawn():
    assert set(TITLES) == set(PROGRAMS)
    assert set(COLOURS) == set(CONTESTANTS)


def test_draw(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "speed.svg"
    draw({"cifar": {"rows": {"fastcnn": {"best": 4.0}, "torch": {"best": 1.0}}}}, path)
    assert "fastcnn" in path.read_text() or path.stat().st_size > 1000
