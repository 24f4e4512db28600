# Which instruction sets there are, and the table of the one in use.
#
# The choice is made once, at import: the best that the processor and the build have, or the one that the environment
# variable FASTCNN_ISA names. Drivers read the table when a call is prepared, so a prepared call keeps its kernels.
import os

from fastcnn._core.kernels cimport kernel_table


cdef extern from "kernels.h" nogil:
    const kernel_table* fastcnn_kernels(const char* isa)
    const char* const* fastcnn_isas()
    const char* const* fastcnn_kernel_names()


cdef extern from *:
    """
    #if defined(__clang__)
    #define FASTCNN_COMPILER "Clang " __clang_version__
    #else
    #define FASTCNN_COMPILER "GCC " __VERSION__
    #endif
    """
    const char* FASTCNN_COMPILER


cdef const kernel_table* chosen = NULL


cdef const kernel_table* table() noexcept nogil:
    return chosen


cdef list texts(const char* const* names):
    cdef list found = []
    cdef Py_ssize_t i = 0
    while names[i] != NULL:
        found.append(names[i].decode())
        i += 1
    return found


def isas():
    """Names of the instruction sets that can run here, best first."""
    return texts(fastcnn_isas())


def kernel_names():
    """Names of all kernels, in the order of the list in csrc/kernels.h."""
    return texts(fastcnn_kernel_names())


def isa():
    """Name of the instruction set in use."""
    return chosen.isa.decode()


def vector_length():
    """Floats in a vector of the instruction set in use."""
    return chosen.vector_length


def select(str name):
    """Use the kernels of the instruction set `name` for all calls prepared from now on."""
    global chosen
    cdef const kernel_table* found = fastcnn_kernels(name.encode())
    if found == NULL:
        raise ValueError(f"instruction set {name!r} is not available here; this processor and build have {isas()}")
    chosen = found


def compiler():
    """Name and version of the C compiler that made this build."""
    return FASTCNN_COMPILER.decode().strip()


def fma_peak(Py_ssize_t repeats):
    """Run the peak loop of csrc/peak.c on this thread; returns the number of floating-point operations done."""
    cdef float result = 0
    with nogil:
        chosen.fma_peak(repeats, &result)
    return float(repeats) * 12 * 2 * chosen.vector_length


try:
    select(os.environ.get("FASTCNN_ISA") or isas()[0])
except ValueError as error:
    raise ImportError(f"FASTCNN_ISA: {error}") from None
