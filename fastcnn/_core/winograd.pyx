# Convolution with 3x3 kernels and stride 1 by Winograd's F(m x m, 3x3), m = 4, 3 or 2: a quarter of the products, or 25
# of 81, or 4 of 9. And the gradient of its input, which is such a convolution too.
#
#     tile_size(...)                                        which m, if any: the one rule on shapes
#     weights_shape(m, C, K)                                shape of U, the workspace of transformed weights
#     WinogradWeights(w[3,3,C,K], U, ...)                   U from w, or from w with channels exchanged, and flipped
#     Winograd(x[N,H,W,C], U, y, bias[K] or None, ...)      y, or its 2x2 max-pool with positions
#     WinogradMapGradient(dy[N,OH,OW,K], U, dx, ...)        dx where dy is one tile: the forward pass transposed, which
#                                                           takes one tile where the convolution of dy may take four
#
# With `bfloat16` V and U are pairs of channels, and the points of F(4x4, 3x3) others: see csrc/winograd_bfloat16.c.
#
# A task takes a block of tiles, of one image or several, through input transform, products and output transform, so
# that all in between stays in the L2 cache; where blocks are few or U is large, for one share of the output channels.
# Shares are the outermost loop of the tasks: a share of U is used by all blocks, then the next.
import os

import numpy as np

from libc.math cimport INFINITY, NAN
from libc.stdint cimport uint8_t
from libc.string cimport memset

from fastcnn._core.buffer cimport f32, u8
from fastcnn._core.call cimport Call
from fastcnn._core.conv_band cimport cut
from fastcnn._core.kernels cimport (
    kernel_table,
    product,
    table,
    winograd_gradient_shape,
    winograd_shape,
)
from fastcnn._core.statistics cimport Tiles, tile_statistics
from fastcnn._core.winograd_sizes cimport panel_width, whole_vectors

cdef Py_ssize_t BLOCK_TILES = 18           # three register tiles of the matrix product
cdef Py_ssize_t FUSED_CHANNELS = 64        # with at most so many, products and output of F(4x4) in bfloat16 are one
cdef Py_ssize_t FUSED_TILES = 16           # four of its register tiles
cdef Py_ssize_t PAIRS = 8                  # of channels in bfloat16 that lie together
cdef Py_ssize_t HALF_FLOATS = 4 * 6 * 16   # of a tile between its two parts
cdef Py_ssize_t BLOCK_BYTES = 1024 * 1024  # of V and P at most
cdef Py_ssize_t SHARE_BYTES = 16 << 20     # of U, read again for each block
cdef Py_ssize_t FEW_TASKS = 8              # below so many blocks the output channels are shared out
cdef Py_ssize_t WEIGHT_CHANNELS = 16       # of a task that transforms weights
cdef Py_ssize_t APART = 16                 # floats that keep equal steps from meeting in one set of a cache

# The rule's calibration (measured on AVX-512): what the transforms of a tile cost, in products per channel of x and
# of y; and the gain by that count from which on Winograd is taken.
TRANSFORMS = {4: 400, 3: 250, 2: 130}
GAIN_WORTH_IT = 1.2
BFLOAT16_PRODUCTS = 0.5  # the cost of a product in bfloat16

enabled = os.environ.get("FASTCNN_WINOGRAD") != "0"  # see fastcnn.config


