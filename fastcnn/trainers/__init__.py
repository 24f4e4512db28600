"""Training, evaluation and prediction of models."""

from fastcnn.trainers.trainer import Trainer

__all__ = ["Trainer"]
