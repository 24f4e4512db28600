# Convolution with 3x3 kernels and stride 1 by Winograd's F(m x m, 3x3), m = 4 or 2: a quarter of the products, or 4/9.
#
#     tile_size(...)                                        which m, if any: the one rule on shapes
#     weights_shape(m, C, K)                                shape of U, the workspace of transformed weights
#     WinogradWeights(w[3,3,C,K], U, ...)                   U from w, or from w flipped and transposed
#     Winograd(x[N,H,W,C], U, y, bias[K] or None, ...)      y, or its 2x2 max-pool with positions
#
# A task takes a block of tiles, of one image or several, through input transform, products and output transform, so
# that all in between stays in the L2 cache; where blocks are few or U is large, for one share of the output channels.
# Shares are the outermost loop of the tasks: a share of U is used by all blocks, then the next.
import os

from libc.math cimport INFINITY, NAN
from libc.stdint cimport uint8_t

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport gemm_blocking, kernel_table, product, table, winograd_shape

cdef Py_ssize_t BLOCK_TILES = 18           # three register tiles of the matrix product
cdef Py_ssize_t BLOCK_BYTES = 1024 * 1024  # of V and P at most
cdef Py_ssize_t SHARE_BYTES = 16 << 20     # of U, read again for each block
cdef Py_ssize_t FEW_TASKS = 8              # below so many blocks the output channels are shared out
cdef Py_ssize_t WEIGHT_CHANNELS = 16       # of a task that transforms weights
cdef Py_ssize_t APART = 16                 # floats that keep equal steps from meeting in one set of a cache

# The rule's calibration (measured on AVX-512): what the transforms of a tile cost, in products per channel of x and
# of y; and the gain by that count from which on Winograd is taken.
TRANSFORMS = {4: 400, 2: 130}
GAIN_WORTH_IT = 1.2

enabled = os.environ.get("FASTCNN_WINOGRAD") != "0"  # see fastcnn.config


cdef Py_ssize_t whole_vectors(Py_ssize_t channels) noexcept:
    """Channels rounded up to whole vectors."""
    cdef Py_ssize_t vector = table().vector_length
    return (channels + vector - 1) // vector * vector


cdef Py_ssize_t panel_width() noexcept:
    """Output channels in a tile of the matrix product."""
    cdef gemm_blocking sizes
    table().gemm_blocking(&sizes)
    return sizes.panel


