"""Images in rows and columns, with what they are and what they were taken for."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fastcnn.utils.image import channels_first


def plot_image_gallery(
    images: Any,
    y_true: Any = None,
    y_pred: Any = None,
    label_map: Mapping[int, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: tuple[float, float] = (0, 255),
    scale: float = 2,
    path: str | os.PathLike | None = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: int = 60,
    legend_handles: Sequence[Any] | None = None,
    data_format: str | None = None,
) -> None:
    """Draw images in rows and columns.

    Args:
        images: Array of shape (n, height, width, channels).
        y_true: Class numbers, shown over the images. Default None.
        y_pred: Predicted class numbers, shown beside them. Default None.
        label_map: Names of the classes by their numbers; needed with `y_true` and `y_pred`.
        rows, cols: Default None: about as many rows as columns.
        value_range: Values of black and white. Default (0, 255).
        scale: Size of the images in the picture, in inches. Default 2.
        path: File to save the picture to. Default None: it is shown.
        show: Whether to show it. Default None: if there is no `path`.
        transparent: Whether the background of the file is transparent. Default True.
        dpi: Dots per inch of the file. Default 60.
        legend_handles: What matplotlib is to draw as a legend.
        data_format: `"channels_last"` (default) or `"channels_first"`.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: `images` has other axes, both `path` and `show` are given, or `label_map` is missing.

    Example:

    >>> import numpy as np
    >>> from fastcnn import visualization
    >>> images = np.random.default_rng(0).uniform(0, 255, (9, 8, 8, 3))
    >>> visualization.plot_image_gallery(images, rows=3, cols=3, path="gallery.png")  # doctest: +SKIP
    """
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plot_image_gallery needs matplotlib: pip install matplotlib") from None
    if path is not None and show:
        raise ValueError("either `path` is to be set, or `show` to be true: received both")
    if (y_true is not None or y_pred is not None) and label_map is None:
        raise ValueError("If `y_true` or `y_pred` are provided, a `label_map` must also be provided.")
    pixels = np.asarray(images, "float32")
    if pixels.ndim != 4:
        raise ValueError(f"images must be an array (n, height, width, channels), received one of shape {pixels.shape}")
    if channels_first(data_format):
        pixels = pixels.transpose(0, 2, 3, 1)
    low, high = value_range
    pixels = ((pixels - low) / (high - low)).clip(0, 1)
    rows = rows or (math.ceil(len(pixels) / cols) if cols else math.ceil(math.sqrt(len(pixels))))
    cols = cols or math.ceil(len(pixels) / rows)
    figure, axes = pyplot.subplots(
        rows, cols, squeeze=False, layout="tight", figsize=(cols * scale, rows * scale), frameon=False
    )
    for place in axes.flat:
        place.axis("off")
    labels = [("Label", y_true), ("Pred", y_pred)]
    for number, (place, image) in enumerate(zip(axes.flat, pixels, strict=False)):
        place.imshow(image if image.shape[-1] > 1 else image[..., 0], cmap="gray", vmin=0, vmax=1)
        texts = [
            f"{kind}: {(label_map or {}).get(int(classes[number]), 'Unknown')}"
            for kind, classes in labels
            if classes is not None and number < len(classes)
        ]
        if texts:
            place.set_title("  ".join(texts), fontsize=8)
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="lower center")
    if path is not None:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
    elif show is None or show:
        pyplot.show()
    pyplot.close(figure)
