"""Regularizers and constraints against Keras's: values and configurations."""

import numpy as np
import pytest

from fastcnn import constraints, regularizers

rng = np.random.default_rng(4)
WEIGHTS = [rng.normal(size=shape).astype("float32") for shape in ((6, 5), (3, 3, 4, 5))]
PENALTIES = [
    ("L1", {}), ("L1", {"l1": 0.3}), ("l1", {"l1": 0.2}), ("L2", {}), ("L2", {"l2": 0.3}), ("l2", {"l2": 0.2}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}), ("l1_l2", {"l1": 0.1, "l2": 0.2}),
]  # fmt: skip
ORTHOGONAL = [
    (name, {"factor": 0.1, "mode": mode})
    for name in ("OrthogonalRegularizer", "orthogonal_regularizer")
    for mode in ("rows", "columns")
]
CONSTRAINTS = [
    *((name, {"max_value": 1.5, "axis": 0}) for name in ("MaxNorm", "max_norm")),
    *((name, {}) for name in ("NonNeg", "non_neg")),
    *((name, {"axis": 1}) for name in ("UnitNorm", "unit_norm")),
    *((name, {"min_value": 0.8, "max_value": 1.2, "rate": 0.7, "axis": 0}) for name in ("MinMaxNorm", "min_max_norm")),
]
FAMILY = {"get", "serialize", "deserialize"}
CHECKED = {
    "regularizers": {*(name for name, _ in (*PENALTIES, *ORTHOGONAL)), "Regularizer", *FAMILY},
    "constraints": {*(name for name, _ in CONSTRAINTS), "Constraint", *FAMILY},
}


def check_family(package, theirs, name, options):
    """Configurations, and the way through them."""
    ours, right = getattr(package, name)(**options), getattr(theirs, name)(**options)
    assert {key: pytest.approx(value) for key, value in right.get_config().items()} == ours.get_config()
    again = package.deserialize(package.serialize(ours))
    assert again.get_config() == ours.get_config()
    assert isinstance(again, package.Regularizer if package is regularizers else package.Constraint)
    assert package.serialize(ours)["class_name"] == theirs.serialize(right)["class_name"]
    if name.islower() and name != "l1_l2":  # which Keras does not know
        assert type(package.get(name)).__name__ == type(theirs.get(name)).__name__
    return ours, right


@pytest.mark.parametrize(("name", "options"), [*PENALTIES, *ORTHOGONAL])
def test_penalty(keras, name, options):
    ours, theirs = check_family(regularizers, keras.regularizers, name, options)
    for weights in WEIGHTS[: 1 if "ortho" in name.lower() else 2]:
        np.testing.assert_allclose(ours(weights), theirs(keras.ops.convert_to_tensor(weights)), rtol=1e-5)


@pytest.mark.parametrize(("name", "options"), CONSTRAINTS)
def test_constraint(keras, name, options):
    ours, theirs = check_family(constraints, keras.constraints, name, options)
    for weights in WEIGHTS:
        np.testing.assert_allclose(ours(weights), theirs(weights), rtol=1e-5, atol=1e-6)
