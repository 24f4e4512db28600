"""Files of a folder with their labels, in Keras's order: which files, which label, which part for validation."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastcnn.utils.lookup import lookup


class Files(NamedTuple):
    """Paths, a label for each (None without), and the names of the classes (None without)."""

    paths: list[str]
    labels: NDArray[np.int32] | None
    class_names: list[str] | None

    def part(self, rows: slice) -> Files:
        """Some of the files."""
        return Files(self.paths[rows], None if self.labels is None else self.labels[rows], self.class_names)


def check_split(validation_split: Any, subset: str | None, shuffle: bool, seed: int | None) -> None:
    """What Keras asks of these arguments.

    Raises:
        ValueError: they do not go together.
    """
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(f"`validation_split` must be between 0 and 1, received: {validation_split}")
    if bool(validation_split) != bool(subset):
        raise ValueError(
            "If `subset` is set, `validation_split` must be set, and inversely. "
            f"Received: validation_split={validation_split} and subset={subset}"
        )
    if subset is not None:
        lookup("subset", subset, dict.fromkeys(("training", "validation", "both")))
    if validation_split and shuffle and seed is None:
        raise ValueError(
            "If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make sure that "
            "there is no overlap between the training and validation subset."
        )


def index_directory(
    directory: str | os.PathLike,
    labels: Any,
    formats: tuple[str, ...],
    class_names: Sequence[str] | None = None,
    shuffle: bool = True,
    seed: int = 0,
    follow_links: bool = False,
    verbose: bool = True,
) -> Files:
    """All files in a folder whose names have one of the suffixes, with their labels.

    Args:
        directory: with `labels="inferred"` it has a folder for each class; otherwise folders mean nothing.
        labels: "inferred", None, or an integer for each file in the order of the sorted paths.
        formats: suffixes in lower case.
        class_names: folders that are classes, in the order of their numbers. Default: all, sorted.
        shuffle: whether to shuffle by the seed.
        seed: of NumPy's `RandomState`.
        follow_links: whether to go into folders that are links.
        verbose: whether to print how many files there are.

    Raises:
        ValueError: names or labels do not fit the files.
        OSError: the folder cannot be read.
    """
    directory = os.fspath(directory)
    inferred = isinstance(labels, str)
    if inferred:
        found = [entry.name for entry in os.scandir(directory) if entry.is_dir() and not entry.name.startswith(".")]
        folders = sorted(found)
        if class_names is not None:
            if not set(class_names) <= set(folders):
                raise ValueError(
                    "The `class_names` passed did not match the names of the subdirectories of the target directory. "
                    f"Expected: {folders} (or a subset of it), but received: class_names={class_names}"
                )
            folders = list(class_names)
    elif class_names is not None:
        raise ValueError(
            f"`class_names` can only be given with `labels='inferred'`. Received: class_names={class_names} and labels "
            "that are not inferred"
        )
    else:
        os.scandir(directory).close()  # a folder that is not there is an error, not an empty one
        folders = [""]
    paths: list[str] = []
    numbers: list[int] = []
    for number, folder in enumerate(folders):
        own = list(files_in(os.path.join(directory, folder), formats, follow_links))
        paths += own
        numbers += [number] * len(own)
    names: list[str] | None = folders
    values: NDArray[np.int32] | None = np.array(numbers, "int32")
    if labels is None:
        values = names = None
    elif not inferred:
        values = given_labels(labels, len(paths), directory)
        names = [str(label) for label in sorted(set(labels))]
    if verbose:
        classes = "" if names is None else f" belonging to {len(names)} classes"
        print(f"Found {len(paths)} files{classes}.")
    if shuffle:
        order = np.arange(len(paths))
        np.random.RandomState(seed).shuffle(order)
        paths = [paths[row] for row in order]
        values = None if values is None else values[order]
    return Files(paths, values, names)


def given_labels(labels: Any, count: int, directory: str) -> NDArray[np.int32]:
    """The user's labels.

    Raises:
        ValueError: they are no integers, or not as many as there are files.
    """
    if len(labels) != count:
        raise ValueError(
            "Expected the lengths of `labels` to match the number of files in the target directory. len(labels) is "
            f"{len(labels)} while we found {count} files in directory {directory}."
        )
    values = np.asarray(labels)
    if values.ndim != 1 or (values.dtype.kind not in "iub" and count):
        raise ValueError(f"`labels` must be integers, received an array of {values.dtype} with shape {values.shape}")
    return values.astype("int32")


def files_in(folder: str, formats: tuple[str, ...], follow_links: bool) -> Iterator[str]:
    """Paths of the files in a folder and the folders in it, folder by folder in the order of their paths."""
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda found: found[0]):
        yield from (os.path.join(root, name) for name in sorted(names) if name.lower().endswith(formats))


def split(files: Files, validation_split: float | None, subset: str | None, verbose: bool = True) -> list[Files]:
    """The part that `subset` means; both parts with "both".

    Raises:
        ValueError: a part would be empty.
    """
    if not validation_split:
        return [files]
    first = len(files.paths) - int(validation_split * len(files.paths))
    parts = {"training": files.part(slice(None, first)), "validation": files.part(slice(first, None))}
    chosen = [name for name in parts if subset in (name, "both")]
    for name in chosen:
        count = len(parts[name].paths)
        if verbose:
            print(f"Using {count} files for {name}.")
        if not count:
            raise ValueError(
                f"validation_split={validation_split} of {len(files.paths)} files leaves none for {name}; "
                "add files or change the split"
            )
    return [parts[name] for name in chosen]
