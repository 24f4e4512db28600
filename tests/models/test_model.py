"""Models written as subclasses."""

import numpy as np
import pytest

from fastcnn import Model, layers, ops


class TwoPaths(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.left = layers.Dense(4, activation="relu")
        self.right = layers.Dense(4)
        self.drop = layers.Dropout(0.5, seed=2)

    def call(self, inputs):
        return self.drop(ops.add(self.left(inputs), self.right(inputs)))


def test_build_by_shape():
    model = TwoPaths()
    assert not model.built
    model.build((None, 3))
    assert model.input_shape == (None, 3)
    assert model.output_shape == (None, 4)
    assert model.count_params() == 32
    assert [layer.name for layer in model.layers] == [model.left.name, model.right.name, model.drop.name]


def test_build_by_data():
    model = TwoPaths()
    x = np.random.default_rng(0).standard_normal((5, 3))
    expected = model.left(x) + model.right(x)
    np.testing.assert_allclose(model(x), expected, rtol=1e-6)
    assert model.input_shape == (None, 3)
    assert not np.array_equal(model(x, training=True), model(x))


def test_failed_build():
    model = TwoPaths()
    with pytest.raises(ValueError, match="layer"):
        model.build((None,))
    assert not model.built
    model.build((None, 3))
    assert model.built


def test_name():
    assert TwoPaths(name="both").name == "both"
    assert TwoPaths().name.startswith("two_paths")
