"""What a source distribution and an installation need is in the tree, and named once."""

import importlib.metadata
import re
from pathlib import Path

import pytest

import fastcnn

ROOT = Path(__file__).parents[2]


def test_the_version_is_stated_once():
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", fastcnn.__version__)


def test_an_installed_package_has_this_version():
    try:
        installed = importlib.metadata.version("fastcnn")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("fastcnn is used from the source tree, not installed")
    assert installed == fastcnn.__version__


def test_numpy_is_the_only_dependency():
    dependencies = re.search(r"^dependencies = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert re.fullmatch(r'"numpy>=[\d.]+"', dependencies.group(1))


@pytest.mark.parametrize("name", ["csrc/kernels.h", "LICENSE", "README.md", "MANIFEST.in", "setup.py"])
def test_the_sources_of_a_build_are_there(name):
    assert (ROOT / name).is_file()


def test_a_source_distribution_takes_all_sources():
    manifest = (ROOT / "MANIFEST.in").read_text()
    assert "graft csrc" in manifest
    taken = re.search(r"^recursive-include fastcnn (.*)$", manifest, re.MULTILINE).group(1).split()
    suffixes = {path.suffix for path in (ROOT / "fastcnn").rglob("*") if path.is_file()}
    by_setuptools, built = {".py"}, {".so", ".pyc"}
    patterns = {Path(pattern).suffix for pattern in taken}
    assert suffixes - by_setuptools - built <= patterns
