"""Spectral normalisation: a layer whose kernel has the largest singular value 1."""

from __future__ import annotations

from typing import Any

from fastcnn import initializers, ops
from fastcnn.graph import Shape
from fastcnn.layers.layer import Layer
from fastcnn.layers.registry import register
from fastcnn.layers.wrappers import Wrapper
from fastcnn.utils.arguments import positive_integer


@register
class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value, before each call in training.

    Args:
        layer: a layer with a `kernel`, or with `embeddings`.
        power_iterations: how often the estimate of the singular value is refined in each call. Default 1.

    Weights: those of the layer, and `vector_u`, from which the estimate goes on.

    Raises:
        ValueError: the layer has no kernel, or `power_iterations` is not positive.

    Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018.

    Example:

    >>> import numpy as np
    >>> from fastcnn import layers
    >>> layers.SpectralNormalization(layers.Conv2D(4, 3))(np.zeros((2, 8, 8, 3))).shape
    (2, 6, 6, 4)
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_integer(power_iterations, "power_iterations")

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        self.kernel = kernel
        self._own_weights.append(kernel)  # so that it stands first, as in Keras's files
        self.vector_u = self.add_weight(
            (1, kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02), trainable=False, name="vector_u"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            vector_u, kernel = self.normalized_weights()
            self.vector_u.assign(vector_u)
            self.kernel.assign(kernel)
        return self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next `vector_u`, and the kernel over its largest singular value; as they are where the kernel is 0."""
        matrix = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u = self.vector_u
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)), axis=None)
            u = ops.normalize(ops.matmul(v, matrix), axis=None)
        size = ops.reshape(ops.matmul(ops.matmul(v, matrix), ops.transpose(u)), ())
        return ops.where(ops.any(matrix), u, self.vector_u), ops.divide_no_nan(self.kernel, size)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}
