"""CIFAR-10: 60,000 colour images of animals and vehicles."""

from fastcnn.datasets.cifar import CIFAR10, Split, read_cifar
from fastcnn.datasets.files import Remote, obtain
from fastcnn.utils import cache

ARCHIVE = "datasets/cifar-10-binary.tar.gz"
REMOTE = Remote(
    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    170_052_171,
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)


def load_data() -> tuple[Split, Split]:
    """The training and the test set of CIFAR-10, from the cache or else downloaded (170 MB).

    Photographs, 32x32 pixels, in 10 classes: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck. By
    Alex Krizhevsky, Vinod Nair and Geoffrey Hinton. The cache (`$FASTCNN_HOME`, else `$KERAS_HOME`, else the user's
    cache) may hold the folder `cifar-10-batches-bin` with the unpacked binary version, in `datasets` or beside it, or
    `datasets/cifar-10-binary.tar.gz`, which is what is downloaded.

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (50000, 32, 32, 3), (50000, 1),
        (10000, 32, 32, 3) and (10000, 1); pixels 0 to 255, labels 0 to 9.

    Raises:
        ValueError: A file in the cache is damaged or something else.
        DownloadError: The file could not be downloaded.

    Example:

    >>> from fastcnn.datasets import cifar10
    >>> (x_train, y_train), (x_test, y_test) = cifar10.load_data()  # doctest: +SKIP
    """
    folder = CIFAR10.folder
    return read_cifar(cache.find(f"datasets/{folder}", folder) or obtain(ARCHIVE, REMOTE), CIFAR10)
