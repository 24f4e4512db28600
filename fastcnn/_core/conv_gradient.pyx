# Gradient of convolution weights.
#
#     ConvWeightGradient(x[N,H,W,C], dy[N,OH,OW,K], partials[P,R,S,C/groups,K], ...)
#         partials = what P pieces of the images give; their sum is the gradient. P = weight_gradient_pieces(...)
#
# The output rows of all images are cut into bands, whose x and dy the L2 cache holds; a piece is a run of bands. Where
# a band is a whole image and small, several are taken together, so that a tile of the gradient has many pixels to sum
# before it is added. A task is a piece of the images times a share of the taps and of the output channels, which it
# owns in that piece's partial gradient. All of this depends on shapes only. With few input channels (the first layer) a
# tap would fill little of a tile: the taps of a row, contiguous in x, are then taken together as S * C channels, on a
# copy of the band with zeros around it.
from libc.string cimport memset

from fastcnn._core.buffer cimport f32
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport copy_band, cut
from fastcnn._core.kernels cimport conv_gradient_shape, kernel_table, table

cdef Py_ssize_t BAND_BYTES = 256 * 1024     # of x and dy in a band
cdef Py_ssize_t SHARE_BYTES = 160 * 1024    # of the gradient that a task adds to
cdef Py_ssize_t PARTIAL_FLOATS = 1 << 21    # in all partial gradients together
cdef Py_ssize_t TASKS = 32                  # to aim at: enough for several threads to share evenly
cdef double TASK_FLOPS = 2e6                # not worth cutting below this
cdef Py_ssize_t OUTPUT_BLOCK = 64
cdef Py_ssize_t FEW_CHANNELS = 6


cdef struct GradientArgs:
    const kernel_table* kernels
    const float* x
    const float* dy
    float* partials
    Py_ssize_t images, height, width, channels, out_height, out_width, outputs
    Py_ssize_t taps_down, taps_across
    Py_ssize_t top, left, stride_down, stride_across, down, across
    Py_ssize_t groups, tap_channels
    Py_ssize_t bands, together, pieces, tap_shares, output_shares
    bint merged  # all taps of a row together
    bint narrow  # all groups together


cdef struct Interval:
    Py_ssize_t first, end


