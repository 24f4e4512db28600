"""Which kernels are used: all instruction sets of this machine, FASTCNN_ISA, select()."""

import pytest

from fastcnn._core import kernels

CODE = """
import numpy as np
import fastcnn
from fastcnn._core import call, kernels
from fastcnn._core.bias import AddBias
x, y = np.arange(23 * 7, dtype=np.float32).reshape(23, 7), np.empty((23, 7), np.float32)
call.run(AddBias(x, x[3], y))
assert (y == x + x[3]).all()
print(kernels.isa(), kernels.vector_length())
"""
VECTOR_LENGTHS = {"generic": 4, "avx2": 8, "avx512": 16}


def test_the_best_one_is_chosen(run_python):
    best = kernels.isas()[0]
    for unset in (None, ""):
        assert run_python(CODE, FASTCNN_ISA=unset) == f"{best} {VECTOR_LENGTHS[best]}\n"


@pytest.mark.parametrize("name", kernels.isas())
def test_the_environment_chooses(run_python, name):
    assert run_python(CODE, FASTCNN_ISA=name) == f"{name} {VECTOR_LENGTHS[name]}\n"


def test_an_unknown_name_is_an_import_error(run_python):
    message = run_python(CODE, fails=True, FASTCNN_ISA="avx9")
    assert message.splitlines()[-1] == (
        "ImportError: FASTCNN_ISA: instruction set 'avx9' is not available here; "
        f"this processor and build have {kernels.isas()}"
    )


def test_generic_is_everywhere():
    assert kernels.isas()[-1] == "generic"


def test_select_keeps_the_choice_where_the_name_is_wrong():
    before = kernels.isa()
    with pytest.raises(ValueError, match=r"instruction set 'AVX2' is not available here"):
        kernels.select("AVX2")
    assert kernels.isa() == before
