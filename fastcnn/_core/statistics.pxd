# Statistics of channels that convolutions take of what a task has just written, while it is in the cache.
from fastcnn._core.kernels cimport kernel_table


cdef inline void add_statistics(const kernel_table* kernels, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t stride,
                                const float* x, float* count, float* mean, float* squares,
                                float* scratch) noexcept nogil:
    """Take `rows` more rows into mean and sum of squares of the `count` rows before; scratch has 2 * columns floats."""
    cdef float share, product, d
    cdef Py_ssize_t c
    if count[0] == 0:
        kernels.channel_statistics(rows, columns, stride, x, mean, squares)
    else:
        kernels.channel_statistics(rows, columns, stride, x, scratch, scratch + columns)
        share = rows / (count[0] + rows)
        product = count[0] * share
        for c in range(columns):
            d = scratch[c] - mean[c]
            mean[c] += d * share
            squares[c] += scratch[columns + c] + d * d * product
    count[0] += rows


cdef struct Tiles:
    Py_ssize_t down, across, size     # of an image; rows and columns of a tile
    Py_ssize_t height, width, pixel   # of y


cdef inline float tile_statistics(const kernel_table* kernels, const Tiles* tiles, Py_ssize_t tile, Py_ssize_t last,
                                  Py_ssize_t outputs, const float* y, float* mean, float* squares,
                                  float* scratch) noexcept nogil:
    """Mean and sum of squares of the pixels of y's tiles from `tile` to `last`, and how many there are; run by run of
    pixels side by side."""
    cdef float count = 0
    cdef Py_ssize_t image, top, left, right, rows, row, run
    while tile < last:
        image = tile // (tiles.across * tiles.down)
        top = tile // tiles.across % tiles.down * tiles.size
        left = tile % tiles.across * tiles.size
        run = min(last - tile, tiles.across - tile % tiles.across)
        right = min(left + run * tiles.size, tiles.width)
        rows = min(tiles.size, tiles.height - top)
        if right - left == tiles.width:
            right, rows = left + rows * tiles.width, 1
        for row in range(top, top + rows):
            add_statistics(kernels, right - left, outputs, tiles.pixel,
                           y + ((image * tiles.height + row) * tiles.width + left) * tiles.pixel, &count, mean,
                           squares, scratch)
        tile += run
    return count
