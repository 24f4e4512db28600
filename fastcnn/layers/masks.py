"""How masks go from the inputs of a layer to its call and to its outputs."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from fastcnn.graph import Tensor
from fastcnn.graph.masks import mask_of, set_mask
from fastcnn.utils import tree


class MaskCarrier:
    """The part of `Layer` that has to do with masks."""

    name: str
    call: Callable[..., Any]
    supports_masking = False
    """Whether outputs have masks where inputs have them: without a `compute_mask` of the layer's own, the same ones."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in vars(cls) and "supports_masking" not in vars(cls):
            cls.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output, or a list of one for each; None for none.

        Args:
            inputs: The first argument of the call.
            previous_mask: Its mask, or the structure of the masks of several; None for what has none.
        """
        return previous_mask

    def masks_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The masks of tensors that a call takes as arguments and was not given: `mask` for one tensor or structure of
        them; of several, `x_mask` for x."""
        names = parameters(type(self).call)
        if not any(name.endswith("mask") for name in names):
            return {}
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        tensors = {name: value for name, value in given.items() if holds_tensors(value)}
        alone = len(tensors) == 1
        wanted = {"mask" if alone else f"{name}_mask": name for name in tensors}
        return {
            mask: tree.map_structure(mask_of, tensors[name])
            for mask, name in wanted.items()
            if mask in names and given.get(mask) is None
        }

    def pass_on_masks(self, inputs: Any, previous_mask: Any, outputs: Any) -> None:
        """Give outputs that have no masks those that follow from the masks of the input."""
        if self.supports_masking:
            flat = tree.flatten(outputs)
            if any(mask_of(output) is None for output in flat):
                masks = self.compute_mask(inputs, previous_mask)
                for output, mask in zip(flat, [] if masks is None else tree.flatten(masks), strict=False):
                    if mask is not None and mask_of(output) is None:
                        set_mask(output, mask)
        elif any(mask is not None for mask in tree.flatten(previous_mask)):
            warnings.warn(
                f"Layer '{self.name}' (of type {type(self).__name__}) was passed an input with a mask attached to it. "
                "However, this layer does not support masking and will therefore destroy the mask information. "
                "Downstream layers will not see the mask.",
                stacklevel=4,
            )


@functools.cache
def parameters(call: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a `call` method's parameters without `self`."""
    return tuple(inspect.signature(call).parameters)[1:]


def holds_tensors(value: Any) -> bool:
    """Whether an argument is a tensor, or a structure of tensors."""
    if isinstance(value, (Tensor, np.ndarray)):
        return True
    return tree.is_structure(value) and all(isinstance(leaf, (Tensor, np.ndarray)) for leaf in tree.flatten(value))
