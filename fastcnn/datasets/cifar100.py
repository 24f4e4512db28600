"""CIFAR-100: 60,000 colour images of a hundred kinds of things."""

from fastcnn.datasets.cifar import CIFAR100, Split, read_cifar
from fastcnn.datasets.files import Remote, obtain
from fastcnn.utils import cache
from fastcnn.utils.lookup import lookup

ARCHIVE = "datasets/cifar-100-binary.tar.gz"
REMOTE = Remote(
    "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
    168_513_733,
    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
)
LABELS = {"coarse": 0, "fine": 1}
"""Number of the label byte."""


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """The training and the test set of CIFAR-100, from the cache or else downloaded (169 MB).

    Photographs, 32x32 pixels, in 100 classes, which form 20 groups of five. By Alex Krizhevsky, Vinod Nair and Geoffrey
    Hinton. The cache (`$FASTCNN_HOME`, else `$KERAS_HOME`, else the user's cache) may hold the folder
    `cifar-100-binary` with the unpacked binary version, in `datasets` or beside it, or
    `datasets/cifar-100-binary.tar.gz`, which is what is downloaded.

    Args:
        label_mode: `"fine"` (default), the classes, or `"coarse"`, the groups.

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (50000, 32, 32, 3), (50000, 1),
        (10000, 32, 32, 3) and (10000, 1); pixels 0 to 255, labels 0 to 99 or 0 to 19.

    Raises:
        ValueError: Unknown `label_mode`, or a file in the cache is damaged or something else.
        DownloadError: The file could not be downloaded.

    Example:

    >>> from fastcnn.datasets import cifar100
    >>> (x_train, y_train), (x_test, y_test) = cifar100.load_data()  # doctest: +SKIP
    """
    column = lookup("label_mode", label_mode, LABELS)
    folder = CIFAR100.folder
    train, test = read_cifar(cache.find(f"datasets/{folder}", folder) or obtain(ARCHIVE, REMOTE), CIFAR100)
    return (train[0], train[1][:, column : column + 1].copy()), (test[0], test[1][:, column : column + 1].copy())
