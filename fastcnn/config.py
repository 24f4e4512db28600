"""Settings of the whole process, by the names of `keras.config`, and those of the engine."""

from fastcnn._core import winograd as core
from fastcnn.dtype_policies import dtype_policy as dtype_policy
from fastcnn.dtype_policies import set_dtype_policy as set_dtype_policy

BACKEND = "fastcnn"
FLOATX = "float32"
EPSILON = 1e-7
IMAGE_DATA_FORMAT = "channels_last"


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


def expect_only(name: str, value: object, accepted: object) -> None:
    """Raise unless the value of a setting is the one that the engine has."""
    if value != accepted:
        raise ValueError(f"{name} must be {accepted!r}, the only value that fastcnn has; received {value!r}")


def winograd() -> bool:
    """Whether 3x3 convolutions may be computed by Winograd's algorithm; see `set_winograd`."""
    return core.enabled


def set_winograd(enabled: bool) -> None:
    """Let 3x3 convolutions of stride 1 and their gradients use Winograd's algorithm where it is faster, or not at all.

    It takes a quarter of the multiplications or a little more, and rounds otherwise: relative to the largest output its
    error is about 1e-5, where that of the direct kernels is about 1e-6. A NaN or infinity in the input spreads to
    neighbouring outputs, up to three pixels further than the kernel reaches. The choice depends on shapes alone.

    On at import, unless the environment variable `FASTCNN_WINOGRAD` is 0. A change counts for what is prepared after
    it: a model that has trained or predicted with some batch size keeps the kernels chosen for that. Set it before a
    model is used.

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
