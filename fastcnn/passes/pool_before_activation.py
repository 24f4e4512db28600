"""Let maximum pooling come before a rising function of single elements: the largest value of the function is that of
the largest element. Then the pool goes into the convolution before it, whose gradients touch only what the pool let
through, and the function sees a quarter of the elements or fewer."""

from fastcnn.graph import Graph, Node, Tensor, emit
from fastcnn.graph.origin import made_by

POOLS = ("max_pool2d", "max")
RISING = ("sigmoid", "tanh", "exp")
RISING_KINDS = ("softplus", "softsign")


def rises(node: Node) -> bool:
    """Whether an op is a function of single elements that never falls. ReLU is not among them: convolutions and
    normalisations take it for nothing."""
    if node.op.name != "activation":
        return node.op.name in RISING
    kind: str = node.attrs["kind"]
    a, b, c = node.attrs["parameters"]
    if kind == "rectify":  # x between c and b, b above, a (x - c) below
        return a >= 0 and 0 <= c <= b
    if kind == "elu":  # b x above 0, b a (exp(x / c) - 1) below
        return a >= 0 and b >= 0 and c > 0
    if kind == "hard_sigmoid":  # a x + b between 0 and 1
        return a >= 0
    return kind in RISING_KINDS


def pool_before_activation(graph: Graph) -> Graph:
    """pool(f(x)) -> f(pool(x)), with views between f and the pool or without, where nothing else reads f(x).

    Where f is flat, x tells apart what were equal maxima: their gradients are 0 either way.
    """
    uses = graph.uses()

    def replace(node: Node, inputs: tuple[Tensor, ...]) -> list[Tensor] | None:
        if node.op.name not in POOLS:
            return None
        old, new = node.inputs[0], inputs[0]
        views: list[Node] = []
        while uses[old] == 1 and old.node is not None and new.node is not None:
            function = old.node
            old, new = function.inputs[0], new.node.inputs[0]
            if rises(function):
                for view in reversed(views):
                    new = emit("reshape", new, **view.attrs)
                first, *rest = Node(node.op, [new], node.attrs).outputs
                with made_by(*function.origin):
                    return [emit(function.op.name, first, **function.attrs), *rest]
            if function.op.name != "reshape":
                break
            views.append(function)
        return None

    return graph.rewrite(replace)
