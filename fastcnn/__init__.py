"""fastcnn: a fast CNN library for CPUs, with Keras's API."""

__version__ = "0.1.0"
