"""The peak loop, that kernels are measured against, does the work that it says it does."""

from fastcnn._core import kernels

KERNELS = {"fma_peak"}


def test_peak_counts_its_operations(isa):
    assert kernels.fma_peak(10) == 10 * 12 * 2 * kernels.vector_length()
