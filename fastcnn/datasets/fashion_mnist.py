"""Fashion-MNIST: 70,000 gray images of clothes."""

from fastcnn.datasets.digits import SIZE, Split, checked_labels
from fastcnn.datasets.files import Remote, obtain
from fastcnn.datasets.idx import read_idx

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
FILES = {
    "train-images-idx3-ubyte.gz": (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    "train-labels-idx1-ubyte.gz": (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    "t10k-images-idx3-ubyte.gz": (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    "t10k-labels-idx1-ubyte.gz": (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
}


def load_split(prefix: str, count: int) -> Split:
    """Images and labels of the split whose files' names begin with `prefix`."""
    images, labels = (f"{prefix}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
    paths = {name: obtain(f"datasets/fashion-mnist/{name}", Remote(ADDRESS + name, *FILES[name]))
             for name in (images, labels)}  # fmt: skip
    x = read_idx(paths[images], dtype="uint8", shape=(count, SIZE, SIZE))
    return x, checked_labels(read_idx(paths[labels], dtype="uint8", shape=(count,)), paths[labels])


def load_data() -> tuple[Split, Split]:
    """The training and the test set of Fashion-MNIST, from the cache or else downloaded (31 MB).

    Zalando's articles, 28x28 pixels, white on black, in 10 classes: T-shirt/top, trouser, pullover, dress, coat,
    sandal, shirt, sneaker, bag, ankle boot. Copyright Zalando SE, licence MIT. The four files lie in the folder
    `datasets/fashion-mnist` of the cache (`$FASTCNN_HOME`, else `$KERAS_HOME`, else the user's cache).

    Returns:
        `((x_train, y_train), (x_test, y_test))`: uint8 arrays of shapes (60000, 28, 28), (60000,), (10000, 28, 28) and
        (10000,); pixels 0 to 255, labels 0 to 9.

    Raises:
        ValueError: A file in the cache is damaged or something else.
        DownloadError: A file could not be downloaded.

    Example:

    >>> from fastcnn.datasets import fashion_mnist
    >>> (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()  # doctest: +SKIP
    """
    return load_split("train", 60_000), load_split("t10k", 10_000)
