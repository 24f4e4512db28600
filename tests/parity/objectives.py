"""Losses and metrics over a grid of arguments, on data that are the same everywhere: what fastcnn and Keras give.

`python tests/parity/objectives.py`, where Keras is installed, writes Keras's numbers to `objectives.json`, which tests
read where it is not.
"""

import json
import os
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_name("objectives.json")
random = np.random.RandomState(8)  # the stream of which never changes


def rows(*shape):
    """Probabilities along the last axis."""
    p = random.uniform(0.05, 1, shape)
    return p / p.sum(axis=-1, keepdims=True)


def unit(*shape):
    x = random.normal(size=shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


LABELS = random.randint(0, 5, 8)
MAP = random.randint(0, 5, (4, 2, 2))
YES_NO = random.randint(0, 2, (8, 4))
DATA = {
    "sparse": (LABELS, rows(8, 5)),
    "sparse logits": (LABELS, random.normal(size=(8, 5))),
    "map": (MAP, rows(4, 2, 2, 5)),
    "one-hot": (np.eye(5)[LABELS], rows(8, 5)),
    "one-hot logits": (np.eye(5)[LABELS], random.normal(size=(8, 5))),
    "one-hot first": (np.moveaxis(np.eye(5)[MAP], -1, 1), np.moveaxis(rows(4, 2, 2, 5), -1, 1)),
    "one-hot map": (np.eye(5)[MAP], rows(4, 2, 2, 5)),
    "binary": (YES_NO, random.uniform(0.05, 0.95, (8, 4))),
    "binary logits": (YES_NO, random.normal(size=(8, 4))),
    "binary row": (YES_NO[:, 0], random.uniform(0.05, 0.95, 8)),
    "binary tenths": (YES_NO, random.randint(0, 11, (8, 4)) / 10),
    "signs": (2 * YES_NO - 1, random.normal(size=(8, 4))),
    "numbers": (random.normal(size=(8, 3)), random.normal(size=(8, 3))),
    "positive": (random.uniform(0.1, 3, (8, 3)), random.uniform(0.1, 3, (8, 3))),
    "counts": (random.randint(0, 6, (8, 3)), random.uniform(0.1, 3, (8, 3))),
    "embeddings": (LABELS % 3, unit(8, 4)),
    "classes": (LABELS, (LABELS + random.randint(0, 2, 8)) % 5),
    "class map": (MAP, (MAP + random.randint(0, 2, (4, 2, 2))) % 5),
    "values": (random.normal(size=8), None),
}
REDUCTIONS = [{"reduction": name} for name in ("sum", "mean", "mean_with_sample_weight", "none", None)]
TEN = {"num_thresholds": 11}

LOSSES = [
    ("MeanSquaredError", "numbers", {}, *REDUCTIONS),
    ("MeanAbsoluteError", "numbers", {}),
    ("MeanAbsolutePercentageError", "positive", {}),
    ("MeanSquaredLogarithmicError", "positive", {}),
    ("Huber", "numbers", {}, {"delta": 0.3}),
    ("LogCosh", "numbers", {}),
    ("CosineSimilarity", "numbers", {}, {"axis": 0, "reduction": "sum"}),
    ("Poisson", "counts", {}),
    ("KLDivergence", "one-hot", {}),
    ("Hinge", "signs", {}),
    ("Hinge", "binary logits", {}),
    ("SquaredHinge", "signs", {}),
    ("CategoricalHinge", "one-hot logits", {}),
    ("BinaryCrossentropy", "binary", {}, {"label_smoothing": 0.2}, {"axis": 1, "reduction": "none"}),
    ("BinaryCrossentropy", "binary logits", {"from_logits": True}),
    ("BinaryFocalCrossentropy", "binary", {}, {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5}),
    ("BinaryFocalCrossentropy", "binary logits", {"from_logits": True, "label_smoothing": 0.1, "gamma": 3.0}),
    ("CategoricalCrossentropy", "one-hot", {}, {"label_smoothing": 0.1}, *REDUCTIONS),
    ("CategoricalCrossentropy", "one-hot logits", {"from_logits": True}),
    ("CategoricalCrossentropy", "one-hot map", {}),
    ("CategoricalCrossentropy", "one-hot first", {"axis": 1}, {"axis": 1, "from_logits": True}),
    ("CategoricalFocalCrossentropy", "one-hot", {}, {"alpha": 0.5, "gamma": 1.0, "label_smoothing": 0.1}),
    ("CategoricalFocalCrossentropy", "one-hot logits", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", "sparse", {}, *REDUCTIONS, {"ignore_class": 2}),
    ("SparseCategoricalCrossentropy", "sparse logits", {"from_logits": True}),
    ("SparseCategoricalCrossentropy", "map", {}, {"ignore_class": 0}, {"ignore_class": 0, "reduction": "sum"}),
    ("CategoricalGeneralizedCrossEntropy", "sparse", {}, {"q": 0.7}),
    ("Dice", "one-hot map", {}, {"axis": (1, 2, 3)}, {"axis": (1, 2), "reduction": "sum"}),
    ("Tversky", "one-hot map", {}, {"alpha": 0.3, "beta": 0.7, "axis": (1, 2, 3)}),
    ("Circle", "embeddings", {}, {"gamma": 10.0, "margin": 0.2, "remove_diagonal": False}),
]
METRICS = [
    *((name, "numbers", {}) for name in ("MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError")),
    *((name, "positive", {}) for name in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError")),
    ("LogCoshError", "numbers", {}),
    ("CosineSimilarity", "numbers", {}),
    ("PearsonCorrelation", "numbers", {}),
    ("ConcordanceCorrelation", "numbers", {}),
    (
        "R2Score",
        "numbers",
        {},
        {"class_aggregation": "variance_weighted_average"},
        {"class_aggregation": None},
        {"num_regressors": 2},
    ),
    ("Poisson", "counts", {}),
    ("KLDivergence", "one-hot", {}),
    ("Hinge", "signs", {}),
    ("SquaredHinge", "signs", {}),
    ("CategoricalHinge", "one-hot", {}),
    ("BinaryCrossentropy", "binary", {}, {"label_smoothing": 0.1}),
    ("CategoricalCrossentropy", "one-hot", {}, {"label_smoothing": 0.1}),
    ("SparseCategoricalCrossentropy", "sparse", {}, {"ignore_class": 2}),
    ("SparseCategoricalCrossentropy", "map", {}),
    ("Accuracy", "classes", {}),
    ("BinaryAccuracy", "binary", {}, {"threshold": 0.3}),
    ("CategoricalAccuracy", "one-hot", {}),
    ("CategoricalAccuracy", "one-hot map", {}),
    ("SparseCategoricalAccuracy", "sparse", {}),
    ("SparseCategoricalAccuracy", "map", {}),
    ("TopKCategoricalAccuracy", "one-hot", {"k": 2}),
    ("SparseTopKCategoricalAccuracy", "sparse", {"k": 3}),
    ("SparseTopKCategoricalAccuracy", "map", {"k": 2}),
    *(
        (name, "binary", {}, {"thresholds": [0.2, 0.5, 0.9]}, {"thresholds": 0.3}, {"thresholds": [0.0, 0.5, 1.0]})
        for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
    ),
    *(
        (
            name,
            "one-hot",
            {},
            {"top_k": 2},
            {"class_id": 1, "thresholds": 0.2},
            {"thresholds": [0.9, 0.1, 0.3]},
            {"top_k": 1, "class_id": 3},
        )
        for name in ("Precision", "Recall")
    ),
    ("Precision", "binary row", {}),
    *(
        (name, data, {argument: 0.5}, {argument: 0.6, **TEN}, {argument: 0.3, "num_thresholds": 1})
        for name, argument in (
            ("SensitivityAtSpecificity", "specificity"),
            ("SpecificityAtSensitivity", "sensitivity"),
            ("PrecisionAtRecall", "recall"),
            ("RecallAtPrecision", "precision"),
        )
        for data in ("binary row", "binary tenths")
    ),
    *(
        ("AUC", data, {**options, "curve": curve, "summation_method": method})
        for data, options in (("binary", {}), ("binary tenths", TEN))
        for curve in ("ROC", "PR", "PRGAIN")
        for method in ("interpolation", "minoring", "majoring")
    ),
    (
        "AUC",
        "binary",
        {"multi_label": True},
        {"multi_label": True, "label_weights": [1, 2, 3, 4], "curve": "PR"},
        {"thresholds": [0.8, 0.2]},
        {"label_weights": [1, 2, 3, 4]},
    ),
    ("AUC", "binary logits", {"from_logits": True}),
    *(
        (name, data, {}, *({"average": kind} for kind in ("micro", "macro", "weighted")), {"threshold": 0.4})
        for name in ("F1Score", "FBetaScore")
        for data in ("one-hot", "binary")
    ),
    ("FBetaScore", "binary", {"beta": 2.0, "threshold": 0.5}),
    ("IoU", "classes", {"num_classes": 5, "target_class_ids": [0, 3]}),
    ("MeanIoU", "class map", {"num_classes": 5}, {"num_classes": 5, "ignore_class": 1}),
    ("MeanIoU", "one-hot map", {"num_classes": 5, "sparse_y_true": False, "sparse_y_pred": False}),
    ("BinaryIoU", "binary", {}, {"target_class_ids": [1], "threshold": 0.3}),
    ("OneHotIoU", "one-hot", {"num_classes": 5, "target_class_ids": [1, 2]}),
    ("OneHotMeanIoU", "one-hot map", {"num_classes": 5}, {"num_classes": 5, "ignore_class": 2}),
    ("Mean", "values", {}),
    ("Sum", "values", {}),
]


def expanded(table, weightless=()):
    """One row for each set of arguments, without and with sample weights."""
    cases = [(*row[:2], arguments, weighted) for row in table for arguments in row[2:] for weighted in (False, True)]
    return [case for case in cases if not (case[3] and (case[0] in weightless or case[2].get("axis") == 0))]


LOSS_CASES, METRIC_CASES = expanded(LOSSES, ("Dice", "Tversky")), expanded(METRICS)


def name_of(case):
    name, data, arguments, weighted = case
    options = " ".join(f"{key}={value}" for key, value in arguments.items())
    return f"{name} {data} {options}{' weighted' if weighted else ''}".replace("  ", " ")


def data_of(case):
    """Targets, predictions, weights. Weights are whole numbers: Keras cuts those of IoU."""
    y_true, y_pred = DATA[case[1]]
    y_true = y_true if y_true.dtype.kind == "i" else y_true.astype("float32")
    weight = (np.arange(len(y_true)) % 4).astype("float32")
    if case in LOSS_CASES and y_true.ndim > 2:
        weight = weight[:, None, None]
    if "IoU" in case[0] and case[1] != "one-hot":  # one for each label
        shape = (4, 2, 2) if "map" in case[1] else y_true.shape
        weight = np.broadcast_to(weight.reshape(-1, *(1,) * (len(shape) - 1)), shape).copy()
    if y_pred is not None:
        y_pred = y_pred if y_pred.dtype.kind == "i" else y_pred.astype("float32")
    return y_true, y_pred, weight if case[3] else None


def metric_result(package, case):
    """The results after each of two batches."""
    y_true, y_pred, weight = data_of(case)
    metric = getattr(package.metrics, case[0])(**case[2])
    results = []
    for part in (slice(0, 3), slice(3, None)):
        arrays = [y[part] for y in (y_true, y_pred) if y is not None]
        metric.update_state(*arrays, sample_weight=None if weight is None else weight[part])
        results.append(np.asarray(metric.result(), "float64").ravel().tolist())
    return results


def keras_loss(keras, case):
    """Keras's loss, and the gradient of its sum with respect to the predictions."""
    import jax

    y_true, y_pred, weight = data_of(case)
    loss = getattr(keras.losses, case[0])(**case[2])
    value = np.asarray(loss(y_true, y_pred, sample_weight=weight), "float64")
    gradient = jax.grad(lambda p: loss(y_true, p, sample_weight=weight).sum())(y_pred)
    return [value.ravel().tolist(), np.asarray(gradient, "float64").ravel().tolist()]


def write_golden():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    golden = {f"loss {name_of(case)}": keras_loss(keras, case) for case in LOSS_CASES}
    golden |= {f"metric {name_of(case)}": metric_result(keras, case) for case in METRIC_CASES}

    def shortened(value):
        return [shortened(one) for one in value] if isinstance(value, list) else float(f"{value:.6g}")

    lines = [f"{json.dumps(key)}: {json.dumps(shortened(value))}" for key, value in golden.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write_golden()
