"""Further examples of `fastcnn.ops`, as in `function_examples`. Where nothing stands behind the options, the function
of the same name in NumPy gives what is right."""

import math
from statistics import NormalDist

import numpy as np
from function_examples import CLASSES, X, Y

rng = np.random.default_rng(11)
A, B = rng.normal(size=(2, 3, 4)).astype("float32"), rng.normal(size=(2, 4, 5)).astype("float32")
V = rng.normal(size=6).astype("float32")
UNIT = rng.uniform(-0.9, 0.9, size=(3, 4)).astype("float32")
SQUARE = rng.normal(size=(4, 4)).astype("float32")
GAPS = np.where(rng.uniform(size=(3, 4)) < 0.3, np.nan, X).astype("float32")
PIXELS = rng.normal(size=(2, 4, 6, 8)).astype("float32")
PLANES = rng.normal(size=(2, 3, 5, 6)).astype("float32")
HEADS = rng.normal(size=(3, 2, 5, 2, 4)).astype("float32")
IDS = np.array([0, 2, 0, 1, 2, 0], "int32")
PLACES = np.array([[0], [3], [1]], "int32")


def unfolded(x, kernel_size, dilation, padding, stride):
    """Pixels of windows, one by one."""
    (r, s), (d, e), (p, q), (t, u) = kernel_size, dilation, padding, stride
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
    rows = range(0, x.shape[2] - d * (r - 1), t)
    columns = range(0, x.shape[3] - e * (s - 1), u)
    windows = [x[:, :, i : i + d * r : d, j : j + e * s : e][:, :, :r, :s] for i in rows for j in columns]
    return np.stack([window.reshape(len(x), -1) for window in windows], -1)


def attention(query, key, value, hidden=0.0):
    logits = np.einsum("bthd,bshd->bhts", query, key) / np.sqrt(query.shape[-1]) + hidden
    weights = np.exp(logits)
    return np.einsum("bhts,bshd->bthd", weights / weights.sum(-1, keepdims=True), value)


def pixels_moved(x, b):
    n, h, w, c = x.shape
    return x.reshape(n, h, w, b, b, c // b**2).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, c // b**2)


def segments(function, start):
    return np.array([function([start, *V[number == IDS]]) for number in range(4)])


UNFOLD = {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 0), "stride": (1, 2)}
NAN_AXES = ({}, {"axis": 1}, {"axis": 0, "keepdims": True})
FIRST = rng.normal(size=(2, 8, 3, 4)).astype("float32")
FIRST_MOVED = FIRST.reshape(2, 2, 2, 2, 3, 4).transpose(0, 1, 4, 2, 5, 3).reshape(2, 2, 6, 8)

