"""Lowering of the optimizers' updates and of what belongs to them: all in place but `norm_scale`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn._core.call import Call
from fastcnn._core.gemm_update import MatmulUpdate
from fastcnn._core.optimizer import (
    AccumulateGradient,
    Increment,
    LambStep,
    NadamState,
    NormScale,
    SumsOfSquares,
    Update,
    WeightAverage,
    merged,
    partial_sums,
)
from fastcnn._core.update_rule import OPTIONS
from fastcnn.plan.lowering.bfloat16 import IN_BFLOAT16, multiplies_bfloat16
from fastcnn.plan.lowering.registry import Arrays, Workspace, described, lowers, no_workspace
from fastcnn.plan.zeros import has_zeros

IN_ONE = "product and update in one: no other op reads the gradient of these many weights"


def operands(rule: str, count: int, rest: Sequence[np.ndarray]) -> tuple[Any, ...]:
    """Slots, learning rate, iteration, state and scale: what stands behind w and g."""
    slots, (lr, iteration, *more) = tuple(rest[:count]), rest[count:]
    state = more.pop(0) if rule == "nadam" else None
    return slots, lr, iteration, state, more[0] if more else None


def register(rule: str) -> None:
    """The lowering of `<rule>_update` and of `matmul_<rule>_update`."""

    @lowers(f"{rule}_update")
    def update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
        w, g, *rest = inputs
        slots, lr, iteration, state, scale = operands(rule, len(outputs) - 1, rest)
        return [Update(rule, [(w, g, slots, scale)], lr, iteration, state, **node.attrs)]

    def fused(node: Any, inputs: Arrays, outputs: Arrays, bfloat16: bool) -> list[Call]:
        x, dy, w, *rest = inputs
        slots, lr, iteration, state, _ = operands(rule, len(outputs) - 1, rest)
        options = {**node.attrs, "bfloat16": bfloat16}
        sparse = has_zeros(node.inputs[0])
        return described(IN_ONE, [MatmulUpdate(rule, x, dy, w, slots, lr, iteration, state, sparse=sparse, **options)])

    @lowers(f"matmul_{rule}_update")
    def matmul_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
        return fused(node, inputs, outputs, bfloat16=False)

    @multiplies_bfloat16(f"matmul_{rule}_update", no_workspace)
    def matmul_update_bfloat16(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
        return described(f"{IN_ONE}; {IN_BFLOAT16}", fused(node, inputs, outputs, bfloat16=True))


for rule in OPTIONS:
    if rule != "lamb":
        register(rule)


def lamb_workspace(node: Any) -> Workspace:
    """The step, sums of squares of weight and step, and the ratio of their norms."""
    w = node.inputs[0]
    sums = partial_sums([w.size, w.size])
    return [(w.static_shape, "float32"), ((sums,), "float64"), ((1,), "float32")]


@lowers("lamb_update", workspace=lamb_workspace)
def lamb_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    """Adam's step beside the weight; both norms; then the step times their ratio, as gradient descent has it."""
    w, g, *rest = inputs
    slots, lr, iteration, _, scale = operands("lamb", len(outputs) - 1, rest)
    step, sums, ratio = workspace
    return [
        LambStep((w, g, (*slots, step), scale), sums, lr, iteration, **node.attrs),
        NormScale(sums, ratio, kind="trust", split=partial_sums([w.size])),
        Update("sgd", [(w, step, (), ratio)], lr, iteration, steps=node.attrs.get("steps", 1)),
    ]


@lowers("accumulate_gradient")
def accumulate_gradient(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AccumulateGradient(*inputs, **node.attrs)]


@lowers("weight_average")
def weight_average(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [WeightAverage(*inputs, **node.attrs)]


def norm_workspace(node: Any) -> Workspace:
    """A sum of squares for each run of elements."""
    return [((partial_sums([tensor.size for tensor in node.inputs]),), "float64")]


@lowers("norm_scale", workspace=norm_workspace)
def norm_scale(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [SumsOfSquares(inputs, workspace[0]), NormScale(workspace[0], outputs[0], **node.attrs)]


@lowers("nadam_state")
def nadam_state(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [NadamState(*inputs, **node.attrs)]


@lowers("increment")
def increment(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Increment(*inputs)]


def merge_updates(parts: Sequence[list[Call]]) -> None:
    """Let one update do several that follow each other and have a rule in common: so many small weights make few tasks.

    `parts` are the calls of each node in order, changed in place: the merged call takes the place of the first update
    of its group. Updates of other kinds between them do not matter: no weight has two of them.
    """
    groups: dict[Any, list[list[Call]]] = {}
    for part in [*parts, None]:
        if part is not None and part and all(isinstance(call, (Update, MatmulUpdate)) for call in part):
            if isinstance(part[0], Update):
                groups.setdefault(part[0].key, []).append(part)
        elif part is None or part:
            for group in groups.values():
                if len(group) > 1:
                    call = merged([update for (update,) in group])
                    call.kernel = f"updates of {len(group)} weights in one: each has few tasks"
                    for other in group:
                        other.clear()
                    group[0].append(call)
            groups = {}
