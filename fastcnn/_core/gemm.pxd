# How a matrix product is cut into tasks: shared by the plain product and the one fused with an optimizer.
cdef struct Grid:
    Py_ssize_t rows      # of a tile of C in registers
    Py_ssize_t panel     # columns of a tile
    Py_ssize_t depth     # steps of k in a piece
    Py_ssize_t pieces    # of k
    Py_ssize_t height    # of a task's block of C
    Py_ssize_t width
    Py_ssize_t blocks_m
    Py_ssize_t blocks_n


cdef Grid grid_of(Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, Py_ssize_t tasks_by_pieces) noexcept
