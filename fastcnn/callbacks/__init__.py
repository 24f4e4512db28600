"""Callbacks with Keras's names. Those that `fit` does not add by itself are imported when asked for."""

from typing import TYPE_CHECKING

from fastcnn.callbacks.callback import Callback
from fastcnn.callbacks.callback_list import CallbackList
from fastcnn.callbacks.history import History
from fastcnn.callbacks.progbar_logger import ProgbarLogger
from fastcnn.utils.later import looked_up

if TYPE_CHECKING:
    from fastcnn.callbacks.backup_and_restore import BackupAndRestore
    from fastcnn.callbacks.csv_logger import CSVLogger
    from fastcnn.callbacks.early_stopping import EarlyStopping
    from fastcnn.callbacks.lambda_callback import LambdaCallback
    from fastcnn.callbacks.learning_rate_scheduler import LearningRateScheduler
    from fastcnn.callbacks.model_checkpoint import ModelCheckpoint
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

LATER = {
    "BackupAndRestore": "callbacks.backup_and_restore",
    "CSVLogger": "callbacks.csv_logger",
    "EarlyStopping": "callbacks.early_stopping",
    "LambdaCallback": "callbacks.lambda_callback",
    "LearningRateScheduler": "callbacks.learning_rate_scheduler",
    "ModelCheckpoint": "callbacks.model_checkpoint",
    "ReduceLROnPlateau": "callbacks.reduce_lr_on_plateau",
    "RemoteMonitor": "callbacks.remote_monitor",
    "SwapEMAWeights": "callbacks.swap_ema_weights",
    "TensorBoard": "callbacks.tensorboard",
    "TerminateOnNaN": "callbacks.terminate_on_nan",
}

__getattr__, __dir__ = looked_up(__name__, LATER)
