"""Give every run of a training graph new random numbers: each state that an op draws from is advanced at the end."""

from fastcnn.graph import Graph, Tensor, emit

RANDOM_OPS = {"dropout": 1, "random_numbers": 1, "random_log_gamma": 1, "random_permutation": 1}
"""Ops that draw from a counter-based generator, and which input is their state."""


def advance_seeds(graph: Graph) -> Graph:
    """Append an in-place increment of each generator state behind all nodes that read it."""
    states: dict[Tensor, None] = {}
    for node in graph.nodes:
        if node.op.name in RANDOM_OPS:
            states[node.inputs[RANDOM_OPS[node.op.name]]] = None
    return Graph(graph.inputs, [*graph.outputs, *(emit("increment", state) for state in states)])
