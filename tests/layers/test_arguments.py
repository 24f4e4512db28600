"""Bad arguments of layers: each error names the argument and what was received."""

import numpy as np
import pytest

from fastcnn import Input, layers


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(0, 3), "filters must be a positive integer, received filters=0"),
        (lambda: layers.Conv2D(-1, 3), "received filters=-1"),
        (lambda: layers.Conv2D(2.5, 3), "received filters=2.5"),
        (lambda: layers.Conv2D(True, 3), "received filters=True"),
        (lambda: layers.Conv2D(8, 0), "kernel_size must be a positive integer or a tuple of 2 of them, received"),
        (lambda: layers.Conv2D(8, (3, 3, 3)), r"received kernel_size=\(3, 3, 3\)"),
        (lambda: layers.Conv2D(8, (3, "a")), r"received kernel_size=\(3, 'a'\)"),
        (lambda: layers.Conv2D(8, "33"), "received kernel_size='33'"),
        (lambda: layers.Conv2D(8, 3, strides=0), "received strides=0"),
        (lambda: layers.Conv2D(8, 3, strides=(1, -1)), r"received strides=\(1, -1\)"),
        (lambda: layers.Conv2D(8, 3, padding="sam"), "unknown padding 'sam'; did you mean 'same'"),
        (lambda: layers.Conv1D(8, (3, 3)), r"tuple of 1 of them, received kernel_size=\(3, 3\)"),
        (lambda: layers.Conv2D(8, 3, padding="causal"), "unknown padding 'causal'"),
        (lambda: layers.Conv2DTranspose(8, 3, strides=2, output_padding=2), "strictly less than strides.*output_p"),
        (lambda: layers.Conv2DTranspose(8, 3, output_padding=-1), "must be a non-negative integer or a tuple of 2"),
        (lambda: layers.Conv2DTranspose(8, 3, strides=2, dilation_rate=2), "strides > 1 not supported in conjunction"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "received depth_multiplier=0"),
        (lambda: layers.SeparableConv2D(0, 3), "received filters=0"),
        (lambda: layers.Conv2D(8, 3, data_format="channel_last"), "did you mean 'channels_last'"),
        (lambda: layers.Conv2D(8, 3, strides=2, dilation_rate=2), "strides > 1 not supported in conjunction"),
        (lambda: layers.Conv2D(8, 3, groups=0), "received groups=0"),
        (lambda: layers.Conv2D(8, 3, groups=3), "evenly divisible by the number of groups"),
        (lambda: layers.Conv2D(8, 3, activation="rulu"), "unknown activation 'rulu'; did you mean 'relu'"),
        (lambda: layers.Conv2D(8, 3, kernel_initializer="he_norm"), "did you mean 'he_normal'"),
        (lambda: layers.Conv2D(8, 3, kernel_regularizer="l3"), "unknown regularizer 'l3'"),
        (lambda: layers.Dense(0), "units must be a positive integer, received units=0"),
        (lambda: layers.Dense(-3), "received units=-3"),
        (lambda: layers.Dense("10"), "received units='10'"),
        (lambda: layers.Dense(3, foo=2), r"Unrecognized keyword arguments passed to Dense: \{'foo': 2\}"),
        (lambda: layers.Dense(3, name="a/b"), "name must be a string"),
        (
            lambda: layers.Dense(3, dtype="float64"),
            "dtype policy must be .* received 'float64'",
        ),
        (lambda: layers.Dense(3, trainable=1), "trainable must be True or False"),
        (lambda: layers.MaxPooling2D(0), "received pool_size=0"),
        (lambda: layers.MaxPooling2D((2, 2, 2)), r"received pool_size=\(2, 2, 2\)"),
        (lambda: layers.AveragePooling2D(2, strides=-1), "received strides=-1"),
        (lambda: layers.AveragePooling2D(2, padding="vaild"), "did you mean 'valid'"),
        (lambda: layers.Dropout(1.5), "rate must be a number from 0 to 1, received rate=1.5"),
        (lambda: layers.Dropout(-0.1), "received rate=-0.1"),
        (lambda: layers.Dropout("a"), "received rate='a'"),
        (lambda: layers.Dropout(0.5, seed="a"), "seed must be an integer or None"),
        (
            lambda: layers.Dropout(0.5, noise_shape=(1, 2))(np.ones((2, 3)), training=True),
            "noise_shape must have None, 1",
        ),
        (lambda: layers.Reshape((-1, -1)), "target_shape must be a tuple of positive integers"),
        (lambda: layers.Reshape(3), "received target_shape=3"),
        (lambda: Input(), "You must pass a shape argument"),
        (lambda: Input(3), "shape must be a tuple of non-negative integers or None, received shape=3"),
        (lambda: Input((2, -1)), r"received shape=\(2, -1\)"),
        (lambda: Input((4,), dtype="text"), "dtype must be one of numbers"),
        (lambda: Input((4,), sparse=True), "sparse is not supported"),
        (lambda: Input((4,), tensor=3), "tensor is not supported"),
        (lambda: Input((0, 3)), "dimensions must be positive, or None"),
        (lambda: Input((3,), batch_size=0), "batch_size must be a positive integer"),
        (lambda: Input((3,), batch_shape=(None, 3)), "not both"),
    ],
)
def test_bad_argument(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_name_of_another_type_is_no_name():
    with pytest.raises(ValueError, match="activation must be a name"):
        layers.Activation(3)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            layers.Conv2D(4, 3, name="conv"),
            (5, 28, 28),
            "'conv' is incompatible with the layer: expected ndim=4, found",
        ),
        (layers.Conv2D(4, 3), (28, 28, 1), "a single sample needs a batch axis"),
        (layers.Conv2D(4, 3, name="conv"), (1, 2, 2, 1), "kernel of size .3, 3. does not fit.*layer 'conv'"),
        (layers.Conv2D(4, 3, groups=2), (1, 8, 8, 3), "evenly divisible by groups=2"),
        (layers.Conv2D(4, 3), (1, 8, 8, 0), "must be known and positive"),
        (layers.MaxPooling2D(3, name="pool"), (1, 2, 2, 1), "pool_size of size .3, 3. does not fit.*layer 'pool'"),
        (layers.MaxPooling2D(), (4, 4), "expected ndim=4, found ndim=2"),
        (layers.GlobalAveragePooling2D(), (4, 4, 3), "expected ndim=4, found ndim=3"),
        (
            layers.Dense(4, name="head"),
            (3,),
            "'head' is incompatible with the layer: expected min_ndim=2, found ndim=1",
        ),
        (layers.Dense(4), (3, 0), "must be known and positive"),
        (layers.Reshape((3, 3)), (2, 8), "cannot reshape samples of shape .8,."),
    ],
)
def test_bad_input(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(np.zeros(shape))
    assert layer.weights == []


@pytest.mark.parametrize(("layer", "shape"), [(layers.Conv2D(4, 3), (2, 5, 5, 3)), (layers.Dense(4), (2, 5))])
def test_input_of_other_channels(layer, shape):
    layer(np.zeros(shape))
    wider = (*shape[:-1], shape[-1] + 1)
    with pytest.raises(ValueError, match=f"expected axis -1 of input shape to have value {shape[-1]}, but received"):
        layer(np.zeros(wider))


@pytest.mark.parametrize("array", [np.array([["a"]]), np.array([[None]]), np.array([[1j]])])
def test_inputs_that_are_no_numbers(array):
    with pytest.raises(TypeError, match=r"inputs of layer 'dense\w*' must be numbers, received an array of dtype"):
        layers.Dense(3)(array)


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x.astype("float64"),
        lambda x: x.astype("float16"),
        lambda x: x.astype(">f4"),
        lambda x: x.astype(">f8"),
        lambda x: x.astype("uint8"),
        lambda x: x.astype("int64"),
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(x, 2, axis=1)[:, ::2],
        lambda x: x.tolist(),
    ],
)
def test_arrays_of_any_kind(convert):
    x = np.random.default_rng(0).integers(0, 9, (2, 6, 5, 3)).astype("float32")
    for layer in (layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(4)):
        np.testing.assert_array_equal(layer(convert(x)), layer(x))


def test_read_only_input():
    x = np.random.default_rng(0).random((2, 6, 5, 3), dtype=np.float32)
    x.flags.writeable = False
    assert layers.Conv2D(4, 3)(x).shape == (2, 4, 3, 4)


def test_weight_larger_than_the_machine():
    layer = layers.Dense(10**9, name="huge")
    with pytest.raises(MemoryError, match=r"kernel of layer 'huge' of shape \(1000000, 1000000000\) needs .* GiB"):
        layer.build((None, 10**6))
    assert not layer.built
    assert layer.weights == []
