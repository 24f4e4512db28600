# Pointers into NumPy arrays, checked: C-contiguous and of the element type asked for. Whoever takes a pointer keeps
# the array alive (Call.prepare does so for all arrays named in reads and writes).
from cpython.buffer cimport PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int32_t, int64_t, uint8_t


cdef inline void* checked_data(object array, bytes kinds, Py_ssize_t itemsize, str wanted) except? NULL:
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    cdef bytes code = bytes(view.format) if view.format != NULL else b"B"
    cdef void* data = view.buf
    cdef bint right = view.itemsize == itemsize and len(code) == 1 and code in kinds
    PyBuffer_Release(&view)
    if not right:
        raise TypeError(f"expected an array of {wanted}, received one of {getattr(array, 'dtype', code)}")
    return data


cdef inline float* f32(object array) except? NULL:
    return <float*>checked_data(array, b"f", 4, "float32")


cdef inline double* f64(object array) except? NULL:
    return <double*>checked_data(array, b"d", 8, "float64")


cdef inline int32_t* i32(object array) except? NULL:
    return <int32_t*>checked_data(array, b"il", 4, "int32")


cdef inline int64_t* i64(object array) except? NULL:
    return <int64_t*>checked_data(array, b"lq", 8, "int64")


cdef inline uint8_t* u8(object array) except? NULL:
    return <uint8_t*>checked_data(array, b"B", 1, "uint8")
