"""The functions of losses and metrics against Keras's, and how objects of both are named and written down."""

import numpy as np
import pytest
from objectives import DATA, LOSS_CASES, METRIC_CASES

from fastcnn import losses, metrics

LOSS_FUNCTIONS = [
    ("binary_crossentropy", "binary", {}),
    ("binary_crossentropy", "binary logits", {"from_logits": True, "label_smoothing": 0.1}),
    ("binary_focal_crossentropy", "binary", {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5}),
    ("categorical_crossentropy", "one-hot", {"label_smoothing": 0.1}),
    ("categorical_focal_crossentropy", "one-hot", {"alpha": 0.5, "gamma": 1.0}),
    ("categorical_generalized_cross_entropy", "sparse", {"q": 0.7}),
    ("categorical_hinge", "one-hot logits", {}),
    ("circle", "embeddings", {"gamma": 10.0, "margin": 0.2}),
    ("cosine_similarity", "numbers", {"axis": 0}),
    ("dice", "one-hot map", {"axis": (1, 2, 3)}),
    ("hinge", "signs", {}),
    ("huber", "numbers", {"delta": 0.3}),
    ("kl_divergence", "one-hot", {}),
    ("log_cosh", "numbers", {}),
    ("mean_absolute_error", "numbers", {}),
    ("mean_absolute_percentage_error", "positive", {}),
    ("mean_squared_error", "numbers", {}),
    ("mean_squared_logarithmic_error", "positive", {}),
    ("poisson", "counts", {}),
    ("sparse_categorical_crossentropy", "sparse", {"ignore_class": 2}),
    ("squared_hinge", "signs", {}),
    ("tversky", "one-hot map", {"alpha": 0.3, "beta": 0.7, "axis": (1, 2, 3)}),
]
ONLY_LOSSES = {"categorical_generalized_cross_entropy", "circle", "cosine_similarity", "dice", "tversky"}
METRIC_FUNCTIONS = [
    *(case for case in LOSS_FUNCTIONS if case[0] not in ONLY_LOSSES),
    ("binary_accuracy", "binary", {"threshold": 0.3}),
    ("categorical_accuracy", "one-hot", {}),
    ("concordance_correlation", "numbers", {"axis": 0}),
    ("pearson_correlation", "numbers", {}),
    ("sparse_categorical_accuracy", "sparse", {}),
    ("sparse_top_k_categorical_accuracy", "sparse", {"k": 2}),
    ("top_k_categorical_accuracy", "one-hot", {"k": 2}),
]
FAMILY = {"get", "serialize", "deserialize"}
CHECKED = {
    "losses": {*(case[0] for case in (*LOSS_FUNCTIONS, *LOSS_CASES)), "Loss", *FAMILY - {"get"}},
    "metrics": {*(case[0] for case in (*METRIC_FUNCTIONS, *METRIC_CASES)), "Metric", *FAMILY},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("family", "name", "data", "options"), [
    *(("losses", *case) for case in LOSS_FUNCTIONS), *(("metrics", *case) for case in METRIC_FUNCTIONS)
])  # fmt: skip
def test_function(keras, family, name, data, options):
    y_true, y_pred = DATA[data]
    y_true = y_true if y_true.dtype.kind == "i" else y_true.astype("float32")
    ours = getattr(losses if family == "losses" else metrics, name)(y_true, y_pred.astype("float32"), **options)
    theirs = np.asarray(getattr(getattr(keras, family), name)(y_true, y_pred.astype("float32"), **options))
    assert np.shape(ours) == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=5e-5, atol=1e-6)


@pytest.mark.parametrize(("family", "cases", "base"), [
    ("losses", LOSS_CASES, losses.Loss), ("metrics", METRIC_CASES, metrics.Metric)
])  # fmt: skip
def test_written_down(keras, family, cases, base):
    ours = losses if family == "losses" else metrics
    for name, _, options, _ in cases:
        one, other = (getattr(package, name)(**options, name="n") for package in (ours, getattr(keras, family)))
        written = ours.serialize(one)
        assert written["class_name"] == getattr(keras, family).serialize(other)["class_name"]
        again = ours.deserialize(written)
        assert type(again) is type(one)
        assert isinstance(again, base)


def test_names(keras):
    """Metrics are found by the names of functions; of losses Keras gives the functions themselves."""
    for name in ("binary_accuracy", "mean_squared_error", "mse", "categorical_crossentropy", "categorical_accuracy"):
        assert type(metrics.get(name)).__name__ == type(keras.metrics.get(name)).__name__
