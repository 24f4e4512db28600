"""The checker of built wheels finds what it should, on wheels made up of a few bytes."""

import runpy
import zipfile
from pathlib import Path

import numpy as np
import pytest

CHECKER = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "check_wheel.py"))
GOOD = {
    "fastcnn/__init__.py": b"",
    "fastcnn/py.typed": b"",
    "fastcnn/datasets/mnist_small.npz": b"images",
    "fastcnn/_core/call.cpython-311-x86_64-linux-gnu.so": b"code",
    "fastcnn/_core/kernels.cpython-311-x86_64-linux-gnu.so": b"code",
    "fastcnn-0.1.0.dist-info/METADATA": b"",
    "fastcnn-0.1.0.dist-info/licenses/LICENSE": b"",
}


@pytest.fixture
def wheel(tmp_path):
    """A function that writes a wheel of the given members."""

    def write(members):
        path = tmp_path / "fastcnn-0.1.0-cp311-cp311-linux_x86_64.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return write


def noise(size):
    return np.random.default_rng(0).bytes(size)


def test_a_good_wheel(wheel, capsys):
    assert CHECKER["main"]([str(wheel(GOOD))]) == 0
    assert capsys.readouterr().out.endswith("MB: good\n")


def test_no_wheel_is_no_success():
    assert CHECKER["main"]([]) == 1


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith(("__init__.py", "METADATA"))])
def test_what_is_missing(wheel, name):
    members = {key: content for key, content in GOOD.items() if key != name}
    assert any("it lacks" in problem for problem in CHECKER["problems"](wheel(members)))


@pytest.mark.parametrize("name", ["csrc/conv.c", "fastcnn/_core/call.pyx", "tests/test_floors.py", "build/x.o"])
def test_what_does_not_belong(wheel, name):
    assert CHECKER["problems"](wheel({**GOOD, name: b""})) == [f"{name} does not belong into it"]


def test_sizes(wheel):
    code = "fastcnn/_core/kernels.cpython-311-x86_64-linux-gnu.so"
    images = "fastcnn/datasets/mnist_small.npz"
    assert CHECKER["problems"](wheel({**GOOD, code: noise(3_900_000), images: noise(1_900_000)})) == []
    assert CHECKER["problems"](wheel({**GOOD, code: noise(4_100_000)})) == [
        "it has 4.10 MB without the embedded images, more than 4"
    ]
    assert CHECKER["problems"](wheel({**GOOD, code: noise(3_900_000), images: noise(2_200_000)})) == [
        "it has 6.10 MB, more than 6"
    ]
