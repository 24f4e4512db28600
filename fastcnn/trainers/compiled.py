"""What `compile` sets up: the optimizer, and for each output of the model its losses and metrics, which are resolved
when labels are first seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastcnn import losses, metrics, optimizers
from fastcnn.metrics.metric import Metric, as_number
from fastcnn.trainers.guard import Guard
from fastcnn.trainers.per_output import flat_list, for_each_output
from fastcnn.utils.arguments import checked_number

ACCURACY = ("accuracy", "acc")
"""Names that mean the accuracy that fits the labels and the output."""
CROSSENTROPY = ("crossentropy", "ce")
"""Names that mean the cross-entropy that fits the labels and the output."""
FITTING = {"sparse": "class numbers", "one_hot": "one-hot labels"}
"""Kinds of labels that exclude each other."""


@dataclass(frozen=True)
class Output:
    """What is known of an output of the model: its name and the shapes of a row of it and of its targets."""

    name: str | None
    shape: tuple[int, ...]
    target_shape: tuple[int, ...] | None


@dataclass
class Head:
    """Losses, with weights, and metrics of one output."""

    losses: list[Any] = field(default_factory=list)
    loss_weights: list[float] = field(default_factory=list)
    trackers: list[metrics.Mean] = field(default_factory=list)
    """The means of the single losses, where there are several in all."""
    metrics: list[Metric] = field(default_factory=list)
    weighted_metrics: list[Metric] = field(default_factory=list)

    @property
    def labels(self) -> str:
        """What the targets hold, in the words of `Loss.labels`."""
        kinds = [loss.labels for loss in self.losses] or [m.labels for m in (*self.metrics, *self.weighted_metrics)]
        return next((kind for kind in kinds if kind in FITTING), kinds[0] if kinds else "any")


class Compiled:
    """The optimizer, losses and metrics of a model.

    Args:
        optimizer: a name or an optimizer.
        loss: a name, a loss, or a function; for several outputs a list or a dictionary of them; None for none.
        metric_list: names, metrics or functions; for several outputs a list of lists or a dictionary.
        loss_weights: a number for each loss.
        weighted_metrics: metrics that take the sample weights.
        options: the other arguments of `compile`, which are kept to be saved.

    Raises:
        ValueError: one of them is not known, or cannot be trained on.
    """

    def __init__(
        self,
        optimizer: Any,
        loss: Any,
        metric_list: Any,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        made = optimizers.get(optimizer)
        if made is None:
            raise ValueError("optimizer must be a name or an Optimizer, received None")
        self.optimizer = made
        self.loss = loss
        for one in flat_list(loss):
            if one not in CROSSENTROPY:
                checked_loss(losses.get(one))
        for name, given in (("metrics", metric_list), ("weighted_metrics", weighted_metrics)):
            if given is not None and not isinstance(given, (list, tuple, dict)):
                raise ValueError(f"{name} must be a list, such as ['accuracy'], received {given!r}")
            for metric in flat_list(given):
                if metric not in ACCURACY:
                    metrics.get(metric)
        if loss_weights is not None and not isinstance(loss_weights, (list, tuple, dict, float, int)):
            raise ValueError(f"loss_weights must be a number, a list or a dictionary, received {loss_weights!r}")
        for one in flat_list(loss_weights):
            if isinstance(one, str):
                raise ValueError(
                    f"loss_weights must be numbers, received {loss_weights!r}; metrics are passed as metrics={[one]!r}"
                )
            checked_number(one, "loss_weights")
        self.loss_weights = loss_weights
        self.given = (metric_list, weighted_metrics)
        self.options = options or {}
        self.guard = Guard()
        self.loss_tracker = metrics.Mean(name="loss")
        self.heads: list[Head] | None = None
        self.names: list[str] = []

    def resolve(self, outputs: Sequence[Output]) -> list[Head]:
        """Make the losses and metrics for these outputs.

        Raises:
            ValueError: a loss or metric names no output, or a metric takes other labels than the loss.
        """
        if self.heads is not None:
            return self.heads
        names = [output.name for output in outputs]
        heads = [Head() for _ in outputs]
        all_losses = for_each_output(self.loss, names, "loss", repeat=True)
        all_weights = for_each_output(self.loss_weights, names, "loss_weights")
        arguments = ("metrics", "weighted_metrics")
        plain, weighted = (for_each_output(given, names, of) for given, of in zip(self.given, arguments, strict=True))
        for head, output, loss, weight, own, own_weighted in zip(
            heads, outputs, all_losses, all_weights, plain, weighted, strict=True
        ):
            head.losses = [loss_for(one, output) for one in flat_list(loss)]
            given_weights = flat_list(weight) or [1.0] * len(head.losses)
            if len(given_weights) != len(head.losses):
                raise ValueError(f"loss_weights must match the losses: {len(given_weights)} for {len(head.losses)}")
            head.loss_weights = [float(one) for one in given_weights]
            head.metrics = [metric_for(one, head.losses, output) for one in flat_list(own)]
            head.weighted_metrics = [metric_for(one, head.losses, output) for one in flat_list(own_weighted)]
            for metric in (*head.metrics, *head.weighted_metrics):
                check_labels(metric, head.losses)
        if sum(len(head.losses) for head in heads) > 1:
            for head, output in zip(heads, outputs, strict=True):
                whose = [output.name if len(outputs) > 1 else loss.name for loss in head.losses]
                head.trackers = [metrics.Mean(f"{name}_loss") for name in whose]
        self.names = names_in_logs(heads, names if len(outputs) > 1 else [None])
        self.heads = heads
        return heads

    @property
    def trackers(self) -> list[metrics.Mean]:
        """The means of the loss, and of single losses where there are several."""
        return [self.loss_tracker, *(tracker for head in self.heads or () for tracker in head.trackers)]

    @property
    def all_metrics(self) -> list[metrics.Metric]:
        """The means of the losses, and all metrics."""
        heads = self.heads or []
        return [
            *self.trackers,
            *(metric for head in heads for metric in head.metrics),
            *(metric for head in heads for metric in head.weighted_metrics),
        ]

    @property
    def metrics_names(self) -> list[str]:
        """Names of the results, in the order of `all_metrics`: before the first batch, those that are known then."""
        if self.heads is not None:
            return self.names
        known = [Head(metrics=[Named(one) for one in flat_list(given)]) for given in self.given]
        return names_in_logs([Head(metrics=known[0].metrics, weighted_metrics=known[1].metrics)], [None])

    def reset(self) -> None:
        """Forget the batches seen so far."""
        for metric in self.all_metrics:
            metric.reset_state()

    def results(self) -> list[Any]:
        """The results, in the order of `metrics_names`."""
        return [as_number(metric.result()) for metric in self.all_metrics]

    def logs(self) -> dict[str, Any]:
        """The results by name, in alphabetical order, as Keras has them."""
        return dict(sorted(zip(self.metrics_names, self.results(), strict=True)))


class Named(metrics.Metric):
    """A metric that is not made yet: the name it will have."""

    def __init__(self, given: Any) -> None:
        name = given if isinstance(given, str) else getattr(given, "name", None) or getattr(given, "__name__", None)
        super().__init__(name=str(name))


def names_in_logs(heads: Sequence[Head], outputs: Sequence[str | None]) -> list[str]:
    """The names in logs of all losses and metrics, each different from the others, as Keras makes them different."""
    names = ["loss", *(tracker.name for head in heads for tracker in head.trackers)]
    used: dict[str, int] = {}
    for weighted in (False, True):
        for head, output in zip(heads, outputs, strict=True):
            for metric in head.weighted_metrics if weighted else head.metrics:
                prefix = f"{output}_" if output else ""
                name = prefix + metric.name
                if weighted and name in used:
                    name = f"{prefix}weighted_{metric.name}"
                number = used.get(name, 0)
                used[name] = number + 1
                names.append(f"{name}_{number}" if number else name)
    return names


def checked_loss(loss: Any) -> Any:
    """A loss, if it gives a number.

    Raises:
        ValueError: it gives one for each sample.
    """
    if loss is not None and loss.reduction in (None, "none"):
        raise ValueError(
            f"the loss {loss.name} has reduction={loss.reduction}, but training needs a single number; "
            "use reduction='sum_over_batch_size' or 'sum'"
        )
    return loss


def fit_of(output: Output) -> str:
    """Which accuracy and cross-entropy fit an output and its targets, by Keras's rule."""
    targets = output.target_shape or ()
    if output.shape[-1:] == (1,):
        return "binary"
    return "sparse_categorical" if len(targets) < len(output.shape) or targets[-1:] == (1,) else "categorical"


