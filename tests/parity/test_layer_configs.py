"""Configurations of all layers of fastcnn are read by Keras, and those that Keras writes then are read here."""

import json

import pytest

from fastcnn.layers.registry import LAYERS, deserialize, serialize
from fastcnn.saving.keras_file import from_keras, to_keras

keras = pytest.importorskip("keras", reason="needs Keras")

MODELS = {
    "Sequential",
    "Functional",
    "Model",
    "Operation",
    "OpsFunction",
    "Lambda",
    "TimeDistributed",
    "InputLayer",
    "Wrapper",
    "SpectralNormalization",
}
ARGUMENTS = {
    **dict.fromkeys(["Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D", "Embedding"], (3, 2)),
    **dict.fromkeys(["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"], (3, 2)),
    **dict.fromkeys(["Resizing", "CenterCrop", "RandomCrop"], (4, 4)),
    **dict.fromkeys(["RandomTranslation", "RandomShear"], (0.2, 0.2)),
    "Reshape": ((2, 2),),
    "Permute": ((2, 1),),
    "Activation": ("relu",),
    "Discretization": ([0.0, 1.0],),
    "EinsumDense": ("ab,bc->ac", 3),
    "MultiHeadAttention": (2, 4),
    "GroupQueryAttention": (4, 4, 2),
}


def make(cls):
    for arguments in (ARGUMENTS.get(cls.__name__, ()), (0.25,), (3,)):
        try:
            return cls(*arguments)
        except (TypeError, ValueError):
            continue
    raise AssertionError(f"no arguments for {cls.__name__}: add a row to ARGUMENTS")


@pytest.mark.parametrize("name", sorted(set(LAYERS) - MODELS))
def test_both_ways(name):
    layer = make(LAYERS[name])
    if layer.__class__.__module__.split(".")[0] != "fastcnn" or not hasattr(keras.layers, name):
        pytest.skip(f"Keras has no layer {name}")
    theirs = keras.layers.deserialize(json.loads(json.dumps(to_keras(serialize(layer)))))
    written = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    again = deserialize(from_keras(written))
    assert type(again) is type(layer)
    plain = [json.loads(json.dumps(one.get_config())) for one in (again, layer)]
    for config in plain:
        for changed_by_keras in ("dtype", "seed", "x_factor", "y_factor"):
            config.pop(changed_by_keras, None)
    assert plain[0] == plain[1]
