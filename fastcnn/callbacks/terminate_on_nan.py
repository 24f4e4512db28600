"""Stop training when the loss is no number any more."""

from __future__ import annotations

import math

from fastcnn.callbacks.callback import Callback, Logs


class TerminateOnNaN(Callback):
    """Stops training after the first batch whose loss is NaN or infinite.

    Args:
        raise_error: Whether that is an error instead of an early end of `fit`. Default False.

    Raises:
        RuntimeError: At the end of such a batch, if `raise_error` is True.

    Example:

    >>> from fastcnn import callbacks
    >>> callbacks.TerminateOnNaN(raise_error=True).on_train_batch_end(7, {"loss": float("inf")})
    Traceback (most recent call last):
    ...
    RuntimeError: NaN or Inf loss encountered at batch 7. Loss value: inf. Terminating training immediately.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. Terminating training immediately."
            )
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
