"""The base of all layers and models.

A layer is four things: a constructor that checks and stores its arguments, `build`, which makes the weights for an
input shape, `call`, which hands over to `fastcnn.ops`, and `get_config`. This base does the rest: it names layers,
checks and converts inputs, builds on the first call, passes `training` down, collects weights from the layers inside.

`call` is written once, with ops: given arrays it runs at once, given symbolic tensors it records nodes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from fastcnn import dtype_policies, regularizers
from fastcnn.dtype_policies import DTypePolicy
from fastcnn.graph import Shape, SymbolicTensor, Tensor
from fastcnn.graph.changes import Mark, note_change
from fastcnn.graph.masks import carry_mask, mask_of
from fastcnn.graph.open_sizes import is_open
from fastcnn.graph.origin import made_by
from fastcnn.layers.added_losses import LossHolder
from fastcnn.layers.arguments import checked_shape, checked_shapes, is_shape, map_shapes
from fastcnn.layers.call_recorder import CallRecorder, shape_of
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.naming import auto_name, checked_name
from fastcnn.layers.weight_holder import BOOKKEEPING
from fastcnn.ops.dispatch import BFLOAT16
from fastcnn.utils import tree

TRAINING: ContextVar[bool | None] = ContextVar("training", default=None)
"""The `training` argument of the layer call that is running, which the layers inside it inherit."""


class Layer(LossHolder, CallRecorder):
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
        super().__init__(trainable)
        self.name = auto_name(type(self).__name__) if name is None else checked_name(name)
        self._dtype_policy = dtype_policies.get(dtype)
        self.built = False
        self.first_input_shape = shape_argument(kwargs)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self._build_shape: Shape | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name not in BOOKKEEPING:
            vars(self)["_changed"] = note_change()

    if not TYPE_CHECKING:  # a checker would take any attribute to be there

        def __getattr__(self, name: str) -> Any:
            """Only called where an attribute is missing: says so with what may have been forgotten."""
            if hasattr(type(self), name):  # a property, which raised the error: let it say so again
                return object.__getattribute__(self, name)
            said = f"{type(self).__name__!r} object has no attribute {name!r}"
            if "built" not in vars(self) and not name.startswith("__"):
                raise RuntimeError(f"{said}: its __init__ must call super().__init__() first")
            if not vars(self).get("built", True):
                said += "; weights are made by the first call, or build(input_shape): build the layer first"
            raise AttributeError(said)

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
        kwargs.update(self.masks_for((inputs, *args), kwargs))
        mask = kwargs.get("mask")
        mask = tree.map_structure(mask_of, inputs) if mask is None else mask
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
        self.pass_on_masks(inputs, mask, outputs)
        if isinstance(outputs, Tensor) and replaces(outputs.shape, self._output_shape):
            self._output_shape = outputs.shape
        elif tree.is_structure(outputs) and self._output_shape is None:
            self._output_shape = tree.map_structure(shape_of, outputs)
        return outputs

    def as_inputs(self, inputs: Any) -> Any:
        """The input, or each of several, as `as_input` has it."""
        return tree.map_structure(self.as_input, inputs) if tree.is_structure(inputs) else self.as_input(inputs)

    def as_input(self, inputs: Any) -> Tensor | np.ndarray:
        """The input as a symbolic tensor, if it is one, or as a float32 array.

        Raises:
            TypeError: it holds no numbers.
            ValueError: it is no array.
        """
        if isinstance(inputs, Tensor):
            return inputs
        if inputs is None or isinstance(inputs, (str, bytes)):
            raise ValueError(f"inputs of layer {self.name!r} must be arrays of numbers or tensors, received {inputs!r}")
        try:
            array = np.asarray(inputs)
        except ValueError:
            raise ValueError(
                f"inputs of layer {self.name!r} must be arrays or tensors, received a list of unequal lengths: "
                f"{inputs!r}"
            ) from None
        if array.dtype.kind not in "biuf":
            raise TypeError(
                f"inputs of layer {self.name!r} must be numbers, received an array of dtype {array.dtype}; "
                "convert it to float32 first"
            )
        converted: np.ndarray = carry_mask(inputs, np.asarray(array, dtype=np.float32))
        return converted

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

    def __getstate__(self) -> dict[str, Any]:
        """The state for copies, which no model's tensors belong to."""
        return {**vars(self), "_symbolic_calls": []}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def dtype_config(policy: DTypePolicy) -> Any:
    """The `dtype` in a layer's configuration: Keras's dictionary of the policy, but short for the plain one."""
    return policy.name if policy.name == "float32" else dtype_policies.serialize(policy)


def replaces(shape: Shape, known: Any) -> bool:
    """Whether the shape of an output says more about a layer than the one that is known."""
    return known is None or (shape[0] is None and not (is_shape(known) and is_open(known)))


def any_batch(leaf: Any) -> Shape:
    """The shape of an input, for any batch size where the input is an array."""
    return leaf.shape if isinstance(leaf, Tensor) else (None, *leaf.shape[1:])


def marking_built(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` method that checks the shape first, leaves no weights if it fails, and marks the layer as built."""

    @functools.wraps(build)
    def wrapper(self: Layer, input_shape: Shape | None = None, *more: Any) -> None:
        if self.built and (self._own_weights or self._own_fixed_weights):
            raise ValueError(f"layer {self.name!r} is built already, for inputs of shape {self._build_shape}")
        shape = None if input_shape is None else checked_shapes(input_shape, "input_shape")
        if self.input_spec is not None and shape is not None:
            self.input_spec.check(shape, self.name)
        made, fixed = len(self._own_weights), len(self._own_fixed_weights)
        try:
            with self.named_errors(shape or ()):
                build(self, shape, *more)
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
