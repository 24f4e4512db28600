"""What an op is: the one place that states its shape rule, cost, gradient and reference implementation.

The definitions stand in `fastcnn.ops`, one class per op; they register here by name, so that passes, which know names
only, can make nodes of them. The kernels of an op are a matter of `fastcnn.plan.lowering`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from fastcnn.graph.tensor import Shape, Tensor

if TYPE_CHECKING:
    from fastcnn.graph.node import Node

Spec = tuple[Shape, str]
Gradients = Sequence[Tensor | None]


class Op:
    """Base of all op definitions. Subclasses are registered by `@register` and are never instantiated twice."""

    name: ClassVar[str]
    reference: ClassVar[Callable[..., Any]]
    """The NumPy twin: takes the input arrays and the attributes, returns the output array or a tuple of them."""
    in_place: ClassVar[tuple[int, ...]] = ()
    """Output i is input in_place[i], updated where it lies. A node of such an op is an effect and is never shared."""
    overwrites: ClassVar[tuple[int, ...]] = ()
    """Inputs whose memory the first output may take, element for element, where nothing needs them any more and the
    output has their shape: so a pass over memory reads and writes the same lines."""
    products: ClassVar[tuple[int, ...]] = ()
    """Inputs whose elements are multiplied with each other. Ops that have such inputs take the attribute `bfloat16`: if
    it is true, these inputs are rounded to bfloat16 first; products and sums are float32."""
    optional: ClassVar[tuple[int, ...]] = ()
    """Outputs that are left out of a program where nothing reads them: their lowering is given None."""
    is_view: ClassVar[bool] = False
    """The output is the memory of the input under another shape."""

    def infer(self, *inputs: Any, **attributes: Any) -> list[Spec]:
        """Shapes and dtypes of the outputs. Raises ValueError where the inputs do not fit."""
        raise NotImplementedError(f"{type(self).__name__} states no shape rule")

    def flops(self, node: Node) -> int:
        """Floating-point operations of a node (a multiply-add counts as two)."""
        return sum(output.size for output in node.outputs)

    def gradient(self, node: Node, *gradients: Any) -> Gradients:
        """Gradients (Tensor or None) for each input, as further nodes, given those of each output (None: not used)."""
        raise ValueError(f"op {self.name!r} has no gradient")


OPS: dict[str, Op] = {}


def register(definition: type[Op]) -> type[Op]:
    """Class decorator: make an op known by its name."""
    if definition.name in OPS:
        raise ValueError(f"op {definition.name!r} is defined twice")
    OPS[definition.name] = definition()
    return definition
