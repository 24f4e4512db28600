"""From a model and the user's arrays to prepared steps: what all methods of training and prediction share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastcnn.callbacks import History
from fastcnn.trainers.arena import WeightArena
from fastcnn.trainers.arrays import as_inputs, as_rows
from fastcnn.trainers.compiled import Compiled
from fastcnn.trainers.graphs import forward_graph, prediction_graph, supervised_graph
from fastcnn.trainers.step import Step, StepPool
from fastcnn.trainers.structure import Structure, Token, same_objects
from fastcnn.trainers.targets import as_targets, target_rows


class Preparation:
    """Holds what training needs between calls: what `compile` set up, the weights' memory, the pool of steps.

    Expects of the model that it is mixed into: `built`, `build`, `input_shape`, `layers`, `variables`,
    `trainable_variables` and the call itself.
    """

    built: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop_training = False
        self.history: History | None = None
        self._compiled: Compiled | None = None
        self._known_output: list[Any] | None = None
        self._known_output_shape: tuple[int, ...] = ()
        self._structure: Structure | None = None
        self._arranged: Token | None = None
        self.step_pool = StepPool()
        self.weight_arena = WeightArena()

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
        if not self.built and y is not None:
            target_rows(y, len(as_rows(x, x_name)), y_name)  # before the model takes the shape of x for its own
        x = self.input_array(x, x_name)
        output_shape = self.output_row_shape(x.shape[1:])
        y = as_targets(y, len(x), compiled.loss, output_shape, y_name)
        compiled.resolve(y.shape[1:], output_shape)
        return x, y

    def output_row_shape(self, row_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the output for one sample; remembered for the layers that the model has now."""
        question = [row_shape, *self.layers]  # type: ignore[attr-defined]
        if self._known_output != question:
            (output,) = forward_graph(self, (1, *row_shape), training=False).outputs
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
            token = self.structure().token
            if mode == "train" and self._arranged is not token:
                self.weight_arena.hold(self.trainable_variables)  # type: ignore[attr-defined]
                token = self._arranged = self.structure().token
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
        y_dtype = target_dtype(sources[1], self._compiled.loss) if self._compiled and len(sources) > 1 else ""
        shapes = [(rows, *source.shape[1:]) for source in sources]

        def build() -> Any:
            if mode == "predict":
                return prediction_graph(self, shapes[0])
            assert self._compiled is not None
            return supervised_graph(self, self._compiled, shapes[0], shapes[1], y_dtype, mode == "train")

        return self.step_pool.acquire((mode, *shapes, y_dtype), token, build)

    def structure(self) -> Structure:
        """What the model consists of now. Tokens stay the same objects while what is in them does."""
        known = self._structure
        if known is not None and known.is_current():
            return known
        structure = Structure(self)
        if known is not None:
            if same_objects(structure.token, known.token):
                structure.token = known.token
            if same_objects(structure.call_token, known.call_token):
                structure.call_token = known.call_token
        self._structure = structure
        return structure


def target_dtype(y: np.ndarray, loss: Any) -> str:
    """In which type a step gathers targets: class numbers as int32, all else as float32."""
    return "int32" if is_class_numbers(y, loss) else "float32"


def is_class_numbers(y: np.ndarray, loss: Any) -> bool:
    """Whether targets are class numbers: by the loss or, for a loss that does not say, by type and rank."""
    return loss.labels == "sparse" or (loss.labels == "values" and y.dtype.kind in "iu" and y.ndim == 1)
