"""Optimizers with Keras's names, and `get` for strings."""

from __future__ import annotations

from typing import Any

from fastcnn.optimizers import schedules
from fastcnn.optimizers.adadelta import Adadelta
from fastcnn.optimizers.adafactor import Adafactor
from fastcnn.optimizers.adagrad import Adagrad
from fastcnn.optimizers.adam import Adam
from fastcnn.optimizers.adamax import Adamax
from fastcnn.optimizers.adamw import AdamW
from fastcnn.optimizers.ftrl import Ftrl
from fastcnn.optimizers.lamb import Lamb
from fastcnn.optimizers.lion import Lion
from fastcnn.optimizers.loss_scale_optimizer import LossScaleOptimizer
from fastcnn.optimizers.multi_optimizer import MultiOptimizer, OptimizerMap
from fastcnn.optimizers.muon import Muon
from fastcnn.optimizers.nadam import Nadam
from fastcnn.optimizers.optimizer import Optimizer
from fastcnn.optimizers.rmsprop import RMSprop
from fastcnn.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from fastcnn.optimizers.sgd import SGD
from fastcnn.utils.custom_objects import custom_object_scope, find
from fastcnn.utils.family import Family

CLASSES: dict[str, type[Optimizer]] = {
    cls.__name__: cls
    for cls in (
        SGD,
        Adadelta,
        Adafactor,
        Adagrad,
        Adam,
        AdamW,
        Adamax,
        Ftrl,
        Lamb,
        Lion,
        LossScaleOptimizer,
        MultiOptimizer,
        Muon,
        Nadam,
        RMSprop,
        ScheduleFreeAdamW,
    )
}
LOWER = {name.lower(): cls for name, cls in CLASSES.items()}
FAMILY = Family("optimizer", "keras.optimizers", CLASSES)


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """The configuration of an optimizer, without its state.

    Args:
        optimizer: An optimizer.

    Returns:
        A dictionary that JSON can hold.

    Example:

    >>> from fastcnn import optimizers
    >>> optimizers.serialize(optimizers.SGD(0.5, name="descent"))["config"]["learning_rate"]
    0.5
    """
    config: Any = FAMILY.serialize(optimizer)
    return config


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """An optimizer from its configuration.

    Args:
        config: What `serialize` returned; names of this package's classes may be in lower case.
        custom_objects: Classes of your own, by name.

    Raises:
        TypeError: It is no configuration.
        ValueError: No optimizer has that name, or its arguments do not fit.

    Example:

    >>> from fastcnn import optimizers
    >>> optimizers.deserialize({"class_name": "adam", "config": {"learning_rate": 0.5}})
    <Adam learning_rate=0.5>
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise TypeError(f"an optimizer's configuration must be a dictionary with a class_name, received {config!r}")
    name = config["class_name"]
    if isinstance(name, str) and name not in CLASSES and name.lower() in LOWER:
        config = {**config, "class_name": name.lower()}
    cls = find("optimizer", config, {**LOWER, **CLASSES}, custom_objects)
    with custom_object_scope(custom_objects):
        made: Optimizer = cls.from_config(dict(config["config"]))
    return made


def get(identifier: Any) -> Optimizer | None:
    """The optimizer meant by a name, a configuration, an optimizer object or an optimizer class.

    Args:
        identifier: For example `"adam"`, in any case, `optimizers.SGD(0.1)`, or what `serialize` returned; None.

    Returns:
        An optimizer; None for None.

    Raises:
        ValueError: No optimizer has that name, or `identifier` is none of these.

    Example:

    >>> from fastcnn import optimizers
    >>> optimizers.get("sgd")
    <SGD learning_rate=0.01>
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        made: Any = identifier
        return made()
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    raise ValueError(f"optimizer must be a name or an Optimizer, not {identifier!r}")


__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]
