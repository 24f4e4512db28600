"""12,000 of the images of MNIST, part of the package: for trying things out with no network."""

from pathlib import Path

from fastcnn.datasets.digits import Split, read_digits

FILE = Path(__file__).with_name("mnist_small.npz")


def load_data() -> tuple[Split, Split]:
    """A training set of 10,000 and a test set of 2,000 images of MNIST, which come with the package.

    Of each digit the 1,000 training and 200 test images were taken at equal distances from MNIST's training and test
    set, unchanged and in the original order (`tools/make_mnist_small.py` in fastcnn's repository does it). MNIST is
    by Yann LeCun, Corinna Cortes and Christopher Burges, after collections of NIST; licence of the whole and of this
    extract: Creative Commons Attribution-ShareAlike 3.0 (https://creativecommons.org/licenses/by-sa/3.0/).

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (10000, 28, 28), (10000,), (2000, 28, 28) and
        (2000,); pixels 0 to 255 (white on black), labels 0 to 9, each equally often.

    Example:

    >>> from fastcnn.datasets import mnist_small
    >>> (x_train, y_train), (x_test, y_test) = mnist_small.load_data()
    >>> x_train.shape, y_test.shape
    ((10000, 28, 28), (2000,))
    """
    return read_digits(FILE, train=10_000, test=2_000)
