"""The base of models: a layer with an input shape, layers inside, a summary, weight files and a model file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from fastcnn.graph import Shape, Tensor
from fastcnn.graph.masks import carry_mask, mask_of
from fastcnn.graph.open_sizes import accepts
from fastcnn.graph.recording import is_recording
from fastcnn.layers.arguments import map_shapes
from fastcnn.layers.layer import TRAINING, Layer
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.models.calls import Calls
from fastcnn.models.fit_rank import fit_rank, misfit
from fastcnn.models.summary import summary_text
from fastcnn.trainers import Trainer
from fastcnn.trainers.arrays import READABLE
from fastcnn.utils.arguments import checked_integer

if TYPE_CHECKING:
    from fastcnn.profiling import Profile

PathLike = str | os.PathLike[str]


class Model(Trainer, Layer):
    """Base of models: `Sequential` is one, `Model(inputs, outputs)` makes a `Functional` one, others are subclasses.

    Args:
        *args: for a functional model its inputs and outputs; see `Functional`.
        trainable: whether training changes the weights. Default True.
        name: a name. Default: made from the class name.

    A subclass makes its layers in the constructor and defines `call`:

    >>> import numpy as np
    >>> import fastcnn
    >>> class TwoPaths(fastcnn.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.left = fastcnn.layers.Dense(4, activation="relu")
    ...         self.right = fastcnn.layers.Dense(4)
    ...
    ...     def call(self, inputs):
    ...         return fastcnn.ops.add(self.left(inputs), self.right(inputs))
    >>> model = TwoPaths()
    >>> model(np.ones((2, 3))).shape
    (2, 4)
    >>> model.count_params()
    32
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (args or "inputs" in kwargs or "outputs" in kwargs):
            from fastcnn.models.functional import Functional

            return object.__new__(Functional)
        return object.__new__(cls)

    def __init__(self, *args: Any, trainable: bool = True, name: str | None = None, **kwargs: Any) -> None:
        if args or "inputs" in kwargs or "outputs" in kwargs:
            from fastcnn.models.functional import Functional

            make_functional(type(self))
            functional: Any = Functional
            functional.__init__(self, *args, trainable=trainable, name=name, **kwargs)
        else:
            super().__init__(trainable=trainable, name=name, **kwargs)
        self._calls = Calls()

    def build(self, input_shape: Shape) -> None:
        """Make the weights of all layers for inputs of a shape.

        Args:
            input_shape: the shape, with the batch size or None in front.

        Raises:
            ValueError: a layer does not fit what it gets.
        """
        self.built = True  # for the call below, which would build the model otherwise
        try:
            self.tried((map_shapes(Tensor, input_shape),), {})
        except BaseException:
            self.built = False
            raise

    def __call__(self, inputs: Any, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        shape: Any = self._build_shape
        if (
            type(inputs) is not np.ndarray
            or (self.built and not (type(shape) is tuple and accepts(shape, inputs.shape)))
            or inputs.dtype not in READABLE
            or not inputs.flags.c_contiguous
            or args
            or kwargs
            or mask_of(inputs) is not None
            or is_recording()
        ):
            return super().__call__(inputs, *args, training=training, **kwargs)
        if training is None:
            training = TRAINING.get()
        is_alone = training or not len(inputs)  # no program: it draws random numbers, or there is nothing to compute
        outputs = None if is_alone else self._calls.run(self, inputs, training)
        if outputs is not None:
            return outputs
        call = super().__call__
        if is_alone:
            return call(inputs, training=training)
        return self._calls.observe(self, inputs, training, lambda: call(inputs, training=training))

    def pass_on_masks(self, inputs: Any, previous_mask: Any, outputs: Any) -> None:
        """Only what a `compute_mask` of the model's own says: masks go through its layers by themselves."""
        if self.supports_masking:
            super().pass_on_masks(inputs, previous_mask, outputs)

    @property
    def input_shape(self) -> Shape:
        """The shape of the input, with None for the batch.

        Raises:
            AttributeError: the model is not built yet.
        """
        return self.known_shape("input", self._build_shape)

    @property
    def output_shape(self) -> Shape:
        """The shape of the output, with None for the batch.

        Raises:
            AttributeError: the model is not built yet.
        """
        return self.known_shape("output", self._output_shape)

    def known_shape(self, which: str, shape: Shape | None) -> Shape:
        """The shape if the model is built, else an error."""
        if not self.built or shape is None:
            raise AttributeError(
                f"{type(self).__name__} model {self.name!r} has no defined {which} shape yet; "
                "put an Input in front, call it on data, or call build(input_shape)"
            )
        return shape

    def as_input(self, inputs: Any) -> Tensor | np.ndarray:
        """The input as a symbolic tensor or a float32 array of the rank of the model's input."""
        inputs = super().as_input(inputs)
        return inputs if self._build_shape is None else self.fitted(inputs, self._build_shape)

    def fitted(self, inputs: Tensor | np.ndarray, shape: Shape) -> Tensor | np.ndarray:
        """A symbolic tensor of just a shape, but for the batch; or an array as a view of the rank of that shape."""
        if isinstance(inputs, Tensor):
            if not accepts(shape, inputs.shape):
                raise misfit(inputs.shape, shape, self.name)
            return inputs
        fitting: np.ndarray = carry_mask(inputs, fit_rank(inputs, shape, self.name))
        return fitting

    @property
    def layers(self) -> list[Layer]:
        """The layers of which the model consists."""
        return list(dict.fromkeys(layer for _, layer in self.sublayers()))

    @property
    def operations(self) -> list[Layer]:
        """The layers, and in a functional model the ops between them."""
        return self.layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or by index.

        Args:
            name: its name.
            index: its place in `layers`.

        Raises:
            ValueError: there is none, or not just one of the two is given.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError(f"pass either a layer name or an index, received name={name!r}, index={index!r}")
        if index is not None:
            if not -len(layers) <= checked_integer(index, "index") < len(layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model {self.name!r} only has "
                    f"{len(layers)} layers"
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}")

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: tuple[str, str] | None = None,
    ) -> None:
        """Print a table of the layers with output shapes and numbers of parameters.

        Args:
            line_length: width of the table. Default: that of the terminal, 88 at most.
            positions: ends of the columns as parts of the width. Default [0.45, 0.8, 1.0].
            print_fn: called once with the whole text. Default `print`.
            expand_nested: whether layers of models inside the model are shown. Default False.
            show_trainable: whether a column says which layers are trained. Default False.
            layer_range: names of the first and the last layer to show. Default: all.

        Raises:
            ValueError: the table would be too narrow, or `layer_range` names no layers.
        """
        text = summary_text(self, line_length, positions, expand_nested, show_trainable, layer_range)
        (print if print_fn is None else print_fn)(text)

    def connections(self) -> dict[Layer, str] | None:
        """For each layer what it is called on, as the summary shows it; None where that is just the layer before."""
        return None

    def profile(
        self,
        batch_size: int = 32,
        training: bool | None = None,
        x: Any = None,
        y: Any = None,
        seconds: float = 1.0,
    ) -> Profile:
        """Time the steps of the model op by op, as they are fused, and hold each against what this machine can do.

        Args:
            batch_size: rows of the batch. Default 32.
            training: whether to profile steps of training; else of prediction. Default: training if the model is
                compiled with a loss.
            x: inputs, of which the first `batch_size` rows are taken. Default: random numbers from 0 to 1.
            y: targets for them. Default: random ones, such as the loss takes.
            seconds: how long to measure. Default 1.

        Returns:
            A `fastcnn.profiling.Profile`, which prints as a table; `rows`, `memory` and `to_dict()` have the data.
            Weights, optimizer, metrics and random states are afterwards as they were before.

        Raises:
            ValueError: a number is wrong, training is asked for without a loss, or x is needed to know its shape.

        Example:

        >>> from fastcnn import Input, Sequential, layers
        >>> model = Sequential([Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu", name="first")])
        >>> profile = model.profile(seconds=0)
        >>> [(row.layers, row.op, row.shape) for row in profile.rows]
        [(('batch',), 'gather', (32, 8, 8, 1)), (('first',), 'conv2d', (32, 6, 6, 4))]
        """
        from fastcnn.profiling.model import profile_model

        return profile_model(self, batch_size, training, x, y, seconds)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A new model from what `get_config` returned; that of a functional model makes one."""
        if cls is Model and {"layers", "input_layers", "output_layers"} <= set(config):
            from fastcnn.models.functional import Functional

            return Functional.from_config(config)
        return cls(**config)

    def save_weights(self, filepath: PathLike, overwrite: bool = True) -> None:
        """Write all weights to a file; HDF5 files have the variables of a compiled model's optimizer, too.

        Args:
            filepath: ends in `.weights.h5` (Keras's own layout, needs the package h5py) or `.npz` (NumPy's).
            overwrite: whether an existing file is replaced. Default True.

        Raises:
            ValueError: the model is not built, or the name ends otherwise.
            FileExistsError: the file exists and `overwrite` is False.
        """
        from fastcnn.saving.weights import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: PathLike) -> None:
        """Read all weights from a file written by `save_weights`, of this package or of Keras, and the variables of the
        optimizer, if the file has as many as it has.

        Args:
            filepath: the file, `.weights.h5` or `.npz`.

        Raises:
            ValueError: the model is not built, or the file is cut short, damaged, or of another model; the weights
                are unchanged then.
        """
        from fastcnn.saving.weights import load_weights

        load_weights(self, filepath)

    def save(self, filepath: PathLike, overwrite: bool = True, include_optimizer: bool = True) -> None:
        """Write the model to a file for `load_model`: layers, weights, the states of random layers, and what `compile`
        set up, with the state of the optimizer. What has no name in there (a lambda as a loss, say) is left out with a
        warning.

        Args:
            filepath: ends in `.fastcnn`, or in `.keras` for a file that Keras reads, too (needs the package h5py; the
                states of random layers are not in it).
            overwrite: whether an existing file is replaced. Default True.
            include_optimizer: whether the optimizer's state is written. Default True.

        Raises:
            ValueError: the model is not built, or the name ends otherwise.
            FileExistsError: the file exists and `overwrite` is False.
        """
        from fastcnn.saving.model_file import save_model

        save_model(self, filepath, overwrite, include_optimizer)

    def to_json(self, **kwargs: Any) -> str:
        """The configuration of the model, without its weights, as JSON for `model_from_json`.

        Args:
            **kwargs: passed to `json.dumps`.
        """
        import json  # not imported before it is needed

        return json.dumps(serialize(self), **kwargs)


def make_functional(cls: type) -> None:
    """Let a subclass of `Model` whose constructor hands on inputs and outputs be a functional model from then on."""
    from fastcnn.models.functional import Functional

    for base in cls.__bases__:
        if base is not Model and issubclass(base, Model):
            make_functional(base)
    cls.__bases__ = tuple(Functional if base is Model else base for base in cls.__bases__)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Model:
    """A model from what `to_json` returned, with new weights.

    Args:
        json_string: the configuration.
        custom_objects: the user's own classes and functions, by name.

    Raises:
        ValueError: it is none.

    Example:

    >>> import fastcnn
    >>> model = fastcnn.Sequential([fastcnn.Input((4,)), fastcnn.layers.Dense(3)])
    >>> fastcnn.models.model_from_json(model.to_json()).output_shape
    (None, 3)
    """
    import json  # not imported before it is needed

    model = deserialize(json.loads(json_string), custom_objects)
    if not isinstance(model, Model):
        raise ValueError(f"the JSON holds a layer, not a model: {model!r}")
    return model
