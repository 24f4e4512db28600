"""Lowering of layer, RMS and group normalisation, and of their gradients."""

from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.group_norm import GroupNormalize, GroupNormalizeGradient
from fastcnn._core.row_norm import RowNormalize, RowNormalizeGradient, row_pieces
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


@lowers("row_normalization")
def row_normalization(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [RowNormalize(*inputs, *outputs, **node.attrs)]


def sums_of_runs(node: Any) -> Workspace:
    """dgamma and dbeta of each run of rows."""
    shape = node.inputs[0].shape
    return [((row_pieces(shape), shape[-1]), "float32")] * 2


@lowers("row_normalization_gradient", workspace=sums_of_runs)
def row_normalization_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dx, dgamma, dbeta = outputs
    return [
        RowNormalizeGradient(*inputs, dx, *workspace, **node.attrs),
        SumPartials(workspace[0], dgamma),
        SumPartials(workspace[1], dbeta),
    ]


@lowers("group_normalization")
def group_normalization(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [GroupNormalize(*inputs, *outputs, **node.attrs)]


def sums_of_images(node: Any) -> Workspace:
    """dgamma and dbeta of each image."""
    shape = node.inputs[0].shape
    return [((shape[0], shape[-1]), "float32")] * 2


@lowers("group_normalization_gradient", workspace=sums_of_images)
def group_normalization_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    dx, dgamma, dbeta = outputs
    return [
        GroupNormalizeGradient(*inputs, dx, *workspace, **node.attrs),
        SumPartials(workspace[0], dgamma),
        SumPartials(workspace[1], dbeta),
    ]
