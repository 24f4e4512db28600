"""The tables of csrc/odd_functions.h, written when the kernels are built.

An odd function is cut into intervals of one width about 0, width, 2 width, ...; of each there is a polynomial in the
distance from its middle, which meets the function at Chebyshev's points. The one about 0 is odd, so that small
arguments keep their precision. The last interval reaches to the limit, where the function is as good as constant.
"""

import math
from pathlib import Path


def gelu(x):
    return math.erf(x / math.sqrt(2)) / 2


def gelu_slope(x):
    return gelu(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def gelu_tanh(x):
    return math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)) / 2


def gelu_tanh_slope(x):
    t = 2 * gelu_tanh(x)
    return t / 2 + x / 2 * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)


# name, function, intervals, width, middle of the last one, limit, coefficients
TABLES = [
    ("TANH", math.tanh, 16, 0.5, 7.5, 9.02, 8),
    ("GELU", gelu, 32, 0.25, 5.5, 5.5, 5),
    ("GELU_SLOPE", gelu_slope, 32, 0.25, 6.25, 6.25, 5),
    ("GELU_TANH", gelu_tanh, 32, 0.25, 5.25, 5.25, 6),
    ("GELU_TANH_SLOPE", gelu_tanh_slope, 32, 0.25, 5.5, 5.5, 6),
]


def chebyshev(low, high, count):
    return [(low + high) / 2 + (high - low) / 2 * math.cos(math.pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def interpolated(points, values):
    """Coefficients of the polynomial through these points, the constant first (Newton's divided differences)."""
    count, divided = len(points), list(values)
    for k in range(1, count):
        for i in range(count - 1, k - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (points[i] - points[i - k])
    polynomial = [0.0] * count
    for point, value in zip(reversed(points), reversed(divided), strict=True):
        shifted = [0.0, *polynomial[:-1]]
        polynomial = [up - point * own for up, own in zip(shifted, polynomial, strict=True)]
        polynomial[0] += value
    return polynomial


def interval(function, middle, low, high, count):
    """Coefficients for arguments from middle + low to middle + high."""
    if middle == 0:
        squares = chebyshev(0, high * high, count // 2)
        odd = interpolated(squares, [function(math.sqrt(square)) / math.sqrt(square) for square in squares])
        coefficients = [0.0] * count
        coefficients[1::2] = odd
        return coefficients
    points = chebyshev(low, high, count)
    return interpolated(points, [function(middle + point) for point in points])


def table(name, function, intervals, width, last, limit, count):
    """A table as C: for each power, its coefficient in every interval."""
    columns = [[0.0] * count] * intervals
    for i in range(round(last / width) + 1):
        high = max(limit - i * width, width / 2) if i * width == last else width / 2
        columns[i] = interval(function, i * width, -width / 2, high, count)
    if last == limit:  # what larger arguments get, exactly
        columns[round(last / width)][0] = function(4 * limit)
    lines = [f"#define {name}_LAST {last}f", f"#define {name}_LIMIT {limit}f", f"#define {name}_WIDTH {width}f"]
    lines.append(f"static const float {name}[{count}][{intervals}] = {{")
    for power in range(count):
        lines.append(f"    {{{', '.join(f'{column[power]:.9e}f' for column in columns)}}},")
    return "\n".join([*lines, "};"])


def write(path):
    """Write the header, unless it is there as it should be."""
    text = "\n\n".join(["/* Written by csrc/odd_functions.py. */", *(table(*row) for row in TABLES), ""])
    path = Path(path)
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
