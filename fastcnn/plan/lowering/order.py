"""Lowering of ranks within rows, running sums and counts by number."""

from typing import Any

from fastcnn._core.bias import SumPartials
from fastcnn._core.call import Call
from fastcnn._core.order import ArgMax, BinCount, CumulativeSum, SearchSorted, TopK, bincount_partials
from fastcnn.plan.lowering.registry import Arrays, Workspace, lowers


@lowers("argmax")
def argmax(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [ArgMax(inputs[0], outputs[0])]


@lowers("top_k")
def top_k(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    values, positions = outputs
    return [TopK(inputs[0], values, positions)]


@lowers("searchsorted")
def searchsorted(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    bounds, x = inputs
    return [SearchSorted(bounds, x, outputs[0], right=node.attrs["side"] == "right")]


@lowers("cumsum")
def cumsum(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [CumulativeSum(inputs[0], outputs[0], axis=node.attrs["axis"], reverse=node.attrs["reverse"])]


def partial_counts(node: Any) -> Workspace:
    """The bins of each run of numbers; none where there is one run."""
    size, bins = node.inputs[0].shape[0], node.attrs["bins"]
    partials = bincount_partials(size, bins)
    return [((partials, bins), "float32")] if partials > 1 else []


@lowers("bincount", workspace=partial_counts)
def bincount(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    x, *rest = inputs
    weights = rest[0] if rest else None
    if not workspace:
        return [BinCount(x, weights, outputs[0][None])]
    return [BinCount(x, weights, workspace[0]), SumPartials(workspace[0], outputs[0])]
