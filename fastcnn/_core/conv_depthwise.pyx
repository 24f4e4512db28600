# Depthwise convolution, in which each of the C channels has M filters of its own, and its gradients.
#
#     DepthwiseConv(x[N,H,W,C], w[R,S,1,C*M], y[N,OH,OW,C*M], bias[C*M] or None, ...)
#     DepthwiseInputGradient(w[R,S,1,C*M], dy[N,OH,OW,C*M], dx[N,H,W,C], ...)
#     DepthwiseWeightGradient(x, dy, partials[P,R,S,1,C*M], ...)    the sum over P = depthwise_pieces(...) is dw
#
# A task is a band of rows of one image, of about BAND_BYTES; for the weights, a run of bands. Nothing is padded: a band
# is cut into rectangles whose outputs see the same taps inside of the image, and the kernels get only these taps. The
# gradient of the input is a convolution of dy with the taps in reverse order, for each phase of the stride one: the
# pixels of dx that are alike modulo the stride meet the same taps. With M > 1, the rows of x that a band sees are first
# copied to scratch with each channel M times; and dx is summed from such rows.
import numpy as np

from libc.math cimport INFINITY
from libc.string cimport memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport conv_shape, kernel_table, table

cdef Py_ssize_t BAND_BYTES = 256 * 1024
cdef Py_ssize_t PIECES = 16  # partial gradients to aim at, if not one for each image


# One dimension of a convolution as its outputs see it: output i lies at first + i * step; through tap t, whose weight
# is number w_first + t * w_step, it sees position i * stride + t * dilation - before of the `size` that the input has.
cdef struct Direction:
    Py_ssize_t outputs, first, step
    Py_ssize_t stride, dilation, before, size
    Py_ssize_t taps, w_first, w_step


# Outputs [first, end) of a direction, which see taps [tap, tap_end) of it.
cdef struct Span:
    Py_ssize_t first, end, tap, tap_end


cdef inline Direction forward(Py_ssize_t outputs, Py_ssize_t size, Py_ssize_t taps, Py_ssize_t stride,
                              Py_ssize_t dilation, Py_ssize_t before) noexcept nogil:
    """Of the convolution itself."""
    return Direction(outputs, 0, 1, stride, dilation, before, size, taps, 0, 1)


cdef inline Direction backward(Py_ssize_t phase, const Direction* conv) noexcept nogil:
    """Of the gradient with respect to the inputs at phase, phase + stride, ... of a convolution."""
    cdef Direction d
    cdef Py_ssize_t step = 1, first = 0
    while step * conv.dilation % conv.stride:
        step += 1
    d.outputs = (conv.size - phase + conv.stride - 1) // conv.stride
    d.first, d.step, d.stride = phase, conv.stride, 1
    d.dilation, d.size = step * conv.dilation // conv.stride, conv.outputs
    while first < conv.taps and (phase + conv.before - first * conv.dilation) % conv.stride:
        first += 1
    # tap `first` sees dy at number (phase + before - first * dilation) / stride, each further one d.dilation before it
    d.taps = (conv.taps - first + step - 1) // step if first < min(conv.taps, step) else 0
    d.before = (d.taps - 1) * d.dilation - (phase + conv.before - first * conv.dilation) // conv.stride
    d.w_first, d.w_step = first + (d.taps - 1) * step, -step
    return d


