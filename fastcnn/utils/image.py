"""Images in and out of arrays, by Pillow (an optional dependency, imported when one of these functions is called)."""

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastcnn.utils.lookup import lookup

if TYPE_CHECKING:
    from PIL.Image import Image

# Pillow modes taken as they are, and the mode to convert any other to.
COLOR_MODES: dict[str, tuple[tuple[str, ...], str]] = {
    "grayscale": (("L", "I;16", "I"), "L"),
    "rgb": (("RGB",), "RGB"),
    "rgba": (("RGBA",), "RGBA"),
}
CHANNELS_FIRST = {"channels_last": False, "channels_first": True}
INTERPOLATIONS = {name: name.upper() for name in ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")}


def pillow() -> Any:
    """Pillow's `Image` module."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("reading and writing images needs Pillow: pip install pillow") from None
    return Image


def channels_first(data_format: str | None) -> bool:
    """Whether channels come first; None means that they come last."""
    return data_format is not None and lookup("data_format", data_format, CHANNELS_FIRST)


class NoImageError(ValueError, OSError):
    """A file is no image: a ValueError and, as Pillow has it, an OSError."""


def load_img(
    path: str | bytes | os.PathLike | BinaryIO,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> "Image":
    """Read an image file.

    Args:
        path: Name of the file, or an open binary file.
        color_mode: `"rgb"` (default), `"rgba"` or `"grayscale"`: what to convert the image to.
        target_size: `(height, width)` to resize to. Default None: the size it has.
        interpolation: `"nearest"` (default), `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"` or `"hamming"`.
        keep_aspect_ratio: Cut the image around its centre to the target's proportions before resizing. Default False.

    Returns:
        A Pillow image.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: Unknown `color_mode` or `interpolation`, or sizes less than 1.
        TypeError: `path` is neither.
        OSError: The file cannot be read or is no image that Pillow knows.

    Example:

    >>> from fastcnn import utils
    >>> image = utils.load_img("photo.png", color_mode="grayscale", target_size=(28, 28))  # doctest: +SKIP
    >>> utils.img_to_array(image).shape  # doctest: +SKIP
    (28, 28, 1)
    """
    accepted, mode = lookup("color_mode", color_mode, COLOR_MODES)
    method = lookup("interpolation", interpolation, INTERPOLATIONS)
    if target_size is not None and (len(target_size) != 2 or min(target_size) < 1):
        raise ValueError(f"target_size must be (height, width), both at least 1, not {target_size!r}")
    if not isinstance(path, (str, bytes, os.PathLike)) and not hasattr(path, "read"):
        raise TypeError(f"path must be the name of a file or an open binary file, not {type(path).__name__}")
    pil = pillow()
    data = Path(os.fsdecode(path)).read_bytes() if isinstance(path, (str, bytes, os.PathLike)) else path.read()
    try:
        image = pil.open(io.BytesIO(data))
    except pil.UnidentifiedImageError:
        named = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else path
        raise NoImageError(f"path={named!r} is no file of an image that could be read") from None
    if image.mode not in accepted:
        image = image.convert(mode)
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    height, width = target_size
    box = None
    if keep_aspect_ratio:
        cut_width = min(image.width, image.height * width // height)
        cut_height = min(image.height, image.width * height // width)
        left, top = (image.width - cut_width) // 2, (image.height - cut_height) // 2
        box = (left, top, left + cut_width, top + cut_height)
    return image.resize((width, height), getattr(pil.Resampling, method), box=box)


def img_to_array(img: "Image", data_format: str | None = None, dtype: DTypeLike | None = None) -> NDArray:
    """A Pillow image as an array.

    Args:
        img: Pillow image.
        data_format: `"channels_last"` (default) or `"channels_first"`.
        dtype: dtype of the result. Default float32.

    Returns:
        New array of shape `(height, width, channels)`, or `(channels, height, width)` with channels first; values as
        in the image (usually 0 to 255).

    Raises:
        ValueError: Unknown `data_format`, or something that has not two or three axes.

    Example:

    >>> from PIL import Image
    >>> from fastcnn import utils
    >>> utils.img_to_array(Image.new("RGB", (4, 2))).shape
    (2, 4, 3)
    """
    first = channels_first(data_format)
    array = np.array(img, dtype="float32" if dtype is None else dtype)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ValueError(f"img must be an image with 2 or 3 axes, not something of shape {array.shape}")
    return np.ascontiguousarray(array.transpose(2, 0, 1)) if first else array


def array_to_img(
    x: ArrayLike, data_format: str | None = None, scale: bool = True, dtype: DTypeLike | None = None
) -> "Image":
    """An array as a Pillow image.

    Args:
        x: Array of shape `(height, width, channels)`, or `(channels, height, width)` with channels first; 1 (gray),
            3 (RGB) or 4 (RGBA) channels.
        data_format: `"channels_last"` (default) or `"channels_first"`.
        scale: Stretch the values so that the smallest becomes 0 and the largest 255. Default True. False takes the
            values as they are, which are to lie from 0 to 255.
        dtype: dtype to compute in. Default float32.

    Returns:
        A Pillow image.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: Wrong number of axes or channels, or an empty array.

    Example:

    >>> from fastcnn import utils
    >>> utils.array_to_img(np.arange(12).reshape(2, 2, 3)).size
    (2, 2)
    """
    first = channels_first(data_format)
    pil = pillow()
    array = np.array(x, dtype="float32" if dtype is None else dtype)
    if array.ndim != 3 or array.size == 0:
        raise ValueError(f"x must be one image with the three axes height, width, channels, not of shape {array.shape}")
    if first:
        array = array.transpose(1, 2, 0)
    if array.shape[2] not in (1, 3, 4):
        raise ValueError(f"x must have 1, 3 or 4 channels, not {array.shape[2]} (shape {np.shape(x)})")
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] > 1:
        return pil.fromarray(np.ascontiguousarray(array.astype("uint8")))
    gray = array[:, :, 0]
    return pil.fromarray(np.ascontiguousarray(gray.astype("int32" if gray.max() > 255 else "uint8")))


def save_img(
    path: str | os.PathLike | BinaryIO,
    x: ArrayLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Save an array as an image file.

    Args:
        path: Name of the file, whose suffix tells the format, or an open binary file.
        x: Array as for `array_to_img`.
        data_format: `"channels_last"` (default) or `"channels_first"`.
        file_format: Format such as `"png"`; needed for an open file. Default None: by the name's suffix.
        scale: As for `array_to_img`. Default True.
        **kwargs: Options for Pillow's `Image.save`.

    Raises:
        ImportError: Pillow is not installed.
        ValueError: The array does not fit, or the format is unknown.

    Example:

    >>> import io
    >>> from fastcnn import utils
    >>> file = io.BytesIO()
    >>> utils.save_img(file, np.zeros((8, 8, 1)), file_format="png")
    >>> file.getvalue()[1:4]
    b'PNG'
    """
    image = array_to_img(x, data_format=data_format, scale=scale)
    name = str(path) if isinstance(path, (str, os.PathLike)) else ""
    if file_format is None and not Path(name).suffix:
        raise ValueError(f"file_format must be given, or path have a suffix such as .png; path is {path!r}")
    # Pillow knows which format a suffix means; its formats' names are what a user may also give.
    suffixes = pillow().registered_extensions()
    formats = {name.lower(): name for name in suffixes.values()}
    if file_format is None:
        chosen = lookup("suffix of a path", Path(name).suffix.lower(), suffixes)
    else:
        chosen = suffixes.get(f".{file_format.lower()}") or lookup("file_format", file_format.lower(), formats)
    if chosen == "JPEG" and image.mode == "RGBA":
        warnings.warn("JPEG has no transparency: the image is saved as RGB", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=chosen, **kwargs)
