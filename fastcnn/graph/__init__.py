"""The graph: tensors, nodes, ops by name, variables. Plain data; imports nothing else of the project."""

from fastcnn.graph.graph import Graph
from fastcnn.graph.node import Node, emit
from fastcnn.graph.op import OPS, Op, register
from fastcnn.graph.symbolic import SymbolicCall, SymbolicTensor
from fastcnn.graph.tensor import Shape, Tensor, constant
from fastcnn.graph.variable import Variable

__all__ = [
    "OPS",
    "Graph",
    "Node",
    "Op",
    "Shape",
    "SymbolicCall",
    "SymbolicTensor",
    "Tensor",
    "Variable",
    "constant",
    "emit",
    "register",
]
