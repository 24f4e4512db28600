"""The base of all layers and models.

A layer is four things: a constructor that checks and stores its arguments, `build`, which makes the weights for an
input shape, `call`, which hands over to `fastcnn.ops`, and `get_config`. This base does the rest: it names layers,
checks and converts inputs, builds on the first call, passes `training` down, collects weights from the layers inside.

`call` is written once, with ops: given arrays it runs at once, given symbolic tensors it records nodes.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from fastcnn import constraints, dtype_policies, initializers, ops, regularizers
from fastcnn.dtype_policies import DTypePolicy
from fastcnn.graph import Shape, SymbolicCall, SymbolicTensor, Tensor, Variable
from fastcnn.graph.changes import Mark, note_change
from fastcnn.graph.open_sizes import TRIALS, closed, is_open, opened
from fastcnn.graph.origin import made_by
from fastcnn.layers.added_losses import COLLECTED, AddedLoss
from fastcnn.layers.arguments import checked_shape, checked_shapes, is_shape, map_shapes
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.memory import new_weight
from fastcnn.layers.naming import auto_name, checked_name
from fastcnn.ops.dispatch import BFLOAT16
from fastcnn.utils import tree

TRAINING: ContextVar[bool | None] = ContextVar("training", default=None)
"""The `training` argument of the layer call that is running, which the layers inside it inherit."""

BOOKKEEPING = {
    "_arranged",
    "_known_output",
    "_known_output_shape",
    "_output_shape",
    "_structure",
    "history",
    "stop_training",
}
"""Attributes that have no influence on what a layer computes."""


class Layer:
    """Base class of layers: state (weights) and a computation (`call`).

    Args:
        activity_regularizer: penalty for the output, divided by the batch size; name or object. Default None.
        trainable: whether training changes the weights. Default True.
        dtype: a dtype policy or its name: "float32", or "mixed_bfloat16", with which products of matrices and
            convolutions round what they multiply to bfloat16. Default None: the global policy, see
            `fastcnn.config.set_dtype_policy`.
        name: a name, without slashes. Default: made from the class name (`dense`, `dense_1`, ...).
        input_shape: on the first layer of a `Sequential`: the shape of one sample.
        batch_input_shape: the same with the batch size, or None for any, in front.
        input_dim: the same for samples that are vectors: their length.

    Subclasses define `call(self, inputs)`, or `call(self, inputs, training=False)` if training differs; `build(self,
    input_shape)` if they have weights, made with `add_weight`; `get_config` if they are to be saved. Layers stored as
    attributes, or in lists and dictionaries that are attributes, belong to the layer.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers, ops
    >>> class Scale(layers.Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
    ...
    ...     def call(self, inputs):
    ...         return ops.multiply(inputs, self.scale)
    >>> layer = Scale()
    >>> layer(np.ones((2, 3)))
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    >>> layer.count_params()
    3
    """

    input_spec: InputSpec | None = None

    _changed = Mark()
    """When an attribute was last set."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = marking_built(cls.build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(trainable, bool):
            raise ValueError(f"trainable must be True or False, received trainable={trainable!r}")
        self.name = auto_name(type(self).__name__) if name is None else checked_name(name)
        self._dtype_policy = dtype_policies.get(dtype)
        self.built = False
        self.first_input_shape = shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._added_losses: list[Any] = []
        self._trainable = trainable
        self._own_weights: list[Variable] = []
        self._own_fixed_weights: list[Variable] = []
        self._own_states: list[Variable] = []
        self._build_shape: Shape | None = None
        self._output_shape: Shape | None = None
        self._symbolic_calls: list[tuple[Any, Any]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name not in BOOKKEEPING:
            vars(self)["_changed"] = note_change()

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        vars(self)["_changed"] = note_change()

    # The four things that subclasses define.

    def build(self, input_shape: Shape) -> None:
        """Make the weights for inputs of a shape; called before the first `call`."""
        self._build_shape = checked_shapes(input_shape, "input_shape")
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation, on arrays or symbolic tensors, written with `fastcnn.ops`."""
        raise NotImplementedError(f"{type(self).__name__} must define call(self, inputs)")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Shape of the output for an input of a shape; None stands for any batch size.

        Raises:
            ValueError: such an input does not fit.
        """
        inputs = map_shapes(Tensor, checked_shapes(input_shape, "input_shape"))
        shown = self._output_shape
        try:
            return shape_of(self.tried((inputs,), {}))
        finally:
            self._output_shape = shown

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor, as a dictionary that JSON can hold."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": dtype_config(self._dtype_policy)}
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """A new layer from what `get_config` returned."""
        return cls(**config)

    # Calling.

    def __call__(self, inputs: Any, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Run the layer, building it first if need be.

        Args:
            inputs: an array, which gives an array, or a symbolic tensor, which gives a symbolic tensor; or a list or
                dictionary of them, where the layer takes several.
            training: whether layers like `Dropout` act as in training. Default None: as the layer around this one,
                and False outside of any.

        Raises:
            TypeError: the input is no array of numbers.
            ValueError: the input's shape does not fit.
        """
        if isinstance(inputs, SymbolicTensor) or (
            (args or kwargs or tree.is_structure(inputs))
            and any(isinstance(leaf, SymbolicTensor) for leaf in tree.flatten((inputs, args, kwargs)))
        ):
            return self.record((inputs, *args), kwargs if training is None else {**kwargs, "training": training})
        inputs = self.as_inputs(inputs)
        shape = shape_of(inputs)
        if self.input_spec is not None:
            self.input_spec.check(shape, self.name)
        if not self.built:
            self.build(tree.map_structure(any_batch, inputs))
        self._added_losses.clear()
        if training is None:
            training = TRAINING.get()
        if training is not None and takes_training(type(self).call):
            kwargs["training"] = bool(training)
        outer = TRAINING.set(training)
        outer_products = BFLOAT16.set(self._dtype_policy.compute_dtype == "bfloat16")
        try:
            with self.named_errors(shape), made_by(self.name):
                outputs = self.call(inputs, *args, **kwargs)
        finally:
            BFLOAT16.reset(outer_products)
            TRAINING.reset(outer)
        if self.activity_regularizer is not None:
            for output in tree.flatten(outputs):
                self.add_penalty(output)
        if isinstance(outputs, Tensor) and replaces(outputs.shape, self._output_shape):
            self._output_shape = outputs.shape
        elif tree.is_structure(outputs) and self._output_shape is None:
            self._output_shape = tree.map_structure(shape_of, outputs)
        return outputs

    def record(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The call as tensors of a functional model, which remember it."""
        outputs = self.tried(args, kwargs)
        call = SymbolicCall(self, args, kwargs)
        count = itertools.count()
        symbols = tree.map_structure(
            lambda output: SymbolicTensor(output.shape, output.dtype, source=call, index=next(count)), outputs
        )
        ends = tree.map_structure(weakref.ref, args[0]), tree.map_structure(weakref.ref, symbols)
        self._symbolic_calls = [call for call in self._symbolic_calls if alive(call)] + [ends]
        return symbols

    def tried(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call gives, as tensors without values; where sizes are open, by two trials of a built layer."""

        def trial(size: int) -> Any:
            def plain(leaf: Any) -> Any:
                return Tensor(closed(leaf.shape, size), leaf.dtype) if isinstance(leaf, Tensor) else leaf

            return self(*tree.map_structure(plain, args), **tree.map_structure(plain, kwargs))

        if not any(isinstance(leaf, Tensor) and is_open(leaf.shape) for leaf in tree.flatten((args, kwargs))):
            return trial(0)
        shape = shape_of(args[0])
        if self.input_spec is not None:
            self.input_spec.check(shape, self.name)
        if not self.built:
            self.build(shape)
        one = trial(TRIALS[0])
        shown = {layer: layer._output_shape for layer in all_layers(self)}
        other = trial(TRIALS[1])
        for layer, shape in shown.items():
            layer._output_shape = in_common(shape, layer._output_shape)
        shapes = iter([output.shape for output in tree.flatten(other)])
        return tree.map_structure(lambda output: Tensor(opened(output.shape, next(shapes)), output.dtype), one)

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first call in a model.

        Raises:
            AttributeError: there was none.
        """
        return self.symbolic_end(0, "input")

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first call in a model.

        Raises:
            AttributeError: there was none.
        """
        return self.symbolic_end(1, "output")

    def symbolic_end(self, end: int, which: str) -> Any:
        """The input or output of the first call whose model still exists."""
        for call in filter(alive, self._symbolic_calls):
            return tree.map_structure(lambda reference: reference(), call[end])
        raise AttributeError(f"The layer {self.name} has never been called in a model and thus has no defined {which}.")

    def as_inputs(self, inputs: Any) -> Any:
        """The input, or each of several, as `as_input` has it."""
        return tree.map_structure(self.as_input, inputs) if tree.is_structure(inputs) else self.as_input(inputs)

    def as_input(self, inputs: Any) -> Tensor | np.ndarray:
        """The input as a symbolic tensor, if it is one, or as a float32 array.

        Raises:
            TypeError: it holds no numbers.
        """
        if isinstance(inputs, Tensor):
            return inputs
        array = np.asarray(inputs)
        if array.dtype.kind not in "biuf":
            raise TypeError(
                f"inputs of layer {self.name!r} must be numbers, received an array of dtype {array.dtype}; "
                "convert it to float32 first"
            )
        return np.asarray(array, dtype=np.float32)

    @contextmanager
    def named_errors(self, input_shape: Shape) -> Iterator[None]:
        """Errors of values from inside name the layer and its input, unless they name a layer already."""
        try:
            yield
        except ValueError as error:
            if type(error) is not ValueError or "layer '" in str(error):
                raise
            where = f"in layer {self.name!r} of type {type(self).__name__}, input shape {input_shape}"
            raise ValueError(f"{error} ({where})") from error

    # Losses.

    def add_loss(self, loss: Any) -> None:
        """Add a number to the loss of training; for use in `call`.

        Args:
            loss: a number or tensor, whose sum is added, or a list of them.
        """
        for one in loss if isinstance(loss, (list, tuple)) else [loss]:
            self.keep_loss(AddedLoss(one, ops.sum))

    def add_penalty(self, output: Any) -> None:
        """Add the penalty of an output, per sample."""

        def per_sample(output: Any) -> Any:
            return self.activity_regularizer(output) * (1 / max(output.shape[0], 1))

        self.keep_loss(AddedLoss(output, per_sample))

    def keep_loss(self, added: AddedLoss) -> None:
        """Hand an addition to the step that is being made, or keep its value for `losses`."""
        collected = COLLECTED.get()
        if collected is not None:
            collected.append(added)
        elif not isinstance(added.tensor, Tensor):
            self._added_losses.append(added.function(added.tensor))

    @property
    def losses(self) -> list[Any]:
        """What the last call on arrays added to the loss, and the penalties of the trained weights."""
        penalties = [variable.regularizer(variable) for variable in self.trainable_weights if variable.regularizer]
        return [*self.added_losses(), *penalties]

    def added_losses(self) -> list[Any]:
        """What the last call on arrays added to the loss, in this layer and those inside."""
        return [*self._added_losses, *(loss for _, layer in self.sublayers() for loss in layer.added_losses())]

    # Weights.

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        name: str | None = None,
    ) -> Variable:
        """Make a weight; used in `build`.

        Args:
            shape: its shape. Default `()`: a number.
            initializer: name or object. Default None: "glorot_uniform".
            dtype: None or "float32".
            trainable: whether training changes it. Default True.
            autocast: taken and ignored, as is `aggregation`: there is one dtype and one machine.
            regularizer: penalty for the loss of training; name, object or function. Default None.
            constraint: what gives the allowed value after each update; name, object or function. Default None.
            name: a name, e.g. "kernel". Default "variable".

        Returns:
            The variable, whose `value` is the array; ops take it as it is.

        Raises:
            MemoryError: it would be larger than the machine's memory.
        """
        if isinstance(shape, str):
            raise ValueError(f"add_weight's first argument is the shape; pass name={shape!r} by keyword")
        dims = tuple(-1 if size is None else size for size in checked_shape(shape, "shape"))
        if -1 in dims:
            raise ValueError(f"the shape of a weight must be known, received shape={tuple(shape)}")
        if dtype not in (None, "float32", np.float32):
            raise ValueError(f"dtype must be 'float32', received dtype={dtype!r}")
        name = "variable" if name is None else name
        make = initializers.get(initializer) or initializers.GlorotUniform()
        value = new_weight(dims, make, f"{name} of layer {self.name!r}")
        variable = Variable(value, name, trainable and self._trainable)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        (self._own_weights if trainable else self._own_fixed_weights).append(variable)
        return variable

    def add_state(self, value: np.ndarray, name: str) -> Variable:
        """Keep an array that is no weight, such as the state of a random generator: it is not counted, and saved only
        with the whole model."""
        variable = Variable(value, name, trainable=False)
        self._own_states.append(variable)
        return variable

    def sublayers(self) -> Iterator[tuple[str, Layer]]:
        """The layers stored in attributes, with the attribute's name, in the order in which they were stored."""
        for attribute, value in list(vars(self).items()):
            if isinstance(value, Layer):
                yield attribute, value
            elif isinstance(value, (list, tuple, dict)):
                for member in value.values() if isinstance(value, dict) else value:
                    if isinstance(member, Layer):
                        yield attribute, member

    @property
    def weights(self) -> list[Variable]:
        """All weights: the layer's own, those that training changes first, then those of the layers inside."""
        inner = [weight for _, layer in self.sublayers() for weight in layer.weights]
        return unique([*self._own_weights, *self._own_fixed_weights, *inner])

    @property
    def variables(self) -> list[Variable]:
        """The weights and the states of random generators."""
        inner = [variable for _, layer in self.sublayers() for variable in layer.variables]
        return unique([*self.weights, *self._own_states, *inner])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        return [variable for variable in self.weights if variable.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves as they are."""
        return [variable for variable in self.weights if not (self.trainable and variable.trainable)]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All variables but the trainable weights."""
        return [variable for variable in self.variables if not (self.trainable and variable.trainable)]

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for the layers inside, too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_weights:
            variable.trainable = self._trainable
        for _, layer in self.sublayers():
            layer.trainable = self._trainable

    @property
    def dtype_policy(self) -> DTypePolicy:
        """How the layer keeps its weights and multiplies; may be set to another policy, or the name of one."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = dtype_policies.get(value)

    @property
    def compute_dtype(self) -> str:
        """The dtype in which products are made."""
        return self._dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self._dtype_policy.variable_dtype

    @property
    def dtype(self) -> str:
        """The dtype of weights, the same as `variable_dtype`."""
        return self._dtype_policy.variable_dtype

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights.

        Args:
            weights: arrays in the order and of the shapes of `get_weights()`.

        Raises:
            ValueError: their number or a shape does not fit; no weight is changed then.
        """
        variables = self.weights
        arrays = [np.asarray(weight) for weight in weights]
        if len(arrays) != len(variables):
            hint = "" if self.built else "; it is not built yet and has no weights: call build(input_shape) first"
            raise ValueError(
                f"You called set_weights(weights) on layer {self.name!r} with a weight list of length {len(arrays)}, "
                f"but the layer was expecting {len(variables)} weights{hint}"
            )
        for variable, array in zip(variables, arrays, strict=True):
            if variable.shape != array.shape:
                raise ValueError(
                    f"Layer {self.name!r}: weight {variable.name!r} of shape {variable.shape} is not compatible with "
                    f"provided weight shape {array.shape}"
                )
            if array.dtype.kind not in "biuf":
                raise TypeError(
                    f"Layer {self.name!r}: weight {variable.name!r} needs numbers, received dtype {array.dtype}"
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def count_params(self) -> int:
        """The number of elements of all weights.

        Raises:
            ValueError: the layer is not built yet.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call count_params on layer {self.name!r}, but the layer isn't built. "
                "You can build it by calling it, or by build(input_shape)"
            )
        return sum(math.prod(variable.shape) for variable in self.weights)

    def __getstate__(self) -> dict[str, Any]:
        """The state for copies, which no model's tensors belong to."""
        return {**vars(self), "_symbolic_calls": []}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def dtype_config(policy: DTypePolicy) -> Any:
    """The `dtype` in a layer's configuration: Keras's dictionary of the policy, but short for the plain one."""
    return policy.name if policy.name == "float32" else dtype_policies.serialize(policy)


def alive(references: Any) -> bool:
    """Whether all weakly referenced leaves still exist."""
    return all(reference() is not None for reference in tree.flatten(references))


def shape_of(inputs: Any) -> Any:
    """The shape of a tensor or array, or those of several."""
    return tree.map_structure(lambda leaf: leaf.shape, inputs) if tree.is_structure(inputs) else inputs.shape


def replaces(shape: Shape, known: Any) -> bool:
    """Whether the shape of an output says more about a layer than the one that is known."""
    return known is None or (shape[0] is None and not (is_shape(known) and is_open(known)))


def in_common(one: Any, other: Any) -> Any:
    """The shape of two trials, or those of several outputs; None where one is not known."""
    if one is None or other is None:
        return None
    shapes: list[Shape] = []
    map_shapes(shapes.append, other)
    rest = iter(shapes)
    return map_shapes(lambda shape: opened(shape, next(rest)), one)


def all_layers(layer: Layer) -> Iterator[Layer]:
    """A layer and all layers inside."""
    yield layer
    for _, inner in layer.sublayers():
        yield from all_layers(inner)


def any_batch(leaf: Any) -> Shape:
    """The shape of an input, for any batch size where the input is an array."""
    return leaf.shape if isinstance(leaf, Tensor) else (None, *leaf.shape[1:])


def marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` method that checks the shape first, leaves no weights if it fails, and marks the layer as built."""

    @functools.wraps(build)
    def wrapper(self: Layer, input_shape: Shape | None = None) -> None:
        if self.built and (self._own_weights or self._own_fixed_weights):
            raise ValueError(f"layer {self.name!r} is built already, for inputs of shape {self._build_shape}")
        shape = None if input_shape is None else checked_shapes(input_shape, "input_shape")
        if self.input_spec is not None and shape is not None:
            self.input_spec.check(shape, self.name)
        made, fixed = len(self._own_weights), len(self._own_fixed_weights)
        try:
            with self.named_errors(shape or ()):
                build(self, shape)
        except BaseException:
            del self._own_weights[made:], self._own_fixed_weights[fixed:]
            raise
        if self._build_shape is None:
            self._build_shape = shape
        self.built = True

    return wrapper


@functools.cache
def takes_training(call: Callable[..., Any]) -> bool:
    """Whether a `call` method has a parameter named training."""
    return "training" in inspect.signature(call).parameters


def shape_argument(kwargs: dict[str, Any]) -> Shape | None:
    """The shape of inputs, batch included, that the first layer of a model was given; taken out of its arguments."""
    batch_shape = kwargs.pop("batch_input_shape", None)
    shape = kwargs.pop("input_shape", None)
    length = kwargs.pop("input_dim", None)
    if batch_shape is not None:
        return checked_shape(batch_shape, "batch_input_shape")
    if length is not None:
        return (None, *checked_shape((length,), "input_dim"))
    return None if shape is None else (None, *checked_shape(shape, "input_shape"))


def unique(variables: Sequence[Variable]) -> list[Variable]:
    """The variables without repetitions, in order."""
    return list(dict.fromkeys(variables))
