"""Training, evaluation and prediction: the methods that a model gets from here, with Keras's names and results.

Each call checks its arguments, takes prepared steps out of the model's pool, and runs them batch after batch; see
`step` for what a step is and `graphs` for what it computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastcnn.callbacks import CallbackList, History
from fastcnn.trainers.arguments import (
    batch_rows,
    epochs_to_validate,
    first_of_split,
    limited_epochs,
    nothing_beside,
    steps_limit,
    validation_parts,
    verbosity,
)
from fastcnn.trainers.batches import yields_batches
from fastcnn.trainers.collected import Collected
from fastcnn.trainers.compiled import Compiled
from fastcnn.trainers.compiling import Compiling
from fastcnn.trainers.graphs import packed
from fastcnn.trainers.preparation import Data
from fastcnn.trainers.progress import Progress
from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.random import next_seed


class Trainer(Compiling):
    """What makes a layer a model that can be trained; see `Preparation` for what it expects of the model."""

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
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Train the model.

        Args:
            x: Inputs, an array of any number type with one row for each sample. A last dimension of size 1 may be
                left out: images of shape `(n, 28, 28)` fit a model for `(28, 28, 1)`. For several inputs a list or a
                dictionary of arrays. Or batches: a generator, a `utils.PyDataset`, or any iterable (such as a
                `DataLoader` of PyTorch) that yields `(inputs, targets)` or `(inputs, targets, sample_weights)`.
            y: Targets, one row for each row of `x`, as the loss takes them; for several outputs a list or a dictionary.
                None where `x` yields batches.
            batch_size: Rows in a batch. Default 32, with `steps_per_epoch` the rows divided by them.
            epochs: Number of the last epoch. Default 1.
            verbose: 0 silent, 1 a progress bar, 2 a line for each epoch; `"auto"` is 1.
            callbacks: A list of `callbacks.Callback`.
            validation_split: Share of the rows, taken from the end, not trained on but evaluated after each epoch.
            validation_data: `(x_val, y_val)` or `(x_val, y_val, sample_weight)`, or batches, to be evaluated after each
                epoch, in place of a split.
            shuffle: Whether each epoch takes the rows (of a `PyDataset`, the batches) in a new random order.
            class_weight: A dictionary of class numbers and weights: how much samples of each class count in the loss.
            sample_weight: A weight for each row, shape `(n,)`, or for each of its targets; for several outputs perhaps
                a list or a dictionary.
            initial_epoch: Epochs done before, in an earlier call.
            steps_per_epoch: Batches in an epoch; the next epoch goes on from there. Default: all of them.
            validation_steps: Batches of `validation_data` to be evaluated. Default: all of them.
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
        epochs = limited_epochs(checked_integer(epochs, "epochs", least=1))
        initial_epoch = checked_integer(initial_epoch, "initial_epoch", least=0)
        validate_after = epochs_to_validate(validation_freq)
        limit = steps_limit("steps_per_epoch", steps_per_epoch)
        val_limit = steps_limit("validation_steps", validation_steps)
        data: Any = x
        rows = 0
        if yields_batches(x):
            nothing_beside(x, y=y, sample_weight=sample_weight, validation_split=validation_split or None)
        else:
            data = self.supervised_data(x, y, sample_weight, class_weight)
        validation: Any = None
        if validation_data is not None:
            validation = validation_data
            if not yields_batches(validation):
                validation = self.supervised_data(*validation_parts(validation), None, "x_val", "y_val")
        elif validation_split:
            first = first_of_split(data.rows, validation_split)
            held_out = data if class_weight is None else self.supervised_data(x, y, sample_weight)
            data, validation = data.first_and_rest(first)[0], held_out.first_and_rest(first)[1]
        if data is not x:
            rows = batch_rows(batch_size, data.rows, steps_per_epoch)
        val_rows = rows
        if validation is not None and not yields_batches(validation):
            given = batch_size if validation_batch_size is None else validation_batch_size
            val_rows = batch_rows(given, validation.rows, validation_steps, "validation_batch_size")

        seed = next_seed() if shuffle else None
        self.stop_training = False
        logs: dict[str, Any] = {}
        with (
            compiled.guard.hold(compiled, "fit"),
            self.batches("train", data, rows, limit, seed, class_weight) as batches,
            self.standing_at(initial_epoch, batches, compiled) as progress,
        ):
            run = CallbackList(
                callbacks,
                add_history=True,
                add_progbar=verbose != 0,
                model=self,
                verbose=verbose,
                epochs=epochs,
                steps=batches.steps,
            )
            progress.callbacks = run.callbacks
            run.on_train_begin()
            for epoch in range(progress.epoch, epochs):
                if self.stop_training:
                    break
                compiled.reset()
                run.on_epoch_begin(epoch)
                skip = progress.take_skip()
                for batch, (step, start) in enumerate(batches.epoch(skip), skip):
                    if progress.waiting is not None:
                        progress.restore_metrics()
                    run.on_train_batch_begin(batch)
                    step.run(start)
                    run.on_train_batch_end(batch, compiled.logs)
                    if self.stop_training:
                        break
                if batches.steps != run.params["steps"]:
                    run.set_params({**run.params, "steps": batches.steps})
                logs = compiled.logs()
                if validation is not None and validate_after(epoch + 1):
                    self.run_evaluation(validation, val_rows, val_limit, compiled, run)
                    logs.update({f"val_{name}": value for name, value in compiled.logs().items()})
                run.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
            compiled.optimizer.finalize_variable_values(self.trainable_variables)  # type: ignore[attr-defined]
            run.on_train_end(logs)
        return run.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics of the model on data.

        Args:
            x: Inputs or batches, as in `fit`.
            y: Targets, as in `fit`.
            batch_size: Rows in a batch. Default 32, with `steps` the rows divided by them.
            verbose: 0 silent, 1 a progress bar, 2 a line; `"auto"` is 1.
            sample_weight: As in `fit`.
            steps: Batches to be evaluated. Default: all of them.
            callbacks: A list of `callbacks.Callback`.
            return_dict: Whether to return the results by name.

        Returns:
            The loss or, if there are metrics, a list `[loss, metric, ...]`; a dictionary with `return_dict`.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        compiled = self.require_compiled("evaluate")
        verbose = verbosity(verbose)
        limit = steps_limit("steps", steps)
        data: Any = x
        rows = 0
        if yields_batches(x):
            nothing_beside(x, y=y, sample_weight=sample_weight)
        else:
            data = self.supervised_data(x, y, sample_weight)
            rows = batch_rows(batch_size, data.rows, steps)
        run = CallbackList(callbacks, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=1)
        with compiled.guard.hold(compiled, "evaluate"):
            self.run_evaluation(data, rows, limit, compiled, run, own_run=True)
            return compiled.logs() if return_dict else alone(compiled.results())

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The model's outputs for inputs. May be called from several threads at once.

        Args:
            x: Inputs or batches, as in `fit`; no rows at all are fine too. Of batches with targets these are left out.
            batch_size: Rows in a batch. Default 32, with `steps` the rows divided by them. It has no influence on the
                values of a row.
            verbose: 0 silent, 1 a progress bar, 2 a line; `"auto"` is 1.
            steps: Batches to be predicted. Default: all of them.
            callbacks: A list of `callbacks.Callback`.

        Returns:
            A float32 array with one row of output for each row of `x`; for several outputs such arrays in the
            structure in which the model returns them.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        verbose = verbosity(verbose)
        limit = steps_limit("steps", steps)
        data: Any = x
        samples, rows = None, 0
        if not yields_batches(x):
            data = self.input_data(x, allow_empty=True)
            rows = batch_rows(batch_size, data.rows, steps)
            samples = data.rows if limit is None else min(data.rows, limit * rows)
            if samples == rows and not verbose and not callbacks:
                return self.predict_batch(data)
        collected = Collected(samples)
        structure: Any = 0
        with self.batches("predict", data, rows, limit) as batches:
            show = verbose != 0 and samples != 0
            run = CallbackList(callbacks, add_progbar=show, model=self, verbose=verbose, epochs=1, steps=batches.steps)
            run.on_predict_begin()
            for batch, (step, start) in enumerate(batches.epoch()):
                run.on_predict_batch_begin(batch)
                step.run(start)
                structure = step.structure
                outputs = collected.add(step.outputs)
                run.on_predict_batch_end(batch, {"outputs": packed(structure, outputs)})
            run.on_predict_end()
        if samples == 0:
            shapes, structure = self.output_shapes(data)
            return packed(structure, [np.empty((0, *shape), "float32") for shape in shapes])
        return packed(structure, collected.result())

    # Single batches.

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One update of the weights by one batch.

        Args:
            x: Inputs, as in `fit`.
            y: Targets, as in `fit`.
            sample_weight: As in `fit`.
            class_weight: As in `fit`.
            return_dict: Whether to return the results by name.

        Returns:
            The results of this batch, as `evaluate` returns them.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        return self.run_batch("train", return_dict, x, y, sample_weight, class_weight)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch.

        Args:
            x: Inputs, as in `fit`.
            y: Targets, as in `fit`.
            sample_weight: As in `fit`.
            return_dict: Whether to return the results by name.

        Returns:
            The results of this batch, as `evaluate` returns them.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        return self.run_batch("test", return_dict, x, y, sample_weight)

    def predict_on_batch(self, x: Any) -> Any:
        """The model's outputs for one batch.

        Args:
            x: Inputs, as in `fit`.

        Returns:
            As from `predict`.

        Raises:
            ValueError, TypeError: As in `fit`.
        """
        data = self.input_data(x, allow_empty=True)
        return self.predict_batch(data) if data.rows else self.predict(x, verbose=0)

    # What the methods above share.

    @contextmanager
    def standing_at(self, epoch: int, batches: Any, compiled: Compiled) -> Iterator[Progress]:
        """Have the progress of a call of `fit` as an attribute, as long as it runs."""
        outer, self.progress = self.progress, Progress(batches, compiled, (), epoch)
        try:
            yield self.progress
        finally:
            self.progress = outer

    def predict_batch(self, data: Data) -> Any:
        """The model's outputs for rows that are checked, as one batch."""
        step = self.step("predict", data, data.rows, self.structure().token)
        try:
            step.bind(data.sources)
            step.run(0)
            return packed(step.structure, [output.copy() for output in step.outputs])
        finally:
            self.step_pool.release(step)

    def run_evaluation(
        self, data: Any, rows: int, limit: int | None, compiled: Compiled, run: CallbackList, own_run: bool = False
    ) -> None:
        """Let the metrics see a data set from the start."""
        with self.batches("test", data, rows, limit) as batches:
            if own_run:
                run.set_params({**run.params, "steps": batches.steps})
            compiled.reset()
            run.on_test_begin()
            for batch, (step, start) in enumerate(batches.epoch()):
                run.on_test_batch_begin(batch)
                step.run(start)
                run.on_test_batch_end(batch, compiled.logs)
            run.on_test_end(compiled.logs())

    def run_batch(self, mode: str, return_dict: bool, *arguments: Any) -> Any:
        """Run a training or testing step on one batch."""
        compiled = self.require_compiled(f"{mode}_on_batch")
        data = self.supervised_data(*arguments)
        with compiled.guard.hold(compiled, f"{mode}_on_batch"), self.batches(mode, data, data.rows) as batches:
            compiled.reset()
            for step, start in batches.epoch():
                step.run(start)
            return compiled.logs() if return_dict else alone(compiled.results())


def alone(results: list[Any]) -> Any:
    """The results, or the only one of them."""
    return results if len(results) > 1 else results[0]
