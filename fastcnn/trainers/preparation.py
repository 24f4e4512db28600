"""From a model and the user's data to prepared steps: what all methods of training and prediction share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastcnn.callbacks import History
from fastcnn.trainers.arena import WeightArena
from fastcnn.trainers.arrays import as_inputs, as_rows
from fastcnn.trainers.batches import ArrayBatches, GivenBatches, yields_batches
from fastcnn.trainers.compiled import Compiled, Output
from fastcnn.trainers.ends import input_leaves, output_names
from fastcnn.trainers.graphs import Forward, forward, packed, prediction_graph, supervised_graph
from fastcnn.trainers.per_output import flat_list, for_each_output
from fastcnn.trainers.progress import Progress
from fastcnn.trainers.step import Step, StepPool
from fastcnn.trainers.structure import Structure, Token, same_objects
from fastcnn.trainers.targets import as_targets, target_dtype, target_rows
from fastcnn.trainers.weights import class_weights_of, sample_weights


@dataclass
class Data:
    """Checked arrays, all with the same number of rows, and how the model takes them."""

    inputs: list[np.ndarray]
    structure: Any
    targets: list[np.ndarray | None] = field(default_factory=list)
    target_dtypes: list[str] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)
    weight_of: list[int | None] = field(default_factory=list)
    """For each output the number of its weights."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.inputs[0])

    @property
    def sources(self) -> list[np.ndarray]:
        """What a step gathers from."""
        return [*self.inputs, *(y for y in self.targets if y is not None), *self.weights]

    @property
    def key(self) -> tuple[Any, ...]:
        """What a step for these data depends on, but for the model."""
        shapes = tuple(None if y is None else y.shape for y in [*self.inputs, *self.targets, *self.weights])
        return shapes, repr(self.structure), tuple(self.target_dtypes), tuple(self.weight_of)

    def first_and_rest(self, first: int) -> tuple[Data, Data]:
        """The data up to a row, and from there on. No copies."""
        halves = [
            Data(
                [x[part] for x in self.inputs],
                self.structure,
                [None if y is None else y[part] for y in self.targets],
                self.target_dtypes,
                [w[part] for w in self.weights],
                self.weight_of,
            )
            for part in (slice(None, first), slice(first, None))
        ]
        return halves[0], halves[1]


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
        self.progress: Progress | None = None
        self._compiled: Compiled | None = None
        self._known_output: list[Any] | None = None
        self._known_output_shape: tuple[list[tuple[int, ...]], Any] = ([], 0)
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
        if not flat_list(self._compiled.loss):
            raise ValueError(f"{method} needs a loss: call compile(optimizer, loss=...) with one, received loss=None")
        return self._compiled

    def input_data(self, x: Any, name: str = "x", allow_empty: bool = False) -> Data:
        """x in the shapes that the model takes; builds the model for these shapes if it is not built yet."""
        leaves, names, structure = input_leaves(self, x, name)
        if not self.built:
            shapes = [(None, *(as_rows(leaf, own).shape[1:] or (1,))) for leaf, own in zip(leaves, names, strict=True)]
            self.build(packed(structure, shapes))  # type: ignore[attr-defined]
        wanted = flat_shapes(self.input_shape)  # type: ignore[attr-defined]
        arrays = [
            as_inputs(leaf, tuple(shape[1:]), own, allow_empty)
            for leaf, shape, own in zip(leaves, wanted, names, strict=True)
        ]
        for own, array in zip(names, arrays, strict=True):
            if len(array) != len(arrays[0]):
                raise ValueError(f"{names[0]} and {own} differ in length: {len(arrays[0])} and {len(array)} rows")
        return Data(arrays, structure)

    def supervised_data(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        class_weight: Any = None,
        x_name: str = "x",
        y_name: str = "y",
    ) -> Data:
        """x, y and weights checked, in the shapes that a step gathers."""
        compiled = self._compiled
        assert compiled is not None
        if not self.built and y is not None and not isinstance(x, (list, tuple, dict)):
            target_rows(y, len(as_rows(x, x_name)), y_name)  # before the model takes the shape of x for its own
        data = self.input_data(x, x_name)
        shapes, structure = self.output_shapes(data)
        names = output_names(self, structure)
        ys = for_each_output(unwrapped(y, len(names)), names, y_name)
        given = [None if one is None else target_rows(one, data.rows, y_name) for one in ys]
        heads = compiled.resolve(
            [
                Output(name, shape, None if array is None else array.shape[1:])
                for name, shape, array in zip(names, shapes, given, strict=True)
            ]
        )
        for head, shape, one, name in zip(heads, shapes, ys, names, strict=True):
            needed = bool(head.losses or head.metrics or head.weighted_metrics)
            own = y_name if name is None or len(heads) == 1 else f"{y_name}[{name!r}]"
            array = as_targets(one, data.rows, head, shape, own, x_name) if needed else None
            data.targets.append(array)
            data.target_dtypes.append("" if array is None else target_dtype(array, head))
        data.weights, data.weight_of = sample_weights(sample_weight, data.rows, names)
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("class_weight and sample_weight cannot be given at the same time")
            if len(heads) > 1 or data.targets[0] is None:
                raise ValueError("class_weight is for models with one output; pass sample_weight for each output")
            data.weights, data.weight_of = [class_weights_of(data.targets[0], class_weight)], [0]
        return data

    def output_shapes(self, data: Data) -> tuple[list[tuple[int, ...]], Any]:
        """Shapes of the outputs for one sample, and their structure; remembered for the layers that there are now."""
        question: list[Any] = [*(x.shape[1:] for x in data.inputs), repr(data.structure)]
        question += self.layers  # type: ignore[attr-defined]
        if self._known_output != question:
            made: Forward = forward(self, [(1, *x.shape[1:]) for x in data.inputs], data.structure, training=False)
            shapes = [output.static_shape[1:] for output in made.outputs]
            self._known_output, self._known_output_shape = question, (shapes, made.structure)
        return self._known_output_shape

    @contextmanager
    def batches(
        self,
        mode: str,
        data: Any,
        rows: int = 32,
        limit: int | None = None,
        seed: int | None = None,
        class_weight: Any = None,
    ) -> Iterator[Any]:
        """Batches of arrays, or those that an iterable yields; the steps are given back in the end."""
        if mode == "train":
            self.hold_weights()
        made: Any = None
        try:
            if yields_batches(data):
                made = GivenBatches(self, mode, data, limit, seed, class_weight)
            else:
                made = ArrayBatches(self, mode, data, rows, limit, seed)
            yield made
        finally:
            if made is not None:
                made.close()

    def hold_weights(self) -> None:
        """Move the weights that are trained into one block of memory, if something has changed since the last time."""
        if self.built and self._arranged is not self.structure().token:
            self.weight_arena.hold(self.trainable_variables)  # type: ignore[attr-defined]
            self._arranged = self.structure().token

    def step(self, mode: str, data: Data, rows: int, token: Token) -> Step:
        """A step for batches of so many rows, out of the pool or new."""
        shapes = [(rows, *x.shape[1:]) for x in data.inputs]

        def build() -> Any:
            if mode == "predict":
                return prediction_graph(self, shapes, data.structure)
            return supervised_graph(
                self,
                self._compiled,
                shapes,
                data.structure,
                [
                    None if y is None else ((rows, *y.shape[1:]), dtype)
                    for y, dtype in zip(data.targets, data.target_dtypes, strict=True)
                ],
                [(rows, *w.shape[1:]) for w in data.weights],
                data.weight_of,
                mode == "train",
            )

        row_shapes = tuple(source.shape[1:] for source in data.sources)
        return self.step_pool.acquire((mode, rows, row_shapes, data.key[1:]), token, build)

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


def flat_shapes(shapes: Any) -> list[Any]:
    """One shape, or a structure of them, as a list."""
    if isinstance(shapes, dict):
        return [shape for member in shapes.values() for shape in flat_shapes(member)]
    if shapes and all(isinstance(member, (list, tuple, dict)) for member in shapes):
        return [shape for member in shapes for shape in flat_shapes(member)]
    return [shapes]


def unwrapped(y: Any, outputs: int) -> Any:
    """Targets without a list around the only ones, as Keras allows it."""
    if outputs == 1 and isinstance(y, (list, tuple)) and len(y) == 1 and getattr(y[0], "ndim", 0) > 0:
        return y[0]
    return y