cdef inline Py_ssize_t first_inside(const Direction* d, Py_ssize_t output) noexcept nogil:
    """The first tap that sees a position of at least 0."""
    cdef Py_ssize_t missing = d.before - output * d.stride
    return min((missing + d.dilation - 1) // d.dilation, d.taps) if missing > 0 else 0


cdef inline Py_ssize_t end_inside(const Direction* d, Py_ssize_t output) noexcept nogil:
    """The first tap that sees a position behind the last."""
    cdef Py_ssize_t left = d.size + d.before - output * d.stride
    return min((left + d.dilation - 1) // d.dilation, d.taps) if left > 0 else 0


cdef inline Span span(const Direction* d, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
    """The longest run of outputs from `first` on, before `end`, that see the same taps."""
    cdef Span found
    found.tap, found.tap_end = first_inside(d, first), end_inside(d, first)
    found.first, found.end = first, first + 1
    while found.end < end and first_inside(d, found.end) == found.tap and end_inside(d, found.end) == found.tap_end:
        found.end += 1
    found.tap_end = max(found.tap, found.tap_end)
    return found


ctypedef void (*rectangle_kernel)(const conv_shape* shape, const float* x, const float* w, const float* bias,
                                  float* y) noexcept nogil


cdef struct Maps:
    const kernel_table* kernels
    const float* w       # or NULL: y is the gradient of the outputs, and that of the weights is added to dw
    float* dw
    const float* bias
    float low, high
    Py_ssize_t channels  # C * M
    Py_ssize_t taps_across
    Py_ssize_t x_width, y_width


cdef void rectangles(const Maps* m, const Direction* down, const Direction* across, Py_ssize_t first, Py_ssize_t end,
                     const float* x, float* y) noexcept nogil:
    """The rows [first, end) of outputs of one image; x and y are its rows number 0."""
    cdef conv_shape shape
    cdef Span rows, columns
    cdef const float* corner
    cdef float* output
    cdef Py_ssize_t c = m.channels, weight
    shape.outputs, shape.low, shape.high = c, m.low, m.high
    shape.x_row, shape.x_pixel = down.stride * m.x_width * c, across.stride * c
    shape.x_tap_row, shape.x_tap_column = down.dilation * m.x_width * c, across.dilation * c
    shape.w_tap_row, shape.w_tap_column = down.w_step * m.taps_across * c, across.w_step * c
    shape.y_row, shape.y_pixel = down.step * m.y_width * c, across.step * c
    rows.end = first
    while rows.end < end:
        rows = span(down, rows.end, end)
        columns.end = 0
        while columns.end < across.outputs:
            columns = span(across, columns.end, across.outputs)
            shape.rows, shape.columns = rows.end - rows.first, columns.end - columns.first
            shape.taps_down, shape.taps_across = rows.tap_end - rows.tap, columns.tap_end - columns.tap
            corner, weight = x, 0
            if shape.taps_down and shape.taps_across:
                corner += ((rows.first * down.stride + rows.tap * down.dilation - down.before) * m.x_width
                           + columns.first * across.stride + columns.tap * across.dilation - across.before) * c
                weight = ((down.w_first + rows.tap * down.w_step) * m.taps_across
                          + across.w_first + columns.tap * across.w_step) * c
            output = y + ((down.first + rows.first * down.step) * m.y_width
                          + across.first + columns.first * across.step) * c
            if m.w != NULL:
                m.kernels.conv_depthwise(&shape, corner, m.w + weight, m.bias, output)
            else:
                m.kernels.conv_depthwise_weight_gradient(&shape, corner, output, m.dw + weight)


cdef struct DepthwiseArgs:
    Maps maps
    Direction down, across  # of the convolution
    const float* x          # the input; of the input's gradient, dy
    float* y                # the output; of the input's gradient, dx; of the weights' gradient, dy
    Py_ssize_t images, channels, multiplier
    Py_ssize_t bands, pieces
    float* statistics
    float* weights


cdef const float* repeated(const DepthwiseArgs* a, const float* image, Direction* down, Py_ssize_t first,
                           Py_ssize_t end, float* scratch) noexcept nogil:
    """The rows of an image that the output rows [first, end) see, with each channel as often as it has filters.

    Where it has several these rows are copied, and the direction changed to count from the first of them."""
    if a.multiplier == 1:
        return image
    cdef Py_ssize_t top = min(max(first * down.stride - down.before, 0), down.size)
    cdef Py_ssize_t bottom = (end - 1) * down.stride + (down.taps - 1) * down.dilation + 1 - down.before
    bottom = min(max(bottom, top), down.size)
    cdef Py_ssize_t row = a.across.size * a.channels
    a.maps.kernels.repeat_elements((bottom - top) * row, a.multiplier, image + top * row, scratch)
    down.before += top
    down.size = bottom - top
    return scratch


cdef void conv_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const DepthwiseArgs* a = <const DepthwiseArgs*>arguments
    cdef Py_ssize_t image = task // a.bands, band = task % a.bands
    cdef Py_ssize_t first = cut(a.down.outputs, a.bands, band), end = cut(a.down.outputs, a.bands, band + 1)
    cdef Direction down = a.down
    cdef const float* x = a.x + image * a.down.size * a.across.size * a.channels
    x = repeated(a, x, &down, first, end, <float*>scratch)
    cdef Py_ssize_t row = a.across.outputs * a.maps.channels, pixels = (end - first) * a.across.outputs
    cdef float* y = a.y + image * a.down.outputs * row
    rectangles(&a.maps, &down, &a.across, first, end, x, y)
    cdef float* mean = a.statistics + 2 * task * a.maps.channels
    if a.statistics != NULL:
        a.weights[task] = pixels
        a.maps.kernels.channel_statistics(pixels, a.maps.channels, a.maps.channels, y + first * row, mean,
                                          mean + a.maps.channels)


cdef void input_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const DepthwiseArgs* a = <const DepthwiseArgs*>arguments
    cdef Py_ssize_t image = task // a.bands, band = task % a.bands
    cdef Py_ssize_t blocks = (a.down.size + a.down.stride - 1) // a.down.stride  # of rows of all phases
    cdef Py_ssize_t first = cut(blocks, a.bands, band), end = cut(blocks, a.bands, band + 1)
    cdef Py_ssize_t top = first * a.down.stride, bottom = min(end * a.down.stride, a.down.size)
    cdef const float* dy = a.x + image * a.down.outputs * a.across.outputs * a.maps.channels
    cdef float* dx = a.y + (image * a.down.size + top) * a.across.size * a.channels
    cdef float* rows = dx if a.multiplier == 1 else <float*>scratch
    cdef Direction down, across
    cdef Py_ssize_t i, j
    for i in range(a.down.stride):
        down = backward(i, &a.down)
        down.first -= top
        for j in range(a.across.stride):
            across = backward(j, &a.across)
            rectangles(&a.maps, &down, &across, first, min(end, down.outputs), dy, rows)
    if a.multiplier > 1:
        a.maps.kernels.sum_repeats((bottom - top) * a.across.size * a.channels, a.multiplier, rows, dx)


cdef void weight_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const DepthwiseArgs* a = <const DepthwiseArgs*>arguments
    cdef Py_ssize_t dw = a.down.taps * a.across.taps * a.maps.channels
    cdef Maps maps = a.maps
    cdef Direction down
    cdef const float* x
    cdef Py_ssize_t unit, image, first, end
    maps.dw += task * dw
    memset(maps.dw, 0, dw * sizeof(float))
    for unit in range(cut(a.images * a.bands, a.pieces, task), cut(a.images * a.bands, a.pieces, task + 1)):
        image = unit // a.bands
        first = cut(a.down.outputs, a.bands, unit % a.bands)
        end = cut(a.down.outputs, a.bands, unit % a.bands + 1)
        down = a.down
        x = a.x + image * a.down.size * a.across.size * a.channels
        x = repeated(a, x, &down, first, end, <float*>scratch)
        rectangles(&maps, &down, &a.across, first, end, x,
                   a.y + image * a.down.outputs * a.across.outputs * a.maps.channels)


cdef int fill(DepthwiseArgs* a, object x_shape, object y_shape, object taps, object strides, object padding,
              object dilation) except -1:
    """All of the arguments that follow from shapes; `padding` is (top, left)."""
    a.images, a.channels = x_shape[0], x_shape[3]
    a.multiplier = y_shape[3] // max(a.channels, 1)
    a.down = forward(y_shape[1], x_shape[1], taps[0], strides[0], dilation[0], padding[0])
    a.across = forward(y_shape[2], x_shape[2], taps[1], strides[1], dilation[1], padding[1])
    a.maps.kernels = table()
    a.maps.channels, a.maps.taps_across = y_shape[3], taps[1]
    a.maps.x_width, a.maps.y_width = x_shape[2], y_shape[2]
    a.maps.low, a.maps.high = -INFINITY, INFINITY
    cdef Py_ssize_t row = 4 * a.maps.channels * (strides[0] * x_shape[2] + y_shape[2])  # bytes of x and y
    a.bands = max(min(a.down.outputs * row // BAND_BYTES, a.down.outputs), 1)
    a.pieces = max(min(PIECES, a.images * a.bands), 1)
    if a.images > PIECES and a.down.outputs * a.across.outputs >= 4 * taps[0] * taps[1]:
        a.pieces = a.images  # so that each belongs to one image, where these have more pixels than the weights
    return 0


cdef Py_ssize_t band_scratch(const DepthwiseArgs* a) noexcept:
    """Bytes for the rows of x that a band sees, with repeated channels."""
    if a.multiplier <= 1:
        return 0
    cdef Py_ssize_t rows = (a.down.outputs + a.bands - 1) // a.bands
    rows = min((rows - 1) * a.down.stride + (a.down.taps - 1) * a.down.dilation + 1, a.down.size)
    return 4 * max(rows, 0) * a.across.size * a.maps.channels


cdef double flops(const DepthwiseArgs* a) noexcept:
    return 2.0 * a.images * a.down.outputs * a.across.outputs * a.maps.channels * a.down.taps * a.across.taps


cdef class DepthwiseConv(Call):
    """y = activation(depthwise convolution of x with w, plus bias). With `statistics`, each task takes those of its
    band: `pieces` [P, 2, C*M] are mean and squared distances of `weights` [P] pixels."""

    cdef DepthwiseArgs a
    cdef readonly object pieces, weights

    def __init__(self, x, w, y, bias=None, *, strides, padding, dilation, relu=False, statistics=False):
        cdef DepthwiseArgs* a = &self.a
        fill(a, x.shape, y.shape, w.shape[:2], strides, padding, dilation)
        a.maps.w, a.maps.bias = f32(w), NULL if bias is None else f32(bias)
        a.maps.low = 0 if relu else -INFINITY
        a.x, a.y = f32(x), f32(y)
        cdef Py_ssize_t tasks = a.images * a.bands if y.size else 0
        writes = (y,)
        if statistics:
            self.pieces = np.empty((tasks, 2, a.maps.channels), np.float32)
            self.weights = np.empty(tasks, np.float32)
            a.statistics, a.weights = f32(self.pieces), f32(self.weights)
            writes = (y, self.pieces, self.weights)
        self.prepare(conv_task, a, tasks, band_scratch(a), flops(a), (x, w) if bias is None else (x, w, bias), writes)
        self.by_image(a.images, sizeof(DepthwiseArgs))


cdef class DepthwiseInputGradient(Call):
    """dx, the gradient of the input of a depthwise convolution."""

    cdef DepthwiseArgs a

    def __init__(self, w, dy, dx, *, strides, padding, dilation):
        cdef DepthwiseArgs* a = &self.a
        fill(a, dx.shape, dy.shape, w.shape[:2], strides, padding, dilation)
        a.maps.w = f32(w)
        a.maps.x_width, a.maps.y_width = dy.shape[2], dx.shape[2]
        a.x, a.y = f32(dy), f32(dx)
        cdef Py_ssize_t blocks = (a.down.size + a.down.stride - 1) // a.down.stride
        a.bands = max(min(a.bands, blocks), 1)
        cdef Py_ssize_t scratch = 0
        if a.multiplier > 1:
            scratch = 4 * (blocks + a.bands - 1) // a.bands * a.down.stride * a.across.size * a.maps.channels
        self.prepare(input_gradient_task, a, a.images * a.bands if dx.size else 0, scratch, flops(a), (w, dy), (dx,))
        self.by_image(a.images, sizeof(DepthwiseArgs))


def depthwise_pieces(x_shape, dy_shape, *, kernel_size, strides, padding, dilation):
    """How many partial gradients of the weights the images are cut into; a function of shapes only."""
    cdef DepthwiseArgs a
    fill(&a, x_shape, dy_shape, kernel_size, strides, padding, dilation)
    return a.pieces


cdef class DepthwiseWeightGradient(Call):
    """partials[P,R,S,1,C*M], whose sum over P is the gradient of the weights of a depthwise convolution."""

    cdef DepthwiseArgs a

    def __init__(self, x, dy, partials, *, kernel_size, strides, padding, dilation):
        cdef DepthwiseArgs* a = &self.a
        fill(a, x.shape, dy.shape, kernel_size, strides, padding, dilation)
        cdef Py_ssize_t dw = a.down.taps * a.across.taps * a.maps.channels
        if partials.size != a.pieces * dw:
            raise ValueError(f"partials must hold {a.pieces} gradients of {dw} weights, received {partials.shape}")
        a.x, a.y, a.maps.dw = f32(x), f32(dy), f32(partials)
        self.prepare(weight_gradient_task, a, a.pieces if dw else 0, band_scratch(a), flops(a), (x, dy), (partials,))
        if a.pieces == a.images:
            self.by_image(a.images, sizeof(DepthwiseArgs))