def tile_size(channels, outputs, y_size, *, kernel_size, strides=(1, 1), dilation=(1, 1), groups=1, pool=False,
              dy_size=None, bfloat16=False):
    """The m of F(m x m, 3x3) for a convolution to maps of `y_size`, 0 where the direct kernel is faster.

    With `pool`, windows of 2x2 must not cross tiles. For an input gradient, `dy_size` tells whether maps are one tile.
    Costs are products for each image. They do not depend on the batch, so that training and prediction, whatever their
    batches, give the same bits.
    """
    if not enabled or (*kernel_size, *strides, *dilation, groups) != (3, 3, 1, 1, 1, 1, 1):
        return 0
    costs = {0: 9 * y_size[0] * y_size[1] * channels * outputs / GAIN_WORTH_IT}
    for size, transforms in TRANSFORMS.items():
        if pool and size % 2:
            continue
        tiles = -(-y_size[0] // size) * -(-y_size[1] // size)
        if dy_size is not None and not bfloat16 and is_one_tile(size, dy_size):
            tiles = 1
        products = (size + 2) ** 2 * channels * outputs * (BFLOAT16_PRODUCTS if bfloat16 else 1)
        costs[size] = tiles * (products + transforms * (channels + outputs))
    return min(costs, key=costs.get)


def is_one_tile(size, dy_size):
    """Whether WinogradMapGradient serves for maps of `dy_size`."""
    return size > 2 and 0 < min(dy_size) and max(dy_size) <= size


def weights_shape(Py_ssize_t size, Py_ssize_t channels, Py_ssize_t outputs, bint bfloat16=False):
    """Shape of U for F(size x size, 3x3): (panels of outputs, frequencies, channels * panel and a gap)."""
    cdef Py_ssize_t panel = panel_width(), frequencies = (size + 2) * (size + 2)
    if bfloat16:
        channels = (channels + 1) // 2
    return (outputs + panel - 1) // panel, frequencies, channels * min(panel, whole_vectors(outputs)) + APART


def is_transformed(weights):
    """Whether a workspace for weights is U."""
    return weights is not None and weights.ndim == 3


def size_of(u):
    """The m of transformed weights."""
    return {36: 4, 25: 3, 16: 2}[u.shape[1]]


def filter_name(u):
    """What a profile says of convolutions with these transformed weights."""
    return f"winograd F({size_of(u)}x{size_of(u)}, 3x3): the cheapest tile for 3x3, stride 1, on these maps"


cdef struct WeightsArgs:
    const kernel_table* kernels
    const float* w
    float* u
    Py_ssize_t size, channels, outputs, panel, chunks
    Py_ssize_t u_panel, u_frequency, u_channel
    bint transposed, flipped, bfloat16


cdef void weights_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WeightsArgs* a = <const WeightsArgs*>arguments
    cdef Py_ssize_t k = task // a.chunks * a.panel, outputs = min(a.panel, a.outputs - k)
    cdef Py_ssize_t c = task % a.chunks * WEIGHT_CHANNELS, channels = min(WEIGHT_CHANNELS, a.channels - c)
    cdef Py_ssize_t tap
    cdef float* u = a.u + task // a.chunks * a.u_panel
    cdef float* turned = <float*>scratch
    cdef const float* w = a.w + c * a.outputs + k
    cdef Py_ssize_t w_tap = a.channels * a.outputs, w_channel = a.outputs
    if a.transposed:
        for tap in range(9):
            a.kernels.transpose_block(outputs, channels, a.channels, outputs,
                                      a.w + (tap * a.outputs + k) * a.channels + c,
                                      turned + (8 - tap if a.flipped else tap) * channels * outputs)
        w, w_tap, w_channel = turned, channels * outputs, outputs
    if a.bfloat16:
        round_weights(a, w, w_tap, w_channel, channels, outputs, u + c // 2 * a.u_channel,
                      turned + 9 * WEIGHT_CHANNELS * a.panel)
    else:
        a.kernels.winograd_weights(a.size, channels, outputs, w, w_tap, w_channel, u + c * a.u_channel, a.u_frequency,
                                   a.u_channel)


cdef void round_weights(const WeightsArgs* a, const float* w, Py_ssize_t w_tap, Py_ssize_t w_channel,
                        Py_ssize_t channels, Py_ssize_t outputs, float* u, float* whole) noexcept nogil:
    """Some channels of U by way of float32, in `whole`."""
    cdef Py_ssize_t frequency = WEIGHT_CHANNELS * a.u_channel, f
    a.kernels.winograd_weights_bfloat16(a.size, channels, outputs, w, w_tap, w_channel, whole, frequency, a.u_channel)
    for f in range((a.size + 2) * (a.size + 2)):
        a.kernels.row_pairs(channels, outputs, whole + f * frequency, a.u_channel, u + f * a.u_frequency, a.u_channel)


cdef class WinogradWeights(Call):
    """U of the weights w[3,3,C,K]; if `transposed`, of w with C and K exchanged; if `flipped` too, turned by half a
    circle."""

    cdef WeightsArgs a

    def __init__(self, w, u, *, transposed=False, flipped=False, bfloat16=False):
        cdef WeightsArgs* a = &self.a
        a.kernels, a.w, a.u = table(), f32(w), f32(u)
        a.channels, a.outputs = (w.shape[3], w.shape[2]) if transposed else (w.shape[2], w.shape[3])
        a.size = size_of(u)
        a.panel = panel_width()
        a.u_panel, a.u_frequency = u.shape[1] * u.shape[2], u.shape[2]
        a.u_channel = min(a.panel, whole_vectors(a.outputs))
        a.chunks = (a.channels + WEIGHT_CHANNELS - 1) // WEIGHT_CHANNELS
        a.transposed, a.flipped, a.bfloat16 = transposed, flipped, bfloat16
        cdef Py_ssize_t taps = (a.size + 2) * (a.size + 2) + 9 if bfloat16 else 9 if transposed else 0
        cdef Py_ssize_t scratch = 4 * taps * WEIGHT_CHANNELS * a.panel
        self.prepare(weights_task, a, u.shape[0] * a.chunks, scratch, 10.0 * u.size, (w,), (u,))


cdef struct WinogradArgs:
    const kernel_table* kernels
    winograd_shape shape
    const float* x
    const float* u
    const float* bias
    float* y
    uint8_t* argmax
    float* statistics
    float* weights
    Py_ssize_t tiles, block_tiles, blocks, shares, panels, panel
    Py_ssize_t u_panel, u_frequency, u_channel
    Py_ssize_t v_floats  # of a block
    bint bfloat16
    bint fused           # products and output are one kernel


cdef struct Block:
    winograd_shape shape  # of a share of the outputs
    Py_ssize_t first_tile, tiles
    Py_ssize_t first_panel, first_output
    float* v
    float* p


cdef Block block_of(const WinogradArgs* a, Py_ssize_t task, char* scratch) noexcept nogil:
    """What a task works on."""
    cdef Block block
    cdef Py_ssize_t share = task // a.blocks
    block.shape = a.shape
    block.first_tile = cut(a.tiles, a.blocks, task % a.blocks)
    block.tiles = cut(a.tiles, a.blocks, task % a.blocks + 1) - block.first_tile
    block.first_panel = cut(a.panels, a.shares, share)
    block.first_output = block.first_panel * a.panel
    block.shape.outputs = min(cut(a.panels, a.shares, share + 1) * a.panel, a.shape.outputs) - block.first_output
    block.v = <float*>scratch
    block.p = block.v + a.v_floats
    return block


cdef void multiply(const WinogradArgs* a, const Block* block, Py_ssize_t v_frequency, Py_ssize_t frequency,
                   Py_ssize_t count) noexcept nogil:
    """`count` products, from a frequency of U and P on, which V has as its number v_frequency."""
    cdef const winograd_shape* shape = &block.shape
    cdef product step
    cdef Py_ssize_t f
    step.a_row, step.a_step, step.b_step, step.b_panel = shape.v_tile, 1, a.u_channel, a.u_panel
    step.m, step.n = block.tiles, shape.outputs
    step.k = (shape.channels + 1) // 2 if a.bfloat16 else shape.channels
    for f in range(count):
        step.a = block.v + (v_frequency + f) * shape.v_frequency
        step.b = a.u + block.first_panel * a.u_panel + (frequency + f) * a.u_frequency
        if a.bfloat16:
            a.kernels.gemm_bfloat16(&step, NULL, 0, block.p + (frequency + f) * shape.p_frequency, shape.p_tile,
                                    NULL, 0)
        else:
            a.kernels.gemm(&step, NULL, 0, block.p + (frequency + f) * shape.p_frequency, shape.p_tile)


cdef void multiply_and_output(const WinogradArgs* a, const Block* block) noexcept nogil:
    """Both in one, panel by panel of the outputs."""
    cdef winograd_shape shape = block.shape
    cdef Py_ssize_t i, k
    for i in range((block.shape.outputs + a.panel - 1) // a.panel):
        k = block.first_output + i * a.panel
        shape.outputs = min(a.panel, block.shape.outputs - i * a.panel)
        a.kernels.winograd_fused_bfloat16(&shape, block.first_tile, block.tiles, block.v,
                                          a.u + (block.first_panel + i) * a.u_panel, a.u_frequency, a.u_channel,
                                          a.bias + k if a.bias != NULL else NULL, a.y + k,
                                          a.argmax + k if a.argmax != NULL else NULL, block.p)


cdef Py_ssize_t prepare_tiles(WinogradArgs* a, object x, object u, object y, Py_ssize_t tiles) except -1:
    """All of the arguments but the shape of a map; returns the number of tasks."""
    cdef winograd_shape* shape = &a.shape
    cdef Py_ssize_t frequencies = u.shape[1]
    a.kernels, a.x, a.u, a.y = table(), f32(x), f32(u), f32(y)
    shape.size = size_of(u)
    shape.height, shape.width, shape.channels = x.shape[1:]
    shape.y_height, shape.y_width, shape.outputs = y.shape[1:]
    shape.y_pixel = shape.outputs
    a.panel = panel_width()
    a.panels, a.u_panel, a.u_frequency = u.shape[0], frequencies * u.shape[2], u.shape[2]
    a.u_channel = min(a.panel, whole_vectors(shape.outputs))
    a.tiles = tiles
    a.fused = a.bfloat16 and shape.size == 4 and shape.channels <= FUSED_CHANNELS
    cdef Py_ssize_t channels = whole_vectors(shape.channels), most = FUSED_TILES if a.fused else BLOCK_TILES
    cdef Py_ssize_t together = 4 if a.fused else 6
    shape.v_frequency = channels // (2 if a.bfloat16 else 1)
    shape.v_tile, shape.v_block = frequencies * shape.v_frequency + APART, PAIRS
    a.block_tiles = min(BLOCK_BYTES // (8 * shape.v_tile), (tiles + FEW_TASKS - 1) // FEW_TASKS, most)
    a.block_tiles = max((a.block_tiles + together - 1) // together, 1) * together
    a.v_floats = a.block_tiles * shape.v_tile
    a.blocks = max((tiles + a.block_tiles - 1) // a.block_tiles, 1)
    a.shares = max((4 * u.size + SHARE_BYTES - 1) // SHARE_BYTES, (FEW_TASKS + a.blocks - 1) // a.blocks)
    a.shares = max(min(a.shares, a.panels), 1)
    shape.p_frequency = min(whole_vectors(shape.outputs), (a.panels + a.shares - 1) // a.shares * a.panel)
    shape.p_tile = frequencies * shape.p_frequency + APART
    if a.fused:
        shape.v_frequency, shape.v_tile, shape.p_tile = PAIRS, frequencies * PAIRS, HALF_FLOATS
        shape.v_block = a.block_tiles * shape.v_tile
        a.v_floats = channels // (2 * PAIRS) * shape.v_block
    return a.blocks * a.shares if tiles and shape.outputs else 0


cdef Py_ssize_t block_bytes(const WinogradArgs* a) noexcept:
    """Scratch for V and P."""
    return 4 * (a.v_floats + a.block_tiles * a.shape.p_tile)


cdef double work_of(const WinogradArgs* a) noexcept:
    """Multiply-adds of the products, twice."""
    return 2.0 * a.tiles * (a.shape.size + 2) * (a.shape.size + 2) * a.shape.channels * a.shape.outputs


cdef void output(const WinogradArgs* a, const Block* block) noexcept nogil:
    """y of P."""
    cdef const float* bias = a.bias + block.first_output if a.bias != NULL else NULL
    cdef const kernel_table* k = a.kernels
    cdef float* y = a.y + block.first_output
    cdef uint8_t* argmax = a.argmax + block.first_output if a.argmax != NULL else NULL
    if a.argmax != NULL and a.bfloat16:
        k.winograd_output_pool_bfloat16(&block.shape, block.first_tile, block.tiles, block.p, bias, y, argmax)
    elif a.argmax != NULL:
        k.winograd_output_pool(&block.shape, block.first_tile, block.tiles, block.p, bias, y, argmax)
    elif a.bfloat16:
        k.winograd_output_bfloat16(&block.shape, block.first_tile, block.tiles, block.p, bias, y)
    else:
        k.winograd_output(&block.shape, block.first_tile, block.tiles, block.p, bias, y)


cdef void winograd_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WinogradArgs* a = <const WinogradArgs*>arguments
    cdef Block block = block_of(a, task, scratch)
    if a.bfloat16:
        a.kernels.winograd_input_bfloat16(&block.shape, block.first_tile, block.tiles, a.x, block.v)
    else:
        a.kernels.winograd_input(&block.shape, block.first_tile, block.tiles, a.x, block.v)
    if a.fused:
        multiply_and_output(a, &block)
    else:
        multiply(a, &block, 0, 0, (a.shape.size + 2) * (a.shape.size + 2))
        output(a, &block)
    if a.statistics != NULL:
        block_statistics(a, &block, task % a.blocks)


cdef void block_statistics(const WinogradArgs* a, const Block* block, Py_ssize_t number) noexcept nogil:
    """Mean and squared distances of the pixels of a block's tiles."""
    cdef const winograd_shape* shape = &a.shape
    cdef Tiles tiles = Tiles(shape.tiles_down, shape.tiles_across, shape.size, shape.y_height, shape.y_width,
                             shape.y_pixel)
    cdef Py_ssize_t k = block.first_output
    cdef float* mean = a.statistics + 2 * number * shape.outputs + k
    cdef float count = tile_statistics(a.kernels, &tiles, block.first_tile, block.first_tile + block.tiles,
                                       block.shape.outputs, a.y + k, mean, mean + shape.outputs, block.v)
    if k == 0:
        a.weights[number] = count


cdef class Winograd(Call):
    """y[N,OH,OW,K] = activation(convolution of x with the weights of U, plus bias); with `argmax` (uint8) y is the
    2x2 max-pool of that, as in ConvMaxPool. `padding` is (top, left), of either sign. With `statistics`, each task
    takes those of its tiles: `pieces` [P, 2, K] are mean and squared distances of `weights` [P] pixels."""

    cdef WinogradArgs a
    cdef readonly object pieces, weights

    def __init__(self, x, u, y, bias=None, argmax=None, *, padding=(0, 0), relu=False, statistics=False,
                 bint bfloat16=False):
        cdef WinogradArgs* a = &self.a
        cdef winograd_shape* shape = &a.shape
        cdef Py_ssize_t size = size_of(u), window = 1 if argmax is None else 2
        a.bfloat16 = bfloat16
        a.bias = NULL if bias is None else f32(bias)
        a.argmax = NULL if argmax is None else u8(argmax)
        shape.top, shape.left = padding
        shape.tiles_down = (y.shape[1] * window + size - 1) // size
        shape.tiles_across = (y.shape[2] * window + size - 1) // size
        # A lower bound of NaN never wins a window: there is no activation.
        shape.low = 0 if relu else -INFINITY if argmax is None else NAN
        cdef Py_ssize_t tasks = prepare_tiles(a, x, u, y, x.shape[0] * shape.tiles_down * shape.tiles_across)
        cdef Py_ssize_t scratch = block_bytes(a)
        writes = (y,) if argmax is None else (y, argmax)
        if statistics:
            self.pieces = np.empty((a.blocks if tasks else 0, 2, shape.outputs), np.float32)
            self.weights = np.empty(len(self.pieces), np.float32)
            a.statistics, a.weights = f32(self.pieces), f32(self.weights)
            writes = (y, self.pieces, self.weights)
            scratch = max(scratch, 8 * shape.outputs)
        self.prepare(winograd_task, a, tasks, scratch, work_of(a), (x, u) if bias is None else (x, u, bias), writes)


cdef void map_gradient_task(const void* arguments, Py_ssize_t task, char* scratch) noexcept nogil:
    cdef const WinogradArgs* a = <const WinogradArgs*>arguments
    cdef Block block = block_of(a, task, scratch)
    cdef Py_ssize_t n = a.shape.size + 2, pair, row
    cdef float* zeros = block.p + a.block_tiles * a.shape.p_tile
    memset(zeros, 0, n * a.shape.channels * sizeof(float))
    cdef winograd_gradient_shape maps
    maps.size = a.shape.size
    maps.height, maps.width, maps.top, maps.left = a.shape.height, a.shape.width, 0, 0
    maps.pixel = maps.channels = a.shape.channels
    maps.tiles_down = maps.tiles_across = 1
    maps.out_tile, maps.out_frequency, maps.zeros = a.shape.v_tile, a.shape.v_frequency, zeros
    # Pairs follow one another in V: its rows are 0, n - 1, 1, 2, ...
    for pair in range((n + 1) // 2):
        maps.pair = pair
        a.kernels.winograd_gradient_dy(&maps, block.first_tile, block.tiles, a.x,
                                       block.v + 2 * pair * n * a.shape.v_frequency)
    for row in range(n):
        multiply(a, &block, row * n, (row - 1 if row > 1 else row * (n - 1)) * n, n)
    a.kernels.winograd_output_whole(&block.shape, block.first_tile, block.tiles, block.p, a.y + block.first_output)


cdef class WinogradMapGradient(Call):
    """dx[N,H,W,C] of a convolution, from dy[N,OH,OW,K] that is_one_tile and U of the transposed weights. `padding` is
    that of the convolution, (top, left)."""

    cdef WinogradArgs a

    def __init__(self, dy, u, dx, *, padding=(0, 0)):
        cdef WinogradArgs* a = &self.a
        a.shape.top, a.shape.left = padding
        cdef Py_ssize_t tasks = prepare_tiles(a, dy, u, dx, dy.shape[0])
        cdef Py_ssize_t zeros = 4 * (a.shape.size + 2) * a.shape.channels
        self.prepare(map_gradient_task, a, tasks, block_bytes(a) + zeros, work_of(a), (dy, u), (dx,))
