"""Sizes of convolution and pooling, for shapes drawn at random: what the rule says is what the reference gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastcnn import ops, reference
from fastcnn.graph import Tensor
from fastcnn.ops.windows import VALID, output_size, paddings

small = st.integers(1, 4)
pairs = st.tuples(small, small)
images = st.tuples(st.integers(1, 9), st.integers(1, 9))


def window_starts(size, taps, stride, step, before, after):
    """Where a window may start, in one direction, found by trying."""
    return [start for start in range(-before, size + after, stride) if start + (taps - 1) * step < size + after]


@settings(deadline=None, max_examples=100)
@given(image=images, window=pairs, strides=pairs, dilation=pairs, padding=st.tuples(pairs, pairs))
def test_output_size_counts_windows(image, window, strides, dilation, padding):
    expected = tuple(
        len(window_starts(*sizes, *pad)) for *sizes, pad in zip(image, window, strides, dilation, padding, strict=True)
    )
    if 0 in expected:
        with pytest.raises(ValueError, match="does not fit"):
            output_size("conv", "kernel", image, window, strides, padding, dilation)
    else:
        assert output_size("conv", "kernel", image, window, strides, padding, dilation) == expected


@settings(deadline=None, max_examples=100)
@given(image=images, window=pairs, strides=pairs, dilation=pairs)
def test_same_padding(image, window, strides, dilation):
    padding = paddings("same", image, window, strides, dilation)
    size = output_size("conv", "kernel", image, window, strides, padding, dilation)
    assert size == tuple(-(-length // stride) for length, stride in zip(image, strides, strict=True))
    assert all(0 <= after - before <= 1 for before, after in padding)
    assert paddings("valid", image, window, strides, dilation) == VALID


@settings(deadline=None, max_examples=50)
@given(
    batch=st.integers(0, 2),
    image=images,
    window=pairs,
    strides=pairs,
    dilation=pairs,
    groups=st.integers(1, 3),
    per_group=st.tuples(small, small),
)
def test_convolution_shapes(batch, image, window, strides, dilation, groups, per_group):
    channels, filters = groups * per_group[0], groups * per_group[1]
    x, w = Tensor((batch, *image, channels)), Tensor((*window, per_group[0], filters))
    y = ops.conv(x, w, strides, "same", dilation_rate=dilation)
    attrs = dict(y.node.attrs)
    arrays = [np.ones(tensor.shape, "float32") for tensor in (x, w, y)]
    assert reference.conv2d(*arrays[:2], **attrs).shape == y.shape
    del attrs["activation"]
    dx = reference.conv2d_input_gradient(arrays[1], arrays[2], input_size=image, **attrs)
    dw = reference.conv2d_weight_gradient(arrays[0], arrays[2], kernel_size=window, **attrs)
    assert (dx.shape, dw.shape) == (x.shape, w.shape)


@settings(deadline=None, max_examples=50)
@given(batch=st.integers(0, 2), image=images, window=pairs, strides=pairs, padding=st.sampled_from(["valid", "same"]))
def test_pooling_shapes(batch, image, window, strides, padding):
    x = Tensor((batch, *image, 3))
    if padding == "same" or (window[0] <= image[0] and window[1] <= image[1]):
        y = ops.average_pool(x, window, strides, padding)
        assert ops.max_pool(x, window, strides, padding).shape == y.shape
        assert reference.average_pool2d(np.ones(x.shape), **y.node.attrs).shape == y.shape
        assert reference.max_pool2d(np.ones(x.shape), **y.node.attrs)[0].shape == y.shape
