"""Ten steps of each optimizer end where Keras's end, on arrays and as a compiled step.

The numbers are those of Keras 3 on JAX, on two weights w of START whose gradients are SCALE w. Keras computes
Adam's 1 - beta_2**t in float32, with a relative error of up to 6e-5 at first: hence the tolerance.
"""

import inspect
import os

import numpy as np
import pytest

from fastcnn import optimizers
from fastcnn.graph import Graph, Variable
from fastcnn.ops import multiply
from fastcnn.plan import Program
from fastcnn.reference import run_graph

START = [[1, -2, 3, 0.5, -0.25], [[0.5, -1.0], [2.0, 0.1]]]
SCALE = [[1, 0.5, 2, 0.1, 3], [[1.0, 0.2], [3.0, 0.05]]]
STEPS, TOLERANCE = 10, 1e-4
# Name, options (a list stands for a schedule, "exclude" for names without weight decay), the weights in the end.
CASES = [
    (
        "SGD",
        {"learning_rate": 0.1},
        [0.3486784, -1.197474, 0.3221226, 0.452191, -0.007061881, 0.1743392, -0.8170729, 0.05649504, 0.09511101],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9},
        [-0.5887893, 0.6218457, 0.01319969, 0.3105395, -0.1376638, -0.2943947, -0.3071198, 1.101311, 0.08019718],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        [-0.3465781, 0.5239848, 0.1540822, 0.2913056, -0.0282228, -0.1732891, -0.2631486, 0.2257824, 0.07779444],
    ),
    (
        "Adam",
        {"learning_rate": 0.05},
        [0.5122977, -1.50496, 2.503083, 0.03814248, 0.1016606, 0.03812898, -0.512301, 1.50496, 0.01797037],
    ),
    (
        "Adam",
        {"learning_rate": 0.05, "amsgrad": True, "beta_1": 0.5, "beta_2": 0.7},
        [0.5381466, -1.512378, 2.506473, 0.1073498, 0.006878636, 0.1073491, -0.5381469, 1.512378, 0.001750439],
    ),
    (
        "AdamW",
        {"learning_rate": 0.05, "weight_decay": 0.1},
        [0.4759271, -1.419362, 2.3685, 0.02708463, 0.1003786, 0.02707159, -0.4759301, 1.419361, 0.01854174],
    ),
    (
        "AdamW",
        {"learning_rate": 0.05, "weight_decay": 0.1, "exclude": ["bias"]},
        [0.4759271, -1.419362, 2.3685, 0.02708463, 0.1003786, 0.03812898, -0.512301, 1.50496, 0.01797037],
    ),
    (
        "RMSprop",
        {"learning_rate": 0.05},
        [0.3013985, -1.206795, 2.17999, 0.01607496, -5.893855e-08, 0.01605869, -0.301402, 1.206795, 0.001531105],
    ),
    (
        "RMSprop",
        {"learning_rate": 0.05, "momentum": 0.8},
        [-0.2697852, 0.2409205, 0.4426814, 0.1210532, 0.02009127, 0.1211032, 0.2697887, -0.2409207, 0.04021623],
    ),
    (
        "RMSprop",
        {"learning_rate": 0.05, "centered": True},
        [0.1982387, -1.016912, 1.964347, 0.006406241, -2.730438e-10, 0.006395466, -0.1982435, 1.016912, 0.0008722141],
    ),
    (
        "RMSprop",
        {"learning_rate": 0.05, "centered": True, "momentum": 0.8, "rho": 0.7},
        [-0.3085541, 0.4394926, -0.05950072, 0.08293643, -0.03785171, 0.08298554, 0.308556, -0.4394931, 0.01749521],
    ),
    (
        "Adagrad",
        {"learning_rate": 0.3},
        [0.0906086, -0.7830382, 1.66194, 0.1923588, -2.758122e-11, 0.001013026, -0.2408066, 0.7611223, 0.06152677],
    ),
    (
        "Adadelta",
        {"learning_rate": 1.0, "epsilon": 0.001},
        [0.15581, -0.8786317, 1.76343, 0.1796308, -1.886325e-08, 0.006080825, -0.2416984, 0.869993, 0.05988368],
    ),
    (
        "Adamax",
        {"learning_rate": 0.05},
        [0.5592755, -1.529344, 2.518999, 0.1143967, 0.0425638, 0.1143962, -0.5592757, 1.529344, -0.0197117],
    ),
    (
        "Nadam",
        {"learning_rate": 0.05},
        [0.6352692, -1.622553, 2.618638, 0.1652791, 0.01038988, 0.1652785, -0.6352693, 1.622553, -0.006339079],
    ),
    (
        "Lion",
        {"learning_rate": 0.05},
        [0.4999999, -1.5, 2.5, -3.72529e-08, 0.04999999, -3.72529e-08, -0.4999999, 1.5, 0.0],
    ),
    (
        "Lamb",
        {"learning_rate": 0.05},
        [0.2341227, -1.206798, 2.200825, -0.1482451, 0.07361488, -0.001068175, -0.4630845, 1.453503, 0.02854775],
    ),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.1,
            "beta": 0.1,
            "l2_shrinkage_regularization_strength": 0.01,
        },
        [0.2872572, -0.8678626, 2.310184, 0.0, -0.001332035, 0.02822649, -0.03485593, 1.392727, 0.0],
    ),
    (
        "Ftrl",
        {"learning_rate": 0.1, "learning_rate_power": -0.8},
        [0.52057, -1.364299, 2.851475, -0.01190583, -0.001455104, 0.02892162, -0.05680649, 1.86055, -0.002348824],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "clipnorm": 1.0},
        [0.8259211, -1.818445, 2.03873, 0.4906093, -0.1392428, 0.3998085, -0.9566557, 1.006089, 0.09890021],
    ),
    (
        "Adam",
        {"learning_rate": 0.05, "clipvalue": 0.5},
        [0.5000052, -1.500005, 2.500005, 0.03814248, 0.1011769, 0.03812898, -0.512301, 1.500005, 0.01797037],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.5, "global_clipnorm": 1.0, "weight_decay": 0.1},
        [0.6728052, -1.564589, 1.46307, 0.4394533, -0.08544169, 0.3364026, -0.8539687, 0.6835335, 0.08915766],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
        [0.4613386, -1.366596, 0.6074465, 0.4637649, -0.0210557, 0.2306693, -0.8599131, 0.1684456, 0.09631391],
    ),
    (
        "Adam",
        {"learning_rate": 0.1, "gradient_accumulation_steps": 3},
        [0.701589, -1.700626, 2.700384, 0.2048882, 0.03020585, 0.2048747, -0.701592, 1.700625, -0.07443832],
    ),
    (
        "Nadam",
        {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "loss_scale_factor": 4.0},
        [0.6297536, -1.61605, 2.611861, 0.1624934, 0.006593814, 0.1624911, -0.6297542, 1.61605, -0.004960821],
    ),
    (
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.5, "gradient_accumulation_steps": 2},
        [0.59049, -1.547562, 0.98304, 0.475495, -0.0420175, 0.295245, -0.9039208, 0.33614, 0.09752488],
    ),
    (
        "Lamb",
        {"learning_rate": 0.05, "weight_decay": 0.1, "clipnorm": 2.0, "gradient_accumulation_steps": 2},
        [0.5824167, -1.555359, 2.530073, 0.1040576, 0.08903176, 0.2117853, -0.6962718, 1.670591, -0.05349492],
    ),
    (
        "SGD",
        {
            "learning_rate": [
                "ExponentialDecay",
                {"initial_learning_rate": 0.2, "decay_steps": 3, "decay_rate": 0.5, "staircase": True},
            ]
        },
        [0.3120131, -1.14414, 0.2297715, 0.4486792, -0.003117544, 0.1560066, -0.8039343, 0.02494035, 0.09474805],
    ),
    (
        "Adam",
        {
            "learning_rate": [
                "CosineDecay",
                {"initial_learning_rate": 0.0, "decay_steps": 6, "warmup_target": 0.2, "warmup_steps": 3, "alpha": 0.1},
            ],
            "weight_decay": 0.1,
        },
        [0.04849345, -0.9098742, 1.806819, -0.2521778, 0.1871374, -0.2521897, -0.04849837, 0.9098731, 0.02791166],
    ),
    (
        "Adafactor",
        {"learning_rate": 0.1},
        [0.121073, -0.8957622, 1.833152, 0.0002522481, -6.411286e-06, 0.1478259, -0.07492211, 1.550567, 0.07737435],
    ),
    (
        "Adafactor",
        {
            "learning_rate": 0.5,
            "clip_threshold": 0.3,
            "beta_2_decay": -0.5,
            "relative_step": False,
            "weight_decay": 0.1,
        },
        [0.0006748313, -0.2327818, 0.7360539, 0.0002430838, -0.01980503, 0.08603976, 0.06088651, 0.9473227, 0.04379477],
    ),
    (
        "Adafactor",
        {"learning_rate": 0.2, "gradient_accumulation_steps": 2, "clipnorm": 1.0},
        [0.05368528, -0.778673, 1.71264, -0.0005554839, 0.1099647, 0.214538, 0.2062652, 1.668248, 0.08562431],
    ),
    (
        "Muon",
        {"learning_rate": 0.05},
        [0.5108054, -1.501456, 2.497577, 0.03768444, 0.1016116, 0.491043, -0.8384613, 1.897847, 0.08655869],
    ),
    (
        "Muon",
        {
            "learning_rate": 0.1,
            "nesterov": False,
            "rms_rate": None,
            "ns_steps": 3,
            "adam_lr_ratio": 0.5,
            "weight_decay": None,
        },
        [0.5093162, -1.497959, 2.492082, 0.03722773, 0.1015624, 0.4378119, -0.06504013, 1.282393, 0.01847263],
    ),
    (
        "Muon",
        {"learning_rate": 0.1, "exclude_layers": ["bi"], "adam_weight_decay": 0.2, "gradient_accumulation_steps": 3},
        [0.649206, -1.589296, 2.530205, 0.1822704, 0.03707762, 0.1822572, -0.6492089, 1.589295, -0.07233651],
    ),
    (
        "Muon",
        {"learning_rate": 0.1, "global_clipnorm": 0.5, "use_ema": True},
        [0.0619387, -1.007718, 1.994549, -0.196096, 0.003864955, 0.4819187, -0.6794161, 1.795904, 0.07305173],
    ),
]


