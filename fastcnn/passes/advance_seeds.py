"""Give every run of a training graph new random numbers: each state that an op draws from is advanced at the end."""

from fastcnn.graph import Graph, Tensor, emit

RANDOM_OPS = {"dropout": 1, "random_numbers": 1, "random_log_gamma": 1, "random_permutation": 1}
"""Ops that draw from a counter-based generator, and which input is their state."""


def advance_seeds(graph: Graph) -> Graph:
    """Append an in-place increment of each generator state behind all nodes that read it. A state that is a constant
    stays: whoever gives a number as the seed gets the same numbers each time."""
    return Graph(graph.inputs, [*graph.outputs, *(emit("increment", state) for state in random_states(graph))])


def random_states(graph: Graph) -> list[Tensor]:
    """The variables that nodes of a graph draw from."""
    drawing = (node for node in graph.nodes if node.op.name in RANDOM_OPS)
    states = dict.fromkeys(node.inputs[RANDOM_OPS[node.op.name]] for node in drawing)
    return [state for state in states if state.kind != "constant"]
