"""Fixtures of the kernel tests: every instruction set that this machine has."""

import pytest

from fastcnn._core import kernels


@pytest.fixture(params=kernels.isas())
def isa(request):
    """Prepare calls with the kernels of one instruction set."""
    before = kernels.isa()
    kernels.select(request.param)
    yield request.param
    kernels.select(before)
