"""A folder of images as a data set, decoded by threads ahead of the training."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastcnn._core.cpus import default_threads
from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.dataset import Dataset
from fastcnn.utils.directory import Files, check_split, index_directory, split
from fastcnn.utils.gathered import gathered
from fastcnn.utils.image import channels_first, pillow
from fastcnn.utils.image_file import Layout, Reader
from fastcnn.utils.lookup import lookup
from fastcnn.utils.resampling import METHODS

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
LABEL_MODES = ("int", "categorical", "binary", None)


def image_dataset_from_directory(
    directory: str | os.PathLike,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | Sequence[int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """The images of a folder, in batches, with labels.

    Files with the suffixes .png, .jpg, .jpeg, .bmp and .gif (its first image), in all folders below, are found at once
    and read in each iteration, by as many threads as there are processors, a few batches ahead.

    Args:
        directory: With inferred labels it has a folder for each class, with the images of that class.
        labels: `"inferred"` (default), None (no labels), or a list with an integer for each file, in the order of the
            sorted paths.
        label_mode: `"int"` (default): int32 of shape (n,); `"categorical"`: float32 one-hot (n, classes); `"binary"`:
            float32 (n, 1), of two classes; None: no labels.
        class_names: Folders that are classes, in the order of their numbers. Default: all, sorted.
        color_mode: `"rgb"` (default), `"rgba"` or `"grayscale"`.
        batch_size: Default 32. None: single images.
        image_size: Height and width to resize to. Default (256, 256).
        shuffle: Default True: files and labels are shuffled by the seed, as Keras does, and read in another order in
            each iteration. False: in the order of the sorted paths.
        seed: Default None: a new one, from NumPy's global generator.
        validation_split: Share of the files that is held back, between 0 and 1.
        subset: `"training"`, `"validation"` or `"both"` (a list of two data sets): with `validation_split`.
        interpolation: `"bilinear"` (default), `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`,
            `"gaussian"` or `"mitchellcubic"`, all without smoothing.
        follow_links: Whether to go into folders that are links. Default False.
        crop_to_aspect_ratio: Cut images around the centre to the proportions of `image_size`. Default False.
        pad_to_aspect_ratio: Keep the proportions, with zeros at the sides. Default False.
        data_format: `"channels_last"` (default) or `"channels_first"`.
        format: Without effect.
        verbose: Whether to print how many files there are. Default True.

    Returns:
        `data.Dataset` of `(images, labels)`, or of images; images are float32 of shape (n, height, width, channels),
        from 0 to 255. Its attributes `class_names` and `file_paths` (in the order that the seed gave) are lists.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: Arguments do not fit each other or the folder, or there are no files; in an iteration: a file is no
            image, is damaged, or has more pixels than `PIL.Image.MAX_IMAGE_PIXELS`. The message names the file.
        OSError: The folder or a file cannot be read.

    Example:

    >>> from fastcnn import utils
    >>> train, validation = utils.image_dataset_from_directory(
    ...     "flowers", validation_split=0.2, subset="both", seed=1, image_size=(64, 64)
    ... )  # doctest: +SKIP
    >>> model.fit(train, validation_data=validation, epochs=5)  # doctest: +SKIP
    """
    if not (labels is None or isinstance(labels, (list, tuple)) or (isinstance(labels, str) and labels == "inferred")):
        raise ValueError(
            "`labels` argument should be a list/tuple of integer labels, of the same size as the number of image files "
            "in the target directory; 'inferred' for the names of its folders; or None for images alone. "
            f"Received: labels={labels}"
        )
    if label_mode not in LABEL_MODES:
        raise ValueError(
            f'`label_mode` argument must be one of "int", "categorical", "binary", or None. Received: {label_mode=}'
        )
    if labels is None or label_mode is None:
        labels = label_mode = None
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if not isinstance(size, (list, tuple)) or len(size) != 2:
        raise ValueError(f"Invalid `image_size` value. Expected a tuple of 2 integers. Received: {image_size=}")
    height, width = (checked_integer(length, "image_size", least=1) for length in size)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio`, `crop_to_aspect_ratio` can be set to `True`.")
    interpolation = str(interpolation).lower()
    lookup("interpolation", interpolation, METHODS)
    lookup("format", format, dict.fromkeys(("tf", "grain")))
    layout = Layout(
        (height, width),
        lookup("color_mode", color_mode, CHANNELS),
        interpolation,
        "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch",
    )
    first = channels_first(data_format)
    if batch_size is not None:
        checked_integer(batch_size, "batch_size", least=1)
    check_split(validation_split, subset, shuffle, seed)
    pillow()
    if seed is None:
        seed = int(np.random.randint(1_000_000))
    files = index_directory(directory, labels, SUFFIXES, class_names, shuffle, seed, follow_links, verbose)
    if not files.paths:
        raise ValueError(f"No images found in directory {directory}. Allowed formats: {SUFFIXES}")
    classes = len(files.class_names or ())
    if label_mode == "binary" and classes != 2:
        raise ValueError(
            'When passing `label_mode="binary"`, there must be exactly 2 class_names. Received: '
            f"class_names={files.class_names}"
        )
    made = []
    for number, part in enumerate(split(files, validation_split, subset, verbose)):
        reshuffled = seed if shuffle and not number else None
        targets = None if part.labels is None else encoded(part.labels, label_mode, classes)
        made.append(dataset_of(part, targets, layout, batch_size, first, reshuffled))
    return made if subset == "both" else made[0]


def encoded(labels: NDArray[np.int32], label_mode: str | None, classes: int) -> NDArray:
    """Labels as `label_mode` says.

    Raises:
        ValueError: one is not the number of a class.
    """
    if label_mode == "int":
        return labels
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise ValueError(
            f"`labels` must be from 0 to {classes - 1} with label_mode={label_mode!r}, received {wrong[0]}"
        )
    if label_mode == "binary":
        return labels[:, None].astype("float32")
    return np.eye(classes, dtype="float32")[labels]


def dataset_of(
    files: Files, targets: NDArray | None, layout: Layout, batch_size: int | None, first: bool, seed: int | None
) -> Dataset:
    """The data set of some files.

    Args:
        files: paths, and names of the classes.
        targets: labels as they are to be.
        layout: of the images.
        batch_size: None for single images.
        first: whether channels come first.
        seed: of the order of each iteration; None: as the files are.
    """
    reader = Reader(layout)

    def decoded(order: NDArray) -> Any:
        images = np.empty((len(order), *layout.size, layout.channels), "float32")
        reader.read([files.paths[row] for row in order], images)
        if first:
            images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        return images if targets is None else (images, targets[order])

    # One thread more than processors, since one often waits for Python's lock.
    dataset = gathered(decoded, len(files.paths), batch_size, seed, default_threads() + 1)
    dataset.class_names = files.class_names
    dataset.file_paths = files.paths
    return dataset
