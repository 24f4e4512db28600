"""Functions that a functional model keeps as they were called: `ops.mean(x, axis=1)` on its tensors is one operation of
the model, with Keras's class and arguments in files, whatever ops the function is composed of.

A function that is not named here is kept as the ops that it applies.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastcnn.graph import SymbolicCall, SymbolicTensor, Tensor
from fastcnn.graph.open_sizes import TRIALS, is_open, stand_in
from fastcnn.graph.symbolic import symbols_of
from fastcnn.ops.batch_size import BatchSize

PREFIX = "ops."
"""What the target of a call begins with, if it is a function of this table."""

NUMPY, NN, MATH, CORE, LINALG, IMAGE = (
    f"keras.src.ops.{part}" for part in ("numpy", "nn", "math", "core", "linalg", "image")
)
OPERANDS: dict[str, dict[int, str]] = {
    NUMPY: {
        1: "absolute all amax amin any arccos arccosh arcsin arcsinh arctan arctanh argmax argmin argsort broadcast_to "
        "cbrt ceil clip concatenate cos cosh count_nonzero cumprod cumsum diagonal diff exp exp2 expand_dims expm1 "
        "flip floor hstack isfinite isinf isnan log log10 log1p log2 logical_not max mean median min moveaxis "
        "nan_to_num negative pad prod ravel reciprocal repeat reshape roll round sign sin sinh sort split sqrt square "
        "squeeze stack std sum swapaxes tan tanh tile trace transpose tril triu trunc var vstack",
        2: "add arctan2 divide divide_no_nan dot equal floor_divide get_item greater greater_equal less less_equal "
        "logaddexp logical_and logical_or logical_xor matmul maximum minimum mod multiply not_equal outer power "
        "subtract take take_along_axis tensordot true_divide",
        3: "where",
    },
    NN: {
        1: "average_pool celu depth_to_space elu gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu "
        "log_sigmoid log_softmax max_pool normalize one_hot relu relu6 selu sigmoid silu soft_shrink softmax softplus "
        "softsign space_to_depth squareplus tanh_shrink threshold",
        2: "conv conv_transpose depthwise_conv",
    },
    MATH: {1: "erf logsumexp rsqrt"},
    CORE: {1: "cast stop_gradient"},
    LINALG: {1: "norm"},
    IMAGE: {
        1: "crop_images extract_patches gaussian_blur hsv_to_rgb pad_images resize rgb_to_grayscale rgb_to_hsv "
        "sobel_edges",
        2: "affine_transform",
    },
}
"""How many arguments of a function, from the first, are tensors or stand beside them in a call; by Keras's module."""
CLASSES = {"hsv_to_rgb": "HSVToRGB", "rgb_to_grayscale": "RGBToGrayscale", "rgb_to_hsv": "RGBToHSV"}
"""Keras's classes that are not called like the function in camel case."""


@dataclass(frozen=True)
class Recorded:
    """A function of the table."""

    name: str
    module: str
    operands: int
    function: Callable[..., Any]

    @property
    def keras_class(self) -> str:
        """The name of Keras's class."""
        return CLASSES.get(self.name) or "".join(part.capitalize() for part in self.name.split("_"))

    def __call__(self, *operands: Any, **attributes: Any) -> Any:
        """The function's value."""
        return self.function(*operands, **attributes)


RECORDED: dict[str, Recorded] = {}
"""The functions by their names."""


WRAPPERS: dict[str, Callable[..., Any]] = {}
"""What stands in the place of each function, by its name."""


def record_functions(module: str, names: dict[str, Any]) -> None:
    """Let the functions of a part of Keras's ops be recorded as they are called: replaced in a namespace, under other
    names that they have there, too."""
    table = {name: operands for operands, functions in OPERANDS[module].items() for name in functions.split()}
    replaced_by = {}
    for name, operands in table.items():
        RECORDED[name] = Recorded(name, module, operands, names[name])
        WRAPPERS[name] = replaced_by[id(names[name])] = recording(RECORDED[name])
    names.update({name: WRAPPERS[name] for name in table})
    names.update({other: replaced_by[id(value)] for other, value in names.items() if id(value) in replaced_by})


def recording(recorded: Recorded) -> Callable[..., Any]:
    """The function, for tensors of functional models, too."""

    @functools.wraps(recorded.function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not is_symbolic((args, kwargs)):
            return recorded.function(*args, **kwargs)
        signature = inspect.signature(recorded.function)
        given = signature.bind(*args, **kwargs).arguments
        names = list(signature.parameters)[: recorded.operands]
        operands = tuple(given.pop(name) for name in names if name in given)
        plain = all(is_plain(value) for value in given.values())
        if not plain or not all(is_plain(operand, among_tensors=True) for operand in operands):
            return recorded.function(*args, **kwargs)
        return symbols(recorded, operands, given)

    return wrapper


def symbols(recorded: Recorded, operands: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
    """The outputs of a call as tensors of a functional model."""

    def trial(size: int) -> Any:
        return recorded(*replaced(operands, lambda tensor: stand_in(tensor, size)), **attributes)

    some_open = any(is_open(tensor.shape) for tensor in tensors_in(operands))
    trials = [trial(size) for size in (TRIALS if some_open else TRIALS[:1])]
    call = SymbolicCall(PREFIX + recorded.name, operands, attributes)
    if isinstance(trials[0], Tensor):
        return symbols_of(call, trials[:1], trials[-1:])[0]
    made = symbols_of(call, trials[0], trials[-1])
    return made if isinstance(trials[0], list) else tuple(made)


def is_symbolic(value: Any) -> bool:
    """Whether a tensor of a functional model is among arguments."""
    if isinstance(value, (list, tuple, dict)):
        return any(is_symbolic(member) for member in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, SymbolicTensor)


def is_plain(value: Any, among_tensors: bool = False) -> bool:
    """Whether an argument can be kept in a configuration."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(member, among_tensors) for member in value)
    if isinstance(value, slice):
        return all(is_plain(end) for end in (value.start, value.stop, value.step))
    if isinstance(value, BatchSize):
        return False
    if among_tensors and isinstance(value, (SymbolicTensor, np.ndarray)):
        return True
    return value is None or value is Ellipsis or isinstance(value, (str, bool, int, float, np.generic))


def tensors_in(value: Any) -> list[SymbolicTensor]:
    """The tensors of functional models among operands."""
    if isinstance(value, (list, tuple)):
        return [tensor for member in value for tensor in tensors_in(member)]
    return [value] if isinstance(value, SymbolicTensor) else []


def replaced(value: Any, function: Callable[[SymbolicTensor], Any]) -> Any:
    """Operands with something else in the places of such tensors."""
    if isinstance(value, (list, tuple)):
        return type(value)(replaced(member, function) for member in value)
    return function(value) if isinstance(value, SymbolicTensor) else value


def known(name: str) -> Recorded | None:
    """The function that a call's target names; None if it is none of this table."""
    return RECORDED.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None


def of_keras(config: Mapping[str, Any]) -> Recorded | None:
    """The function that stands for an object of Keras, by the module and class in a configuration; None for none."""
    module, name = str(config.get("module")), config.get("class_name")
    return next((one for one in RECORDED.values() if one.module == module and one.keras_class == name), None)
