"""Training with each family of layers beside PyTorch: images, or texts, a second, and the ratio.

    python bench/layer_families.py --torch VENV/bin/python [--steps N] [--rounds N] [FAMILY ...]

Both train the same network with Adam on the same random arrays, a turn of N steps each per round; PyTorch in a process
of its own, with images channels-first and channels-last. Printed is the best turn of each.
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
from typing import Any, NamedTuple

import numpy as np

BATCH = 32
WORDS, LENGTH = 20_000, 200


class Family(NamedTuple):
    """A network, written for both: words are layers, see `ours` and `theirs`."""

    input_shape: tuple[int, ...]
    layers: str
    target: str = "classes"
    """What is learnt: those, or the `input` itself."""


FAMILIES = {
    "batch normalisation": Family(
        (32, 32, 3), "conv:32 bn relu conv:32 bn relu conv:32 bn relu gap dense:10", "classes"
    ),
    "depthwise": Family((32, 32, 64), "depthwise bn relu depthwise bn relu depthwise bn relu gap dense:10"),
    "grouped": Family((32, 32, 64), "grouped:64 relu grouped:64 relu grouped:64 relu gap dense:10"),
    "strided": Family((32, 32, 3), "down:32 relu down:64 relu down:128 relu gap dense:10"),
    "transposed": Family((32, 32, 3), "down:32 relu down:64 relu up:32 relu up:3 sigmoid", "input"),
    "three dimensions": Family(
        (16, 32, 32, 1), "conv3d:16 relu pool3d conv3d:32 relu pool3d gap3d dense:10", "classes"
    ),
    "text": Family((LENGTH,), "embedding:128 conv1d:128 relu gmp1d dense:64 relu dense:10"),
    "residual": Family((32, 32, 3), "conv:32 bn relu residual residual gap dense:10"),
    "separable": Family((32, 32, 3), "conv:32 bn relu separable:64 bn relu pool separable:128 bn relu gap dense:10"),
    "squeeze and excitation": Family((32, 32, 3), "conv:32 relu squeeze pool conv:64 relu squeeze gap dense:10"),
    "convnext": Family((32, 32, 3), "patches:64 convnext convnext gap dense:10"),
    "u-net": Family((32, 32, 3), "conv:32 relu across:64 conv:32 relu conv:3 sigmoid", "input"),
    "leaky relu": Family((32, 32, 3), "conv:32 leaky conv:32 leaky pool conv:64 leaky gap dense:10"),
    "prelu": Family((32, 32, 3), "conv:32 prelu conv:32 prelu pool conv:64 prelu gap dense:10"),
}


def arrays(family: Family) -> tuple[np.ndarray, np.ndarray]:
    """The batch that every step trains on."""
    rng = np.random.default_rng(0)
    if family.input_shape == (LENGTH,):
        x = rng.integers(0, WORDS, (BATCH, LENGTH)).astype(np.int32)
    else:
        x = rng.random((BATCH, *family.input_shape), np.float32)
    return x, x if family.target == "input" else rng.integers(0, 10, BATCH).astype(np.int32)


def parsed(layers: str) -> list[tuple[str, int]]:
    """Layers as pairs of a kind and a number, 0 where it has none."""
    return [(kind, int(number or 0)) for kind, _, number in (word.partition(":") for word in layers.split())]


def ours(family: Family) -> Any:
    """A function that trains fastcnn's network for so many steps."""
    import fastcnn
    from fastcnn import layers

    def chain(x: Any, *stack: Any) -> Any:
        for layer in stack:
            x = layer(x)
        return x

    def residual(x: Any) -> Any:
        n = x.shape[-1]
        bn = layers.BatchNormalization
        return layers.ReLU()(x + chain(x, makers["conv"](n), bn(), layers.ReLU(), makers["conv"](n), bn()))

    def squeeze(x: Any) -> Any:
        n = x.shape[-1]
        scale = [layers.Dense(n // 4, "relu"), layers.Dense(n, "sigmoid"), layers.Reshape((1, 1, n))]
        return layers.Multiply()([x, chain(x, layers.GlobalAveragePooling2D(), *scale)])

    def convnext(x: Any) -> Any:
        n = x.shape[-1]
        spread = [layers.DepthwiseConv2D(7, padding="same"), layers.LayerNormalization()]
        return x + chain(x, *spread, layers.Dense(4 * n, "gelu"), layers.Dense(n))

    def across(n: int) -> Any:
        inner = [layers.MaxPooling2D(), makers["conv"](n), layers.ReLU(), layers.UpSampling2D()]
        return lambda x: layers.Concatenate()([x, chain(x, *inner)])

    makers: dict[str, Any] = {
        "conv": lambda n: layers.Conv2D(n, 3, padding="same", use_bias=False),
        "down": lambda n: layers.Conv2D(n, 3, strides=2, padding="same"),
        "up": lambda n: layers.Conv2DTranspose(n, 3, strides=2, padding="same"),
        "depthwise": lambda n: layers.DepthwiseConv2D(3, padding="same", use_bias=False),
        "grouped": lambda n: layers.Conv2D(n, 3, padding="same", groups=8),
        "conv3d": lambda n: layers.Conv3D(n, 3, padding="same"),
        "conv1d": lambda n: layers.Conv1D(n, 5),
        "embedding": lambda n: layers.Embedding(WORDS, n),
        "bn": lambda n: layers.BatchNormalization(),
        "relu": lambda n: layers.ReLU(),
        "sigmoid": lambda n: layers.Activation("sigmoid"),
        "pool3d": lambda n: layers.MaxPooling3D(2),
        "gap": lambda n: layers.GlobalAveragePooling2D(),
        "gap3d": lambda n: layers.GlobalAveragePooling3D(),
        "gmp1d": lambda n: layers.GlobalMaxPooling1D(),
        "dense": layers.Dense,
        "pool": lambda n: layers.MaxPooling2D(),
        "leaky": lambda n: layers.LeakyReLU(),
        "prelu": lambda n: layers.PReLU(shared_axes=(1, 2)),
        "separable": lambda n: layers.SeparableConv2D(n, 3, padding="same", use_bias=False),
        "patches": lambda n: layers.Conv2D(n, 2, strides=2),
        "residual": lambda n: residual,
        "squeeze": lambda n: squeeze,
        "convnext": lambda n: convnext,
        "across": across,
    }
    inputs = x = fastcnn.Input(family.input_shape)
    for kind, number in parsed(family.layers):
        x = makers[kind](number)(x)
    model = fastcnn.Model(inputs, x)
    loss = "mse" if family.target == "input" else fastcnn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    batch = arrays(family)

    def train(steps: int) -> None:
        model.fit(itertools.repeat(batch, steps), verbose=0)

    return train


def theirs(family: Family, channels_last: bool) -> Any:
    """A function that trains PyTorch's network for so many steps."""
    import torch
    from torch import nn

    torch.set_num_threads(2)

    class Largest(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.amax(-1)

    class ChannelsFirst(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.transpose(1, 2)

    def made(kind: str, c: int, n: int = 0) -> list[nn.Module]:
        return makers[kind](c, n)

    class Residual(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.inner = nn.Sequential(
                *made("conv", c, c), *made("bn", c), nn.ReLU(), *made("conv", c, c), *made("bn", c)
            )

        def forward(self, x: Any) -> Any:
            return torch.relu(x + self.inner(x))

    class Squeeze(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.scale = nn.Sequential(nn.Linear(c, c // 4), nn.ReLU(), nn.Linear(c // 4, c), nn.Sigmoid())

        def forward(self, x: Any) -> Any:
            return x * self.scale(x.mean((2, 3)))[:, :, None, None]

    class ConvNeXt(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.depthwise = nn.Conv2d(c, c, 7, padding=3, groups=c)
            self.inner = nn.Sequential(nn.LayerNorm(c), nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c))

        def forward(self, x: Any) -> Any:
            return x + self.inner(self.depthwise(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    class Across(nn.Module):
        def __init__(self, c: int, n: int) -> None:
            super().__init__()
            self.inner = nn.Sequential(nn.MaxPool2d(2), *made("conv", c, n), nn.ReLU(), nn.Upsample(scale_factor=2))

        def forward(self, x: Any) -> Any:
            return torch.cat([x, self.inner(x)], 1)

    modules: list[nn.Module] = []
    makers: dict[str, Any] = {
        "conv": lambda c, n: [nn.Conv2d(c, n, 3, padding=1, bias=False)],
        "down": lambda c, n: [nn.Conv2d(c, n, 3, stride=2, padding=1)],
        "up": lambda c, n: [nn.ConvTranspose2d(c, n, 3, stride=2, padding=1, output_padding=1)],
        "depthwise": lambda c, n: [nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False)],
        "grouped": lambda c, n: [nn.Conv2d(c, n, 3, padding=1, groups=8)],
        "conv3d": lambda c, n: [nn.Conv3d(c, n, 3, padding=1)],
        "conv1d": lambda c, n: [nn.Conv1d(c, n, 5)],
        "embedding": lambda c, n: [nn.Embedding(WORDS, n), ChannelsFirst()],
        "bn": lambda c, n: [nn.BatchNorm2d(c, eps=1e-3, momentum=0.01)],
        "relu": lambda c, n: [nn.ReLU()],
        "sigmoid": lambda c, n: [nn.Sigmoid()],
        "pool3d": lambda c, n: [nn.MaxPool3d(2)],
        "gap": lambda c, n: [nn.AdaptiveAvgPool2d(1), nn.Flatten()],
        "gap3d": lambda c, n: [nn.AdaptiveAvgPool3d(1), nn.Flatten()],
        "gmp1d": lambda c, n: [Largest()],
        "dense": lambda c, n: [nn.Linear(c, n)],
        "pool": lambda c, n: [nn.MaxPool2d(2)],
        "leaky": lambda c, n: [nn.LeakyReLU(0.3)],
        "prelu": lambda c, n: [nn.PReLU(c)],
        "separable": lambda c, n: [*makers["depthwise"](c, 0), nn.Conv2d(c, n, 1, bias=False)],
        "patches": lambda c, n: [nn.Conv2d(c, n, 2, stride=2)],
        "residual": lambda c, n: [Residual(c)],
        "squeeze": lambda c, n: [Squeeze(c)],
        "convnext": lambda c, n: [ConvNeXt(c)],
        "across": lambda c, n: [Across(c, n)],
    }
    channels = family.input_shape[-1]
    for kind, number in parsed(family.layers):
        modules += made(kind, channels, number)
        channels = channels + number if kind == "across" else number or channels
    model = nn.Sequential(*modules)
    x, y = (torch.from_numpy(array) for array in arrays(family))
    if x.ndim > 2:
        layout = {4: torch.channels_last, 5: torch.channels_last_3d}[x.ndim]
        x = x.movedim(-1, 1)
        x = x.contiguous(memory_format=layout) if channels_last else x.contiguous()
        model = model.to(memory_format=layout) if channels_last else model
    y = x if family.target == "input" else y.long()
    loss_of = nn.MSELoss() if family.target == "input" else nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)

    def train(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x), y).backward()
            optimizer.step()

    return train


def timed(train: Any, steps: int) -> float:
    """Seconds that a turn takes."""
    before = time.perf_counter()
    train(steps)
    return time.perf_counter() - before


def work(steps: int) -> None:
    """As PyTorch's process: for each line of input, a family and a layout, answer with the seconds of a turn."""
    trains: dict[str, Any] = {}
    for line in sys.stdin:
        name, layout = json.loads(line)
        if line not in trains:
            trains[line] = theirs(FAMILIES[name], layout == "last")
            trains[line](3)
        print(timed(trains[line], steps), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", help="a Python that has PyTorch")
    parser.add_argument("--steps", type=int, default=30, help="steps of a turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("families", nargs="*", default=list(FAMILIES), help=", ".join(FAMILIES))
    options = parser.parse_args()
    if options.worker:
        return work(options.steps)
    if not options.torch:
        parser.error("--torch is missing: name a Python that has PyTorch")
    command = [options.torch, __file__, "--worker", "--steps", str(options.steps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        print(f"{'':22}{'fastcnn':>10}{'PyTorch':>10}{'channels-last':>15}{'ratio':>8}")
        for name in options.families:
            train = ours(FAMILIES[name])
            train(3)
            seconds: dict[str, list[float]] = {"ours": [], "first": [], "last": []}
            for _ in range(options.rounds):
                seconds["ours"].append(timed(train, options.steps))
                for layout in ("first", "last"):
                    print(json.dumps([name, layout]), file=worker.stdin, flush=True)
                    seconds[layout].append(float(worker.stdout.readline()))
            speed = {key: BATCH * options.steps / min(values) for key, values in seconds.items()}
            ratio = speed["ours"] / max(speed["first"], speed["last"])
            print(
                f"{name:22}{speed['ours']:10,.0f}{speed['first']:10,.0f}{speed['last']:15,.0f}{ratio:8.2f}", flush=True
            )
        worker.stdin.close()


if __name__ == "__main__":
    main()