def made(package, name, options):
    """The optimizer of a case, of either package."""
    options = dict(options)
    if isinstance(options.get("learning_rate"), list):
        schedule, arguments = options["learning_rate"]
        options["learning_rate"] = getattr(package.schedules, schedule)(**arguments)
    excluded = options.pop("exclude", None)
    optimizer = getattr(package, name)(**options)
    if excluded:
        optimizer.exclude_from_weight_decay(var_names=excluded)
    return optimizer


def weights():
    return [Variable(np.array(value, "float32"), name) for value, name in zip(START, ("kernel", "bias"), strict=True)]


def end(variables):
    return np.concatenate([np.ravel(variable.value) for variable in variables])


def compare(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=TOLERANCE, atol=TOLERANCE / 10)


@pytest.mark.parametrize(("name", "options", "expected"), CASES)
def test_on_arrays(name, options, expected):
    optimizer, variables = made(optimizers, name, options), weights()
    for _ in range(STEPS):
        optimizer.apply([np.multiply(s, v.value) for s, v in zip(SCALE, variables, strict=True)], variables)
    compare(end(variables), expected)


def recorded(name, options):
    """An optimizer, its weights, and the graph of a step."""
    optimizer, variables = made(optimizers, name, options), weights()
    gradients = [multiply(v.tensor, np.array(s, "float32")) for s, v in zip(SCALE, variables, strict=True)]
    return optimizer, variables, Graph([], optimizer.apply(gradients, variables))


