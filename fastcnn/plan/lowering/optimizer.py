"""Lowering of the optimizers' updates and of counters: all in place, outputs are inputs."""

from typing import Any

from fastcnn._core.call import Call
from fastcnn._core.optimizer import AdamUpdate, Increment, MomentumUpdate, SgdUpdate
from fastcnn.plan.lowering.registry import Arrays, lowers


@lowers("sgd_update")
def sgd_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [SgdUpdate(*inputs)]


@lowers("momentum_update")
def momentum_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [MomentumUpdate(*inputs, **node.attrs)]


@lowers("adam_update")
def adam_update(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [AdamUpdate(*inputs, **node.attrs)]


@lowers("increment")
def increment(node: Any, inputs: Arrays, outputs: Arrays, workspace: Arrays) -> list[Call]:
    return [Increment(*inputs)]
