"""No kernel exists untested: the test modules of this folder name the kernels that they test."""

import ast
from pathlib import Path

from fastcnn._core import kernels


def claimed(path):
    """The set called KERNELS in a test module, read without importing it."""
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "KERNELS":
            return ast.literal_eval(statement.value)
    return set()


def test_every_kernel_is_claimed_by_a_test_module():
    modules = Path(__file__).parent.glob("test_*.py")
    assert set().union(*map(claimed, modules)) == set(kernels.kernel_names())
