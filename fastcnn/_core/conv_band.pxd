# A band of an image as convolution kernels want it: rows and columns counted from anywhere, zeros outside the image.
from libc.string cimport memcpy, memset


cdef inline void copy_band(const float* image, Py_ssize_t height, Py_ssize_t width, Py_ssize_t channels,
                           Py_ssize_t top, Py_ssize_t rows, Py_ssize_t left, Py_ssize_t columns,
                           float* band) noexcept nogil:
    """band[rows, columns, channels] = image[top:top + rows, left:left + columns], zeros where that lies outside."""
    cdef Py_ssize_t pixel = channels * sizeof(float)
    cdef Py_ssize_t before = min(max(-left, 0), columns)
    cdef Py_ssize_t inside = max(min(left + columns, width) - max(left, 0), 0)
    cdef Py_ssize_t i, row
    for i in range(rows):
        row = top + i
        if row < 0 or row >= height or inside == 0:
            memset(band, 0, columns * pixel)
        else:
            memset(band, 0, before * pixel)
            memcpy(band + before * channels, image + (row * width + max(left, 0)) * channels, inside * pixel)
            memset(band + (before + inside) * channels, 0, (columns - before - inside) * pixel)
        band += columns * channels


cdef inline Py_ssize_t cut(Py_ssize_t total, Py_ssize_t parts, Py_ssize_t index) noexcept nogil:
    """Where part number `index` begins when `total` is cut into `parts` nearly equal parts."""
    return total * index // parts
