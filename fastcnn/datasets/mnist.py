"""MNIST: 70,000 gray images of handwritten digits."""

from fastcnn.datasets.digits import Split, read_digits
from fastcnn.datasets.files import Remote, obtain

REMOTE = Remote(
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    11_490_434,
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)


def load_data(path: str = "mnist.npz") -> tuple[Split, Split]:
    """The training and the test set of MNIST, from the cache or else downloaded (11 MB).

    Handwritten digits, 28x28 pixels, white on black, in 10 classes. By Yann LeCun, Corinna Cortes and Christopher
    Burges, after collections of NIST; licence Creative Commons Attribution-ShareAlike 3.0.

    Args:
        path: Name of the file in the `datasets` folder of the cache (`$FASTCNN_HOME`, else `$KERAS_HOME`, else the
            user's cache). Default `"mnist.npz"`.

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (60000, 28, 28), (60000,), (10000, 28, 28) and
        (10000,); pixels 0 to 255, labels 0 to 9.

    Raises:
        ValueError: The file in the cache is damaged or something else.
        DownloadError: The file could not be downloaded.

    Example:

    >>> from fastcnn.datasets import mnist
    >>> (x_train, y_train), (x_test, y_test) = mnist.load_data()  # doctest: +SKIP
    """
    return read_digits(obtain(f"datasets/{path}", REMOTE), train=60_000, test=10_000)
