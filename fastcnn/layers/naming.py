"""Names that layers and models get when the user gives none, as Keras makes them: conv2d, conv2d_1, ..."""

import gc
import re
from collections import Counter

_used: Counter[str] = Counter()


def snake_case(class_name: str) -> str:
    """A class name in snake case, by Keras's rule: `MaxPooling2D` gives `max_pooling2d`."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def clear_session(free_memory: bool = True) -> None:
    """Let the names that layers and models get by themselves count from the start again.

    Args:
        free_memory: Whether to collect garbage, so that the memory of models nobody holds is free. Default True.

    Example:

    >>> from fastcnn import layers, utils
    >>> utils.clear_session()
    >>> layers.Dense(1).name
    'dense'
    """
    _used.clear()
    if free_memory:
        gc.collect()


def auto_name(class_name: str) -> str:
    """The next free name for an object of a class."""
    name = snake_case(class_name)
    number = _used[name]
    _used[name] += 1
    return f"{name}_{number}" if number else name


def checked_name(name: object) -> str:
    """A name given by the user.

    Raises:
        ValueError: it is no string, or holds a slash, which separates layers in the paths of weights.
    """
    if not isinstance(name, str) or not name or "/" in name:
        raise ValueError(f"name must be a string, not empty and without the character '/', received name={name!r}")
    return name
