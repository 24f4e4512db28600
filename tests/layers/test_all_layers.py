"""Every layer through `check_layer`, in the variants that its arguments make."""

import numpy as np
import pytest
from check_layer import check_layer

from fastcnn import layers, ops
from fastcnn.layers.registry import LAYERS

IMAGE = (9, 8, 3)
VOLUME = (4, 6, 5, 2)
VARIANTS = [
    ("CenterCrop", {"height": 5, "width": 4}, IMAGE),
    ("Rescaling", {"scale": 0.5, "offset": 1.0}, IMAGE),
    ("Resizing", {"height": 5, "width": 12}, IMAGE),
    ("ELU", {"alpha": 0.5}, (20,)),
    ("LeakyReLU", {}, (20,)),
    ("PReLU", {"alpha_initializer": "random_normal", "shared_axes": [1, 2]}, IMAGE),
    ("ReLU", {"max_value": 1.0, "negative_slope": 0.1}, IMAGE),
    ("Softmax", {}, (4, 5)),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, IMAGE),
    ("Cropping1D", {"cropping": (1, 2)}, (6, 3)),
    ("Cropping2D", {"cropping": ((0, 2), (1, 3))}, IMAGE),
    ("Cropping3D", {}, (4, 5, 3, 2)),
    ("Identity", {}, IMAGE),
    ("Masking", {}, (2, 5, 3)),
    ("Permute", {"dims": (3, 1, 2)}, IMAGE),
    ("RepeatVector", {"n": 3}, (5,)),
    ("SpatialDropout1D", {"rate": 0.5}, (6, 3)),
    ("SpatialDropout2D", {"rate": 0.5}, IMAGE),
    ("SpatialDropout3D", {"rate": 0.5}, (4, 5, 3, 2)),
    ("UpSampling1D", {"size": 3}, (6, 3)),
    ("UpSampling2D", {"size": (2, 3)}, IMAGE),
    ("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear"}, IMAGE),
    ("UpSampling2D", {"interpolation": "bicubic"}, IMAGE),
    ("UpSampling3D", {}, (2, 3, 2, 2)),
    ("ZeroPadding1D", {"padding": (0, 2)}, (6, 3)),
    ("ZeroPadding2D", {"padding": ((1, 0), (2, 1))}, IMAGE),
    ("ZeroPadding3D", {}, (2, 3, 2, 2)),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 8), "bias_axes": "d"}, (5, 3)),
    ("EinsumDense", {"equation": "...x,xyz->...yz", "output_shape": (2, 6), "activation": "relu"}, IMAGE),
    ("Activation", {"activation": "relu"}, IMAGE),
    ("Activation", {"activation": "relu6"}, (20,)),
    ("Activation", {"activation": "leaky_relu"}, (20,)),
    ("Activation", {"activation": "sigmoid"}, (20,)),
    ("Activation", {"activation": "silu"}, (20,)),
    ("Activation", {"activation": "tanh"}, (20,)),
    ("Activation", {"activation": "exponential"}, (20,)),
    ("Activation", {"activation": "softmax"}, (4, 5)),
    ("Activation", {"activation": "linear"}, (20,)),
    ("AveragePooling2D", {}, IMAGE),
    ("AveragePooling2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}, IMAGE),
    ("BatchNormalization", {}, IMAGE),
    ("BatchNormalization", {"axis": 1, "center": False, "moving_mean_initializer": "random_normal"}, IMAGE),
    ("BatchNormalization", {"scale": False, "epsilon": 0.1, "beta_initializer": "random_normal"}, (20,)),
    ("Conv2D", {"filters": 5, "kernel_size": 3}, IMAGE),
    ("Conv2D", {"filters": 16, "kernel_size": (2, 3), "strides": 2, "padding": "same", "activation": "relu"}, IMAGE),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": 2, "groups": 3, "use_bias": False}, IMAGE),
    ("Conv2D", {"filters": 4, "kernel_size": 1, "activation": "tanh", "bias_initializer": "random_normal"}, IMAGE),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "data_format": "channels_first", "activation": "relu"}, IMAGE),
    ("Conv1D", {"filters": 5, "kernel_size": 3, "strides": 2, "activation": "relu"}, (9, 4)),
    ("Conv1D", {"filters": 6, "kernel_size": 2, "padding": "causal", "dilation_rate": 3, "groups": 2}, (9, 4)),
    ("Conv3D", {"filters": 4, "kernel_size": (2, 3, 1), "strides": (1, 2, 1), "padding": "same"}, VOLUME),
    ("Conv3D", {"filters": 4, "kernel_size": 2, "dilation_rate": (2, 1, 1), "groups": 2, "use_bias": False}, VOLUME),
    ("Conv1DTranspose", {"filters": 5, "kernel_size": 3, "strides": 2, "output_padding": 1}, (6, 4)),
    ("Conv2DTranspose", {"filters": 5, "kernel_size": 3, "strides": 2, "activation": "tanh"}, (4, 5, 3)),
    (
        "Conv2DTranspose",
        {"filters": 5, "kernel_size": 2, "padding": "same", "dilation_rate": 3, "use_bias": False},
        IMAGE,
    ),
    ("Conv3DTranspose", {"filters": 3, "kernel_size": 2, "strides": (2, 1, 3), "padding": "same"}, (3, 2, 3, 2)),
    ("DepthwiseConv1D", {"kernel_size": 3, "padding": "same"}, (9, 4)),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": (2, 3), "dilation_rate": (2, 1), "depth_multiplier": 3}, IMAGE),
    ("SeparableConv1D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}, (9, 4)),
    ("SeparableConv2D", {"filters": 7, "kernel_size": 3, "padding": "same", "activation": "relu"}, IMAGE),
    ("Dense", {"units": 7}, (11,)),
    ("Dense", {"units": 16, "activation": "relu", "bias_initializer": "random_normal"}, (33,)),
    ("Dense", {"units": 10, "activation": "softmax", "use_bias": False}, (4, 11)),
    ("Dropout", {"rate": 0.3, "seed": 3}, (50,)),
    ("Flatten", {}, IMAGE),
    ("Flatten", {}, ()),
    ("GlobalAveragePooling2D", {}, IMAGE),
    ("GlobalAveragePooling2D", {"keepdims": True}, IMAGE),
    ("GlobalMaxPooling2D", {}, IMAGE),
    ("GlobalMaxPooling2D", {"keepdims": True}, IMAGE),
    ("GroupNormalization", {"groups": 3}, IMAGE),
    ("GroupNormalization", {"groups": 2, "axis": 2, "gamma_initializer": "random_normal"}, IMAGE),
    ("GroupNormalization", {"groups": -1, "scale": False}, (20, 4)),
    ("LayerNormalization", {}, IMAGE),
    ("LayerNormalization", {"axis": [1, 3], "beta_initializer": "random_normal"}, IMAGE),
    ("LayerNormalization", {"axis": (-2, -1), "center": False, "gamma_initializer": "random_normal"}, IMAGE),
    ("RMSNormalization", {}, (20,)),
    ("RMSNormalization", {"axis": 1, "epsilon": 0.1}, IMAGE),
    ("UnitNormalization", {}, (20,)),
    ("UnitNormalization", {"axis": [1, 2]}, IMAGE),
    ("MaxPooling2D", {"pool_size": (3, 2), "data_format": "channels_first"}, IMAGE),
    ("AveragePooling2D", {"data_format": "channels_first"}, IMAGE),
    ("GlobalMaxPooling2D", {"data_format": "channels_first"}, IMAGE),
    ("AdaptiveAveragePooling1D", {"output_size": 4}, (9, 4)),
    ("AdaptiveAveragePooling2D", {"output_size": (3, 8), "data_format": "channels_first"}, (3, 9, 8)),
    ("AdaptiveAveragePooling3D", {"output_size": 3}, VOLUME),
    ("AdaptiveMaxPooling1D", {"output_size": 3, "data_format": "channels_first"}, (4, 9)),
    ("AdaptiveMaxPooling2D", {"output_size": (4, 11)}, IMAGE),
    ("AdaptiveMaxPooling3D", {"output_size": (1, 6, 4)}, VOLUME),
    ("AveragePooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, (9, 4)),
    ("AveragePooling3D", {"padding": "same"}, VOLUME),
    ("AveragePooling3D", {"pool_size": (1, 2, 3), "strides": 1, "data_format": "channels_first"}, (2, 3, 4, 5)),
    ("MaxPooling1D", {}, (9, 4)),
    ("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same", "data_format": "channels_first"}, (4, 9)),
    ("MaxPooling3D", {"pool_size": (3, 2, 3), "strides": (1, 2, 2), "padding": "same"}, VOLUME),
    ("GlobalAveragePooling1D", {}, (9, 4)),
    ("GlobalAveragePooling3D", {"data_format": "channels_first", "keepdims": True}, VOLUME),
    ("GlobalMaxPooling1D", {"data_format": "channels_first"}, (4, 9)),
    ("GlobalMaxPooling3D", {"keepdims": True}, VOLUME),
    ("MaxPooling2D", {}, IMAGE),
    ("MaxPooling2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}, IMAGE),
    ("Reshape", {"target_shape": (-1, 4)}, IMAGE),
    ("Normalization", {}, IMAGE),
    ("Normalization", {"axis": (1, 3), "mean": [0.1, 0.2, 0.3], "variance": [2.0, 3.0, 4.0]}, IMAGE),
    ("Normalization", {"axis": None, "mean": 0.5, "variance": 2.0, "invert": True}, (5,)),
]
NO_LAYERS_OF_THEIR_OWN = {"Functional", "InputLayer", "Operation", "OpsFunction", "Sequential"}
MERGING = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}
WITH_OTHER_INPUTS_OR_CODE = {
    "AdditiveAttention", "Attention", "CategoryEncoding", "Discretization", "Embedding", "GroupQueryAttention",
    "Lambda", "MultiHeadAttention", "SpectralNormalization", "TimeDistributed", "Wrapper",
}  # fmt: skip
RANDOM = {
    "AugMix", "AutoContrast", "CutMix", "Equalization", "MixUp", "RandAugment", "RandomColorDegeneration",
    "RandomColorJitter", "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur", "RandomHue", "RandomInvert",
    "RandomPerspective", "RandomPosterization", "RandomSaturation", "RandomSharpness", "Solarization",
    "AlphaDropout", "GaussianDropout", "GaussianNoise", "RandomBrightness", "RandomContrast", "RandomCrop",
    "RandomFlip", "RandomGrayscale", "RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom",
}  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "input_shape"), VARIANTS)
def test_layer(name, arguments, input_shape, tmp_path):
    check_layer(lambda: getattr(layers, name)(**arguments), input_shape, folder=tmp_path)