cdef inline Interval inside(Py_ssize_t shift, Py_ssize_t stride, Py_ssize_t size, Py_ssize_t first,
                            Py_ssize_t end) noexcept nogil:
    """The positions i in [first, end) for which stride * i + shift lies in [0, size)."""
    cdef Interval found
    found.first = max(first, (-shift + stride - 1) // stride if shift < 0 else 0)
    found.end = min(end, (size - shift + stride - 1) // stride if size > shift else 0)
    return found


cdef void add_tap(const GradientArgs* a, Py_ssize_t image, Py_ssize_t images, Py_ssize_t first, Py_ssize_t end,
                  Py_ssize_t r, Py_ssize_t s, Py_ssize_t k, Py_ssize_t k_end, float* dw) noexcept nogil:
    """Add the share of output rows [first, end) of some images to tap (r, s) of dw, output channels [k, k_end)."""
    cdef Interval rows = inside(r * a.down - a.top, a.stride_down, a.height, first, end)
    cdef Interval columns = inside(s * a.across - a.left, a.stride_across, a.width, 0, a.out_width)
    if rows.first >= rows.end or columns.first >= columns.end:
        return
    cdef conv_gradient_shape shape
    shape.images, shape.rows, shape.columns = images, rows.end - rows.first, columns.end - columns.first
    shape.channels, shape.outputs = a.tap_channels, k_end - k
    shape.x_row, shape.x_pixel = a.stride_down * a.width * a.channels, a.stride_across * a.channels
    shape.dy_row, shape.dy_pixel = a.out_width * a.outputs, a.outputs
    shape.x_image, shape.dy_image = a.height * a.width * a.channels, a.out_height * shape.dy_row
    shape.dw_channel = a.outputs
    cdef Py_ssize_t row = rows.first * a.stride_down + r * a.down - a.top
    cdef Py_ssize_t column = columns.first * a.stride_across + s * a.across - a.left
    cdef const float* x = a.x + ((image * a.height + row) * a.width + column) * a.channels
    cdef const float* dy = a.dy + ((image * a.out_height + rows.first) * a.out_width + columns.first) * a.outputs + k
    cdef Py_ssize_t group, group_outputs = a.outputs // a.groups
    dw += (r * a.taps_across + s) * a.tap_channels * a.outputs + k
    if a.narrow:
        shape.outputs = a.outputs
        a.kernels.conv_group_weight_gradient(&shape, group_outputs, x, dy, dw)
        return
    for group in range(a.groups):
        a.kernels.conv_weight_gradient(&shape, x + group * a.tap_channels, dy + group * group_outputs,
                                       dw + group * group_outputs)


cdef void add_band_merged(const GradientArgs* a, Py_ssize_t image, Py_ssize_t first, Py_ssize_t end,
                          Py_ssize_t r, Py_ssize_t r_end, float* band, float* dw) noexcept nogil:
    """The same for tap rows [r, r_end), all taps of a row taken together and all output channels."""
    cdef conv_gradient_shape shape
    cdef Py_ssize_t columns = (a.out_width - 1) * a.stride_across + a.taps_across
    copy_band(a.x + image * a.height * a.width * a.channels, a.height, a.width, a.channels,
              first * a.stride_down - a.top + r * a.down,
              (end - first - 1) * a.stride_down + (r_end - r - 1) * a.down + 1, -a.left, columns, band)
    shape.images, shape.rows, shape.columns = 1, end - first, a.out_width
    shape.channels, shape.outputs = a.taps_across * a.channels, a.outputs
    shape.x_row, shape.x_pixel = a.stride_down * columns * a.channels, a.stride_across * a.channels
    shape.dy_row, shape.dy_pixel = a.out_width * a.outputs, a.outputs
    shape.x_image = shape.dy_image = 0
    shape.dw_channel = a.outputs
    cdef Py_ssize_t tap
    for tap in range(r, r_end):
        a.kernels.conv_weight_gradient(&shape, band + (tap - r) * a.down * columns * a.channels,
                                       a.dy + (image * a.out_height + first) * a.out_width * a.outputs,
                                       dw + tap * shape.channels * a.outputs)


cdef void gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const GradientArgs* a = <const GradientArgs*>arguments
    cdef Py_ssize_t tap_share = task % a.tap_shares
    cdef Py_ssize_t output_share = task // a.tap_shares % a.output_shares
    cdef Py_ssize_t piece = task // a.tap_shares // a.output_shares
    cdef Py_ssize_t taps = a.taps_down if a.merged else a.taps_down * a.taps_across
    cdef Py_ssize_t tap_floats = (a.taps_across if a.merged else 1) * a.tap_channels
    cdef Py_ssize_t first_tap = cut(taps, a.tap_shares, tap_share), end_tap = cut(taps, a.tap_shares, tap_share + 1)
    cdef Py_ssize_t group_outputs = a.outputs // a.groups
    cdef Py_ssize_t blocks = (group_outputs + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK
    cdef Py_ssize_t k = cut(blocks, a.output_shares, output_share) * OUTPUT_BLOCK
    cdef Py_ssize_t k_end = min(cut(blocks, a.output_shares, output_share + 1) * OUTPUT_BLOCK, group_outputs)
    cdef float* dw = a.partials + piece * a.taps_down * a.taps_across * a.tap_channels * a.outputs
    cdef Py_ssize_t row, group, tap, image, images, first, end
    cdef Py_ssize_t unit = cut(a.images * a.bands, a.pieces, piece)
    cdef Py_ssize_t end_unit = cut(a.images * a.bands, a.pieces, piece + 1)
    for row in range(first_tap * tap_floats, end_tap * tap_floats):
        for group in range(a.groups):
            memset(dw + row * a.outputs + group * group_outputs + k, 0, (k_end - k) * sizeof(float))
    while unit < end_unit:
        image, images = unit // a.bands, min(a.together, end_unit - unit)
        first = cut(a.out_height, a.bands, unit % a.bands)
        end = cut(a.out_height, a.bands, unit % a.bands + 1)
        if a.merged:
            add_band_merged(a, image, first, end, first_tap, end_tap, <float*>scratch, dw)
        else:
            for tap in range(first_tap, end_tap):
                add_tap(a, image, images, first, end, tap // a.taps_across, tap % a.taps_across, k, k_end, dw)
        unit += images


cpdef bint is_narrow(Py_ssize_t channels, Py_ssize_t outputs):
    """Whether groups of so many channels and outputs are shaped as conv_group_weight_gradient takes them.

    They leave lanes of the other kernel idle; eight outputs fill AVX2's vector, but make the other's tile too small.
    """
    cdef Py_ssize_t lanes = table().vector_length
    return channels in (2, 4, 8) and channels <= outputs and (outputs < lanes or outputs == 8) and lanes % outputs == 0


cdef int fill(GradientArgs* a, object x_shape, object dy_shape, object kernel_size, object strides, object padding,
              object dilation, Py_ssize_t groups) except -1:
    """All of the arguments that follow from shapes."""
    a.images, a.height, a.width, a.channels = x_shape
    a.out_height, a.out_width, a.outputs = dy_shape[1:]
    a.taps_down, a.taps_across = kernel_size
    a.top, a.left = padding
    a.stride_down, a.stride_across = strides
    a.down, a.across = dilation
    a.tap_channels = a.channels // groups
    a.groups = groups
    a.narrow = groups > 1 and is_narrow(a.tap_channels, a.outputs // groups)
    a.merged = groups == 1 and a.channels <= FEW_CHANNELS and a.across == 1
    cdef Py_ssize_t taps = a.taps_down * a.taps_across
    cdef Py_ssize_t dw = max(taps * a.tap_channels * a.outputs, 1)
    cdef Py_ssize_t blocks = max((a.outputs // a.groups + OUTPUT_BLOCK - 1) // OUTPUT_BLOCK, 1)
    cdef Py_ssize_t row_bytes = 4 * (a.stride_down * a.width * a.channels + a.out_width * a.outputs)
    cdef Py_ssize_t rows = max(BAND_BYTES // max(row_bytes, 1), 1)
    a.bands = max((a.out_height + rows - 1) // rows, 1)
    a.together = 1 if a.merged or a.bands > 1 else max(rows // max(a.out_height, 1), 1)
    cdef double work = 2.0 * a.images * a.out_height * a.out_width * dw
    cdef Py_ssize_t shares = (4 * dw + SHARE_BYTES - 1) // SHARE_BYTES
    cdef Py_ssize_t wanted = max(min(TASKS, <Py_ssize_t>(work / TASK_FLOPS)), 1)
    a.pieces = max(min((wanted + shares - 1) // shares, a.images * a.bands, PARTIAL_FLOATS // dw), 1)
    shares = max(shares, min((wanted + a.pieces - 1) // a.pieces, 4 * shares))
    a.output_shares = 1 if a.merged else min(blocks, (shares + taps - 1) // taps)
    a.tap_shares = max(min(a.taps_down if a.merged else taps, (shares + a.output_shares - 1) // a.output_shares), 1)
    return 0


def weight_gradient_pieces(x_shape, dy_shape, *, kernel_size, strides, padding, dilation, groups):
    """How many partial gradients the images are cut into; a function of shapes only."""
    cdef GradientArgs a
    fill(&a, x_shape, dy_shape, kernel_size, strides, padding, dilation, groups)
    return a.pieces


cdef class ConvWeightGradient(Call):
    """partials[P,R,S,C/groups,K], whose sum over P is the gradient; `padding` is (top, left)."""

    cdef GradientArgs a

    def __init__(self, x, dy, partials, *, kernel_size, strides=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
        cdef GradientArgs* a = &self.a
        fill(a, x.shape, dy.shape, kernel_size, strides, padding, dilation, groups)
        cdef Py_ssize_t dw = a.taps_down * a.taps_across * a.tap_channels * a.outputs
        if partials.size != a.pieces * dw:
            raise ValueError(f"partials must hold {a.pieces} gradients of {dw} weights, received {partials.shape}")
        a.x, a.dy, a.partials = f32(x), f32(dy), f32(partials)
        a.kernels = table()
        cdef Py_ssize_t scratch = 0
        if a.merged:
            rows = (a.out_height + a.bands - 1) // a.bands
            scratch = 4 * a.channels * ((rows - 1) * a.stride_down + (a.taps_down - 1) * a.down + 1) * (
                (a.out_width - 1) * a.stride_across + a.taps_across)
        self.prepare(gradient_task, a, a.pieces * a.tap_shares * a.output_shares if dw else 0, max(scratch, 0),
                     2.0 * a.images * a.out_height * a.out_width * dw, (x, dy), (partials,))
