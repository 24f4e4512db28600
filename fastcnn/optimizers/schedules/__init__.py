"""Learning-rate schedules with Keras's names."""

from __future__ import annotations

from typing import Any

from fastcnn.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from fastcnn.optimizers.schedules.decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from fastcnn.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from fastcnn.utils.family import Family

CLASSES: dict[str, type[LearningRateSchedule]] = {
    cls.__name__: cls
    for cls in (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )
}
FAMILY = Family("learning-rate schedule", "keras.optimizers.schedules", CLASSES)


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """The configuration of a schedule.

    Args:
        learning_rate_schedule: A schedule.

    Returns:
        A dictionary that JSON can hold.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedules.serialize(schedules.CosineDecay(0.1, 50))["class_name"]
    'CosineDecay'
    """
    config: Any = FAMILY.serialize(learning_rate_schedule)
    return config


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> LearningRateSchedule:
    """A schedule from its configuration.

    Args:
        config: What `serialize` returned.
        custom_objects: Classes of your own, by name.

    Raises:
        ValueError: No schedule has that name.

    Example:

    >>> from fastcnn.optimizers import schedules
    >>> schedules.deserialize(schedules.serialize(schedules.CosineDecay(0.5, 50)))(0)
    0.5
    """
    made: LearningRateSchedule = FAMILY.deserialize(config, custom_objects)
    return made


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