@pytest.mark.parametrize(("name", "options", "expected"), CASES)
def test_in_a_compiled_step(name, options, expected, isa):
    optimizer, variables, graph = recorded(name, options)
    program = Program(graph)
    for _ in range(STEPS):
        optimizer.prepare_step()
        program.run()
    compare(end(variables), expected)


@pytest.mark.parametrize(("name", "options", "expected"), CASES)
def test_by_the_reference(name, options, expected):
    optimizer, variables, graph = recorded(name, options)
    for _ in range(STEPS):
        optimizer.prepare_step()
        for variable, value in run_graph(graph, {})[1].items():
            variable.assign(value)
    compare(end(variables), expected)


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", reason="Keras is not installed: parity of optimizers is not checked")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "options", "expected"), CASES)
def test_keras_itself(keras, name, options, expected):
    theirs, ours = made(keras.optimizers, name, options), made(optimizers, name, options)
    variables = [keras.Variable(np.array(v, "float32"), name=n) for v, n in zip(START, ("kernel", "bias"), strict=True)]
    mine = weights()
    for _ in range(STEPS):
        theirs.apply([np.multiply(s, v.numpy()) for s, v in zip(SCALE, variables, strict=True)], variables)
        ours.apply([np.multiply(s, v.value) for s, v in zip(SCALE, mine, strict=True)], mine)
    compare(end(mine), np.concatenate([np.ravel(v.numpy()) for v in variables]))
    assert [v.name for v in ours.variables][:-1] == [v.name for v in theirs.variables][:-1]
    assert len(ours.variables) == len(theirs.variables)
    config = theirs.get_config()
    assert list(ours.get_config()) == list(config)
    assert {**ours.get_config(), "name": 0} == {**config, "name": 0}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(optimizers.CLASSES))
def test_signatures_are_those_of_keras(keras, name):
    def arguments(package):
        found = inspect.signature(getattr(package, name).__init__).parameters
        return [(argument.name, argument.default) for argument in found.values()]

    assert arguments(optimizers) == arguments(keras.optimizers)
