"""Which folders are searched, and in which order."""

from pathlib import Path

import pytest

from fastcnn.utils import cache


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in ("FASTCNN_HOME", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))


def test_order(monkeypatch, tmp_path):
    user = tmp_path / "user"
    assert cache.homes() == [user / ".cache" / "fastcnn", user / ".keras"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.homes() == [tmp_path / "xdg" / "fastcnn", user / ".keras"]
    monkeypatch.setenv("KERAS_HOME", "~/keras")
    assert cache.homes() == [user / "keras"]
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path / "own"))
    assert cache.homes() == [tmp_path / "own"]
    monkeypatch.setenv("FASTCNN_HOME", "")
    assert cache.homes() == [user / "keras"]


def test_no_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "~")
    with pytest.raises(RuntimeError, match="set FASTCNN_HOME"):
        cache.homes()


def test_find(tmp_path):
    user = tmp_path / "user"
    assert cache.find("a", "b") is None
    keras = make(user / ".keras" / "a")
    assert cache.find("a", "b") == keras
    own = make(user / ".cache" / "fastcnn" / "b")
    assert cache.find("a", "b") == own


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    return path
