"""Callbacks with Keras's names."""

from fastcnn.callbacks.backup_and_restore import BackupAndRestore
from fastcnn.callbacks.callback import Callback
from fastcnn.callbacks.callback_list import CallbackList
from fastcnn.callbacks.csv_logger import CSVLogger
from fastcnn.callbacks.early_stopping import EarlyStopping
from fastcnn.callbacks.history import History
from fastcnn.callbacks.lambda_callback import LambdaCallback
from fastcnn.callbacks.learning_rate_scheduler import LearningRateScheduler
from fastcnn.callbacks.model_checkpoint import ModelCheckpoint
from fastcnn.callbacks.progbar_logger import ProgbarLogger
from fastcnn.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from fastcnn.callbacks.remote_monitor import RemoteMonitor
from fastcnn.callbacks.swap_ema_weights import SwapEMAWeights
from fastcnn.callbacks.tensorboard import TensorBoard
from fastcnn.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
