"""Data sets of images: each module's `load_data()` returns `((x_train, y_train), (x_test, y_test))`."""

from fastcnn.datasets import cifar10, cifar100, fashion_mnist, mnist, mnist_small

__all__ = ["cifar10", "cifar100", "fashion_mnist", "mnist", "mnist_small"]
