"""Hinge losses watched as metrics."""

from __future__ import annotations

from fastcnn.losses import categorical_hinge, hinge, squared_hinge
from fastcnn.metrics.reduction import MeanMetricWrapper


class Hinge(MeanMetricWrapper):
    """Mean of what predictions are short of their labels, -1 or 1, by.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.Hinge()([[0.0, 1.0], [0.0, 0.0]], [[0.5, 0.5], [-2.0, 0.0]])
    0.75
    """

    def __init__(
        self,
        name: str = "hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """Mean of the squares of what predictions are short of their labels, -1 or 1, by.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.SquaredHinge()([[0.0, 1.0]], [[1.0, 0.0]])
    2.5
    """

    def __init__(
        self,
        name: str = "squared_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """Mean of what the prediction for the right class is short of 1 above all others by.

    Args:
        name: The name shown.
        dtype: As in `Metric`.

    Example:

    >>> from fastcnn import metrics
    >>> metrics.CategoricalHinge()([[0, 1, 0]], [[0.5, 0.25, 0.0]])
    1.25
    """

    labels = "one_hot"

    def __init__(
        self,
        name: str = "categorical_hinge",
        dtype: str | None = None,
    ) -> None:
        super().__init__(categorical_hinge, name, dtype)
