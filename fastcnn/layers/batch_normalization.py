"""Batch normalisation."""

from __future__ import annotations

from typing import Any

from fastcnn import initializers, ops
from fastcnn.config import epsilon
from fastcnn.graph import Shape
from fastcnn.layers.batch_renormalization import checked_clipping, corrections, update_averages
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.registry import register
from fastcnn.layers.scale_and_shift import ScaleAndShift, lengths_of
from fastcnn.ops.batch_normalization import normalize_channels, update_moving_average
from fastcnn.utils.arguments import as_integer, checked_number


@register
class BatchNormalization(ScaleAndShift):
    """Normalises each channel: in training by mean and variance of the batch, else by moving averages of both.

    `gamma * (inputs - mean) / sqrt(variance + epsilon) + beta`. In training the averages follow the batches:
    `moving_mean = moving_mean * momentum + mean * (1 - momentum)`, and `moving_variance` likewise. A frozen layer
    (`trainable = False`) uses its averages in training too, and leaves them as they are.

    Args:
        axis: the axis of the channels. Default -1; the last axis is the fastest.
        momentum: share of the moving averages that stays. Default 0.99.
        epsilon: added to the variance. Default 1e-3.
        center: whether `beta` is added. Default True.
        scale: whether `gamma` multiplies. Default True.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: names or objects.
            Default "zeros", "ones", "zeros", "ones".
        beta_regularizer, gamma_regularizer: penalties for the weights. Default None.
        beta_constraint, gamma_constraint: what gives allowed values after each update. Default None.
        renorm: whether training corrects the batch's statistics towards moving averages, so that it sees what
            prediction sees. Default False.
        renorm_clipping: limits of these corrections, a dictionary of "rmax", "rmin" (of the factor) and "dmax" (of the
            shift), or of some. Default None: none.
        renorm_momentum: that of the averages for the corrections. Default 0.99.
        synchronized: False only: there is one device.

    Call arguments:
        inputs: array or symbolic tensor of at least two dimensions, converted to float32.
        training: whether the batch's own statistics are used, and the averages updated. Default False; `fit` passes
            True.
        mask: of the shape of the inputs without channels: only where it is not 0 values count for the batch's
            statistics. Default None.

    Output shape: that of the input, float32.

    Weights: `gamma`, `beta`, `moving_mean`, `moving_variance`, and with `renorm` `moving_stddev`, `renorm_mean` and
    `renorm_stddev`, each of shape `(channels,)`; training changes the first two by gradients.

    Cost: in training a pass over the inputs for the statistics and one that normalises; behind a `Conv2D` the first
    finds them in the cache, and a ReLU behind costs nothing. In prediction the layer goes into the weights of a
    `Conv2D` before it.

    Raises:
        ValueError: an argument does not fit.

    Example:

    >>> from fastcnn import layers
    >>> layer = layers.BatchNormalization(epsilon=0.0)
    >>> layer([[1, 4], [3, 4.5]], training=True)
    array([[-1., -1.],
           [ 1.,  1.]], dtype=float32)
    >>> [weight.name for weight in layer.weights]
    ['gamma', 'beta', 'moving_mean', 'moving_variance']
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        single = as_integer(axis)
        if single is None:
            raise ValueError(f"axis must be an integer, received axis={axis!r}")
        if synchronized:
            raise ValueError(
                "synchronized=True is not supported: there is one device, which sees the whole batch; leave it out or "
                "pass False"
            )
        self.axis = single
        self.momentum = float(checked_number(momentum, "momentum"))
        self.renorm = bool(renorm)
        self.renorm_clipping = checked_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Shape) -> None:
        shape = lengths_of(input_shape, [self.axis], self)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})
        self.add_scale_and_shift(shape)
        self.moving_mean = self.add_weight(shape, self.moving_mean_initializer, trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )
        if self.renorm:
            mean, deviation = self.moving_mean_initializer, self.initial_deviation
            self.moving_stddev = self.add_weight(shape, deviation, trainable=False, name="moving_stddev")
            self.renorm_mean = self.add_weight(shape, mean, trainable=False, name="renorm_mean")
            self.renorm_stddev = self.add_weight(shape, deviation, trainable=False, name="renorm_stddev")

    def initial_deviation(self, shape: Any, dtype: Any = None) -> Any:
        """The root of the first variances."""
        return ops.sqrt(self.moving_variance_initializer(shape))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                "The mask provided should be one dimension less than the inputs. "
                f"Received: mask.shape={mask.shape}, inputs.shape={inputs.shape}"
            )
        of_batch = bool(training) and self.trainable
        mean: Any = self.moving_mean
        variance: Any = self.moving_variance
        beta, gamma = self.beta, self.gamma
        if of_batch:
            rank = len(inputs.shape)
            others = [i for i in range(rank) if i != self.axis % rank]
            mean, variance = ops.moments(inputs, others) if mask is None else masked_moments(inputs, mask, others)
        if of_batch and self.renorm:
            deviation = ops.sqrt(ops.add(variance, self.epsilon))
            factor, shift = corrections(mean, deviation, self)
            shift = shift if gamma is None else ops.multiply(shift, gamma)
            gamma = factor if gamma is None else ops.multiply(factor, gamma)
            beta = shift if beta is None else ops.add(shift, beta)
            update_averages(mean, deviation, self)
        elif of_batch:
            update_moving_average(self.moving_mean, mean, self.momentum)
            update_moving_average(self.moving_variance, variance, self.momentum)
        of_all = of_batch and mask is None
        return normalize_channels(inputs, mean, variance, self.axis, beta, gamma, self.epsilon, of_all)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            **self.scale_config(),
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            **self.penalty_config(),
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
            "synchronized": False,
        }


def masked_moments(x: Any, mask: Any, axes: list[int]) -> tuple[Any, Any]:
    """Mean and variance over axes of what the mask lets count, by Keras's formula, which has an epsilon in the sums."""
    counts = ops.not_equal(ops.expand_dims(mask, -1), 0)
    counts = ops.broadcast_to(counts, ops.shape(x))
    weight = ops.add(ops.sum(counts, axis=axes, keepdims=True), epsilon())
    mean = ops.divide(ops.sum(ops.where(counts, x, 0), axis=axes, keepdims=True), weight)
    distance = ops.where(counts, ops.subtract(x, mean), 0)
    variance = ops.divide(ops.sum(ops.square(distance), axis=axes, keepdims=True), weight)
    return ops.reshape(mean, (-1,)), ops.reshape(variance, (-1,))
