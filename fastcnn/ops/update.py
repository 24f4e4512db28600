"""In-place updates: what optimizers do to weights, and a counter.

An optimizer's rule is the op `<rule>_update` and, but for Lamb, its twin `matmul_<rule>_update`, in which the gradient
is the product x^T dy; all of them are made from the table `RULES`. The operands are a weight w of any shape, its
gradient g, the slots of the rule in the shape of w, the learning rate lr, float32 (1,), the count of steps so far,
int64 (1,), the state that Nadam has, float32 (1,), and perhaps a number, float32 (1,), to multiply the gradient with.
What is written must be an array or a variable of just the right element type, or a symbolic tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fastcnn import reference
from fastcnn.graph import Node, Op, Tensor, register
from fastcnn.graph.op import Spec
from fastcnn.ops.checks import expect, expect_shape
from fastcnn.ops.dispatch import apply, floats
from fastcnn.ops.products import multiplies


@dataclass(frozen=True)
class Rule:
    """What the ops of a rule take: names of slots and options, whether there is a state, FLOPs for each weight."""

    name: str
    slots: tuple[str, ...]
    options: tuple[str, ...]
    flops: int
    has_state: bool = False


BETAS = ("beta_1", "beta_2", "epsilon")
RMSPROP = ("rho", "epsilon")
FTRL = ("learning_rate_power", "l1", "l2", "l2_shrinkage", "beta")
RULES = {
    rule.name: rule
    for rule in (
        Rule("sgd", (), (), 2),
        Rule("momentum", ("velocity",), ("momentum",), 4),
        Rule("nesterov", ("velocity",), ("momentum",), 6),
        Rule("adam", ("m", "v"), BETAS, 12),
        Rule("amsgrad", ("m", "v", "largest"), BETAS, 13),
        Rule("adamax", ("m", "u"), BETAS, 10),
        Rule("nadam", ("m", "v"), BETAS, 15, has_state=True),
        Rule("rmsprop", ("v",), RMSPROP, 9),
        Rule("rmsprop_momentum", ("v", "speed"), (*RMSPROP, "momentum"), 11),
        Rule("rmsprop_centered", ("v", "mean"), RMSPROP, 14),
        Rule("rmsprop_centered_momentum", ("v", "speed", "mean"), (*RMSPROP, "momentum"), 16),
        Rule("adagrad", ("total",), ("epsilon",), 7),
        Rule("adadelta", ("v", "d"), RMSPROP, 16),
        Rule("lion", ("m",), ("beta_1", "beta_2"), 8),
        Rule("lamb", ("m", "v"), BETAS, 20),
        Rule("ftrl", ("total", "linear"), FTRL, 20),
    )
}
SHARED = ("scale", "clip", "weight_decay", "steps")
"""Options of every rule: see `fastcnn.reference.update`."""


def expect_number(op: str, name: str, tensor: Tensor, dtype: str = "float32") -> None:
    """Check an operand of one element."""
    expect(op, name, tensor, "1", dtype)
    expect_shape(op, name, tensor, (1,), "one number")


class Update(Op):
    """Base of the updates of a weight in memory."""

    rule: ClassVar[Rule]
    before: ClassVar[int] = 2
    """How many operands stand before the slots."""

    def infer(self, w: Tensor, g: Tensor, *rest: Tensor, **options: Any) -> list[Spec]:
        return self.specs(w, {"g": g}, rest, options)

    def specs(self, w: Tensor, gradient: dict[str, Tensor], rest: Sequence[Tensor], options: Any) -> list[Spec]:
        """The checked outputs: the weight and its slots."""
        rule = self.rule
        count = len(rule.slots)
        names = [*rule.slots, "lr", "iteration", *(["state"] if rule.has_state else [])]
        if not len(names) <= len(rest) <= len(names) + 1:
            raise TypeError(f"{self.name}: received {len(rest)} operands behind the gradient, for {', '.join(names)}")
        if unknown := set(options) - {*rule.options, *SHARED}:
            raise TypeError(f"{self.name} takes no {', '.join(sorted(unknown))}")
        expect(self.name, "w", w)
        for name, tensor in {**gradient, **dict(zip(rule.slots, rest, strict=False))}.items():
            expect(self.name, name, tensor)
            expect_shape(self.name, name, tensor, w.shape, "that of w")
        for name, tensor in zip([*names[count:], "the number at the end"], rest[count:], strict=False):
            expect_number(self.name, name, tensor, "int64" if name == "iteration" else "float32")
        return [(w.shape, "float32")] * (1 + count)

    def flops(self, node: Node) -> int:
        return self.rule.flops * node.inputs[0].size


class MatMulUpdate(Update):
    """Base of the updates of weights w (K, N) with g = x^T dy, of x (M, K) and dy (M, N): as a pass makes them."""

    before = 3

    def infer(self, x: Tensor, dy: Tensor, w: Tensor, *rest: Tensor, **options: Any) -> list[Spec]:  # type: ignore[override]
        expect(self.name, "x", x, "M, K")
        expect(self.name, "dy", dy, "M, N")
        expect_shape(self.name, "dy", dy, (x.shape[0], dy.shape[1]), "with as many rows as x")
        expect_shape(self.name, "w", w, (x.shape[1], dy.shape[1]), "that of x^T dy")
        return self.specs(w, {}, rest, options)

    def flops(self, node: Node) -> int:
        x, _, w = node.inputs[:3]
        return (2 * x.static_shape[0] + self.rule.flops) * w.size


def register_rule(base: type[Update], rule: Rule, name: str, function: Any) -> None:
    """Make the op of a rule."""
    in_place = (base.before - 2 if base is Update else 2, *range(base.before, base.before + len(rule.slots)))
    definition = type(name, (base,), {"name": name, "rule": rule, "reference": function, "in_place": in_place})
    register(multiplies(0, 1)(definition) if base is MatMulUpdate else definition)


for _rule in RULES.values():
    register_rule(Update, _rule, f"{_rule.name}_update", staticmethod(partial(reference.update, _rule.name)))
    if _rule.name != "lamb":
        product_update = staticmethod(partial(reference.matmul_update, _rule.name))
        register_rule(MatMulUpdate, _rule, f"matmul_{_rule.name}_update", product_update)


@register
class AccumulateGradient(Op):
    """total = g in the first of `steps` steps, else total += g."""

    name = "accumulate_gradient"
    reference = staticmethod(reference.accumulate_gradient)
    in_place = (0,)

    def infer(self, total: Tensor, g: Tensor, iteration: Tensor, *, steps: int) -> list[Spec]:
        expect(self.name, "total", total)
        expect(self.name, "g", g)
        expect_shape(self.name, "g", g, total.shape, "that of total")
        expect_number(self.name, "iteration", iteration, "int64")
        return [(total.shape, "float32")]


@register
class WeightAverage(Op):
    """average = momentum average + (1 - momentum) w; every so many updates, w = average."""

    name = "weight_average"
    reference = staticmethod(reference.weight_average)
    in_place = (0, 1)

    def infer(
        self, average: Tensor, w: Tensor, iteration: Tensor, *, momentum: float, every: int, steps: int
    ) -> list[Spec]:
        expect(self.name, "average", average)
        expect(self.name, "w", w)
        expect_shape(self.name, "average", average, w.shape, "that of w")
        expect_number(self.name, "iteration", iteration, "int64")
        return [(w.shape, "float32")] * 2

    def flops(self, node: Node) -> int:
        return 3 * node.inputs[0].size


@register
class NormScale(Op):
    """What gradients are multiplied by so that their norm, all together and times `scale`, is at most `limit`: (1,)."""

    name = "norm_scale"
    reference = staticmethod(reference.norm_scale)

    def infer(self, *gradients: Tensor, kind: str, limit: float, scale: float) -> list[Spec]:
        for gradient in gradients:
            expect(self.name, "gradients", gradient)
        return [((1,), "float32")]

    def flops(self, node: Node) -> int:
        return 2 * sum(gradient.size for gradient in node.inputs)


@register
class NadamState(Op):
    """product *= the momentum that Nadam takes in this update."""

    name = "nadam_state"
    reference = staticmethod(reference.nadam_state)
    in_place = (0,)

    def infer(self, product: Tensor, iteration: Tensor, *, beta_1: float, steps: int) -> list[Spec]:
        expect_number(self.name, "product", product)
        expect_number(self.name, "iteration", iteration, "int64")
        return [((1,), "float32")]


@register
class Increment(Op):
    """Adds one to the last element of a counter, int64 (n,)."""

    name = "increment"
    reference = staticmethod(reference.increment)
    in_place = (0,)

    def infer(self, counter: Tensor) -> list[Spec]:
        expect(self.name, "counter", counter, "n", "int64")
        if not counter.size:
            raise ValueError("increment: counter must have at least one element, received an empty one")
        return [(counter.shape, "int64")]

    def flops(self, node: Node) -> int:
        return 1


def update(
    rule: str, w: Any, g: Any, slots: Sequence[Any], lr: Any, iteration: Any, state: Any = None, scale_by: Any = None,
    **options: Any,
) -> Any:  # fmt: skip
    """One step of an optimizer on one weight, in place.

    Args:
        rule: A name of `RULES`.
        w: float32 of any shape; written to.
        g: float32 of that shape.
        slots: The rule's slots, float32 of that shape; written to.
        lr: The learning rate, float32 of shape (1,).
        iteration: The count of steps so far, int64 of shape (1,).
        state: What `nadam_state` keeps, float32 of shape (1,).
        scale_by: None, or what `norm_scale` returned: the gradient is multiplied by it.
        options: Those of the rule, and any of `scale`, `clip`, `weight_decay` and `steps`, as in
            `fastcnn.reference.update`.

    Returns:
        `w`, or a tuple of `w` and the slots.

    Raises:
        ValueError: Shapes or element types that do not fit.

    Example:

    >>> import numpy as np
    >>> from fastcnn.ops.update import update
    >>> update("sgd", np.ones(2, "float32"), [1, 2], (), [0.5], np.array([0]))
    array([0.5, 0. ], dtype=float32)
    """
    scale_by = None if scale_by is None else floats(scale_by)
    return apply(f"{rule}_update", w, floats(g), *slots, floats(lr), iteration, state, scale_by, **options)


def accumulate_gradient(total: Any, g: Any, iteration: Any, steps: int) -> Any:
    """Add a gradient to the sum of so many steps, in place; returns the sum."""
    return apply("accumulate_gradient", total, floats(g), iteration, steps=steps)


def weight_average(average: Any, w: Any, iteration: Any, momentum: float, every: int, steps: int) -> Any:
    """Take a weight into its moving average, in place, and set it to that every so many updates; returns both."""
    return apply("weight_average", average, w, iteration, momentum=momentum, every=every, steps=steps)


def norm_scale(gradients: Sequence[Any], kind: str, limit: float, scale: float = 1.0) -> Any:
    """What to multiply gradients with so that their norm, times `scale`, is at most `limit`; shape (1,).

    Args:
        gradients: float32 of any shapes.
        kind: `"each"`, or `"global"`: then it is NaN where the norm is not finite.
        limit: The largest norm.
        scale: What the gradients are multiplied with besides.
    """
    return apply("norm_scale", *map(floats, gradients), kind=kind, limit=float(limit), scale=float(scale))


def nadam_state(product: Any, iteration: Any, beta_1: float, steps: int) -> Any:
    """Multiply Nadam's state by the momentum of this update, in place; returns it."""
    return apply("nadam_state", product, iteration, beta_1=beta_1, steps=steps)


def increment(counter: Any) -> Any:
    """Add one to the last element, in place.

    Args:
        counter: int64 of shape (n,); written to.

    Returns:
        `counter`.

    Raises:
        ValueError: Another rank or element type, or no element.

    Example:

    >>> import numpy as np
    >>> from fastcnn import ops
    >>> ops.increment(np.array([7, 0]))
    array([7, 1])
    """
    return apply("increment", counter)
