"""Initializers: values and spread as Keras defines them, seeds, names, configurations, bad arguments."""

import json
import math
import re

import numpy as np
import pytest

from fastcnn import initializers
from fastcnn.initializers.variance_scaling import compute_fans
from fastcnn.utils import set_random_seed

RANDOM = [
    initializers.GlorotNormal,
    initializers.GlorotUniform,
    initializers.HeNormal,
    initializers.HeUniform,
    initializers.LecunNormal,
    initializers.LecunUniform,
    initializers.Orthogonal,
    initializers.RandomNormal,
    initializers.RandomUniform,
    initializers.TruncatedNormal,
    initializers.VarianceScaling,
]
FIXED = [initializers.Zeros, initializers.Ones, initializers.Constant, initializers.Identity]
SHAPE = (3, 3, 40, 60)
FAN_IN, FAN_OUT = 360, 540
# Class, standard deviation, largest magnitude (None: unbounded), all for SHAPE.
TRUNCATED = 0.87962566103423978
FAR = 2 / TRUNCATED
SPREAD = [
    (initializers.GlorotNormal(), math.sqrt(2 / (FAN_IN + FAN_OUT)), FAR * math.sqrt(2 / (FAN_IN + FAN_OUT))),
    (initializers.GlorotUniform(), math.sqrt(2 / (FAN_IN + FAN_OUT)), math.sqrt(6 / (FAN_IN + FAN_OUT))),
    (initializers.HeNormal(), math.sqrt(2 / FAN_IN), FAR * math.sqrt(2 / FAN_IN)),
    (initializers.HeUniform(), math.sqrt(2 / FAN_IN), math.sqrt(6 / FAN_IN)),
    (initializers.LecunNormal(), math.sqrt(1 / FAN_IN), FAR * math.sqrt(1 / FAN_IN)),
    (initializers.LecunUniform(), math.sqrt(1 / FAN_IN), math.sqrt(3 / FAN_IN)),
    (initializers.RandomNormal(), 0.05, None),
    (initializers.RandomUniform(), 0.05 / math.sqrt(3), 0.05),
    (initializers.TruncatedNormal(), 0.05 * TRUNCATED, 0.1),
    (initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal"), math.sqrt(3 / FAN_OUT), None),
    (initializers.VarianceScaling(3.0, "fan_out", "normal"), math.sqrt(3 / FAN_OUT), FAR * math.sqrt(3 / FAN_OUT)),
]  # fmt: skip


def name(value):
    return type(value).__name__


@pytest.mark.parametrize(("initializer", "stddev", "limit"), SPREAD, ids=lambda value: name(value))
def test_spread(initializer, stddev, limit):
    values = initializer(SHAPE)
    assert (values.shape, values.dtype) == (SHAPE, np.float32)
    assert values.flags.c_contiguous
    count = values.size
    assert abs(values.mean()) < 5 * stddev / math.sqrt(count)
    assert values.std() == pytest.approx(stddev, rel=5 / math.sqrt(count))
    if limit is not None:
        assert 0.98 * limit < np.abs(values).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize("cls", RANDOM, ids=lambda cls: cls.__name__)
def test_seeds(cls):
    def values(**arguments):
        return cls(**arguments)((5, 4))

    assert np.array_equal(values(seed=1), values(seed=1))
    assert not np.array_equal(values(seed=1), values(seed=2))
    assert not np.array_equal(values(), values())
    assert values(seed=-1).shape == values(seed=np.int32(1)).shape == values(seed=2**70).shape
    set_random_seed(3)
    first = values(), values()
    set_random_seed(3)
    assert np.array_equal(first, (values(), values()))
    one = cls()
    assert np.array_equal(one((5, 4)), one((5, 4)))
    with pytest.raises(ValueError, match="seed must be an integer or None, not 'x'"):
        cls(seed="x")


@pytest.mark.parametrize("shape", [(), (0,), (7,), (0, 5), (1, 1)])
@pytest.mark.parametrize("cls", RANDOM + FIXED, ids=lambda cls: cls.__name__)
def test_shapes(cls, shape):
    if cls in (initializers.Identity, initializers.Orthogonal) and len(shape) < 2:
        with pytest.raises(ValueError, match="axes"):
            cls()(shape)
        return
    values = cls()(shape)
    assert (values.shape, values.dtype) == (shape, np.float32)


@pytest.mark.parametrize("cls", RANDOM + FIXED, ids=lambda cls: cls.__name__)
def test_dtype_and_bad_shapes(cls):
    initializer = cls()
    assert initializer([2, np.int64(3)], dtype="float64").dtype == np.float64
    for dtype in ("float33", object, "U3"):
        with pytest.raises(ValueError, match="dtype must be the name of a NumPy number type"):
            initializer((2, 2), dtype)
    for shape in ((2, -1), (2, None), (2.0, 2), "ab"):
        with pytest.raises(ValueError, match="shape must be a tuple of integers"):
            initializer(shape)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 3, 4, 8), (2, 2, 2, 20)])
def test_orthogonal(shape):
    matrix = initializers.Orthogonal(gain=2, seed=5)(shape).reshape(-1, shape[-1]).astype(np.float64)
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


