"""Training, evaluation and prediction: the methods that a model gets from here, with Keras's names and results.

Each call checks its arguments, takes prepared steps out of the model's pool, and runs them batch after batch; see
`step` for what a step is and `graphs` for what it computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastcnn.callbacks import CallbackList, History
from fastcnn.metrics import Metric
from fastcnn.optimizers import Optimizer
from fastcnn.trainers.arguments import (
    batch_rows,
    epochs_to_validate,
    split_off,
    validation_pair,
    verbosity,
    whole_number,
)
from fastcnn.trainers.compiled import Compiled
from fastcnn.trainers.preparation import Preparation
from fastcnn.trainers.step import Step
from fastcnn.utils.random import next_seed


class Trainer(Preparation):
    """What makes a layer a model that can be trained; see `Preparation` for what it expects of the model."""

    # Setting up.

    def compile(self, optimizer: Any, loss: Any = None, metrics: Sequence[Any] | None = None) -> None:
        """Set the optimizer, the loss and the metrics of training.

        Args:
            optimizer: A name such as `"adam"` or `"sgd"`, or an optimizer.
            loss: A name such as `"sparse_categorical_crossentropy"`, a loss, or a function of `(y_true, y_pred)`
                written with `fastcnn.ops` that returns the loss of each sample.
            metrics: A list of names, metrics or such functions. `"accuracy"` is the one that fits labels and output.

        Raises:
            ValueError: A name is not known, or the loss has no reduction.
            TypeError: An argument is of another kind.

        Example:

        >>> from fastcnn import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(3, activation="softmax")])
        >>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        """
        self._compiled = Compiled(optimizer, loss, metrics)
        self.step_pool.clear()

    @property
    def compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._compiled is not None

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer; None before `compile`."""
        return self._compiled.optimizer if self._compiled else None

    @property
    def loss(self) -> Any:
        """The loss; None before `compile`."""
        return self._compiled.loss if self._compiled else None

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss and the metrics; those that depend on the labels exist from the first batch on."""
        return self._compiled.all_metrics if self._compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate` returns, in its order."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics forget the batches seen so far."""
        for metric in self.metrics:
            metric.reset_state()

    # Whole data sets.

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Train the model.

        Args:
            x: Inputs, an array of any number type with one row for each sample. A last dimension of size 1 may be
                left out: images of shape `(n, 28, 28)` fit a model for `(28, 28, 1)`.
            y: Targets, one row for each row of `x`, as the loss takes them.
            batch_size: Rows in a batch. Default 32.
            epochs: Number of the last epoch. Default 1.
            verbose: 0 silent, 1 a progress bar, 2 a line for each epoch; `"auto"` is 1.
            callbacks: A list of `callbacks.Callback`.
            validation_split: Share of the rows, taken from the end, not trained on but evaluated after each epoch.
            validation_data: A pair `(x_val, y_val)` to be evaluated after each epoch, in place of a split.
            shuffle: Whether each epoch takes the rows in a new random order. Default True.
            initial_epoch: Epochs done before, in an earlier call.
            validation_batch_size: Rows in a batch of validation. Default: `batch_size`.
            validation_freq: Evaluate after every so many epochs, or after the epochs in a list. Default 1.

        Returns:
            A `callbacks.History`: its `history` has a list of values, one for each epoch, for `"loss"`, each metric
            and, with `"val_"` before the name, each result of validation.

        Raises:
            ValueError: The model is not compiled, shapes do not fit, labels are out of range, or a number is wrong;
                nothing has been trained then.
            TypeError: `x` or `y` holds no numbers.

        Example:

        >>> import numpy as np
        >>> from fastcnn import Input, Sequential, layers
        >>> model = Sequential([Input((2,)), layers.Dense(1)])
        >>> model.compile("sgd", loss="mse")
        >>> history = model.fit(np.zeros((8, 2)), np.zeros(8), epochs=2, verbose=0)
        >>> history.history["loss"]
        [0.0, 0.0]
        """
        compiled = self.require_compiled("fit")
        verbose = verbosity(verbose)
        epochs = whole_number("epochs", epochs, 1)
        initial_epoch = whole_number("initial_epoch", initial_epoch, 0)
        validate_after = epochs_to_validate(validation_freq)
        x, y = self.supervised_arrays(x, y, compiled)
        x_val = y_val = None
        if validation_data is not None:
            x_val, y_val = validation_pair(validation_data)
            x_val, y_val = self.supervised_arrays(x_val, y_val, compiled, "x_val", "y_val")
        elif validation_split:
            x, y, x_val, y_val = split_off(x, y, validation_split)
        rows = batch_rows(batch_size, len(x))
        val_rows = rows
        if x_val is not None:
            given = batch_size if validation_batch_size is None else validation_batch_size
            val_rows = batch_rows(given, len(x_val), "validation_batch_size")

        order = np.arange(len(x)) if shuffle else None
        generator = np.random.default_rng(next_seed())
        run = CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            verbose=verbose,
            epochs=epochs,
            steps=-(-len(x) // rows),
        )
        self.stop_training = False
        logs: dict[str, float] = {}
        with self.steps("train", (x, y), rows, order) as steps:
            run.on_train_begin()
            for epoch in range(initial_epoch, epochs):
                compiled.reset()
                run.on_epoch_begin(epoch)
                if order is not None:
                    generator.shuffle(order)
                for batch, (step, start) in enumerate(steps):
                    run.on_train_batch_begin(batch)
                    run_supervised(step, start, compiled)
                    run.on_train_batch_end(batch, compiled.logs)
                    if self.stop_training:
                        break
                logs = compiled.logs()
                if x_val is not None and validate_after(epoch + 1):
                    self.run_evaluation(x_val, y_val, val_rows, compiled, run)
                    logs.update({f"val_{name}": value for name, value in compiled.logs().items()})
                run.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
            run.on_train_end(logs)
        return run.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics of the model on data.

        Args:
            x: Inputs, as in `fit`.
            y: Targets, as in `fit`.
            batch_size: Rows in a batch. Default 32.
            verbose: 0 silent, 1 a progress bar, 2 a line; `"auto"` is 1.
            callbacks: A list of `callbacks.Callback`.
            return_dict: Whether to return the results by name.

        Returns:
            The loss or, if there are metrics, a list `[loss, metric, ...]`; a dictionary with `return_dict`.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        compiled = self.require_compiled("evaluate")
        verbose = verbosity(verbose)
        x, y = self.supervised_arrays(x, y, compiled)
        rows = batch_rows(batch_size, len(x))
        run = CallbackList(
            callbacks, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=1, steps=-(-len(x) // rows)
        )
        self.run_evaluation(x, y, rows, compiled, run)
        return results(compiled, return_dict)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: str | int = "auto", callbacks: Any = None
    ) -> np.ndarray:
        """The model's outputs for inputs. May be called from several threads at once.

        Args:
            x: Inputs, as in `fit`; no rows at all are fine too.
            batch_size: Rows in a batch. Default 32. It has no influence on the values of a row.
            verbose: 0 silent, 1 a progress bar, 2 a line; `"auto"` is 1.
            callbacks: A list of `callbacks.Callback`.

        Returns:
            A float32 array with one row of output for each row of `x`.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        verbose = verbosity(verbose)
        x = self.input_array(x, allow_empty=True)
        rows = batch_rows(batch_size, len(x))
        if not verbose and not callbacks and len(x) == rows:
            return self.predict_batch(x)
        show = verbose != 0 and len(x) > 0
        run = CallbackList(callbacks, add_progbar=show, model=self, verbose=verbose, epochs=1, steps=-(-len(x) // rows))
        with self.steps("predict", (x,), rows) as steps:
            first: Any = steps[0][0].output if steps else None
            row_shape = self.output_row_shape(x.shape[1:]) if first is None else first.shape[1:]
            outputs = np.empty((len(x), *row_shape), "float32")
            run.on_predict_begin()
            for batch, (step, start) in enumerate(steps):
                run.on_predict_batch_begin(batch)
                step.run(start)
                part = outputs[start : start + step.rows]
                part[...] = step.output
                run.on_predict_batch_end(batch, {"outputs": part})
            run.on_predict_end()
        return outputs

    # Single batches.

    def train_on_batch(self, x: Any, y: Any = None, return_dict: bool = False) -> Any:
        """One update of the weights by one batch.

        Args:
            x: Inputs, as in `fit`.
            y: Targets, as in `fit`.
            return_dict: Whether to return the results by name.

        Returns:
            The results of this batch, as `evaluate` returns them.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        return self.run_batch("train", x, y, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch.

        Args:
            x: Inputs, as in `fit`.
            y: Targets, as in `fit`.
            return_dict: Whether to return the results by name.

        Returns:
            The results of this batch, as `evaluate` returns them.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        return self.run_batch("test", x, y, return_dict)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """The model's outputs for one batch.

        Args:
            x: Inputs, as in `fit`.

        Returns:
            A float32 array with one row of output for each row of `x`.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        x = self.input_array(x, allow_empty=True)
        return self.predict_batch(x) if len(x) else self.predict(x, verbose=0)

    # What the methods above share.

    def predict_batch(self, x: np.ndarray) -> np.ndarray:
        """The model's outputs for rows that are checked, as one batch."""
        step = self.step("predict", (x,), len(x), self.structure().token)
        try:
            step.bind((x,))
            step.run(0)
            return step.output.copy()  # type: ignore[union-attr]
        finally:
            self.step_pool.release(step)

    def run_evaluation(self, x: Any, y: Any, rows: int, compiled: Compiled, run: CallbackList) -> None:
        """Let the metrics see a data set from the start."""
        with self.steps("test", (x, y), rows) as steps:
            compiled.reset()
            run.on_test_begin()
            for batch, (step, start) in enumerate(steps):
                run.on_test_batch_begin(batch)
                run_supervised(step, start, compiled)
                run.on_test_batch_end(batch, compiled.logs)
            run.on_test_end(compiled.logs())

    def run_batch(self, mode: str, x: Any, y: Any, return_dict: bool) -> Any:
        """Run a training or testing step on one batch."""
        compiled = self.require_compiled(f"{mode}_on_batch")
        x, y = self.supervised_arrays(x, y, compiled)
        with self.steps(mode, (x, y), len(x)) as steps:
            compiled.reset()
            for step, start in steps:
                run_supervised(step, start, compiled)
        return results(compiled, return_dict)


def run_supervised(step: Step, start: int, compiled: Compiled) -> None:
    """Run a training or testing step, and update the metrics that a step does not update by itself."""
    step.run(start)
    if step.output is not None:
        for metric in compiled.others:
            metric.update_state(step.targets.copy(), step.output.copy())  # type: ignore[union-attr]


def results(compiled: Compiled, by_name: bool) -> Any:
    """The loss, or loss and metrics, or all of them by name."""
    if by_name:
        return compiled.logs()
    values = [float(metric.result()) for metric in compiled.all_metrics]
    return values if len(values) > 1 else values[0]