EXAMPLES = [
    *((name, (X,), {}) for name in ("tan", "arctan", "arcsinh", "sinh", "cosh", "sinc", "exp2", "cbrt", "trunc")),
    *((name, (X,), {}) for name in ("absolute", "fabs", "deg2rad", "rad2deg", "signbit", "isposinf", "isneginf")),
    *((name, (UNIT,), {}) for name in ("arcsin", "arccos", "arctanh")),
    *((name, (Y,), {}) for name in ("log2", "log10")),
    ("arccosh", (1 + Y,), {}),
    *((name, (X, Y), {}) for name in ("arctan2", "hypot", "logaddexp", "logaddexp2", "fmod", "true_divide", "fmax")),
    ("arctan2", (X, UNIT), {}),
    ("arctan2", (np.array([0, 1, -1, 0, 0.0]), [1, 0, 0, -1, 0]), {}),
    ("fmin", (X, Y[0]), {}),
    *((name, (GAPS, X[:, ::-1]), {}) for name in ("fmax", "fmin")),
    ("ldexp", (X, np.array([2, 0, -1, 3])), {}),
    ("heaviside", (np.array([-1, 0, 2.0]), np.array([0.5, 0.25, 7])), {}),
    ("erf", (X,), {}, np.vectorize(math.erf)(X)),
    ("erfc", (X,), {}, np.vectorize(math.erfc)(X)),
    ("erfinv", (UNIT,), {}, np.vectorize(NormalDist(0, math.sqrt(0.5)).inv_cdf)((UNIT + 1) / 2)),
    ("swish", (X,), {}, X / (1 + np.exp(-X))),
    ("hard_swish", (5 * X,), {}, 5 * X * np.clip(5 * X / 6 + 0.5, 0, 1)),
    ("signbit", (np.array([-0.0, 0, np.inf, -np.inf]),), {}),
    ("isposinf", (np.array([np.inf, 1, -np.inf]),), {}),
    ("isneginf", (np.array([np.inf, 1, -np.inf]),), {}),
    ("isclose", (X, X + np.float32(1e-5) * np.array([0, 0.1, 1, 10])), {}),
    ("isclose", (np.array([np.nan, np.inf, 1]), np.array([np.nan, np.inf, np.inf])), {"equal_nan": True}),
    ("allclose", (X, X), {}),
    ("allclose", (X, Y), {"rtol": 0.1}),
    ("isin", (np.round(3 * X), np.array([0, 1, 2.0])), {}),
    ("isin", (np.round(3 * X), np.array([0, 1, 2.0])), {"invert": True}),
    ("nonzero", (np.array([[1, 0], [0, 2.0]]),), {}),
    ("select", ([X > 0.5, X > 0], [X, Y]), {"default": 3.0}),
    ("nan_to_num", (np.array([np.nan, np.inf, -np.inf, 2]),), {"nan": 7.0, "posinf": 8.0, "neginf": -9.0}),
    ("nan_to_num", (np.array([np.nan, 1, 2]),), {}),
    *(
        (name, (GAPS,), options)
        for name in ("nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanstd", "nanvar", "nanmedian")
        for options in NAN_AXES
    ),
    *((name, (GAPS,), {"axis": 1}) for name in ("nanargmax", "nanargmin", "nancumsum", "nancumprod")),
    ("nanquantile", (GAPS, 0.3), {"axis": 0}),
    ("nanpercentile", (GAPS, [10, 75]), {"axis": 1}),
    *(
        (name, (X,), options)
        for name in ("prod", "median", "ptp", "amax", "amin")
        for options in (*NAN_AXES, {"axis": (0, 1)})
    ),
    ("prod", (np.array([[2, 0, 3], [0, 0, 1.0]]),), {"axis": 1}),
    ("max", (X,), {"axis": 1, "initial": 0.5}),
    ("min", (X,), {"axis": 1, "initial": -0.5}),
    *(("quantile", (X, 0.3), {"axis": 1, "method": m}) for m in ("linear", "lower", "higher", "midpoint", "nearest")),
    ("quantile", (A, [0.1, 0.5]), {"axis": (0, 2), "keepdims": True}),
    ("quantile", (GAPS, 0.5), {"axis": 1}),
    ("percentile", (X, 40), {}),
    ("average", (X,), {"axis": 0}),
    ("average", (X,), {"axis": 1, "weights": Y}),
    ("average", (X,), {"axis": 1, "weights": Y[0]}),
    ("count_nonzero", (np.array([[1, 0], [0, 2.0], [3, 4]]),), {"axis": 0}),
    ("diff", (X,), {}),
    ("diff", (X,), {"n": 2, "axis": 0}),
    ("cumprod", (X,), {"axis": 1}),
    ("cumprod", (V,), {}),
    ("cumsum", (X,), {"axis": 0, "dtype": "float32"}),
    ("trapezoid", (X,), {"dx": 0.5}, ((X[:, 1:] + X[:, :-1]) / 4).sum(1)),
    ("trapezoid", (X, Y[0]), {}, ((X[:, 1:] + X[:, :-1]) / 2 * np.diff(Y[0])).sum(1)),
    ("corrcoef", (X,), {}),
    ("histogram", (V,), {"bins": 3, "range": (-1.0, 1.0)}),
    ("psnr", (UNIT, UNIT / 2, 2.0), {}, 10 * np.log10(4 / np.square(UNIT / 2).mean())),
    ("argsort", (X,), {"axis": 0}),
    ("argpartition", (X, 2), {}, X.argsort(1)),
    ("take_along_axis", (X, X.argsort(0)), {"axis": 0}),
    ("take_along_axis", (X, CLASSES[None, :1]), {"axis": 1}, X[:, :1]),
    ("take_along_axis", (X, CLASSES), {}, X.ravel()[CLASSES]),
    ("repeat", (X, np.array([2, 0, 1])), {"axis": 0}),
    *((name, (X, UNIT.T), {}) for name in ("dot", "matmul")),
    ("dot", (V, V), {}),
    ("dot", (A, B[1]), {}),
    ("dot", (X, B), {}),
    *(("matmul", pair, {}) for pair in ((A, B), (A[:, None], B[None]), (A, B[0]), (A[0], B), (A, Y[0]), (Y[0], B))),
    ("tensordot", (A, B), {"axes": ([0, 2], [0, 1])}),
    ("tensordot", (A, A[0, 0]), {"axes": 1}),
    ("inner", (X, Y), {}),
    ("outer", (V, X), {}),
    ("vdot", (X, Y), {}),
    ("kron", (X, V[:2]), {}),
    ("cross", (X[:, :3], Y[:, :3]), {}),
    ("cross", (X[:2], Y[:2]), {"axis": 0}, X[0] * Y[1] - X[1] * Y[0]),
    *((name, (X,), options) for name in ("diagonal", "trace") for options in ({}, {"offset": 1}, {"offset": -1})),
    ("diagonal", (A,), {"axis1": 1, "axis2": 2}),
    *((name, (X,), {"k": k}) for name in ("tril", "triu") for k in (0, 1, -1)),
    ("tril", (A,), {}),
    ("diag", (V,), {"k": -2}),
    ("diag", (X,), {"k": 1}),
    ("diagflat", (X,), {"k": 1}),
    *(("norm", (X,), {"ord": float(p), "axis": 1}, np.linalg.norm(X, float(p), 1)) for p in ("inf", "-inf", "1", "3")),
    *(("norm", (X,), {"ord": p}, np.linalg.norm(X, p)) for p in (None, "fro", 1, -1, np.inf)),
    ("norm", (A,), {"axis": (0, 2), "keepdims": True}, np.linalg.norm(A, axis=(0, 2), keepdims=True)),
    ("cdist", (X, Y), {}, np.linalg.norm(X[:, None] - Y, axis=-1)),
    *(
        ("einsum", (pattern, *operands), {})
        for pattern, operands in (
            ("ij,kj->ik", (X, Y)),
            ("bij,bjk->bik", (A, B)),
            ("bij,bjk", (A, B)),
            ("aij->ja", (A,)),
            ("ii->i", (SQUARE,)),
            ("ii", (SQUARE,)),
            ("ij,ij->", (X, Y)),
            ("i,j->ji", (V, Y[0])),
            ("...ij,jk->...ik", (A, B[0])),
            ("bij,bjk,k->bi", (A, B, V[:5])),
            ("bthd,bshd->bhts", (HEADS[0], HEADS[1])),
            ("ij,j->i", (X, Y[0])),
            ("bij,i->bj", (A, V[:3])),
        )
    ),
    ("dot_product_attention", tuple(HEADS), {}, attention(*HEADS)),
    (
        "dot_product_attention",
        tuple(HEADS),
        {"is_causal": True},
        attention(*HEADS, hidden=np.where(np.tri(5), 0, -np.inf)),
    ),
    (
        "dot_product_attention",
        tuple(HEADS),
        {"bias": SQUARE[0, 0] * np.ones((5, 5), "float32"), "mask": np.eye(5, k=1) + np.tri(5) > 0},
        attention(*HEADS, hidden=np.where(np.eye(5, k=1) + np.tri(5), 0, -np.inf)),
    ),
    ("append", (X, Y), {}),
    ("append", (X, Y), {"axis": 0}),
    *((name, ([X, Y],), {}) for name in ("hstack", "vstack", "dstack")),
    *((name, ([V, V],), {}) for name in ("hstack", "vstack", "dstack")),
    ("hsplit", (X, 2), {}),
    ("vsplit", (X, [1]), {}),
    ("dsplit", (A, [1, 3]), {}),
    ("array_split", (V, 4), {}),
    ("array_split", (X, 3), {"axis": 1}),
    ("fliplr", (X,), {}),
    ("flipud", (X,), {}),
    *(("rot90", (A,), {"k": k, "axes": (1, 2)}) for k in (1, 2, 3, 4)),
    ("ravel", (X,), {}),
    ("get_item", (X, (slice(None), 2)), {}, X[:, 2]),
    ("rearrange", (PIXELS, "b (h s) w c -> b h (w c) s"), {"s": 2}, PIXELS.reshape(2, 2, 2, 48).transpose(0, 1, 3, 2)),
    ("depth_to_space", (PIXELS, 2), {}, pixels_moved(PIXELS, 2)),
    ("space_to_depth", (pixels_moved(PIXELS, 2), 2), {}, PIXELS),
    ("depth_to_space", (FIRST, 2), {"data_format": "channels_first"}, FIRST_MOVED),
    ("space_to_depth", (FIRST_MOVED, 2), {"data_format": "channels_first"}, FIRST),
    ("unfold", (PLANES,), UNFOLD, unfolded(PLANES, **UNFOLD)),
    ("unfold", (PLANES, 2), {}, unfolded(PLANES, (2, 2), (1, 1), (0, 0), (1, 1))),
    (
        "fold",
        (unfolded(PLANES[:, :, :4], (2, 3), (1, 1), (0, 0), (2, 3)), (4, 6), (2, 3)),
        {"stride": (2, 3)},
        PLANES[:, :, :4],
    ),
    ("fold", (np.ones((1, 4, 4), "float32"), 3, 2), {}, [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]),
    ("scatter", (PLACES, Y[0, :3], (5,)), {}, [Y[0, 0], Y[0, 2], 0, Y[0, 1], 0]),
    ("scatter", (np.array([[1, 0], [1, 0]]), Y[:2], (2, 2, 4)), {}, [np.zeros((2, 4)), [Y[0] + Y[1], 0 * Y[0]]]),
    ("scatter_update", (V, PLACES, Y[0, :3]), {}, [Y[0, 0], Y[0, 2], V[2], Y[0, 1], *V[4:]]),
    ("scatter_update", (X, PLACES[::2], Y[:2]), {"reduction": "add"}, X + np.stack([Y[0], Y[1], 0 * Y[0]])),
    ("slice_update", (X, (1, 1), Y[:2, :2]), {}, [X[0], [X[1, 0], *Y[0, :2], X[1, 3]], [X[2, 0], *Y[1, :2], X[2, 3]]]),
    ("segment_sum", (V, IDS), {"num_segments": 4}, segments(np.sum, 0)),
    ("segment_max", (V, IDS), {"num_segments": 4}, segments(np.max, -np.inf)),
    ("segment_min", (V, IDS), {"num_segments": 4}, segments(np.min, np.inf)),
    ("segment_prod", (V, IDS), {"num_segments": 4}, segments(np.prod, 1)),
    ("segment_sum", (X, np.array([1, 0, 1])), {"num_segments": 2}, [X[1], X[0] + X[2]]),
    ("unravel_index", (np.array([7, 2]), (3, 4)), {}),
    ("multi_hot", (np.array([[0, 2], [1, 1]]), 3), {}, [[1, 0, 1], [0, 1, 0]]),
    ("one_hot", (CLASSES, 4), {"axis": 0}, np.eye(4)[:, CLASSES]),
    *((name, ((2, 3),), {}) for name in ("zeros", "ones")),
    ("empty", ((2, 3),), {}, np.zeros((2, 3))),
    ("full", ((2, 3), 7), {}),
    *((name, (X,), {}) for name in ("zeros_like", "ones_like")),
    ("empty_like", (X,), {}, 0 * X),
    ("full_like", (X, 2.5), {}),
    ("arange", (2, 9, 3), {}),
    ("arange", (4,), {}),
    ("linspace", (Y[0], X[0]), {"num": 4, "axis": 1}),
    ("linspace", (0, 1), {"num": 5, "endpoint": False, "retstep": True}),
    ("logspace", (0, 2), {"num": 4}),
    ("geomspace", (1, 64), {"num": 4}),
    ("eye", (3,), {"M": 4, "k": 1}),
    ("identity", (3,), {}),
    ("tri", (3,), {"M": 4, "k": 1}),
    ("vander", (V, 3), {}),
    ("vander", (V,), {"increasing": True}),
    ("meshgrid", (V, Y[0]), {}),
    ("meshgrid", (V, Y[0], X[0]), {"indexing": "ij"}),
    *((name, (X,), {}, X) for name in ("array", "convert_to_tensor", "convert_to_numpy", "copy", "stop_gradient")),
    ("convert_to_tensor", ([1, 2], "float32"), {}, [1, 2]),
    ("shape", (X,), {}, (3, 4)),
    ("size", (X,), {}),
    ("ndim", (X,), {}),
    ("dtype", (X,), {}, "float32"),
    ("is_tensor", (X,), {}, True),
    ("saturate_cast", (300 * X, "uint8"), {}, np.clip(300 * X, 0, 255).astype("uint8")),
]


def completed(name, arguments, options, *right):
    """The example with what NumPy's function of the name gives."""
    if not right:
        with np.errstate(all="ignore"):
            value = getattr(np, name)(*arguments, **options)
        right = (tuple(value) if isinstance(value, list) else value,)
    return name, arguments, options, right[0]


EXAMPLES = [completed(*example) for example in EXAMPLES]