def test_constants():
    assert np.array_equal(initializers.Constant(3)((2, 2)), np.full((2, 2), 3))
    assert np.array_equal(initializers.Constant([1, 2])((3, 2)), [[1, 2]] * 3)
    assert np.array_equal(initializers.Identity(3)((2, 3)), [[3, 0, 0], [0, 3, 0]])
    assert not initializers.Zeros()((3,)).any()
    assert initializers.Ones()((3,)).all()
    with pytest.raises(ValueError, match=re.escape("has the shape (2,), which does not fit a weight of shape (2, 3)")):
        initializers.Constant([1, 2])((2, 3))


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((7,), (7, 7)), ((3, 5), (3, 5)), ((4, 3, 5), (12, 20)), ((3, 3, 16, 32), (144, 288))],
)
def test_fans(shape, fans):
    assert compute_fans(shape) == fans


def test_fans_by_axes():
    assert compute_fans((2, 3, 5, 7), input_axes=[0, 1], output_axes=[3]) == (6, 7)
    values = initializers.HeUniform(input_axes=[1], output_axes=[0])((100, 6))
    assert 0.99 < values.max() <= 1
    with pytest.raises(ValueError, match="do not fit a weight of shape"):
        initializers.HeUniform(input_axes=[3], output_axes=[0])((100, 6))


@pytest.mark.parametrize("cls", RANDOM + FIXED, ids=lambda cls: cls.__name__)
def test_configuration(cls):
    original = cls(seed=4) if cls in RANDOM else cls()
    config = json.loads(json.dumps(initializers.serialize(original)))
    copies = [
        initializers.deserialize(config),
        initializers.get(config),
        original.clone(),
        cls.from_config(config["config"]),
    ]
    for copy in copies:
        assert type(copy) is cls
        assert np.array_equal(copy((4, 3)), original((4, 3)))
        assert copy.get_config() == original.get_config()


def test_seed_drawn_is_not_saved():
    assert initializers.HeNormal().get_config()["seed"] is None


def test_keras_configuration():
    config = {
        "module": "keras.initializers",
        "class_name": "GlorotUniform",
        "config": {"seed": None},
        "registered_name": None,
    }
    assert isinstance(initializers.deserialize(config), initializers.GlorotUniform)


@pytest.mark.parametrize("alias", sorted(initializers.NAMES) + sorted(initializers.CLASSES))
def test_names(alias):
    expected = {**initializers.NAMES, **initializers.CLASSES}[alias]
    assert type(initializers.get(alias)) is expected


def test_names_of_keras():
    assert initializers.he_normal is initializers.HeNormal
    assert initializers.IdentityInitializer is initializers.identity is initializers.Identity
    assert initializers.OrthogonalInitializer is initializers.orthogonal


def test_get():
    def function(shape, dtype=None):
        return np.zeros(shape)

    assert initializers.get(None) is None
    assert initializers.get(function) is function
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    values = np.arange(6).reshape(2, 3)
    fixed = initializers.get(values)
    assert np.array_equal(fixed((2, 3)), values)
    assert fixed((2, 3)).dtype == np.float32
    with pytest.raises(ValueError, match=re.escape("has the shape (2, 3), the weight (3, 2)")):
        fixed((3, 2))
    with pytest.raises(ValueError, match="cannot be saved"):
        initializers.serialize(fixed)
    with pytest.raises(ValueError, match="an initializer must be a name"):
        initializers.get(3)
    with pytest.raises(ValueError, match="unknown initializer 'glorot_unifrom'; did you mean 'glorot_uniform'"):
        initializers.get("glorot_unifrom")


class Halves(initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return np.full(shape, 0.5, dtype or "float32")


def test_custom_class():
    config = initializers.serialize(Halves())
    assert type(initializers.deserialize(config, {"Halves": Halves})) is Halves
    with pytest.raises(ValueError, match="unknown initializer 'Halves'"):
        initializers.deserialize(config)
    with pytest.raises(NotImplementedError, match="must define __call__"):
        initializers.Initializer()((2,))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initializers.VarianceScaling(scale=0), "scale must be greater than 0, not 0"),
        (lambda: initializers.VarianceScaling(mode="fan_inn"), "unknown mode 'fan_inn'; did you mean 'fan_in'"),
        (lambda: initializers.VarianceScaling(distribution="unifrm"), "did you mean 'uniform'"),
        (lambda: initializers.VarianceScaling(input_axes=[0]), "must be given together"),
        (lambda: initializers.RandomUniform(1, 0), "minval must not be greater than maxval"),
        (lambda: initializers.RandomUniform(math.nan, 0), "minval must be a finite number, received minval=nan"),
        (lambda: initializers.RandomNormal(stddev=-1), "stddev must be at least 0, not -1"),
        (lambda: initializers.Orthogonal(gain="2"), "gain must be a finite number, received gain='2'"),
        (lambda: initializers.Constant("x"), "value must be a number"),
        (lambda: initializers.serialize(lambda shape: shape), "cannot be saved: a configuration holds names, no code"),
        (lambda: initializers.get({"class_name": "Zeros", "config": {"a": 1}}), "does not fit the initializer Zeros"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
    with pytest.raises(TypeError, match="must be a dictionary such as"):
        initializers.deserialize({"name": "zeros"})