@pytest.mark.parametrize("rate", [0.0, 0.4, 1.0])
def test_dropout_in_training(rate, tmp_path):
    check_layer(lambda: layers.Dropout(rate, seed=4), (5, 30), folder=tmp_path, training=True)


@pytest.mark.parametrize(("noise_shape", "axes"), [((None, 1, None), (1,)), ((1, 7, 1), (0, 2))])
def test_dropout_of_whole_axes(noise_shape, axes, tmp_path):
    check_layer(lambda: layers.Dropout(0.4, noise_shape, seed=4), (7, 5), folder=tmp_path, training=True)
    dropped = layers.Dropout(0.5, noise_shape, seed=4)(np.ones((6, 7, 5)), training=True)
    assert (dropped.min(axis=axes) == dropped.max(axis=axes)).all()
    assert dropped.min() == 0
    assert dropped.max() == 2


@pytest.mark.parametrize("layer", [layers.SpatialDropout1D, layers.SpatialDropout2D])
def test_spatial_dropout_in_training(layer, tmp_path):
    shape = (7, 5) if layer is layers.SpatialDropout1D else (3, 4, 5)
    check_layer(lambda: layer(0.4, seed=4), shape, folder=tmp_path, training=True)


def test_time_distributed(tmp_path):
    check_layer(lambda: layers.TimeDistributed(layers.Conv2D(2, 2)), (3, 4, 4, 2), folder=tmp_path)


