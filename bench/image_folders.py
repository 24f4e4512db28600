"""Images per second from a folder of images: PNG files of 32x32 pixels and JPEG files of 224x224, in batches of 32.

python bench/image_folders.py fastcnn|keras|torchvision [--folder DIR] [--rounds 3]

Run it in the Python of each framework, one after the other; `fastcnn` makes the files where there are none (it needs
Pillow). They are read once before anything is timed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

KINDS = {"png32": (4000, 32, "png"), "jpeg224": (2000, 224, "jpg")}


def write(folder: Path) -> None:
    """The files: smooth noise, so that they have the sizes of photographs."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for kind, (count, size, suffix) in KINDS.items():
        for number in range(count):
            path = folder / kind / f"class{number % 10}" / f"{number:05d}.{suffix}"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize((size, size))
            pixels = np.asarray(coarse) + random.normal(0, 6, (size, size, 3))
            Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(
                path, **({"quality": 90} if suffix == "jpg" else {})
            )


def by_fastcnn(folder: Path, size: int) -> Iterable[Any]:
    from fastcnn import utils

    return utils.image_dataset_from_directory(folder, image_size=(size, size), seed=1, verbose=False)


def by_keras(folder: Path, size: int) -> Iterable[Any]:
    import keras

    return keras.utils.image_dataset_from_directory(str(folder), image_size=(size, size), seed=1, verbose=False)


def by_torchvision(folder: Path, size: int) -> Iterable[Any]:
    import torch

    # A torchvision that was made for CUDA has no operators beside a torch without; none is needed here.
    torch.library.register_fake = lambda *arguments, **options: lambda function: function
    from torchvision import datasets, transforms

    prepare = transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor()])
    workers = len(os.sched_getaffinity(0))
    return torch.utils.data.DataLoader(
        datasets.ImageFolder(str(folder), prepare), 32, shuffle=True, num_workers=workers, persistent_workers=True
    )


READERS: dict[str, Callable[[Path, int], Iterable[Any]]] = {
    "fastcnn": by_fastcnn,
    "keras": by_keras,
    "torchvision": by_torchvision,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("framework", choices=READERS)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "fastcnn-image-folders"))
    parser.add_argument("--rounds", type=int, default=3, help="default: 3, of which the best counts")
    arguments = parser.parse_args()
    if arguments.framework == "fastcnn":
        write(arguments.folder)
    for kind, (_, size, _) in KINDS.items():
        batches = READERS[arguments.framework](arguments.folder / kind, size)
        rates = []
        for _ in range(arguments.rounds + 1):
            begun = time.perf_counter()
            images = sum(len(labels) for _, labels in batches)
            rates.append(images / (time.perf_counter() - begun))
        print(f"{arguments.framework:12s} {kind:8s} {max(rates[1:]):8,.0f} images/s")


if __name__ == "__main__":
    main()
