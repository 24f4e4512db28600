# Sizes that the drivers of Winograd's algorithm share.
from fastcnn._core.kernels cimport gemm_blocking, table
from fastcnn._core.tasks cimport pieces


cdef inline Py_ssize_t whole_vectors(Py_ssize_t channels) noexcept:
    """Channels rounded up to whole vectors."""
    cdef Py_ssize_t vector = table().vector_length
    return pieces(channels, vector) * vector


cdef inline Py_ssize_t panel_width() noexcept:
    """Output channels in a tile of the matrix product."""
    cdef gemm_blocking sizes
    table().gemm_blocking(&sizes)
    return sizes.panel
