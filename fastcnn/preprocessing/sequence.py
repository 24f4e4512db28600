"""Sequences."""

from fastcnn.utils.sequences import pad_sequences

__all__ = ["pad_sequences"]
