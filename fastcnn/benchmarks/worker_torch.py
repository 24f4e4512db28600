"""PyTorch: a plain training loop over tensors in memory, with the default memory format or channels-last."""

import os

import numpy as np
import torch
from programs import Program
from torch import nn


def network(program: Program) -> nn.Sequential:
    """The program's layers; logits come out, as PyTorch's cross-entropy wants them."""
    height, width, channels = program.input_shape
    flat = 0
    modules: list[nn.Module] = []
    for kind, number in program.parsed():
        size = int(number)
        if kind == "conv":
            modules += [nn.Conv2d(channels, size, 3), nn.ReLU()]
            height, width, channels = height - 2, width - 2, size
        elif kind == "conv same":
            modules.append(nn.Conv2d(channels, size, 3, padding=1, bias=False))
            channels = size
        elif kind == "separable":
            modules.append(nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False))
            modules.append(nn.Conv2d(channels, size, 1, bias=False))
            channels = size
        elif kind == "bn":
            modules.append(nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01))
        elif kind == "relu":
            modules.append(nn.ReLU())
        elif kind == "gap":
            modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
            flat = channels
        elif kind == "pool":
            modules.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
        elif kind == "flatten":
            modules.append(nn.Flatten())
            flat = height * width * channels
        elif kind == "dropout":
            modules.append(nn.Dropout(number))
        else:
            modules.append(nn.Linear(flat, size))
            modules += [nn.ReLU()] if kind == "dense" else []
            flat = size
    return nn.Sequential(*modules)


class Contestant:
    """A model, its fused Adam, and the data as tensors."""

    def __init__(self, program: Program, variant: str, x: np.ndarray, y: np.ndarray) -> None:
        self.version = f"PyTorch {torch.__version__}"
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.manual_seed(1)
        self.channels_last = variant == "channels_last"
        self.batch_size = program.batch_size
        self.model = network(program)
        if self.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.x, self.y = self.stored(x), torch.from_numpy(y).long()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, eps=1e-7, fused=True)
        self.loss = nn.CrossEntropyLoss()

    def stored(self, images: np.ndarray) -> torch.Tensor:
        """Images laid out in memory as the variant wants its batches."""
        tensor = torch.from_numpy(images)
        return tensor if self.channels_last else tensor.permute(0, 3, 1, 2).contiguous()

    def batch(self, stored: torch.Tensor) -> torch.Tensor:
        """Stored images as (n, channels, height, width): a view where they are stored channels-last."""
        return stored.permute(0, 3, 1, 2) if self.channels_last else stored

    def train(self, start: int, stop: int) -> None:
        """One shuffled pass."""
        self.model.train()
        order = torch.randperm(stop - start) + start
        for first in range(0, len(order), self.batch_size):
            picked = order[first : first + self.batch_size]
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.model(self.batch(self.x[picked])), self.y[picked]).backward()
            self.optimizer.step()

    def classes(self, images: np.ndarray) -> np.ndarray:
        """Predicted class numbers."""
        self.model.eval()
        with torch.inference_mode():
            return self.model(self.batch(self.stored(images))).argmax(1).numpy()
