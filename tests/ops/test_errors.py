"""Bad operands: an error that names the argument, what was received, and what would do."""

import numpy as np
import pytest

from fastcnn import ops
from fastcnn.graph import OPS, Node, Tensor, emit
from fastcnn.ops.update import update
from fastcnn.ops.windows import paddings

IMAGE = Tensor((None, 8, 8, 3))
KERNEL = Tensor((3, 3, 3, 4))
ROWS = Tensor((None, 5))
LABELS = Tensor((None,), "int32")

COUNT = Tensor((1,), "int64")
ERRORS = [
    (lambda: ops.conv(Tensor((8, 8, 3)), KERNEL), r"inputs must have shape \(N, H, W, C\).*\(8, 8, 3\)"),
    (lambda: ops.conv(IMAGE, Tensor((9, 3, 3, 4))), r"kernel of size \(9, 3\) does not fit.*\(8, 8\).*smaller kernel"),
    (lambda: ops.conv(IMAGE, KERNEL, dilation_rate=4), r"kernel of size \(3, 3\), \(9, 9\) with its dilation"),
    (lambda: ops.conv(IMAGE, Tensor((3, 3, 2, 4))), r"last dimension but one of the kernel.*must be or divide"),
    (lambda: ops.conv(IMAGE, Tensor((3, 3, 1, 4))), r"4 filters, which 3 groups do not divide"),
    (lambda: ops.conv(IMAGE, KERNEL, strides=0), "strides must be an integer of at least 1, received 0"),
    (lambda: ops.conv(IMAGE, KERNEL, strides=(1, 2, 3)), "strides must be an integer or a pair"),
    (lambda: ops.conv(IMAGE, KERNEL, strides=1.5), "strides must be an integer of at least 1, received 1.5"),
    (lambda: ops.conv(IMAGE, KERNEL, padding="full"), "padding must be 'valid' or 'same', received 'full'"),
    (lambda: ops.conv(IMAGE, KERNEL, data_format="first"), "data_format must be .* received 'first'"),
    (lambda: ops.conv(Tensor((2, 3)), Tensor((3, 4))), "kernel must have one, two or three dimensions before its last"),
    (lambda: ops.conv(IMAGE, KERNEL, padding="causal"), "or 'causal' in one dimension, received 'causal'"),
    (lambda: ops.conv(Tensor((1, 2, 8, 8, 3)), Tensor((3, 3, 3, 3, 4))), "kernel of depth 3.*inputs of depth 2"),
    (lambda: ops.depthwise_conv(IMAGE, Tensor((3, 3, 2, 4))), r"kernel of shape \(3, 3, 2, 4\) does not fit inputs"),
    (lambda: ops.conv_transpose(IMAGE, Tensor((3, 3, 4, 2))), "must be the number of channels of inputs"),
    (lambda: ops.conv_transpose(IMAGE, Tensor((3, 3, 4, 3)), padding="full"), "padding must be .* received 'full'"),
    (
        lambda: ops.conv_transpose(IMAGE, Tensor((3, 3, 4, 3)), strides=2, output_padding=2),
        "output_padding must be less than strides, received 2 with a stride of 2",
    ),
    (lambda: ops.conv(IMAGE, KERNEL, bias=Tensor((3,))), r"bias must have shape \(4,\).*received shape \(3,\)"),
    (lambda: ops.max_pool(IMAGE, 9), r"max_pool: pool_size of size \(9, 9\) does not fit.*smaller pool_size"),
    (lambda: ops.max_pool(IMAGE, -1), "pool_size must be an integer of at least 1, received -1"),
    (lambda: ops.average_pool(ROWS, 2), r"average_pool: inputs must have shape \(N, W, C\), \(N, H, W, C\) or"),
    (lambda: ops.max_pool(ROWS, 2, data_format="channels_first"), r"max_pool: inputs must have shape \(N, C, W\)"),
    (lambda: ops.max_pool(Tensor((2, 3, 4)), 4), r"pool_size of size \(4,\) does not fit into inputs of size \(3,\)"),
    (lambda: ops.max_pool(Tensor((2, 3, 4, 5, 6)), (2, 2)), "pool_size must be an integer or a tuple of 3"),
    (lambda: ops.average_pool(Tensor((2, 3, 4, 5, 6)), 4), r"pool_size of size \(4, 4, 4\) does not fit into inputs"),
    (lambda: ops.adaptive_max_pool(IMAGE, (2, 0)), r"output_size must be an integer of at least 1, received 0"),
    (lambda: ops.adaptive_average_pool(IMAGE, (2, 2, 2)), r"output_size must be an integer or a pair.*\(2, 2, 2\)"),
    (lambda: ops.adaptive_average_pool(ROWS, 2), "adaptive_average_pool: inputs must have shape"),
    (lambda: emit("adaptive_max_pool", Tensor((2, 0, 3)), windows=2), "2 windows cannot be spread over x of shape"),
    (lambda: ops.matmul(Tensor((2, 3)), Tensor((4, 5))), "inner sizes, 3 and 4, must be equal"),
    (lambda: ops.matmul(Tensor(()), Tensor((3, 5))), "x1 and x2 must have axes"),
    (lambda: ops.matmul(Tensor((2, 3, 4)), Tensor((2, 3, 4))), "inner sizes, 4 and 3, must be equal"),
    (lambda: ops.einsum("ij,jk->ik", ROWS), "is for 2 operands, received 1"),
    (lambda: ops.einsum("ij->k", ROWS), "must have letters of operands"),
    (lambda: ops.einsum("ijk->i", ROWS), "does not fit an operand of 2 axes"),
    (lambda: ops.einsum("ij,jk", Tensor((2, 3)), Tensor((4, 5))), "'j' of 'ij,jk' has the lengths 3 and 4"),
    (lambda: ops.tensordot(Tensor((2, 3)), Tensor((4, 5)), 1), "do not fit along axes"),
    (lambda: ops.quantile(ROWS, 0.5, method="mean"), "method must be one of .* received 'mean'"),
    (lambda: ops.norm(Tensor((2, 3)), "nuc"), "ord='nuc' is not known for 2 axes"),
    (lambda: ops.rearrange(ROWS, "a b c -> c"), "must name each of the 2 axes"),
    (lambda: ops.scatter_update(Tensor((3,)), [[0]], [1], "max"), "reduction must be None or 'add'"),
    (lambda: ops.segment_sum(ROWS, LABELS), "num_segments must be given"),
    (lambda: ops.histogram(Tensor((3,))), "needs range="),
    (lambda: ops.unfold(Tensor((1, 1, 2, 2)), 3), "does not fit into images of size"),
    (lambda: ops.one_hot(LABELS, 3, sparse=True), "no sparse tensors"),
    (lambda: ops.convert_to_tensor([1], sparse=True), "no sparse or ragged tensors"),
    (lambda: ops.add_bias(ROWS, Tensor((4,))), r"bias must have shape \(5,\)"),
    (lambda: ops.add(Tensor((2, 3)), Tensor((2, 4))), r"shapes \(2, 3\) and \(2, 4\) cannot be broadcast"),
    (lambda: ops.add(ROWS, Tensor((4, 5))), "cannot be broadcast"),
    (lambda: ops.add(Tensor((None,)), Tensor((5, 1))), "unknown batch must stay the first axis"),
    (lambda: ops.add(Tensor((2,), "float64"), 1), "x1 must be float32, received float64"),
    (lambda: ops.reshape(IMAGE, (-1, 7)), "does not fit into newshape"),
    (lambda: ops.reshape(IMAGE, (3, 64)), "first must be, where the batch size is unknown"),
    (lambda: ops.reshape(Tensor((2, 3)), (-1, -1)), "one length may be -1"),
    (lambda: ops.reshape(Tensor((2, 3)), (7,)), "does not fit into newshape"),
    (lambda: ops.reshape(Tensor((2, 3)), (2.5,)), "newshape must be an integer"),
    (lambda: ops.concatenate([]), "at least one tensor"),
    (
        lambda: ops.concatenate([Tensor((2, 3)), Tensor((2, 4))], 0),
        "except for the concatenation axis 0",
    ),
    (lambda: ops.concatenate([Tensor((None, 3))] * 2, 0), "batches cannot be joined"),
    (lambda: ops.slice(Tensor((2, 3)), (0, 2), (2, 2)), "2 elements from 2 on by steps of 1 are outside"),
    (lambda: ops.pad(Tensor((2, 3)), ((0, 0), (0, 3)), mode="reflect"), "too large for mode 'reflect'"),
    (lambda: ops.pad(Tensor((2, 3)), 1, mode="wrap"), "received mode='wrap'"),
    (lambda: ops.pad(Tensor((2, 3)), -1), "integers of at least 0"),
    (lambda: ops.pad(Tensor((None, 3)), 1), "the batch cannot be padded"),
    (lambda: ops.split(Tensor((2, 3)), 2, axis=1), "does not divide into 2 equal parts"),
    (lambda: ops.stack([]), "at least one tensor"),
    (lambda: ops.broadcast_to(Tensor((2, 3)), (3, 3)), "cannot be broadcast to shape"),
    (lambda: ops.broadcast_to(Tensor((2, 3)), (-1, 2, 3)), "cannot be broadcast to shape"),
    (lambda: ops.broadcast_to(Tensor((2, 3)), (3,)), "cannot be broadcast to shape"),
    (lambda: ops.transpose(Tensor((2, 3)), (0, 0)), "axes must name each of the 2 axes"),
    (lambda: ops.transpose(ROWS), "batch of x.*must stay the first axis"),
    (lambda: ops.one_hot(ROWS, 0), "num_classes must be an integer of at least 1"),
    (lambda: ops.sum(ROWS, axis=2), "axis must be an integer from -2 to 1 here, received 2"),
    (lambda: ops.mean(ROWS, axis=(0, 0)), "axis must name axes of x"),
    (lambda: ops.max(Tensor((2, 0)), axis=1), "no largest of no elements"),
    (lambda: ops.argmax(ROWS, axis=2), "axis must be an integer from -2 to 1 here, received 2"),
    (lambda: ops.argmax(Tensor((2, 0)), axis=1), "at least one element"),
    (lambda: ops.top_k(ROWS, 6), "k must be at most 5, the length of the last axis of x, received 6"),
    (lambda: ops.top_k(ROWS, 0), "k must be an integer of at least 1"),
    (lambda: ops.searchsorted([0], ROWS, side="middle"), "side must be 'left' or 'right', received 'middle'"),
    (lambda: ops.cumsum(ROWS, 2), "axis must be an integer from -2 to 1 here"),
    (lambda: ops.bincount(LABELS), "minlength must be an integer of at least 1"),
    (lambda: ops.bincount(LABELS, Tensor((3,)), minlength=2), "weights must have shape"),
    (lambda: ops.take(ROWS, LABELS, axis=1), "unknown batch must stay the first axis"),
    (lambda: ops.take_along_axis(ROWS, Tensor((3, 1), "int32"), axis=1), "indices must have shape"),
    (lambda: ops.cast(ROWS, "complex64"), "dtype must be one of .*received 'complex64'"),
    (lambda: ops.squeeze(ROWS, 1), "axes to be taken away must have length 1"),
    (lambda: ops.assign_add(Tensor((2,)), Tensor((3,))), "value must have shape"),
    (lambda: ops.assign_add(Tensor((2,), "int32"), Tensor((2,))), "variable must be float32 or float64, it is int32"),
    (lambda: ops.softmax(ROWS, axis=5), "axis must be an integer from -2 to 1"),
    (lambda: ops.softmax(Tensor((2, 0))), "at least one element"),
    (lambda: ops.sparse_categorical_crossentropy(ROWS, ROWS), "for one-hot targets use categorical_crossentropy"),
    (lambda: ops.sparse_categorical_crossentropy([0.5], np.ones((1, 2))), "expected whole numbers"),
    (lambda: ops.sparse_categorical_crossentropy([np.nan], np.ones((1, 2))), "expected whole numbers"),
    (lambda: ops.categorical_crossentropy([0, 1], np.ones((2, 2))), "use sparse_categorical_crossentropy"),
    (lambda: ops.binary_crossentropy([0, 1], np.ones((2, 1))), "must have the shape of output"),
    (lambda: ops.accuracy(LABELS, Tensor((None, 2, 5))), r"output must have shape \(N, C\)"),
    (lambda: ops.dropout(ROWS, np.array([1, 2]), rate=1), "rate must be at least 0 and below 1, received 1.0"),
    (lambda: ops.dropout(ROWS, np.array([1, 2]), rate=0.5, salt=-1), "salt must be an integer of at least 0"),
    (lambda: ops.dropout(ROWS, np.array([1]), rate=0.5), r"state must have shape \(2,\)"),
    (lambda: ops.accumulate(Tensor((2,)), Tensor((None,))), "state must be float64"),
    (
        lambda: update("sgd", Tensor((2,)), Tensor((3,)), (), Tensor((1,)), COUNT),
        r"g must have shape \(2,\), that of w",
    ),
    (lambda: update("sgd", Tensor((2,)), Tensor((2,)), (), Tensor((2,)), COUNT), r"lr must have shape \(1,\)"),
    (lambda: update("sgd", Tensor((2,)), Tensor((2,)), (), Tensor((1,)), Tensor((1,))), "iteration must be int64"),
    (lambda: ops.increment(Tensor((0,), "int64")), "at least one element"),
]


@pytest.mark.parametrize(("call", "message"), ERRORS, ids=[message[:30] for _, message in ERRORS])
def test_message(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_text_is_no_operand():
    with pytest.raises(TypeError, match="expected numbers"):
        ops.relu(np.array(["a"]))


def test_mean_over_an_unknown_batch_has_no_gradient_yet():
    node = emit("mean", ROWS, axis=(0,), keepdims=False).node
    with pytest.raises(ValueError, match="bind the batch size first"):
        node.op.gradient(node, Tensor((5,)))


def test_gradients_of_gradients_are_refused():
    node = emit("relu_gradient", ROWS, ROWS).node
    with pytest.raises(ValueError, match="'relu_gradient' has no gradient"):
        node.op.gradient(node, ROWS)


def test_attributes_are_complete():
    with pytest.raises(TypeError, match="strides"):
        Node(OPS["conv2d"], [IMAGE, KERNEL], {})


def test_padding_must_be_a_name():
    with pytest.raises(ValueError, match="received 1"):
        paddings(1, (3, 3), (2, 2), (1, 1), (1, 1))
