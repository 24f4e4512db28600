"""One op at once, on arrays: the path of `fastcnn.ops` outside of graphs."""

from collections.abc import Callable, Sequence

import numpy as np

from fastcnn._core.call import Plan
from fastcnn.graph import Node
from fastcnn.plan.lowering import LOWERINGS


def run_node(node: Node, inputs: Sequence[np.ndarray], empty: Callable[..., np.ndarray] = np.empty) -> list[np.ndarray]:
    """Run a node of static shapes on arrays of just those shapes and dtypes; returns its outputs, which are made by
    `empty(shape, dtype)`."""
    if node.op.is_view:
        return [inputs[0].reshape(node.output_specs[0][0])]
    if node.op.in_place:
        outputs = [inputs[source] for source in node.op.in_place]
    else:
        outputs = [empty(shape, dtype) for shape, dtype in node.output_specs]
    lowering = LOWERINGS[node.op.name]
    workspace = [np.empty(shape, dtype) for shape, dtype in lowering.workspace(node)]
    Plan(lowering.calls(node, inputs, outputs, workspace)).run()
    return outputs
