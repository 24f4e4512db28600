"""Fill in the batch size: a graph traced with an unknown batch becomes one of static shapes."""

from fastcnn.graph import Graph, Tensor


def bind_batch(graph: Graph, batch: int) -> Graph:
    """The same graph for inputs of `batch` rows. Shapes are inferred anew, node by node."""
    inputs = []
    for tensor in graph.inputs:
        known = tensor.shape[:1] != (None,)
        shape = tensor.shape if known else (batch, *tensor.shape[1:])
        inputs.append(Tensor(shape, tensor.dtype, name=tensor.name))
    return graph.rewrite(lambda node, node_inputs: None, inputs)
