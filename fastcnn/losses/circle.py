"""Circle loss: embeddings of one class are drawn together and those of different classes apart.

Source: Sun et al., "Circle loss", CVPR 2020, in the form of `keras.losses.Circle`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastcnn import ops
from fastcnn.losses.loss import LossFunctionWrapper, operand
from fastcnn.utils.arguments import checked_number


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """The loss of each embedding against the references.

    Args:
        y_true: Class numbers, shape `(batch,)`.
        y_pred: Embeddings of length 1, shape `(batch, n)`.
        ref_labels: Class numbers of the references, shape `(references,)`; None: those of the batch.
        ref_embeddings: The references, shape `(references, n)`; None: the batch.
        remove_diagonal: Whether an embedding is not compared with itself.
        gamma: How sharply the loss rises.
        margin: How near embeddings of one class are to be.

    Returns:
        Shape `(batch,)`.

    Example:

    >>> from fastcnn import losses
    >>> losses.circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).round(3)
    array([0., 0., 0.], dtype=float32)
    """
    y_true, y_pred = operand(y_true), operand(y_pred)
    others = y_pred if ref_embeddings is None else operand(ref_embeddings)
    other_labels = y_true if ref_labels is None else operand(ref_labels)
    distance = ops.maximum(ops.subtract(1, ops.matmul(y_pred, ops.transpose(others))), 0)
    same = ops.equal(ops.reshape(y_true, (-1, 1)), ops.reshape(other_labels, (1, -1)))
    different = ops.logical_not(same)
    if remove_diagonal:
        same = ops.multiply(same, 1 - np.eye(same.shape[0], same.shape[1], dtype="float32"))
    near_weight = ops.maximum(ops.multiply(ops.add(distance, margin), same), 0)
    far_weight = ops.maximum(ops.multiply(ops.subtract(1 + margin, distance), different), 0)
    near = ops.multiply(ops.multiply(near_weight, ops.subtract(margin, distance)), -gamma)
    far = ops.multiply(ops.multiply(far_weight, ops.subtract(1 - margin, distance)), gamma)
    parts = [
        ops.logsumexp(ops.where(mask, values, -math.inf), axis=1) for mask, values in ((same, near), (different, far))
    ]
    return ops.softplus(ops.add(*parts))


class Circle(LossFunctionWrapper):
    """Circle loss of embeddings; its mean is over those whose loss is not 0.

    Args:
        gamma: How sharply the loss rises.
        margin: How near embeddings of one class are to be.
        remove_diagonal: Whether an embedding is not compared with itself.
        reduction: As in `Loss`, by default the mean.
        name: A name for messages.
        dtype: As in `Loss`.

    Example:

    >>> from fastcnn import losses
    >>> round(float(losses.Circle()([0, 0, 1], [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])), 2)
    3.2
    """

    labels = "any"

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: str | None = None,
    ) -> None:
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=checked_number(gamma, "gamma"),
            margin=checked_number(margin, "margin"),
            remove_diagonal=remove_diagonal,
        )

    def mask(self, y_true: Any, y_pred: Any, values: Any) -> Any:
        """Embeddings that cost nothing do not count."""
        return ops.greater(values, 0)
