"""Windows over a series of measurements as a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastcnn.utils.arguments import checked_integer
from fastcnn.utils.dataset import Dataset
from fastcnn.utils.gathered import gathered
from fastcnn.utils.lookup import lookup


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Windows of a series, in batches, with the target of each.

    Args:
        data: Array whose first axis is time.
        targets: Array; the target of the window that begins at a time is the one of that time. None: windows alone.
        sequence_length: Times of a window.
        sequence_stride: Times from the beginning of one window to that of the next. Default 1.
        sampling_rate: Times from one member of a window to the next. Default 1.
        batch_size: Windows of a batch. Default 128. None: single windows.
        shuffle: Whether to take the windows in another order in each iteration. Default False: in order.
        seed: Of the orders. Default None: a new one, from NumPy's global generator.
        start_index: The first time to use. Default None: 0.
        end_index: The first time not to use any more. Default None: all are used.
        format: Without effect.

    Returns:
        `data.Dataset` of `(windows, targets)`, or of windows; windows have the shape
        `(n, sequence_length, *data.shape[1:])` and the dtype of `data`.

    Raises:
        ValueError: A number does not fit the data.

    Example:

    >>> import numpy as np
    >>> from fastcnn import utils
    >>> series = np.arange(7)
    >>> dataset = utils.timeseries_dataset_from_array(series, 10 * series, sequence_length=3, sequence_stride=2)
    >>> [(windows.tolist(), targets.tolist()) for windows, targets in dataset]
    [([[0, 1, 2], [2, 3, 4], [4, 5, 6]], [0, 20, 40])]
    """
    series = np.asarray(data)
    if series.ndim == 0:
        raise ValueError(f"data must be an array of rows, received data={data!r}")
    length = len(series)
    if start_index and not 0 <= start_index < length:
        raise ValueError(
            f"`start_index` must be 0 or greater and lower than the length of the data. Received: {start_index=}, for "
            f"data of length {length}"
        )
    if end_index and not 0 < end_index < length:
        raise ValueError(
            f"`end_index` must be higher than 0 and lower than the length of the data. Received: {end_index=}, for "
            f"data of length {length}"
        )
    if start_index and end_index and end_index <= start_index:
        raise ValueError(f"`end_index` must be higher than `start_index`. Received: {start_index=}, and {end_index=}")
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        if not 0 < value < length:
            raise ValueError(
                f"`{name}` must be higher than 0 and lower than the length of the data. Received: {name}={value}, for "
                f"data of length {length}"
            )
    checked_integer(sequence_length, "sequence_length", least=1)
    lookup("format", format, dict.fromkeys(("tf", "grain")))
    if batch_size is not None:
        checked_integer(batch_size, "batch_size", least=1)
    first, last = start_index or 0, end_index or length
    count = last - first - (sequence_length - 1) * sampling_rate
    goals = None if targets is None else np.asarray(targets)
    if goals is not None:
        count = min(count, len(goals))
    starts = np.arange(0, max(count, 0), sequence_stride)
    if shuffle:
        seed = int(np.random.randint(1_000_000)) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    window = np.arange(sequence_length) * sampling_rate

    def windows(rows: NDArray) -> Any:
        begins = first + starts[rows]
        taken = series[begins[:, None] + window]
        return taken if goals is None else (taken, goals[begins])

    return gathered(windows, len(starts), batch_size, seed if shuffle else None)