def loss_for(given: Any, output: Output) -> Any:
    """The loss that is meant, for an output."""
    name = f"{fit_of(output)}_crossentropy" if given in CROSSENTROPY else given
    return losses.get(name)


def metric_for(given: Any, own_losses: Sequence[Any], output: Output) -> metrics.Metric:
    """The metric that is meant, for an output."""
    if given not in ACCURACY:
        return metrics.get(given)
    fit = fit_of(output)
    if fit == "binary" and any(loss.labels == "sparse" for loss in own_losses):
        fit = "sparse_categorical"
    kinds = {
        "binary": metrics.BinaryAccuracy,
        "categorical": metrics.CategoricalAccuracy,
        "sparse_categorical": metrics.SparseCategoricalAccuracy,
    }
    made: Any = kinds[fit]
    return made(name=given)


def check_labels(metric: metrics.Metric, own_losses: Sequence[Any]) -> None:
    """A metric of the library must take what the losses take.

    Raises:
        ValueError: it takes other labels.
    """
    of_library = type(metric).__module__.startswith("fastcnn.") and type(metric) is not metrics.MeanMetricWrapper
    for loss in own_losses:
        if loss.labels in FITTING and metric.labels in FITTING and metric.labels != loss.labels:
            raise ValueError(
                f"the metric {metric.name} takes {FITTING[metric.labels]}, but the loss {loss.name} takes "
                f"{FITTING[loss.labels]}; use the metric 'accuracy', which fits either"
            )
        if loss.labels == "sparse" and metric.labels in ("values", "binary") and of_library:
            raise ValueError(
                f"the metric {metric.name} compares values, but the loss {loss.name} takes class numbers; "
                "use the metric 'accuracy'"
            )
