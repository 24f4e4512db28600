"""Names that are looked up when asked for."""

import pytest

import fastcnn
from fastcnn import callbacks, models, utils


@pytest.mark.parametrize("package", [fastcnn, callbacks, models, utils])
def test_names_are_there(package):
    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert getattr(package, name) is getattr(package, name)


def test_unknown_names():
    with pytest.raises(AttributeError, match=r"module 'fastcnn\.callbacks' has no attribute 'Stopping'"):
        callbacks.Stopping  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from fastcnn import nothing  # noqa: F401


def test_what_is_not_needed_is_not_imported(run_python):
    code = "import sys, fastcnn; fastcnn.Sequential(); print(*sys.modules)"
    modules = set(run_python(code).split())
    assert "fastcnn.trainers.trainer" in modules
    assert not modules & {"fastcnn.datasets", "fastcnn.saving", "fastcnn.utils.image", "json", "tempfile", "urllib"}
