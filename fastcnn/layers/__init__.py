"""Layers, with Keras's names, arguments and defaults."""

from fastcnn.layers.activation import Activation
from fastcnn.layers.activity_regularization import ActivityRegularization
from fastcnn.layers.adaptive_average_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
)
from fastcnn.layers.adaptive_max_pooling import (
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from fastcnn.layers.attention import AdditiveAttention, Attention
from fastcnn.layers.average_pooling import AveragePooling1D, AveragePooling2D, AveragePooling3D
from fastcnn.layers.batch_normalization import BatchNormalization
from fastcnn.layers.borders import Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from fastcnn.layers.categories import CategoryEncoding, Discretization
from fastcnn.layers.conv1d import Conv1D
from fastcnn.layers.conv1d_transpose import Conv1DTranspose
from fastcnn.layers.conv2d import Conv2D
from fastcnn.layers.conv2d_transpose import Conv2DTranspose
from fastcnn.layers.conv3d import Conv3D
from fastcnn.layers.conv3d_transpose import Conv3DTranspose
from fastcnn.layers.dense import Dense
from fastcnn.layers.depthwise_conv1d import DepthwiseConv1D
from fastcnn.layers.depthwise_conv2d import DepthwiseConv2D
from fastcnn.layers.dropout import Dropout
from fastcnn.layers.einsum_dense import EinsumDense
from fastcnn.layers.embedding import Embedding
from fastcnn.layers.flatten import Flatten
from fastcnn.layers.global_average_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
)
from fastcnn.layers.global_max_pooling import GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D
from fastcnn.layers.group_normalization import GroupNormalization
from fastcnn.layers.group_query_attention import GroupQueryAttention
from fastcnn.layers.image_colour import (
    RandomBrightness,
    RandomColorDegeneration,
    RandomColorJitter,
    RandomContrast,
    RandomGrayscale,
    RandomHue,
    RandomSaturation,
)
from fastcnn.layers.image_distortion import RandomElasticTransform, RandomPerspective
from fastcnn.layers.image_filters import RandomGaussianBlur, RandomSharpness
from fastcnn.layers.image_geometry import (
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from fastcnn.layers.image_levels import AutoContrast, Equalization, RandomInvert, RandomPosterization, Solarization
from fastcnn.layers.image_mixing import CutMix, MixUp, RandomErasing
from fastcnn.layers.image_policies import AugMix, RandAugment
from fastcnn.layers.image_size import CenterCrop, Rescaling, Resizing
from fastcnn.layers.input import Input, InputLayer
from fastcnn.layers.input_spec import InputSpec
from fastcnn.layers.layer import Layer
from fastcnn.layers.layer_normalization import LayerNormalization
from fastcnn.layers.masking import Masking
from fastcnn.layers.max_pooling import MaxPooling1D, MaxPooling2D, MaxPooling3D
from fastcnn.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from fastcnn.layers.multi_head_attention import MultiHeadAttention
from fastcnn.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from fastcnn.layers.normalization import Normalization
from fastcnn.layers.operation import Operation
from fastcnn.layers.ops_function import OpsFunction
from fastcnn.layers.rearranging import Permute, RepeatVector, UpSampling1D, UpSampling2D, UpSampling3D
from fastcnn.layers.rectifiers import ELU, LeakyReLU, PReLU, ReLU, Softmax
from fastcnn.layers.registry import deserialize, serialize
from fastcnn.layers.reshape import Reshape
from fastcnn.layers.rms_normalization import RMSNormalization
from fastcnn.layers.separable_conv1d import SeparableConv1D
from fastcnn.layers.separable_conv2d import SeparableConv2D
from fastcnn.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from fastcnn.layers.spectral_normalization import SpectralNormalization
from fastcnn.layers.unit_normalization import UnitNormalization
from fastcnn.layers.wrappers import Identity, Lambda, TimeDistributed, Wrapper

AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
Convolution1D = Conv1D
Convolution1DTranspose = Conv1DTranspose
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
Convolution3D = Conv3D
Convolution3DTranspose = Conv3DTranspose
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "AugMix",
    "AutoContrast",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "CutMix",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Equalization",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MixUp",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "Operation",
    "OpsFunction",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "Softmax",
    "Solarization",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]
