"""The plan: a graph as a flat list of prepared calls over planned memory."""

from fastcnn.plan.eager import run_node
from fastcnn.plan.program import Program

__all__ = ["Program", "run_node"]