@pytest.mark.parametrize(("axis", "shape"), [(-1, IMAGE), (2, IMAGE), (-1, (20,))])
def test_batch_normalization_in_training(axis, shape, tmp_path):
    def make():
        return layers.BatchNormalization(axis, gamma_initializer="random_normal", beta_initializer="random_normal")

    check_layer(make, shape, folder=tmp_path, training=True)


@pytest.mark.parametrize("filters", [5, 16])
@pytest.mark.parametrize("kernel_size", [1, 3])
def test_convolution_normalization_and_relu_in_training(filters, kernel_size, tmp_path):
    from fastcnn import Sequential
    from fastcnn.utils import set_random_seed

    set_random_seed(4)  # no value so near the ReLU's edge that a difference would step over it

    def make():
        return Sequential(
            [
                layers.Conv2D(filters, kernel_size, padding="same", use_bias=False),
                layers.BatchNormalization(beta_initializer="random_normal"),
                layers.Activation("relu"),
            ]
        )

    check_layer(make, IMAGE, folder=tmp_path, training=True)


def test_model_as_layer(tmp_path):
    from fastcnn import Sequential

    def make():
        return Sequential([layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()])

    check_layer(make, IMAGE, folder=tmp_path)


class Scale(layers.Layer):
    """A layer as a user writes it."""

    def build(self, input_shape):
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

    def call(self, inputs):
        return ops.add(ops.multiply(inputs, self.scale), ops.tanh(inputs))


def test_users_layer(tmp_path):
    check_layer(Scale, (4, 3), folder=tmp_path, custom_objects={"Scale": Scale})


def test_no_layer_is_missing():
    tested = {name for name, _, _ in VARIANTS}
    assert tested | NO_LAYERS_OF_THEIR_OWN | MERGING | WITH_OTHER_INPUTS_OR_CODE | RANDOM == set(LAYERS)
    exported = {getattr(layers, name) for name in layers.__all__}
    assert all(cls in exported for name, cls in LAYERS.items() if name not in ("Functional", "Sequential"))
