"""Training, evaluation and prediction: the methods that a model gets from here, with Keras's names and results.

Each call checks its arguments, takes prepared steps out of the model's pool, and runs them batch after batch; see
`step` for what a step is and `graphs` for what it computes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastcnn.callbacks import CallbackList, History
from fastcnn.graph import Tensor
from fastcnn.metrics import Metric
from fastcnn.optimizers import Optimizer
from fastcnn.trainers.arena import WeightArena
from fastcnn.trainers.arguments import (
    batch_rows,
    epochs_to_validate,
    split_off,
    validation_pair,
    verbosity,
    whole_number,
)
from fastcnn.trainers.arrays import as_inputs, as_rows
from fastcnn.trainers.compiled import Compiled
from fastcnn.trainers.graphs import forward, prediction_graph, supervised_graph
from fastcnn.trainers.step import Step, StepPool, Token
from fastcnn.trainers.targets import as_targets
from fastcnn.utils.random import next_seed


class Trainer:
    """What makes a layer a model that can be trained. Expects of the class it is mixed into: `built`, `build`,
    `input_shape`, `layers`, `variables`, `trainable_variables` and the call itself."""

    built: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop_training = False
        self.history: History | None = None
        self._compiled: Compiled | None = None
        self._known_output: list[Any] | None = None
        self._known_output_shape: tuple[int, ...] = ()
        self.step_pool = StepPool()
        self.weight_arena = WeightArena()

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
        run = CallbackList(
            callbacks, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=1, steps=-(-len(x) // rows)
        )
        with self.steps("predict", (x,), rows) as steps:
            row_shape = steps[0][0].output.shape[1:] if steps else self.output_row_shape(x.shape[1:])  # type: ignore[union-attr]
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
        return self.predict(x, batch_size=max(len(x), 1), verbose=0)

    # What the methods above share.

    def require_compiled(self, method: str) -> Compiled:
        """What `compile` set up.

        Raises:
            ValueError: the model is not compiled, or has no loss.
        """
        if self._compiled is None:
            raise ValueError(f"{method} needs a compiled model: call compile(optimizer, loss) first")
        if self._compiled.loss is None:
            raise ValueError(f"{method} needs a loss: call compile(optimizer, loss=...) with one, received loss=None")
        return self._compiled

    def input_array(self, x: Any, name: str = "x", allow_empty: bool = False) -> np.ndarray:
        """x in the shape that the model takes; builds the model for this shape if it is not built yet."""
        if not self.built:
            array = as_rows(x, name)
            self.build((None, *(array.shape[1:] or (1,))))  # type: ignore[attr-defined]
        return as_inputs(x, tuple(self.input_shape[1:]), name, allow_empty)  # type: ignore[attr-defined]

    def supervised_arrays(
        self, x: Any, y: Any, compiled: Compiled, x_name: str = "x", y_name: str = "y"
    ) -> tuple[np.ndarray, np.ndarray]:
        """x and y checked, in the shapes that a step gathers."""
        assert compiled.loss is not None
        x = self.input_array(x, x_name)
        output_shape = self.output_row_shape(x.shape[1:])
        y = as_targets(y, len(x), compiled.loss, output_shape, y_name)
        compiled.resolve(y.shape[1:], output_shape)
        return x, y

    def output_row_shape(self, row_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the output for one sample; remembered for the layers that the model has now."""
        question = [row_shape, *self.layers]  # type: ignore[attr-defined]
        if self._known_output != question:
            output = forward(self, Tensor((1, *row_shape)), training=False)
            self._known_output, self._known_output_shape = question, output.static_shape[1:]
        return self._known_output_shape

    @contextmanager
    def steps(
        self, mode: str, sources: Sequence[np.ndarray], rows: int, order: np.ndarray | None = None
    ) -> Iterator[list[tuple[Step, int]]]:
        """Steps that go once through the sources, each with the row that it starts at; given back in the end."""
        samples = len(sources[0])
        held: list[Step] = []
        try:
            if mode == "train":
                self.weight_arena.hold(self.trainable_variables)  # type: ignore[attr-defined]
            token = self.token()
            held += [self.step(mode, sources, rows, token)] if samples >= rows else []
            held += [self.step(mode, sources, samples % rows, token)] if samples % rows else []
            for step in held:
                step.bind(sources, order)
            yield [(held[0] if start + rows <= samples else held[-1], start) for start in range(0, samples, rows)]
        finally:
            for step in held:
                self.step_pool.release(step)

    def step(self, mode: str, sources: Sequence[np.ndarray], rows: int, token: Token) -> Step:
        """A step for batches of so many rows, out of the pool or new."""
        y_dtype = target_dtype(sources[1], self.loss) if len(sources) > 1 else ""
        shapes = [(rows, *source.shape[1:]) for source in sources]

        def build() -> Any:
            if mode == "predict":
                return prediction_graph(self, shapes[0])
            assert self._compiled is not None
            return supervised_graph(self, self._compiled, shapes[0], shapes[1], y_dtype, mode == "train")

        return self.step_pool.acquire((mode, *shapes, y_dtype), token, build)

    def token(self) -> Token:
        """The objects that a step is built from: it is good as long as they are the same. They are the memory of all
        variables, the layers, what says which variables are trained, and what `compile` set up."""
        model: Any = self
        variables = model.variables
        return [
            *(variable.value for variable in variables),
            *(variable.trainable for variable in variables),
            *model.layers,
            model.trainable,
            self._compiled,
        ]

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


def target_dtype(y: np.ndarray, loss: Any) -> str:
    """In which type a step gathers targets: class numbers as int32, all else as float32."""
    return "int32" if is_class_numbers(y, loss) else "float32"


def is_class_numbers(y: np.ndarray, loss: Any) -> bool:
    """Whether targets are class numbers: by the loss or, for a loss that does not say, by type and rank."""
    return loss.labels == "sparse" or (loss.labels == "values" and y.dtype.kind in "iu" and y.ndim == 1)
