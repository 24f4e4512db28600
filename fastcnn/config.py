"""Settings of the whole process, by the names of `keras.config`, and those of the engine."""

from __future__ import annotations

from typing import Any

from fastcnn._core import winograd as core
from fastcnn.graph.changes import note_change
from fastcnn.utils.arguments import as_integer
from fastcnn.utils.interactive import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)

__all__ = [
    "backend",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
    "set_winograd",
    "winograd",
]
from fastcnn.dtype_policies import dtype_policy as dtype_policy
from fastcnn.dtype_policies import set_dtype_policy as set_dtype_policy

BACKEND = "fastcnn"
FLOATX = "float32"
EPSILON = 1e-7
IMAGE_DATA_FORMAT = "channels_last"
LIMITS: dict[str, int | None] = {"max_epochs": None, "max_steps_per_epoch": None}
FILTERING = {"tracebacks": True}


def backend() -> str:
    """The name of the engine, `"fastcnn"`."""
    return BACKEND


def floatx() -> str:
    """The type of weights, inputs and outputs: `"float32"`."""
    return FLOATX


def set_floatx(value: str) -> None:
    """Accept `"float32"`, the one type there is, so that code written for Keras runs.

    Raises:
        ValueError: any other value.
    """
    expect_only("floatx", value, FLOATX)


def epsilon() -> float:
    """The small number against log(0) and division by 0 in losses and metrics: 1e-7."""
    return EPSILON


def set_epsilon(value: float) -> None:
    """Accept 1e-7, the number that the kernels are compiled with.

    Raises:
        ValueError: any other value.
    """
    expect_only("epsilon", value, EPSILON)


def image_data_format() -> str:
    """The order of an image's axes where a layer is not told: `"channels_last"`."""
    return IMAGE_DATA_FORMAT


def set_image_data_format(data_format: str) -> None:
    """Accept `"channels_last"`, the one default there is.

    Raises:
        ValueError: any other value.
    """
    expect_only("data_format", data_format, IMAGE_DATA_FORMAT)


def set_backend(backend: str) -> None:
    """Accept `"fastcnn"`, the one engine there is.

    Raises:
        ValueError: any other value.
    """
    expect_only("backend", backend, BACKEND)


def is_nnx_enabled() -> bool:
    """False: variables are fastcnn's own."""
    return False


def max_epochs() -> int | None:
    """The most epochs that `fit` trains, whatever it is told; None for no limit."""
    return LIMITS["max_epochs"]


def set_max_epochs(max_epochs: int | None) -> None:
    """Let `fit` train so many epochs at most, for a quick try of a long program.

    Raises:
        ValueError: it is neither None nor an integer from 1 on.
    """
    LIMITS["max_epochs"] = limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most batches that `fit`, `evaluate` and `predict` take of an epoch; None for no limit."""
    return LIMITS["max_steps_per_epoch"]


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Let `fit`, `evaluate` and `predict` take so many batches at most, for a quick try of a long program.

    Raises:
        ValueError: it is neither None nor an integer from 1 on.
    """
    LIMITS["max_steps_per_epoch"] = limit("max_steps_per_epoch", max_steps_per_epoch)


def limit(name: str, value: Any) -> int | None:
    """A limit: None, or an integer from 1 on."""
    if value is None:
        return None
    number = as_integer(value)
    if number is None or number < 1:
        raise ValueError(f"{name} must be None or an integer from 1 on, received {value!r}")
    return number


def enable_traceback_filtering() -> None:
    """Accepted for Keras's sake: tracebacks of fastcnn are short, and shown whole."""
    FILTERING["tracebacks"] = True


def disable_traceback_filtering() -> None:
    """Accepted for Keras's sake: tracebacks of fastcnn are short, and shown whole."""
    FILTERING["tracebacks"] = False


def is_traceback_filtering_enabled() -> bool:
    """What was set last; True before."""
    return FILTERING["tracebacks"]


def enable_unsafe_deserialization() -> None:
    """Refused: fastcnn never runs code that comes out of a file.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        "fastcnn never runs code that comes out of a file: name your functions, and register them by "
        "saving.register_keras_serializable or pass them as custom_objects"
    )


def expect_only(name: str, value: object, accepted: object) -> None:
    """Raise unless the value of a setting is the one that the engine has."""
    if value != accepted:
        raise ValueError(f"{name} must be {accepted!r}, the only value that fastcnn has; received {value!r}")


def winograd() -> bool:
    """Whether 3x3 convolutions may be computed by Winograd's algorithm; see `set_winograd`."""
    return core.enabled


def set_winograd(enabled: bool) -> None:
    """Let 3x3 convolutions of stride 1 or 2 and their gradients use Winograd's algorithm where it is faster, or not.

    It takes a quarter of the multiplications or a little more, and rounds otherwise: relative to the largest output its
    error is about 1e-5, where that of the direct kernels is about 1e-6. A NaN or infinity in the input spreads to
    neighbouring outputs, up to three pixels further than the kernel reaches. The choice depends on shapes alone.

    On at import, unless the environment variable `FASTCNN_WINOGRAD` is 0. A change counts from the next call of a
    model or its methods on: a model that has been used before prepares its steps anew.

    Args:
        enabled: True or False.

    Raises:
        ValueError: anything else.

    Example:

    >>> import fastcnn
    >>> fastcnn.config.set_winograd(False)
    >>> fastcnn.config.winograd()
    False
    >>> fastcnn.config.set_winograd(True)
    """
    if not isinstance(enabled, bool):
        raise ValueError(f"enabled must be True or False, received {enabled!r}")
    core.enabled = enabled
    note_change()
