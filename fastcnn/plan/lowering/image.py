"""Lowering of images moved and coloured."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.image import AffineTransform, Homography, HsvToRgb, RgbToHsv, ScaleShiftClip, WarpAt
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("affine_transform")
def affine_transform(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AffineTransform(*inputs, *outputs, **node.attrs)]


@lowers("perspective_warp")
def perspective_warp(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AffineTransform(*inputs, *outputs, **node.attrs, perspective=True)]


@lowers("warp_at")
def warp_at(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [WarpAt(*inputs, *outputs, **node.attrs)]


@lowers("homography")
def homography(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Homography(*inputs, *outputs)]


@lowers("rgb_to_hsv")
def rgb_to_hsv(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [RgbToHsv(*inputs, *outputs)]


@lowers("hsv_to_rgb")
def hsv_to_rgb(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [HsvToRgb(*inputs, *outputs)]


@lowers("scale_shift_clip")
def scale_shift_clip(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [ScaleShiftClip(*inputs, *outputs, **node.attrs)]
