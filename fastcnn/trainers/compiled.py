"""What `compile` sets up: the optimizer, the loss and the metrics, the latter resolved when labels are first seen."""

from __future__ import annotations

from typing import Any

from fastcnn import losses, metrics, optimizers

ACCURACY = ("accuracy", "acc")
"""Names that mean the accuracy that fits the labels and the output."""

FITTING = {"sparse": "class numbers", "one_hot": "one-hot labels"}
"""Kinds of labels that exclude each other."""


TAKING_VALUES = (
    metrics.Accuracy,
    metrics.BinaryAccuracy,
    metrics.BinaryCrossentropy,
    metrics.MeanAbsoluteError,
    metrics.MeanSquaredError,
)
"""Metrics that compare targets with the output element by element, which class numbers do not fit."""


class Compiled:
    """The optimizer, loss and metrics of a model.

    Args:
        optimizer: a name or an optimizer.
        loss: a name, a loss, or a function; None for none.
        metric_list: names, metrics or functions.

    Raises:
        ValueError, TypeError: one of them is not known, or cannot be trained on.
    """

    def __init__(self, optimizer: Any, loss: Any, metric_list: Any) -> None:
        self.optimizer = optimizers.get(optimizer)
        self.loss = losses.get(loss)
        if self.loss is not None and self.loss.reduction is None:
            raise ValueError(
                f"the loss {self.loss.name} has reduction=None, but training needs a single number; "
                "use reduction='sum_over_batch_size' or 'sum'"
            )
        if metric_list is not None and not isinstance(metric_list, (list, tuple)):
            raise TypeError(f"metrics must be a list, such as ['accuracy'], received {metric_list!r}")
        self.given = list(metric_list or ())
        for metric in self.given:
            if metric not in ACCURACY:
                metrics.get(metric)
        self.loss_tracker = metrics.Mean(name="loss")
        self.metrics: list[metrics.Metric] | None = None

    def resolve(self, target_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
        """Make the metrics, for labels and outputs of these shapes (without the batch).

        Raises:
            ValueError: a metric takes other labels than the loss.
        """
        if self.metrics is not None:
            return
        made = [
            accuracy_for(metric, self.loss, target_shape, output_shape) if metric in ACCURACY else metrics.get(metric)
            for metric in self.given
        ]
        loss: Any = self.loss
        for metric in made:
            wanted = getattr(metric, "labels", "values")
            if loss.labels in FITTING and wanted in FITTING and wanted != loss.labels:
                raise ValueError(
                    f"the metric {metric.name} takes {FITTING[wanted]}, but the loss {loss.name} takes "
                    f"{FITTING[loss.labels]}; use the metric 'accuracy', which fits either"
                )
            if loss.labels == "sparse" and wanted != "sparse" and type(metric) in TAKING_VALUES:
                raise ValueError(
                    f"the metric {metric.name} compares values, but the loss {loss.name} takes class numbers; "
                    "use the metric 'accuracy'"
                )
        self.metrics = made

    @property
    def means(self) -> list[Any]:
        """Metrics that a step adds to by itself."""
        return [metric for metric in self.metrics or () if is_mean(metric)]

    @property
    def others(self) -> list[metrics.Metric]:
        """Metrics that are updated between steps."""
        return [metric for metric in self.metrics or () if not is_mean(metric)]

    @property
    def all_metrics(self) -> list[metrics.Metric]:
        """The mean of the loss, and all metrics."""
        return [self.loss_tracker, *(self.metrics or ())]

    def reset(self) -> None:
        """Forget the batches seen so far."""
        for metric in self.all_metrics:
            metric.reset_state()

    def logs(self) -> dict[str, float]:
        """The results by name, in alphabetical order, as Keras has them."""
        return dict(sorted((metric.name, float(metric.result())) for metric in self.all_metrics))


def is_mean(metric: metrics.Metric) -> bool:
    """Whether a metric is the mean of a function of each sample and nothing more."""
    return (
        isinstance(metric, metrics.MeanMetricWrapper)
        and type(metric).update_state is metrics.MeanMetricWrapper.update_state
    )


def accuracy_for(name: str, loss: Any, target_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> metrics.Metric:
    """The accuracy for labels and outputs of these shapes, by Keras's rule."""
    if output_shape[-1:] == (1,) and loss.labels != "sparse":
        return metrics.BinaryAccuracy(name)
    if len(target_shape) < len(output_shape) or target_shape[-1:] == (1,):
        return metrics.SparseCategoricalAccuracy(name)
    return metrics.CategoricalAccuracy(name)
