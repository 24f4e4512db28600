"""The picture of speed: images per second of every framework.

`fastcnn bench --plot` draws it, and so does this module, from the figures that `fastcnn bench --json` wrote:

    python -m fastcnn.benchmarks.plot speed.json speed.png

Needs matplotlib (`pip install "fastcnn[plot]"`).
"""

import argparse
import json
from pathlib import Path
from typing import Any

SUFFIXES = (".png", ".svg")
TITLES = {
    "fashion": "Fashion-MNIST\nconv32, dense128",
    "mnist-dropout": "MNIST\nconv32, dense128, dropout",
    "mnist-deep": "MNIST\nconv32, conv64, conv64, dense64",
    "cifar": "CIFAR-10\nconv32, conv64, dense128",
    "cifar64": "64x64x3\nconv32, conv64, dense128",
    "separable-stack": "CIFAR-10\n6 x separable conv64 + batch norm + ReLU",
    "plain-stack": "CIFAR-10\n6 x conv64 + batch norm + ReLU",
}
COLOURS = {
    "fastcnn": "#d1495b",
    "fastcnn-mixed-bfloat16": "#e38a96",
    "torch": "#8d96a3",
    "torch-channels-last": "#66717f",
    "keras-tensorflow": "#2e4057",
    "keras-jax": "#6fa8a4",
    "jax": "#a9c7c5",
}


def draw(results: dict[str, Any], path: Path) -> None:
    """One panel per model, one bar per framework, the fastest on top."""
    import matplotlib.pyplot as plt

    names = [name for name in TITLES if name in results]
    figure, panels = plt.subplots(1, len(names), figsize=(3.1 * len(names), 2.6), squeeze=False)
    for panel, name in zip(panels[0], names, strict=True):
        rows = sorted(results[name]["rows"].items(), key=lambda row: row[1]["best"])
        speeds = [row["best"] for _, row in rows]
        bars = panel.barh([row[0] for row in rows], speeds, color=[COLOURS[row[0]] for row in rows])
        panel.bar_label(bars, [f" {speed:,.0f}" for speed in speeds], fontsize=7)
        panel.set_title(TITLES[name], fontsize=9)
        panel.set_xlim(0, 1.25 * max(speeds))
        panel.set_xticks([])
        panel.tick_params(axis="y", labelsize=7, length=0)
        panel.spines[["top", "right", "bottom"]].set_visible(False)
    figure.suptitle("Training on 2 CPU cores: images per second", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", type=Path, help="the file that `fastcnn bench --json` wrote")
    parser.add_argument("picture", type=Path, help="the picture to write: .png or .svg")
    options = parser.parse_args()
    draw(json.loads(options.json.read_text()), options.picture)
