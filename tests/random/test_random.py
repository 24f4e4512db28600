"""Random numbers: their distributions, and when they are the same: on arrays, in training, in prediction."""

import numpy as np
import pytest

import fastcnn
from fastcnn import layers, ops, random
from fastcnn.graph import Graph, Tensor
from fastcnn.passes import bind_batch
from fastcnn.plan import Program

COUNT = 20_000
# Name, arguments behind the shape, mean, variance, smallest, largest.
DISTRIBUTIONS = [
    ("uniform", (2.0, 5.0), 3.5, 9 / 12, 2, 5),
    ("normal", (1.0, 3.0), 1, 9, None, None),
    ("truncated_normal", (1.0, 3.0), 1, 9 * 0.7737, -5, 7),
    ("randint", (3, 9), 5.5, 35 / 12, 3, 8),
    ("gamma", (2.0,), 2, 2, 0, None),
    ("beta", (2.0, 3.0), 0.4, 0.04, 0, 1),
    ("binomial", (6, 0.25), 1.5, 1.125, 0, 6),
]
DRAWS = [lambda shape, seed, name=name, args=args: getattr(random, name)(shape, *args, seed=seed)
         for name, args, *_ in DISTRIBUTIONS]  # fmt: skip
DRAWS += [
    lambda shape, seed: random.shuffle(ops.add(ops.zeros(shape), np.arange(4)), axis=1, seed=seed),
    lambda shape, seed: random.dropout(ops.ones(shape), 0.5, seed=seed),
    lambda shape, seed: random.dropout(ops.ones(shape), 0.5, noise_shape=(None, 1), seed=seed),
    lambda shape, seed: random.categorical(ops.zeros(shape), 5, seed=seed),
]


@pytest.mark.parametrize(("name", "arguments", "mean", "variance", "low", "high"), DISTRIBUTIONS)
def test_distribution(name, arguments, mean, variance, low, high):
    values = getattr(random, name)((COUNT // 4, 4), *arguments, seed=3)
    assert values.shape == (COUNT // 4, 4)
    assert values.dtype == ("int32" if name == "randint" else "float32")
    assert abs(values.mean() - mean) < 5 * np.sqrt(variance / COUNT)
    assert values.var() == pytest.approx(variance, rel=0.1)
    assert low is None or values.min() >= low
    assert high is None or values.max() <= high


def test_classes_follow_their_probabilities():
    p = np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    classes = random.categorical(np.log(p), COUNT, seed=1)
    for row, wanted in zip(classes, p, strict=True):
        np.testing.assert_allclose(np.bincount(row, minlength=3) / COUNT, wanted, atol=0.02)


def test_every_order_is_as_likely():
    source = random.SeedGenerator(5)
    orders = [tuple(random.shuffle(np.arange(3), seed=source)) for _ in range(600)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 60


def test_masks_are_shared_along_axes_of_length_one():
    y = random.dropout(np.ones((50, 4, 3)), 0.5, noise_shape=(None, 1, 3), seed=2)
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert set(np.unique(y)) == {0, 2}


@pytest.mark.parametrize("draw", DRAWS)
def test_seeds(draw):
    shape = (30, 4)
    assert np.array_equal(draw(shape, 7), draw(shape, 7))
    assert not np.array_equal(draw(shape, 7), draw(shape, 8))
    source, again = random.SeedGenerator(7), random.SeedGenerator(7)
    first, second = draw(shape, source), draw(shape, source)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, draw(shape, again))
    fastcnn.utils.set_random_seed(1)
    first, second = draw(shape, None), draw(shape, None)
    fastcnn.utils.set_random_seed(1)
    assert np.array_equal(first, draw(shape, None))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("draw", DRAWS)
def test_in_a_program_of_any_batch(draw):
    x = Tensor((None, 4))
    source = random.SeedGenerator(7)
    pair = [draw(ops.shape(x), source), draw(ops.shape(x), source)]
    graph = bind_batch(Graph([x], pair), 30)
    program = Program(graph)
    program.run()
    one, other = (program.array(output) for output in graph.outputs)
    assert one.shape[0] == 30
    assert not np.array_equal(one, other)


class Noise(layers.Layer):
    """Draws in training and in prediction, as the sampling of a variational autoencoder does."""

    def __init__(self, seed="own", **kwargs):
        super().__init__(**kwargs)
        self.source = random.SeedGenerator(1) if seed == "own" else seed

    def call(self, inputs):
        return ops.add(inputs, random.normal(ops.shape(inputs), seed=self.source))


@pytest.mark.parametrize("seed", ["own", None, 3])
def test_steps_draw_anew_unless_the_seed_is_a_number(seed):
    layer = Noise(seed)
    model = fastcnn.Sequential([fastcnn.Input((4,)), layer])
    x = np.zeros((5, 4), "float32")
    same = seed == 3
    assert np.array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0)) == same
    assert np.array_equal(model(x), model(x)) == same
    model.compile("sgd", "mse")
    losses = [model.evaluate(x, x, verbose=0) for _ in range(2)] + [float(model.train_on_batch(x, x)) for _ in range(2)]
    assert len({round(loss, 6) for loss in losses}) == (1 if same else 4)
    if seed == "own":
        assert layer.variables == [layer.source.state]
        assert layer.weights == []


def test_configuration():
    source = random.SeedGenerator(5, name="source")
    assert source.get_config() == {"seed": 5, "name": "source"}
    again = random.SeedGenerator.from_config(source.get_config())
    assert np.array_equal(again.next(), source.next())
    assert np.array_equal(source.next(), [5, 1])


def test_errors():
    with pytest.raises(ValueError, match=r"seed must be an integer, .* received seed='a'"):
        random.normal((2,), seed="a")
    with pytest.raises(ValueError, match="counts must be numbers or an array"):
        random.binomial((2,), Tensor((2,)), 0.5)
