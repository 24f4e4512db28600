"""Why a convolution is not made by Winograd's algorithm, as a profile says it."""

from collections.abc import Sequence
from typing import Any

from fastcnn._core import winograd
from fastcnn._core.call import Call
from fastcnn._core.conv_planes import ConvPlanes, PlanesWeightGradient
from fastcnn.plan.lowering.registry import described

ON_PLANES = "on planes of channels: few outputs would leave vectors half empty"


def why_direct(
    kernel_size: Sequence[int], strides: Sequence[int], dilation: Sequence[int] = (1, 1), groups: int = 1
) -> str:
    """What keeps these taps from Winograd's algorithm."""
    if groups > 1:
        return f"{groups} groups"
    if tuple(kernel_size) == (1, 1):
        return "1x1 kernels have no products to save"
    if tuple(kernel_size) != (3, 3):
        return f"{kernel_size[0]}x{kernel_size[1]} kernel, Winograd's algorithm is for 3x3"
    if tuple(dilation) != (1, 1):
        return "taps lie apart"
    if tuple(strides) not in ((1, 1), (2, 2)):
        return f"steps of {strides[0]}x{strides[1]}"
    if not winograd.enabled:
        return "Winograd's algorithm is switched off"
    return "Winograd's transforms would cost more than they save"


def direct(node: Any, kernel_size: Sequence[int], calls: list[Call]) -> list[Call]:
    """The calls of a convolution or of a gradient, with what a profile says of them."""
    if any(isinstance(call, (ConvPlanes, PlanesWeightGradient)) for call in calls):
        return described(ON_PLANES, calls)
    attrs = node.attrs
    return described(f"direct: {why_direct(kernel_size, attrs['strides'], attrs['dilation'], attrs['groups'])}", calls)