def tile_size(channels, outputs, y_size, *, kernel_size, strides=(1, 1), dilation=(1, 1), groups=1):
    """The m of F(m x m, 3x3) for a convolution to maps of `y_size`, 0 where the direct kernel is faster.

    Costs are products for each image. They do not depend on the batch, so that training and prediction, whatever their
    batches, give the same bits.
    """
    if not enabled or (*kernel_size, *strides, *dilation, groups) != (3, 3, 1, 1, 1, 1, 1):
        return 0
    costs = {0: 9 * y_size[0] * y_size[1] * channels * outputs / GAIN_WORTH_IT}
    for size, transforms in TRANSFORMS.items():
        tiles = -(-y_size[0] // size) * -(-y_size[1] // size)
        costs[size] = tiles * ((size + 2) ** 2 * channels * outputs + transforms * (channels + outputs))
    return min(costs, key=costs.get)


def weights_shape(Py_ssize_t size, Py_ssize_t channels, Py_ssize_t outputs):
    """Shape of U for F(size x size, 3x3): (panels of outputs, frequencies, channels * panel and a gap)."""
    cdef Py_ssize_t panel = panel_width(), frequencies = (size + 2) * (size + 2)
    return (outputs + panel - 1) // panel, frequencies, channels * min(panel, whole_vectors(outputs)) + APART


def is_transformed(weights):
    """Whether a workspace for weights is U."""
    return weights is not None and weights.ndim == 3


def size_of(u):
    """The m of transformed weights."""
    return {36: 4, 16: 2}[u.shape[1]]


def filter_name(u):
    """What a profile says of convolutions with these transformed weights."""
    return f"winograd F({size_of(u)}x{size_of(u)}, 3x3)"


cdef struct WeightsArgs:
    const kernel_table* kernels
    const float* w
    float* u
    Py_ssize_t size, channels, outputs, panel, chunks
    Py_ssize_t u_panel, u_frequency, u_channel
    bint flipped


cdef void weights_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WeightsArgs* a = <const WeightsArgs*>arguments
    cdef Py_ssize_t k = task // a.chunks * a.panel, outputs = min(a.panel, a.outputs - k)
    cdef Py_ssize_t c = task % a.chunks * WEIGHT_CHANNELS, channels = min(WEIGHT_CHANNELS, a.channels - c)
    cdef Py_ssize_t tap
    cdef float* u = a.u + task // a.chunks * a.u_panel + c * a.u_channel
    cdef float* turned = <float*>scratch
    if not a.flipped:
        a.kernels.winograd_weights(a.size, channels, outputs, a.w + c * a.outputs + k, a.channels * a.outputs,
                                   a.outputs, u, a.u_frequency, a.u_channel)
        return
    for tap in range(9):
        a.kernels.transpose_block(outputs, channels, a.channels, outputs, a.w + (tap * a.outputs + k) * a.channels + c,
                                  turned + (8 - tap) * channels * outputs)
    a.kernels.winograd_weights(a.size, channels, outputs, turned, channels * outputs, outputs, u, a.u_frequency,
                               a.u_channel)


cdef class WinogradWeights(Call):
    """U of the weights w[3,3,C,K]; if `flipped`, of w turned by half a circle with C and K exchanged."""

    cdef WeightsArgs a

    def __init__(self, w, u, *, flipped=False):
        cdef WeightsArgs* a = &self.a
        a.kernels, a.w, a.u = table(), f32(w), f32(u)
        a.channels, a.outputs = (w.shape[3], w.shape[2]) if flipped else (w.shape[2], w.shape[3])
        a.size = size_of(u)
        a.panel = panel_width()
        a.u_panel, a.u_frequency = u.shape[1] * u.shape[2], u.shape[2]
        a.u_channel = min(a.panel, whole_vectors(a.outputs))
        a.chunks = (a.channels + WEIGHT_CHANNELS - 1) // WEIGHT_CHANNELS
        a.flipped = flipped
        cdef Py_ssize_t scratch = 4 * 9 * WEIGHT_CHANNELS * a.panel if flipped else 0
        self.prepare(weights_task, a, u.shape[0] * a.chunks, scratch, 10.0 * u.size, (w,), (u,))


cdef struct WinogradArgs:
    const kernel_table* kernels
    winograd_shape shape
    const float* x
    const float* u
    const float* bias
    float* y
    uint8_t* argmax
    Py_ssize_t tiles, block_tiles, blocks, shares, panels, panel
    Py_ssize_t u_panel, u_frequency, u_channel


cdef void winograd_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WinogradArgs* a = <const WinogradArgs*>arguments
    cdef Py_ssize_t first = cut(a.tiles, a.blocks, task % a.blocks)
    cdef Py_ssize_t count = cut(a.tiles, a.blocks, task % a.blocks + 1) - first
    cdef Py_ssize_t first_panel = cut(a.panels, a.shares, task // a.blocks), k = first_panel * a.panel
    cdef winograd_shape shape = a.shape
    shape.outputs = min(cut(a.panels, a.shares, task // a.blocks + 1) * a.panel, a.shape.outputs) - k
    cdef float* v = <float*>scratch
    cdef float* p = v + a.block_tiles * shape.v_tile
    a.kernels.winograd_input(&shape, first, count, a.x, v)
    cdef product step
    step.a_row, step.a_step, step.b_step, step.b_panel = shape.v_tile, 1, a.u_channel, a.u_panel
    step.m, step.n, step.k = count, shape.outputs, shape.channels
    cdef Py_ssize_t f
    for f in range((shape.size + 2) * (shape.size + 2)):
        step.a = v + f * shape.v_frequency
        step.b = a.u + first_panel * a.u_panel + f * a.u_frequency
        a.kernels.gemm(&step, NULL, 0, p + f * shape.p_frequency, shape.p_tile)
    cdef const float* bias = a.bias + k if a.bias != NULL else NULL
    if a.argmax != NULL:
        a.kernels.winograd_output_pool(&shape, first, count, p, bias, a.y + k, a.argmax + k)
    else:
        a.kernels.winograd_output(&shape, first, count, p, bias, a.y + k)


cdef class Winograd(Call):
    """y[N,OH,OW,K] = activation(convolution of x with the weights of U, plus bias); with `argmax` (uint8) y is the
    2x2 max-pool of that, as in ConvMaxPool. `padding` is (top, left), of either sign."""

    cdef WinogradArgs a

    def __init__(self, x, u, y, bias=None, argmax=None, *, padding=(0, 0), relu=False):
        cdef WinogradArgs* a = &self.a
        cdef winograd_shape* shape = &a.shape
        cdef Py_ssize_t images = x.shape[0], window = 1 if argmax is None else 2, frequencies = u.shape[1]
        a.kernels, a.x, a.u, a.y = table(), f32(x), f32(u), f32(y)
        a.bias = NULL if bias is None else f32(bias)
        a.argmax = NULL if argmax is None else u8(argmax)
        shape.size = size_of(u)
        shape.height, shape.width, shape.channels = x.shape[1:]
        shape.top, shape.left = padding
        shape.y_height, shape.y_width, shape.outputs = y.shape[1:]
        shape.y_pixel = shape.outputs
        shape.tiles_down = (shape.y_height * window + shape.size - 1) // shape.size
        shape.tiles_across = (shape.y_width * window + shape.size - 1) // shape.size
        # A lower bound of NaN never wins a window: there is no activation.
        shape.low = 0 if relu else -INFINITY if argmax is None else NAN
        a.panel = panel_width()
        a.panels, a.u_panel, a.u_frequency = u.shape[0], frequencies * u.shape[2], u.shape[2]
        a.u_channel = min(a.panel, whole_vectors(shape.outputs))
        a.tiles = images * shape.tiles_down * shape.tiles_across
        shape.v_frequency, shape.p_frequency = whole_vectors(shape.channels), whole_vectors(shape.outputs)
        shape.v_tile = frequencies * shape.v_frequency + APART
        a.block_tiles = min(BLOCK_BYTES // (8 * shape.v_tile), (a.tiles + FEW_TASKS - 1) // FEW_TASKS, BLOCK_TILES)
        a.block_tiles = max((a.block_tiles + 5) // 6, 1) * 6
        a.blocks = max((a.tiles + a.block_tiles - 1) // a.block_tiles, 1)
        a.shares = max((4 * u.size + SHARE_BYTES - 1) // SHARE_BYTES, (FEW_TASKS + a.blocks - 1) // a.blocks)
        a.shares = max(min(a.shares, a.panels), 1)
        cdef Py_ssize_t share_outputs = (a.panels + a.shares - 1) // a.shares * a.panel
        shape.p_frequency = min(whole_vectors(shape.outputs), share_outputs)
        shape.p_tile = frequencies * shape.p_frequency + APART
        cdef double work = 2.0 * a.tiles * frequencies * shape.channels * shape.outputs
        reads = (x, u) if bias is None else (x, u, bias)
        self.prepare(winograd_task, a, a.blocks * a.shares if a.tiles and shape.outputs else 0,
                     4 * a.block_tiles * (shape.v_tile + shape.p_tile), work,
                     reads, (y,) if argmax is None else (y, argmax))
