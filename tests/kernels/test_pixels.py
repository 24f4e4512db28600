"""Images of bytes resampled and PNG filters undone: csrc/pixels.c through its driver."""

import re

import numpy as np
import pytest

from fastcnn._core.pixels import Axis, resample, unfilter_png

KERNELS = {"resample_row", "png_unfilter"}
RNG = np.random.default_rng(3)


def random_axis(length, out_length, taps):
    indices = RNG.integers(0, length, (out_length, taps)).astype("int32")
    weights = RNG.normal(size=(out_length, taps)).astype("float32")
    return Axis(length, indices, weights), indices, weights


def expected(image, rows, columns):
    lines = np.einsum("it,itwc->iwc", rows[2], image[rows[1]])
    return np.einsum("jt,ijtc->ijc", columns[2], lines[:, columns[1]])


@pytest.mark.parametrize(("step", "channels"), [(1, 1), (1, 3), (1, 4), (2, 1), (2, 3), (3, 3), (4, 3), (4, 4)])
@pytest.mark.parametrize("taps", [(1, 1), (2, 2), (3, 5)])
@pytest.mark.parametrize("size", [(1, 1, 1, 1), (5, 7, 3, 2), (4, 33, 9, 40)])
def test_resample(isa, step, channels, taps, size):
    height, width, out_height, out_width = size
    rows, columns = random_axis(height, out_height, taps[0]), random_axis(width, out_width, taps[1])
    line = width * step + 3
    data = RNG.integers(0, 256, 5 + height * line, dtype=np.uint8)
    y = np.full((out_height + 3, out_width + 2, channels), 7, "float32")
    resample(data.tobytes(), 5, line, step, rows[0], columns[0], y, 2, 1)
    image = data[5:].reshape(height, line)[:, : width * step].reshape(height, width, step).astype("float64")
    image = image[..., :channels] if step >= channels else np.repeat(image[..., :1], channels, axis=-1)
    whole = np.full(y.shape, 7.0)
    whole[2:-1, 1:-1] = expected(image, rows, columns)
    np.testing.assert_allclose(y, whole, rtol=1e-5, atol=2e-3)


def test_without_weights_bytes_stay_what_they_are(isa):
    data = RNG.integers(0, 256, (9, 17, 3), dtype=np.uint8)
    same = [Axis(n, np.arange(n, dtype="int32")[:, None], np.ones((n, 1), "float32")) for n in (9, 17)]
    y = np.empty((9, 17, 3), "float32")
    resample(data.tobytes(), 0, 51, 3, *same, y)
    assert np.array_equal(y, data)


def filtered(image, filters):
    """Rows of an image as PNG stores them, written after its specification."""
    rows, n, pixel = image.shape[0], image.shape[1] * image.shape[2], image.shape[2]
    x = np.zeros((rows + 1, n + pixel), "int64")
    x[1:, pixel:] = image.reshape(rows, n)
    here, left, up, corner = x[1:, pixel:], x[1:, :-pixel], x[:-1, pixel:], x[:-1, :-pixel]
    guess = left + up - corner
    distances = np.stack([abs(guess - other) for other in (left, up, corner)])
    nearest = np.choose(distances.argmin(axis=0), [left, up, corner])
    results = [here, here - left, here - up, here - (left + up) // 2, here - nearest]
    stored = [[number, *(results[number][row] % 256)] for row, number in enumerate(filters)]
    return np.array(stored, "uint8")


@pytest.mark.parametrize("pixel", [1, 2, 3, 4])
@pytest.mark.parametrize("width", [1, 2, 33])
def test_png_filters(isa, pixel, width):
    filters = [*range(5), *range(4, -1, -1)]
    for first in range(5):
        image = RNG.integers(0, 256, (len(filters) + 1, width, pixel), dtype=np.uint8)
        data = filtered(image, [first, *filters])
        unfilter_png(data.reshape(-1), len(image), width * pixel, pixel)
        assert np.array_equal(data[:, 1:].reshape(image.shape), image)


ONE = Axis(2, np.zeros((1, 1), "int32"), np.ones((1, 1), "float32"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Axis(2, np.full((1, 1), 2, "int32"), np.ones((1, 1), "float32")), "indices must be from 0 to 1"),
        (lambda: Axis(2, np.zeros((1, 2), "int32"), np.ones((1, 1), "float32")), "must have one shape (n, taps)"),
        (lambda: resample(b"1234", 0, 2, 1, ONE, ONE, np.zeros((1, 1, 2), "float32")), "do not become 2 channels"),
        (lambda: resample(b"1234", 0, 2, 3, ONE, ONE, np.zeros((1, 1, 4), "float32")), "do not become 4 channels"),
        (lambda: resample(b"1234", 0, 1, 1, ONE, ONE, np.zeros((1, 1, 1), "float32")), "line=1"),
        (lambda: resample(b"1234", 1, 2, 1, ONE, ONE, np.zeros((1, 1, 1), "float32")), "4 bytes are less than 2 rows"),
        (lambda: resample(b"1234", 0, 2, 1, ONE, ONE, np.zeros((1, 1, 1), "float32"), 1), "do not fit (1, 1, 1)"),
        (lambda: unfilter_png(bytearray(7), 2, 3, 1), "2 rows of 1 + 3 bytes were expected, 7 bytes received"),
        (lambda: unfilter_png(bytearray([5, 1, 2, 3]), 1, 3, 1), "row 0 has the filter 5"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
