"""Outputs that a program leaves out where nothing reads them."""

import numpy as np

from fastcnn import ops, reference
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import differentiate
from fastcnn.plan import Program


def test_argmax_of_a_pool_is_made_for_the_gradient_alone():
    x = Tensor((2, 4, 6, 3))
    y = ops.max_pool(x, 2)
    argmax = y.node.outputs[1]
    predicting = Program(Graph([x], [y]))
    assert argmax not in predicting.arrays
    training = Program(Graph([x], [y, *differentiate(ops.sum(y), [x])]))
    assert argmax in training.arrays
    values = np.random.default_rng(0).normal(size=x.static_shape).astype(np.float32)
    for program in (predicting, training):
        program.array(x)[...] = values
        program.run()
        np.testing.assert_array_equal(program.array(y), reference.max_pool2d(values, **y.node.attrs)[0])
