"""Initializers against Keras's: the same values where there is nothing random, the same spread else; configurations."""

import numpy as np
import pytest

from fastcnn import initializers

SHAPE = (3, 3, 40, 60)
RANDOM = [
    *((name, {}) for name in ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform")),
    ("RandomNormal", {"mean": 1.0, "stddev": 0.5}),
    ("RandomUniform", {"minval": -1.0, "maxval": 2.0}),
    ("TruncatedNormal", {"mean": 0.5, "stddev": 0.2}),
    *(
        ("VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("uniform", "truncated_normal", "untruncated_normal")
    ),
    ("Orthogonal", {"gain": 1.5}),
    ("OrthogonalInitializer", {}),
]
FIXED = [
    ("Zeros", {}),
    ("Ones", {}),
    ("Constant", {"value": 2.5}),
    ("Identity", {"gain": 3.0}),
    ("IdentityInitializer", {}),
]
LOWER = [
    "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_normal",
    "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform", "truncated_normal", "variance_scaling",
    "zeros",
]  # fmt: skip
CHECKED = {
    "initializers": {
        *(name for name, _ in (*RANDOM, *FIXED)), *LOWER, "Initializer", "get", "serialize", "deserialize",
    }
}  # fmt: skip


@pytest.mark.parametrize(("name", "options"), RANDOM)
def test_spread(keras, name, options):
    ours, theirs = (
        np.asarray(getattr(package, name)(seed=1, **options)(SHAPE)) for package in (initializers, keras.initializers)
    )
    assert ours.shape == theirs.shape
    deviation = theirs.std()
    assert abs(ours.mean() - theirs.mean()) < 0.03 * deviation
    assert ours.std() == pytest.approx(deviation, rel=0.02)
    quantiles = np.linspace(0.02, 0.98, 9)
    np.testing.assert_allclose(np.quantile(ours, quantiles), np.quantile(theirs, quantiles), atol=0.05 * deviation)


@pytest.mark.parametrize("shape", [(4, 7), (5, 5)])
@pytest.mark.parametrize(("name", "options"), FIXED)
def test_values(keras, name, options, shape):
    ours, theirs = (getattr(package, name)(**options)(shape) for package in (initializers, keras.initializers))
    assert np.array_equal(ours, theirs)


def test_orthogonal_rows(keras):
    for package in (initializers, keras.initializers):
        matrix = np.asarray(package.Orthogonal(gain=2.0, seed=1)((6, 10)))
        np.testing.assert_allclose(matrix @ matrix.T, 4 * np.eye(6), atol=1e-5)


@pytest.mark.parametrize(("name", "options"), [*RANDOM, *FIXED])
def test_configurations(keras, name, options):
    ours, theirs = (getattr(package, name)(**options) for package in (initializers, keras.initializers))
    if "Identity" not in name:  # Keras's has lost its gain
        assert ours.get_config() == theirs.get_config()
    again = initializers.deserialize(initializers.serialize(ours))
    assert type(again) is type(ours)
    assert isinstance(again, initializers.Initializer)
    assert again.get_config() == ours.get_config()
    assert initializers.serialize(ours)["class_name"] == keras.initializers.serialize(theirs)["class_name"]


@pytest.mark.parametrize("name", LOWER)
def test_names(keras, name):
    if name != "constant":  # for which Keras needs a value
        assert type(initializers.get(name)).__name__ == type(keras.initializers.get(name)).__name__
    assert getattr(initializers, name).__name__ == getattr(keras.initializers, name).__name__
