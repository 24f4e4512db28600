"""Layers, with Keras's names, arguments and defaults."""

from fastcnn.layers.activation import Activation
from fastcnn.layers.average_pooling2d import AveragePooling2D
from fastcnn.layers.conv2d import Conv2D
from fastcnn.layers.dense import Dense
from fastcnn.layers.dropout import Dropout
from fastcnn.layers.flatten import Flatten
from fastcnn.layers.global_average_pooling2d import GlobalAveragePooling2D
from fastcnn.layers.global_max_pooling2d import GlobalMaxPooling2D
from fastcnn.layers.input import Input, InputLayer
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.max_pooling2d import MaxPooling2D
from fastcnn.layers.operation import Operation
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.layers.reshape import Reshape

AvgPool2D = AveragePooling2D
Convolution2D = Conv2D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
MaxPool2D = MaxPooling2D

__all__ = [
    "Activation",
    "AveragePooling2D",
    "AvgPool2D",
    "Conv2D",
    "Convolution2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "MaxPool2D",
    "MaxPooling2D",
    "Operation",
    "Reshape",
    "deserialize",
    "serialize",
]
