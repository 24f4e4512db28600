"""The table of `summary`, which must look as Keras's does."""

import numpy as np
import pytest

from fastcnn import Input, Model, Sequential, layers


@pytest.fixture
def model():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv2d"),
            layers.MaxPooling2D(2, name="max_pooling2d"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(10, activation="softmax", name="dense"),
        ],
        name="sequential",
    )


def summary(model, **arguments):
    texts = []
    model.summary(print_fn=texts.append, **arguments)
    assert len(texts) == 1
    return texts[0]


def test_table(model):
    assert (
        summary(model, line_length=88)
        == """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                      │ (None, 26, 26, 32)          │             320 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ max_pooling2d (MaxPooling2D)         │ (None, 13, 13, 32)          │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ flatten (Flatten)                    │ (None, 5408)                │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dropout (Dropout)                    │ (None, 5408)                │               0 │
├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
│ dense (Dense)                        │ (None, 10)                  │          54,090 │
└──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
 Total params: 54,410 (212.54 KB)
 Trainable params: 54,410 (212.54 KB)
 Non-trainable params: 0 (0.00 B)"""
    )


def test_narrow_table_with_trainable(model):
    assert (
        summary(model, line_length=60, show_trainable=True, layer_range=("conv2d", "max_pool"))
        == """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━┓
┃ Layer (type)          ┃ Output Shape     ┃ Param # ┃ Tr… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━┩
│ conv2d (Conv2D)       │ (None, 26, 26,   │     320 │  Y  │
│                       │ 32)              │         │     │
├───────────────────────┼──────────────────┼─────────┼─────┤
│ max_pooling2d         │ (None, 13, 13,   │       0 │  -  │
│ (MaxPooling2D)        │ 32)              │         │     │
└───────────────────────┴──────────────────┴─────────┴─────┘
 Total params: 54,410 (212.54 KB)
 Trainable params: 54,410 (212.54 KB)
 Non-trainable params: 0 (0.00 B)"""
    )


def test_frozen_layer(model):
    model.layers[0].trainable = False
    text = summary(model, line_length=100, show_trainable=True)
    assert " Trainable params: 54,090 (211.29 KB)" in text
    assert " Non-trainable params: 320 (1.25 KB)" in text
    rows = [line.split("│") for line in text.splitlines() if line.startswith("│")]
    assert [row[4].strip() for row in rows] == ["N", "-", "-", "-", "Y"]


def test_unbuilt():
    text = summary(Sequential([layers.Dense(3)]))
    assert "│ ?" in text
    assert "0 (unbuilt)" in text
    assert " Total params: 0 (0.00 B)" in text


def test_empty():
    assert summary(Sequential()).splitlines()[-1] == " Non-trainable params: 0 (0.00 B)"


def test_nested():
    inner = Sequential([layers.Conv2D(4, 3, name="conv")], name="inner")
    model = Sequential([Input((8, 8, 1)), inner])
    assert "conv" not in summary(model)
    assert "│    └ conv (Conv2D) " in summary(model, expand_nested=True)


def test_users_model():
    class Net(Model):
        def __init__(self):
            super().__init__()
            self.head = layers.Dense(3, name="head")

        def call(self, inputs):
            return self.head(inputs)

    net = Net()
    net.build((None, 4))
    assert "│ (None, 3) " in summary(net)
    data = Net()
    data(np.zeros((2, 4)))
    assert " 15 │" in summary(data)


def test_batch_size_is_shown():
    text = summary(Sequential([Input((4,), batch_size=32), layers.Dense(3)]))
    assert "│ (32, 3) " in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"line_length": 5}, "needs more than 5 columns"),
        ({"layer_range": ("conv2d",)}, "layer_range must be two names"),
        ({"layer_range": ("conv2d", "nothing")}, "does not match the names of layers"),
    ],
)
def test_bad_arguments(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        model.summary(**arguments)


def test_terminal_without_lines(run_python):
    program = "from fastcnn import Input, Sequential, layers; Sequential([Input((4,)), layers.Dense(3)]).summary()"
    text = run_python(program, PYTHONIOENCODING="ascii", COLUMNS="60")
    assert "| dense (Dense)" in text
    assert text.isascii()
