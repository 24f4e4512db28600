"""Lowering of windows along the first axis behind the batch, and of their gradient."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.unfold import Fold, Unfold
from fastcnn.plan.lowering.registry import Arrays, lowers


def geometry(node: Any) -> dict[str, Any]:
    """The options of both calls."""
    attrs = node.attrs
    return {name: attrs[name] for name in ("taps", "stride", "dilation", "groups")} | {"front": attrs["padding"][0]}


@lowers("unfold")
def unfold(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Unfold(inputs[0], outputs[0], **geometry(node))]


@lowers("fold")
def fold(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Fold(inputs[0], outputs[0], **geometry(node))]
