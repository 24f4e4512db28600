"""Layers against Keras's, over a grid of arguments."""

import numpy as np
import pytest
from layer_parity import compare_layer

VECTORS, SEQUENCE, IMAGE, VOLUME = (4, 6), (3, 7, 4), (2, 6, 5, 3), (2, 4, 5, 3, 2)
# Not sparsemax: Keras 3.15 gives values there that do not sum to 1.
ACTIVATIONS = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
]
CASES = [
    ("Add", {}, IMAGE, IMAGE, IMAGE),
    ("Add", {}, SEQUENCE, (3, 4)),
    ("Subtract", {}, VECTORS, VECTORS),
    ("Multiply", {}, VECTORS, VECTORS, VECTORS),
    ("Average", {}, IMAGE, IMAGE, IMAGE),
    ("Maximum", {}, VECTORS, VECTORS),
    ("Minimum", {}, VECTORS, VECTORS, VECTORS),
    ("Concatenate", {}, IMAGE, (2, 6, 5, 1)),
    ("Concatenate", {"axis": 1}, SEQUENCE, (3, 2, 4)),
    ("Dot", {"axes": 1}, VECTORS, VECTORS),
    ("Dot", {"axes": (1, 2), "normalize": True}, (3, 4, 2), (3, 5, 4)),
    ("Dot", {"axes": (2, 1)}, (3, 5, 4), (3, 4, 2, 2)),
    ("Dot", {"axes": -1}, (3, 4), (3, 5, 4)),
    ("ZeroPadding1D", {}, SEQUENCE),
    ("ZeroPadding1D", {"padding": (2, 0)}, SEQUENCE),
    ("ZeroPadding2D", {"padding": (1, 2)}, IMAGE),
    ("ZeroPadding2D", {"padding": ((0, 1), (2, 3)), "data_format": "channels_first"}, IMAGE),
    ("ZeroPadding3D", {"padding": 1}, VOLUME),
    ("Cropping1D", {"cropping": (2, 1)}, SEQUENCE),
    ("Cropping2D", {"cropping": ((0, 1), (2, 0))}, IMAGE),
    ("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, (2, 3, 6, 5)),
    ("Cropping3D", {}, VOLUME),
    ("Permute", {"dims": (3, 1, 2)}, IMAGE),
    ("RepeatVector", {"n": 3}, VECTORS),
    ("UpSampling1D", {"size": 3}, SEQUENCE),
    ("UpSampling2D", {}, IMAGE),
    ("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear"}, IMAGE),
    ("UpSampling2D", {"size": 4, "data_format": "channels_first", "interpolation": "bilinear"}, (2, 3, 4, 5)),
    ("UpSampling2D", {"size": 2, "interpolation": "bicubic"}, IMAGE),
    ("UpSampling2D", {"size": (1, 3), "interpolation": "lanczos3"}, IMAGE),
    ("UpSampling2D", {"size": 2, "data_format": "channels_first", "interpolation": "lanczos5"}, (2, 3, 4, 5)),
    ("UpSampling3D", {"size": (1, 2, 3)}, VOLUME),
    ("Identity", {}, VECTORS),
    ("TimeDistributed", {"layer": lambda package: package.layers.Dense(3, name="inner")}, SEQUENCE),
    ("ActivityRegularization", {"l1": 0.1}, VECTORS),
    ("Flatten", {}, IMAGE),
    ("Flatten", {"data_format": "channels_first"}, IMAGE),
    ("Reshape", {"target_shape": (5, -1)}, IMAGE),
    ("Dense", {"units": 3, "activation": "tanh", "kernel_regularizer": "l2"}, VECTORS),
    ("Dense", {"units": 3, "use_bias": False}, SEQUENCE),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "kernel_constraint": "non_neg"}, IMAGE),
    ("Conv2D", {"filters": 6, "kernel_size": (2, 3), "strides": 2, "groups": 3}, IMAGE),
    (
        "Conv2D",
        {"filters": 6, "kernel_size": 3, "data_format": "channels_first", "activation": "softmax"},
        (2, 3, 6, 5),
    ),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, IMAGE),
    ("Conv1D", {"filters": 5, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, SEQUENCE),
    ("Conv1D", {"filters": 6, "kernel_size": 3, "strides": 2, "padding": "same", "groups": 2}, SEQUENCE),
    ("Conv1D", {"filters": 6, "kernel_size": 3, "padding": "causal", "data_format": "channels_first"}, SEQUENCE),
    ("Conv3D", {"filters": 4, "kernel_size": (3, 2, 1), "padding": "same", "activation": "relu"}, VOLUME),
    ("Conv3D", {"filters": 4, "kernel_size": 2, "strides": (2, 1, 2), "groups": 2, "use_bias": False}, VOLUME),
    ("Conv3D", {"filters": 4, "kernel_size": 2, "dilation_rate": (2, 1, 2)}, VOLUME),
    ("Conv3D", {"filters": 4, "kernel_size": 2, "data_format": "channels_first"}, (2, 3, 3, 4, 5)),
    *(
        (
            "Conv1DTranspose",
            {"filters": 5, "kernel_size": n, "strides": stride, "padding": padding, **more},
            SEQUENCE,
        )
        for n in (1, 2, 3, 4)
        for stride in (1, 2, 3)
        for padding in ("valid", "same")
        for more in ({}, {"output_padding": stride - 1}, {"output_padding": 0})
    ),
    *(
        ("Conv2DTranspose", {"filters": 4, "kernel_size": (3, 2), "padding": padding, **more}, IMAGE)
        for padding in ("valid", "same")
        for more in (
            {"strides": (2, 3), "activation": "relu"},
            {"dilation_rate": (2, 3), "kernel_regularizer": "l1"},
            {"strides": 2, "output_padding": (1, 0), "use_bias": False},
            {"data_format": "channels_first", "strides": 2},
        )
    ),
    ("Conv3DTranspose", {"filters": 4, "kernel_size": (2, 3, 2), "strides": (2, 1, 3)}, VOLUME),
    ("Conv3DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1}, VOLUME),
    ("Conv3DTranspose", {"filters": 4, "kernel_size": 2, "dilation_rate": 2, "padding": "same"}, VOLUME),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, SEQUENCE),
    ("DepthwiseConv1D", {"kernel_size": 3, "strides": 2, "data_format": "channels_first"}, SEQUENCE),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same", "depthwise_constraint": "non_neg"}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 3}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": (2, 3), "dilation_rate": 2, "activation": "relu"}, IMAGE),
    ("DepthwiseConv2D", {"kernel_size": 2, "data_format": "channels_first", "use_bias": False}, IMAGE),
    ("SeparableConv1D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}, SEQUENCE),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}, IMAGE),
    (
        "SeparableConv2D",
        {"filters": 5, "kernel_size": 2, "dilation_rate": 2, "depthwise_regularizer": "l2"},
        IMAGE,
    ),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 2, "data_format": "channels_first"}, IMAGE),
    ("ReLU", {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.1}, VECTORS),
    ("LeakyReLU", {}, VECTORS),
    ("PReLU", {"shared_axes": [1]}, IMAGE),
    ("ELU", {"alpha": 0.5}, VECTORS),
    ("Softmax", {"axis": 1}, SEQUENCE),
    ("Softmax", {"axis": [1, 2]}, SEQUENCE),
    *(("Activation", {"activation": name}, VECTORS) for name in ACTIVATIONS),
]
CHECKED = {"layers": {*(name for name, *_ in CASES), "Embedding", "Layer"}}


@pytest.mark.parametrize(("name", "arguments", "shapes"), [(name, args, shapes) for name, args, *shapes in CASES])
def test_layer(keras, name, arguments, shapes):
    compare_layer(keras, name, arguments, *shapes)


def test_embedding(keras):
    from fastcnn import layers

    ids = np.array([[0, 3, 9], [1, 1, 2]])
    ours, theirs = layers.Embedding(10, 4), keras.layers.Embedding(10, 4)
    theirs(ids)
    ours(ids)
    theirs.set_weights(ours.get_weights())
    assert np.array_equal(ours(ids), np.asarray(theirs(ids)))
