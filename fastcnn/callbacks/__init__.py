"""Callbacks with Keras's names."""

from fastcnn.callbacks.callback import Callback
from fastcnn.callbacks.callback_list import CallbackList
from fastcnn.callbacks.early_stopping import EarlyStopping
from fastcnn.callbacks.history import History
from fastcnn.callbacks.lambda_callback import LambdaCallback
from fastcnn.callbacks.learning_rate_scheduler import LearningRateScheduler
from fastcnn.callbacks.model_checkpoint import ModelCheckpoint
from fastcnn.callbacks.progbar_logger import ProgbarLogger

__all__ = [
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
]
