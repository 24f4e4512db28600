"""The models that are compared, as data, and how each becomes a model of Keras or of fastcnn.

Layers: `conv N` 3x3 with ReLU, "valid"; `conv N same` 3x3, zeros around, without bias and ReLU, for what follows: `bn`
batch normalisation, `relu`; `separable N` a depthwise 3x3 and a pointwise convolution, likewise; `pool` 2x2 maximum;
`gap` the mean over each map; `flatten`; `dense N` with ReLU; `dropout RATE`; `classes N` softmax. All convolutions have
stride 1; the optimizer is Adam with Keras's defaults.
"""

from typing import Any, NamedTuple


class Program(NamedTuple):
    """A model and how it is trained."""

    data: str
    input_shape: tuple[int, int, int]
    layers: tuple[str, ...]
    batch_size: int
    one_hot: bool

    def parsed(self) -> list[tuple[str, float]]:
        """Layers as (kind, number) pairs, such as ("conv same", 64.0); the number is 0 where a layer has none."""
        words = [layer.split() for layer in self.layers]
        return [(" ".join([kind, *rest[1:]]), float(rest[0]) if rest else 0.0) for kind, *rest in words]


PROGRAMS = {
    "fashion": Program(
        "fashion_mnist", (28, 28, 1), ("conv 32", "pool", "flatten", "dense 128", "classes 10"), 32, False
    ),
    "cifar": Program(
        "cifar10",
        (32, 32, 3),
        ("conv 32", "pool", "conv 64", "pool", "flatten", "dense 128", "classes 10"),
        32,
        True,
    ),
    "cifar64": Program(
        "images64",
        (64, 64, 3),
        ("conv 32", "pool", "conv 64", "pool", "flatten", "dense 128", "classes 10"),
        32,
        True,
    ),
    "mnist-deep": Program(
        "mnist",
        (28, 28, 1),
        ("conv 32", "pool", "conv 64", "pool", "conv 64", "flatten", "dense 64", "classes 10"),
        64,
        False,
    ),
    "mnist-dropout": Program(
        "mnist", (28, 28, 1), ("conv 32", "pool", "flatten", "dense 128", "dropout 0.5", "classes 10"), 32, False
    ),
    "separable-stack": Program(
        "cifar10", (32, 32, 3), ("separable 64", "bn", "relu") * 6 + ("gap", "classes 10"), 64, False
    ),
    "plain-stack": Program(
        "cifar10", (32, 32, 3), ("conv 64 same", "bn", "relu") * 6 + ("gap", "classes 10"), 64, False
    ),
}


def compiled(keras: Any, program: Program) -> Any:
    """The program as a compiled `Sequential` of `keras`, which is Keras 3 or fastcnn."""
    layers = keras.layers
    makers = {
        "conv": lambda number: layers.Conv2D(int(number), 3, activation="relu"),
        "conv same": lambda number: layers.Conv2D(int(number), 3, padding="same", use_bias=False),
        "separable": lambda number: layers.SeparableConv2D(int(number), 3, padding="same", use_bias=False),
        "bn": lambda _: layers.BatchNormalization(),
        "relu": lambda _: layers.Activation("relu"),
        "pool": lambda _: layers.MaxPooling2D(2),
        "gap": lambda _: layers.GlobalAveragePooling2D(),
        "flatten": lambda _: layers.Flatten(),
        "dense": lambda number: layers.Dense(int(number), activation="relu"),
        "dropout": layers.Dropout,
        "classes": lambda number: layers.Dense(int(number), activation="softmax"),
    }
    body = [makers[kind](number) for kind, number in program.parsed()]
    model = keras.Sequential([keras.Input(program.input_shape), *body])
    loss = "categorical_crossentropy" if program.one_hot else "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model
